"""Beside pip-system-certs, which as a start-up file too puts truststore into `ssl`, in all of an environment.

It cannot be a requirement of the tests, for it would be in force in all of them; so it is fetched, if that is wanted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from environments import MAIN, REFUSED, SENT, Environment

from native import backport_only
from wire.certs import Certificates
from wire.servers import Server

pytestmark = [
    backport_only("it loads the backport"),
    pytest.mark.skipif(
        os.environ.get("SECUREDEFAULTS_CLIENTS") != "1", reason="fetches: only SECUREDEFAULTS_CLIENTS=1"
    ),
    pytest.mark.skipif(sys.version_info < (3, 10), reason="pip-system-certs needs Python 3.10"),
]

PACKAGES = ["pip==25.3", "pip-system-certs==5.3"]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("both"), wheel)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(environment.site)]
    subprocess.run([*command, *PACKAGES], check=True, capture_output=True, timeout=120)
    return environment


def test_it_is_in_force(both: Environment) -> None:
    """Or else the others would prove nothing."""
    result = both.run("-c", "import ssl; print(ssl.SSLContext)", SECUREDEFAULTS_MODE="enforce")
    assert "truststore" in result.stdout, result.stderr


@pytest.mark.parametrize("label", ["good", "unknown CA", "wrong host", "expired"])
def test_enforced(label: str, both: Environment, certs: Certificates, trust: Path) -> None:
    certificate = certs[label]
    # truststore asks OpenSSL for one error, and does not say which
    outcome, password = both.login(certificate.context, "-c", MAIN, SECUREDEFAULTS_MODE="enforce")
    assert (outcome.split()[0], password) == (("sent", True) if label == "good" else ("refused", False))


def test_otherwise_as_before(both: Environment, certs: Certificates, trust: Path) -> None:
    context = certs["unknown CA"].context
    assert both.login(context, "-c", MAIN) == SENT
    with Server("SMTP", context, implicit=True) as server:
        result = both.run("-W", "always", "-c", MAIN, server.port, SECUREDEFAULTS_MODE="warn")
    assert result.stdout == "sent\n", result.stderr
    assert "WouldBeRefusedWarning" in result.stderr
    assert server.credentials()


def test_without_it_no_difference(there: Environment, certs: Certificates, trust: Path) -> None:
    assert there.login(certs["unknown CA"].context, "-c", MAIN, SECUREDEFAULTS_MODE="enforce") == REFUSED
