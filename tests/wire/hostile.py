"""Certificates as long as OpenSSL takes them, about 92 KB, in the shapes that cost whoever reads them most."""

from __future__ import annotations

import datetime
from typing import Sequence, Tuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: bytes of a leaf; with message and record headers OpenSSL takes no more than 100 KB
SIZE = 92_000

SUBJECT_ALT_NAME = x509.ObjectIdentifier("2.5.29.17")
_PAST, _FUTURE = datetime.datetime(2020, 1, 1), datetime.datetime(2099, 1, 1)


def der(tag: int, content: bytes) -> bytes:
    """An element."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def nested(size: int) -> bytes:
    """SEQUENCEs in SEQUENCEs, of about so many bytes."""
    parts, total = [], 0
    while total < size:
        part = der(0x30, bytes(total))[: -total or None]
        parts.append(part)
        total += len(part)
    return b"".join(reversed(parts))


def extensions(shape: str, size: int) -> Sequence[Tuple[x509.ObjectIdentifier, bytes]]:
    """The extensions of a leaf of about so many bytes."""
    other = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
    if shape == "thousands of names":
        names = b"".join(der(0x82, b"%07d.example.test" % number) for number in range(size // 22))
        return [(SUBJECT_ALT_NAME, der(0x30, names))]
    if shape == "empty names":
        return [(SUBJECT_ALT_NAME, der(0x30, b"\x82\x00" * (size // 2)))]
    if shape == "one long name":
        return [(SUBJECT_ALT_NAME, der(0x30, der(0x82, b"a" * size)))]
    if shape == "thousands of extensions":
        return [
            (x509.ObjectIdentifier("1.3.6.1.4.1.99999.%d" % number), b"") for number in range(128, 128 + size // 15)
        ]
    if shape == "one giant extension":
        return [(other, bytes(size))]
    if shape == "nested":
        return [(other, nested(size))]
    raise ValueError(shape)


#: of leaves; there are "a long subject" and "a long chain" beside
SHAPES = (
    "thousands of names",
    "empty names",
    "one long name",
    "thousands of extensions",
    "one giant extension",
    "nested",
    "thousands of subjects",
    "a long chain",
)


def hostile(shape: str, size: int = SIZE) -> bytes:
    """A private key and a leaf that nobody should trust, or a chain, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    if shape == "a long chain":
        leaf = _certificate(key, "leaf", [])
        one = len(leaf.public_bytes(serialization.Encoding.DER))
        chain = [leaf, *(_certificate(key, "%06d" % number, []) for number in range(size // (one + 3) - 1))]
    elif shape == "thousands of subjects":
        attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "%06d" % number) for number in range(size // 40)]
        chain = [_certificate(key, x509.Name(attributes), [])]
    else:
        chain = [_certificate(key, "hostile", extensions(shape, size))]
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    subject: object,
    more: Sequence[Tuple[x509.ObjectIdentifier, bytes]],
) -> x509.Certificate:
    if isinstance(subject, str):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_PAST)
        .not_valid_after(_FUTURE)
    )
    for oid, value in more:
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(key, hashes.SHA256())
