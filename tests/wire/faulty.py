"""Servers whose TLS goes wrong: broken ones, and attackers on the path.

A `Faulty` takes the place of the server's context, so that any server of servers.py can have any of the faults, in
implicit TLS, after an upgrade, and in FTP's data channel.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import re
import socket
import ssl
import struct
import time
import weakref
from typing import Any, Callable, Dict, List, Optional, Tuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from securedefaults._tls import messages as tls_messages

from .certs import Certificates, chain_of, server_context
from .servers import TIMEOUT

#: What a server does with a connection on which the client wants to start TLS: it returns the TLS socket with which
#: the session goes on, or None if there is nothing to go on with.
Act = Callable[["Faulty", socket.socket], Optional[ssl.SSLSocket]]

#: Seconds that a dripping server lets pass between two bytes.
PAUSE = 0.02

HANDSHAKE_FAILURE, UNRECOGNIZED_NAME, INTERNAL_ERROR = 40, 112, 80
WARNING, FATAL = 1, 2


class Faulty:
    """Stands in for a server's SSLContext.

    Args:
        act: what is done.
        certs: the good server's certificate is `certs["good"]`.

    Attributes:
        received: everything that the client sent in clear text from there on; its TLS records are among it.
    """

    def __init__(self, act: Act, certs: Certificates) -> None:
        self._act = act
        self.certs = certs
        self.received = bytearray()

    def wrap_socket(self, sock: socket.socket, server_side: bool = True) -> ssl.SSLSocket:
        """Raises OSError if the session cannot go on."""
        tls = self._act(self, sock)
        if tls is None:
            raise OSError("that was the fault")
        return tls

    def hello(self, sock: socket.socket) -> bytes:
        """The client's first handshake message."""
        while True:
            if len(self.received) >= tls_messages.HEADER:
                end = tls_messages.HEADER + struct.unpack("!H", self.received[3:5])[0]
                if len(self.received) >= end:
                    return bytes(self.received[tls_messages.HEADER : end])
            received = sock.recv(65536)
            if not received:
                raise OSError("the client left")
            self.received += received

    def drain(self, sock: socket.socket) -> None:
        """Take whatever comes, until the client leaves."""
        with contextlib.suppress(OSError):
            while True:
                received = sock.recv(65536)
                if not received:
                    return
                self.received += received

    def chain(self) -> List[bytes]:
        """The good server's, which anyone can know."""
        return chain_of(self.certs["good"].pem)[:1]


def stall(ours: Faulty, sock: socket.socket) -> None:
    ours.hello(sock)
    ours.drain(sock)


def _says(answer: Callable[[Faulty, bytes], bytes], *, then_stall: bool = False) -> Act:
    """A server that answers the ClientHello with these bytes and then says nothing more."""

    def act(ours: Faulty, sock: socket.socket) -> None:
        hello = ours.hello(sock)
        sock.sendall(answer(ours, hello))
        if not then_stall:
            sock.shutdown(socket.SHUT_WR)
        ours.drain(sock)

    return act


def drip(ours: Faulty, sock: socket.socket) -> None:
    """A byte now and then: each is in time, all together are not."""
    ours.hello(sock)
    with contextlib.suppress(OSError):
        for byte in _flight(ours.chain()):
            sock.sendall(bytes([byte]))
            time.sleep(PAUSE)


def close(ours: Faulty, sock: socket.socket) -> None:
    ours.hello(sock)
    sock.shutdown(socket.SHUT_RDWR)


def reset(ours: Faulty, sock: socket.socket) -> None:
    ours.hello(sock)
    reset_at_once(ours, sock)


def reset_at_once(ours: Faulty, sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def reset_with_an_answer(ours: Faulty, sock: socket.socket) -> None:
    """What it says in clear text may be in the client's buffer when the connection is gone (CVE-2023-40217)."""
    sock.sendall(_PLAIN)
    reset_at_once(ours, sock)


_PLAIN = b"220 plain\r\n+OK plain\r\n* OK plain\r\n"


def _flight(chain: List[bytes]) -> bytes:
    """A server's first messages in TLS 1.2, with this chain."""
    return tls_messages.records(tls_messages.server_hello(tls_messages.ECDSA[0]) + tls_messages.certificate(chain))


def _alert(level: int, description: int) -> bytes:
    return struct.pack("!BHHBB", tls_messages.ALERT, 0x0303, 2, level, description)


def _without_the_key(ours: Faulty, hello: bytes) -> bytes:
    """The good server's own certificate, from somebody who signs with another key."""
    server_hello = tls_messages.server_hello(tls_messages.ECDSA[0])
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    parameters = b"\x03" + struct.pack("!HB", 23, len(point)) + point  # named curve, secp256r1
    client_random, server_random = hello[6:38], server_hello[6:38]
    signature = key.sign(client_random + server_random + parameters, ec.ECDSA(hashes.SHA256()))
    exchange = parameters + struct.pack("!HH", 0x0403, len(signature)) + signature  # ecdsa_secp256r1_sha256
    messages = [
        server_hello,
        tls_messages.certificate(ours.chain()),
        tls_messages.message(b"\x0c", exchange),
        tls_messages.message(tls_messages.SERVER_HELLO_DONE, b""),
    ]
    return tls_messages.records(b"".join(messages))


def _without_a_certificate(ours: Faulty, hello: bytes) -> bytes:
    """From the ServerHello on to what only makes sense after a certificate."""
    done = tls_messages.message(tls_messages.SERVER_HELLO_DONE, b"")
    return tls_messages.records(tls_messages.server_hello(tls_messages.ECDSA[0]) + done)


def _old_version(ours: Faulty, hello: bytes) -> bytes:
    """SSL 3.0."""
    return _flight(ours.chain()).replace(b"\x03\x03", b"\x03\x00", 2)


def _warned(level: int, description: int, label: str) -> Act:
    """An alert before an otherwise complete handshake."""

    def act(ours: Faulty, sock: socket.socket) -> ssl.SSLSocket:
        sock.recv(1, socket.MSG_PEEK)
        sock.sendall(_alert(level, description))
        return ours.certs[label].context.wrap_socket(sock, server_side=True)

    return act


@functools.lru_cache(maxsize=None)
def _long_context(certs: Certificates, label: str, count: int, names: int) -> ssl.SSLContext:
    filler = certs.unknown.issue(["host%d.example.test" % number for number in range(names)])
    return server_context(certs[label].pem + filler[filler.index(b"-----BEGIN CERT") :] * count)


def _long(count: int, names: int, label: str) -> Act:
    """A chain of so many certificates that nobody needs, each with so many names."""

    def act(ours: Faulty, sock: socket.socket) -> ssl.SSLSocket:
        return _long_context(ours.certs, label, count, names).wrap_socket(sock, server_side=True)

    return act


def goes_away(ours: Faulty, sock: socket.socket) -> None:
    """Between the handshake and the first answer."""
    tls = ours.certs["good"].context.wrap_socket(sock, server_side=True)
    tls.shutdown(socket.SHUT_RDWR)
    tls.close()


def falls_back(ours: Faulty, sock: socket.socket) -> None:
    """Ends TLS after the handshake and goes on in clear text."""
    tls = ours.certs["good"].context.wrap_socket(sock, server_side=True)
    plain = socket.socket(fileno=os.dup(tls.fileno()))
    tls.setblocking(False)
    with contextlib.suppress(OSError):
        tls.unwrap()  # without waiting for the client's part
    tls.close()
    plain.settimeout(TIMEOUT)
    with plain, contextlib.suppress(OSError):
        plain.sendall(_PLAIN)
        ours.drain(plain)


#: of OpenSSL: the client offers the session that it has, and the second certificate would not be sent
_NO_RESUMPTION_ON_RENEGOTIATION = 0x10000


def _renegotiates(label: str, version: ssl.TLSVersion, function: str, *arguments: int) -> Act:
    """A second handshake in the first, in which the server shows the certificate `label`; or new keys."""

    def act(ours: Faulty, sock: socket.socket) -> ssl.SSLSocket:
        first, second = (server_context(ours.certs[name].pem) for name in ("good", label))
        for context in (first, second):
            context.maximum_version = version
            context.options |= _NO_RESUMPTION_ON_RENEGOTIATION
        tls = first.wrap_socket(sock, server_side=True)
        tls.context = second
        assert openssl()[function](ctypes.c_void_p(_pointer(tls)), *arguments) == 1
        tls.do_handshake()  # sends the request; what the client answers is processed by the next read
        return tls

    return act


def openssl() -> Any:
    """The library that `ssl` uses; None if it cannot be found."""
    with contextlib.suppress(OSError), open("/proc/self/maps") as maps:
        for line in maps:
            if re.search(r"/libssl[^/]*\.so", line):
                return ctypes.CDLL(line.split()[-1])
    return None


def _pointer(tls: ssl.SSLSocket) -> int:
    """Of OpenSSL's object, which stands behind the weak reference to the socket."""
    address = id(tls._sslobj) + object.__basicsize__
    size = ctypes.sizeof(ctypes.c_void_p)
    reference, pointer = (ctypes.c_void_p.from_address(address + offset).value for offset in (0, size))
    assert reference in map(id, weakref.getweakrefs(tls)), "not the layout of this Python"
    assert pointer
    return pointer


class Kind:
    """A fault, and what has to come of it under enforcement."""

    def __init__(
        self,
        act: Act,
        *,
        accepted: bool = False,
        slow: bool = False,
        racy: bool = False,
        needs_openssl: bool = False,
    ) -> None:
        self.act = act
        #: whether the credentials may be sent: the server is the right one, and TLS was complete
        self.accepted = accepted
        #: whether it only ends by the client's timeout
        self.slow = slow
        #: whether it depends on the moment in which of its steps the client learns of it
        self.racy = racy
        self.needs_openssl = needs_openssl


TLS12 = ssl.TLSVersion.TLSv1_2
TLS13 = ssl.TLSVersion.TLSv1_3

KINDS: Dict[str, Kind] = {
    "stalls": Kind(stall, slow=True),
    "stalls in the certificate": Kind(
        _says(lambda ours, hello: _flight(ours.chain())[:300], then_stall=True), slow=True
    ),
    "stalls after the certificate": Kind(_says(lambda ours, hello: _flight(ours.chain()), then_stall=True), slow=True),
    "drips": Kind(drip, slow=True),
    "closes": Kind(close, racy=True),
    "closes in the certificate": Kind(_says(lambda ours, hello: _flight(ours.chain())[:300])),
    "closes after the certificate": Kind(_says(lambda ours, hello: _flight(ours.chain()))),
    "resets": Kind(reset, racy=True),
    "resets at once": Kind(reset_at_once, racy=True),
    "answers in clear text and resets": Kind(reset_with_an_answer, racy=True),
    "garbage": Kind(_says(lambda ours, hello: b"\xa5" * 4096)),
    "a record of garbage": Kind(
        _says(lambda ours, hello: tls_messages.records(tls_messages.message(tls_messages.SERVER_HELLO, b"\xa5" * 48)))
    ),
    "clear text": Kind(_says(lambda ours, hello: _PLAIN)),
    "an echo": Kind(_says(lambda ours, hello: tls_messages.records(hello))),
    "SSL 3.0": Kind(_says(_old_version)),
    "alert handshake_failure": Kind(_says(lambda ours, hello: _alert(FATAL, HANDSHAKE_FAILURE))),
    "alert unrecognized_name": Kind(_says(lambda ours, hello: _alert(FATAL, UNRECOGNIZED_NAME))),
    "alert close_notify": Kind(_says(lambda ours, hello: _alert(WARNING, 0))),
    "many warnings": Kind(_says(lambda ours, hello: _alert(WARNING, UNRECOGNIZED_NAME) * 1000)),
    "warning unrecognized_name": Kind(_warned(WARNING, UNRECOGNIZED_NAME, "good"), accepted=True),
    "warning unrecognized_name, impostor": Kind(_warned(WARNING, UNRECOGNIZED_NAME, "unknown CA")),
    "no certificates": Kind(_says(lambda ours, hello: _flight([]))),
    "an empty certificate": Kind(_says(lambda ours, hello: _flight([b""]))),
    "garbage for a certificate": Kind(_says(lambda ours, hello: _flight([b"\xa5" * 500]))),
    "an empty certificate after the good one": Kind(_says(lambda ours, hello: _flight([*ours.chain(), b""]))),
    "no certificate message": Kind(_says(_without_a_certificate)),
    "the good certificate without its key": Kind(_says(_without_the_key)),
    "a chain of 1 MB": Kind(_long(16, 3000, "good")),
    "a chain of 80 KB": Kind(_long(90, 20, "good"), accepted=True),
    "a chain of 80 KB, impostor": Kind(_long(90, 20, "unknown CA")),
    "goes away after the handshake": Kind(goes_away, racy=True),
    "falls back to clear text": Kind(falls_back, racy=True),
    "renegotiates": Kind(_renegotiates("good", TLS12, "SSL_renegotiate"), accepted=True, needs_openssl=True),
    "renegotiates, impostor": Kind(_renegotiates("unknown CA", TLS12, "SSL_renegotiate"), needs_openssl=True),
    "new keys": Kind(_renegotiates("good", TLS13, "SSL_key_update", 1), accepted=True, needs_openssl=True),
}

#: Those where the most is at stake, or that end in ways of their own.
STRONGEST: Tuple[str, ...] = (
    "stalls in the certificate",
    "resets",
    "answers in clear text and resets",
    "the good certificate without its key",
    "no certificates",
    "falls back to clear text",
)
