"""What a configuration file alone says to servers that have answered: nothing of the command line counts in it."""

from __future__ import annotations

from typing import Optional, Tuple

from .._observe.advice import Advice
from .._policy.config import Configuration
from .._policy.identity import identified
from .._policy.policy import Policy
from .._policy.rules import HostRule
from .._tls.verdict import Verdict
from ._examine import advice_by, asks_strict, verdict_by
from ._result import Result
from ._targets import Target


class ByFile:
    """The judgement by one configuration.

    Attributes:
        found: the configuration.
    """

    def __init__(self, found: Configuration) -> None:
        self.found = found
        self._policy = Policy.plain()
        self._policy.strict, self._policy.rules = found.strict, found.rules

    def rule(self, result: Result) -> Tuple[Optional[HostRule], bool]:
        """The rule that counts, and whether it switches verification off now."""
        target = _target(result)
        return self._policy.decision(identified(target.host)[1], target.port, "")

    def is_as_judged(self, result: Result) -> bool:
        """Whether it was judged by the same rule, so that nothing of the command line has changed that."""
        rule, _ = self.rule(result)
        return rule == result.rule and asks_strict(self._policy, rule) == result.asks_strict

    def verdict(self, result: Result) -> Verdict:
        """Of the certificates that the server sent."""
        if self.is_as_judged(result):
            return result.verdict
        rule, exempt = self.rule(result)
        return verdict_by(self._policy, rule, _chain(result), self._name(result), verify=not exempt)

    def advice(self, result: Result) -> Advice:
        """What is wrong with them, and what helps."""
        if self.is_as_judged(result):
            return result.advice
        rule, _ = self.rule(result)
        return advice_by(self._policy, rule, _chain(result), self._name(result), _target(result), self.verdict(result))

    def _name(self, result: Result) -> str:
        rule, _ = self.rule(result)
        if rule is not None and rule.server_hostname:
            return rule.server_hostname
        return identified(_target(result).host)[0]


def _target(result: Result) -> Target:
    assert isinstance(result.target, Target)
    return result.target


def _chain(result: Result) -> Tuple[bytes, ...]:
    assert result.sent is not None
    return tuple(result.sent.chain)
