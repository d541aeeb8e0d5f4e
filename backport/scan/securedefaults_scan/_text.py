"""Findings as text, with the code."""

from __future__ import annotations

from typing import Iterator, List

from ._find import Finding
from ._scan import Result

#: lines of a call that are shown
_SHOWN = 6


def text(result: Result) -> Iterator[str]:
    """Lines for people."""
    for finding in result.findings:
        yield from one(finding)
        yield ""
    for unparsed in result.unparsed:
        yield visible("%s: not looked at: %s" % unparsed)
    yield summary(result)


def one(finding: Finding) -> Iterator[str]:
    """A finding with its code and what to do."""
    sure = "" if finding.confidence == "definite" else " (possible)"
    yield visible("%s: %s %s%s" % (finding.where, finding.id, finding.message, sure))
    width = len(str(finding.end_line))
    for number, line in enumerate(finding.code[:_SHOWN], finding.line):
        yield "  %*d | %s" % (width, number, visible(line.expandtabs(4)))
    if len(finding.code) > _SHOWN:
        yield "  %*s | ..." % (width, "")
    yield from ("  %*s = %s" % (width, "", line) for line in _advice(finding))


def _advice(finding: Finding) -> Iterator[str]:
    yield finding.remedy
    if finding.id in ("SD101", "SD102") and finding.confidence == "definite":
        yield "--fix does that." if finding.fixable else "Not by --fix: %s." % finding.not_fixable
    yield from (visible("seen: " + line) for line in finding.seen)


def summary(result: Result) -> str:
    """One line with the numbers."""
    counts = ["%d definite" % sum(each.confidence == "definite" for each in result.findings)]
    possible = sum(each.confidence == "possible" for each in result.findings)
    parts: List[str] = []
    if possible:
        counts.append("%d possible" % possible)
    fixable = sum(each.fixable for each in result.findings)
    parts.append("%s in %d file%s" % (" and ".join(counts), result.files, "" if result.files == 1 else "s"))
    if fixable:
        parts.append("--fix can change %d" % fixable)
    if result.ignored:
        parts.append("%d ignored by comments" % result.ignored)
    if result.unparsed:
        parts.append("%d not looked at" % len(result.unparsed))
    return "; ".join(parts)


def visible(line: str) -> str:
    """Without control characters: the file is somebody else's, and this goes to a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
