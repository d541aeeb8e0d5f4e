"""Where configuration from outside comes from: names of environment variables and files."""

import os
import sys

from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

#: `enforce`, `warn` or `off`; wins over the configuration file. With `off`, a bare `apply()` does nothing but warn that
#: it was switched off.
MODE_VARIABLE = "SECUREDEFAULTS_MODE"
#: Path of the configuration file, in the place of the machine's. It has to be a whole one: a relative path would lead
#: elsewhere in each folder, also in one where others put files.
CONFIG_VARIABLE = "SECUREDEFAULTS_CONFIG"
#: Path of a file to which each handshake is appended as a line of JSON; wins over the configuration file.
LOG_VARIABLE = "SECUREDEFAULTS_LOG"

#: the configuration of the whole machine
MACHINE_FILE = "/etc/python/securedefaults.cfg"

#: what the command line has said, also that of the parent process
_kept = kept(__name__)


def environment(name: str) -> "Optional[str]":
    """An environment variable of ours; None if it is empty, or Python does not read the environment."""
    return None if sys.flags.ignore_environment else os.environ.get(name) or None


def config_path() -> "Optional[str]":
    """Where the configuration file is, if there is one: $SECUREDEFAULTS_CONFIG, else that of the machine."""
    path = given_in_place() or environment(CONFIG_VARIABLE)
    if path is None and sys.platform != "win32" and os.path.lexists(MACHINE_FILE):
        path = MACHINE_FILE
    return path


def in_place_of_others(path: str) -> None:
    """Have that configuration file count in this process, whatever the environment says."""
    _kept["config"] = path


def given_in_place() -> "Optional[str]":
    """That file, if there is one, for a child process."""
    path: Optional[str] = _kept.get("config")
    return path


def is_the_machines(path: str) -> bool:
    """Whether it is the configuration of the whole machine."""
    return os.path.realpath(path) == os.path.realpath(MACHINE_FILE)
