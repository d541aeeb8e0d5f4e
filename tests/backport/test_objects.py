"""C7: what is in force at the handshake counts, for every object whose context was made by us."""

from __future__ import annotations

import ftplib
import gc
import imaplib
import io
import poplib
import smtplib
import ssl
import warnings
from pathlib import Path
from typing import Any, Dict

import pytest

import securedefaults
from native import backport_only
from securedefaults import HostRule, UnverifiedDefaultWarning, WouldBeRefusedWarning
from wire.certs import Certificates
from wire.clients import TIMEOUT
from wire.servers import SECRET, USER, Server

pytestmark = [backport_only("there is nothing to apply"), pytest.mark.usefixtures("trust")]

#: protocol, whether TLS is implicit, how the object is made without a connection, and how it is used later
Later = Dict[str, Any]


def ftp_logs_in(ftp: ftplib.FTP_TLS, port: int) -> None:
    ftp.connect("localhost", port, timeout=TIMEOUT)
    ftp.login(USER, SECRET)


def ftp_stores(ftp: ftplib.FTP_TLS, port: int) -> None:
    ftp_logs_in(ftp, port)
    ftp.prot_p()
    ftp.storbinary("STOR x", io.BytesIO(b"content"))


def smtp_of(host: str) -> smtplib.SMTP_SSL:
    smtp: Any = smtplib.SMTP_SSL(timeout=TIMEOUT)
    smtp._host = host  # without it no version before 3.13.14 connects later
    return smtp  # type: ignore[no-any-return]


def smtp_logs_in(smtp: smtplib.SMTP_SSL, port: int) -> None:
    smtp.connect("localhost", port)
    smtp.login(USER, SECRET)


LATER: Dict[str, Any] = {
    "FTP_TLS, login": ("FTP", False, lambda: ftplib.FTP_TLS(timeout=TIMEOUT), ftp_logs_in),
    "FTP_TLS, data": ("FTP", False, lambda: ftplib.FTP_TLS(timeout=TIMEOUT), ftp_stores),
    "SMTP_SSL": ("SMTP", True, lambda: smtp_of("localhost"), smtp_logs_in),
}


def received(how: str, thing: Any, label: str, certs: Certificates) -> Any:
    """What the server saw, and the exception or None."""
    protocol, implicit, _, use = LATER[how]
    outcome = None
    with Server(protocol, certs[label].context, implicit=implicit) as server:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                use(thing, server.port)
            except Exception as exc:
                outcome = exc
            thing.close()
    return server.credentials(), outcome


@pytest.mark.parametrize("how", LATER)
@pytest.mark.parametrize("before", ["warn", "enforce"])
def test_what_is_in_force_at_the_handshake_counts(before: str, how: str, certs: Certificates) -> None:
    securedefaults.apply(before)
    thing = LATER[how][2]()
    for mode, accepted in ("warn", True), ("enforce", False), ("off", True), ("enforce", False), ("warn", True):
        securedefaults.apply(mode)
        seen, outcome = received(how, thing, "unknown CA", certs)
        assert bool(seen) == accepted, (mode, outcome)
        assert isinstance(outcome, ssl.SSLCertVerificationError) != accepted
        seen, outcome = received(how, thing, "good", certs)
        assert seen, (mode, outcome)


@pytest.mark.parametrize("how", LATER)
def test_a_verdict_is_given_for_what_was_made_under_enforcement(how: str, certs: Certificates) -> None:
    protocol, implicit, make, use = LATER[how]
    securedefaults.apply()
    thing = make()
    securedefaults.apply("warn")
    with Server(protocol, certs["expired"].context, implicit=implicit) as server:
        with pytest.warns(WouldBeRefusedWarning, match="expired"):
            use(thing, server.port)
        thing.close()


def test_upgraded_and_implicit_connections_that_are_made_anew(certs: Certificates) -> None:
    """The context of POP3_SSL and IMAP4_SSL lives with the object, and both connect in their constructors."""
    securedefaults.apply("warn")
    with Server("IMAP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.warns(WouldBeRefusedWarning):
            imap = imaplib.IMAP4_SSL("localhost", server.port)
        imap.shutdown()
        securedefaults.apply()
        with pytest.raises(ssl.SSLCertVerificationError):
            imap.open("localhost", server.port)
    assert not server.credentials()
    securedefaults.apply("warn")
    with Server("POP3", certs["unknown CA"].context, implicit=True) as server:
        with pytest.warns(WouldBeRefusedWarning):
            pop = poplib.POP3_SSL("localhost", server.port, timeout=TIMEOUT)
        pop.close()
        securedefaults.apply()
        with pytest.raises(ssl.SSLCertVerificationError):
            pop._create_socket(TIMEOUT)  # type: ignore[attr-defined]


def test_a_data_channel_after_apply(certs: Certificates) -> None:
    """The control channel was made under warn mode; its session is of no use to the verified data channel."""
    securedefaults.apply("warn")
    with Server("FTP", certs["good"].context) as server:
        ftp = SessionFTP(timeout=TIMEOUT)
        with pytest.warns(UnverifiedDefaultWarning):
            ftp_logs_in(ftp, server.port)
        ftp.prot_p()
        securedefaults.apply()
        ftp.storbinary("STOR x", io.BytesIO(b"content"))
        ftp.close()
    assert server.data()
    assert not any(record.session_reused for record in server.records)
    securedefaults.apply("warn")
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp = SessionFTP(timeout=TIMEOUT)
        with pytest.warns(WouldBeRefusedWarning):
            ftp_logs_in(ftp, server.port)
        ftp.prot_p()
        securedefaults.apply()
        with pytest.raises(ssl.SSLCertVerificationError):
            ftp.storbinary("STOR x", io.BytesIO(b"content"))
        ftp.close()
    assert not server.data()


class SessionFTP(ftplib.FTP_TLS):
    """Resumes the session of the control channel, as vsftpd and others demand it."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        sock: Any = self.sock
        return self.context.wrap_socket(conn, server_hostname=self.host, session=sock.session), size


@pytest.mark.parametrize("change", ["verify_mode", "rule"])
def test_the_session_of_an_unverified_handshake_is_not_resumed(change: str, certs: Certificates) -> None:
    securedefaults.apply(rules=[HostRule("localhost", verify=False)] if change == "rule" else [])
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp = SessionFTP(timeout=TIMEOUT)
        if change == "verify_mode":
            ftp.context.check_hostname = False
            ftp.context.verify_mode = ssl.CERT_NONE
        ftp_logs_in(ftp, server.port)
        ftp.prot_p()
        if change == "verify_mode":
            ftp.context.verify_mode = ssl.CERT_REQUIRED
            ftp.context.check_hostname = True
        else:
            securedefaults.apply()
        with pytest.raises(ssl.SSLCertVerificationError):
            ftp.storbinary("STOR x", io.BytesIO(b"content"))
        ftp.close()
    assert not server.data()


def test_what_the_holder_changed_goes_along(certs: Certificates) -> None:
    """From mode to mode: here that nothing but TLS 1.2 is spoken."""
    securedefaults.apply("warn")
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
    ftp.context.maximum_version = ssl.TLSVersion.TLSv1_2
    for mode in ("warn", "enforce", "off", "enforce"):
        securedefaults.apply(mode)
        assert ftp.context.maximum_version == ssl.TLSVersion.TLSv1_2
        with Server("FTP", certs["good"].context) as server, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ftp_logs_in(ftp, server.port)
            assert ftp.sock.version() == "TLSv1.2"  # type: ignore[union-attr]
            ftp.close()


def test_a_later_change_reaches_every_rule(certs: Certificates, tmp_path: Path) -> None:
    """Also the context of a rule that has made a handshake before."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    securedefaults.apply(rules=[HostRule("localhost", cafile=tmp_path / "ca.pem")])
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
    ftp.context.set_ciphers("DEFAULT")
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp_logs_in(ftp, server.port)
        ftp.close()
        ftp.context.maximum_version = ssl.TLSVersion.TLSv1_2
        ftp_logs_in(ftp, server.port)
        assert ftp.sock.version() == "TLSv1.2"  # type: ignore[union-attr]
        ftp.close()


def test_a_policy_that_is_gone_is_not_kept(certs: Certificates) -> None:
    securedefaults.apply()
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
    for _ in range(20):
        securedefaults.apply(rules=[HostRule("localhost", verify=False)])
        assert ftp.context.verify_mode == ssl.CERT_REQUIRED
    gc.collect()
    assert sum(type(thing) is securedefaults.Policy for thing in gc.get_objects()) <= 3


def test_create_default_context_verifies_whatever_is_in_force(certs: Certificates) -> None:
    """It is passed explicitly, and so it is the caller's."""
    for mode in ("warn", "enforce", "off"):
        securedefaults.apply("enforce")
        context = securedefaults.create_default_context()
        securedefaults.apply(mode)
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL("localhost", server.port, context=context)
        assert not server.credentials()


# What the stock helper made


def test_what_was_made_before_is_named(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its context looks exactly like one that was passed explicitly. So it stays as it is, and is said."""
    securedefaults.restore()
    monkeypatch.setitem(globals(), "BEFORE", ftplib.FTP_TLS())
    securedefaults.apply()
    monkeypatch.setitem(globals(), "AFTER", ftplib.FTP_TLS())
    named = [sentence for sentence in securedefaults.status().not_covered if "BEFORE" in sentence]
    assert len(named) == 1
    assert "%s.BEFORE" % __name__ in named[0]
    assert "its context verifies nobody" in named[0]
    assert not [sentence for sentence in securedefaults.status().not_covered if "AFTER" in sentence]


@pytest.mark.parametrize("name", ["smtplib.SMTP", "ftplib.FTP_TLS", "imaplib.IMAP4", "poplib.POP3"])
def test_a_class_that_is_mocked_during_apply(name: str, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one is found all the same."""
    import importlib
    from unittest import mock

    module_name, _, cls = name.partition(".")
    module = importlib.import_module(module_name)
    method = {"smtplib": "starttls", "ftplib": "auth", "imaplib": "starttls", "poplib": "stls"}[module_name]
    real = getattr(module, cls)
    before = vars(real)[method]
    for fake in (mock.Mock(), mock.MagicMock(), object(), type(cls, (), {})):
        with monkeypatch.context() as patch:
            patch.setattr(module, cls, fake)
            securedefaults.apply()
        assert vars(real)[method] is not before
        securedefaults.restore()
        assert vars(real)[method] is before


def test_a_method_that_is_mocked_during_apply_is_named() -> None:
    from unittest import mock

    with mock.patch.object(smtplib.SMTP, "starttls"):
        securedefaults.apply()
    (named,) = [sentence for sentence in securedefaults.status().not_covered if "starttls" in sentence]
    assert "smtplib.SMTP.starttls" in named
    assert "call apply() again" in named
    securedefaults.apply()
    assert not [sentence for sentence in securedefaults.status().not_covered if "starttls" in sentence]


# What a context shows, and what its holder has done to it


@pytest.mark.parametrize("kind", ["pin", "exemption"])
def test_nobody_sees_a_context_that_does_not_verify(kind: str, certs: Certificates) -> None:
    """`sock.context` of a host with a rule is passed to a connection with another one."""
    from test_rules import pin

    options: Any = {"fingerprint": pin(certs["self-signed"].pem)} if kind == "pin" else {"verify": False}
    with Server("SMTP", certs["self-signed"].context, implicit=True) as first:
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as second:
            securedefaults.apply(rules=[HostRule("localhost", first.port, **options)])
            smtp = smtplib.SMTP_SSL("localhost", first.port, timeout=TIMEOUT)
            seen = smtp.sock.context  # type: ignore[union-attr]
            with pytest.raises(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL("localhost", second.port, context=seen, timeout=TIMEOUT)
            smtp.close()
    assert not second.credentials()


def test_who_checks_no_host_name_has_verified_nobody(certs: Certificates) -> None:
    """It is not said to be accepted, and opens nothing that was refused before."""
    from securedefaults._tls import guard

    securedefaults.apply()
    with Server("FTP", certs["wrong host"].context) as server:
        for changed in (False, True):
            ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
            if changed:
                ftp.context.check_hostname = False
                ftp_logs_in(ftp, server.port)
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    ftp_logs_in(ftp, server.port)
            ftp.close()
    assert guard.refusals
    assert {each.verdict for each in securedefaults.report().observations} == {"refused"}


@pytest.mark.parametrize("again", ["enforce", "strict"])
def test_a_second_apply_needs_no_file_again(again: str, certs: Certificates, tmp_path: Path) -> None:
    """What the holder has loaded is loaded."""
    securedefaults.apply()
    path = tmp_path / "ca.pem"
    path.write_bytes(certs.unknown.pem)
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
    ftp.context.load_verify_locations(str(path))
    path.unlink()
    securedefaults.apply(rules=[HostRule("other.example.test", verify=False)])
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp_logs_in(ftp, server.port)
        ftp.close()
    assert server.credentials()


def test_bits_that_the_holder_does_not_change_are_each_contexts_own() -> None:
    securedefaults.apply("warn")
    context = ftplib.FTP_TLS().context
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    context.options |= ssl.OP_NO_TICKET
    securedefaults.apply()
    fresh = ssl.create_default_context()
    assert context.verify_flags == fresh.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
    assert context.options == fresh.options | ssl.OP_NO_TICKET
    context.verify_flags &= ~ssl.VERIFY_CRL_CHECK_LEAF
    securedefaults.apply("warn")
    assert not context.verify_flags & ssl.VERIFY_CRL_CHECK_LEAF


def test_settings_that_follow_each_other_are_not_kept() -> None:
    securedefaults.apply()
    context: Any = ftplib.FTP_TLS().context
    for number in range(1000):
        context.post_handshake_auth = bool(number % 2)
        context.options ^= ssl.OP_NO_TICKET
        context.set_ciphers("DEFAULT")
    changes = context._contexts._changes
    assert len({id(change) for change in changes}) < 10


def test_a_context_of_a_copy_that_is_gone(certs: Certificates) -> None:
    """Of several copies of this package the one that was asked last counts, for what the others have made as well."""
    program = """
        import sys, ftplib, securedefaults
        securedefaults.apply()
        ftp = ftplib.FTP_TLS(timeout=10)
        if sys.argv[2] == "restored":
            securedefaults.restore()
        for name in [name for name in sys.modules if name.partition(".")[0] == "securedefaults"]:
            del sys.modules[name]
        import securedefaults
        securedefaults.apply()
        if sys.argv[2] == "restored":
            print(*[line for line in securedefaults.status().not_covered if "ftp" in line])
        ftp.connect("localhost", int(sys.argv[1]))
        ftp.login(*sys.argv[3:])
    """
    from programs import run

    for how in ("applied", "restored"):
        with Server("FTP", certs["unknown CA"].context) as server:
            result = run(program, server.port, how, USER, SECRET)
        if how == "restored":  # nobody was there to be followed: then it is said
            assert "__main__.ftp: its context verifies nobody" in result.stdout
        else:
            assert "CERTIFICATE_VERIFY_FAILED" in result.stderr
            assert not server.credentials()
