"""Findings as annotations of GitHub Actions."""

from __future__ import annotations

from typing import Iterator

from ._scan import Result


def commands(result: Result) -> Iterator[str]:
    """A workflow command for each."""
    for finding in result.findings:
        level = "error" if finding.confidence == "definite" else "warning"
        place = "file=%s,line=%d,endLine=%d" % (_property(finding.path), finding.line, finding.end_line)
        if finding.line == finding.end_line:
            place += ",col=%d,endColumn=%d" % (finding.column, finding.end_column)
        title = _property("%s %s" % (finding.id, finding.name))
        yield "::%s %s,title=%s::%s" % (level, place, title, _data("%s %s" % (finding.message, finding.remedy)))
    for unparsed in result.unparsed:
        yield "::notice file=%s,title=not looked at::%s" % (_property(unparsed.path), _data(unparsed.reason))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
