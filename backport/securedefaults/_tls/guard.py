"""The guard against a downgrade: after a host was refused, no password goes to it in clear text.

`try: smtp.starttls() except ssl.SSLError: ...` and then a new connection without TLS would hand over the password to
the very one who presented the certificate. What is remembered here is remembered by this process alone:

- A refusal belongs to the host and port where it happened, and bars the host on every port. It ends with a verified
  handshake at that very port, with a rule that accepts what was refused, with `restore()`, and by time.
- A name and the address that it was connected to are one host. Two names at one address are not.
- TLS that fails for another reason is a refusal where it was verified before: there is a server that can do better.

Each change is one step: a signal handler may come in between, or another thread.
"""

from __future__ import annotations

import ssl
import time

from .._kept import kept
from .._locks import drop_oldest
from .._names import ACCEPTED, REFUSED
from .._observe.errors import log_unseen, note, unseen
from .client import is_same_host
from .refusal import certificate_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, FrozenSet, Optional, Tuple

    from .._policy.policy import Policy
    from .client import Server
    from .verdict import Verdict

    #: host, and port where there is one
    Place = Tuple[str, Optional[int]]

#: Seconds for which the last refusal of a host at a port holds.
LIFETIME = 3600.0
#: What is remembered at most; the oldest go first.
_MOST, _MOST_PEERS, _MOST_VERIFIED = 4096, 16, 4096

#: the attribute of an error that was noted, so that nobody else need do it, and of one that is the guard's own
NOTED, _OURS = "_securedefaults_noted", "_securedefaults_login"


class Refusal:
    """That a server was refused.

    Attributes:
        server: which.
        verdict: of enforcement.
        by_certificate: whether that is about a certificate; else TLS has failed before there was any.
        peers: the addresses that it was reached at.
        fitting: the pins that fit the certificate, as far as it is known.
        since: when, by the monotonic clock.
    """

    def __init__(
        self, server: Server, verdict: Verdict, peers: Tuple[str, ...], fitting: FrozenSet[str], by_certificate: bool
    ) -> None:
        self.server = server
        self.verdict = verdict
        self.by_certificate = by_certificate
        self.peers = peers
        self.fitting = fitting
        self.since = time.monotonic()

    def holds(self) -> bool:
        """Whether it is not too long ago."""
        return time.monotonic() - self.since < LIFETIME

    def is_overruled(self, policy: Policy, module: str) -> bool:
        """Whether a rule that is in force by now accepts what was refused.

        Args:
            policy: in force.
            module: that the calling line is in.
        """
        server = self.server
        rule, exempt = policy.decision(server.key, server.port, module, server.is_asked_port)
        return exempt or (rule is not None and not self.fitting.isdisjoint(rule.fingerprint))


_kept = kept(__name__)
#: What was refused; true if anything was, which is all that costs anything while nothing is.
refusals: Dict[Place, Refusal] = _kept.setdefault("refusals", {})
#: by place, module and kind of the entry point: what was verified
_verified: Dict[Tuple[Place, str, str], bool] = _kept.setdefault("verified", {})


def note_verdict(server: Server, verdict: Verdict, fitting: FrozenSet[str] = frozenset()) -> None:
    """A handshake came to an end: the server was refused, or would have been, or has proved who it is.

    Args:
        server: that was asked for; nothing is noted of one without a name and an address.
        verdict: of enforcement.
        fitting: the pins that fit its certificate, as far as that is known.
    """
    if verdict.state == REFUSED:
        _refuse(server, verdict, fitting, by_certificate=True)
    elif verdict.state == ACCEPTED and server.place is not None:
        place = server.place, server.port
        refusals.pop(place, None)
        if server.entry_point is not None:
            _verified[place, server.entry_point.module, server.entry_point.kind] = True
            drop_oldest(_verified, _MOST_VERIFIED)


def note_failure(server: Server, verdict: Verdict) -> None:
    """TLS has failed where it was verified before, and no certificate is to blame.

    Args:
        server: that was asked for.
        verdict: with what has gone wrong.
    """
    _refuse(server, verdict, frozenset(), by_certificate=False)


def _refuse(server: Server, verdict: Verdict, fitting: FrozenSet[str], *, by_certificate: bool) -> None:
    if server.place is None:
        return
    place = server.place, server.port
    before = refusals.get(place)
    peers = before.peers if before is not None and before.holds() else ()
    if server.peer is not None:
        peers = (*(peer for peer in peers if peer != server.peer), server.peer)
    refusals[place] = Refusal(server, verdict, peers[-_MOST_PEERS:], fitting, by_certificate)
    _drop_oldest_refusals()


def _drop_oldest_refusals() -> None:
    # One that was refused again has kept its place in the dictionary.
    while len(refusals) > _MOST:
        place, oldest = min(refusals.copy().items(), key=lambda item: item[1].since)
        dropped = refusals.pop(place, None)
        if dropped is not None and dropped is not oldest:
            refusals.setdefault(place, dropped)  # it was refused again just now


def was_verified(server: Server, module: str, kind: str) -> bool:
    """Whether this server has proved who it is before, by that kind of entry point."""
    return server.place is not None and ((server.place, server.port), module, kind) in _verified


def is_noted(exc: BaseException) -> bool:
    """Whether there is nothing to be learnt from an error, which was noted, or is our own; asked once of each."""
    return vars(exc).pop(NOTED, False) or is_ours(exc)


def is_ours(exc: Optional[BaseException]) -> bool:
    """Whether an error is the guard's own."""
    return hasattr(exc, _OURS)


def forget() -> None:
    """Start anew."""
    refusals.clear()
    _verified.clear()


def refusal_of(policy: Policy, server: Server, module: str) -> Optional[Refusal]:
    """Why no password may be sent to that server in clear text, the last reason first; None if it may.

    Args:
        policy: in force.
        server: which the connection goes to.
        module: that the calling line is in.
    """
    if server.place is None:
        return None
    found = [
        refusal
        for (place, _), refusal in refusals.copy().items()
        if is_same_host(server.place, (server.peer,), place, refusal.peers)
        and refusal.holds()
        and not refusal.is_overruled(policy, module)
    ]
    return max(found, key=lambda refusal: refusal.since, default=None)


def explanation(host: str, refusal: Refusal) -> str:
    """What the program is told."""
    if refusal.by_certificate:
        what, whom = "the certificate of %r was refused before in this process (%s)", "presented it"
    else:
        what, whom = "TLS with %r was verified before in this process, and has failed since (%s)", "has prevented it"
    what += ", so a login in clear text would hand the password to whoever " + whom
    return what % (host, refusal.verdict)


#: of OpenSSL, for an error without a code: X509_V_ERR_UNSPECIFIED
_UNSPECIFIED = 1


def refuse(host: str, refusal: Refusal, *, first: bool = True) -> None:
    """Raise the platform's error for that.

    Args:
        host: as the program names it.
        refusal: why.
        first: False if the program was told of this login before.
    """
    exc: ssl.SSLCertVerificationError = certificate_error(refusal.verdict.code or _UNSPECIFIED, refusal.verdict.message)
    setattr(exc, _OURS, True)
    note(
        exc,
        explanation(host, refusal) + ". Nothing was sent. Have the certificate put right, or say by a rule how this "
        "host is to be verified; the login is let through after a verified handshake at the same port.",
    )
    if first:
        log_unseen(unseen(exc), ("login", host))
    raise exc
