"""Leaves that are no certificates, or odd ones: each is refused with its reason, or read."""

from __future__ import annotations

from typing import Optional

import pytest

from securedefaults._tls.x509 import Leaf

SEQUENCE, UTC_TIME, GENERALIZED_TIME, SET, OID, OCTETS = 0x30, 0x17, 0x18, 0x31, 0x06, 0x04
SUBJECT_ALT_NAME = b"\x55\x1d\x11"


def element(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


NUMBER, EMPTY = element(0x02, b"\1"), element(SEQUENCE)
TIME = element(UTC_TIME, b"261231235959Z")
VALIDITY = element(SEQUENCE, TIME, TIME)
KEY = element(SEQUENCE, element(SEQUENCE), element(0x03, b"\0key"))


def names(*general: bytes, oid: bytes = SUBJECT_ALT_NAME, tag: int = OCTETS) -> bytes:
    value = element(tag, element(SEQUENCE, *general))
    return element(0xA3, element(SEQUENCE, element(SEQUENCE, element(OID, oid), value)))


def certificate(*, validity: bytes = VALIDITY, key: bytes = KEY, version: bytes = b"", more: bytes = b"") -> bytes:
    return element(SEQUENCE, element(SEQUENCE, version, NUMBER, EMPTY, EMPTY, validity, EMPTY, key, more))


@pytest.mark.parametrize("version", [b"", element(0xA0, NUMBER)])
def test_what_is_read(version: bytes) -> None:
    address = element(0x87, b"\x7f\0\0\1")
    leaf = Leaf(certificate(version=version, more=names(element(0x82, b"a.test"), address, element(0x81, b"mail"))))
    assert leaf.names == ("a.test", "127.0.0.1")
    assert leaf.not_after == "2026-12-31T23:59:59Z"
    assert leaf.public_key == KEY


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (element(UTC_TIME, b"491231235959Z"), "2049-12-31T23:59:59Z"),
        (element(UTC_TIME, b"500101000000Z"), "1950-01-01T00:00:00Z"),
        (element(GENERALIZED_TIME, b"99991231235959Z"), "9999-12-31T23:59:59Z"),
        (element(GENERALIZED_TIME, b"20261231235959.5Z"), None),
        (element(GENERALIZED_TIME, b"20261231235959+"), None),
        (element(UTC_TIME, b"2612312359Z"), None),
        (element(0x04, b"261231235959Z"), None),
    ],
)
def test_times(time: bytes, expected: Optional[str]) -> None:
    data = certificate(validity=element(SEQUENCE, TIME, time))
    if expected is not None:
        assert Leaf(data).not_after == expected
        return
    with pytest.raises(ValueError, match="no time"):
        Leaf(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b"\x30", "truncated"),
        (b"\x30\x05\0", "truncated"),
        (b"\x3f\x81\x01\0", "a tag of more than one byte"),
        (b"\x30\x80\0\0", "bad length"),
        (b"\x30\x85\0\0\0\0\0", "bad length"),
        (certificate() + b"\0\0", "not one element"),
        (element(SET, b""), "not one element"),
        (element(SEQUENCE), "no TBSCertificate"),
        (element(SEQUENCE, NUMBER), "no TBSCertificate"),
        (element(SEQUENCE, element(SEQUENCE, NUMBER)), "no Certificate"),
        (certificate(validity=NUMBER), "no Certificate"),
        (certificate(key=NUMBER), "no Certificate"),
        (certificate(validity=element(SEQUENCE, TIME)), "no Validity"),
    ],
)
def test_what_is_none(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Leaf(data)


@pytest.mark.parametrize(
    "more",
    [
        names(element(0x82, b"a.test"), oid=b"\x55\x1d\x0f"),
        names(element(0x82, b"a.test"), tag=0x03),
        names(element(0x87, b"\1\2\3")),
        element(0xA3, element(SEQUENCE, element(SEQUENCE, element(OID, SUBJECT_ALT_NAME)))),
        element(0xA2, b"unique"),
    ],
    ids=["another extension", "no octets", "no address", "no value", "no extensions"],
)
def test_names_that_are_none(more: bytes) -> None:
    assert Leaf(certificate(more=more)).names == ()


def test_names_are_limited() -> None:
    leaf = Leaf(certificate(more=names(*[element(0x82, b"%d." % number + b"a" * 300) for number in range(200)])))
    assert 0 < len(leaf.names) < 200
    assert all(len(name) < 300 for name in leaf.names)
