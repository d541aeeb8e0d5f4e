"""Run one of CPython's test files, or some tests of it, and write down what came of each.

    python child.py MODE OUT MODULE [PREFIX]

MODE is "stock", or one of securedefaults' modes, in force before the test file is imported. OUT is a file for JSON:
from each test's id to its outcome and the end of its traceback; if it is "-" the ids are printed and nothing is run.
PREFIX is an id, or the part of it up to the class.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
import unittest
from typing import Any, Dict, List, Tuple

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Outcomes(unittest.TextTestResult):
    """Remembers the worst that was said of each test."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Dict[str, Tuple[str, str]] = {}

    def _add(self, test: Any, outcome: str, text: str = "") -> None:
        if self.found.get(test.id(), (PASSED, ""))[0] != FAILED:
            self.found[test.id()] = outcome, text

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._add(test, PASSED)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._add(test, SKIPPED, reason)

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._add(test, FAILED, self.errors[-1][1][-2000:])

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._add(test, FAILED, self.failures[-1][1][-2000:])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._add(test, FAILED, str(err[1])[-2000:])


def flat(suite: Any) -> List[Any]:
    return [test for part in suite for test in (flat(part) if isinstance(part, unittest.TestSuite) else [part])]


def main(mode: str, out: str, name: str, prefix: str = "") -> None:
    if mode != "stock":
        import securedefaults

        securedefaults.apply(mode)
    # A shell that has put us into the background has it ignored, and some tests wait for it for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from test import support

    support.use_resources = []  # no network, as regrtest without -u
    module = importlib.import_module(name)
    # as regrtest does it: load_tests() counts
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if out == "-":
        print("\n".join(test.id() for test in flat(suite)))
        return
    if prefix:
        suite = unittest.TestSuite(test for test in flat(suite) if (test.id() + ".").startswith(prefix + "."))
    result = unittest.TextTestRunner(stream=sys.stderr, resultclass=Outcomes, verbosity=2).run(suite)
    assert isinstance(result, Outcomes)
    with open(out, "w", encoding="ascii") as file:
        json.dump(result.found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
