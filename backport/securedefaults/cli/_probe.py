"""One connection to a server, up to the end of the TLS handshake: what did it send?

The dialogues are written out, in `protocols`, and not left to smtplib and the like: nntplib is gone since Python 3.13,
and none of them bounds the time that a server may take altogether. No credential is ever sent, and nothing inside TLS.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .._tls.chain import handshake_and_chain
from .._tls.trust import NoTrust
from ._dialogue import Deadline, Dialogue, Problem
from .protocols import dialogue

#: What OpenSSL says if what came was no TLS at all.
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


class Sent(NamedTuple):
    """What came of a handshake in which nothing was verified.

    Attributes:
        tls: the version, e.g. `"TLSv1.3"`.
        chain: the certificates as sent, DER, the leaf first.
        described: subject and issuer of each, as `SSLSocket.getpeercert()` has them; empty before Python 3.10.
    """

    tls: Optional[str]
    chain: Tuple[bytes, ...]
    described: Tuple[Dict[str, Any], ...]


def probe(protocol: str, *, implicit: bool, host: str, port: int, name: str, timeout: float) -> Sent:
    """Connect, ask for TLS, and make the handshake.

    Args:
        protocol: of the table of entry points, e.g. `"SMTP"`.
        implicit: TLS from the first byte.
        host: to connect to.
        port: to connect to.
        name: to ask for by SNI.
        timeout: seconds for all of it, but for the resolution of the name, which nobody can interrupt.

    Raises:
        Problem: it did not come so far.
    """
    addresses = _resolve(host, port)
    deadline = Deadline(timeout)
    try:
        with _connect(addresses, deadline) as sock:
            if not implicit:
                talk = Dialogue(sock, deadline)
                dialogue(protocol).upgrade(talk)
                talk.end()
            return _handshake(sock, name, deadline, implicit=implicit)
    except socket.timeout:
        raise deadline.passed() from None
    except OSError as exc:
        raise Problem("the connection broke: %s" % _words(exc)) from exc


def _resolve(host: str, port: int) -> List[Any]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise Problem("the name cannot be resolved: %s" % _words(exc)) from exc


def _connect(addresses: List[Any], deadline: Deadline) -> socket.socket:
    """To the first address that answers; none of them may use up the time of the others."""
    failure: Optional[OSError] = None
    for index, (family, kind, number, _, address) in enumerate(addresses):
        try:
            sock = socket.socket(family, kind, number)
        except OSError as exc:  # this machine has no IPv6, for example
            failure = exc
            continue
        try:
            sock.settimeout(deadline.left() / (len(addresses) - index))
            sock.connect(address)
        except OSError as exc:
            sock.close()
            failure = exc
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    if failure is None or isinstance(failure, socket.timeout):
        raise deadline.passed()
    raise Problem("no connection: %s" % _words(failure))


def _words(exc: BaseException) -> str:
    text = exc.strerror if isinstance(exc, OSError) and not isinstance(exc, ssl.SSLError) else str(exc)
    return text or str(exc) or type(exc).__name__


# TLS


def _handshake(sock: socket.socket, name: str, deadline: Deadline, *, implicit: bool) -> Sent:
    deadline.expected = "the end of the TLS handshake"
    # One context for each: the recording belongs to it.
    context = NoTrust().private_context()
    # A handshake as a whole is bounded by this, unlike any other dialogue.
    sock.settimeout(deadline.left())
    try:
        tls, chain = handshake_and_chain(context, context.wrap_socket, sock, server_hostname=name)
    except ssl.SSLError as exc:
        hint = ""
        if implicit and exc.reason in _NO_TLS:
            hint = "; perhaps it does not begin with TLS, but is to be asked for it"
        raise Problem("the TLS handshake failed: %s%s" % (_words(exc), hint)) from exc
    with tls:
        return Sent(tls.version(), tuple(chain), _described(tls))


def _described(tls: ssl.SSLSocket) -> Tuple[Dict[str, Any], ...]:
    sslobj: Any = getattr(tls, "_sslobj", None)
    try:
        return tuple(entry.get_info() for entry in sslobj.get_unverified_chain() or ())
    except Exception:  # before 3.10 there is none; and who knows what a server puts into a certificate
        return ()
