"""Some hundred connections from many threads: `python tests/load` for ten thousand, and for figures (Doc/load.md)."""

from __future__ import annotations

import logging
import smtplib
import socket
import warnings
from pathlib import Path
from typing import Iterator

import pytest

import securedefaults
from load import work
from load.work import GOOD, IMPOSTOR, LOGGED_IN, REFUSED, Applying, Beside, Servers, Toggling
from native import backport_only, stock
from securedefaults._tls import x509
from wire.certs import Certificates, server_context
from wire.servers import Server

#: the same number for each kind and site
CONNECTIONS, THREADS = 16 * len(work.KINDS), 16


@pytest.fixture(scope="module")
def servers(certs: Certificates) -> Iterator[Servers]:
    with Servers(work.pems(certs.trusted)) as found:
        yield found


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logging.getLogger("securedefaults"), "disabled", True)
    socket.setdefaulttimeout(work.TIMEOUT)  # imaplib's only one, before 3.9
    yield
    socket.setdefaulttimeout(None)


def load(servers: Servers, beside: Beside, connections: int = CONNECTIONS) -> work.Result:
    """With what holds for all of them."""
    result = work.load(servers, connections, THREADS, beside)
    assert result.others() == {}
    assert sum(sum(counter.values()) for counter in result.outcomes.values()) == connections
    assert result.outcomes[GOOD] == {LOGGED_IN: connections // 2}
    assert result.descriptors <= 0
    assert result.contexts == 0
    return result


@stock
def test_stock(servers: Servers) -> None:
    """The red side: every impostor is told the password."""
    assert load(servers, Beside(0.02)).given_away == CONNECTIONS // 2


@backport_only("apply() is not needed")
def test_apply_again_and_again(servers: Servers, tmp_path: Path) -> None:
    securedefaults.apply()
    beside = Applying(0.005, str(tmp_path / "log"))
    result = load(servers, beside)
    assert beside.rounds > 3
    assert result.outcomes[IMPOSTOR] == {REFUSED: CONNECTIONS // 2}
    assert result.in_force == CONNECTIONS
    assert result.given_away == 0


@stock
def test_restore_and_apply(servers: Servers) -> None:
    """Stock or protected, and those that saw no change are what was in force."""
    before = work.replaced()
    securedefaults.apply()
    beside = Toggling(0.1)
    result = load(servers, beside)
    assert beside.changes
    assert result.given_away_in_force == 0
    securedefaults.restore()
    assert work.replaced() == before


@stock
def test_warn_mode(servers: Servers) -> None:
    securedefaults.apply("warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = load(servers, Beside(0.02))
    assert result.given_away == CONNECTIONS // 2
    observations = securedefaults.report().observations
    assert len(observations) == result.observations == 2 * len(work.KINDS)
    assert sum(observation.count for observation in observations) == CONNECTIONS


@backport_only("there is no package in use")
def test_the_package_keeps_nothing(servers: Servers) -> None:
    securedefaults.apply()
    load(servers, Beside(0.02), CONNECTIONS // 2)
    with work.allocated() as left:
        load(servers, Beside(0.02), CONNECTIONS // 2)
    assert left["bytes"] < 600 * CONNECTIONS // 2


@stock
def test_what_servers_choose_is_not_kept(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate may have 100 KB, and another one each time."""
    securedefaults.apply("warn")
    names = ["host%d.example.test" % number for number in range(1000)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Server("SMTP", server_context(certs.unknown.issue(names)), implicit=True) as server:
            smtplib.SMTP_SSL("localhost", server.port, timeout=10).quit()
    (observation,) = securedefaults.report().observations
    assert observation.names == tuple(names[:8])
    assert all(len(digest) + sum(map(len, leaf.names)) < 500 for digest, leaf in x509._known.items())
