"""An impostor: it speaks the protocols up to TLS, presents a certificate that nobody should trust, and no more.

It has no private key, and needs none. A client judges the chain when TLS 1.2's Certificate message arrives, before
anything is signed (RFC 5246 section 7.3). One that refuses says so by an alert about the certificate; one that accepts
misses the ServerKeyExchange message that should have followed and says that. No credential is ever sent to either.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from typing import Tuple

from .._tls import messages
from .protocols import dialogue

TIMEOUT = 10.0  # seconds

ACCEPTED, REFUSED = "accepted", "refused"

# Alerts, RFC 8446 section 6: bad_certificate, unsupported_, revoked, expired, unknown, unknown_ca
_ABOUT_THE_CERTIFICATE = {42, 43, 44, 45, 46, 48}
_UNEXPECTED_MESSAGE = 10

# Self-signed for "localhost" and 127.0.0.1, made by the following and never kept with its key:
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -days 36500 -outform DER
#     -subj "/CN=securedefaults doctor's impostor" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1"
CERTIFICATE = base64.b64decode(
    "MIIByDCCAW+gAwIBAgIUCj9yGtT/xuhF46kwDLRRJqRtFWUwCgYIKoZIzj0EAwIwKzEpMCcGA1UEAwwgc2VjdXJlZGVmYXVsdHMg"
    "ZG9jdG9yJ3MgaW1wb3N0b3IwIBcNMjYxMTI0MDAwODEyWhgPMjEyNjEwMzEwMDA4MTJaMCsxKTAnBgNVBAMMIHNlY3VyZWRlZmF1"
    "bHRzIGRvY3RvcidzIGltcG9zdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVhwxr8Ay8tmTh9iniXxskWjFutyCtQjXz96F"
    "eVnxdsN7iP4Tvh4brREfp95D8pOhryVfaKceBn26mrWV0hctfKNvMG0wHQYDVR0OBBYEFNfmDLGiBxlmV/J6nWzVvfoE5+8cMB8G"
    "A1UdIwQYMBaAFNfmDLGiBxlmV/J6nWzVvfoE5+8cMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAAB"
    "MAoGCCqGSM49BAMCA0cAMEQCIF/hzl4IXuRTOpNIRbwpV4Wz16q0lmBEi6LYQRmY53VYAiBANZBxt1TwkdFgQGAwUtk1mVmbz9fn"
    "F/NzpMQSARO8pg=="
)


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
    """Play the first flight of a TLS 1.2 server without a key; returns what the client made of the certificate."""
    with sock:
        content, hello = _record(sock)
        suite = messages.chosen_suite(messages.offered_suites(hello), messages.ECDSA)
        if content != messages.HANDSHAKE or suite is None:
            return "the client offers no TLS 1.2 suite that fits, so it cannot be asked"
        done = messages.message(messages.SERVER_HELLO_DONE, b"")
        sock.sendall(messages.records(messages.server_hello(suite) + messages.certificate([CERTIFICATE]) + done))
        content, answer = _record(sock)
    if content == messages.ALERT and len(answer) == 2:
        if answer[1] in _ABOUT_THE_CERTIFICATE:
            return REFUSED
        if answer[1] == _UNEXPECTED_MESSAGE:
            return ACCEPTED
        return "the client ended the handshake with alert %d" % answer[1]
    return "the client left without a word"


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
