"""What came of a target of `securedefaults check`: plain data, and the same for JSON."""

from __future__ import annotations

import datetime
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from .._observe import advice as advices
from .._observe import codes
from .._observe.advice import NOTHING, Advice
from .._policy.rules import HostRule
from .._tls.verdict import Verdict
from .._tls.x509 import Leaf, fingerprint, key_pin
from ._probe import Sent
from ._targets import AnyTarget, Target

PASSED, FAILED, UNJUDGED = "passed", "failed", "unjudged"

#: What each kind of thing can be: SKIPPED is what the rule or this Python does not ask for, and FORESEEN is that, too,
#: but a later Python asks for it and would refuse the certificate.
FINE, WRONG, SKIPPED, FORESEEN, NOT_KNOWN = "fine", "wrong", "skipped", "foreseen", "unknown"

#: the kinds that are shown also where nothing is wrong
_ALWAYS = (codes.CHAIN, codes.NAME, codes.DATES, codes.STRICT, codes.PURPOSE, codes.KEY)


class Result(NamedTuple):
    """What came of a target.

    Attributes:
        target: or why there is none.
        verdict: of enforcement, by the configuration as it is.
        days: that have to be left.
        rule: that counts.
        name: that the certificate has to be for.
        sent: by the server.
        strict: the platform's verdict without any rule, with VERIFY_X509_STRICT.
        lenient: the same without it.
        leaf: what could be read of the certificate.
        advice: what is wrong and what helps, if it was refused.
        without: the verdict without the rule; None if there is no rule.
        faults: what is wrong without the rule, if that would be refused.
        asks_strict: whether VERIFY_X509_STRICT is set for this connection.
        foreseen: what will be wrong where it is, if nothing is now and nobody has said that it is not to be.
        same_as: where the same server was asked for before; it was not asked again.
    """

    target: AnyTarget
    verdict: Verdict
    days: int
    rule: Optional[HostRule] = None
    name: str = ""
    sent: Optional[Sent] = None
    strict: Optional[Verdict] = None
    lenient: Optional[Verdict] = None
    leaf: Optional[Leaf] = None
    advice: Advice = NOTHING
    without: Optional[Verdict] = None
    faults: Advice = NOTHING
    asks_strict: bool = False
    foreseen: Advice = NOTHING
    same_as: str = ""

    @property
    def label(self) -> str:
        """The target's URL, or where what is none stands."""
        return self.target.url if isinstance(self.target, Target) else self.target.where

    @property
    def fingerprint(self) -> Optional[str]:
        """Of the leaf."""
        return fingerprint(self.sent.chain[0]) if self.sent and self.sent.chain else None

    @property
    def days_left(self) -> Optional[int]:
        """Whole days until the certificate ends, less than 0 if it has ended; None if that is not known."""
        if self.leaf is None:
            return None
        try:
            end = datetime.datetime.strptime(self.leaf.not_after + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
        except ValueError:  # a server can send any digits
            return None
        return (end - datetime.datetime.now(datetime.timezone.utc)).days

    @property
    def too_few_days(self) -> bool:
        """Whether it ends sooner than was asked for."""
        return bool(self.days) and self.days_left is not None and self.days_left < self.days

    @property
    def outcome(self) -> str:
        """PASSED, FAILED or UNJUDGED."""
        if self.verdict.state == REFUSED or self.too_few_days:
            return FAILED
        if self.verdict.state == UNKNOWN or (self.days and self.days_left is None):
            return UNJUDGED
        return PASSED

    @property
    def kinds(self) -> Dict[str, str]:
        """Of each kind of thing whether it is FINE, WRONG and so on; empty if there was no TLS."""
        if self.sent is None:
            return {}
        pinned = self.rule is not None and bool(self.rule.fingerprint)
        shown = [*_ALWAYS, *([codes.PIN] if pinned else [])]
        wrong = dict.fromkeys(fault.kind for fault in self.advice.faults)
        shown += [kind for kind in wrong if kind not in shown]
        return {kind: WRONG if kind in wrong else self._of_kind(kind, pinned) for kind in shown}

    def _of_kind(self, kind: str, pinned: bool) -> str:
        """What is to be said of a kind that has no fault."""
        if self.verdict.state == EXEMPT or (pinned and kind != codes.PIN):
            return SKIPPED
        if self.verdict.state != ACCEPTED and (self.advice.why_not or not self.advice.faults):
            return NOT_KNOWN
        if kind == codes.STRICT and not self.asks_strict:
            return FORESEEN if self.foreseen.faults else SKIPPED
        return FINE

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        target = self.target
        known: Dict[str, Any] = {"target": None, "where": target.where, "same_as": self.same_as or None}
        if isinstance(target, Target):
            known.update(target=target.url, protocol=target.kind.protocol, implicit=target.kind.implicit)
            known.update(host=target.host, port=target.port)
        known.update(outcome=self.outcome, **_verdict_as_dict(self.verdict))
        known["rule"] = self.rule.source if self.rule else None
        if self.sent is not None:
            known.update(self._judged_as_dict())
            known.update(self._sent_as_dict(self.sent))
        return known

    def _judged_as_dict(self) -> Dict[str, Any]:
        return {
            "kinds": self.kinds,
            "advice": advices.as_dict(self.advice),
            "foreseen": advices.as_dict(self.foreseen),
            "without_rule": _verdict_or_none(self.without),
            "with_strict": _verdict_or_none(self.strict),
            "without_strict": _verdict_or_none(self.lenient),
        }

    def _sent_as_dict(self, sent: Sent) -> Dict[str, Any]:
        return {
            "tls": sent.tls,
            "chain": [
                {"fingerprint": fingerprint(der), "subject": subject, "issuer": issuer}
                for der, (subject, issuer) in zip(sent.chain, chain_names(sent))
            ],
            "fingerprint": self.fingerprint,
            "key_pin": key_pin(self.leaf.public_key) if self.leaf else None,
            "names": list(self.leaf.names) if self.leaf else [],
            "not_after": self.leaf.not_after if self.leaf else None,
            "days_left": self.days_left,
        }


def _verdict_as_dict(verdict: Verdict) -> Dict[str, Any]:
    return {
        "verdict": verdict.state,
        "code": verdict.code,
        "message": verdict.message,
        "strict_only": verdict.strict_only,
    }


def _verdict_or_none(verdict: Optional[Verdict]) -> Optional[Dict[str, Any]]:
    return _verdict_as_dict(verdict) if verdict is not None else None


def chain_names(sent: Sent) -> List[Tuple[Optional[str], Optional[str]]]:
    """Subject and issuer of each certificate, where they are known."""
    if len(sent.described) != len(sent.chain):
        return [(None, None)] * len(sent.chain)
    return [
        (_distinguished(info.get("subject", ())), _distinguished(info.get("issuer", ()))) for info in sent.described
    ]


def _distinguished(name: Sequence[Sequence[Tuple[str, str]]]) -> str:
    return ", ".join("%s=%s" % (key, str(value)[:100]) for part in name for key, value in part)


class Summary:
    """How many of the targets came to what, so far.

    Attributes:
        targets: how many there are.
        counts: by outcome.
        interrupted: whether somebody pressed Ctrl-C before the end.
    """

    #: the exit status, as of a program that SIGINT ends
    INTERRUPTED = 130

    def __init__(self, targets: int) -> None:
        self.targets = targets
        self.counts = {PASSED: 0, FAILED: 0, UNJUDGED: 0}
        self.interrupted = False

    def add(self, outcome: str) -> None:
        """One more is done."""
        self.counts[outcome] += 1

    def mended(self, count: int) -> None:
        """So many that were refused pass by now."""
        self.counts[FAILED] -= count
        self.counts[PASSED] += count

    @property
    def done(self) -> int:
        """How many have an outcome."""
        return sum(self.counts.values())

    @property
    def status(self) -> int:
        """The exit status."""
        if self.interrupted:
            return self.INTERRUPTED
        return 1 if self.counts[FAILED] else 2 if self.counts[UNJUDGED] else 0

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        return {"targets": self.targets, "done": self.done, **self.counts, "interrupted": self.interrupted}

    def __str__(self) -> str:
        counts = "passed: %d, failed: %d, not judged: %d" % (*self.counts.values(),)
        if self.interrupted:
            return "interrupted, %d of %d; %s" % (self.done, self.targets, counts)
        return "targets: %d, %s" % (self.targets, counts)


def kinds_that_are(kinds: Dict[str, str], state: str) -> Iterator[str]:
    """The kinds in that state."""
    return (kind for kind, found in kinds.items() if found == state)
