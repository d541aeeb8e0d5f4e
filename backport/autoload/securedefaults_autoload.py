"""Called at the start of every interpreter: has securedefaults wait for `ssl`, if anybody has configured it.

`securedefaults-autoload.pth` calls it, and in its stead `securedefaults-autoload.start` since Python 3.15 (PEP 829).

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

# As in `securedefaults._policy.environment`. Here again, because an interpreter for which nothing is configured is not
# to import anything to find that out, and because securedefaults may be missing.
MODE_VARIABLE, CONFIG_VARIABLE = "SECUREDEFAULTS_MODE", "SECUREDEFAULTS_CONFIG"
MACHINE_FILE = "/etc/python/securedefaults.cfg"

_started = False


def start() -> None:
    """Have securedefaults wait for `ssl`, if anything is configured. Raises nothing: the interpreter is to start.

    Once: before 3.15 virtual environments read .pth files twice, and whoever has them read again later, by
    `site.addsitedir()`, is not to override what the program has said since.
    """
    global _started
    if _started:
        return
    _started = True
    try:
        if configured():
            from securedefaults._install.autoload import start

            start()
    except Exception as exc:
        _complain(exc)


def configured() -> bool:
    """Whether there is anything to look at: a mode that is not "off", or a configuration file."""
    mode = _environment(MODE_VARIABLE)
    return mode != "off" if mode else config_path() is not None


def config_path() -> "Optional[str]":
    """Where the configuration file is, if there is one: $SECUREDEFAULTS_CONFIG, else that of the machine."""
    path = _environment(CONFIG_VARIABLE)
    if path is None and sys.platform != "win32" and os.path.lexists(MACHINE_FILE):
        path = MACHINE_FILE
    return path


def _environment(name: str) -> "Optional[str]":
    return None if sys.flags.ignore_environment else os.environ.get(name) or None


def _complain(exc: Exception) -> None:
    """Say in one line that there is no protection, unless nobody has asked for any."""
    try:
        if sys.stderr is not None and _asked():
            reason = " ".join(("%s: %s" % (type(exc).__name__, exc)).split())
            # it says itself that this is neither CPython nor PyPy, and what to do
            remedy = "; install it again, or uninstall securedefaults-autoload"
            print(
                "securedefaults-autoload: the certificates of mail, FTP and news servers are NOT verified by default, "
                "although this is configured: securedefaults does not start (%s)%s"
                % (reason, "" if isinstance(exc, NotImplementedError) else remedy),
                file=sys.stderr,
            )
    except Exception:
        return  # stderr is closed, or whatever else: it is no reason not to start


def _asked() -> bool:
    """Whether environment or file ask for protection; without the help of securedefaults, which is not there."""
    path = None if _environment(MODE_VARIABLE) else config_path()
    if path is None:
        return configured()
    # A relative path leads to whatever is in this folder, and to open a pipe would wait until somebody writes to it.
    if not os.path.isabs(path) or not os.path.isfile(path):
        return True
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_string(file.read(1 << 20))
    except (OSError, ValueError, Error):
        return True  # nobody can tell
    return parser.get("securedefaults", "mode", fallback="off") != "off"
