"""The report as one page: nothing is loaded from elsewhere, and nothing of what a server chose is more than text."""

from __future__ import annotations

import html
from string import Template
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from .._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from .._observe.report import LABELS, ORDER, Report, Row
from .._text import printable

#: by verdict; told apart in grey and by the colour-blind, too
_COLOURS = {REFUSED: "#c4314b", UNKNOWN: "#e0a100", EXEMPT: "#7a6ff0", ACCEPTED: "#2a9d5c"}
#: in the order of the picture, from ready to refused
_STACK = (ACCEPTED, EXEMPT, UNKNOWN, REFUSED)

_WIDTH, _BAR, _HEIGHT = 720, 28, 120  # of the pictures, in pixels
_MOST_DAYS = 60

PAGE = Template(
    """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Ready to enforce: $percent %</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8886; }
td, pre, code { overflow-wrap: anywhere; }
pre { margin: .3rem 0; padding: .5rem; background: #8882; white-space: pre-wrap; }
.number { text-align: right; }
p span { margin-right: 1em; }
.mark { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
svg { max-width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
</style>
</head>
<body>
<h1>$percent % ready to enforce</h1>
<p>$sentence</p>
$picture
<p>$legend</p>
$days
<h2>By server</h2>
<table>
<thead>
<tr><th>Server<th>Verdict<th class="number">Connections<th>Certificate ends<th>Why, and what makes it pass</tr>
</thead>
<tbody>
$servers
</tbody>
</table>
<h2>By line of the program</h2>
<table>
<thead>
<tr><th>Line<th>Verdict<th class="number">Connections<th>Servers<th>Why</tr>
</thead>
<tbody>
$lines
</tbody>
</table>
$passed_over
</body>
</html>
"""
)


def page(report: Report, days: Mapping[Tuple[str, str], int], passed_over: Sequence[str]) -> str:
    """The page.

    Args:
        report: what is told.
        days: handshakes by day ("YYYY-MM-DD") and verdict.
        passed_over: what could not be read, a line each.
    """
    counts = {verdict: sum(seen.count for seen in report.observations if seen.verdict == verdict) for verdict in ORDER}
    return PAGE.substitute(
        percent=100 * report.ready // report.handshakes,  # rounded down: 100 says that there is nothing left
        sentence=_text("%d of %d TLS connections would pass enforcement." % (report.ready, report.handshakes)),
        picture=_picture(counts),
        legend="\n".join(
            "<span>%s%s: %d</span>" % (_mark(verdict), _text(LABELS[verdict]), counts[verdict]) for verdict in _STACK
        ),
        days=_days_picture(days),
        servers="\n".join(_server(row) for row in report.servers),
        lines="\n".join(_line(row) for row in report.lines),
        passed_over=_passed_over(passed_over),
    )


def _text(value: object) -> str:
    """What anybody chose, as text: without control characters, directions of writing, and markup."""
    return html.escape(printable(str(value)))


def _mark(verdict: str) -> str:
    return '<span class="mark" style="background: %s"></span>' % _COLOURS[verdict]


def _picture(counts: Dict[str, int]) -> str:
    """One bar: how much of the traffic is ready."""
    whole = sum(counts.values())
    title = ", ".join("%s: %d" % (LABELS[verdict], counts[verdict]) for verdict in _STACK)
    parts, left = [], 0.0
    for verdict in _STACK:
        width = _WIDTH * counts[verdict] / whole
        parts.append(_rectangle(left, 0, width, _BAR, verdict))
        left += width
    return _svg(title, _BAR, parts)


def _days_picture(days: Mapping[Tuple[str, str], int]) -> str:
    """A column for each day; nothing if there is but one."""
    names = sorted({day for day, _ in days})[-_MOST_DAYS:]
    if len(names) < 2:
        return ""
    highest = max(sum(days.get((name, verdict), 0) for verdict in _STACK) for name in names)
    step = _WIDTH / len(names)
    parts: List[str] = []
    for number, name in enumerate(names):
        bottom = float(_HEIGHT)
        for verdict in _STACK:
            height = _HEIGHT * days.get((name, verdict), 0) / highest
            bottom -= height
            parts.append(_rectangle(number * step, bottom, step * 0.9, height, verdict))
    for number, anchor, left in ((0, "start", 0), (-1, "end", _WIDTH)):
        parts.append(
            '<text x="%d" y="%d" text-anchor="%s">%s</text>' % (left, _HEIGHT + 14, anchor, _text(names[number]))
        )
    return "<h2>By day</h2>\n" + _svg("TLS connections by day, the highest %d" % highest, _HEIGHT + 18, parts)


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    begin = '<svg role="img" width="%d" height="%d" viewBox="0 0 %d %d">' % (_WIDTH, height, _WIDTH, height)
    return "%s\n<title>%s</title>\n%s\n</svg>" % (begin, _text(title), "\n".join(part for part in parts if part))


def _rectangle(left: float, top: float, width: float, height: float, verdict: str) -> str:
    if not width or not height:
        return ""
    values = left, top, width, height, _COLOURS[verdict]
    return '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % values


def _server(row: Row) -> str:
    why = [*_paragraphs(row.reasons), *_paragraphs("from " + line for line in row.others[:10])]
    why += ["<pre>%s</pre>" % "\n".join(_text(line) for line in rule.splitlines()) for rule in row.rules]
    why += ["<div>To find a rule, ask the server itself:</div><pre>%s</pre>" % _text(line) for line in row.ask]
    return _row(row, [_text((row.not_after or "not known")[:10]), "".join(why)])


def _line(row: Row) -> str:
    return _row(row, ["".join(_paragraphs(row.others[:10])), "".join(_paragraphs(row.reasons))])


def _row(row: Row, cells: List[str]) -> str:
    first = [
        "<code>%s</code>" % _text(row.name),
        _mark(row.verdict) + _text(row.label),
    ]
    number = '<td class="number">%d' % row.handshakes
    return "<tr>%s%s%s</tr>" % ("".join("<td>" + cell for cell in first), number, "".join("<td>" + c for c in cells))


def _paragraphs(texts: Any) -> Iterator[str]:
    return ("<div>%s</div>" % _text(text) for text in texts)


def _passed_over(texts: Sequence[str]) -> str:
    return "<h2>Passed over</h2>\n%s" % "\n".join(_paragraphs(texts)) if texts else ""
