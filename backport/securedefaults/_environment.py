"""Where configuration from outside comes from: names of environment variables and files."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

MODE_VARIABLE, CONFIG_VARIABLE, LOG_VARIABLE = "SECUREDEFAULTS_MODE", "SECUREDEFAULTS_CONFIG", "SECUREDEFAULTS_LOG"

#: the configuration of the whole machine
MACHINE_FILE = "/etc/python/securedefaults.cfg"


def environment(name: str) -> Optional[str]:
    """An environment variable of ours; None if it is empty, or Python does not read the environment."""
    return None if sys.flags.ignore_environment else os.environ.get(name) or None


def config_path() -> Optional[str]:
    """Where the configuration file is, if there is one: $SECUREDEFAULTS_CONFIG, else that of the machine."""
    path = environment(CONFIG_VARIABLE)
    if path is None and sys.platform != "win32" and os.path.lexists(MACHINE_FILE):
        path = MACHINE_FILE
    return path
