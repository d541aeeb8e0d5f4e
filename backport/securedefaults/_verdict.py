"""Would this certificate have been accepted? OpenSSL's own answer, without a second connection.

A TLS client judges the server's chain as soon as the Certificate message is there, before the server has proved that
it holds the private key (RFC 5246 section 7.4.2). So the chain that a server has just sent is handed to OpenSSL once
more: a verifying client on two memory buffers, with a ServerHello and a Certificate message made here. If it then
waits for more, it has accepted the chain; if not, it says why, in the very words in which it would refuse.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import time
import weakref
from collections import OrderedDict

from . import _tls
from ._locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

    from ._asked import Name

    #: by name and fingerprint of the chain, when it was judged and how
    Memory = OrderedDict[Tuple[Name, bytes], Tuple[float, "Verdict"]]

ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"
#: by a rule that switches verification off
EXEMPT = "exempt"

#: What OpenSSL says if the cipher suite is not for the key of the leaf.
_OTHER_SUITE = "WRONG_CERTIFICATE_TYPE"

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

    __slots__ = ("code", "message", "state", "strict_only")

    def __init__(self, state: str, code: Optional[int] = None, message: str = "", strict_only: bool = False) -> None:
        self.state = state
        self.code = code
        self.message = message
        self.strict_only = strict_only

    @property
    def reason(self) -> str:
        """Message, code, and whether STRICT alone is to blame."""
        text = self.message
        if self.code is not None:
            text += " (verify code %d)" % self.code
        if self.strict_only:
            text += "; only by the stricter rules of VERIFY_X509_STRICT"
        return text

    def __str__(self) -> str:
        return self.state + (": " + self.reason if self.reason else "")


def judge(chain: Sequence[bytes], name: Name, context: ssl.SSLContext) -> Verdict:
    """What `context` says to a chain.

    Args:
        chain: the certificates as the server sent them, DER, the leaf first.
        name: the reference identifier.
        context: one that verifies chain and name.
    """
    if not chain:
        return Verdict(UNKNOWN, message="the server sent no certificate, or resumed a session")
    if not name:
        return Verdict(REFUSED, message="check_hostname requires server_hostname")
    message = "no cipher suite of TLS 1.2 fits; the context may allow TLS 1.3 only"
    for suites in (_tls.ECDSA, _tls.RSA):
        try:
            return _ask(chain, name, context, suites)
        except _Another as exc:
            message = str(exc) or message
        except (ssl.SSLError, ValueError, TypeError, OverflowError) as exc:  # TypeError: a name with a zero byte
            return Verdict(UNKNOWN, message=str(exc))
    return Verdict(UNKNOWN, message=message)


class _Another(Exception):
    """These cipher suites are not for the key of this leaf."""


def _ask(chain: Sequence[bytes], name: Name, context: ssl.SSLContext, suites: Sequence[int]) -> Verdict:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    offered = _tls.offered_suites(outgoing.read()[_tls.HEADER :])
    suite = next((suite for suite in suites if suite in offered), None)
    if suite is None:
        raise _Another
    incoming.write(_tls.records(_tls.server_hello(suite) + _tls.certificate(chain)))
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return Verdict(ACCEPTED)
    except ssl.SSLCertVerificationError as exc:
        return Verdict(REFUSED, exc.verify_code, exc.verify_message)
    except ssl.SSLError as exc:
        if exc.reason == _OTHER_SUITE:
            raise _Another(str(exc)) from exc
        raise
    return Verdict(UNKNOWN, message="the handshake ended early")


# The chain of a connection


@contextlib.contextmanager
def recording(context: ssl.SSLContext) -> Iterator[Callable[[ssl.SSLSocket], List[bytes]]]:
    """Handshakes of `context` inside of this can be asked for the chain that the server sent, leaf first."""
    if hasattr(ssl._ssl, "_SSLSocket") and hasattr(ssl._ssl._SSLSocket, "get_unverified_chain"):  # type: ignore[attr-defined]
        yield _sent_chain
        return
    # 3.8 and 3.9 only tell by the callback that is made for debugging.
    seen: List[bytes] = []

    def callback(
        connection: object, direction: str, version: Any, content_type: Any, message_type: Any, data: bytes
    ) -> None:
        if direction == "read" and content_type == _tls.HANDSHAKE and not seen:
            with contextlib.suppress(ValueError):  # it is another message
                seen.extend(_tls.certificates(data, tls13=version == ssl.TLSVersion.TLSv1_3))

    # By the base class's own descriptor: the property of ssl.SSLContext does not end once that name in `ssl` means
    # another class, as with eventlet. So numbers come where it makes them members of enums.
    current: Any = vars(ssl._ssl._SSLContext)["_msg_callback"]  # type: ignore[attr-defined]
    if current.__get__(context) is not None:  # somebody else's
        yield lambda tls: []
        return
    callback.user_function = callback  # type: ignore[attr-defined]  # for who asks that property
    current.__set__(context, callback)
    try:
        yield lambda tls: seen
    finally:
        current.__set__(context, None)


def _sent_chain(tls: ssl.SSLSocket) -> List[bytes]:
    sslobj: Any = getattr(tls, "_sslobj", None)
    if sslobj is None:
        return []
    return [entry.public_bytes(ssl._ssl.ENCODING_DER) for entry in sslobj.get_unverified_chain() or ()]  # type: ignore[attr-defined]


# Remembered verdicts

#: by context, so that one with another trust store starts anew
_verdicts: weakref.WeakKeyDictionary[ssl.SSLContext, Memory] = weakref.WeakKeyDictionary()
_lock = Lock()


def remembered(
    chain: Sequence[bytes],
    name: Name,
    context: ssl.SSLContext,
    lenient: Optional[Callable[[], ssl.SSLContext]] = None,
) -> Verdict:
    """`judge()`, asked once for the same chain, name and context within LIFETIME.

    `lenient` is for a context that is strict, and makes the same without `VERIFY_X509_STRICT`.
    """
    digest = hashlib.sha256()
    for entry in chain:
        digest.update(len(entry).to_bytes(4, "big") + entry)
    key = name, digest.digest()
    now = time.monotonic()
    with _lock:
        since, verdict = _verdicts.setdefault(context, OrderedDict()).get(key, (now, None))
    if verdict is None or now - since > LIFETIME:
        verdict = judge(chain, name, context)
        if lenient is not None and verdict.state == REFUSED:
            verdict.strict_only = judge(chain, name, lenient()).state == ACCEPTED
        with _lock:
            memory = _verdicts.setdefault(context, OrderedDict())
            memory[key] = now, verdict
            while len(memory) > _MOST:
                memory.popitem(last=False)
    return verdict
