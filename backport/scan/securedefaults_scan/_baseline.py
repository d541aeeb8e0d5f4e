"""Findings that are known already: a file that says how many of each there are."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Counter, Dict, Iterable, List

from ._find import Finding

_VERSION = 1


def fingerprint(finding: Finding) -> str:
    """What a finding is known by while lines move: path, rule and the call without its spaces."""
    code = "".join("".join(finding.code).split())
    data = "\0".join([finding.path.replace("\\", "/"), finding.id, code])
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def document(findings: Iterable[Finding]) -> Dict[str, Any]:
    """What is to be written to the file."""
    entries: Dict[str, Dict[str, Any]] = {}
    for finding in findings:
        entry = entries.setdefault(
            fingerprint(finding), {"id": finding.id, "path": finding.path.replace("\\", "/"), "count": 0}
        )
        entry["count"] += 1
    return {"version": _VERSION, "findings": dict(sorted(entries.items(), key=lambda item: (item[1]["path"], item[0])))}


def known(path: str) -> Counter[str]:
    """How many there are of each, by fingerprint.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no baseline.
    """
    with open(path, encoding="utf-8") as file:
        try:
            values = json.load(file)
        except RecursionError as exc:
            raise ValueError("nested too deeply") from exc
    if (
        not isinstance(values, dict)
        or values.get("version") != _VERSION
        or not isinstance(values.get("findings"), dict)
    ):
        raise ValueError("it was not written by --write-baseline of this version")
    counts: Counter[str] = Counter()
    for key, entry in values["findings"].items():
        count = entry.get("count") if isinstance(entry, dict) else None
        if not isinstance(count, int) or isinstance(count, bool):
            raise ValueError("count of %s is %r" % (key, count))
        counts[key] = count
    return counts


def new(findings: Iterable[Finding], counts: Counter[str]) -> List[Finding]:
    """Those that are not in the baseline, or oftener than there."""
    left = Counter(counts)
    found = []
    for finding in findings:
        key = fingerprint(finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            found.append(finding)
    return found
