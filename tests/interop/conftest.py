from __future__ import annotations

import datetime
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest

from wire.certs import Certificates

from . import install
from .servers import SITES, Server, running


def absent() -> str:
    """Why there can be no servers; nothing if there can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "needs Linux and root"
    missing = install.missing()
    return "run tests/interop/install.py; missing: %s" % ", ".join(missing) if missing else ""


@pytest.fixture(scope="session")
def servers(certs: Certificates) -> Iterator[Dict[str, Server]]:
    """All of them, running, by name."""
    reason = absent()
    if reason and os.environ.get("SECUREDEFAULTS_REQUIRE_INTEROP") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    # not pytest's own folder, which other users may not enter, and servers become other users
    folder = Path(tempfile.mkdtemp(prefix="interop-"))
    try:
        folder.chmod(0o755)
        write_certificates(folder, certs)
        yield from supervised(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_certificates(folder: Path, certs: Certificates) -> None:
    names = [site.host for site in SITES]
    pems = {
        "good": certs.trusted.issue(names, rsa_key=True),
        "unknown CA": certs.unknown.issue(names, rsa_key=True),
        "expired": certs.trusted.issue(names, rsa_key=True, not_after=datetime.datetime(2021, 1, 1)),
        "wrong host": certs.trusted.issue(("other.example.test",), rsa_key=True),
    }
    (folder / "tls").mkdir()
    for site in SITES:
        site.pem(folder).write_bytes(pems[site.name])
        site.pem(folder).chmod(0o600)


def supervised(folder: Path) -> Iterator[Dict[str, Server]]:
    """They run below a process that stops them when this one goes, however it goes."""
    # Ctrl-C in a terminal is not for it: it is told by the end of its input
    supervisor = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).parent / "servers.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with supervisor:
        assert supervisor.stdout
        first = supervisor.stdout.readline()
        if first == b"ready\n":
            yield running(folder)
        _, errors = supervisor.communicate(timeout=60)  # closes its input
        if errors or first != b"ready\n":
            pytest.fail("the servers say %r and %s" % (first, errors.decode(errors="replace")[-3000:]))


@pytest.fixture(autouse=True)
def resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a site leads there."""
    original = socket.getaddrinfo
    addresses = {site.host: site.address for site in SITES}

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return original(addresses.get(host, host), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
