"""`securedefaults report`: what is in the logs, by server and by line of the program."""

from __future__ import annotations

import argparse
import os
from typing import BinaryIO, Counter, Dict, Iterator, List, Tuple

from .._observe.events import Observation, from_json
from .._observe.report import Report
from .._policy.files import open_file, who_else
from ._output import complain, print_json, say, standard_input, to_stderr

HELP = "which servers and which lines are ready to enforce, from the logs of warn mode"

DESCRIPTION = """\
Reads the files to which apply(log=...), SECUREDEFAULTS_LOG or `securedefaults run --log` append, and says which
servers enforcement would refuse, why, which lines of the program connect to them, and which rule for the
configuration file would make them pass. Any number of files, in any order, also compressed by gzip.
"""

EPILOG = """\
examples:
  securedefaults report seen.jsonl
  securedefaults report --html ready.html /var/log/securedefaults.jsonl*
  ssh mail.example.org cat seen.jsonl | securedefaults report -

What a log holds besides observations is passed over, counted, and named on standard error with its line.

A rule for the configuration file is printed only if nobody but root and you may write to the logs: whoever may could
say anything of a server. Else, and for what comes from standard input, it is the `securedefaults check` command that
asks the server itself.

exit status: 0 all that was seen would pass; 1 something would be refused, or it is unknown whether it would;
2 there is nothing to report: a file cannot be read, or no file has an observation
"""

#: Bytes of a line; ours are never longer.
LONGEST = 1 << 16
#: lines that are named one by one
_SHOWN = 10
_NO_RULES = "so no rule is printed from it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a log; - is standard input")
    parser.add_argument("--html", metavar="FILE", help="also write a page with a picture, complete in one file")


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    reading = Reading()
    try:
        for path in args.files:
            reading.read(path)
    except OSError as exc:
        return _error("%s cannot be read: %s (- is standard input)" % (path, exc.strerror or exc))
    report = reading.report()
    for text in [*reading.others[:_SHOWN], *reading.bad.text()]:
        to_stderr("securedefaults report: %s\n" % text)
    if not report.observations:
        return _error("no observation in %s" % ", ".join(args.files))
    if args.html is not None:
        try:
            _write_page(args.html, report, reading)
        except OSError as exc:
            return _error("%s cannot be written: %s" % (args.html, exc.strerror or exc))
    if args.json:
        print_json({**report.as_dict(), "days": _days(reading.days), "passed_over": reading.bad.count})
    else:
        say(str(report))
    return 0 if report.ready == report.handshakes else 1


def _write_page(path: str, report: Report, reading: Reading) -> None:
    from ._html import PAGE, page

    text = page(report, reading.days, list(reading.bad.text()))
    first = PAGE.template.partition("\n")[0]
    descriptor = open_file(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    with open(descriptor, "a+", encoding="utf-8", errors="replace") as file:
        file.seek(0)
        if file.read(len(first)) not in ("", first):
            raise OSError("it is there, and is no page: `--html *.jsonl` would take a log for the page")
        file.truncate(0)
        file.write(text)


def _error(text: str) -> int:
    complain("report", ascii(text)[1:-1])
    return 2


class Bad:
    """What is no observation."""

    def __init__(self) -> None:
        self.count = 0
        self._first: List[str] = []

    def add(self, path: str, number: int, problem: str) -> None:
        """Note a line."""
        self.count += 1
        if len(self._first) < _SHOWN:
            self._first.append(ascii("%s:%d: no observation: %s" % (path, number, problem[:200]))[1:-1])

    def text(self) -> Iterator[str]:
        """The first ones, and how many more there are."""
        yield from self._first
        if self.count > len(self._first):
            yield "and %d more lines that are no observation" % (self.count - len(self._first))


class Reading:
    """What was read so far: as much memory as there are different observations, however many lines there are.

    securedefaults-scan reads logs by it, too.

    Attributes:
        days: handshakes by day and verdict.
        bad: lines that were passed over.
        others: who else may have written what was read.
    """

    def __init__(self) -> None:
        self.days: Counter[Tuple[str, str]] = Counter()
        self.bad = Bad()
        self.others: List[str] = []
        #: by what they are but for time and count, with both
        self._kinds: Dict[Observation, Observation] = {}

    def read(self, path: str) -> None:
        """Add a file.

        Raises:
            OSError: it cannot be read.
        """
        if path == "-":
            self.others.append("who wrote what comes from standard input is not known, " + _NO_RULES)
            self._read(standard_input().buffer, "<stdin>")
            return
        with os.fdopen(open_file(path), "rb") as file:
            problem = who_else(path, file.fileno())
            if problem:
                text = "others may write to the log %s, %s: %s" % (path, _NO_RULES, problem)
                self.others.append(ascii(text)[1:-1])
            if file.read(2) == b"\x1f\x8b":
                file.seek(0)
                self._read_compressed(file, path)
                return
            file.seek(0)
            self._read(file, path)

    def _read_compressed(self, compressed: BinaryIO, path: str) -> None:
        import gzip
        import zlib

        try:
            with gzip.open(compressed) as file:
                self._read(file, path)  # type: ignore[arg-type]
        except (EOFError, zlib.error) as exc:
            self.bad.add(path, 0, "the rest of the file is damaged: %s" % exc)

    def _read(self, file: BinaryIO, path: str) -> None:
        for number, line in _lines(file):
            try:
                if len(line) > LONGEST:
                    raise ValueError("more than %d bytes" % LONGEST)
                self._add(from_json(line.decode("utf-8")))
            except ValueError as exc:  # json's errors and UnicodeDecodeError are ValueErrors
                self.bad.add(path, number, str(exc))

    def _add(self, handshake: Observation) -> None:
        # Its count is that of the process that saw it, which wrote a line for each.
        kind = handshake._replace(time="", count=0)
        known = self._kinds.get(kind, kind)
        last = max(handshake.time, known.time)
        self._kinds[kind] = handshake._replace(count=known.count + 1, time=last)
        self.days[handshake.time[:10], handshake.verdict] += 1

    def report(self) -> Report:
        """The account of all of it."""
        return Report(self._kinds.values(), own=not self.others)


def _lines(file: BinaryIO) -> Iterator[Tuple[int, bytes]]:
    """Number and content of each line that has any; of one that is too long no more than shows that it is."""
    number = 0
    while True:
        line = file.readline(LONGEST + 1)
        if not line:
            return
        number += 1
        rest = line
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST + 1)
        if line.strip():
            yield number, line


def _days(days: Counter[Tuple[str, str]]) -> List[Tuple[str, str, int]]:
    return [(day, verdict, count) for (day, verdict), count in sorted(days.items())]
