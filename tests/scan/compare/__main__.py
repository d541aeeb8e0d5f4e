"""Scanners side by side, from one run: on the labelled corpus, on packages that were read by hand, and by the clock.

    python tests/scan/compare [--ours] [--no-trees] [--details] [--write Doc/scan.md]

Needs Python 3.11 or later, and the network when it runs for the first time: it installs the other tools and downloads
the packages, all pinned, below .cache. --ours leaves the others out; --no-trees leaves out django and ansible, which
only ours looks at: some of the others take a quarter of an hour for them;
--details lists every miss and every false alarm of ours.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

if __package__ in (None, ""):
    sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent.parent)]

import marks
from compare import cases, packages, tools
from compare.cases import ANY, DEFINITE, POSSIBLE, Site
from compare.packages import NEUTRAL, TREES
from compare.tools import OURS, Finding, Tool

DEFAULT = frozenset({"SD101", "SD102", "SD103", "SD401", "SD402"})
EXPLICIT = frozenset({"SD201", "SD202"})


class Score:
    """What a tool found, and did not."""

    def __init__(self) -> None:
        self.hits: List[Tuple[Path, Site, Finding]] = []
        self.missed: List[Tuple[Path, Site]] = []
        self.false: List[Finding] = []

    def recall(self, family: FrozenSet[str]) -> Tuple[int, int]:
        """How many sites of these rules were found, and how many there are."""
        found = sum(bool(site.rules & family) for _, site, _ in self.hits)
        return found, found + sum(bool(site.rules & family) for _, site in self.missed)

    @property
    def precision(self) -> float:
        total = len(self.hits) + len(self.false)
        return len(self.hits) / total if total else 1.0

    def __add__(self, other: Score) -> Score:
        total = Score()
        for name in ("hits", "missed", "false"):
            setattr(total, name, getattr(self, name) + getattr(other, name))
        return total


def judge(path: Path, sites: Iterable[Site], neutral: FrozenSet[int], findings: List[Finding], possible: bool) -> Score:
    """Compare what is to be found in a file with what was found.

    Args:
        path: of the file.
        sites: what is to be found. One that is "possible" only is not required, but no mistake either; for a tool that
            knows confidences, it is one to report it as definite.
        neutral: lines that may be reported or not.
        findings: in this file.
        possible: whether possible findings count.
    """
    score = Score()
    findings = [one for one in findings if possible or one.confidence == DEFINITE]
    explained = set()
    for site in sites:
        reports = [one for one in findings if _same(site, one)]
        if site.confidence == POSSIBLE:
            explained.update(one for one in reports if not _overconfident(one))
            continue
        explained.update(reports)
        if reports:
            score.hits.append((path, site, reports[0]))
        else:
            score.missed.append((path, site))
    lines = set()
    for one in findings:
        if one in explained or neutral & set(range(one.line, one.end_line + 1)) or one.line in lines:
            continue
        lines.add(one.line)
        score.false.append(one)
    return score


def _overconfident(finding: Finding) -> bool:
    """Whether it is reported as definite although it depends on the caller. SD3xx are what they are: a pattern."""
    return finding.rule[:3] in ("SD1", "SD2", "SD4") and finding.confidence == DEFINITE


def _same(site: Site, finding: Finding) -> bool:
    """Whether the finding is about the site. Rules of ours have to be of the right family; those of others, any."""
    if finding.line not in site.lines and not (site.lines & set(range(finding.line, finding.end_line + 1))):
        return False
    if not finding.rule.startswith("SD"):
        return True
    for family in (DEFAULT, EXPLICIT):
        if finding.rule in family:
            return bool(family & site.rules)
    return finding.rule in site.rules


class Result(NamedTuple):
    tool: str
    score: Score
    seconds: float


def on_corpus(possible: bool, found: List[Finding], folder: Path) -> Score:
    total = Score()
    for case in cases.corpus():
        path = folder / case.path.relative_to(cases.CORPUS)
        own = [one for one in found if one.path == path]
        total += judge(path, case.sites, frozenset(), own, possible)
    return total


def on_packages(possible: bool, found: Dict[str, List[Finding]]) -> Score:
    total = Score()
    for requirement, labels in packages.labels().items():
        if requirement not in found:
            continue
        findings = [
            one
            for one in found[requirement]
            if not {"tests", "test"} & set(one.path.relative_to(packages.source(requirement)).parts)
        ]
        for path in sorted({label.path for label in labels} | {one.path for one in findings}):
            here = [label for label in labels if label.path == path]
            sites = [label.site for label in here if label.verdict in (DEFINITE, ANY, POSSIBLE)]
            neutral = frozenset(line for label in here if label.verdict == NEUTRAL for line in label.site.lines)
            total += judge(path, sites, neutral, [one for one in findings if one.path == path], possible)
    return total


def timed(tool: Tool, folder: Path) -> Tuple[List[Finding], float]:
    start = time.perf_counter()
    found = tool.scan(folder)
    resolved = [one._replace(path=Path(one.path).resolve()) for one in found]
    return resolved, time.perf_counter() - start


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--no-trees", action="store_true")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--write", metavar="FILE", type=Path)
    options = parser.parse_args(arguments)
    if sys.version_info < (3, 11):
        sys.exit("precli needs Python 3.11 or later; this is %d.%d" % sys.version_info[:2])
    wanted = [name for name in packages.labels() if not (options.no_trees and name in TREES)]
    for requirement in wanted:
        packages.fetch(requirement)
    rows = []
    for tool in (OURS,) if options.ours else (OURS, *tools.OTHERS):
        print("%s ..." % tool.name, file=sys.stderr, flush=True)
        tool.install()
        rows += run(tool, wanted, options.details)
    text = table(rows, wanted)
    print(text)
    if options.write:
        marks.write(options.write, "comparison", text)


class Row(NamedTuple):
    name: str
    corpus: Score
    packages: Score
    trees: Score
    seconds: List[Optional[float]]
    note: str


def run(tool: Tool, wanted: List[str], details: bool) -> List[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        # not below "tests", nor below what git ignores: some tools leave such folders out
        folder = Path(temporary).resolve() / "corpus"
        shutil.copytree(cases.CORPUS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        found, seconds = timed(tool, folder)
        clock: List[Optional[float]] = [seconds]
        together, _ = timed(tool, packages.TOGETHER)
        in_packages = {
            name: [one for one in together if packages.source(name) in one.path.parents]
            for name in wanted
            if name not in TREES
        }
        in_trees: Dict[str, List[Finding]] = {}
        for tree in TREES:
            if tree in wanted and tool is OURS:
                in_trees[tree], seconds = timed(tool, packages.source(tree))
                clock.append(seconds)
        rows = []
        for possible in (False, True) if tool is OURS else (True,):
            name = tool.name + (" --possible" if possible and tool is OURS else "")
            there = on_packages(possible, in_packages), on_packages(possible, in_trees)
            row = Row(name, on_corpus(possible, found, folder), *there, clock, tool.note)
            rows.append(row)
            if details and tool is OURS:
                print("\n".join(_details(row, folder)))
    return rows


def _details(row: Row, folder: Path) -> Iterable[str]:
    yield "== %s" % row.name
    for where, score in (("corpus", row.corpus), ("packages", row.packages), ("trees", row.trees)):
        base = folder if where == "corpus" else packages.FOLDER
        for path, site in score.missed:
            yield "%s: missed %s:%d %s (%s)" % (
                where,
                path.relative_to(base),
                min(site.lines),
                "|".join(sorted(site.rules)),
                site.confidence,
            )
        for one in score.false:
            yield "%s: false alarm %s:%d %s (%s)" % (
                where,
                one.path.relative_to(base),
                one.line,
                one.rule,
                one.confidence,
            )
        for path, site, one in score.hits:
            if one.rule.startswith("SD") and one.rule not in site.rules:
                yield "%s: %s:%d is %s, reported as %s" % (
                    where,
                    path.relative_to(base),
                    one.line,
                    "|".join(sorted(site.rules)),
                    one.rule,
                )


def _share(found: Tuple[int, int]) -> str:
    return "%d of %d (%d %%)" % (*found, 100 * found[0] / found[1]) if found[1] else "-"


def table(rows: List[Row], wanted: List[str]) -> str:
    corpus = cases.corpus()
    lines = [
        "On a corpus of %d programs (%d of them safe):" % (len(corpus), sum(case.kind == "safe" for case in corpus)),
        "",
        "| | default found | weak contexts found | false alarms | precision | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(_line(row.name, row.corpus, "%.1f" % (row.seconds[0] or 0)))
    trees = [name for name in TREES if name in wanted]
    lines += [
        "",
        "On %d packages from PyPI, read by hand:" % (len(wanted) - len(trees)),
        "",
        "| | default found | weak contexts found | false alarms | precision |",
        "|---|---|---|---|---|",
    ]
    lines += [_line(row.name, row.packages) for row in rows]
    if trees:
        lines += [
            "",
            "On %s:" % " and ".join(name.replace("==", " ") for name in trees),
            "",
            "| | default found | weak contexts found | false alarms | precision | seconds |",
            "|---|---|---|---|---|---|",
        ]
        for row in rows:
            if len(row.seconds) > 1:
                clock = " / ".join("%.1f" % (seconds or 0) for seconds in row.seconds[1:])
                lines.append(_line(row.name, row.trees, clock))
    notes = ["- %s: %s." % (row.name, row.note) for row in rows if row.note]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _line(name: str, score: Score, *more: str) -> str:
    cells = [
        name,
        _share(score.recall(DEFAULT)),
        _share(score.recall(EXPLICIT)),
        str(len(score.false)),
        "%d %%" % (100 * score.precision),
        *more,
    ]
    return "| %s |" % " | ".join(cells)


if __name__ == "__main__":
    main()
