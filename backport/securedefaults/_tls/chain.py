"""The chain that a server has sent, also to a context that verifies nobody."""

from __future__ import annotations

import contextlib
import ssl
import sys

from . import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Tuple

    _Chain = List[bytes]
else:
    _Chain = list


def _ignore(*args: object) -> None:
    """Where a callback cannot be taken away again, this stays in its place."""


_ignore.user_function = _ignore  # type: ignore[attr-defined]  # for who asks the property of ssl.SSLContext

#: What a context has afterwards. OpenSSL calls CPython back when the callback is already gone, and then CPython before
#: 3.8.9 and 3.9.3 never gives the global interpreter lock back (bpo-43577). PyPy raises TypeError for None.
_AFTERWARDS = (
    _ignore
    if sys.implementation.name == "pypy" or sys.version_info < (3, 8, 9) or (3, 9) <= sys.version_info < (3, 9, 3)
    else None
)


class Resumed(_Chain):
    """The leaf alone, which is what is left of the chain where a session is resumed: its server sends none."""


def handshake_and_chain(
    context: ssl.SSLContext, handshake: Callable[..., ssl.SSLSocket], *args: Any, **kwargs: Any
) -> Tuple[ssl.SSLSocket, List[bytes]]:
    """The socket that `handshake(*args, **kwargs)` returns, and the chain that its server sent: DER, leaf first.

    A resumed session may have its leaf only; then that is told by a Resumed.
    """
    with recording(context) as chain_of:
        tls = handshake(*args, **kwargs)
        return tls, chain_of(tls) or _resumed(tls)


def _resumed(tls: ssl.SSLSocket) -> List[bytes]:
    if not getattr(tls, "session_reused", False):
        return []
    leaf = tls.getpeercert(True)
    return Resumed([leaf] if leaf else [])


@contextlib.contextmanager
def recording(context: ssl.SSLContext) -> Iterator[Callable[[ssl.SSLSocket], List[bytes]]]:
    """Handshakes of `context` inside of this can be asked for the chain that the server sent, leaf first."""
    if hasattr(ssl._ssl, "_SSLSocket") and hasattr(ssl._ssl._SSLSocket, "get_unverified_chain"):  # type: ignore[attr-defined]
        yield sent_chain
        return
    # 3.8 and 3.9 only tell by the callback that is made for debugging.
    sent: List[Tuple[bytes, bool]] = []

    def callback(
        connection: object, direction: str, version: Any, content_type: Any, message_type: Any, data: bytes
    ) -> None:
        if direction == "read" and content_type == messages.HANDSHAKE and data[:1] == messages.CERTIFICATE:
            sent.append((data, version == ssl.TLSVersion.TLSv1_3))

    # By the base class's own descriptor: the property of ssl.SSLContext does not end once that name in `ssl` means
    # another class, as with eventlet. So numbers come where it makes them members of enums.
    current: Any = vars(ssl._ssl._SSLContext)["_msg_callback"]  # type: ignore[attr-defined]
    if current.__get__(context) not in (None, _ignore):  # somebody else's
        yield lambda tls: []
        return
    callback.user_function = callback  # type: ignore[attr-defined]  # for who asks that property
    current.__set__(context, callback)
    try:
        yield lambda tls: _read_chain(sent)
    finally:
        current.__set__(context, _AFTERWARDS)


def _read_chain(sent: List[Tuple[bytes, bool]]) -> List[bytes]:
    """The chain of the first Certificate message that is one; each with whether it is TLS 1.3's."""
    for data, tls13 in sent:
        with contextlib.suppress(ValueError):
            return messages.certificates(data, tls13=tls13)
    return []


def sent_chain(tls: ssl.SSLSocket, longest: int = sys.maxsize) -> List[bytes]:
    """The chain that its server sent, DER, leaf first; also of a handshake that has failed.

    Nothing is known of it before Python 3.10.

    Args:
        tls: the socket.
        longest: bytes after which the rest is left out.
    """
    sslobj: Any = getattr(tls, "_sslobj", None)
    if not hasattr(sslobj, "get_unverified_chain"):
        return []
    found: List[bytes] = []
    for entry in sslobj.get_unverified_chain() or ():
        found.append(entry.public_bytes(ssl._ssl.ENCODING_DER))  # type: ignore[attr-defined]
        longest -= len(found[-1])
        if longest < 0:
            break
    return found
