"""What makes a refused server pass: rules that were tried, the most secure first.

Nothing is suggested that would still be refused. A rule is tried as a whole, by OpenSSL: with the trust that is in
place, or with a stand-in for a CA file that is not at hand, with other names, and without the strict rules. A pin and
an exemption come last.

All this happens once for a chain, a name and a rule, and only where something was refused. A server can send any chains
it likes: there is an end to how long they may be, and to how many are looked at.
"""

from __future__ import annotations

import itertools
import re
import ssl
import time
from typing import NamedTuple

from .._locks import drop_oldest
from .._names import ACCEPTED, ENFORCE, REFUSED, UNKNOWN
from .._observe import advice as told
from .._observe import codes
from .._observe.advice import NOTHING, Advice, Fault, Remedy, said
from .._policy.identity import host_key
from .._policy.rules import as_ascii, is_host
from . import faults as finding
from .stdlib import is_of_program
from .trust import FactoryTrust, PlatformTrust, trust_for
from .verdict import Verdict, digest, examined, judge
from .x509 import common_name, described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AbstractSet, Dict, Iterator, List, Optional, Sequence, Tuple

    from .._policy.policy import Policy
    from .._policy.rules import HostRule
    from .x509 import Leaf

    #: keys and values of a rule
    Keys = Dict[str, str]

#: chains of one server that are looked at within so many seconds; and for how long what was found holds
MOST_CHAINS, LIFETIME = 8, 600.0
#: what is remembered, of chains and of servers
_MOST, _MOST_SERVERS = 1024, 4096
#: names of a certificate that are tried
_MOST_NAMES = 12

_TOO_LONG = "its certificates are too many or too long for more to be found out here"
_CHANGED = "it was refused by a context that the program has changed, or that does not verify by OpenSSL"
_TOO_OFTEN = "the server has shown several certificates within minutes, and more is not found out about this one here"


def advise(
    policy: Policy,
    rule: Optional[HostRule],
    chain: Sequence[bytes],
    name: str,
    host: Optional[str],
    port: Optional[int],
    verdict: Verdict,
    key: Optional[str] = None,
) -> Advice:
    """All that is wrong with a chain that was refused, and what makes it pass.

    Args:
        policy: by which it was refused.
        rule: that is in place for the server, if there is one.
        chain: as the server sent it, DER, the leaf first; empty if it is not known.
        name: that the certificate has to carry.
        host: that the program asked for.
        port: that it connects to.
        verdict: that was said.
        key: of the host, by `host_key()`; None for that of `host`.

    Raises:
        Exception: what a signal handler of the program raises meanwhile, and nothing else.
    """
    if verdict.state != REFUSED:
        return NOTHING
    simple = Advice(
        (said(verdict.code, verdict.message),), (), *told.section(rule, host, port, key or host_key(host or ""))
    )
    if not chain or not name or not simple.section or verdict.code is None:
        return simple
    try:
        return _found_out(policy, rule, chain, name, host or "", port, verdict, simple)
    except Exception as exc:  # a chain that we have not thought of: the refusal stands, whatever comes of this
        if is_of_program(exc):
            raise
        return simple._replace(why_not="%s: %s" % (type(exc).__name__, exc))


def _found_out(
    policy: Policy,
    rule: Optional[HostRule],
    chain: Sequence[bytes],
    name: str,
    host: str,
    port: Optional[int],
    verdict: Verdict,
    simple: Advice,
) -> Advice:
    last = tuple(filter(told.can_be_written, _last_resorts(rule, chain[0])))
    if finding.is_hostile(chain):
        return simple._replace(remedies=last, why_not=_TOO_LONG)
    memory, mark = _memory_of(policy), digest(chain)
    key = mark, name, host, port, rule, verdict.code, verdict.message
    found = memory.recall(key)
    if found is not None:
        return found
    if not memory.is_admitted((host, port), mark):
        return simple._replace(remedies=last, why_not=_TOO_OFTEN)
    case = _Case(policy, rule, chain, name, host, verdict)
    faults = case.faults()
    if faults:
        verified = filter(told.can_be_written, case.remedies(faults))
        found = simple._replace(faults=tuple(faults), remedies=(*verified, *last))
    else:
        found = simple._replace(remedies=last, why_not=_CHANGED)
    memory.keep(key, found)
    return found


class _Memory:
    """What was found out lately under a policy."""

    def __init__(self) -> None:
        self._found: Dict[object, Tuple[float, Advice]] = {}
        #: by server, which chains were looked at, and when
        self._runs: Dict[object, Tuple[Tuple[bytes, float], ...]] = {}

    def recall(self, key: object) -> Optional[Advice]:
        """What was found out about that; None if nothing was, or if it was too long ago."""
        since, found = self._found.get(key, (0.0, None))
        return found if time.monotonic() - since < LIFETIME else None

    def keep(self, key: object, found: Advice) -> None:
        """Remember it."""
        self._found.pop(key, None)
        self._found[key] = time.monotonic(), found
        drop_oldest(self._found, _MOST)

    def is_admitted(self, server: object, chain: bytes) -> bool:
        """Whether that chain of a server is to be looked at; if so, and if it is another one, that counts."""
        now = time.monotonic()
        lately = {mark: since for mark, since in self._runs.get(server, ()) if now - since < LIFETIME}
        if chain in lately:
            return True  # by another name or rule, or another thread does it just now
        admitted = len(lately) < MOST_CHAINS
        self._runs[server] = (*lately.items(), *([(chain, now)] if admitted else []))
        drop_oldest(self._runs, _MOST_SERVERS)
        return admitted


def _memory_of(policy: Policy) -> _Memory:
    found: _Memory = policy.kept.setdefault(_Memory, _Memory())
    return found


class _Way(NamedTuple):
    """How a server may be verified.

    Attributes:
        trust: one of those below.
        name: that the certificate has to carry.
        strict: whether the strict rules count.
        place: of the certificate that is trusted, if it is one; 0 is the server's own.
    """

    trust: str
    name: str
    strict: bool
    place: int = 0


#: whom to trust: as it is; the platform, and no CA file of the rule; a CA file that is not at hand; one certificate
_AS_IT_IS, _PLATFORM, _CA_FILE, _CERTIFICATE = "as it is", "platform", "CA file", "certificate"


def _is_strict(context: ssl.SSLContext) -> bool:
    return bool(context.verify_flags & ssl.VERIFY_X509_STRICT)


#: kinds of faults that are no word of a CA about those below it
_NO_CONSTRAINTS = frozenset((codes.CHAIN, codes.NAME, codes.DATES, codes.STRICT, codes.PIN))


class _Case:
    """One refusal, with all that it takes to find out about it."""

    def __init__(
        self, policy: Policy, rule: Optional[HostRule], chain: Sequence[bytes], name: str, host: str, verdict: Verdict
    ) -> None:
        self._policy = policy
        self._rule = rule
        self._keys: Keys = told.keys(rule)
        self._sent = chain
        self._name = name
        self._host = host
        self._verdict = verdict
        self._trust = trust_for(policy, rule)
        self._kept_judge: Optional[ssl.SSLContext] = None
        self._is_strict = _is_strict(self._just_used())
        self._stand_in = finding.stand_in_for(chain)
        self._path = self._stand_in.path

    @property
    def _judge(self) -> ssl.SSLContext:
        # It takes a trust store to be parsed, which a chain that nobody trusts has no need of.
        if self._kept_judge is None:
            self._kept_judge = self._trust.judge()
        return self._kept_judge

    def _just_used(self) -> ssl.SSLContext:
        """The context that has refused the chain, or one with the same flags."""
        if self._policy.mode == ENFORCE and isinstance(self._trust, PlatformTrust):
            return self._trust.shared_context()
        return self._judge

    def remedies(self, faults: Sequence[Fault]) -> Iterator[Remedy]:
        """The rules by which it is verified, of which each was tried.

        Args:
            faults: all that is wrong.
        """
        return map(self._remedy, self._verified({fault.kind for fault in faults}))

    def faults(self) -> List[Fault]:
        """All that is wrong; nothing if it would not be refused like that any more."""
        first, faults, trusted = self._verdict, [], self._stand_in
        if finding.kind_of(first) == codes.PIN:
            faults.append(said(first.code, first.message))
            first = judge(self._sent, self._name, self._judge)
        if finding.kind_of(first) != codes.CHAIN:
            again, built = examined(self._sent, self._name, self._judge)
            if again.code != first.code:
                return []
            if built:
                trusted = finding.StandIn(self._sent, finding.path_as_built(built, self._sent))
        self._path = trusted.path
        return faults + finding.find(self._name, first, trusted, strict=self._is_strict)

    # How it may be verified

    def _verified(self, kinds: AbstractSet[str]) -> Iterator[_Way]:
        """The way to verify it that changes least, if there is one.

        Of a CA that was not seen nobody knows whether its own certificate keeps the strict rules; so there is a second
        one, for the case that it does not.
        """
        for way in self._ways(kinds):
            if self._says(way).state == ACCEPTED:
                yield way
                if way.trust == _CA_FILE and way.strict and not self._stand_in.is_complete:
                    yield way._replace(strict=False)
                return

    def _ways(self, kinds: AbstractSet[str]) -> Iterator[_Way]:
        by_platform = self._platforms_kind()
        trusts = [_PLATFORM] if by_platform != codes.CHAIN else []
        if codes.CHAIN not in kinds:
            trusts.insert(0, _AS_IT_IS)
        elif not trusts:
            trusts.append(_CA_FILE)
        if codes.LIST in (*kinds, by_platform):
            return  # whom this machine rejects is not to be trusted by way of a rule
        name = self._name
        if codes.NAME in kinds or by_platform == codes.NAME:
            name = self._fitting_name() or name
        by_file = self._is_strict_by_file()
        # Whatever the code: some are of strict rules, too, and other faults may hide one.
        for lax in (False, True):
            for trust in trusts:
                is_strict = by_file if trust == _CA_FILE else self._is_strict
                if is_strict or not lax:
                    yield _Way(trust, name, is_strict and not lax)
        # A certificate in between as a CA file, as far up as it goes, unless a CA above has forbidden what it does. The
        # server's own one is as narrow as a pin, but name and dates count.
        highest = len(self._path) - 2 if _NO_CONSTRAINTS.issuperset(kinds) else 0
        for place in range(max(highest, 0), -1, -1):
            yield _Way(_CERTIFICATE, name, by_file, place)

    def _is_strict_by_file(self) -> bool:
        """Whether the strict rules count where a rule names a CA file. A factory decides about its contexts alone."""
        if not isinstance(self._trust, FactoryTrust):
            return self._is_strict
        return _is_strict(PlatformTrust.cached(self._policy.strict).judge())

    def _platforms_kind(self) -> str:
        """What is wrong by the platform, if there is a rule with a CA file; empty if nothing is.

        Without one the platform has been asked already: so that is as if it did not trust the chain.
        """
        if self._rule is None or self._rule.cafile is None:
            return codes.CHAIN
        verdict = judge(self._sent, self._name, trust_for(self._policy).judge())
        return "" if verdict.state == ACCEPTED else finding.kind_of(verdict)

    def _fitting_name(self) -> Optional[str]:
        """Another name, which the certificate is for."""
        leaf = self._path[0].fields
        if leaf is None:
            return None
        names = (name for name in dict.fromkeys(self._other_names(leaf)) if name != self._name)
        return next((name for name in itertools.islice(names, _MOST_NAMES) if finding.is_for(leaf, name)), None)

    def _other_names(self, leaf: Leaf) -> Iterator[str]:
        """The asked host, if a rule has another name; and those of the certificate."""
        asked = as_ascii(self._host)
        if asked is not None:
            yield asked
        common = common_name(leaf.subject)
        for name in leaf.names or ([common] if common is not None else []):
            # whoever has the certificate is each name that fits its wildcard
            name = self._first_label() + name[1:] if name.startswith("*.") else name
            if is_host(name):
                yield name

    def _first_label(self) -> str:
        label = self._host.partition(".")[0]
        return label if re.fullmatch(r"(?!-)[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*", label, re.ASCII) else "mail"

    def _says(self, way: _Way) -> Verdict:
        """What OpenSSL says to the chain by that way."""
        if way.trust == _CA_FILE:
            return self._stand_in.verdict(way.name, strict=way.strict)
        if way.trust == _CERTIFICATE:
            return finding.verdict_on(self._sent, way.name, self._path[way.place].der, strict=way.strict)
        trust, context = self._trust, self._judge
        if way.trust == _PLATFORM:
            trust = trust_for(self._policy)
            context = trust.judge()
        if _is_strict(context) != way.strict:
            if isinstance(trust, FactoryTrust):
                return Verdict(UNKNOWN)  # no rule changes a factory's contexts
            cafile = self._rule.cafile if self._rule is not None and way.trust == _AS_IT_IS else None
            context = PlatformTrust.cached(way.strict, cafile).judge()
        return judge(self._sent, way.name, context)

    # The rule that says so

    def _remedy(self, way: _Way) -> Remedy:
        rule = _without(self._keys, "fingerprint", "verify", "until")
        needs = ""
        if way.trust == _PLATFORM:
            rule.pop("cafile", None)
        elif way.trust == _CA_FILE:
            rule["cafile"], needs = told.CAFILE, self._issuer_in_words(strict=way.strict)
        elif way.trust == _CERTIFICATE:
            rule["cafile"], needs = told.CAFILE, self._certificate_in_words(way.place)
        if way.name != self._name:
            rule["server_hostname"] = way.name
        if rule.get("server_hostname") == as_ascii(self._host):
            del rule["server_hostname"]
        if not way.strict and (self._is_strict_by_file() if needs else self._is_strict):
            rule["strict"] = "no"
        if not rule.keys() - {"module", "reason"}:
            rule["server_hostname"] = as_ascii(self._host) or way.name  # a rule that says what is so without it
        return told.changed(self._keys, rule, needs)

    def _issuer_in_words(self, *, strict: bool) -> str:
        top = self._stand_in.path[-1]
        if top.is_self_issued and top.place == 0:
            return told.OWN
        return told.of_ca(top.issuer, seen=top.is_self_issued, strict=strict)

    def _certificate_in_words(self, place: int) -> str:
        return told.of_ca(self._path[place].name, seen=True) if place else told.OWN


# A rule in place, and what it is changed to


def _without(keys: Keys, *names: str) -> Keys:
    """The same without these; the reason of an exemption goes with it."""
    rule = {key: value for key, value in keys.items() if key not in names}
    if "verify" in keys and "verify" in names:
        rule.pop("reason", None)
    return rule


def _last_resorts(rule: Optional[HostRule], leaf: bytes) -> Iterator[Remedy]:
    """A pin and an exemption. Neither asks OpenSSL, so there is nothing to be tried: `succeeded()` compares the pin."""
    keys = told.keys(rule)
    fingerprint = described(leaf).fingerprint
    if fingerprint is not None:
        pinned = _without(keys, "cafile", "strict", "verify", "until")
        pinned["fingerprint"] = " ".join([*pinned.get("fingerprint", "").split(), fingerprint])
        yield told.changed(keys, pinned)
    exempt = _without(keys, "cafile", "strict", "fingerprint")
    exempt.update(verify="no", until=told.SOON, reason=exempt.get("reason", told.REASON))
    yield told.changed(keys, exempt)
