"""Findings as SARIF 2.1.0."""

from __future__ import annotations

import os
import urllib.parse
from typing import Any, Dict

from securedefaults import __version__

from ._baseline import fingerprint
from ._find import Finding
from ._rules import RULES, Rule
from ._scan import Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/python/cpython/issues/91826"


def document(result: Result) -> Dict[str, Any]:
    """The whole result."""
    driver = {
        "name": "securedefaults",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in result.findings],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "note",
                        "message": {"text": "not looked at: " + each.reason},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(each.path)}}}],
                    }
                    for each in result.unparsed
                ],
            }
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": "%s %s" % (rule.summary, rule.remedy)},
        "help": {"text": rule.remedy},
        "helpUri": HOME,
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "external/cwe/cwe-%d" % rule.cwe], "security-severity": "7.4"},
    }


def _result(finding: Finding) -> Dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "snippet": {"text": "\n".join(finding.code)},
    }
    place: Dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri(finding.path)}, "region": region}}
    if finding.cell:
        place["logicalLocations"] = [{"name": "cell %d" % finding.cell}]
    properties: Dict[str, Any] = {"confidence": finding.confidence, "entryPoint": finding.entry_point}
    if finding.seen:
        properties["seen"] = list(finding.seen)
    return {
        "ruleId": finding.id,
        "ruleIndex": list(RULES).index(finding.id),
        "level": "error" if finding.confidence == "definite" else "warning",
        "message": {"text": "%s %s" % (finding.message, finding.remedy)},
        "locations": [place],
        "partialFingerprints": {"securedefaults/v1": fingerprint(finding)},
        "properties": properties,
    }


def uri(path: str) -> str:
    """A path as a reference: relative ones stay so."""
    slashed = path.replace(os.sep, "/")
    quoted = urllib.parse.quote(slashed.encode("utf-8", "surrogateescape"))
    return "file://" + quoted if slashed.startswith("/") else quoted
