"""What the backport does to programs that were never told of it, judged by what the servers have received."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Dict, Iterator, Tuple

import pytest

if os.environ.get("SECUREDEFAULTS_CLIENTS") != "1":
    pytest.skip("programs of PyPI: only with SECUREDEFAULTS_CLIENTS=1, see tests/clients", allow_module_level=True)
if sys.version_info[:2] != (3, 11):
    pytest.skip("programs of PyPI: their versions are those for Python 3.11", allow_module_level=True)

from . import table
from .clients import CLIENTS, Client
from .environments import environment
from .runs import REFUSED, STOCK, STOCK_TRUSTED, TRUSTED, WARN, WARN_TRUSTED, Case, Result, run

# The first test of a client waits until its environment is there.
pytestmark = pytest.mark.timeout(600)

RELYING = [client for client in CLIENTS if not client.control]
CONTROLS = [client for client in CLIENTS if client.control]

Of = Callable[[Client, Case], Result]

relying = pytest.mark.parametrize("client", RELYING, ids=lambda client: client.drive)
controls = pytest.mark.parametrize("client", CONTROLS, ids=lambda client: client.drive)
each_fault = pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)


def cases(client: Client) -> Tuple[Case, ...]:
    """Those that the tests ask for."""
    first = (STOCK, STOCK_TRUSTED) if client.control else (STOCK,)
    return (*first, *REFUSED, TRUSTED, WARN, WARN_TRUSTED)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Iterator[Of]:
    """The result of each run. All of those that are wanted begin at once, two at a time."""
    wanted = {item.callspec.params["client"] for item in request.session.items if hasattr(item, "callspec")}
    pool = ThreadPoolExecutor(2)
    running: Dict[Tuple[Client, Case], Future[Result]] = {
        (client, case): pool.submit(run, client, case)
        for client in CLIENTS
        if client in wanted
        for case in cases(client)
    }
    try:
        yield lambda client, case: running[client, case].result()
        if "SECUREDEFAULTS_CLIENTS_TABLE" in os.environ:
            text = table.table({key: future.result() for key, future in running.items()})
            Path(os.environ["SECUREDEFAULTS_CLIENTS_TABLE"]).write_text(text, encoding="utf-8")
    finally:
        for future in running.values():
            future.cancel()
        pool.shutdown()


def where(client: Client, file: str, line: int) -> str:
    """What stands in that line, which is one of this client's."""
    assert file.endswith(client.file), file
    (source,) = Path(environment(client.package).site).rglob(client.file)
    return source.read_text(encoding="utf-8").splitlines()[line - 1].strip()


@relying
def test_stock_leaks(client: Client, results: Of) -> None:
    """The red side: without the package each of them gives the password to whom it does not know."""
    result = results(client, STOCK)
    assert result.status == 0, result.output
    assert result.leaked, result.output


@relying
@each_fault
def test_refuses(client: Client, case: Case, results: Of) -> None:
    result = results(client, case)
    assert result.credentials == [], result.output
    assert {seen["verdict"] for seen in result.observed} == {"refused"}
    assert result.connections > 0
    # What becomes of the program then is its own affair, and known.
    assert (result.status != 0) == client.stops, result.output
    assert result.reason == client.tells, result.output


@relying
def test_works_with_the_ca(client: Client, results: Of) -> None:
    stock, result = results(client, STOCK), results(client, TRUSTED)
    assert result.status == 0, result.output
    assert result.places == stock.places
    assert result.connections == stock.connections
    assert {seen["verdict"] for seen in result.observed} == {"accepted"}


@relying
@pytest.mark.parametrize("case", [WARN, WARN_TRUSTED], ids=lambda case: case.name)
def test_warns_at_their_line(client: Client, case: Case, results: Of) -> None:
    """And breaks nothing."""
    stock, result = results(client, STOCK), results(client, case)
    assert result.status == 0, result.output
    assert result.places == stock.places
    assert result.connections == stock.connections
    verdict = "accepted" if case.trusted else "refused"
    assert {seen["verdict"] for seen in result.observed} == {verdict}
    assert client.line in where(client, result.observed[0]["file"], result.observed[0]["line"])
    for seen in result.observed[1:]:  # of the same connection, e.g. FTP's second channel
        assert where(client, seen["file"], seen["line"])
    if client.shows:
        category = "UnverifiedDefaultWarning" if case.trusted else "WouldBeRefusedWarning"
        expected = {(category, seen["file"], seen["line"]) for seen in result.observed}
        assert {tuple(warning) for warning in result.warned} == expected


@controls
@pytest.mark.parametrize("case", [STOCK, *REFUSED, WARN], ids=lambda case: case.name)
def test_control_refuses_by_itself(client: Client, case: Case, results: Of) -> None:
    result = results(client, case)
    assert result.credentials == [], result.output
    assert result.status != 0, result.output
    assert result.connections == 1
    assert result.observed == []
    assert result.warned == []


@controls
@pytest.mark.parametrize("case", [TRUSTED, WARN_TRUSTED], ids=lambda case: case.name)
def test_control_is_left_alone(client: Client, case: Case, results: Of) -> None:
    """The same connections, the same bytes, nothing to say."""
    stock, result = results(client, STOCK_TRUSTED), results(client, case)
    assert stock.status == result.status == 0, result.output
    assert result.leaked
    assert result.places == stock.places
    assert result.connections == stock.connections
    assert result.observed == []
    assert result.warned == []
    assert "securedefaults" not in result.output


FALLING_BACK = [client for client in RELYING if client.returns]

#: Loaded by every Python of the run before its program.
NO_GUARD = "from securedefaults._tls import guard; guard.refuse = lambda *args, **kwargs: None"


@pytest.mark.parametrize("client", FALLING_BACK, ids=lambda client: client.drive)
@each_fault
def test_comes_back_in_clear_text(client: Client, case: Case, results: Of) -> None:
    """And is let in to no more than a greeting."""
    result = results(client, case)
    assert result.clear == 1
    assert result.credentials == []


@pytest.mark.parametrize("client", FALLING_BACK, ids=lambda client: client.drive)
def test_it_is_the_guard_that_stops_it(client: Client, tmp_path: Path) -> None:
    """The red side: enforced, but without the guard, they get in clear text what they did not get in TLS."""
    (tmp_path / "sitecustomize.py").write_text(NO_GUARD, encoding="utf-8")
    result = run(client, REFUSED[0], PYTHONPATH=str(tmp_path))
    assert {where for where, _ in result.credentials} == {"clear"}, result.output
