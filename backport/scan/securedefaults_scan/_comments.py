"""`# securedefaults: ignore[SD101] reason`: findings that somebody has decided about."""

from __future__ import annotations

import io
import re
import tokenize
from typing import Dict, FrozenSet, Iterable, List, Tuple

from ._find import Finding

_COMMENT = re.compile(r"#\s*securedefaults:\s*ignore\[\s*([A-Z0-9 ,]+?)\s*\]")


def ignored(text: str) -> Dict[int, FrozenSet[str]]:
    """By line, the rules that are ignored there."""
    if "securedefaults:" not in text:
        return {}
    found: Dict[int, FrozenSet[str]] = {}
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.COMMENT:
            match = _COMMENT.search(token.string)
            if match is not None:
                found[token.start[0]] = frozenset(re.split(r"[ ,]+", match.group(1)))
    return found


def without(findings: Iterable[Finding], text: str) -> Tuple[List[Finding], int]:
    """The findings that nobody has decided about, and how many others there are."""
    marks = ignored(text)
    kept, count = [], 0
    for finding in findings:
        if any(finding.id in marks.get(line, ()) for line in range(finding.line, finding.end_line + 1)):
            count += 1
        else:
            kept.append(finding)
    return kept, count
