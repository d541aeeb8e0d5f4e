"""What was seen, at run time, of the calls that were found."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Sequence, Tuple

from securedefaults import Observation

from ._find import Finding


def joined(findings: Sequence[Finding], observations: Iterable[Observation]) -> List[Finding]:
    """The findings, each with what was seen of its lines.

    A log has the paths of the machine that wrote it: files are the same if their paths end alike, and nothing else that
    was found ends more alike.
    """
    by_line: Dict[Tuple[str, int], List[Observation]] = {}
    for observation in observations:
        by_line.setdefault((_parts(observation.file)[-1], observation.line), []).append(observation)
    paths = {finding.path: _parts(os.path.abspath(finding.path)) for finding in findings}
    return [finding._replace(seen=tuple(_seen(finding, by_line, paths))) for finding in findings]


def _seen(
    finding: Finding, by_line: Dict[Tuple[str, int], List[Observation]], paths: Dict[str, List[str]]
) -> List[str]:
    if finding.cell:
        return []
    own = paths[finding.path]
    lines = sorted({*range(finding.line, finding.end_line + 1), *finding.uses})
    found: Dict[str, int] = {}
    for line in lines:
        for observation in by_line.get((own[-1], line), ()):
            parts = _parts(observation.file)
            best = max(_alike(parts, other) for other in paths.values())
            if _alike(parts, own) == best:
                text = "%s: %s" % (observation.server, observation.verdict)
                if observation.message:
                    text += " (%s)" % observation.message
                found[text] = found.get(text, 0) + observation.count
    return ["%s, %s" % (text, "once" if count == 1 else "%d times" % count) for text, count in sorted(found.items())]


def _parts(path: str) -> List[str]:
    return path.replace("\\", "/").split("/")


def _alike(a: List[str], b: List[str]) -> int:
    """How many parts, from the end, are the same."""
    count = 0
    for one, other in zip(reversed(a), reversed(b)):
        if one != other:
            break
        count += 1
    return count
