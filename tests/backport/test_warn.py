"""C6: warn mode changes nothing but warnings, and the warnings are true."""

from __future__ import annotations

import inspect
import io
import linecache
import smtplib
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any, List

import pytest
from test_matrix import STYLE_CASES, assert_accepted, run

import securedefaults
from native import backport_only
from securedefaults import UnverifiedDefaultWarning, WouldBeRefusedWarning
from securedefaults._entrypoints import DATA, UPGRADE, EntryPoint
from wire import clients
from wire.certs import Certificates
from wire.clients import BROKEN_IN_STOCK, HERE, STYLES, Target, server_for
from wire.servers import REFUSE, SECRET, STRIP, USER, Server

pytestmark = backport_only("warn mode has nothing to do")

LABELS = ["good", "good intermediate", "unknown CA", "self-signed", "expired", "wrong host", "missing intermediate"]


@pytest.fixture
def warning(trust: Path) -> None:
    securedefaults.apply("warn")


def ours(caught: List[warnings.WarningMessage]) -> List[warnings.WarningMessage]:
    categories = (UnverifiedDefaultWarning, WouldBeRefusedWarning)
    return [message for message in caught if issubclass(message.category, categories)]


def caught_in(entry_point: EntryPoint, style: str, context: ssl.SSLContext) -> Any:
    """The server, the exception or None, and our warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        server, outcome = run(entry_point, STYLES[entry_point.name][style], context)
    return server, outcome, ours(caught)


@pytest.mark.usefixtures("warning")
@pytest.mark.parametrize(("entry_point", "style"), STYLE_CASES)
@pytest.mark.parametrize("label", LABELS)
def test_connects_and_says(entry_point: EntryPoint, style: str, label: str, certs: Certificates) -> None:
    fault = certs[label]
    server, outcome, caught = caught_in(entry_point, style, fault.context)
    if outcome is not None:
        # what stock cannot do at all; see test_matrix.test_stock
        assert isinstance(outcome, (ValueError, OSError))
        assert style in BROKEN_IN_STOCK or "later" in style
        assert not caught
        return
    assert_accepted(entry_point, server, outcome)
    # FTP's data channel is a handshake of its own
    both = entry_point.protocol == "FTP" and style == "login"
    assert len(caught) == (2 if both else 1)
    for message in caught:
        assert message.category is (WouldBeRefusedWarning if fault.refused else UnverifiedDefaultWarning)
        text = str(message.message)
        assert "'localhost'" in text
        assert any("verify code %d" % code in text for code in fault.codes) == fault.refused
        assert message.filename == clients.__file__
        assert linecache.getline(message.filename, message.lineno).strip()


@pytest.mark.usefixtures("warning")
def test_the_line_is_the_callers(certs: Certificates) -> None:
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        line = inspect.currentframe().f_lineno + 2  # type: ignore[union-attr]
        with pytest.warns(WouldBeRefusedWarning, match=r"smtplib .* expired \(verify code 10\)") as caught:
            smtplib.SMTP_SSL("localhost", server.port).close()
    assert [(message.filename, message.lineno) for message in caught] == [(__file__, line)]


@pytest.mark.usefixtures("warning")
def test_shown_once_for_a_line_by_default(certs: Certificates) -> None:
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        with warnings.catch_warnings(record=True) as caught:
            warnings.resetwarnings()  # then the default action decides
            warnings.simplefilter("ignore", ResourceWarning)
            for _ in range(3):
                smtplib.SMTP_SSL("localhost", server.port).close()
    assert len(ours(caught)) == 1


def test_the_categories_are_what_python_shows_and_hides() -> None:
    assert issubclass(UnverifiedDefaultWarning, DeprecationWarning)
    assert not issubclass(WouldBeRefusedWarning, (DeprecationWarning, PendingDeprecationWarning, ImportWarning))


@pytest.mark.usefixtures("warning")
@pytest.mark.parametrize("entry_point", [e for e in HERE if e.parameter], ids=lambda e: e.name)
def test_an_explicit_context_is_silent(entry_point: EntryPoint, certs: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with server_for(entry_point, certs["expired"].context) as server:
        STYLES[entry_point.name]["plain"](Target("localhost", server.port, context))


@pytest.mark.usefixtures("warning")
@pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)
@pytest.mark.parametrize("label", ["good", "expired"])
def test_warnings_as_errors_do_not_leak(entry_point: EntryPoint, label: str, certs: Certificates) -> None:
    """`-W error`: the connection is gone before the exception leaves."""
    with server_for(entry_point, certs[label].context) as server:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", UnverifiedDefaultWarning)
            warnings.simplefilter("error", WouldBeRefusedWarning)
            styles = STYLES[entry_point.name]
            with pytest.raises(Exception) as caught:
                styles.get("swallow", styles["plain"])(Target("localhost", server.port))
            del caught
    assert not server.credentials()
    assert entry_point.kind != DATA or not server.data()


@pytest.mark.usefixtures("warning")
@pytest.mark.parametrize("entry_point", [e for e in HERE if e.kind == UPGRADE], ids=lambda e: e.name)
@pytest.mark.parametrize("attack", [STRIP, REFUSE])
def test_a_refused_upgrade_is_as_in_stock(entry_point: EntryPoint, attack: str, certs: Certificates) -> None:
    """Opportunistic programs go on in clear, as they do without us."""
    if "swallow" not in STYLES[entry_point.name]:
        pytest.skip("has no such style")
    with server_for(entry_point, certs["good"].context, attack=attack) as server:
        clients.swallow(lambda: STYLES[entry_point.name]["swallow"](Target("localhost", server.port)))
    assert any(where == "clear" for where, _ in server.credentials())


@pytest.mark.usefixtures("warning")
def test_smtp_host_port(certs: Certificates) -> None:
    """Stock asks for "host:port" by SNI; the verdict is about the host."""
    with Server("SMTP", certs["good"].context) as server, smtplib.SMTP("localhost:%d" % server.port) as smtp:
        with pytest.warns(UnverifiedDefaultWarning, match="enforcement would accept"):
            smtp.starttls()


def test_unknown(certs: Certificates, trust: Path) -> None:
    """A context that the program keeps for others is not changed for a verdict."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    securedefaults.apply("warn", context_factory=lambda: context)
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        with pytest.warns(UnverifiedDefaultWarning, match="is unknown: .*TLS 1.3 only"):
            smtplib.SMTP_SSL("localhost", server.port).close()


def test_a_broken_factory_does_not_break_the_program(certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn", context_factory=lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with pytest.warns(UnverifiedDefaultWarning, match="is unknown: ZeroDivisionError"):
            smtplib.SMTP_SSL("localhost", server.port).login(USER, SECRET)
    assert server.credentials()


@pytest.mark.skipif(sys.version_info < (3, 13), reason="not strict by default")
def test_only_strict(certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn")
    with Server("SMTP", certs["no authority key identifier"].context, implicit=True) as server:
        with pytest.warns(WouldBeRefusedWarning, match="only by the stricter rules of VERIFY_X509_STRICT"):
            smtplib.SMTP_SSL("localhost", server.port).close()
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        with pytest.warns(WouldBeRefusedWarning) as caught:
            smtplib.SMTP_SSL("localhost", server.port).close()
    assert "STRICT" not in str(caught[0].message)
    securedefaults.apply("warn", strict=False)
    with Server("SMTP", certs["no authority key identifier"].context, implicit=True) as server:
        with pytest.warns(UnverifiedDefaultWarning, match="would accept"):
            smtplib.SMTP_SSL("localhost", server.port).close()


@pytest.mark.usefixtures("warning")
def test_the_context_looks_the_same() -> None:
    import ftplib

    context = ftplib.FTP_TLS().context
    assert type(context).__name__ == "SSLContext"
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode == ssl.CERT_NONE
    assert (
        str(inspect.signature(context.wrap_socket))
        == str(inspect.signature(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_socket))
        or len(inspect.signature(context.wrap_socket).parameters) == 6
    )
    context.set_ciphers("DEFAULT")


@pytest.mark.usefixtures("warning")
def test_who_makes_it_verify_gets_no_verdict(certs: Certificates, trust: Path) -> None:
    import ftplib

    with Server("FTP", certs["good"].context) as server, ftplib.FTP_TLS(timeout=10) as ftp:
        ftp.context.load_verify_locations(str(trust))
        ftp.context.verify_mode = ssl.CERT_REQUIRED
        ftp.connect("localhost", server.port)
        ftp.login(USER, SECRET)  # silent: warnings are errors here
        ftp.prot_p()
        ftp.storbinary("STOR x", io.BytesIO(b"content"))


def test_modes_follow_each_other(certs: Certificates, trust: Path) -> None:
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        securedefaults.apply("warn")
        assert securedefaults.status().mode == "warn"
        assert {entry.state for entry in securedefaults.status().entry_points} <= {"watched", "absent"}
        with pytest.warns(WouldBeRefusedWarning):
            smtplib.SMTP_SSL("localhost", server.port).close()
        securedefaults.apply("enforce")
        assert "watched" not in str(securedefaults.status())
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", server.port)
        securedefaults.apply("warn")
        with pytest.warns(WouldBeRefusedWarning):
            smtplib.SMTP_SSL("localhost", server.port).close()
        securedefaults.restore()
        smtplib.SMTP_SSL("localhost", server.port).close()


def test_get_server_certificate_is_silent(certs: Certificates, warning: None) -> None:
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        assert "BEGIN CERTIFICATE" in ssl.get_server_certificate(("localhost", server.port))
