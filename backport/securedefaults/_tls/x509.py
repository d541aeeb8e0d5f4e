"""What is to be known of a leaf beside OpenSSL's verdict: its names, its last day, its key (RFC 5280 section 4.1).

`ssl` tells none of that of a certificate that it did not verify. Nothing is decided by what is read here, except
that the pin of a key is compared; every malformed certificate is a ValueError.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import socket
from typing import NamedTuple

from .._policy.rules import KEY_PIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import FrozenSet, Iterator, List, Optional, Tuple

_SEQUENCE, _OID, _OCTETS, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # [0] and [3] of TBSCertificate
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87  # [2] and [7] of GeneralName

_SUBJECT_ALT_NAME = bytes.fromhex("551d11")

#: A server chooses its names, so there is an end to them.
_MOST_NAMES, _LONGEST_NAME = 100, 255


class Leaf:
    """The fields of a certificate.

    Args:
        der: the certificate.

    Attributes:
        names: DNS names and IP addresses of the subjectAltName.
        not_after: `"YYYY-MM-DDTHH:MM:SSZ"`.
        public_key: the SubjectPublicKeyInfo, DER.

    Raises:
        ValueError: it is none.
    """

    __slots__ = ("names", "not_after", "public_key")

    def __init__(self, der: bytes) -> None:
        certificate = _only(der, _SEQUENCE)
        tbs = next(_elements(certificate), None)
        if tbs is None or tbs[0] != _SEQUENCE:
            raise ValueError("no TBSCertificate")
        fields = list(_elements(tbs[1]))
        if fields and fields[0][0] == _VERSION:
            del fields[0]
        # serial number, signature, issuer, validity, subject, public key
        if len(fields) < 6 or fields[3][0] != _SEQUENCE or fields[5][0] != _SEQUENCE:
            raise ValueError("no Certificate of X.509")
        times = list(_elements(fields[3][1]))
        if len(times) != 2:
            raise ValueError("no Validity")
        self.not_after = _time(*times[1][:2])
        self.public_key = fields[5][2]
        self.names = tuple(_names(fields[6:]))


class Description(NamedTuple):
    """What is told of a leaf.

    Attributes:
        fingerprint: `"sha256:1f:..."`; None if there is no leaf.
        not_after: as `Leaf` has it; None if it cannot be read.
        names: the same; empty if they cannot be read.
        fitting: the pins that fit it, of the certificate and of its key.
    """

    fingerprint: Optional[str] = None
    not_after: Optional[str] = None
    names: Tuple[str, ...] = ()
    fitting: FrozenSet[str] = frozenset()


def described(der: Optional[bytes]) -> Description:
    """What is to be told of a leaf, also of one that cannot be read.

    Args:
        der: the certificate; None if there is none.
    """
    if der is None:
        return Description()
    # What the server presents may be as long as OpenSSL takes it, 100 KB; of such ones none is kept.
    return _described(der) if len(der) <= _LONGEST else _described.__wrapped__(der)


#: length in bytes of certificates that are kept
_LONGEST = 8192


@functools.lru_cache(maxsize=1024)  # a program meets few servers, and each of them often
def _described(der: bytes) -> Description:
    mark = fingerprint(der)
    try:
        leaf = Leaf(der)
    except ValueError:
        return Description(mark, fitting=frozenset([mark]))
    return Description(mark, leaf.not_after, leaf.names, frozenset([mark, key_pin(leaf.public_key)]))


def fingerprint(der: bytes) -> str:
    """SHA-256 of a whole certificate, as in `openssl x509 -fingerprint -sha256` but for the case: `"sha256:1f:..."`."""
    digest = hashlib.sha256(der).hexdigest()
    return "sha256:" + ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def key_pin(public_key: bytes) -> str:
    """The pin of a public key, given as SubjectPublicKeyInfo in DER."""
    return KEY_PIN + base64.b64encode(hashlib.sha256(public_key).digest()).decode()


def _elements(data: bytes) -> Iterator[Tuple[int, bytes, bytes]]:
    """Tag, content, and the whole of each DER element."""
    while data:
        tag, content, after = _element(data)
        yield tag, content, data[: len(data) - len(after)]
        data = after


def _element(data: bytes) -> Tuple[int, bytes, bytes]:
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise ValueError("truncated, or a tag of more than one byte")
    at, length = 2, data[1]
    if length & 0x80:
        at += length & 0x7F
        if at == 2 or at > 6 or len(data) < at:
            raise ValueError("bad length")
        length = int.from_bytes(data[2:at], "big")
    if len(data) < at + length:
        raise ValueError("truncated")
    return data[0], data[at : at + length], data[at + length :]


def _only(data: bytes, tag: int) -> bytes:
    found, content, after = _element(data)
    if found != tag or after:
        raise ValueError("not one element of the expected kind")
    return content


def _time(tag: int, content: bytes) -> str:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280 section 4.1.2.5.1: 50 and above is the twentieth century
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    if len(text) != 15 or not text[:14].isdigit() or text[14] != "Z":
        raise ValueError("no time in the form of RFC 5280")
    return "%s-%s-%sT%s:%s:%sZ" % (text[:4], text[4:6], text[6:8], text[8:10], text[10:12], text[12:14])


def _names(fields: List[Tuple[int, bytes, bytes]]) -> Iterator[str]:
    for tag, content, _ in fields:
        if tag == _EXTENSIONS:
            for _, extension, _ in _elements(_only(content, _SEQUENCE)):
                parts = list(_elements(extension))
                if len(parts) >= 2 and parts[0][:2] == (_OID, _SUBJECT_ALT_NAME) and parts[-1][0] == _OCTETS:
                    general = list(_elements(_only(parts[-1][1], _SEQUENCE)))
                    yield from (name for name in map(_name, general[:_MOST_NAMES]) if name)


def _name(general: Tuple[int, bytes, bytes]) -> Optional[str]:
    tag, content, _ = general
    if tag == _DNS_NAME:
        return content[:_LONGEST_NAME].decode("ascii", "backslashreplace")
    if tag == _IP_ADDRESS and len(content) in (4, 16):
        return socket.inet_ntop(socket.AF_INET if len(content) == 4 else socket.AF_INET6, content)
    return None
