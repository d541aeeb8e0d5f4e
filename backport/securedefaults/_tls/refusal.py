"""The platform's error for a certificate that was refused, and what was refused."""

from __future__ import annotations

import contextlib
import ssl
import sys

from .._observe.errors import explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Dict, Optional, Tuple, Type

#: the attribute of an error with the refused leaf: (the certificate in DER, what `SSLSocket.getpeercert()` says of it)
PRESENTED = "_securedefaults_presented"
#: of an error that has none
NOTHING: Tuple[Optional[bytes], Optional[Dict[str, Any]]] = None, None

_HANDSHAKE = __name__.rpartition(".")[0] + ".handshake"


def certificate_error(code: int, message: str) -> ssl.SSLCertVerificationError:
    """The error for what OpenSSL was not asked.

    Args:
        code: the verify code.
        message: its text.
    """
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + message
    exc = ssl.SSLCertVerificationError(ssl.SSL_ERROR_SSL, text)
    exc.verify_code, exc.verify_message = code, message
    exc.library, exc.reason = "SSL", "CERTIFICATE_VERIFY_FAILED"
    return exc


_presenting_classes: Dict[Type[ssl.SSLSocket], Type[ssl.SSLSocket]] = {}


def presenting(base: Type[ssl.SSLSocket]) -> Type[ssl.SSLSocket]:
    """`base`, except that the error of a refusal in its handshake has what the server presented.

    `SSLContext.sslsocket_class` is made for this; after the handshake has failed nobody can ask any more.
    """
    if base not in _presenting_classes:

        class Presenting(base):  # type: ignore[valid-type,misc]
            def do_handshake(self, *args: Any, **kwargs: Any) -> None:
                try:
                    super().do_handshake(*args, **kwargs)
                except ssl.SSLCertVerificationError as exc:
                    _present(exc, self._sslobj)
                    if not _is_explained_later():
                        explain(exc, self.server_hostname, getattr(exc, PRESENTED, NOTHING)[1])
                    raise

        Presenting.__name__, Presenting.__qualname__ = base.__name__, base.__qualname__
        Presenting.__module__, Presenting.__doc__ = base.__module__, base.__doc__
        _presenting_classes[base] = Presenting
    return _presenting_classes[base]


def _present(exc: ssl.SSLCertVerificationError, sslobj: Any) -> None:
    """Keep the leaf that was refused; nothing before Python 3.10, which cannot tell."""
    # The chain as far as OpenSSL built it is there even when the verdict on it was bad.
    with contextlib.suppress(AttributeError, TypeError, IndexError, ValueError):
        leaf = sslobj.get_verified_chain()[0]
        der = leaf.public_bytes(ssl._ssl.ENCODING_DER)  # type: ignore[attr-defined]
        setattr(exc, PRESENTED, (der, leaf.get_info()))


def _is_explained_later() -> bool:
    """Whether our own handshake is waiting for this one, for it can say more: it knows the rule."""
    frame: Optional[FrameType] = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__") == _HANDSHAKE:
            return True
        frame = frame.f_back
    return False
