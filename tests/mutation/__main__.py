"""Mutation testing: does a test fail if the code says something else?

    pip install cosmic-ray pytest pytest-timeout trustme cryptography hypothesis
    python tests/mutation [MODULE ...] [--also PYTHON] [--jobs 2] [--known FOLDER] [--write Doc/mutation.md]

cosmic-ray changes one thing at a time in a copy of the tree, and the tests of the module run until the first that
fails. A mutant for which all pass has survived, and has to have its reason in explained.txt; that file may say nothing
else. The exit status is 1 if either is not so.

--also names another interpreter with the packages above (but for cosmic-ray), for code that is for it alone. --known
is for work on the tests: what was killed is noted in that (existing) folder, and not tried again while the module
stays the same.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import difflib
import hashlib
import json
import os
import platform
import py_compile
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

import cosmic_ray.commands
import cosmic_ray.plugins
import operators
from cosmic_ray.mutating import mutate_and_test, mutate_code
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkResult

cosmic_ray.plugins.OPERATOR_PROVIDERS["more"] = operators.Provider()

ROOT = Path(__file__).resolve().parent.parent.parent
EXPLAINED = Path(__file__).resolve().parent / "explained.txt"

#: The tests that cover each module, those that find most in the least time first.
MODULES: Dict[str, List[str]] = {
    "_context": ["context", "errors", "hosts", "rules", "events"],
    "_identity": ["hosts", "rules"],
    "_policy": ["config", "apply", "rules", "context", "events"],
    "_verdict": ["verdict", "warn", "events"],
}

#: Seconds for one test; far more than any needs.
ONE_TEST = 30

KILLED, TIMED_OUT, SURVIVED = "killed", "timed out", "survived"


class Mutant(NamedTuple):
    """One change; what makes it up is text, so that it is found again after other lines have moved."""

    module: str
    where: str  # function or class
    before: str
    after: str

    def __str__(self) -> str:
        return "@ %s.%s\n- %s\n+ %s" % tuple(self)


class Outcome(NamedTuple):
    """Of all mutants of a module."""

    module: str
    outcomes: List[Tuple[Mutant, str]]
    seconds: float
    known: int  # how many were not tried again


# Running


def mutants_of(module: str, pythons: Sequence[str], known: Optional[Path]) -> Outcome:
    """Try all; in a process of its own, which ends in another directory."""
    os.nice(15)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("backport", "tests", "pyproject.toml"):
            copy: Any = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(str(ROOT / name), os.path.join(folder, name))
        os.chdir(folder)
        path = Path("backport/securedefaults/%s.py" % module)
        source = path.read_text(encoding="utf-8")
        memory = Memory(known / (module + ".jsonl") if known else None, source)
        prepare(pythons)
        command = shlex.join(["sh", "-c", commands(module, pythons)])
        limit = ONE_TEST + 5 * baseline(command, module)
        outcomes = []
        for mutant, mutation in mutations(module, path, source):
            if mutant not in memory.killed:
                outcome = judged(mutate_and_test([mutation], command, limit))
                memory.note(mutant, outcome)
                outcomes.append((mutant, outcome))
                if outcome == SURVIVED:
                    print("survived:\n%s" % str(mutant), file=sys.stderr)
        assert path.read_text(encoding="utf-8") == source
        os.chdir(str(ROOT))
    outcomes += [(mutant, KILLED) for mutant in memory.killed]
    return Outcome(module, sorted(outcomes), time.monotonic() - start, len(memory.killed))


class Memory:
    """The mutants of a module that an earlier run has killed."""

    def __init__(self, path: Optional[Path], source: str) -> None:
        self._path = path
        self.killed: Set[Mutant] = set()
        if path is None:
            return
        digest = json.dumps(hashlib.sha256(source.encode()).hexdigest())
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if lines[:1] == [digest]:
            self.killed = {Mutant(*json.loads(line)) for line in lines[1:]}
        else:
            path.write_text(digest + "\n", encoding="utf-8")

    def note(self, mutant: Mutant, outcome: str) -> None:
        if self._path is not None and outcome != SURVIVED:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(mutant) + "\n")


def prepare(pythons: Sequence[str]) -> None:
    """Compile the package so that a changed file is noticed whatever its time and size, as cosmic-ray writes none."""
    os.environ.update(PYTHONPATH="backport", PYTHONDONTWRITEBYTECODE="1")
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir("backport", quiet=1, invalidation_mode=mode)
    for python in pythons[1:]:
        options = ["-q", "--invalidation-mode", "checked-hash", "backport"]
        subprocess.run([python, "-m", "compileall", *options], check=True)


def commands(module: str, pythons: Sequence[str]) -> str:
    """For a shell: the tests, by one interpreter after the other."""
    tests = ["tests/backport/test_%s.py" % name for name in MODULES[module]]
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--timeout=%d" % ONE_TEST, "--basetemp=temporary"]
    return " && ".join(shlex.join([python, "-m", "pytest", *options, *tests]) for python in pythons)


def baseline(command: str, module: str) -> float:
    """Seconds for the tests of the unchanged module, which have to pass."""
    start = time.monotonic()
    result = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit("the tests of the unchanged %s fail:\n%s" % (module, result.stdout[-3000:]))
    return time.monotonic() - start


def mutations(module: str, path: Path, source: str) -> Iterator[Tuple[Mutant, MutationSpec]]:
    """All that are worth a try."""
    left_out = typing_lines(source)
    with use_db("session.sqlite", WorkDB.Mode.create) as database:
        cosmic_ray.commands.init([path], database, {})
        items = database.work_items
    for item in items:
        (mutation,) = item.mutations
        if operators.is_superfluous(mutation.operator_name):
            continue
        operator = cosmic_ray.plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
        changed: str = mutate_code(source, operator, mutation.occurrence)
        if mutation.start_pos[0] not in left_out and is_another_program(source, changed):
            yield described(module, mutation.definition_name or "", source, changed), mutation


def typing_lines(source: str) -> Set[int]:
    """The lines that only type checkers read."""
    lines = {number for number, line in enumerate(source.split("\n"), 1) if line.startswith("TYPE_CHECKING =")}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            lines.update(range(node.lineno, (node.body[-1].end_lineno or 0) + 1))
    return lines


def is_another_program(source: str, changed: str) -> bool:
    """Whether it is Python, and not the same: `== None` is `is None`, for nothing here that is compared equals None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "is" with a literal
            compile(changed, "mutant", "exec")
    except SyntaxError:
        return False
    same = changed.replace("== None", "is None").replace("!= None", "is not None")
    return ast.dump(ast.parse(same)) != ast.dump(ast.parse(source))


def described(module: str, where: str, source: str, changed: str) -> Mutant:
    lines: Dict[str, List[str]] = {"-": [], "+": [], " ": [], "?": []}
    for line in difflib.ndiff(source.split("\n"), changed.split("\n")):
        lines[line[0]].append(line[2:].strip())
    return Mutant(module, where, " ".join(lines["-"]), " ".join(lines["+"]))


def judged(result: WorkResult) -> str:
    if result.test_outcome == TestOutcome.SURVIVED:
        return SURVIVED
    if result.test_outcome != TestOutcome.KILLED:
        raise RuntimeError("cosmic-ray could not try a mutant:\n%s" % result.output)
    late = result.output == "timeout" or "from pytest-timeout" in (result.output or "")
    return TIMED_OUT if late else KILLED


# Explaining


def explanations(text: str) -> Dict[Mutant, str]:
    """What explained.txt says: "because:" with a reason, and below it mutants, as they are printed.

    Raises:
        ValueError: a line is none of these, or a mutant is there twice.
    """
    found: Dict[Mutant, str] = {}
    reason = where = before = ""
    for number, line in enumerate(text.splitlines(), 1):
        kind, rest = line[:2], line[2:].strip()
        if line.startswith("because:"):
            reason = line.partition(":")[2].strip()
        elif kind == "  ":
            reason += " " + rest
        elif kind == "@ ":
            where = rest
        elif kind == "- ":
            before = rest
        elif kind.strip() == "+" and reason and where and before:
            module, _, function = where.partition(".")
            mutant = Mutant(module, function, before, rest)
            if mutant in found:
                raise ValueError("%s:%d: this mutant is explained already" % (EXPLAINED.name, number))
            found[mutant] = reason
        elif line.strip() and not line.startswith("#"):
            raise ValueError("%s:%d: neither a reason nor a mutant: %r" % (EXPLAINED.name, number, line))
    return found


def complaints(results: Sequence[Outcome], explained: Dict[Mutant, str]) -> List[str]:
    """What is missing in explained.txt, and what is there without need."""
    modules = {result.module for result in results}
    survivors = {mutant for result in results for mutant, outcome in result.outcomes if outcome == SURVIVED}
    wrong = ["survived, and nothing says why:\n%s" % str(mutant) for mutant in sorted(survivors - set(explained))]
    rotten = sorted(mutant for mutant in set(explained) - survivors if mutant.module in modules)
    return wrong + ["explained, but it does not survive, or is no more:\n%s" % str(mutant) for mutant in rotten]


# Reporting


def report(results: Sequence[Outcome], explained: Dict[Mutant, str], versions: Sequence[str]) -> str:
    """The page."""
    lines = [
        "# Mutation testing",
        "",
        "Written by `python tests/mutation%s --write Doc/mutation.md`; it is not part of CI."
        % "".join(" --also PYTHON" for _ in versions[1:]),
        "[cosmic-ray](https://cosmic-ray.readthedocs.io/) changes one thing at a time in a module, with all its",
        "operators and three of ours: a statement left out, an argument left out, a text made empty. The tests named",
        "below run until the first that fails; then the mutant is killed. What only type checkers read is not changed.",
        "Each survivor is explained in `tests/mutation/explained.txt`; one without a reason is an error, and so is a",
        "reason without its survivor.",
        "",
        "Tests ran on %s." % ", and if all passed on ".join(versions),
        "",
        "| module | tests | mutants | killed | timed out | survived, explained | unexplained |",
        "|---|---|---|---|---|---|---|",
    ]
    total: Counter[str] = Counter()
    for result in results:
        counts = Counter(outcome for _, outcome in result.outcomes)
        counts["unexplained"] = sum(
            outcome == SURVIVED and mutant not in explained for mutant, outcome in result.outcomes
        )
        counts["known"] = result.known
        total.update(counts)
        lines.append(row("`%s`" % result.module, ", ".join(MODULES[result.module]), counts))
    lines += [row("all", "", total), ""]
    if total["known"]:
        lines += ["**%d of them were killed in an earlier run and not tried again.**" % total["known"], ""]
    left = sorted(set(MODULES) - {result.module for result in results})
    if left:
        lines += ["**Not run: %s.**" % ", ".join(left), ""]
    for result in results:
        survivors = sorted({mutant for mutant, outcome in result.outcomes if outcome == SURVIVED})
        lines += ["## `%s`" % result.module, "", *survivor_lines(survivors, explained)]
    return "\n".join(lines).rstrip() + "\n"


def row(name: str, tests: str, counts: Counter[str]) -> str:
    mutants = sum(counts[outcome] for outcome in (KILLED, TIMED_OUT, SURVIVED))
    numbers = mutants, counts[KILLED], counts[TIMED_OUT], counts[SURVIVED] - counts["unexplained"]
    return "| %s | %s | %d | %d | %d | %d | %d |" % (name, tests, *numbers, counts["unexplained"])


def survivor_lines(survivors: Sequence[Mutant], explained: Dict[Mutant, str]) -> Iterator[str]:
    if not survivors:
        yield from ("None survived.", "")
    reasons = {mutant: explained.get(mutant, "**Nothing says why.**") for mutant in survivors}
    for reason in dict.fromkeys(reasons.values()):
        yield from (reason, "", "```diff")
        for mutant in survivors:
            if reasons[mutant] == reason:
                yield from str(mutant).splitlines()
        yield from ("```", "")


def versions_of(pythons: Sequence[str]) -> List[str]:
    source = "import platform, ssl; print('Python', platform.python_version(), 'with', ssl.OPENSSL_VERSION)"
    here = "Python %s with %s" % (platform.python_version(), ssl.OPENSSL_VERSION)
    others = [
        subprocess.run([python, "-c", source], check=True, stdout=subprocess.PIPE, text=True).stdout
        for python in pythons[1:]
    ]
    return [" ".join(re.sub(r"\d+ \w+ \d{4}\s*$", "", text).split()) for text in [here, *others]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--also", metavar="PYTHON", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--known", type=Path, metavar="FOLDER")
    parser.add_argument("--write", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    modules = arguments.modules or list(MODULES)
    if not set(modules) <= set(MODULES):
        parser.error("MODULE is one of " + ", ".join(MODULES))
    explained = explanations(EXPLAINED.read_text(encoding="utf-8"))
    pythons = [sys.executable, *map(os.path.abspath, arguments.also)]
    results = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for one in [pool.submit(mutants_of, module, pythons, arguments.known) for module in modules]:
            result = one.result()
            results.append(result)
            counts = Counter(outcome for _, outcome in result.outcomes)
            print("%s: %s in %.0f s" % (result.module, dict(counts), result.seconds), file=sys.stderr)
    page = report(results, explained, versions_of(pythons))
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    else:
        print(page)
    wrong = complaints(results, explained)
    print(*wrong, sep="\n\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
