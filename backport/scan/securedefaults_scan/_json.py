"""Findings as JSON."""

from __future__ import annotations

from typing import Any, Dict

from ._find import Finding
from ._rules import RULES
from ._scan import Result

VERSION = 1


def document(result: Result) -> Dict[str, Any]:
    """The whole result."""
    return {
        "version": VERSION,
        "findings": [one(finding) for finding in result.findings],
        "unparsed": [each._asdict() for each in result.unparsed],
        "files": result.files,
        "ignored": result.ignored,
    }


def one(finding: Finding) -> Dict[str, Any]:
    found: Dict[str, Any] = {
        "id": finding.id,
        "name": finding.name,
        "cwe": RULES[finding.id].cwe,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "confidence": finding.confidence,
        "message": finding.message,
        "remedy": finding.remedy,
        "fixable": finding.fixable,
        "entry_point": finding.entry_point,
    }
    if finding.not_fixable:
        found["not_fixable"] = finding.not_fixable
    if finding.cell:
        found["cell"] = finding.cell
    if finding.seen:
        found["seen"] = list(finding.seen)
    return found
