"""The command `securedefaults`, also `python -m securedefaults`. One module for each sub-command.

Other distributions can add commands: an entry point in the group `securedefaults.commands` names such a module.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from .. import __version__
from ._output import Unwritable, complain, give_up, say, to_stderr
from .run import split

#: what is built in, and stays so: nobody else's command has one of these names
COMMANDS = ("doctor", "status", "run", "check", "report", "config")

#: the one whose arguments are partly somebody else's
RUN = "run"

#: the group of entry points where all other commands are looked up
GROUP = "securedefaults.commands"

#: our own command in a distribution of its own, and the oldest Python that it has
SCAN, SCANNER, SCANNER_SINCE = "scan", "securedefaults-scan", (3, 10)

#: what is said of --json where it is not all
_JSON = {RUN: "print JSON on standard error, at the end", "check": "print JSON Lines, an object for each target"}

#: the exit status, as of a program that SIGINT ends
INTERRUPTED = 130

DESCRIPTION = """\
smtplib, imaplib, poplib, ftplib, nntplib and logging's SMTPHandler encrypt, but verify nobody unless they are
passed a context: whoever is on the path can read the password. securedefaults changes that default.
"""

EPILOG = """\
Begin with `securedefaults doctor`. In a program, write
  import securedefaults
  securedefaults.apply()
"""


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run a sub-command.

    Args:
        argv: the arguments after the program's name; None takes them from `sys.argv`.

    Returns:
        The exit status.
    """
    try:
        status = _begun(sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:  # before a program of somebody else's runs
        return INTERRUPTED
    # What a program raises is its own, and nothing that we have words for.
    return status if isinstance(status, int) else status()


def _begun(words: List[str]) -> Union[int, Callable[[], int]]:
    """The exit status; of `run` what runs the program."""
    # no option that may stand before the command takes a value
    name = next((word for word in words if not word.startswith("-")), "")
    try:
        found = _found(name) if name and name not in COMMANDS else None
    except _Unavailable as exc:
        complain(name, str(exc))
        return 2
    program: List[str] = []
    if name == RUN:
        at = words.index(name) + 1
        options, program = split(words[at:])
        words[at:] = options
    try:
        args = _parser(name, found).parse_args(words)
        if name == RUN:
            args.program = program
        status: Union[int, Callable[[], int]] = args.run(args)
    except (Unwritable, BrokenPipeError) as exc:
        return _unwritable(name, exc)
    except (ValueError, NotImplementedError) as exc:
        from .._install import UnsupportedImplementation
        from .._policy.config import ConfigurationError

        if not isinstance(exc, (ConfigurationError, UnsupportedImplementation)):
            raise
        complain(name, str(exc))
        return 2
    return status


def _unwritable(name: str, exc: Exception) -> int:
    """The exit status where standard output takes nothing more; nothing is to be written at exit either."""
    give_up(sys.stdout)
    if isinstance(exc, BrokenPipeError) or isinstance(exc.__cause__, BrokenPipeError):
        return 128 + 13  # quietly, as a program that SIGPIPE ends
    complain(name, "standard output cannot be written: %s" % exc)
    return 2


class _Parser(argparse.ArgumentParser):
    """One whose help and errors can always be written."""

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stdout and file is not None:
            say(message[:-1] if message.endswith("\n") else message)
        elif message:
            to_stderr(message)


class _Unavailable(Exception):
    """Why a command that is not built in cannot be run."""


def _found(name: str) -> Any:
    """The module of a command that is not built in; None if nobody has that name.

    Raises:
        _Unavailable: it is the scanner's, which is not installed; or it cannot be loaded; or two distributions have it.
    """
    from importlib.metadata import distributions

    found: Dict[str, Any] = {}
    for distribution in distributions():
        # others' files need not even be well-formed
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            continue
        for entry_point in distribution.entry_points:
            if (entry_point.group, entry_point.name) == (GROUP, name):
                # the first on the path, as for any module
                found.setdefault(distribution.metadata["Name"], entry_point)
    if len(found) > 1:
        raise _Unavailable("%s each have a command of this name; uninstall all but one" % " and ".join(sorted(found)))
    for owner, entry_point in found.items():
        try:
            module = entry_point.load()
            for needed in ("HELP", "DESCRIPTION", "EPILOG", "add_arguments", "run"):
                getattr(module, needed)
        except Exception as exc:  # it is anybody's code
            problem = "the distribution %s has this command in %s, which cannot be loaded: %s: %s; "
            problem += "install another version of it, or uninstall it"
            raise _Unavailable(problem % (owner, entry_point.value, type(exc).__name__, exc)) from exc
        return module
    if name == SCAN:
        raise _Unavailable(_no_scanner())
    return None


def _no_scanner() -> str:
    if sys.version_info < SCANNER_SINCE:
        return (
            "the scanner, %s, needs Python %d.%d or newer, and this is %d.%d; it runs nothing of what it reads, so it "
            "can be in an environment of another Python: pip install %s"
            % (SCANNER, *SCANNER_SINCE, *sys.version_info[:2], SCANNER)
        )
    return "the scanner is a distribution of its own, which is not installed: pip install %s" % SCANNER


def _parser(name: str = "", module: Any = None) -> argparse.ArgumentParser:
    """With the command `name`, too, of that module."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser("securedefaults", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("--version", action="version", version="%(prog)s " + __version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    modules = {command: importlib.import_module("." + command, __name__) for command in COMMANDS}
    if module is not None:
        modules[name] = module
    for title, each in modules.items():
        command = commands.add_parser(
            title, help=each.HELP, description=each.DESCRIPTION, epilog=each.EPILOG, formatter_class=raw
        )
        command.add_argument("--json", action="store_true", help=_JSON.get(title, "print JSON"))
        each.add_arguments(command)
        command.set_defaults(run=each.run, command=title)
    if SCAN not in modules:
        # for --help: whoever asks for it has been told already that it is not here
        commands.add_parser(SCAN, help="find the calls that rely on the unverified default (in %s)" % SCANNER)
    return parser
