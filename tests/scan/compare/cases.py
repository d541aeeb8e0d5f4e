"""The corpus: programs as people write them, and the labels that they carry in comments.

A file begins with its labels:

    # kind: default | explicit | possible | safe
    # level: plain | inference | flow
    # run: smtp-starttls | ... | none (reason)      the server that it talks to, see SERVERS
    # effect: clear | broken                        if it is not the usual one of its kind
    # server: wrong-host | strip                    if the server is not the usual one
    # python: 3.10 | <3.12                          what it needs
    # expect: SD101 line 12                         a site on a line that cannot have a comment

and has a mark at the end of each line that is to be reported:

    # <- SD101                  a site with that rule, to be found as definite
    # <- SD101|SD102            either of the rules
    # <- SD303 possible         found with --possible only
    # <- SD103 any              definite or possible
    # <- SD201 ctx              all the lines marked "ctx" are one site: to report one of them is enough

A program gets host, port, user and password as arguments, and as MAIL_HOST, MAIL_PORT, MAIL_USER and MAIL_PASSWORD.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set, Tuple

CORPUS = Path(__file__).resolve().parent.parent / "corpus"

#: `run:` -> protocol of wire.servers, and whether TLS starts with the first byte
SERVERS = {
    "smtp-starttls": ("SMTP", False),
    "smtp-tls": ("SMTP", True),
    "lmtp-starttls": ("LMTP", False),
    "imap-starttls": ("IMAP", False),
    "imap-tls": ("IMAP", True),
    "pop-stls": ("POP3", False),
    "pop-tls": ("POP3", True),
    "ftp-tls": ("FTP", False),
    "ftp-implicit": ("FTP", True),
    "nntp-starttls": ("NNTP", False),
    "nntp-tls": ("NNTP", True),
}

DEFINITE, POSSIBLE, ANY = "definite", "possible", "any"

_LABEL = re.compile(r"^# (kind|level|run|effect|server|python|expect): (.+)$")
_MARK = re.compile(r"<- (SD\d{3}(?:\|SD\d{3})*)(?: (possible|any))?(?: ([a-z]+))?")
_EXPECT = re.compile(r"(SD\d{3}) line (\d+)")


class Site(NamedTuple):
    """A place to be reported: one finding that starts on one of `lines` with one of `rules`."""

    rules: FrozenSet[str]
    confidence: str
    lines: FrozenSet[int]


class Case(NamedTuple):
    path: Path
    labels: Dict[str, str]
    sites: Tuple[Site, ...]

    @property
    def name(self) -> str:
        return self.path.relative_to(CORPUS).with_suffix("").as_posix()

    @property
    def kind(self) -> str:
        return self.labels["kind"]

    @property
    def level(self) -> str:
        return self.labels["level"]

    @property
    def server(self) -> Optional[str]:
        """A key of SERVERS, or None if it cannot be executed."""
        return None if self.labels["run"].startswith("none") else self.labels["run"]

    @property
    def reason(self) -> str:
        """Why it cannot be executed."""
        return self.labels["run"][len("none (") : -1]

    def fits(self, version: Tuple[int, int]) -> bool:
        """Whether this Python can run it."""
        needed = self.labels.get("python", "3.8")
        limit = tuple(int(part) for part in needed.lstrip("<").split("."))
        return version < limit if needed.startswith("<") else version >= limit


def decode(data: bytes) -> str:
    """The text of a Python file, with the line ends that it has."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def read(path: Path) -> Case:
    """A file of the corpus. Raises ValueError if its labels say nothing useful."""
    text = decode(path.read_bytes())
    lines = text.replace("\r\n", "\n").split("\n")
    labels: Dict[str, str] = {}
    for line in lines:
        if not line.startswith("#"):
            break
        match = _LABEL.match(line)
        if match:
            labels[match.group(1)] = match.group(2)
    _check(path, labels)
    return Case(path, labels, tuple(_sites(text, lines, labels)))


def _check(path: Path, labels: Dict[str, str]) -> None:
    if not {"kind", "level", "run"} <= set(labels):
        raise ValueError("%s: needs the labels kind, level and run" % path)
    if labels["level"] not in ("plain", "inference", "flow") or labels["kind"] != path.parent.name:
        raise ValueError("%s: level or kind is wrong" % path)
    if labels["run"] not in SERVERS and not re.fullmatch(r"none \(.+\)", labels["run"]):
        raise ValueError("%s: no such server, and no reason: %s" % (path, labels["run"]))


def _sites(text: str, lines: List[str], labels: Dict[str, str]) -> Iterator[Site]:
    found: Dict[Tuple[str, str, str], Set[int]] = {}
    for number, line in enumerate(lines, 1):
        for rules, confidence, name in _MARK.findall(line):
            found.setdefault((rules, confidence or DEFINITE, name or str(number)), set()).add(number)
    if "expect" in labels:
        match = _EXPECT.fullmatch(labels["expect"])
        if not match:
            raise ValueError("what is expected? %s" % labels["expect"])
        found[match.group(1), DEFINITE, "expect"] = {int(match.group(2))}
    spans = _statements(text)
    for (rules, confidence, _), marked in found.items():
        reach = {number for line in marked for number in _statement_of(line, spans)}
        yield Site(frozenset(rules.split("|")), confidence, frozenset(reach))


def _statements(text: str) -> Optional[List[Tuple[int, int]]]:
    """First and last line of each simple statement and of each header of a compound one; None: not for this Python."""
    try:
        tree = ast.parse(text.lstrip("\ufeff"))
    except SyntaxError:
        return None
    spans = []
    for node in ast.walk(tree):
        if not isinstance(node, (ast.stmt, ast.ExceptHandler)):
            continue
        first, last = node.lineno, node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            last = max(first, min(last, body[0].lineno - 1))
        spans.append((first, last))
    return spans


def _statement_of(line: int, spans: Optional[List[Tuple[int, int]]]) -> range:
    """The lines of the smallest statement around this one: which line of it a tool names is a matter of taste."""
    around = [(last - first, first, last) for first, last in spans or () if first <= line <= last]
    if not around:
        return range(line, line + 1)
    _, first, last = min(around)
    return range(first, last + 1)


def corpus() -> List[Case]:
    return [read(path) for path in sorted(CORPUS.glob("*/*.py"))]
