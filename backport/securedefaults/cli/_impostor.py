"""An impostor: it speaks the protocols up to TLS, presents a certificate that nobody should trust, and no more.

A client judges the chain when TLS 1.2's Certificate message arrives, before anything is signed (RFC 5246 section 7.3).
One that refuses says so by an alert about the certificate; one that accepts misses the ServerKeyExchange message that
should have followed and says that. With a client that speaks TLS 1.3 only, where all of that is encrypted, OpenSSL
makes the handshake. No credential is ever sent to either.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import tempfile
import threading
from typing import Tuple

from .._tls import messages
from .._tls.stdlib import own_class
from .._tls.untrusted import CERTIFICATE
from .protocols import dialogue

TIMEOUT = 10.0  # seconds

ACCEPTED, REFUSED = "accepted", "refused"

# Alerts, RFC 8446 section 6: bad_certificate, unsupported_, revoked, expired, unknown, unknown_ca
_ABOUT_THE_CERTIFICATE = {42, 43, 44, 45, 46, 48}
# What OpenSSL calls them
_CERTIFICATE_ALERTS = (
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
)
# unexpected_message; and illegal_parameter, where a suite for RSA was all that the client offers
_ABOUT_WHAT_FOLLOWS = {10, 47}

# The private key of the certificate is the number 1 (of the curve P-256), so it is nobody's secret. Here is the header
# of PKCS #8 (RFC 5958) around it.
_KEY_HEADER = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"


class Impostor:
    """Serves one connection on a loopback port. A context manager.

    Args:
        protocol: of the table of entry points, e.g. `"SMTP"`.
        implicit: TLS from the first byte.

    Attributes:
        verdict: ACCEPTED or REFUSED, or a word on why neither was seen.
    """

    def __init__(self, protocol: str, *, implicit: bool = False) -> None:
        self.verdict = "no TLS handshake was started"
        self._dialogue = dialogue(protocol)
        self._implicit = implicit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Impostor:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._thread.join(TIMEOUT)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            sock, _ = self._listener.accept()
            with sock:
                sock.settimeout(TIMEOUT)
                if self._implicit:
                    self.verdict = present(sock)
                else:
                    self._talk(sock)

    def _talk(self, sock: socket.socket) -> None:
        data = socket.create_server(("127.0.0.1", 0))
        data.settimeout(TIMEOUT)
        with data, sock.makefile("rwb", buffering=0) as lines:
            port = data.getsockname()[1]
            answers = self._dialogue.ANSWERS
            _say(lines, self._dialogue.GREETING)
            for line in iter(lines.readline, b""):
                words = line.decode("latin-1").upper().split()
                verb = next((word for word in words[:2] if word in answers), "")
                tag = words[0] if words else ""
                _say(lines, answers.get(verb, "200 OK").format(tag=tag, port=port, pasv=_pasv(port)))
                if verb in self._dialogue.GO_AHEAD:
                    over_data = verb == getattr(self._dialogue, "DATA", None)
                    self.verdict = present(data.accept()[0] if over_data else sock)
                    return


def _say(lines: socket.SocketIO, text: str) -> None:
    lines.write((text + "\n").replace("\n", "\r\n").encode())


def _pasv(port: int) -> str:
    return "127,0,0,1,%d,%d" % divmod(port, 256)


def present(sock: socket.socket) -> str:
    """Play the first flight of a TLS 1.2 server; returns what the client made of the certificate."""
    with sock:
        content, hello = _record(sock)
        suites = messages.offered_suites(hello)
        suite = messages.chosen_suite(suites, messages.ECDSA)
        if content == messages.HANDSHAKE and suite is None and any(map(messages.is_tls13, suites)):
            return _shake_hands(sock, hello)
        suite = suite or messages.chosen_suite(suites, messages.RSA)
        if content != messages.HANDSHAKE or suite is None:
            return "the client offers no cipher suite that fits, so it cannot be asked"
        done = messages.message(messages.SERVER_HELLO_DONE, b"")
        sock.sendall(messages.records(messages.server_hello(suite) + messages.certificate([CERTIFICATE]) + done))
        content, answer = _record(sock)
    if content == messages.ALERT and len(answer) == 2:
        if answer[1] in _ABOUT_THE_CERTIFICATE:
            return REFUSED
        if answer[1] in _ABOUT_WHAT_FOLLOWS:
            return ACCEPTED
        return "the client ended the handshake with alert %d" % answer[1]
    return "the client left without a word"


def _shake_hands(sock: socket.socket, hello: bytes) -> str:
    """The same by a whole handshake; of the client there is its ClientHello already."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _server_context().wrap_bio(incoming, outgoing, server_side=True)
    received = messages.records(hello)
    while received:
        incoming.write(received)
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as exc:
            reason = exc.reason or ""
            return REFUSED if reason.endswith(_CERTIFICATE_ALERTS) else "the handshake ended with %s" % reason
        else:
            return ACCEPTED
        sock.sendall(outgoing.read())
        received = sock.recv(65536)
    return "the client left without a word"


def _server_context() -> ssl.SSLContext:
    context: ssl.SSLContext = own_class()(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")  # it is not the client's
    key = base64.b64encode(bytes.fromhex(_KEY_HEADER) + (1).to_bytes(32, "big")).decode()
    certificate = ssl.DER_cert_to_PEM_cert(CERTIFICATE)
    pem = certificate + "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n".format("PRIVATE KEY", key)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "impostor.pem")
        with open(path, "w", encoding="ascii") as file:
            file.write(pem)
        context.load_cert_chain(path)
    return context


def _record(sock: socket.socket) -> Tuple[int, bytes]:
    """One TLS record: its content type and content; (0, b"") at the end of the stream."""
    header = _exactly(sock, 5)
    if len(header) < 5:
        return 0, b""
    return header[0], _exactly(sock, int.from_bytes(header[3:], "big"))


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        received = sock.recv(size - len(data))
        if not received:
            break
        data += received
    return data
