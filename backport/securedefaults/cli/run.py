"""`securedefaults run`: an unmodified program under protection."""

from __future__ import annotations

import argparse
import builtins
import contextlib
import io
import json
import os
import sys
from types import ModuleType, TracebackType
from typing import Callable, Optional

from .. import _policy
from .._install import hooks
from .._names import MODES
from ._output import complain, to_stderr

HELP = "run an unmodified script or module under protection"

DESCRIPTION = """\
Runs a program as Python itself does, with its sys.argv, its __main__, its exit status and its tracebacks, after
securedefaults.apply(). Processes that it starts are not protected by this; they have to apply() themselves.
"""

EPILOG = """\
examples:
  securedefaults run backup.py --host ftp.example.org
  securedefaults run --mode warn --log seen.jsonl backup.py --host ftp.example.org
  securedefaults run -m smtpd_client --help

exit status: the program's own
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--mode", choices=MODES, help="default: $SECUREDEFAULTS_MODE, else enforce")
    parser.add_argument("--log", metavar="FILE", help="append each TLS connection to FILE, for securedefaults report")
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module, like python -m")
    parser.add_argument(
        "program", nargs=argparse.REMAINDER, metavar="script.py [argument ...]", help="the program and its arguments"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the program; returns the exit status unless the program leaves by an exception."""
    hooks.apply(args.mode, log=args.log)
    if _policy.in_force is not None:
        _policy.in_force.speaks = True
    if args.json:
        _report_at_exit()
    if args.module is not None:
        sys.argv = [args.module, *args.program]
        _set_path(os.getcwd())
        _new_main()
        return _as_main(lambda: _run_module(args.module, alter_argv=True))
    if not args.program:
        complain("run", "name a script, or a module after -m")
        return 2
    sys.argv = args.program
    path = args.program[0]
    if os.path.isdir(path) or _is_archive(path):
        sys.path.insert(0, path)
        _new_main()
        return _as_main(lambda: _run_module("__main__", alter_argv=False))
    _set_path(os.path.dirname(os.path.abspath(path)))
    return _run_script(path)


def _run_script(path: str) -> int:
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as exc:
        to_stderr("securedefaults run: can't open file %r: %s\n" % (path, exc.strerror))
        return 2
    if sys.version_info >= (3, 9):  # pragma: no branch - 3.8 runs unmeasured
        path = os.path.abspath(path)  # as Python itself names its script since then
    main = _new_main()
    main.__file__ = path
    return _as_main(lambda: exec(compile(source, path, "exec", dont_inherit=True), vars(main)))


def _report_at_exit() -> None:
    import atexit

    from .._install.status import status

    atexit.register(lambda: to_stderr(json.dumps(status().as_dict()) + "\n"))


def _new_main() -> ModuleType:
    """A fresh `__main__`, with nothing of this program in it."""
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __annotations__={})
    sys.modules["__main__"] = main
    return main


def _set_path(folder: str) -> None:
    """Python's own rule for sys.path[0], which is so far the folder of this program."""
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path[0] = folder


def _is_archive(path: str) -> bool:
    import zipfile

    return os.path.isfile(path) and zipfile.is_zipfile(path)  # else it takes from a pipe what is to be run


def _run_module(name: str, *, alter_argv: bool) -> None:
    import runpy

    # What `python -m` itself calls; the public functions put sys.modules["__main__"] back before atexit and
    # threads are through with it.
    runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]


def _as_main(program: Callable[[], object]) -> int:
    """Call `program`; an exception is shown as Python would show it, without the frames of this file."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as exc:
        exc.__traceback__ = _without_us(exc.__traceback__)
        if isinstance(exc, KeyboardInterrupt):
            raise
        sys.excepthook(type(exc), exc, exc.__traceback__)
        return 1
    finally:
        # before the summary at exit; what cannot be written is for Python to say, as at the end of any program
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
    return 0


def _without_us(tb: Optional[TracebackType]) -> Optional[TracebackType]:
    # by their names, for not every build has files
    while tb is not None and tb.tb_frame.f_globals.get("__name__") in (__name__, "runpy"):
        tb = tb.tb_next
    return tb
