"""All that is wrong with a chain.

OpenSSL says the first thing only. So it is asked again and again, each time without looking at what it has said, until
it is content: another trust anchor, no name, no dates, no strict rules, any key. Where it cannot be told to look away,
the name is tried on a certificate without that fault, and the dates are read.
"""

from __future__ import annotations

import ssl
from typing import NamedTuple

from .._names import ACCEPTED, REFUSED
from .._observe import codes
from .._observe.advice import HERE, Fault
from .._observe.events import now
from .._policy.rules import is_host
from . import stand_in
from .refusal import LONGEST_CHAIN
from .stdlib import PARTIAL_CHAIN, assign, own_class
from .verdict import Verdict, examined, made_to_judge
from .x509 import Leaf, common_name, told_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AbstractSet, Dict, FrozenSet, Iterator, List, Optional, Sequence, Tuple

    from .client import Name

#: of OpenSSL; `ssl` has no name for it
_NO_CHECK_TIME = 0x200000

#: verify codes of signatures: what is known of a chain whose issuer was made up, if all else is right
_SIGNATURE = frozenset((4, 6, 7))
#: what can be left out
_OPTIONAL = frozenset((codes.CHAIN, codes.NAME, codes.DATES, codes.STRICT, codes.KEY))
_NOTHING: AbstractSet[str] = frozenset()

#: names of the leaf that are told
_SHOWN_NAMES = 8


class Certificate(NamedTuple):
    """One of a chain.

    Attributes:
        der: all of it.
        fields: None if they cannot be read.
        place: among those that the server sent; None if it comes from the trust store.
    """

    der: bytes
    fields: Optional[Leaf]
    place: Optional[int]

    @property
    def is_self_issued(self) -> bool:
        """Whether it names itself as its issuer, as a root does."""
        return self.fields is not None and self.fields.subject == self.fields.issuer

    @property
    def name(self) -> Optional[str]:
        """Its own, if it can be printed."""
        return printable_name(None if self.fields is None else common_name(self.fields.subject))

    @property
    def issuer(self) -> Optional[str]:
        """The name of its issuer, if it can be printed."""
        return printable_name(None if self.fields is None else common_name(self.fields.issuer))


def printable_name(name: Optional[str]) -> Optional[str]:
    """The name of a CA, if it can be printed as it is: letters, digits and a few others, and not many of them."""
    if name is None or not 0 < len(name) <= 64 or not name.isascii():
        return None
    return name if all(char.isalnum() or char in " .,&+_-()" for char in name) else None


def _read(der: bytes, place: Optional[int]) -> Certificate:
    try:
        return Certificate(der, Leaf(der), place)
    except ValueError:
        return Certificate(der, None, place)


def path_by_names(sent: Sequence[bytes]) -> List[Certificate]:
    """The leaf, who names itself as its issuer, and so on."""
    known = [_read(der, place) for place, der in enumerate(sent)]
    path, others = known[:1], known[1:]
    while others and path[-1].fields is not None and not path[-1].is_self_issued:
        issuer = path[-1].fields.issuer
        above = next((each for each in others if each.fields is not None and each.fields.subject == issuer), None)
        if above is None:
            break
        path.append(above)
        others.remove(above)
    return path


def path_as_built(built: Sequence[bytes], sent: Sequence[bytes]) -> List[Certificate]:
    """The chain that OpenSSL has built."""
    return [_read(der, sent.index(der) if der in sent else None) for der in built]


class StandIn:
    """Trust in the last certificate of a path, or in its issuer, whose file is not at hand.

    Args:
        sent: by the server.
        path: from the leaf to the one that is to be trusted; if it is no root, then so is its issuer.
    """

    def __init__(self, sent: Sequence[bytes], path: Sequence[Certificate]) -> None:
        self._sent = sent
        self.path = path
        top = path[-1]
        self._anchor = top.der
        self._said: Dict[Tuple[Name, bool, FrozenSet[str]], Verdict] = {}
        self._issuer: Optional[bytes] = None
        if top.fields is not None and not top.is_self_issued:
            self._issuer = stand_in.issuer_of(top.fields)

    @property
    def is_complete(self) -> bool:
        """Whether it goes up to a root, so that no certificate is made up."""
        return self.path[-1].is_self_issued

    def verdict(self, name: Name, *, strict: bool, without: AbstractSet[str] = _NOTHING) -> Verdict:
        """What OpenSSL says, if it does not look at some kinds of things; it is asked once."""
        key = name, strict and codes.STRICT not in without, frozenset(without - {codes.CHAIN, codes.STRICT})
        if key not in self._said:
            self._said[key] = self._ask(name, strict=strict, without=without)
        return self._said[key]

    def _ask(self, name: Name, *, strict: bool, without: AbstractSet[str]) -> Verdict:
        if self._issuer is not None:
            verdict = verdict_on(self._sent, name, self._issuer, strict=strict, without=without)
            if verdict.state == REFUSED and verdict.code not in _SIGNATURE and kind_of(verdict) != codes.CHAIN:
                return verdict
        return verdict_on(self._sent, name, self._anchor, strict=strict, without=without)


def kind_of(verdict: Verdict) -> str:
    """What sort of thing a refusal is about."""
    return codes.of(verdict.code, verdict.message).kind


def verdict_on(
    sent: Sequence[bytes], name: Name, anchor: bytes, *, strict: bool = False, without: AbstractSet[str] = _NOTHING
) -> Verdict:
    """What OpenSSL says to a chain where one certificate is trusted.

    Args:
        sent: by the server, DER, the leaf first.
        name: that the certificate has to carry.
        anchor: the one that is trusted, DER; it need be no root.
        strict: whether the strict rules count.
        without: kinds of things not to look at.
    """
    context: ssl.SSLContext = own_class()(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=anchor)
    if codes.NAME in without:
        assign(context, "check_hostname", False)
    flags = int(context.verify_flags) & ~ssl.VERIFY_X509_STRICT | PARTIAL_CHAIN
    if strict and codes.STRICT not in without:
        flags |= ssl.VERIFY_X509_STRICT
    if codes.DATES in without:
        flags |= _NO_CHECK_TIME
    assign(context, "verify_flags", flags)
    made_to_judge(context)
    if codes.KEY in without:
        context.set_ciphers("ALL:@SECLEVEL=0")
    return examined(sent, name, context)[0]


def is_hostile(sent: Sequence[bytes]) -> bool:
    """Whether it could take long to look at a chain: there are many certificates, names, or bits of a key.

    OpenSSL verifies no signature as long as it trusts nobody, so the refusal itself was fast.
    """
    if len(sent) > MOST_CERTIFICATES or sum(map(len, sent)) > LONGEST_CHAIN:
        return True
    return any(_is_heavy(each.fields) for each in (_read(der, None) for der in sent) if each.fields is not None)


#: of longer chains, and of those with more bytes than LONGEST_CHAIN, no more is told than what OpenSSL says
MOST_CERTIFICATES = 6
#: bytes of names, and of a key of RSA: 4096 bits and a usual exponent
_LONGEST_NAMES, _LONGEST_KEY = 4096, 600


def _is_heavy(fields: Leaf) -> bool:
    is_rsa = stand_in.RSA in fields.public_key[:32]
    return len(fields.subject_alt_name) > _LONGEST_NAMES or (is_rsa and len(fields.public_key) > _LONGEST_KEY)


def _path(sent: Sequence[bytes]) -> List[Certificate]:
    """The chain that belongs together, from the leaf up: as OpenSSL builds it, or by names where it does not say."""
    context: ssl.SSLContext = own_class()(ssl.PROTOCOL_TLS_CLIENT)
    built = examined(sent, "localhost", made_to_judge(context))[1]
    return path_as_built(built, sent) if built else path_by_names(sent)


def stand_in_for(sent: Sequence[bytes]) -> StandIn:
    """The trust that a CA file would bring: in the top of what was sent, as far up as that belongs together."""
    path = _path(sent)
    while len(path) > 1:
        found = StandIn(sent, path)
        verdict = found.verdict("localhost", strict=False, without=_OPTIONAL)
        if verdict.code not in _SIGNATURE and kind_of(verdict) != codes.CHAIN:
            return found
        path.pop()
    return StandIn(sent, path)


def find(name: Name, first: Verdict, trusted: StandIn, *, strict: bool) -> List[Fault]:
    """All that is wrong.

    Args:
        name: that the certificate has to carry.
        first: what was said to it.
        trusted: the path that is to be looked at, with its end trusted.
        strict: whether the strict rules count.
    """
    faults: List[Fault] = []
    without: AbstractSet[str] = _NOTHING
    verdict = first
    while verdict.state == REFUSED and kind_of(verdict) not in without and len(faults) < _MOST:
        kind = kind_of(verdict)
        if strict and kind not in _OPTIONAL and _is_strict_only(verdict, name, trusted, without):
            kind = codes.STRICT
        faults += _faults(verdict, kind, name, trusted, strict=strict, without=without)
        without = without | {kind}
        if kind not in _OPTIONAL:
            faults += _behind(name, trusted.path, without)
            break
        verdict = trusted.verdict(name, strict=strict, without=without)
    return faults[:_MOST]


def _is_strict_only(verdict: Verdict, name: Name, trusted: StandIn, without: AbstractSet[str]) -> bool:
    """Whether a verdict, of a code that others have as well, is one of the strict rules."""
    with_it, without_it = (trusted.verdict(name, strict=each, without=without) for each in (True, False))
    return with_it.code == verdict.code != without_it.code


#: of all that is told
_MOST = 12


def _faults(
    verdict: Verdict,
    kind: str,
    name: Name,
    trusted: StandIn,
    *,
    strict: bool,
    without: AbstractSet[str],
) -> Iterator[Fault]:
    """What a verdict tells of: more than one thing where several certificates are out of date."""
    if kind == codes.DATES:
        dated = sorted(_out_of_date(trusted.path), key=lambda fault: fault.code != verdict.code)
        if not dated or dated[0].code != verdict.code:
            yield Fault(kind, verdict.code, verdict.message)
        yield from dated
        return
    place: Optional[int] = 0
    detail = ""
    if kind == codes.NAME:
        detail = names_text(trusted.path[0])
    elif kind == codes.CHAIN:
        place, detail = _missing(trusted.path)
    elif kind != codes.PIN:
        place = _place(verdict, name, trusted.path, strict=strict, without=without)
    yield Fault(kind, verdict.code, verdict.message, place, detail)


def names_text(leaf: Certificate) -> str:
    """For whom a certificate is, in words."""
    names = () if leaf.fields is None else leaf.fields.names
    if not names and leaf.fields is not None:
        common = common_name(leaf.fields.subject)
        if common is not None:
            return "its common name is " + ascii(common[:100])
    first = told_names(names)[:_SHOWN_NAMES]
    shown = ", ".join(map(_shown_name, first))
    more = " and more" if len(names) > len(first) else ""
    return "it is for %s%s" % (shown, more) if shown else "it is for no host name"


def _shown_name(name: str) -> str:
    """A host name or an address as it is, also with a wildcard; anything else in quotes."""
    is_name = is_host(name[2:] if name.startswith("*.") else name)
    return name if is_name else ascii(name[:100])


def _missing(path: Sequence[Certificate]) -> Tuple[Optional[int], str]:
    """Who is not trusted, or was not sent."""
    top = path[-1]
    issuer = '"%s"' % top.issuer if top.issuer else "a CA without a name that can be printed"
    if top.is_self_issued:
        return top.place, "it is issued by itself" if top.place == 0 else "the CA that was sent is %s" % issuer
    if top.place == 0:
        return 0, "the server does not send the certificate of the CA that issued its own, %s" % issuer
    return top.place, "the server does not send the certificate of %s, which issued the last one it sent" % issuer


def _out_of_date(path: Sequence[Certificate]) -> Iterator[Fault]:
    today = now()
    for each in path:
        if each.fields is None:
            continue
        if each.fields.not_after < today:
            detail = "it ended on " + each.fields.not_after
            yield Fault(codes.DATES, 10, codes.of(10).messages[0], each.place, detail + _where(each))
        elif each.fields.not_before is not None and each.fields.not_before > today:
            detail = "it begins on " + each.fields.not_before
            yield Fault(codes.DATES, 9, codes.of(9).messages[0], each.place, detail + _where(each))


def _where(certificate: Certificate) -> str:
    return " and is " + HERE if certificate.place is None else ""


def _place(
    verdict: Verdict,
    name: Name,
    path: Sequence[Certificate],
    *,
    strict: bool,
    without: AbstractSet[str],
) -> Optional[int]:
    """Which certificate it is about: the first one that brings it in, from the leaf up."""
    without = without | {codes.CHAIN}
    # By halves: once a certificate has brought it in, it stays.
    first, last = 0, len(path)
    while first < last:
        middle = (first + last) // 2
        lower = path[: middle + 1]
        found = StandIn([each.der for each in lower], lower).verdict(name, strict=strict, without=without)
        first, last = (first, middle) if found.code == verdict.code else (middle + 1, last)
    return path[first].place if first < len(path) else None


def _verdict_on_name(leaf: Leaf, name: Name) -> Verdict:
    """What OpenSSL says to a certificate for the same names that has no fault."""
    bare = stand_in.bare(leaf)
    return verdict_on([bare], name, bare)


def is_for(leaf: Leaf, name: Name) -> bool:
    """Whether a certificate is for that name, whatever else is wrong with it."""
    return _verdict_on_name(leaf, name).state == ACCEPTED


def _behind(name: Name, path: Sequence[Certificate], without: AbstractSet[str]) -> Iterator[Fault]:
    """Name and dates, behind something that OpenSSL cannot be told not to look at."""
    leaf = path[0]
    if codes.NAME not in without and leaf.fields is not None:
        verdict = _verdict_on_name(leaf.fields, name)
        if kind_of(verdict) == codes.NAME:
            yield Fault(codes.NAME, verdict.code, verdict.message, 0, names_text(leaf))
    if codes.DATES not in without:
        yield from _out_of_date(path)
