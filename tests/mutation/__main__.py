"""Mutation testing: does a test fail if the code says something else?

    pip install cosmic-ray pytest pytest-timeout trustme cryptography hypothesis
    python tests/mutation [MODULE ...] [--jobs 2] [--minutes N] [--known FOLDER] [--write Doc/mutation.md]

cosmic-ray changes one thing at a time in a copy of the tree, and the tests of the module run until the first that
fails. A mutant for which all pass has survived, and has to have its reason in explained.txt; that file may say nothing
else. The exit status is 1 if either is not so.

--known is for work on the tests: outcomes are noted in that (existing) folder, and nothing is tried again that would
end as before: what was killed while the module is the same, what survived while the tests are the same, too.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import contextlib
import functools
import hashlib
import importlib
import json
import multiprocessing
import os
import platform
import py_compile
import re
import shutil
import signal
import ssl
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Set, Tuple

import cosmic_ray.commands
import cosmic_ray.plugins
import operators
import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import WorkDB, use_db

cosmic_ray.plugins.OPERATOR_PROVIDERS["more"] = operators.Provider()

ROOT = Path(__file__).resolve().parent.parent.parent
EXPLAINED = Path(__file__).resolve().parent / "explained.txt"

#: One entry point is as good as another here.
ONE = "not (imaplib or poplib or ftplib or nntplib or LMTP or handlers)"

#: The tests that cover each module: files with pytest's -k, those that find most in the least time first.
MODULES: Dict[str, List[Tuple[str, str]]] = {
    "_tls/context": [
        ("context", "looks_like or is_kept or bio or later_handshake or as_a_server or certificate or ssl_v"),
        ("context", ""),
        ("hosts", "session or leaves_out or data_channel"),
    ],
    "_tls/handshake": [
        ("context", "looks_like or bio or later_handshake or whatever or certificate"),
        ("rooms", "once"),
        ("errors", ONE),
        ("rules", ONE),
        ("warn", ONE),
        ("hosts", "session or leaves_out or is_gone or unix or data_channel"),
        ("events", "(one_line or report_counts or named) and " + ONE),
        ("faults", "dead_connection or dies"),
        ("context", ""),
    ],
    "_policy/identity": [("hosts", "identifier or without_port"), ("rules", "spellings or targets"), ("hosts", ONE)],
    "_policy/policy": [
        ("config", "not check"),
        # one of these needs the package installed, and would not see the mutant
        ("apply", "(environment or arguments or polic or is_restore or off_ or made_once) and not isolated"),
        ("context", "factory or strict or bundle or whatever"),
        ("rules", ONE),
        ("events", "names_the_log or named or log_that"),
    ],
    "_tls/trust": [
        ("context", "factory or strict or bundle or whatever or changed or own"),
        ("apply", "made_once or polic"),
        ("rules", ONE),
        ("context", ""),
    ],
    "_tls/verdict": [
        ("verdict", "not agrees"),
        ("verdict", "agrees"),
        ("warn", ONE),
        ("rules", "warn_mode and " + ONE),
    ],
    "_tls/chain": [("verdict", "not agrees"), ("warn", ONE)],
    "_tls/store": [("trust_kept", ""), ("trust_changes", ""), ("context", "")],
    "_observe/telling": [("telling", "enforce"), ("events", "audit"), ("telling", "")],
    "_observe/logger": [("telling", "enforce"), ("events", ""), ("errors", "log or listens"), ("telling", "")],
    "_install/loading": [("signals", "")],
    "_install/methods": [("cut_first", ""), ("later_pythons", ""), ("signals", ""), ("matrix", ONE)],
}

#: Seconds for one test; far more than any needs.
ONE_TEST = 30

KILLED, TIMED_OUT, SURVIVED, UNTRIED = "killed", "timed out", "survived", "untried"


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


def mutants_of(module: str, known: Optional[Path], until: float) -> Outcome:
    """Try all until then (`time.monotonic()`); in a process of its own."""
    os.nice(max(0, 15 - os.nice(0)))
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("backport", "tests", "pyproject.toml"):
            copy: Any = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(str(ROOT / name), os.path.join(folder, name))
        os.chdir(folder)
        path = Path("backport/securedefaults/%s.py" % module)
        source = path.read_text(encoding="utf-8")
        memory = Memory(known / (module.replace("/", ".") + ".jsonl") if known else None, source, module)
        tests: Optional[Tests] = None
        outcomes = []
        for mutant, changed in mutations(module, path, source):
            outcome = memory.outcome(mutant)
            if outcome is None and time.monotonic() < until:
                tests = tests or Tests(module, path)  # it takes a while
                outcome = tests.outcome(mutant, changed)
                memory.note(mutant, outcome)
                if outcome == SURVIVED:
                    print("survived:\n%s" % str(mutant), file=sys.stderr)
            outcomes.append((mutant, outcome or UNTRIED))
        os.chdir(str(ROOT))
    return Outcome(module, outcomes, time.monotonic() - start, memory.used)


class Memory:
    """Outcomes of an earlier run: what was killed stays so while the module is the same, what survived the tests, too.

    Args:
        path: of a file for one module; None if there is to be none.
        source: the text of the module.
        module: its name.
    """

    def __init__(self, path: Optional[Path], source: str, module: str) -> None:
        self._path = path
        self._found: Dict[Mutant, str] = {}
        self.used = 0
        texts = [Path("tests/backport/test_%s.py" % name).read_bytes() for name, _ in MODULES[module]]
        self._tests = hashlib.sha256(repr((texts, MODULES[module])).encode()).hexdigest()
        if path is None:
            return
        digest = json.dumps(hashlib.sha256(source.encode()).hexdigest())
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if lines[:1] != [digest]:
            path.write_text(digest + "\n", encoding="utf-8")
            return
        for entry, outcome, tests in map(json.loads, lines[1:]):
            if outcome != SURVIVED or tests == self._tests:
                self._found[Mutant(*entry)] = outcome

    def outcome(self, mutant: Mutant) -> Optional[str]:
        outcome = self._found.get(mutant)
        self.used += outcome is not None
        return outcome

    def note(self, mutant: Mutant, outcome: str) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([mutant, outcome, self._tests]) + "\n")


class Tests:
    """Runs the tests of a module, each step in a fork of this process, which has loaded what does not change.

    That takes a quarter of the time of a new interpreter.
    """

    def __init__(self, module: str, path: Path) -> None:
        os.environ["PYTHONPATH"] = os.path.abspath("backport")
        sys.path[:0] = [os.path.abspath("backport"), os.path.abspath("tests")]
        # A changed file has to be noticed whatever its time and size.
        compileall.compile_dir("backport", quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
        importlib.import_module("wire.certs").certificates()
        os.mkdir("empty")
        pytest.main(["--version", "-c", os.devnull, "empty"])  # loads it
        assert "securedefaults" not in sys.modules
        self._path = path
        self._source = path.read_text(encoding="utf-8")
        self._steps = [
            ["tests/backport/test_%s.py" % name, *(["-k", keywords] if keywords else [])]
            for name, keywords in MODULES[module]
        ]
        #: by step, in seconds
        self._limits: Dict[str, float] = {}
        #: by function, the tests that have killed mutants of it: they come first
        self._killers: Dict[str, List[str]] = {}

    def outcome(self, mutant: Mutant, changed: str) -> str:
        """What becomes of the mutant."""
        killers = self._killers.setdefault(mutant.where, [])
        for step in ([killers[-3:]] if killers else []) + self._steps:
            if step in self._steps and str(step) not in self._limits:
                self._begin(step)
            self._path.write_text(changed, encoding="utf-8")
            outcome = self._run(step, self._limits.get(str(step), 4 * ONE_TEST))
            if outcome != SURVIVED:
                for name in re.findall(r"^(?:FAILED|ERROR) (\S+::\S+)", _output(), re.MULTILINE)[:1]:
                    killers[:] = [killer for killer in killers if killer != name] + [name]
                return outcome
        return SURVIVED

    def _begin(self, step: List[str]) -> None:
        """With the module as it is it has to pass; and pytest compiles the tests."""
        self._path.write_text(self._source, encoding="utf-8")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        start = time.monotonic()
        if self._run(step, 600) != SURVIVED:
            raise RuntimeError("%s fails without a change:\n%s" % (step, _output()[-3000:]))
        self._limits[str(step)] = ONE_TEST + 5 * (time.monotonic() - start)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True

    def _run(self, step: List[str], limit: float) -> str:
        pid = os.fork()
        if pid == 0:
            _test(step)
        deadline = time.monotonic() + limit
        done, status = 0, 0
        while not done and time.monotonic() < deadline:
            time.sleep(0.02)
            done, status = os.waitpid(pid, os.WNOHANG)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # with what it has started
        if not done:
            os.waitpid(pid, 0)
            return TIMED_OUT
        if status == 0:
            return SURVIVED
        return TIMED_OUT if "from pytest-timeout" in _output() else KILLED


_OUTPUT = "output.txt"


def _output() -> str:
    return Path(_OUTPUT).read_text(encoding="utf-8", errors="replace")


def _test(step: List[str]) -> NoReturn:
    """In the fork: does not return."""
    status = 1
    try:
        os.setsid()
        descriptor = os.open(_OUTPUT, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        options = ["-x", "-q", "--no-header", "--timeout=%d" % ONE_TEST, "--basetemp=temporary"]
        status = int(pytest.main([*options, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *step]))
        sys.stdout.flush()
    finally:
        os._exit(status)


def mutations(module: str, path: Path, source: str) -> Iterator[Tuple[Mutant, str]]:
    """All that are worth a try, each with the text of the module."""
    left_out = typing_lines(source)
    with use_db("session.sqlite", WorkDB.Mode.create) as database:
        cosmic_ray.commands.init([path], database, {})
        specs = [item.mutations[0] for item in database.work_items]
    specs.sort(key=lambda spec: (operators.is_mild(spec.operator_name), spec.start_pos, spec.operator_name))
    seen: Counter[Mutant] = Counter()
    for spec in specs:
        if spec.start_pos[0] in left_out or operators.is_superfluous(spec.operator_name):
            continue
        operator = cosmic_ray.plugins.get_operator(spec.operator_name)(**spec.operator_args)
        changed: str = mutate_code(source, operator, spec.occurrence)
        if is_another_program(source, changed):
            mutant = described(module, spec.definition_name or "", source, changed)
            seen[mutant] += 1
            if seen[mutant] > 1:  # the same statement, further down
                mutant = mutant._replace(where="%s, %d" % (mutant.where, seen[mutant]))
            yield mutant, changed


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
    return _dump(same) != _dump(source)


@functools.lru_cache(maxsize=2)
def _dump(source: str) -> str:
    return ast.dump(ast.parse(source))


def described(module: str, where: str, source: str, changed: str) -> Mutant:
    before, after = source.split("\n"), changed.split("\n")
    while before[:1] == after[:1]:
        del before[0], after[0]
    while before[-1:] == after[-1:]:
        del before[-1], after[-1]
    return Mutant(module, where, *(" ".join(line.strip() for line in lines) for lines in (before, after)))


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
    untried = {mutant for result in results for mutant, outcome in result.outcomes if outcome == UNTRIED}
    rotten = sorted(mutant for mutant in set(explained) - survivors - untried if mutant.module in modules)
    wrong += ["%d mutants were not tried" % len(untried)] if untried else []
    return wrong + ["explained, but it does not survive, or is no more:\n%s" % str(mutant) for mutant in rotten]


# Reporting


HEAD = """\
# Mutation testing

Written by `python tests/mutation --write Doc/mutation.md`; it is not part of CI.
[cosmic-ray](https://cosmic-ray.readthedocs.io/) changes one thing at a time in a module, with its operators and four of
ours: a statement left out, an argument left out (one with a name, or the last), a text made empty, an exception not
caught. The tests named below run until the first that fails; then the mutant is killed. Each survivor is explained in
`tests/mutation/explained.txt`; one without a reason is an error, and so is a reason without its survivor.

Not made are mutants that are no Python, or the same program (`== None` for `is None`), or about what only type checkers
read; and of the operators in place of a `%` or `+` between texts or sequences, all of which are a TypeError, only `-`.
"""


def report(results: Sequence[Outcome], explained: Dict[Mutant, str]) -> str:
    """The page."""
    lines = [
        HEAD,
        "Python %s with %s." % (platform.python_version(), re.sub(r" +\d+ \w+ \d+$", "", ssl.OPENSSL_VERSION)),
        "",
        "| module | mutants | killed | timed out | survived, explained | unexplained | not tried |",
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
        lines.append(row("`%s`" % result.module, counts))
    lines += [row("all", total), "", "The tests, in their order:", ""]
    for module, steps in MODULES.items():
        lines += [
            "- `%s`: %s" % (module, "; ".join("%s with `-k '%s'`" % step if step[1] else step[0] for step in steps))
        ]
    lines.append("")
    if total["known"]:
        lines += [
            "%d of the outcomes are of earlier runs: killed with the same module, or survived with the same tests, too."
            % total["known"],
            "",
        ]
    if total[UNTRIED]:
        lines += ["**%d mutants were not tried: the time was over.**" % total[UNTRIED], ""]
    left = sorted(set(MODULES) - {result.module for result in results})
    if left:
        lines += ["**Not run: %s.**" % ", ".join(left), ""]
    for result in results:
        survivors = sorted({mutant for mutant, outcome in result.outcomes if outcome == SURVIVED})
        lines += ["## `%s`" % result.module, "", *survivor_lines(survivors, explained)]
    return "\n".join(lines).rstrip() + "\n"


def row(name: str, counts: Counter[str]) -> str:
    mutants = sum(counts[outcome] for outcome in (KILLED, TIMED_OUT, SURVIVED, UNTRIED))
    numbers = mutants, counts[KILLED], counts[TIMED_OUT], counts[SURVIVED] - counts["unexplained"]
    return "| %s | %d | %d | %d | %d | %d | %d |" % (name, *numbers, counts["unexplained"], counts[UNTRIED])


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600, help="after which no more is tried")
    parser.add_argument("--known", type=Path, metavar="FOLDER")
    parser.add_argument("--write", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    modules = arguments.modules or list(MODULES)
    if not set(modules) <= set(MODULES):
        parser.error("MODULE is one of " + ", ".join(MODULES))
    explained = explanations(EXPLAINED.read_text(encoding="utf-8"))
    results = []
    known = arguments.known and arguments.known.resolve()
    until = time.monotonic() + 60 * arguments.minutes
    with multiprocessing.get_context("fork").Pool(arguments.jobs, maxtasksperchild=1) as pool:
        for one in [pool.apply_async(mutants_of, (module, known, until)) for module in modules]:
            result = one.get()
            results.append(result)
            counts = Counter(outcome for _, outcome in result.outcomes)
            print("%s: %s in %.0f s" % (result.module, dict(counts), result.seconds), file=sys.stderr)
    page = report(results, explained)
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    else:
        print(page)
    wrong = complaints(results, explained)
    print(*wrong, sep="\n\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
