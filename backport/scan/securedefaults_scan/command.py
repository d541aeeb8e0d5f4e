"""`securedefaults scan` and `securedefaults-scan`: which calls rely on the unverified default, or weaken a context.

The first of them finds this module as the entry point `scan` in the group `securedefaults.commands`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from securedefaults import __version__

# The scanner itself is imported where it is used: --help needs none of it.
if TYPE_CHECKING:
    from ._scan import Result

HELP = "find the calls that rely on the unverified default, in programs that are not run"

DESCRIPTION = """\
Reads Python programs, notebooks and logging configurations, and says which calls of smtplib, imaplib, poplib, ftplib,
nntplib and SMTPHandler verify nobody: because no context is passed, or None, or one that does not verify. Nothing is
run or imported. What is certain is reported; --possible adds what depends on code that cannot be seen.
"""

EPILOG = """\
examples:
  %(prog)s src/
  %(prog)s --diff src/      what --fix would change
  %(prog)s --fix src/       passes ssl.create_default_context() where nothing was passed
  %(prog)s --format sarif src/ > scan.sarif
  %(prog)s --write-baseline known.json src/ && %(prog)s --baseline known.json src/

A comment in the lines of a call makes a finding go away:
  # securedefaults: ignore[SD101] reason

exit status: 0 nothing was found, or all of it was fixed; 1 something was found; 2 the command cannot be carried out.
Files that cannot be parsed are named and change nothing of that, unless --strict is given: then they count as found.
"""

_FORMATS = ("text", "json", "sarif", "github")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """The command `securedefaults-scan`, also `python -m securedefaults_scan`.

    Args:
        argv: the arguments after the program's name; None takes them from `sys.argv`.

    Returns:
        The exit status.
    """
    args = _parser().parse_args(argv)
    try:
        status = run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads it any more: end as quietly as a program that SIGPIPE ends, also at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    return status


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("securedefaults-scan", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("--version", action="version", version="%(prog)s " + __version__)
    # `securedefaults scan` has it from `securedefaults`, as all of its commands
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_arguments(parser)
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder with all that is in it")
    parser.add_argument("--possible", action="store_true", help="also report what is not certain")
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text; --json is --format json")
    parser.add_argument("--fix", action="store_true", help="pass ssl.create_default_context() where it is certain")
    parser.add_argument(
        "--diff", action="store_true", help="print what --fix changes; without --fix nothing is written"
    )
    parser.add_argument("--exclude", metavar="PATTERN", action="append", default=[], help="leave out, e.g. '*/tests/*'")
    parser.add_argument("--baseline", metavar="FILE", help="report only what is not in this file")
    parser.add_argument("--write-baseline", metavar="FILE", help="write what is found to this file, and report nothing")
    parser.add_argument(
        "--with", dest="log", metavar="LOG", action="append", help="a log of warn mode: say what was seen of each call"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a file cannot be parsed, too")
    parser.add_argument("--jobs", metavar="N", type=_jobs, default=os.cpu_count() or 1, help="processes, default: CPUs")
    # what to call itself in messages: there are two ways to start it
    parser.set_defaults(prog=parser.prog)


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("%r is no number from 1 to 256" % text)
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    from . import _baseline
    from ._rules import DEFINITE
    from ._scan import scan

    for path in args.paths:
        if not os.path.exists(path):
            return _error(args.prog, "%s does not exist" % path)
    known = None
    if args.baseline is not None:
        try:
            known = _baseline.known(args.baseline)
        except (OSError, ValueError) as exc:
            hint = "; --write-baseline writes one" if isinstance(exc, FileNotFoundError) else ""
            return _error(
                args.prog, "%s cannot be used: %s%s" % (args.baseline, getattr(exc, "strerror", None) or exc, hint)
            )
    progress = _Progress() if sys.stderr is not None and sys.stderr.isatty() else None
    result = scan(args.paths, exclude=args.exclude, jobs=args.jobs, progress=progress)
    if progress is not None:
        progress.clear()
    if not args.possible:
        result = result._replace(findings=[each for each in result.findings if each.confidence == DEFINITE])
    if args.write_baseline is not None:
        return _write_baseline(args.prog, args.write_baseline, result)
    if known is not None:
        result = result._replace(findings=_baseline.new(result.findings, known))
    if args.log is not None:
        try:
            result = _joined(args.prog, result, args.log)
        except OSError as exc:
            return _error(args.prog, "%s cannot be read: %s" % (exc.filename or args.log[0], exc.strerror or exc))
    if args.fix or args.diff:
        result = _fix(args.prog, result, args.fix, args.diff)
    if not args.diff or args.fix:
        _print("json" if args.json else args.format, result)
    return 1 if result.findings or (args.strict and result.unparsed) else 0


def _write_baseline(prog: str, path: str, result: Result) -> int:
    from . import _baseline

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(_baseline.document(result.findings), file, indent=1)
            file.write("\n")
    except OSError as exc:
        return _error(prog, "%s cannot be written: %s" % (path, exc.strerror or exc))
    print("%d findings written to %s" % (len(result.findings), path), file=sys.stderr)
    return 0


def _joined(prog: str, result: Result, logs: List[str]) -> Result:
    from securedefaults.cli.report import Reading

    from ._join import joined

    reading = Reading()
    for path in logs:
        reading.read(path)
    for text in reading.bad.text():
        _say(prog, text)
    return result._replace(findings=joined(result.findings, reading.report().observations))


def _fix(prog: str, result: Result, wanted: bool, show: bool) -> Result:
    """Fix what can be; what is left is found as before."""
    from . import _fix as fixer

    done = set()
    for path, changed, reason in fixer.changes(result.findings):
        if changed is not None and show:
            sys.stdout.write(_printable("".join(changed.diff())))
        if changed is not None and wanted:
            try:
                fixer.write(changed)
            except (OSError, ValueError) as exc:
                reason = getattr(exc, "strerror", None) or str(exc)
            else:
                done.add(path)
        if reason:
            _say(prog, "%s is left as it is: %s" % (ascii(path)[1:-1], reason))
    if done:
        count = sum(each.fixable and each.path in done for each in result.findings)
        files = "1 file" if len(done) == 1 else "%d files" % len(done)
        _say(prog, "%d fixed in %s" % (count, files))
    return result._replace(findings=[each for each in result.findings if not (each.fixable and each.path in done)])


def _print(kind: str, result: Result) -> None:
    if kind == "json":
        from . import _json

        _print_json(_json.document(result))
    elif kind == "sarif":
        from . import _sarif

        _print_json(_sarif.document(result))
    elif kind == "github":
        from ._github import commands

        _write(list(commands(result)))
    else:
        from ._text import text

        _write(list(text(result)))


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2))


def _write(lines: List[str]) -> None:
    """Print, whatever the encoding of standard output is."""
    for line in lines:
        print(_printable(line))


def _printable(text: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _say(prog: str, text: str) -> None:
    print("%s: %s" % (prog, text), file=sys.stderr)


def _error(prog: str, text: str) -> int:
    _say(prog, "error: " + ascii(text)[1:-1])
    return 2


class _Progress:
    """A line on a terminal that says how far it has come."""

    def __init__(self) -> None:
        self._shown: Optional[int] = None

    def __call__(self, done: int) -> None:
        self._shown = done
        print("\r%d files" % done, end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove it."""
        if self._shown is not None:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
