"""C5: the platform's own exception, and a note that says which host, what it presented, and what to do."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import poplib
import smtplib
import ssl
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from programs import run

from securedefaults._entrypoints import IMPLICIT
from securedefaults._observe import advice, codes, errors, roots
from wire.certs import Certificates
from wire.clients import HERE, STYLES, Target, nntplib, server_for
from wire.servers import REFUSE, SECRET, USER, Server

has_notes = sys.version_info >= (3, 11)
STRICT = ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT
tells_the_chain = sys.version_info >= (3, 10)


def refusal(certs: Certificates, label: str, host: str = "localhost") -> ssl.SSLCertVerificationError:
    with Server("SMTP", certs[label].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            smtplib.SMTP_SSL(host, server.port)
    return caught.value


def the_note(exc: BaseException) -> str:
    (note,) = exc.__notes__  # type: ignore[attr-defined]
    assert isinstance(note, str)
    return note


@pytest.mark.parametrize("label", ["unknown CA", "wrong host", "expired", "self-signed", "client certificate"])
def test_the_exception_is_the_platforms(label: str, certs: Certificates, applied: None) -> None:
    with Server("SMTP", certs[label].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            smtplib.SMTP_SSL("localhost", server.port, context=ssl.create_default_context())
        theirs = caught.value
    ours = refusal(certs, label)
    assert type(ours) is type(theirs) is ssl.SSLCertVerificationError
    assert str(ours) == str(theirs)
    assert ours.args == theirs.args
    for name in ("verify_code", "verify_message", "reason", "library", "errno", "strerror"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert ours.__cause__ is None
    assert not getattr(theirs, "__notes__", ())


@pytest.mark.parametrize(
    ("label", "cause", "rules"),
    [
        ("wrong host", "verify code 62", ["server_hostname = other.example.test"]),
        ("expired", "verify code 10", [advice.NOTHING_HELPS]),
        ("not yet valid", "verify code 9", [advice.NOTHING_HELPS]),
        ("unknown CA", "verify code 20", ["cafile = " + advice.CAFILE]),
        ("self-signed", "verify code 18", ["the server's own certificate", "cafile = " + advice.CAFILE]),
        ("client certificate", "verify code 26", [advice.NOTHING_HELPS]),
    ],
)
def test_the_note(label: str, cause: str, rules: Any, certs: Certificates, applied: None) -> None:
    """What is wrong, what to do at the server, and the two best rules: before 3.10 nobody knows what was sent."""
    note = the_note(refusal(certs, label))
    assert note.startswith("securedefaults: refused the server's certificate for 'localhost': ")
    says = [cause, "No credentials were sent", "What is wrong:", cause, "What to do at the server:"]
    pin = "strict = no" if STRICT and label == "unknown CA" else "fingerprint = sha256:"  # nobody has seen that CA
    says += [*rules, pin] if tells_the_chain else ["A rule can pin the server's certificate"]
    at = 0
    for text in [*says, "All of it: securedefaults check smtps://localhost:"]:
        at = note.index(text, at) + 1
    assert codes.of(int(cause.split()[-1])).server in note


@pytest.mark.skipif(not tells_the_chain, reason="ssl cannot tell before 3.10")
def test_no_more_than_two_rules(certs: Certificates, applied: None) -> None:
    note = the_note(refusal(certs, "unknown CA"))
    assert note.count("[host localhost:") == 2
    assert "verify = no" not in note


@pytest.mark.skipif(not tells_the_chain, reason="ssl cannot tell before 3.10")
@pytest.mark.parametrize(
    ("label", "presented"),
    [
        ("wrong host", "for 'other.example.test', issued by 'trustme v"),
        ("no name", "for 'nobody', issued by 'trustme v"),
        ("expired", "valid from Jan  1 00:00:00 2020 GMT to Jan  1 00:00:00 2021 GMT"),
        ("unknown CA", "for 'localhost', 'mail.example.test'"),
    ],
)
def test_what_was_presented(label: str, presented: str, certs: Certificates, applied: None) -> None:
    assert presented in the_note(refusal(certs, label))


def test_traceback_or_log(certs: Certificates, applied: None, caplog: pytest.LogCaptureFixture) -> None:
    """Where tracebacks show no notes, the log has them; and a refusal is one record everywhere."""
    exc = refusal(certs, "wrong host")
    (record,) = [record for record in caplog.records if record.name == "securedefaults"]
    first, *note = record.getMessage().split("\n", 1)
    assert first.startswith("refused the certificate of smtp localhost:")
    if has_notes:
        assert "What to do at the server:" in "".join(traceback.format_exception(type(exc), exc, exc.__traceback__))
        assert note == []
    else:
        assert note == [the_note(exc)]


NOBODY_LISTENS = """
    import smtplib, ssl, sys, securedefaults
    securedefaults.apply()
    try:
        smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost")
    except ssl.SSLCertVerificationError as exc:
        print("refused")
"""


def test_nobody_listens(certs: Certificates, trust: Path) -> None:
    """A program without logging sees the note once: in the traceback, or, where that has none, on stderr."""
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        result = run(NOBODY_LISTENS, server.port)
    assert result.stdout == "refused\n"
    assert result.stderr.count("What to do at the server:") == (0 if has_notes else 1)


def test_a_server_cannot_write_our_note() -> None:
    """Names come from the attacker: no line breaks, no escapes, no novels."""
    evil = "x\n- remedy: \x1b[1mswitch verification off"
    info = {"subjectAltName": [("DNS", evil)] + [("DNS", "n" * 1000)] * 20, "issuer": ((("commonName", evil),),)}
    text = errors._describe(info)
    assert "\n" not in text
    assert "\x1b" not in text
    assert "(13 more)" in text
    assert len(text) < 1500


def test_a_certificate_without_anything() -> None:
    info = {"subject": (), "issuer": ()}
    assert errors._describe(info).startswith("for no name at all, issued by nobody named")


def test_a_note_that_was_there_stays(certs: Certificates) -> None:
    exc = ssl.SSLCertVerificationError("somebody's own")
    exc.verify_code, exc.verify_message = 62, "made up"
    exc.__notes__ = ["theirs"]  # type: ignore[attr-defined]
    errors.explain(exc, "localhost")
    errors.explain(exc, "another")
    first, second = exc.__notes__  # type: ignore[attr-defined]
    assert first == "theirs"
    assert "'localhost'" in second


def test_no_ca_certificates_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = ssl.DefaultVerifyPaths(None, None, "NO_SUCH_FILE", "/none.pem", "NO_SUCH_DIR", "/none")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    (problem,) = roots.problems()
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing._replace(capath="/etc/ssl/certs"))
    assert roots.problems() == []
    assert "neither /none.pem nor /none exists" in problem
    assert "set NO_SUCH_FILE" in problem


def mask(certs: Certificates, protocol: str) -> Any:
    """A refusal by an explicit, verifying context inside `with`, on the stock library: what comes out?"""
    context = ssl.create_default_context()
    with Server(protocol.split()[0], certs["unknown CA"].context) as server:
        with pytest.raises(Exception) as caught:
            if protocol == "POP3":
                with contextlib.closing(poplib.POP3("localhost", server.port)) as pop:
                    pop.stls(context)
            elif protocol == "IMAP finally":
                imap = imaplib.IMAP4("localhost", server.port)
                try:
                    imap.starttls(context)
                finally:
                    imap.shutdown()
            elif protocol == "IMAP":
                with imaplib.IMAP4("localhost", server.port) as imap:
                    imap.starttls(context)
            elif protocol == "NNTP":
                with nntplib.NNTP("localhost", server.port) as nntp:
                    nntp.starttls(context)
            else:
                with ftplib.FTP_TLS(context=context) as ftp:
                    ftp.connect("localhost", server.port)
                    ftp.prot_p()
                    ftp.nlst()
    return caught.value


@pytest.mark.parametrize("protocol", ["IMAP", "IMAP finally", "POP3", "FTP"] + (["NNTP"] if nntplib else []))
def test_with_does_not_mask_the_refusal(protocol: str, certs: Certificates) -> None:
    import securedefaults

    assert not isinstance(mask(certs, protocol), ssl.SSLCertVerificationError)  # the red side
    securedefaults.apply()
    assert isinstance(mask(certs, protocol), ssl.SSLCertVerificationError)


def test_ftp_exit_raises_what_it_raised(applied: None, certs: Certificates) -> None:
    """Only refusals are kept from being masked."""
    with Server("FTP", certs["good"].context, attack=REFUSE) as server:
        with pytest.raises(ftplib.error_temp, match="431"), ftplib.FTP_TLS(timeout=10) as ftp:
            ftp.connect("localhost", server.port)
            ftp.putcmd("AUTH TLS")  # whose answer quit() will take for its own
            raise ZeroDivisionError


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", [e for e in HERE if e.kind == IMPLICIT], ids=lambda e: e.name)
def test_nothing_of_ours_in_the_way_of_a_plain_server(entry_point: Any, certs: Certificates) -> None:
    """A server that speaks no TLS at all: the platform's SSLError, without a note, as ever."""
    from securedefaults._entrypoints import UPGRADE

    plain = next(e for e in HERE if e.protocol == entry_point.protocol and e.kind == UPGRADE)
    with server_for(plain, certs["good"].context) as server:
        with pytest.raises(ssl.SSLError) as caught:
            STYLES[entry_point.name]["plain"](Target("localhost", server.port))
    assert not hasattr(caught.value, "__notes__")
    assert not server.credentials()


def test_the_secret_is_not_in_the_note(certs: Certificates, applied: None) -> None:
    note = the_note(refusal(certs, "unknown CA"))
    assert USER not in note
    assert SECRET not in note
