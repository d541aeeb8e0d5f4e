"""The platform's error for a certificate that was refused, and what was refused."""

from __future__ import annotations

import ssl
import sys

from .._kept import kept
from .._names import REFUSED, cause_of
from .._observe import stderr
from .._observe.errors import explain, log_unseen, refusal_in_one_line
from .chain import sent_chain
from .x509 import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Dict, Optional, Set, Tuple, Type

#: the attribute of an error with what was refused: the host as it was asked for, the leaf in DER, what
#: `SSLSocket.getpeercert()` says of it, and the chain as it was sent
PRESENTED = "_securedefaults_presented"

#: the modules that explain the refusals of their own handshakes, for they can say more: which rule counted
_explaining: Set[str] = kept(__name__).setdefault("explaining", set())


def explains_itself(module: str) -> None:
    """Leave the refusals of the handshakes that this module makes to it."""
    _explaining.add(module)


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
    """`base`, except that the error of a refusal in its handshake says what the server presented.

    `SSLContext.sslsocket_class` is made for this; after the handshake has failed nobody can ask any more.
    """
    if base not in _presenting_classes:

        class Presenting(base):  # type: ignore[valid-type,misc]
            def do_handshake(self, *args: Any, **kwargs: Any) -> None:
                try:
                    super().do_handshake(*args, **kwargs)
                except ssl.SSLCertVerificationError as exc:
                    presented = (self.server_hostname, *_presented(self._sslobj))
                    if _is_explained_later():
                        chain = sent_chain(self, LONGEST_CHAIN)
                        setattr(exc, PRESENTED, (*presented, chain))
                    else:
                        unseen = explain(exc, presented[0], presented[2])
                        code, message = cause_of(exc)
                        log_unseen(unseen, (presented[0], (code, message)))
                        if stderr.is_for_us():
                            line = refusal_in_one_line(str(presented[0]), message, code)
                            stderr.say_once(line, (presented[0], REFUSED))
                    raise

        Presenting.__name__, Presenting.__qualname__ = base.__name__, base.__qualname__
        Presenting.__module__, Presenting.__doc__ = base.__module__, base.__doc__
        _presenting_classes[base] = Presenting
    return _presenting_classes[base]


#: Bytes of a chain that are looked at further; to copy more would take as long as the handshake.
LONGEST_CHAIN = 32768

#: Bytes of a leaf. Of a longer one `get_info()` would take as long as the handshake: it has no end to what it reads.
_LONGEST = 8192


def _presented(sslobj: Any) -> Tuple[Optional[bytes], Optional[Dict[str, Any]]]:
    """The leaf that was refused; nothing before Python 3.10, which cannot tell."""
    # The chain as far as OpenSSL built it is there even when the verdict on it was bad.
    try:
        leaf = sslobj.get_verified_chain()[0]
        der: bytes = leaf.public_bytes(ssl._ssl.ENCODING_DER)  # type: ignore[attr-defined]
    except (AttributeError, TypeError, IndexError, ValueError):
        return None, None
    if len(der) > _LONGEST:
        return der, _described_in_part(der)
    try:
        return der, leaf.get_info()
    except ValueError:  # a name that is no text, say
        return der, None


def _described_in_part(der: bytes) -> Dict[str, Any]:
    """What we read ourselves of a leaf, as `SSLSocket.getpeercert()` has it."""
    found = described(der)
    info: Dict[str, Any] = {"subjectAltName": tuple(("", name) for name in found.names)}
    if found.not_after is not None:
        info["notAfter"] = found.not_after
    return info


def _is_explained_later() -> bool:
    """Whether the handshake is made by a module that explains it itself."""
    package = __name__.partition(".")[0] + "."
    frame: Optional[FrameType] = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__")
        # The nearest of ours: further out there may be another handshake, which is just being told of.
        if isinstance(module, str) and module.startswith(package):
            return module in _explaining
        frame = frame.f_back
    return False
