"""The command `securedefaults`, also `python -m securedefaults`. One module for each sub-command."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import Optional, Sequence

from .. import __version__

COMMANDS = ("doctor", "status", "run", "check", "report", "config", "scan")

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
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        if args.command == "run":
            raise  # it is the program's
        return _nobody_reads()
    except ValueError as exc:
        from .._policy.config import ConfigurationError

        if not isinstance(exc, ConfigurationError):
            raise
        print("securedefaults %s: error: %s" % (args.command, exc), file=sys.stderr)
        return 2
    return status


def _nobody_reads() -> int:
    """End quietly, as a program that SIGPIPE ends; nothing is to be written at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + 13


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("securedefaults", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("--version", action="version", version="%(prog)s " + __version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module("." + name, __name__)
        command = commands.add_parser(
            name, help=module.HELP, description=module.DESCRIPTION, epilog=module.EPILOG, formatter_class=raw
        )
        command.add_argument("--json", action="store_true", help="print JSON (run: on standard error, at the end)")
        module.add_arguments(command)
        command.set_defaults(run=module.run, command=name)
    return parser
