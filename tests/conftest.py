from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import securedefaults
from native import ALONE
from securedefaults._observe import events
from securedefaults._tls import guard
from wire.certs import Certificates, certificates

#: What is not about the interpreter; the matrix runs it with one of them.
if os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere":
    collect_ignore = ["packaging", "patches", "release", "upstream"]


@pytest.fixture(scope="session")
def certs() -> Certificates:
    return certificates()


@pytest.fixture(autouse=True)
def trust(certs: Certificates, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The platform's trust store is the test's CA and nothing else; returns the bundle's path."""
    folder = tmp_path_factory.mktemp("trust")
    bundle = folder / "bundle.pem"
    bundle.write_bytes(certs.trusted.pem)
    (folder / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    # SSL_CERT_FILE alone leaves the system's folder of hashed certificates in use
    monkeypatch.setenv("SSL_CERT_DIR", str(folder / "empty"))
    for name in ("SECUREDEFAULTS_MODE", "SECUREDEFAULTS_CONFIG", "SECUREDEFAULTS_LOG"):
        monkeypatch.delenv(name, raising=False)
    return bundle


@pytest.fixture(autouse=True)
def resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name below .test, and a scoped address that is not there, is this machine."""
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and (name.lower().rstrip(".").endswith(".test") or name == "127.1"):
            host = "127.0.0.1"
        elif name and name.startswith("fe80"):
            host = "::1"
        return original(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    securedefaults.restore()
    guard.forget()
    events.forget()


@pytest.fixture
def applied(trust: Path) -> None:
    """Protection: ours, or the interpreter's own."""
    if not ALONE:
        securedefaults.apply()


@pytest.fixture
def root() -> Path:
    return Path(__file__).parent.parent


def pytest_configure() -> None:
    # What the tests write is nobody else's to change, which counts where it is configuration.
    os.umask(0o022)
    # Who runs the tests in the background may have Ctrl-C ignored, also in the programs that they start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return "securedefaults %s from %s" % (securedefaults.__version__, os.path.dirname(securedefaults.__file__))
