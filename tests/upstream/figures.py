"""The figures of Doc/upstream, taken from the pages that runs of this project wrote; none is copied by hand."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import marks

ROOT = Path(__file__).resolve().parent.parent.parent
UPSTREAM = ROOT / "Doc" / "upstream"
PEP = UPSTREAM / "pep-9999.rst"
EVIDENCE = UPSTREAM / "evidence.md"

Row = List[str]


def rows(text: str) -> Iterator[Row]:
    """The cells of each line of each table of a page, headings included."""
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def span(values: Sequence[str]) -> str:
    """From the least to the greatest, as they are written."""
    return "%s to %s" % (min(values, key=float), max(values, key=float))


def listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]


def by_version(versions: Sequence[str]) -> List[str]:
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])


class Cost(NamedTuple):
    """Doc/figures.md: what a connection takes, to the unverified context of today."""

    python: str
    kinds: int
    explicit: str
    shared: str
    explicit_memory: str
    shared_memory: str
    explicit_threads: str
    shared_threads: str


def costs() -> List[Cost]:
    page = ROOT / "Doc" / "figures.md"
    versions = by_version(re.findall(r"<!-- bench (\S+) -->", page.read_text("utf-8")))
    return [cost(version, marks.read(page, "bench " + version)) for version in versions]


def cost(version: str, text: str) -> Cost:
    table = {row[0]: row for row in rows(text)}
    heading = table[""]
    explicit, shared = heading.index("create_default_context()"), heading.index("apply()")
    median = [re.sub(r"\*\*(\S+)\*\*.*", r"\1", cell) for cell in table["**median (worst)**"]]
    memory, threads = table["memory of a live context"], table["50 threads x 20 SMTP_SSL"]
    kinds = sum(name.endswith((" RSA", " EC")) for name in table)
    pairs = [row[at] for row in (median, memory, threads) for at in (explicit, shared)]
    return Cost(version, kinds, *pairs)


class Suite(NamedTuple):
    """Doc/cpython.md: CPython's own tests, enforced."""

    python: str
    total: int
    reasons: Dict[str, int]

    @property
    def failed(self) -> int:
        return sum(self.reasons.values())


def suites() -> List[Suite]:
    page = ROOT / "Doc" / "cpython.md"
    versions = by_version(re.findall(r"<!-- cpython (\S+) -->", page.read_text("utf-8")))
    texts = [marks.read(page, "cpython " + version) for version in versions]
    return [suite(text) for text in texts if text.strip()]


def suite(text: str) -> Suite:
    table = {row[0]: row[1:] for row in rows(text)}
    python = re.search(r"^Python (\S+)", text)
    assert python is not None
    stock, enforce = (list(map(int, table[mode])) for mode in ("stock", "enforce"))
    reasons = {
        name[len("enforce: ") :].strip("`"): int(cells[0])
        for name, cells in table.items()
        if name.startswith("enforce: ")
    }
    if enforce[1] != stock[1] + sum(reasons.values()):
        sys.exit("Doc/cpython.md: %s does not explain each failure" % python.group(0))
    return Suite(python.group(1), sum(stock), reasons)


#: At which ends of a stage CPython's own tests were run, and what evidence.md calls them.
STAGES = {"warn": "to *warn*", "verify": "to *verify*"}


class Branch(NamedTuple):
    """patches/measured.json: the tests of the modules that the series changes."""

    name: str
    stages: Dict[str, Dict[str, int]]

    def counts(self, stage: str) -> str:
        return "%(passed)d / %(failed)d / %(skipped)d" % self.stages[stage]


def branches() -> List[Branch]:
    measured = json.loads((ROOT / "patches" / "measured.json").read_text("utf-8"))
    tested = {
        name: entry["test"]
        for name, trees in measured.items()
        for tree, entry in trees.items()
        if "test" in entry and name != "main"
    }
    for name, test in tested.items():
        if test["problems"] or any(test["stages"][stage]["failed"] for stage in STAGES):
            sys.exit("patches/measured.json: the tests of %s do not pass" % name)
    return [Branch(name, tested[name]["stages"]) for name in by_version(list(tested))]


def servers() -> Dict[str, int]:
    """Doc/interop.md: how many clients were tried with each server, if all are as the sentence says.

    Without those of nntplib, which CPython has no more.
    """
    count: Dict[str, int] = {}
    for server, client, stock, impostors, trusted, _ in list(rows((ROOT / "Doc" / "interop.md").read_text("utf-8")))[
        1:
    ]:
        if client.startswith("`nntplib."):
            continue
        if (stock, impostors, trusted) != ("logs in to 3 of 3", "refuses 3 of 3", "works with 1 of 1"):
            sys.exit("Doc/interop.md: %s is not as the PEP says" % server)
        name = server.partition(",")[0]
        count[name] = count.get(name, 0) + 1
    return count


def calls() -> List[Row]:
    """evidence.md: what `--exposure` found."""
    return list(rows(marks.read(EVIDENCE, "exposure")))[1:]


#: What documents say with figures in it, and after which footnote of the PEP. White space is as it comes, and Markdown
#: has one backtick where reStructuredText has two.
SENTENCES: Dict[str, List[str]] = {
    "bench": [
        "took {explicit} times as long with a new `ssl.create_default_context()` as with the unverified context of "
        "today, and {shared} times as long with verified contexts that share one loaded trust store: medians, "
        "on Python {pythons}, over {kinds} kinds of connection",
        "A context took {explicit_memory} times as much memory, and {shared_memory} times as much with the shared "
        "store",
        "With 50 threads it took {explicit_threads} times as long, and {shared_threads} times as long with the shared "
        "store",
    ],
    "tests": [
        "Of the {total} tests of these modules, `logging`, `ssl` and `asyncio` that come with Python {suite}, "
        "{failed} more fail when the default verifies",
    ],
    "series": [
        "CPython's own tests of these modules pass on {branches}, in phase 1 and in phase 2",
        "Run without the code of the series, {red} of these tests fail",
    ],
    "servers": [
        "each of {combinations} combinations of {servers} with a client logged in to 3 of 3 impostors (another CA, "
        "expired, another host) by the default of today, and to none of them when the default verified; with a "
        "certificate of a trusted CA all of them went on working",
    ],
    "exposure": ["{calls} such calls in {packages} packages that were read on PyPI in November 2026"],
}


def values() -> Dict[str, str]:
    """For the fields of SENTENCES."""
    cost, latest, branch, server, call = costs(), suites()[-1], branches(), servers(), calls()
    (kinds,) = {entry.kinds for entry in cost}
    red = [entry.stages["verify, tests only"]["failed"] for entry in branch]
    return {
        "explicit": span([entry.explicit for entry in cost]),
        "shared": span([entry.shared for entry in cost]),
        "kinds": str(kinds),
        "pythons": listed([entry.python for entry in cost]),
        "explicit_memory": span([entry.explicit_memory for entry in cost]),
        "shared_memory": span([entry.shared_memory for entry in cost]),
        "explicit_threads": span([entry.explicit_threads for entry in cost]),
        "shared_threads": span([entry.shared_threads for entry in cost]),
        "total": str(latest.total),
        "suite": latest.python,
        "failed": str(latest.failed),
        "branches": listed([entry.name for entry in branch]),
        "red": "%d to %d" % (min(red), max(red)),
        "combinations": str(sum(server.values())),
        "servers": listed(sorted(server, key=str.lower)),
        "calls": str(len(call)),
        "packages": str(len({row[0] for row in call})),
    }


NUMBER = r"\d+(?:\.\d+)*"
#: What a field may be; a wider pattern would reach over what is between two sentences.
NUMBERS = rf"{NUMBER}(?:(?:,|\s+and|\s+to)?\s+{NUMBER})*"
NAMES = r"\w+(?:(?:,|\s+and)\s+\w+)*"


def pattern(sentence: str) -> re.Pattern[str]:
    """Finds the sentence, whatever its figures are and however its lines are broken; a group for each field."""
    parts = []
    for part in re.split(r"(\{\w+\})", sentence):
        if part.startswith("{"):
            parts.append("(?P<%s>%s)" % (part[1:-1], NAMES if part == "{servers}" else NUMBERS))
        else:
            parts.append(re.sub(r"(?:\\?\s)+", lambda _: r"\s+", re.escape(part)).replace("`", "`+"))
    return re.compile("".join(parts))


def updated(text: str, known: Dict[str, str]) -> str:
    """The text with the figures as they are now; where nothing changed, lines stay broken as they are."""
    for sentence in (sentence for group in SENTENCES.values() for sentence in group):
        for found in reversed(list(pattern(sentence).finditer(text))):
            for name in sorted(found.groupdict(), key=found.start, reverse=True):
                if found.group(name).split() != known[name].split():
                    text = text[: found.start(name)] + known[name] + text[found.end(name) :]
    return text


def tables() -> Dict[str, str]:
    """For the marks of evidence.md, but for the one that needs the network."""
    return {"cost": cost_table(), "tests": tests_table(), "series": series_table(), "servers": servers_table()}


def drawn(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    drawing = ["| %s |" % " | ".join(row) for row in (heading, *lines)]
    return "\n".join([drawing[0], "|---" * len(heading) + "|", *drawing[1:]])


def cost_table() -> str:
    heading = (
        "Python",
        "time, new trust store",
        "time, shared",
        "memory, new",
        "memory, shared",
        "threads, new",
        "shared",
    )
    return drawn(heading, [[entry.python, *entry[2:]] for entry in costs()])


def tests_table() -> str:
    lines = []
    for entry in suites():
        files: Dict[str, int] = {}
        for name, count in entry.reasons.items():
            file = name.partition(".")[0]
            files[file] = files.get(file, 0) + count
        where = ", ".join("%s %d" % pair for pair in sorted(files.items()))
        lines.append([entry.python, str(entry.total), str(entry.failed), where])
    return drawn(("Python", "tests", "fail", "where"), lines)


def series_table() -> str:
    stages = ("unpatched", *STAGES, *(stage + ", tests only" for stage in STAGES))
    heading = ("branch", "unpatched", *STAGES.values(), *(name + ", without the code" for name in STAGES.values()))
    return drawn(heading, [[entry.name, *map(entry.counts, stages)] for entry in branches()])


def servers_table() -> str:
    return drawn(("server", "clients"), [[name, str(count)] for name, count in sorted(servers().items())])
