"""Certificates that are made up, to take the place of those that are not at hand.

What would OpenSSL say if a CA file held the issuer of what was sent? It looks at a chain in this order: is it complete,
are its certificates fit for their places, is the name right, are signatures and dates right (`verify_chain()` in
crypto/x509/x509_vfy.c). A made-up issuer that has the true one's name, and whatever the certificate below says of its
issuer's key, gets as far as the signature; nobody can go further, for it signed nothing.
"""

from __future__ import annotations

from .untrusted import CERTIFICATE
from .x509 import Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

_SEQUENCE, _INTEGER, _BITS, _OCTETS, _TIME = 0x30, 0x02, 0x03, 0x04, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3

# Of algorithms, as parts of an AlgorithmIdentifier (RFC 4055, RFC 5758, RFC 8410).
RSA, _ECDSA = bytes.fromhex("2a864886f70d0101"), bytes.fromhex("2a8648ce3d04")
_ED25519, _ED448 = bytes.fromhex("06032b6570"), bytes.fromhex("06032b6571")


def _element(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


#: basicConstraints CA:TRUE and keyUsage keyCertSign, cRLSign, both critical
_IS_CA = bytes.fromhex("300f0603551d130101ff040530030101ff300e0603551d0f0101ff040403020106")
_SUBJECT_KEY_IDENTIFIER = bytes.fromhex("0603551d0e")

#: A modulus need only be odd: nothing is signed with it.
_RSA_KEY = _element(
    _SEQUENCE,
    _element(_SEQUENCE, bytes.fromhex("06092a864886f70d0101010500")),
    _element(_BITS, b"\0", _element(_SEQUENCE, _element(_INTEGER, b"\0" + b"\xff" * 384), b"\x02\x03\x01\x00\x01")),
)
_VALIDITY = _element(_SEQUENCE, _element(_TIME, b"20000101000000Z"), _element(_TIME, b"99991231235959Z"))


def _own() -> Leaf:
    return Leaf(CERTIFICATE)


def _key_for(algorithm: bytes) -> Optional[bytes]:
    """A public key that may belong to who signs by that algorithm; None for one that we have no key for."""
    if RSA in algorithm:
        return _RSA_KEY
    if _ECDSA in algorithm:
        return _own().public_key
    for oid, size in ((_ED25519, 32), (_ED448, 57)):
        if oid in algorithm:
            return _element(_SEQUENCE, _element(_SEQUENCE, oid), _element(_BITS, b"\0", b"\x01" * size))
    return None


def issuer_of(below: Leaf) -> Optional[bytes]:
    """A CA certificate, DER, that could have issued that one; None if it was signed in a way that we do not know."""
    key = _key_for(below.signature_algorithm)
    if key is None:
        return None
    identifier = _element(_OCTETS, below.issuer_key or b"\x01" * 20)
    extensions = _IS_CA + _element(_SEQUENCE, _SUBJECT_KEY_IDENTIFIER, _element(_OCTETS, identifier))
    return _certificate(below.issuer, key, below.signature_algorithm, extensions, below.issuer_serial or b"\1")


def bare(leaf: Leaf) -> bytes:
    """A certificate, DER, that is for the same names as that one, and has no fault."""
    own = _own()
    return _certificate(leaf.subject, own.public_key, own.signature_algorithm, leaf.subject_alt_name)


def _certificate(name: bytes, key: bytes, algorithm: bytes, extensions: bytes, serial: bytes = b"\1") -> bytes:
    """One that names itself as its issuer: nobody asks for the signature of a trust anchor."""
    fields = [_element(_VERSION, _element(_INTEGER, b"\2")), _element(_INTEGER, serial)]
    fields += [algorithm, name, _VALIDITY, name, key]
    if extensions:
        fields.append(_element(_EXTENSIONS, _element(_SEQUENCE, extensions)))
    return _element(_SEQUENCE, _element(_SEQUENCE, *fields), algorithm, _element(_BITS, b"\0", b"\x01" * 64))
