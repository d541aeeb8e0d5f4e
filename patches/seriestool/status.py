"""`status`: STATUS.md from what was measured, and nothing else."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from .model import FIXES, FOLDER, VERIFY, WARN, Branch, load

MEASURED = FOLDER / "measured.json"
#: A file to record everything in, e.g. of a whole run of the test matrix; copy it to MEASURED if it shall count.
VARIABLE = "SECUREDEFAULTS_RECORD"
STATUS = FOLDER / "STATUS.md"


def recorded(path: Optional[Path] = None) -> Dict[str, Dict[str, Dict[str, Any]]]:
    """By branch and label of the tree: what `check --record` and `test --record` found."""
    path = path or MEASURED
    if not path.exists():
        return {}
    data: Dict[str, Dict[str, Dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8"))
    return data


def record(branch: Branch, label: str, what: str, result: Dict[str, Any]) -> None:
    """Remember a result, in place of an older one of the same kind: in the file that VARIABLE names, else MEASURED."""
    path = Path(os.environ.get(VARIABLE) or MEASURED)
    data = recorded(path)
    entry = data.setdefault(branch.name, {}).setdefault(label, {})
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    entry[what] = {"date": today, "mails": branch.digest, **result}
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def render() -> str:
    """The page."""
    data = recorded()
    lines = [
        "# What was measured",
        "",
        "Written by `patches/series.py status` from measured.json; do not edit it. Each line can be repeated with",
        "`patches/series.py check` and `patches/series.py test`. A line whose date says *older mails* was",
        "measured before the last change of the code or the tests of that branch.",
        "",
        "## The branches",
        "",
        "| branch | base | documents made for | patches | fixes | to warn | state of the branch |",
        "|---|---|---|---|---|---|---|",
    ]
    for branch in load().values():
        patches = branch.patches
        counts = ["%d" % sum(patch.is_up_to(stage) for patch in patches) for stage in (VERIFY, FIXES, WARN)]
        lines.append("| %s |" % " | ".join([branch.name, branch.base, branch.docs_base, *counts, branch.state]))
    lines += [
        "",
        "## Where it applies",
        "",
        "Code and tests, without fuzz, with every program named. A patch that the tree has already is left out.",
        "The documents are made for one tree a branch; elsewhere they may not fit, and can be left out.",
        "`am` and `format-patch` give back the same bytes where the column says so (only the base can tell).",
        "",
        "| branch | tree | applies with | left out | docs | same bytes | date |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_check_row(*row) for row in _results(data, "check")]
    lines += [
        "",
        "## What the tests say",
        "",
        "Passed / failed / skipped. The first column is the interpreter as it is, with CPython's own tests; from the",
        "stage warn on there is the new test file too. Red is that file alone, without the code; of the fixes, the",
        "files that they change. Wire is this project's test matrix on the patched interpreter, alone and with the",
        "backport applied; servers are its tests against real ones, `tests/interop`. A failure that the interpreter",
        "has without the patches is not ours; any other, or a test that is gone, makes the verdict failed.",
        "",
        "| branch | tree | %s | verdict | date |" % " | ".join(_STAGES.values()),
        "|---" * (len(_STAGES) + 4) + "|",
    ]
    lines += [_test_row(*row) for row in _results(data, "test")]
    lines += [
        "",
        "## The documents",
        "",
        "CPython's whole documentation, built at the end of each stage with `sphinx-build -W`.",
        "",
        "| branch | tree | warnings | date |",
        "|---|---|---|---|",
    ]
    for name, label, docs in _results(data, "docs"):
        lines.append("| %s | %s | %d | %s |" % (name, label, docs["complaints"], docs["date"]))
    lines += [
        "",
        "## Each patch alone",
        "",
        "Its tests, on the patches before it but without its code: how many fail. None means that they test nothing.",
        "",
        "| branch | tree | patch | failed | date |",
        "|---|---|---|---|---|",
    ]
    for name, label, each in _results(data, "each"):
        for slug, counts in sorted(each["stages"].items()):
            lines.append("| %s | %s | %s | %d | %s |" % (name, label, slug, counts["failed"], each["date"]))
    lines += [
        "",
        "## By hand",
        "",
        "`patches/series.py test --thorough PYTHON`: the files of tests in another order, with warnings as errors and",
        "nothing left behind; with a debug build also `-R 3:3`, which finds leaks; test_asyncio; test_smtpnet with a",
        "server of its own. Files passed / failed; one that fails without the patches too is not ours.",
        "",
        "| branch | tree | leaks | unpatched | fixes | warn | verify | verdict | commit | date |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, label, done in _results(data, "thorough"):
        counts = ["%(passed)d / %(failed)d" % done["stages"][stage] for stage in ("unpatched", FIXES, WARN, VERIFY)]
        cells = [name, label, "yes" if done["leaks"] else "no", *counts]
        cells += ["**failed**" if done["problems"] else "passed", done["commit"], done["date"]]
        lines.append("| %s |" % " | ".join(cells))
    lines += [
        "",
        "## The pull requests",
        "",
        "Each one with those that it needs and no other, `patches/series.py pr --check`: how many tests pass in the",
        "files that it changes, and how many of these fail without its code. - stands for one without tests, or",
        "without code.",
        "",
        "| branch | tree | | pull request | needs | passed | red | verdict | date |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, label, checked in _results(data, "pulls"):
        for slug, row in sorted(checked["rows"].items(), key=lambda item: item[1]["number"] or 0):
            counts = ["-" if row[key] is None else str(row[key]) for key in ("passed", "red")]
            cells = [name, label, str(row["number"] or "-"), slug, ", ".join(row["needs"]) or "-", *counts]
            verdict = "**failed**" if row["problems"] else "passed" if row["checked"] else "not checked"
            cells += [verdict, checked["date"]]
            lines.append("| %s |" % " | ".join(cells))
    lines += ["", "## What was not measured", ""]
    lines += ["* " + sentence for sentence in not_measured(data)]
    return "\n".join(lines) + "\n"


def _results(data: Dict[str, Dict[str, Dict[str, Any]]], what: str) -> List[Tuple[str, str, Dict[str, Any]]]:
    """Branch, label of the tree, and what was recorded of that kind, in the order of the branches; its date says so if
    the code or the tests of the branch have changed since then.
    """
    found = []
    for name, branch in load().items():
        digest = branch.digest
        for label, entry in data.get(name, {}).items():
            if what in entry:
                note = "" if entry[what].get("mails") == digest else ", older mails"
                found.append((name, label, {**entry[what], "date": entry[what]["date"] + note}))
    return found


def _check_row(name: str, label: str, entry: Dict[str, Any]) -> str:
    documents = entry["documents"]
    words = {True: "yes", False: "no", None: "-"}[documents.get("docs")]
    drift = {True: "yes", False: "**no**", None: "-"}[entry["drift"]]
    applies = ", ".join(entry["applies"]) or "**nothing**"
    skipped = ", ".join(entry["skipped"]) or "-"
    if "commit" in entry:
        label = "%s, commit %s" % (label, entry["commit"])
    return "| %s | %s | %s | %s | %s | %s | %s |" % (name, label, applies, skipped, words, drift, entry["date"])


#: What measure.py calls them, and the columns.
_STAGES = {
    "unpatched": "unpatched",
    "fixes, tests only": "red fixes",
    "fixes": "fixes",
    "warn, tests only": "red warn",
    "warn": "warn",
    "verify, tests only": "red verify",
    "verify": "verify",
    "wire, alone": "wire alone",
    "wire, with": "wire with",
    "interop, alone": "servers alone",
    "interop, with": "servers with",
}


def _test_row(name: str, label: str, entry: Dict[str, Any]) -> str:
    cells = [_counts(entry["stages"].get(stage)) for stage in _STAGES]
    verdict = "**failed**" if entry["problems"] else "passed"
    return "| %s | %s | %s | %s | %s |" % (name, label, " | ".join(cells), verdict, entry["date"])


def _counts(counts: Any) -> str:
    return "%(passed)d / %(failed)d / %(skipped)d" % counts if counts else "-"


def not_measured(data: Dict[str, Dict[str, Dict[str, Any]]]) -> List[str]:
    """A sentence for each gap in the tables."""
    sentences = []
    for branch in load().values():
        trees = data.get(branch.name, {})
        if not any("check" in entry and entry["check"]["base"] for entry in trees.values()):
            sentences.append("%s: its base, %s, was not at hand." % (branch.name, branch.base))
        if not any("test" in entry for entry in trees.values()):
            sentences.append("%s: no tests were run." % branch.name)
        if not any(entry.get("check", {}).get("documents", {}).get("docs") for entry in trees.values()):
            sentences.append("%s: no tree was at hand for its documents." % branch.name)
        elif not any("docs" in entry for entry in trees.values()):
            sentences.append("%s: its documents apply, but were not built." % branch.name)
        if branch.name in ("main", "3.15") and not any("pulls" in entry for entry in trees.values()):
            sentences.append("%s: its pull requests were not checked one by one." % branch.name)
        if not any(name.startswith("Doc/whatsnew/") for patch in branch.patches for name in patch.files()):
            sentences.append("%s: has no What's New; that page was not at hand." % branch.name)
    return sentences
