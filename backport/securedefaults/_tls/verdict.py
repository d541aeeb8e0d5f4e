"""Would this certificate have been accepted? OpenSSL's own answer, without a second connection.

A TLS client judges the server's chain as soon as the Certificate message is there, before the server has proved that
it holds the private key (RFC 5246 section 7.4.2). So the chain that a server has just sent is handed to OpenSSL once
more: a verifying client on two memory buffers, with a ServerHello and a Certificate message made here. If it then
waits for more, it has accepted the chain; if not, it says why, in the very words in which it would refuse.

Some contexts let OpenSSL accept everything, and ask somebody else when the handshake is over: truststore's, on macOS
and Windows. There OpenSSL's acceptance says nothing. So none is believed before the context was seen to refuse.

What connections are made with may speak TLS 1.3 only, or a few cipher suites, as openssl.cnf has it. So the client
has a context that nobody connects with: `made_to_judge()`.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import time
import weakref

from .._kept import kept
from .._locks import drop_oldest
from .._names import ACCEPTED, REFUSED, UNKNOWN, cause_of
from . import messages, signals
from .chain import Resumed
from .pypy import PYPY, forget_openssl_error
from .stdlib import assign
from .untrusted import CERTIFICATE, NAME, NO_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

    from .client import Name

    #: by name and fingerprint of the chain, when it was judged and how
    Memory = Dict[Tuple[Name, bytes], Tuple[float, "Verdict"]]

#: What OpenSSL says if the cipher suite is not for the key of the leaf, or if none of TLS 1.2 is.
_OTHER_SUITE = frozenset(("WRONG_CERTIFICATE_TYPE", "UNKNOWN_CERTIFICATE_TYPE"))
#: It says so after the chain and the name have passed. Others that `ssl` may be made with look at the key before.
_VERIFIES_FIRST = ssl.OPENSSL_VERSION.startswith("OpenSSL ")

_NOT_BY_OPENSSL = "the context does not verify by OpenSSL, so only a handshake that is enforced can tell"
#: contexts by which OpenSSL was seen to verify
_verifying: weakref.WeakSet[ssl.SSLContext] = kept(__name__).setdefault("verifying", weakref.WeakSet())

#: Seconds for which a verdict holds: certificates expire, and the trust store changes.
LIFETIME = 600.0
_MOST = 256


class Verdict:
    """What enforcement would say to a certificate.

    Attributes:
        state: `"accepted"`, `"refused"`, `"unknown"`, or `"exempt"` where a rule switches verification off.
        code: OpenSSL's verify code of a refusal; None if there is none.
        message: its text, or why nothing is known; empty if accepted.
        strict_only: whether `VERIFY_X509_STRICT` is the only reason for a refusal.
    """

    def __init__(self, state: str, code: Optional[int] = None, message: str = "", strict_only: bool = False) -> None:
        self.state = state
        self.code = code
        self.message = message
        self.strict_only = strict_only
        #: message, code, and whether STRICT alone is to blame
        self.reason = message
        if code is not None:
            self.reason += " (verify code %d)" % code
        if strict_only:
            self.reason += "; only by the stricter rules of VERIFY_X509_STRICT"

    def __str__(self) -> str:
        return self.state + (": " + self.reason if self.reason else "")


def refused_by(exc: ssl.SSLCertVerificationError) -> Verdict:
    """The verdict that an error tells of."""
    return Verdict(REFUSED, *cause_of(exc))


def made_to_judge(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, changed for `judge()`: TLS 1.2, and any cipher suite.

    Whom it trusts, its flags and its security level, which decide about a chain, stay as they are.
    """
    # What cannot be changed may be unable to judge, and will say so.
    with contextlib.suppress(ssl.SSLError, ValueError, NotImplementedError):
        assign(context, "options", context.options & ~ssl.OP_NO_TLSv1_2)
        assign(context, "minimum_version", ssl.TLSVersion.TLSv1_2)
        assign(context, "maximum_version", ssl.TLSVersion.TLSv1_2)
        context.set_ciphers("ALL")
    return context


def judge(
    chain: Sequence[bytes],
    name: Name,
    context: ssl.SSLContext,
    lenient: Optional[Callable[[], ssl.SSLContext]] = None,
) -> Verdict:
    """What `context` says to a chain.

    Args:
        chain: the certificates as the server sent them, DER, the leaf first.
        name: the reference identifier.
        context: one that verifies chain and name; best, one `made_to_judge()`.
        lenient: makes the same without `VERIFY_X509_STRICT`, if it is strict.
    """
    if not chain:
        return Verdict(UNKNOWN, message="the server sent no certificate, or resumed a session")
    if not name:
        return Verdict(REFUSED, message="check_hostname requires server_hostname")
    try:
        client = _Client(context, name)
        flights = messages.server_flights(client.hello, chain)
        verdict = _answer(flights, client)
        if verdict.state == ACCEPTED and not _is_verifying(context, chain):
            return Verdict(UNKNOWN, message=_NOT_BY_OPENSSL)
        if lenient is None or verdict.state != REFUSED:
            return verdict
        without = lenient()
        strict_only = _answer(flights, _Client(without, name)).state == ACCEPTED and _is_verifying(without, chain)
    except (ssl.SSLError, ValueError, TypeError, OverflowError) as exc:  # TypeError: a name with a zero byte
        return Verdict(UNKNOWN, message=str(exc))
    return Verdict(REFUSED, verdict.code, verdict.message, strict_only)


def examined(chain: Sequence[bytes], name: Name, context: ssl.SSLContext) -> Tuple[Verdict, List[bytes]]:
    """What a context says that is known to verify by OpenSSL, and the chain as OpenSSL has built it.

    Args:
        chain: the certificates as the server sent them, DER, the leaf first.
        name: the reference identifier.
        context: one of our own, `made_to_judge()`.

    Returns:
        The verdict; and the certificates, DER, the leaf first and the last one from the trust store if it is there.
        Nothing of them is known before Python 3.10.
    """
    try:
        client = _Client(context, name)
        verdict = _answer(messages.server_flights(client.hello, chain), client)
        return verdict, client.built()
    except (ssl.SSLError, ValueError, TypeError, OverflowError) as exc:  # TypeError: a name with a zero byte
        return Verdict(UNKNOWN, message=str(exc)), []


def _is_verifying(context: ssl.SSLContext, accepted: Sequence[bytes]) -> bool:
    """Whether OpenSSL verifies with this context: it refuses whom nobody trusts, and whom it accepts under no name.

    Once seen, it is not asked again.
    """
    if context in _verifying:
        return True
    for chain, name in (([CERTIFICATE], NAME), (accepted, NO_NAME)):
        client = _Client(context, name)
        if _answer(messages.server_flights(client.hello, chain), client).state != REFUSED:
            return False
    _verifying.add(context)
    return True


class _Client:
    """A client on two memory buffers that has said hello."""

    def __init__(self, context: ssl.SSLContext, name: Name) -> None:
        self._context, self._name = context, name
        self.incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, outgoing, server_hostname=name)
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        self.hello = outgoing.read()

    def again(self) -> _Client:
        """Another one like this, for it can be answered but once."""
        return _Client(self._context, self._name)

    def built(self) -> List[bytes]:
        """The chain that OpenSSL has built, DER, as far as it came."""
        with contextlib.suppress(AttributeError, TypeError):
            chain: Any = self.tls._sslobj.get_verified_chain()  # type: ignore[attr-defined]
            return [each.public_bytes(ssl._ssl.ENCODING_DER) for each in chain]  # type: ignore[attr-defined]
        return []


def _answer(flights: Sequence[bytes], client: _Client) -> Verdict:
    """What a client says to the first of these that is for the key of the leaf."""
    message = "no cipher suite of TLS 1.2 fits; the context may allow TLS 1.3 only"
    for number, flight in enumerate(flights):
        try:
            return _ask(flight, client.again() if number else client)
        except _OtherKeyType as exc:
            message = str(exc)
        except (ssl.SSLError, ValueError) as exc:
            return Verdict(UNKNOWN, message=str(exc))
    return Verdict(UNKNOWN, message=message)


class _OtherKeyType(Exception):
    """The cipher suite is not for the key of this leaf."""


def _ask(flight: bytes, client: _Client) -> Verdict:
    client.incoming.write(flight)
    held = signals.hold()
    try:
        client.tls.do_handshake()
    except ssl.SSLWantReadError:
        return Verdict(ACCEPTED)
    except ssl.SSLCertVerificationError as exc:
        return refused_by(exc)
    except ssl.SSLError as exc:
        if exc.reason in _OTHER_SUITE:
            if _VERIFIES_FIRST:
                return Verdict(ACCEPTED)
            raise _OtherKeyType(str(exc)) from exc
        raise
    finally:
        if PYPY:
            forget_openssl_error()  # else the next trust store to be loaded finds it
        signals.release(held)
    return Verdict(UNKNOWN, message="the handshake ended early")


# Remembered verdicts

#: by context, so that one with another trust store starts anew
_verdicts: weakref.WeakKeyDictionary[ssl.SSLContext, Memory]
_verdicts = kept(__name__).setdefault("verdicts", weakref.WeakKeyDictionary())
#: what was said last to chains with that leaf, for sessions that are resumed; by context, or by trust
_last: weakref.WeakKeyDictionary[object, Memory]
_last = kept(__name__).setdefault("last", weakref.WeakKeyDictionary())


def remembered(
    chain: Sequence[bytes],
    name: Name,
    context: ssl.SSLContext,
    lenient: Optional[Callable[[], ssl.SSLContext]] = None,
    trust: Optional[object] = None,
) -> Verdict:
    """`judge()`, asked once for the same chain, name and context within LIFETIME.

    Args:
        chain: see `judge()`.
        name: see there.
        context: see there.
        lenient: for a context that is strict, makes the same without `VERIFY_X509_STRICT`.
        trust: what stands for the context where that is another one each time.
    """
    if isinstance(chain, Resumed):
        return inherited(chain, name, trust or context)
    key = name, digest(chain)
    memory = _verdicts.setdefault(context, {})
    since, verdict = _recall(memory, key)
    if verdict is None:
        # Without a lock: threads that ask the same at the same time each find it out.
        verdict = judge(chain, name, context, lenient)
        _keep(memory, key, since, verdict)
    if chain:
        _keep(_last.setdefault(trust or context, {}), (name, digest(chain[:1])), since, verdict)
    return verdict


def inherited(leaf: Resumed, name: Name, trust: object) -> Verdict:
    """The verdict on a resumed session: the one on the chain with that leaf, for the same name and trust.

    It does not live longer by that.
    """
    _, verdict = _recall(_last.get(trust, {}), (name, digest(leaf)))
    return verdict or Verdict(
        UNKNOWN, message="the server resumed a session, and its certificate was not judged lately"
    )


def digest(chain: Sequence[bytes]) -> bytes:
    """What stands for a chain where it need not be kept."""
    found = hashlib.sha256()
    for entry in chain:
        found.update(len(entry).to_bytes(4, "big") + entry)
    return found.digest()


def _recall(memory: Memory, key: Tuple[Name, bytes]) -> Tuple[float, Optional[Verdict]]:
    """When it was judged and how; the time is now if that is to be found out."""
    now = time.monotonic()
    since, verdict = memory.get(key, (now, None))
    return (now, None) if now - since > LIFETIME else (since, verdict)


def _keep(memory: Memory, key: Tuple[Name, bytes], since: float, verdict: Verdict) -> None:
    memory.pop(key, None)
    memory[key] = since, verdict
    drop_oldest(memory, _MOST)
