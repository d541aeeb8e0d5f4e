"""The few messages of TLS 1.2 (RFC 5246 section 7.4) that it takes to make a client judge a chain."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import FrozenSet, List, Optional, Sequence, Tuple

# Cipher suites by what they ask of the leaf's key, the usual ones first.
ECDSA = (0xC02B, 0xC02C, 0xCCA9, 0xC023, 0xC024, 0xC009, 0xC00A)
RSA = (
    *(0xC02F, 0xC030, 0xCCA8, 0xC027, 0xC028, 0xC013, 0xC014),  # ECDHE
    *(0x009E, 0x009F, 0xCCAA, 0x0067, 0x006B, 0x0033, 0x0039),  # DHE
    *(0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035),  # RSA key exchange
)

#: content types of records
ALERT, HANDSHAKE = 21, 22
#: length of a record's header
HEADER = 5
_RECORD = 16384

#: message types
SERVER_HELLO, CERTIFICATE, SERVER_HELLO_DONE = b"\x02", b"\x0b", b"\x0e"


def server_flights(hello: bytes, chain: Sequence[bytes]) -> List[bytes]:
    """What a server may answer to a ClientHello, up to its Certificate message, in records.

    Args:
        hello: the record of the ClientHello.
        chain: the server's certificates, DER, the leaf first.

    Returns:
        One for each kind of key that the leaf may have and that the client offers a cipher suite for.

    Raises:
        OverflowError: the chain is too long for a message.
    """
    offered = offered_suites(hello[HEADER:])
    chosen = (chosen_suite(offered, suites) for suites in (ECDSA, RSA))
    sent = certificate(chain)
    return [records(server_hello(suite) + sent) for suite in chosen if suite is not None]


def chosen_suite(offered: FrozenSet[int], suites: Sequence[int]) -> Optional[int]:
    """The first of these cipher suites that is offered."""
    return next((suite for suite in suites if suite in offered), None)


def is_tls13(suite: int) -> bool:
    """Whether a cipher suite is of TLS 1.3 (RFC 8446 appendix B.4), which says nothing of keys."""
    return suite >> 8 == 0x13


def offered_suites(hello: bytes) -> FrozenSet[int]:
    """The cipher suites of a ClientHello; none if it is cut off."""
    at = 4 + 2 + 32  # header of the message, version, random
    try:
        _, end = vector(hello, at, 1)  # session id
        start, end = vector(hello, end, 2)
    except ValueError:
        return frozenset()
    return frozenset(struct.unpack_from("!%dH" % ((end - start) // 2), hello, start))


def server_hello(suite: int) -> bytes:
    """A ServerHello that chooses TLS 1.2 and this cipher suite, with an empty renegotiation_info (RFC 5746)."""
    # version, random, no session; the suite; no compression; the extension
    body = b"\x03\x03" + bytes(33) + struct.pack("!H", suite) + b"\0" + b"\x00\x05\xff\x01\x00\x01\x00"
    return message(SERVER_HELLO, body)


def certificate(chain: Sequence[bytes]) -> bytes:
    """A Certificate message."""
    entries = b"".join(len(entry).to_bytes(3, "big") + entry for entry in chain)
    return message(CERTIFICATE, len(entries).to_bytes(3, "big") + entries)


def message(kind: bytes, body: bytes) -> bytes:
    """A handshake message.

    Raises:
        OverflowError: the body is too long for one.
    """
    return kind + len(body).to_bytes(3, "big") + body


def records(messages: bytes) -> bytes:
    """The same in records of at most 16 KiB."""
    parts = (messages[at : at + _RECORD] for at in range(0, len(messages), _RECORD))
    return b"".join(b"\x16\x03\x03" + struct.pack("!H", len(part)) + part for part in parts)


def certificates(sent: bytes, *, tls13: bool) -> List[bytes]:
    """The certificates of a Certificate message; TLS 1.3 (RFC 8446 section 4.4.2) has extensions between them.

    Raises:
        ValueError: it is no such message.
    """
    if sent[:1] != CERTIFICATE:
        raise ValueError("not a Certificate message")
    at, end = vector(sent, 1, 3)
    if tls13:
        _, at = vector(sent, at, 1)  # certificate_request_context
    at, last = vector(sent, at, 3)
    if end != len(sent) or last != end:
        raise ValueError("trailing bytes")
    found: List[bytes] = []
    while at < last:
        if len(found) == _MOST_CERTIFICATES:
            raise ValueError("more than %d certificates" % _MOST_CERTIFICATES)
        start, at = vector(sent, at, 3)
        found.append(sent[start:at])
        if tls13:
            _, at = vector(sent, at, 2)
    return found


#: More do not fit into the 100 KB that OpenSSL takes.
_MOST_CERTIFICATES = 1000


def vector(data: bytes, at: int, width: int) -> Tuple[int, int]:
    """Where the content of a vector that begins at a position begins and ends; nothing is copied.

    Args:
        data: that it is in.
        at: its position, where its length is.
        width: of the length, in bytes.

    Raises:
        ValueError: it is cut off.
    """
    start = at + width
    end = start + int.from_bytes(data[at:start], "big")
    if len(data) < end:
        raise ValueError("truncated")
    return start, end
