"""What was seen, by server and by line of the program."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from .._names import ACCEPTED, ENFORCE, EXEMPT, REFUSED, UNKNOWN
from . import advice, events
from .events import Observation

#: verdicts, the worst first
ORDER = (REFUSED, UNKNOWN, EXEMPT, ACCEPTED)

#: what a verdict is called
LABELS = {REFUSED: "would be refused", UNKNOWN: "unknown", EXEMPT: "exempt by a rule", ACCEPTED: "ready"}


class Row(NamedTuple):
    """One server, or one line of the program.

    Attributes:
        name: of the server, or `file:line`.
        verdict: the worst that was seen.
        label: what it is called: what was refused by enforcement is not only one that would be.
        handshakes: how many.
        counts: of these, by verdict.
        reasons: all that is wrong with what was not accepted, or why nothing is known.
        others: the lines that connected to this server; or the servers that this line connected to.
        not_after: the earliest last moment of a leaf.
        rules: that make the server pass, as was tried, each to be copied as it is; the most secure first.
        ask: the commands that ask the server itself, if it was not found out which rules help, or if others may have
            written what is told here.
    """

    name: str
    verdict: str
    label: str
    handshakes: int
    counts: Dict[str, int]
    reasons: Tuple[str, ...]
    others: Tuple[str, ...]
    not_after: Optional[str]
    rules: Tuple[str, ...]
    ask: Tuple[str, ...] = ()


class Report:
    """An account of observations.

    Args:
        observations: each with the number of handshakes that it stands for in its `count`.
        forgotten: how many of the handshakes are counted without server and line: there were too many different ones.
        own: whether nobody else can have written them; what others say of a server is no source of configuration.

    Attributes:
        observations: as they were given.
        forgotten: as it was given.
    """

    def __init__(self, observations: Iterable[Observation], forgotten: int = 0, *, own: bool = True) -> None:
        self.observations = tuple(observations)
        self.forgotten = forgotten
        self._own = own
        self._rows: Dict[Any, Tuple[Row, ...]] = {}

    @property
    def servers(self) -> Tuple[Row, ...]:
        """A Row for each protocol, host and port, the worst first."""
        return self._by(_server, _line)

    @property
    def lines(self) -> Tuple[Row, ...]:
        """A Row for each line of the program, the worst first."""
        return self._by(_line, _server)

    def _by(self, key: Any, other: Any) -> Tuple[Row, ...]:
        if key not in self._rows:
            self._rows[key] = _rows(self.observations, key, other, own=self._own)
        return self._rows[key]

    @property
    def handshakes(self) -> int:
        """How many were recorded."""
        return sum(seen.count for seen in self.observations)

    @property
    def ready(self) -> int:
        """How many of them enforcement does not get in the way of."""
        return sum(seen.count for seen in self.observations if seen.verdict in (ACCEPTED, EXEMPT))

    def summary(self) -> str:
        """One sentence and the servers that are not ready; "" if there is nothing to be done."""
        if self.ready == self.handshakes:
            return ""
        # Python is about to end: nobody waits for advice that is not shown.
        rows = _rows(self.observations, _server, _line, with_rules=False)
        bad = [row for row in rows if row.verdict in (REFUSED, UNKNOWN)]
        lines = [
            "%s of %s would pass enforcement; not ready, or unknown, %s:"
            % (self.ready, _count(self.handshakes, "TLS connection"), _count(len(bad), "server"))
        ]
        lines += ["  %s: %s" % (ascii(row.name)[1:-1], "; ".join(row.reasons) or row.label) for row in bad[:20]]
        if len(bad) > 20:
            lines.append("  and %d more" % (len(bad) - 20))
        return "\n".join(lines)

    def as_dict(self) -> Dict[str, Any]:
        """The same for JSON."""
        return {
            "handshakes": self.handshakes,
            "ready": self.ready,
            "forgotten": self.forgotten,
            "servers": [row._asdict() for row in self.servers],
            "lines": [row._asdict() for row in self.lines],
        }

    def __str__(self) -> str:
        if not self.observations:
            return "no TLS connection by default context was seen"
        text = ["%d of %s ready to enforce" % (self.ready, _count(self.handshakes, "TLS connection"))]
        if self.forgotten:
            text.append("%d of these without server and line: there were too many different ones" % self.forgotten)
        for title, rows in (("By server", self.servers), ("By line of the program", self.lines)):
            text += ["", title, ""]
            for row in rows:
                text += _text_of(row, with_rules=rows is self.servers)
        return "\n".join(text)


def report() -> Report:
    """What this process has seen since `apply()`: each TLS connection that the default was used for.

    `print(securedefaults.report())` shows it by server, with the rule that would make each refused one pass, and by
    line of the program.
    """
    return Report(*events.seen())


def _count(number: int, noun: str) -> str:
    return "%d %s%s" % (number, noun, "" if number == 1 else "s")


def _line(seen: Observation) -> str:
    return "%s:%d" % (seen.file, seen.line)


def _server(seen: Observation) -> str:
    return seen.server


def _rows(
    observations: Iterable[Observation], key: Any, other: Any, *, with_rules: bool = True, own: bool = True
) -> Tuple[Row, ...]:
    groups: Dict[str, List[Observation]] = {}
    for seen in observations:
        groups.setdefault(key(seen), []).append(seen)
    rows = [_row(name, group, other, with_rules=with_rules, own=own) for name, group in groups.items()]
    return tuple(sorted(rows, key=lambda row: (ORDER.index(row.verdict), -row.handshakes, row.name)))


def _row(name: str, group: List[Observation], other: Any, *, with_rules: bool, own: bool) -> Row:
    worst = next(verdict for verdict in ORDER if any(seen.verdict == verdict for seen in group))
    enforced = worst == REFUSED and all(seen.mode == ENFORCE for seen in group if seen.verdict == REFUSED)
    counts = {verdict: sum(seen.count for seen in group if seen.verdict == verdict) for verdict in ORDER}
    refused = _latest(group)
    told = [seen.advice for seen in refused if seen.advice.remedies] if with_rules and own else []
    asked = [seen for seen in refused if not own or not seen.advice.remedies]
    return Row(
        name=name,
        verdict=worst,
        label="refused" if enforced else LABELS[worst],
        handshakes=sum(counts.values()),
        counts=counts,
        reasons=_unique(text for seen in group for text in reasons(seen, own=own)),
        others=_unique(map(other, group)),
        not_after=min((seen.not_after for seen in group if seen.not_after), default=None),
        rules=_unique(text for found in told for text in advice.sections(found)),
        ask=_unique(filter(None, map(_command, asked))),
    )


#: certificates of a server, or of a line, for which there is advice
_MOST_TOLD = 16


def _latest(group: List[Observation]) -> List[Observation]:
    """Of what was refused, the last time for each certificate: a rule that was changed since is not to be changed."""
    last = {}
    for seen in sorted((seen for seen in group if seen.verdict == REFUSED), key=lambda seen: seen.time):
        last[seen.fingerprint] = seen
    return list(last.values())[-_MOST_TOLD:]


def _command(seen: Observation) -> Optional[str]:
    return advice.command(seen.entry_point, seen.protocol, seen.host, seen.port)


def reasons(seen: Observation, *, own: bool = True) -> List[str]:
    """All that is wrong, if it was not accepted; but no names, if others may have written what is told here."""
    if seen.verdict not in (REFUSED, UNKNOWN):
        return []
    if not own or not seen.advice.remedies:
        return [reason(seen)]
    return advice.fault_lines(seen.advice)


def reason(seen: Observation) -> str:
    """Why it was not accepted; what a server chose has no control characters any more."""
    text = ascii(seen.message)[1:-1]
    if seen.code is not None:
        text += " (verify code %d)" % seen.code
    if seen.strict_only:
        text += ", by VERIFY_X509_STRICT alone"
    return text


def _unique(values: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _text_of(row: Row, *, with_rules: bool) -> List[str]:
    name = ascii(row.name)[1:-1]
    text = ["%-17s %6d  %s" % (row.label, row.handshakes, name)]
    text += ["%26s%s" % ("", line) for line in row.reasons]
    text += ["%26s%s %s" % ("", "from" if with_rules else "to", ascii(line)[1:-1]) for line in row.others[:10]]
    if with_rules:
        for rule in row.rules:
            text += ["", *("%26s%s" % ("", line) for line in rule.splitlines())]
        text += ["%26sto find a rule, ask the server itself: %s" % ("", line) for line in row.ask]
        text += [""] if row.rules else []
    return text
