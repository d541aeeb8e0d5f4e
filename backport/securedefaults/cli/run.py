"""`securedefaults run`: an unmodified program under protection."""

from __future__ import annotations

import argparse
import builtins
import contextlib
import io
import json
import os
import re
import sys
from importlib.machinery import BuiltinImporter, SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any, Callable, List, Optional, Sequence, Tuple, Union

from .. import _policy
from .._install import hooks
from .._names import MODES
from .._policy import environment
from .._policy.config import check_different, rule_in_words
from .._policy.files import absolute
from ._output import complain, to_stderr

HELP = "run an unmodified script or module under protection"

DESCRIPTION = """\
Runs a program as Python itself does, with its sys.argv, its __main__, its exit status and its tracebacks, after
securedefaults.apply(). The program is what would stand after `python`: a script, a folder or archive with a
__main__.py, -m MODULE, -c CODE, or - for standard input; or the name of a Python script on PATH, if there is no such
file here. Everything after it is the program's own, whatever it looks like; the options below stand before it.
Processes that it starts are not protected by this; they have to apply() themselves.
"""

EPILOG = """\
-- ends the options; what follows is read as what follows `python`: `run -- -m MODULE` is `run -m MODULE`, and a script
of the name -m is ./-m. Options of Python itself stand before ours: python -u -m securedefaults run ...

A RULE is a section of the configuration file in one line, with the same keys; values with spaces stand in quotes:
  HOST[:PORT] KEY=VALUE ...
It counts before a rule of the file for the same host and port.

examples:
  securedefaults run backup.py --host ftp.example.org
  securedefaults run --mode warn --log seen.jsonl backup.py --host ftp.example.org
  securedefaults run -m smtpd_client --help
  securedefaults run --rule 'mail.lan:587 cafile=lan-ca.pem' backup.py

exit status: the program's own; 2 if there is no such program, or the configuration cannot be used
"""

_USAGE = "securedefaults run [-h] [--json] [--mode MODE] [--log FILE] [--config FILE] [--rule RULE]\n"
_USAGE += "                          (-m MODULE | -c CODE | - | script) [argument ...]"

#: our options that have a value in the next word
_WITH_VALUE = ("--mode", "--log", "--config", "--rule")

#: where the program is named by one letter and its value
_LETTERS = ("-m", "-c")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.usage = _USAGE
    parser.allow_abbrev = False  # else an option of a later version could be one that was meant for a program
    parser.add_argument("--mode", choices=MODES, help="default: $SECUREDEFAULTS_MODE, else enforce")
    parser.add_argument("--log", metavar="FILE", help="append each TLS connection to FILE, for securedefaults report")
    parser.add_argument("--config", metavar="FILE", help="the configuration file, in the place of any other")
    parser.add_argument("--rule", metavar="RULE", action="append", default=[], help="a rule, see below; repeatable")
    # These are for --help: `split()` has taken what they would be.
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module, like python -m")
    parser.add_argument("-c", dest="code", metavar="CODE", help="run these lines, like python -c")
    parser.add_argument("program", nargs="*", metavar="script", help="the program; - is standard input")


def split(words: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Our own options, and the program with everything after it.

    `argparse` is not asked: it takes options from anywhere, and means something else by `--` in each version.
    """
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return [*words[:at]], [*words[at + 1 :]]
        if not word.startswith("-") or word == "-" or word[:2] in _LETTERS:
            break
        at += 2 if word in _WITH_VALUE else 1
    return [*words[:at]], [*words[at:]]


def run(args: argparse.Namespace) -> Union[int, Callable[[], int]]:
    """Returns the exit status of what cannot be begun, else what runs the program.

    That one raises whatever the program raises.
    """
    words: List[str] = args.program
    if words and words[0][:2] in _LETTERS and len(words[0]) > 2:
        words = [words[0][:2], words[0][2:], *words[1:]]  # as -mMODULE
    if not words:
        return _error("name a script, or a module after -m (or -c CODE, or - for standard input)")
    if words[0] in _LETTERS and len(words) == 1:
        return _error("%s needs %s" % (words[0], "the name of a module" if words[0] == "-m" else "lines of Python"))
    for option, value in (("--config", args.config), ("--log", args.log)):
        if value == "":  # a variable of the shell that is not set
            return _error("%s is empty: name a file, or leave it out" % option)
    program = _found(words)
    if not callable(program):
        return _error(program)
    if args.config is not None:
        _use_configuration(args.config)
    rules = [rule_in_words(text, "--rule") for text in args.rule]
    check_different(rules)
    hooks.apply(args.mode, log=args.log, rules=rules)
    if _policy.in_force is not None:
        _policy.in_force.speaks = True
    if args.json:
        _report_at_exit()
    return program


def _error(text: str) -> int:
    complain("run", text)
    return 2


def _use_configuration(file: str) -> None:
    """For this process, also under -E; the environment of the program stays as it is."""
    environment.in_place_of_others(absolute(file))


def _found(words: List[str]) -> Union[str, Callable[[], int]]:
    """What runs the program in these words; or what is wrong with them."""
    first, rest = words[0], words[2:]
    if first == "-m":
        return lambda: _run_module(words[1], rest)
    if first == "-c":
        return lambda: _run_code(words[1], rest)
    if first == "-":
        return lambda: _run_input(words[1:])
    path = first
    if not os.path.lexists(path):
        problem, path = _on_path(path)
        if problem:
            return problem
    argv = [path, *words[1:]]
    if os.path.isdir(path) or _is_archive(path):
        return lambda: _run_folder(argv)
    return lambda: _run_script(argv)


# Programs that are found by their names


def _on_path(name: str) -> Tuple[str, str]:
    """What is wrong, if anything is, and the path of the Python script of that name."""
    import shutil

    if os.path.dirname(name):
        return "can't open file %r: No such file or directory" % name, ""
    found = shutil.which(name)
    if found is None:
        problem = "can't open file %r: No such file or directory, nor is there a command of that name on PATH; "
        return problem % name + "give the path of a script, or -m and the name of a module", ""
    if not (_is_python(found) or _is_archive(found)):
        problem = "%s is %s, which is no Python script (no #! line with python, no .py), and only Python can be run "
        problem += "here; if it starts one, give the path of that one, or -m and the name of its module"
        return problem % (name, found), ""
    return "", absolute(found)


def _is_python(path: str) -> bool:
    """Whether Python can read it, by its name and its first two lines."""
    if path.lower().endswith((".py", ".pyw")):
        return True
    try:
        with open(path, "rb") as file:
            first, second = file.readline(1000), file.readline(1000)
    except OSError:
        return False
    if not first.startswith(b"#!"):
        return False
    # Installers write this where the line of the interpreter would be too long; to Python it is a text.
    line = second[len("'''exec'") :] if second.startswith(b"'''exec'") else first[2:]
    words = [word.strip("'\"") for word in line.decode("utf-8", "replace").split()]
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return bool(words) and re.fullmatch(r"(python|pypy)[0-9.]*[a-z]*", os.path.basename(words[0])) is not None


def _is_archive(path: str) -> bool:
    import zipfile

    return os.path.isfile(path) and zipfile.is_zipfile(path)  # else it takes from a pipe what is to be run


# As Python itself does it


def _run_module(name: str, rest: List[str]) -> int:
    sys.argv = ["-m", *rest]  # as long as it is looked for
    _set_path(os.getcwd())
    _new_main()
    return _as_main(lambda: _run_by_name(name, alter_argv=True))


def _run_folder(argv: List[str]) -> int:
    sys.argv = argv
    path = absolute(argv[0]) if sys.version_info >= (3, 9) else argv[0]
    if _has_own_path():
        del sys.path[0]
    sys.path.insert(0, path)
    _new_main()
    return _as_main(lambda: _run_by_name("__main__", alter_argv=False))


def _run_by_name(name: str, *, alter_argv: bool) -> None:
    import runpy

    # What `python -m` itself calls; the public functions put sys.modules["__main__"] back before atexit and
    # threads are through with it.
    runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]


def _run_script(argv: List[str]) -> int:
    given, path = argv[0], absolute(argv[0])
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as exc:
        return _error("can't open file %r: %s" % (given, exc.strerror))
    sys.argv = argv
    # of a link it is the folder of what it leads to
    _set_path(os.path.dirname(os.path.realpath(path) if os.name == "posix" else path))
    shown = path if sys.version_info >= (3, 9) else given  # as Python itself names its script since then
    if path.endswith(".pyc"):
        loader: Any = SourcelessFileLoader("__main__", shown)
        return _run_in_main(lambda: loader.get_code("__main__"), loader, shown)
    return _run_in_main(lambda: _compiled(source, shown), SourceFileLoader("__main__", shown), shown)


def _run_code(source: str, rest: List[str]) -> int:
    sys.argv = ["-c", *rest]
    _set_path("")
    return _run_in_main(lambda: _command(source), BuiltinImporter, None)


def _run_input(rest: List[str]) -> int:
    sys.argv = ["-", *rest]
    _set_path("")
    if sys.stdin is None:
        return 0
    if sys.stdin.isatty():
        import code

        main = _new_main(BuiltinImporter)
        return _as_main(lambda: code.interact(local=vars(main), exitmsg=""))
    return _run_in_main(lambda: _compiled(sys.stdin.buffer.read(), "<stdin>"), BuiltinImporter, "<stdin>")


def _command(source: str) -> CodeType:
    """The code after -c; tracebacks show its lines since 3.13, and it may be indented since 3.14."""
    import linecache

    if sys.version_info >= (3, 14):
        import textwrap

        source = textwrap.dedent(source)
    found = _compiled(source + "\n", "<string>")
    register: Any = getattr(linecache, "_register_code", None)
    if register is not None:
        # the first of 3.13 has them by the name of the file, all others by the code
        key: Any = found if hasattr(linecache, "_interactive_cache") else "<string>"
        register(key, source, "<string>")
    return found


def _compiled(source: Union[str, bytes], name: str) -> CodeType:
    return compile(source, name, "exec", dont_inherit=True)


def _run_in_main(code: Callable[[], CodeType], loader: Any, file: Optional[str]) -> int:
    main = vars(_new_main(loader, file))
    return _as_main(lambda: exec(code(), main))


def _new_main(loader: Any = None, file: Optional[str] = None) -> ModuleType:
    """A fresh `__main__`, with nothing of this program in it."""
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __loader__=loader)
    if sys.version_info < (3, 14):
        vars(main).update(__annotations__={})
    if file is not None:
        vars(main).update(__file__=file)
        if sys.version_info < (3, 15):
            vars(main).update(__cached__=None)
    _replaced.append(sys.modules.get("__main__"))
    sys.modules["__main__"] = main
    return main


#: our own `__main__`: before 3.9 Python uses its namespace once more when the program has failed, and does not hold it
_replaced: List[Optional[ModuleType]] = []


def _set_path(folder: str) -> None:
    """Python's own rule for sys.path[0], which is so far the folder of this program."""
    if _has_own_path():
        sys.path[0] = folder


def _has_own_path() -> bool:
    return not (sys.flags.isolated or getattr(sys.flags, "safe_path", False))


def _as_main(program: Callable[[], object]) -> int:
    """Call `program`; an exception of its is Python's to show, without the frames of ours."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException:
        _hide_us()
        raise
    finally:
        # before the summary at exit; what cannot be written is for Python to say, as at the end of any program
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
    return 0


def _hide_us() -> None:
    """Python calls the hook, the program's or its own, with a traceback that begins with the program."""
    hook: Any = getattr(sys, "excepthook", None)
    if hook is None:
        return  # somebody took it away, and Python says so

    def show(kind: Any, exc: BaseException, tb: Optional[TracebackType]) -> None:
        tb = _without_us(tb)
        exc.__traceback__ = sys.last_traceback = tb
        sys.excepthook = hook
        hook(kind, exc, tb)

    sys.excepthook = show


def _without_us(tb: Optional[TracebackType]) -> Optional[TracebackType]:
    at, ours = tb, False
    # by their names, for not every build has files; above this module there is what called it
    while at is not None and not (ours and at.tb_frame.f_globals.get("__name__") != __name__):
        ours = ours or at.tb_frame.f_globals.get("__name__") == __name__
        at = at.tb_next
    return at if ours else tb


def _report_at_exit() -> None:
    import atexit

    from .._install.status import status

    atexit.register(lambda: to_stderr(json.dumps(status().as_dict()) + "\n"))
