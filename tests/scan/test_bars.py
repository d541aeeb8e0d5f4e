"""The scanner on the corpus: what it has to find, and how seldom it may be wrong."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from compare.__main__ import DEFAULT, EXPLICIT, Score, judge
from compare.cases import ANY, CORPUS, DEFINITE, POSSIBLE, Case, Site, corpus
from compare.tools import OURS, Finding

CASES = [case for case in corpus() if case.labels.get("python", "").startswith("<") or case.fits(sys.version_info[:2])]


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Dict[Tuple[str, bool], Tuple[Case, Score]]:
    """By name of the case, with and without --possible."""
    folder = tmp_path_factory.mktemp("bars").resolve() / "corpus"
    shutil.copytree(CORPUS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    found: Dict[Path, List[Finding]] = {}
    # in one process, in which coverage is measured
    for one in OURS._replace(arguments=(*OURS.arguments, "--jobs", "1")).scan(folder):
        found.setdefault(one.path.resolve(), []).append(one)
    result = {}
    for case in CASES:
        path = folder / case.path.relative_to(CORPUS)
        for possible in (False, True):
            score = judge(path, case.sites, frozenset(), found.get(path, []), possible)
            result[case.name, possible] = case, score
    return result


def total(scores: Dict[Tuple[str, bool], Tuple[Case, Score]], *, possible: bool, level: str = "") -> Score:
    result = Score()
    for (_, with_possible), (case, score) in scores.items():
        if with_possible == possible and level in ("", case.level):
            result += score
    return result


def said(score: Score) -> str:
    missed = ["missed %s:%d" % (path.name, min(site.lines)) for path, site in score.missed]
    return "\n".join(missed + ["false %s:%d %s" % (one.path.name, one.line, one.rule) for one in score.false])


def test_every_plain_case(scores: Dict[Tuple[str, bool], Tuple[Case, Score]]) -> None:
    score = total(scores, possible=False, level="plain")
    assert len(score.hits) > 50
    assert not score.missed, said(score)


def test_recall(scores: Dict[Tuple[str, bool], Tuple[Case, Score]]) -> None:
    score = total(scores, possible=False)
    for family, bar in ((DEFAULT, 0.95), (EXPLICIT, 0.9)):
        found, there = score.recall(family)
        assert found >= bar * there, said(score)


def test_precision(scores: Dict[Tuple[str, bool], Tuple[Case, Score]]) -> None:
    score = total(scores, possible=False)
    assert score.precision >= 0.97, said(score)


# how it is judged

PLACE = Path("/x.py")


def site(rule: str, confidence: str, *lines: int) -> Site:
    return Site(frozenset({rule}), confidence, frozenset(lines))


def counts(sites: List[Site], findings: List[Finding], possible: bool = False) -> Tuple[int, int, int]:
    score = judge(PLACE, sites, frozenset({99}), findings, possible)
    return len(score.hits), len(score.missed), len(score.false)


def test_judge() -> None:
    here = site("SD101", DEFINITE, 3, 7)
    assert counts([here], [Finding(PLACE, 3, 3, "SD101"), Finding(PLACE, 7, 7, "SD101")]) == (1, 0, 0)
    assert counts([here], [Finding(PLACE, 1, 4, "PY024")]) == (1, 0, 0)
    assert counts([here], [Finding(PLACE, 4, 4, "SD101")]) == (0, 1, 1)
    assert counts([here], [Finding(PLACE, 3, 3, "SD303")]) == (0, 1, 1)
    assert counts([here], [Finding(PLACE, 99, 99, "SD201")]) == (0, 1, 0)


def test_judge_confidence() -> None:
    maybe = Finding(PLACE, 3, 3, "SD101", POSSIBLE)
    surely = Finding(PLACE, 3, 3, "SD101", DEFINITE)
    assert counts([site("SD101", ANY, 3)], [maybe]) == (0, 1, 0)
    assert counts([site("SD101", ANY, 3)], [maybe], possible=True) == (1, 0, 0)
    assert counts([site("SD101", POSSIBLE, 3)], [maybe], possible=True) == (0, 0, 0)
    assert counts([site("SD101", POSSIBLE, 3)], [surely]) == (0, 0, 1)
    assert counts([], [maybe], possible=True) == (0, 0, 1)
