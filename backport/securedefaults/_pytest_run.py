"""What `pytest --securedefaults` does to a run. With pytest-xdist, workers tell the controller what they saw."""

from __future__ import annotations

import json
from typing import Any, Iterator, List

import pytest

from . import _policy
from ._install import hooks, summary
from ._names import ENFORCE, REFUSED
from ._observe import events
from ._observe.events import Observation
from ._observe.report import Report

#: Where a worker's observations travel.
_KEY = "securedefaults"
_EXPECTED = "securedefaults_refused"
#: Tests whose warnings are errors are to fail by what enforcement refuses, not by what it is content with.
_FILTER = "ignore::securedefaults.UnverifiedDefaultWarning"


def begin(config: pytest.Config, mode: str) -> None:
    """Apply `mode` for the whole run.

    Raises:
        UsageError: there is no such mode, or the configuration file is wrong.
    """
    try:
        config.pluginmanager.register(Run(config, mode), "securedefaults-run")
    except (ValueError, TypeError, OSError, ImportError, NotImplementedError) as exc:
        raise pytest.UsageError("securedefaults: %s" % exc) from exc
    # The last line wins; one of the project's own about this category is to come after ours.
    own = [line for line in config.getini("filterwarnings") if "UnverifiedDefaultWarning" in line]
    for line in [_FILTER, *own]:
        config.addinivalue_line("filterwarnings", line)


class Run:
    """One run of pytest, or one worker's part of it.

    Args:
        config: pytest's.
        mode: of `apply()`.

    Raises:
        TypeError, ValueError, ImportError, NotImplementedError: as `apply()` does.
    """

    def __init__(self, config: pytest.Config, mode: str) -> None:
        self._before, self._waiting = _policy.in_force, hooks.cancel_autoload()
        hooks.apply(mode)
        policy = _policy.in_force
        assert policy is not None
        self._policy = policy
        self._worker = hasattr(config, "workerinput")
        #: of the workers
        self._observations: List[Observation] = []
        self._forgotten = 0
        #: why the account is not complete
        self._lost: List[str] = []
        #: refusals that fail no run
        self._expected = _refused(events.seen()[0])

    def _report(self) -> Report:
        own, forgotten = events.seen()
        return Report([*self._observations, *own], self._forgotten + forgotten)

    def _swallowed(self) -> int:
        """Refusals in tests that did not expect any; each that was noticed has failed its test as well."""
        if self._policy.mode != ENFORCE:
            return 0
        return _refused(self._report().observations) - self._expected

    def pytest_report_header(self) -> str:
        return "securedefaults: %s" % self._policy.mode

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        # A test of a program that calls apply() or restore() has it so until its end.
        if _policy.in_force is not self._policy:
            hooks.install(self._policy)
        before = _refused(events.seen()[0])
        yield
        if item.get_closest_marker(_EXPECTED) is not None:
            self._expected += _refused(events.seen()[0]) - before

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """pytest-xdist: a worker is through, or dead."""
        told = getattr(node, "workeroutput", {}).get(_KEY)
        if told is None:
            self._lost.append("what %s saw is lost: it crashed" % node.gateway.id)
            return
        self._observations += map(events.from_json, told["observations"])
        self._forgotten += told["forgotten"]
        self._expected += told["expected"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        config: Any = session.config
        if self._worker:
            observations, forgotten = events.seen()
            config.workeroutput[_KEY] = {
                "observations": [json.dumps(seen.as_dict()) for seen in observations],
                "forgotten": forgotten,
                "expected": self._expected,
            }
        elif self._swallowed() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        summary.at_exit(not self._worker and not config.pluginmanager.has_plugin("terminalreporter"))

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        report = self._report()
        if not report.observations and config.getoption("collectonly"):
            return
        terminalreporter.section("securedefaults")
        for line in [*str(report).splitlines(), *self._lost]:
            terminalreporter.line(line)
        swallowed = self._swallowed()
        if swallowed:
            terminalreporter.line("")
            terminalreporter.line(
                "%d certificate%s refused in tests that are not marked %s: this fails the run, even if every test "
                "passed because the exception was swallowed"
                % (swallowed, " was" if swallowed == 1 else "s were", _EXPECTED),
                red=True,
            )

    def pytest_unconfigure(self) -> None:
        hooks.restore()
        if self._before is not None:
            hooks.install(self._before)
        elif self._waiting:
            hooks.apply_configured()


def _refused(observations: Any) -> int:
    return sum(seen.count for seen in observations if seen.verdict == REFUSED)
