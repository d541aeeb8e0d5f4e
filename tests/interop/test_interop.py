"""Every entry point against real servers, judged by what the servers have in their logs."""

from __future__ import annotations

import ftplib
import os
import re
import ssl
import sys
import warnings
from typing import Any, Dict, List, Optional

import pytest

import securedefaults
import wire.clients
from native import ALONE, backport_only, stock
from securedefaults import UnverifiedDefaultWarning, WouldBeRefusedWarning
from securedefaults._entrypoints import DATA, ENTRY_POINTS, EntryPoint
from wire.certs import Certificates
from wire.clients import HERE
from wire.servers import SECRET

if os.environ.get("SECUREDEFAULTS_INTEROP") != "1":
    pytest.skip("real servers: only with SECUREDEFAULTS_INTEROP=1, see tests/interop", allow_module_level=True)

from . import clients
from .clients import PROGRAMS, Program
from .servers import IMPOSTORS, SERVERS, SITES, TRUSTED, Server, Site, Watch

PROTOCOLS = {
    "Dovecot": ("IMAP", "POP3", "LMTP"),
    "Postfix": ("SMTP",),
    "Exim": ("SMTP",),
    "vsftpd": ("FTP",),
    "ProFTPD": ("FTP",),
    "nnrpd": ("NNTP",),
}
#: servers as they are without configuration: FTP's `session=` recipe or nothing
PICKY = ("vsftpd-reuse", "ProFTPD-reuse")


class Case:
    """A program for an entry point, and a server that it talks to."""

    def __init__(self, server: str, entry_point: EntryPoint, program: Optional[Program] = None) -> None:
        self.server = server
        self.entry_point = entry_point
        self.program = program or PROGRAMS[entry_point.name]

    @property
    def id(self) -> str:
        return "%s-%s" % (self.server, self.entry_point.name)

    @property
    def handshakes(self) -> int:
        """How many the program makes: FTP's transfers have one each, see `clients`."""
        if self.entry_point.protocol != "FTP":
            return 1
        return 2 if self.entry_point.kind == DATA else 3


AUTH = next(entry_point for entry_point in ENTRY_POINTS if entry_point.name == "ftplib.FTP_TLS.auth")
CASES = [Case(server, e) for server, protocols in PROTOCOLS.items() for e in ENTRY_POINTS if e.protocol in protocols]
CASES += [Case(server, AUTH, clients.ftp_resuming) for server in PICKY]


def marks(case: Case) -> Any:
    if case.entry_point not in HERE:
        return pytest.mark.skip(reason="this Python has no such module")
    if ALONE and case.entry_point.module == "nntplib" and sys.version_info >= (3, 13):
        return pytest.mark.skip(reason="no part of this Python, so no patch of ours reaches it")
    return ()


each_case = pytest.mark.parametrize("case", [pytest.param(c, id=c.id, marks=marks(c)) for c in CASES])


def each_site(sites: List[Site]) -> Any:
    return pytest.mark.parametrize("site", sites, ids=lambda site: site.name)


class Result:
    """What became of the program, here and there."""

    def __init__(self, case: Case, server: Server, site: Site) -> None:
        watch = Watch(server, site)
        self.outcome: Optional[Exception] = None
        try:
            case.program(server, site)
        except Exception as exc:
            # without the frames, whose clients keep their connections
            self.outcome = exc.with_traceback(None)
            self.outcome.__context__ = None
        watch.settle()
        self.log = watch.log()
        named = server.user in self.log or SECRET in self.log
        #: whether the server got hold of what is nobody else's
        self.received = bool(watch.uploads()) if case.entry_point.kind == DATA else named


def assert_worked(result: Result) -> None:
    assert result.outcome is None, result.log
    assert result.received, result.log


def assert_refused(result: Result, server: Server, codes: Any) -> None:
    assert not result.received, result.log
    assert isinstance(result.outcome, ssl.SSLCertVerificationError), result.log
    assert result.outcome.verify_code in codes
    if server.refusal:
        assert re.search(server.refusal, result.log), result.log


def test_nothing_is_left_out() -> None:
    assert {case.entry_point for case in CASES} == set(ENTRY_POINTS)
    assert {case.server for case in CASES} == {server.name for server in SERVERS}


@stock
@each_case
@each_site(SITES)
def test_stock(case: Case, site: Site, servers: Dict[str, Server]) -> None:
    """The red side: without apply() every impostor is logged in to."""
    assert_worked(Result(case, servers[case.server], site))


@pytest.mark.usefixtures("applied")
@each_case
def test_trusted(case: Case, servers: Dict[str, Server]) -> None:
    assert_worked(Result(case, servers[case.server], TRUSTED))


@pytest.mark.usefixtures("applied")
@each_case
@each_site(IMPOSTORS)
def test_impostor(case: Case, site: Site, servers: Dict[str, Server], certs: Certificates) -> None:
    server = servers[case.server]
    assert_refused(Result(case, server, site), server, certs[site.name].codes)


@backport_only("warn mode has nothing to do")
@each_case
@each_site(SITES)
def test_warn(case: Case, site: Site, servers: Dict[str, Server], certs: Certificates) -> None:
    """It works as in stock, and each handshake gets the verdict that enforcement would have given."""
    securedefaults.apply("warn")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = Result(case, servers[case.server], site)
    assert_worked(result)
    ours = [m for m in caught if issubclass(m.category, (UnverifiedDefaultWarning, WouldBeRefusedWarning))]
    assert len(ours) == case.handshakes
    for number, message in enumerate(ours):
        there = TRUSTED if case.entry_point.kind == DATA and number == 0 else site
        refused = there is not TRUSTED
        text = str(message.message)
        if case.server in PICKY and number > 0 and "is unknown: " in text:
            # nobody sends a certificate when a session is resumed; newer OpenSSL remembers that of the session
            assert message.category is UnverifiedDefaultWarning
            continue
        assert message.category is (WouldBeRefusedWarning if refused else UnverifiedDefaultWarning)
        assert refused or "enforcement would accept" in text
        assert any("verify code %d" % code in text for code in certs[there.name].codes) == refused
        assert message.filename in (clients.__file__, wire.clients.__file__)


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("name", PICKY)
def test_they_are_picky(name: str, servers: Dict[str, Server]) -> None:
    """That session reuse is required, whoever verifies; without that the recipe would prove nothing."""
    result = Result(Case(name, AUTH), servers[name], TRUSTED)
    assert isinstance(result.outcome, (ftplib.Error, OSError)), result.log
    assert re.search("did not reuse|no SSL session reuse", result.log, re.IGNORECASE), result.log
