"""What a hostile server costs: time and memory have an end, whatever it sends."""

from __future__ import annotations

import os
import smtplib
import ssl
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

import securedefaults
from native import backport_only
from securedefaults._observe import roots
from securedefaults._tls import messages, x509
from wire.certs import chain_of, server_context
from wire.hostile import SHAPES, der, hostile
from wire.servers import Server

pytestmark = backport_only("what is read here is read by the backport")


class Steps:
    """Counts the lines of this package that are executed, a measure of work that no machine changes."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Steps:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *args: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: Any, event: str, argument: object) -> Any:
        if not str(frame.f_globals.get("__name__")).startswith("securedefaults."):
            return None
        self.count += event == "line"
        return self._trace


class Counting(bytes):
    """Bytes that count how many of them are copied by slices."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        found = bytes.__getitem__(self, key)
        if not isinstance(key, slice):
            return found
        Counting.copied += len(found)
        return Counting(found)


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    x509._known.clear()
    Counting.copied = 0


def leaf(shape: str, size: int) -> bytes:
    return chain_of(hostile(shape, size))[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_reading_a_leaf_twice_as_long_takes_no_more_than_twice(shape: str) -> None:
    """Both what is done for it and what is copied of it."""
    steps: List[int] = []
    copied: List[int] = []
    for size in (20_000, 40_000):
        data = Counting(leaf(shape, size))
        with Steps() as counted:
            x509.described(data)
        steps.append(counted.count)
        copied.append(Counting.copied)
        Counting.copied = 0
    assert steps[1] <= 2.2 * steps[0]
    assert copied[1] <= 2.2 * copied[0] + 100
    assert copied[1] <= 2 * 40_000


@pytest.mark.skipif(os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere", reason="is tried on another Python")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_leaf_as_long_as_openssl_takes_it_costs_a_constant(shape: str) -> None:
    with Steps() as counted:
        x509.described(leaf(shape, 90_000))
    assert counted.count < 10_000


@pytest.mark.parametrize("tls13", [False, True])
def test_reading_a_chain_twice_as_long_takes_no_more_than_twice(tls13: bool) -> None:
    copied = []
    for number in (400, 800):
        entry = bytes(100)
        entries = (len(entry).to_bytes(3, "big") + entry + (b"\0\0" if tls13 else b"")) * number
        body = (b"\0" if tls13 else b"") + len(entries).to_bytes(3, "big") + entries
        Counting.copied = 0
        message = Counting(messages.message(messages.CERTIFICATE, body))
        assert messages.certificates(message, tls13=tls13) == [entry] * number
        copied.append(Counting.copied)
    assert copied[1] <= 2.2 * copied[0]


def test_a_chain_of_nothing_has_an_end() -> None:
    with pytest.raises(ValueError, match="more than"):
        messages.certificates(messages.certificate([b""] * 20_000), tls13=False)


def extension(number: int, value: bytes) -> bytes:
    return der(0x30, der(0x06, b"\x55\x1d" + number.to_bytes(2, "big")) + der(0x04, value))


def certificate(*, more: bytes = b"", validity: bytes = b"") -> bytes:
    time = der(0x17, b"261231235959Z")
    fields = [der(0x02, b"\1"), der(0x30, b""), der(0x30, b""), der(0x30, validity or time + time), der(0x30, b"")]
    return der(0x30, der(0x30, b"".join(fields) + der(0x30, b"key") + more))


@pytest.mark.parametrize(
    "data",
    [
        certificate(more=der(0xA3, der(0x30, der(0x30, b"") * 20_000))),
        certificate(more=der(0x30, b"") * 20_000),
        certificate(validity=der(0x17, b"") * 20_000),
        certificate(more=der(0xA3, der(0x30, der(0x30, der(0x05, b"") * 20_000)))),
    ],
    ids=["extensions", "fields", "times", "parts of an extension"],
)
def test_more_elements_than_there_can_be_are_no_certificate(data: bytes) -> None:
    with Steps() as counted, pytest.raises(ValueError, match="more elements"):
        x509.Leaf(data)
    assert counted.count < 10_000
    assert x509.described(data).fitting == {x509.fingerprint(data)}


def test_names_that_are_told_are_bounded_in_all() -> None:
    value = der(0x30, b"".join(der(0x82, b"%02d" % number + b"a" * 248) for number in range(50)))
    san = der(0x30, der(0x06, b"\x55\x1d\x11") + der(0x04, value))
    found = x509.described(certificate(more=der(0xA3, der(0x30, san))))
    assert 0 < sum(map(len, found.names)) <= 500


def test_what_is_known_of_leaves_is_bounded() -> None:
    for number in range(3000):
        x509.described(b"%d" % number)
    assert len(x509._known) <= 256


# Refusals


@pytest.fixture
def refused() -> Iterator[Any]:
    """Connects to a server with these certificates, and returns the error."""

    def connect(pem: bytes, context: Any = None) -> ssl.SSLCertVerificationError:
        with Server("SMTP", server_context(pem), implicit=True) as server:
            with pytest.raises(ssl.SSLCertVerificationError) as caught:
                smtplib.SMTP_SSL("localhost", server.port, "localhost", timeout=10, context=context)
        assert not server.credentials()
        return caught.value

    return connect


@pytest.mark.parametrize("shape", SHAPES)
def test_a_refusal_costs_no_more_for_a_long_leaf(shape: str, refused: Any, trust: Path) -> None:
    securedefaults.apply()
    refused(hostile(shape, 1000))  # loads everything
    steps: Dict[int, int] = {}
    for size in (20_000, 80_000):
        pem = hostile(shape, size)
        with Steps() as counted:
            refused(pem)
        steps[size] = counted.count
    assert steps[80_000] <= 1.5 * steps[20_000]
    assert steps[80_000] < 10_000


@pytest.mark.skipif(sys.version_info < (3, 10), reason="it cannot tell what was refused")
def test_a_long_leaf_is_described_in_part(refused: Any, trust: Path) -> None:
    securedefaults.apply()
    exc = refused(hostile("thousands of names"))
    (text,) = exc.__notes__
    assert "a certificate for '0000000.example.test', '0000001.example.test'" in text
    assert "valid to 2099-01-01T00:00:00Z" in text
    assert "issued by" not in text
    assert len(text) < 5000


def test_the_bundle_is_not_parsed_for_each_refusal(refused: Any, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots._bundles.clear()
    securedefaults.apply()
    pem = hostile("empty names", 1000)
    refused(pem)
    loaded: List[str] = []
    original = ssl.SSLContext.load_verify_locations
    monkeypatch.setattr(
        ssl.SSLContext,
        "load_verify_locations",
        lambda self, *args, **kwargs: (
            ("cadata" not in kwargs and loaded.append(str(args))) or original(self, *args, **kwargs)
        ),  # type: ignore[func-returns-value]
    )
    refused(pem)
    assert loaded == []
    trust.write_text("no certificate")  # and when it has become unreadable, that is said
    assert "The CA bundle %s cannot be read" % trust in "".join(roots.problems())
    assert len(loaded) == 1
