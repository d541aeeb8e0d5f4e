"""One target of `securedefaults check`: it is connected to, and what it sends is judged by the rules."""

from __future__ import annotations

import copy
import ssl
from typing import NamedTuple, Optional, Sequence, Tuple

from .._names import ACCEPTED, UNKNOWN
from .._observe.advice import NOTHING, Advice
from .._policy.identity import identified
from .._policy.policy import Policy
from .._policy.rules import HostRule
from .._tls.remedies import advise
from .._tls.trust import PlatformTrust, verdict_of
from .._tls.verdict import Verdict
from .._tls.x509 import Leaf, described
from ._dialogue import Problem
from ._probe import Sent, probe
from ._result import Result
from ._targets import AnyTarget, Bad, Target


class Asked(NamedTuple):
    """What was asked for, of all targets.

    Attributes:
        policy: the configuration, and the rules of the command line.
        timeout: seconds for each target.
        min_days: that have to be left.
        change: what `--cafile` and `--servername` say, as a rule for some host; None if neither was given.
    """

    policy: Policy
    timeout: float
    min_days: int
    change: Optional[HostRule] = None

    def rule_for(self, target: Target) -> Tuple[Optional[HostRule], bool]:
        """The rule that counts, and whether it switches verification off now."""
        _, key = identified(target.host)
        rule, exempt = self.policy.decision(key, target.port, "")
        if self.change is None:
            return rule, exempt
        changed = _changed(rule, self.change, target)
        return changed, changed.exempt


def _changed(rule: Optional[HostRule], change: HostRule, target: Target) -> HostRule:
    """The rule for a target with what the options say; all else that it says stays."""
    # Copied, and not made anew: the CA file was read and looked at once, and that is enough.
    found = copy.copy(change if rule is None else rule)
    found.host, found.port = target.host, target.port
    found.source = change.source
    if rule is not None:
        found.source += ", on top of " + rule.source
    if change.cafile is not None:  # it takes the place of a pin, and of an exemption
        found.cafile, found.doubt = change.cafile, change.doubt
        if not found.verify:
            found.reason = None  # it was the exemption's
        found.fingerprint, found.verify, found.until = (), True, None
    if change.server_hostname is not None:
        found.server_hostname = change.server_hostname
    return found


def examine(target: AnyTarget, asked: Asked) -> Result:
    """What comes of a target; whatever happens, it is a result."""
    if isinstance(target, Bad):
        return Result(target, Verdict(UNKNOWN, message=target.message), asked.min_days)
    result = Result(target, Verdict(UNKNOWN), asked.min_days)
    try:
        rule, exempt = asked.rule_for(target)
        host, _ = identified(target.host)
        name = rule.server_hostname if rule is not None and rule.server_hostname else host
        result = result._replace(rule=rule, name=name)
        sent = probe(
            target.kind.protocol,
            implicit=target.kind.implicit,
            host=target.host,
            port=target.port,
            name=name,
            timeout=asked.timeout,
        )
        result = result._replace(sent=sent)
        return _judged(result, target, sent, asked.policy, verify=not exempt)
    except Problem as exc:
        text = str(exc)
    except Exception as exc:  # a server's invention that we have not thought of; the others are to be checked
        text = "%s: %s" % (type(exc).__name__, exc)
    return result._replace(verdict=Verdict(UNKNOWN, message=text))


def _judged(result: Result, target: Target, sent: Sent, policy: Policy, *, verify: bool) -> Result:
    chain, rule, host = sent.chain, result.rule, identified(target.host)[0]
    verdict = verdict_by(policy, rule, chain, result.name, verify=verify)
    result = result._replace(
        verdict=verdict,
        leaf=_leaf(chain),
        advice=advice_by(policy, rule, chain, result.name, target, verdict),
        strict=PlatformTrust.cached(True).verdict(chain, host),
        lenient=PlatformTrust.cached(False).verdict(chain, host),
        asks_strict=asks_strict(policy, rule),
    )
    if verdict.state == ACCEPTED and not result.asks_strict:
        result = result._replace(foreseen=_foreseen(policy, rule, chain, result.name, target))
    if rule is None:
        return result
    without = verdict_by(policy, None, chain, host)
    return result._replace(without=without, faults=advice_by(policy, None, chain, host, target, without))


def verdict_by(
    policy: Policy, rule: Optional[HostRule], chain: Sequence[bytes], name: str, *, verify: bool = True
) -> Verdict:
    """What enforcement says to a chain."""
    return verdict_of(policy, rule, chain, name, described(chain[0] if chain else None), verify=verify)


def advice_by(
    policy: Policy, rule: Optional[HostRule], chain: Sequence[bytes], name: str, target: Target, verdict: Verdict
) -> Advice:
    """What is wrong with a chain, and what helps; nothing if it was not refused."""
    return advise(policy, rule, chain, name, target.host, target.port, verdict)


def _foreseen(policy: Policy, rule: Optional[HostRule], chain: Sequence[bytes], name: str, target: Target) -> Advice:
    """What is wrong for a Python that sets VERIFY_X509_STRICT; nothing if somebody has said that it need not be."""
    if policy.strict is not None or (rule is not None and (rule.strict is not None or rule.fingerprint)):
        return NOTHING
    later = Policy.plain()
    later.strict = True
    return advice_by(later, rule, chain, name, target, verdict_by(later, rule, chain, name))


def _leaf(chain: Sequence[bytes]) -> Optional[Leaf]:
    try:
        return Leaf(chain[0]) if chain else None
    except ValueError:
        return None


def asks_strict(policy: Policy, rule: Optional[HostRule]) -> bool:
    """Whether a connection by that rule has VERIFY_X509_STRICT set."""
    for said in (rule.strict if rule is not None else None, policy.strict):
        if said is not None:
            return bool(said)
    return bool(PlatformTrust.cached().shared_context().verify_flags & ssl.VERIFY_X509_STRICT)
