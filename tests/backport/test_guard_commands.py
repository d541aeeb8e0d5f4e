"""Which bytes the guard stops: every spelling of a login, and nothing else. Judged by what the server received."""

from __future__ import annotations

import array
import base64
import contextlib
import copy
import ctypes
import ftplib
import gc
import imaplib
import io
import logging
import pickle
import poplib
import smtplib
import socket
import ssl
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple
from unittest import mock

import pytest

import securedefaults
from native import backport_only
from securedefaults import WouldBeRefusedWarning
from securedefaults._install import loading, said
from securedefaults._names import REFUSED
from securedefaults._tls import guard
from securedefaults._tls.client import Server as Asked
from securedefaults._tls.commands import GRAMMARS, Spoken, as_bytes
from securedefaults._tls.verdict import Verdict
from wire import clients
from wire.certs import Certificates
from wire.clients import TIMEOUT, nntplib
from wire.servers import SECRET, USER, Imap, Server

pytestmark = backport_only("the guard is the backport's")

TOKEN = base64.b64encode(("user=%s\1auth=Bearer %s\1\1" % (USER, SECRET)).encode()).decode()
B64 = base64.b64encode(SECRET.encode()).decode()


class Sends(smtplib.SMTP):
    """Overrides what everything goes out by, and calls nobody."""

    def send(self, s: Any) -> None:
        assert self.sock is not None
        self.sock.sendall(s.encode() if isinstance(s, str) else s)


class Puts(smtplib.SMTP):
    def putcmd(self, cmd: str, args: str = "") -> None:
        self.send("%s %s\r\n" % (cmd, args))


class Calls(smtplib.SMTP):
    def send(self, s: Any) -> None:
        super().send(s)

    def putcmd(self, cmd: str, args: str = "") -> None:
        super().putcmd(cmd, args)


class ImapSends(imaplib.IMAP4):
    def send(self, data: Any) -> None:
        self.sock.sendall(data)


def swallowing(*steps: Callable[[], object]) -> None:
    """A program that goes on whatever happens."""
    error = None
    for step in steps:
        try:
            step()
        except Exception as exc:
            error = exc
    if error is not None:
        raise error


def said_and_heard(client: Any, line: str) -> None:
    """By `send()` alone; what is left unread when a connection is closed may take with it what was sent."""
    client.send(line + "\r\n")
    client.getreply()


#: by protocol and way: what is done with a client that is connected
Way = Callable[[Any], object]
SMTP: Dict[str, Way] = {
    "docmd": lambda c: c.docmd("AUTH", "XOAUTH2 " + TOKEN),
    "docmd of one string": lambda c: c.docmd("AUTH XOAUTH2 " + TOKEN),
    "small letters": lambda c: c.docmd("auth", "plain " + TOKEN),
    "putcmd": lambda c: c.putcmd("Auth Plain " + TOKEN),
    "keywords": lambda c: c.putcmd(args="PLAIN " + TOKEN, cmd="AUTH"),
    "text": lambda c: c.send("AUTH PLAIN %s\r\n" % TOKEN),
    "bytes": lambda c: c.send(b"AUTH PLAIN %s\r\n" % TOKEN.encode()),
    "keyword": lambda c: c.send(s=b"AUTH PLAIN %s\r\n" % TOKEN.encode()),
    "bytearray": lambda c: c.send(bytearray(b"AUTH PLAIN %s\r\n" % TOKEN.encode())),
    "memoryview": lambda c: c.send(memoryview(b"AUTH PLAIN %s\r\n" % TOKEN.encode())),
    "spaces": lambda c: c.send(b" \tAUTH\t PLAIN %s\r\n" % TOKEN.encode()),
    "line feed alone": lambda c: c.send(b"NOOP\nAUTH PLAIN %s\n" % TOKEN.encode()),
    "pipelined": lambda c: c.send(b"EHLO x\r\nAUTH PLAIN %s\r\n" % TOKEN.encode()),
    "in pieces": lambda c: swallowing(lambda: c.send(b"AU"), lambda: c.send(b"TH PLAIN %s\r\n" % TOKEN.encode())),
    "the argument alone": lambda c: swallowing(
        lambda: c.send(b"AUTH PLAIN "), lambda: c.send(TOKEN.encode()), lambda: c.send(b"\r\n")
    ),
    "continued": lambda c: swallowing(
        lambda: c.docmd("AUTH LOGIN"), lambda: c.docmd(B64), lambda: c.send(B64 + "\r\n"), lambda: c.docmd("", B64)
    ),
    "after a mail": lambda c: swallowing(
        lambda: c.sendmail("a@example.test", ["b@example.test"], "x"), lambda: c.docmd("AUTH PLAIN " + TOKEN)
    ),
    "behind a mail": lambda c: swallowing(
        lambda: c.docmd("DATA"), lambda: c.send(b"x\r\n."), lambda: c.send(b"\r\nAUTH PLAIN %s\r\n" % TOKEN.encode())
    ),
    "behind an empty mail": lambda c: swallowing(
        lambda: c.docmd("DATA"), lambda: c.send(b".\r\nAUTH PLAIN %s\r\n" % TOKEN.encode())
    ),
    "behind a chunk": lambda c: swallowing(
        lambda: c.putcmd("BDAT 3"), lambda: c.send(b"abcAUTH PLAIN %s\r\n" % TOKEN.encode())
    ),
    "in the place of a mail": lambda c: swallowing(lambda: c.docmd("DATA"), lambda: c.docmd("AUTH PLAIN " + TOKEN)),
    "where a mail was turned down": lambda c: swallowing(
        lambda: said_and_heard(c, "DATA"), lambda: said_and_heard(c, "AUTH PLAIN " + TOKEN)
    ),
    "where a mail was turned down, pipelined": lambda c: swallowing(
        lambda: said_and_heard(c, "DATA"), lambda: said_and_heard(c, "RSET\r\nNOOP\r\nAUTH PLAIN " + TOKEN)
    ),
    "where a mail was turned down, continued": lambda c: swallowing(
        lambda: said_and_heard(c, "DATA"),
        lambda: c.send("AUTH LOGIN\r\n"),
        lambda: said_and_heard(c, B64),
    ),
    "where a chunk was turned down": lambda c: swallowing(
        lambda: said_and_heard(c, "BDAT 5000"), lambda: said_and_heard(c, "AUTH PLAIN " + TOKEN)
    ),
    "login": lambda c: c.login(USER, SECRET),
}
IMAP: Dict[str, Way] = {
    "login": lambda c: c.login(USER, SECRET),
    "LOGIN": lambda c: c.LOGIN(USER, SECRET),
    "authenticate": lambda c: c.authenticate("XOAUTH2", lambda challenge: TOKEN.encode()),
    "_simple_command": lambda c: c._simple_command("LOGIN", USER, SECRET),
    "_command": lambda c: c._command("LOGIN", USER, SECRET),
    "initial response": lambda c: c._simple_command("AUTHENTICATE", "XOAUTH2", TOKEN),
    "send": lambda c: c.send(b"a1 login %s %s\r\n" % (USER.encode(), SECRET.encode())),
    "bytearray": lambda c: c.send(bytearray(b"a1 LOGIN %s %s\r\n" % (USER.encode(), SECRET.encode()))),
    "in another command": lambda c: c._simple_command("NOOP", "\r\na1 LOGIN %s %s" % (USER, SECRET)),
    "literals": lambda c: swallowing(
        lambda: c.send(b"a1 LOGIN {9}\r\n"),
        lambda: c.send(USER.encode()),
        lambda: c.send(b" {14}\r\n"),
        lambda: c.send(SECRET.encode()),
        lambda: c.send(b"\r\n"),
    ),
    "literals that are not waited for": lambda c: c.send(
        b"a1 LOGIN {9+}\r\n%s {14+}\r\n%s\r\n" % (USER.encode(), SECRET.encode())
    ),
    "continued": lambda c: swallowing(
        lambda: c.send(b"a1 AUTHENTICATE LOGIN\r\n"), lambda: c.send(B64.encode()), lambda: c.send(b"\r\n")
    ),
    "behind a mail": lambda c: c.send(
        b"a1 APPEND x {5+}\r\nhello\r\na2 LOGIN %s %s\r\n" % (USER.encode(), SECRET.encode())
    ),
    "in the place of a mail": lambda c: swallowing(
        lambda: c.append("x", None, None, b"y" * 5000), lambda: c._command("LOGIN", USER, SECRET)
    ),
    "where a mail was turned down": lambda c: swallowing(
        lambda: c.send(b"a1 APPEND x {5000}\r\n"),
        lambda: c.send(b"a2 LOGIN %s %s\r\n" % (USER.encode(), SECRET.encode())),
    ),
}
POP3: Dict[str, Way] = {
    "user": lambda c: swallowing(lambda: c.user(USER), lambda: c.pass_(SECRET)),
    "apop": lambda c: (setattr(c, "welcome", b"+OK <1.2@wire>"), c.apop(USER, SECRET)),
    "rpop": lambda c: c.rpop(USER),
    "_shortcmd": lambda c: c._shortcmd("AUTH XOAUTH2 " + TOKEN),
    "small letters": lambda c: c._shortcmd("pass " + SECRET),
    "_putcmd": lambda c: c._putcmd("PASS " + SECRET),
    "_putline": lambda c: c._putline(b" PASS " + SECRET.encode()),
    "bytearray": lambda c: c._putline(bytearray(b"PASS " + SECRET.encode())),
    "pipelined": lambda c: c._putline(b"NOOP\r\nUSER %s\r\nPASS %s" % (USER.encode(), SECRET.encode())),
    "continued": lambda c: swallowing(lambda: c._shortcmd("AUTH PLAIN"), lambda: c._shortcmd(TOKEN)),
}
FTP: Dict[str, Way] = {
    "login": lambda c: c.login(USER, SECRET),
    "sendcmd": lambda c: swallowing(lambda: c.sendcmd("USER " + USER), lambda: c.sendcmd("PASS " + SECRET)),
    "small letters": lambda c: c.voidcmd("pass " + SECRET),
    "putcmd": lambda c: c.putcmd("Pass " + SECRET),
    "putline": lambda c: c.putline(" PASS\t" + SECRET),
    "ACCT": lambda c: c.sendcmd("ACCT " + SECRET),
    "ADAT": lambda c: c.sendcmd("ADAT " + SECRET),
    "nobody with a password": lambda c: c.login("anonymous", SECRET),
    "no user": lambda c: c.login(passwd=SECRET),
    "nobody, and then somebody": lambda c: swallowing(
        lambda: c.login(), lambda: c.sendcmd("USER " + USER), lambda: c.sendcmd("PASS x@example.test" + SECRET)
    ),
}
NNTP: Dict[str, Way] = {
    "login": lambda c: c.login(USER, SECRET, usenetrc=False),
    "_shortcmd": lambda c: swallowing(
        lambda: c._shortcmd("authinfo user " + USER), lambda: c._shortcmd("AUTHINFO PASS " + SECRET)
    ),
    "_putcmd": lambda c: c._putcmd("AuthInfo Pass " + SECRET),
    "_putline": lambda c: c._putline(b"  AUTHINFO\tPASS " + SECRET.encode()),
    "GENERIC": lambda c: c._shortcmd("AUTHINFO GENERIC " + SECRET),
    "where an article was turned down": lambda c: swallowing(
        lambda: c._putline(b"POST"), lambda: c._putline(b"AUTHINFO PASS " + SECRET.encode())
    ),
    "continued": lambda c: swallowing(lambda: c._shortcmd("AUTHINFO SASL PLAIN"), lambda: c._shortcmd(TOKEN)),
    "SIMPLE": lambda c: swallowing(
        lambda: c._shortcmd("AUTHINFO SIMPLE"), lambda: c._shortcmd("%s %s" % (USER, SECRET))
    ),
    "after an article": lambda c: swallowing(
        lambda: c.post(io.BytesIO(b"Subject: x\r\n\r\nx\r\n")), lambda: c._putline(b"AUTHINFO PASS " + SECRET.encode())
    ),
}
WAYS = {"SMTP": SMTP, "IMAP": IMAP, "POP3": POP3, "FTP": FTP}
CLASSES: Dict[str, List[type]] = {
    "SMTP": [smtplib.SMTP, Sends, Puts, Calls],
    "IMAP": [imaplib.IMAP4, ImapSends],
    "POP3": [poplib.POP3],
    "FTP": [ftplib.FTP],
}
if nntplib is not None:
    WAYS["NNTP"] = NNTP
    CLASSES["NNTP"] = [nntplib.NNTP]

#: what goes past the method that such a class has put into the place of ours
LOST = {
    "Sends": {name for name in SMTP if "docmd" not in name} - {"putcmd", "keywords", "small letters", "login"},
    "ImapSends": {name for name, way in IMAP.items()}
    - {"login", "LOGIN", "authenticate", "_simple_command", "_command"},
}
CASES = [
    (protocol, way, cls)
    for protocol, ways in WAYS.items()
    for way in ways
    for cls in CLASSES[protocol]
    if way not in LOST.get(cls.__name__, ()) and not (cls is Puts and way in ("keywords", "in the place of a mail"))
]


@contextlib.contextmanager
def connected(protocol: str, port: int, cls: Any = None, host: str = "localhost") -> Iterator[Any]:
    cls = cls or CLASSES[protocol][0]
    if protocol == "IMAP":
        client = cls(host, port)
        client.sock.settimeout(TIMEOUT)
    elif protocol == "FTP":
        client = cls(timeout=TIMEOUT)
        client.connect(host, port)
    else:
        client = cls(host, port, timeout=TIMEOUT)
    closing: Any = {"IMAP": clients.imap_closing, "POP3": clients.pop_closing, "NNTP": clients.nntp_closing}
    with closing.get(protocol, contextlib.closing)(client):
        yield client


def refuse(host: str = "localhost") -> None:
    """The host was refused."""
    loading.load()  # as each handshake does
    guard.note_verdict(Asked(host, host, 4242, True, host, None), Verdict(REFUSED, 20, "unknown CA"))


def received(server: Server) -> bytes:
    return b"".join(bytes(record.clear) for record in server.records)


def was_leaked(server: Server) -> bool:
    secrets = (SECRET, TOKEN, B64, base64.b64encode(TOKEN.encode()).decode())
    found = [line for _, line in server.credentials() if line.strip() not in (b"USER anonymous", b"PASS anonymous@")]
    return bool(found) or any(secret.encode() in received(server) for secret in secrets)


@pytest.mark.parametrize("refused", [False, True], ids=["red", "refused"])
@pytest.mark.parametrize(("protocol", "way", "cls"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_a_login_in_any_spelling(
    protocol: str, way: str, cls: type, refused: bool, certs: Certificates, trust: Path
) -> None:
    securedefaults.apply()
    error: Any = None
    with Server(protocol, certs["good"].context) as server:
        with connected(protocol, server.port, cls) as client:
            if refused:
                refuse()
            sock = client.sock
            if "send" in way or not refused:
                sock.settimeout(0.5)  # nobody answers half of a command
            try:
                WAYS[protocol][way](client)
            except Exception as exc:
                error = exc
    assert isinstance(error, ssl.SSLCertVerificationError) == refused, error
    if isinstance(error, ValueError) and not refused:
        return  # later versions of imaplib do not send two commands as one
    assert was_leaked(server) != refused


# Armed in the middle of something.

ASIDE: Dict[str, Tuple[Way, Way]] = {
    "SMTP": (lambda c: c.docmd("AUTH LOGIN"), lambda c: c.docmd(B64)),
    "IMAP": (lambda c: c.send(b"a1 AUTHENTICATE PLAIN\r\n"), lambda c: c.send(TOKEN.encode() + b"\r\n")),
    "POP3": (lambda c: c._shortcmd("AUTH PLAIN"), lambda c: c._shortcmd(TOKEN)),
    "NNTP": (lambda c: c._shortcmd("AUTHINFO SASL PLAIN"), lambda c: c._shortcmd(TOKEN)),
}


@pytest.mark.parametrize("refused", [False, True], ids=["red", "refused"])
@pytest.mark.parametrize("protocol", [protocol for protocol in ASIDE if protocol in WAYS])
def test_in_the_middle_of_a_login(protocol: str, refused: bool, certs: Certificates, trust: Path) -> None:
    """Another thread was refused meanwhile: the second half is as secret."""
    securedefaults.apply()
    begin, go_on = ASIDE[protocol]
    with Server(protocol, certs["good"].context) as server, connected(protocol, server.port) as client:
        begin(client)
        if refused:
            refuse()
        with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
            go_on(client)
    assert (TOKEN.encode() in received(server) or B64.encode() in received(server)) != refused


MAIL = b"Subject: x\r\n\r\nAUTH LOGIN\r\nAUTH PLAIN secret\r\na1 LOGIN a b\r\nPASS x\r\nAUTHINFO PASS x\r\n"


def smtp_data(client: Any) -> Iterator[None]:
    client.docmd("DATA")
    for at in range(0, len(MAIL), 20):  # not by line: a line that is a login, all by itself, is taken for one
        yield
        client.send(MAIL[at : at + 20])
    client.send(b".\r\n")
    assert client.getreply()[0] == 250


def smtp_raw(client: Any) -> Iterator[None]:
    client.send("data\r\n")
    client.getreply()
    yield
    client.send(MAIL.decode())
    yield
    client.send(MAIL + b".\r\n")
    assert client.getreply()[0] == 250


def smtp_chunks(client: Any) -> Iterator[None]:
    client.putcmd("BDAT %d LAST" % (2 * len(MAIL)))
    for _ in range(2):
        yield
        client.send(MAIL)
        for _ in MAIL.splitlines():
            client.getreply()


def smtp_whole(client: Any) -> Iterator[None]:
    yield
    assert client.sendmail("a@example.test", ["b@example.test"], MAIL) == {}
    yield
    assert client.sendmail("a@example.test", ["b@example.test"], MAIL) == {}


def imap_append(client: Any) -> Iterator[None]:
    yield
    client.state = "AUTH"
    client.send(b"a1 APPEND x {%d}\r\n" % len(MAIL))
    yield
    client.send(MAIL[:30])
    yield
    client.send(MAIL[30:])
    client.send(b"\r\n")
    for _ in range(MAIL.count(b"\r\n") + 2):
        client.readline()


def nntp_post(client: Any) -> Iterator[None]:
    yield
    client._putcmd("POST")
    client._getresp()
    yield
    lines = [*MAIL.splitlines(), b"."]
    for part in (lines[:4], lines[4:]):  # as above
        client._putline(b"\r\n".join(part))
        for _ in part:
            client._getresp()  # what is left unread when a connection is closed may take with it what was sent


def ftp_lines(client: Any) -> Iterator[None]:
    yield
    client.storlines("STOR x", io.BytesIO(MAIL))


MAILS: Dict[str, Tuple[str, Callable[[Any], Iterator[None]]]] = {
    "DATA": ("SMTP", smtp_data),
    "DATA by send": ("SMTP", smtp_raw),
    "BDAT": ("SMTP", smtp_chunks),
    "sendmail": ("SMTP", smtp_whole),
    "APPEND": ("IMAP", imap_append),
    "POST by part": ("NNTP", nntp_post),
    "STOR": ("FTP", ftp_lines),
}


@pytest.mark.parametrize("when", range(3))
@pytest.mark.parametrize("how", [how for how, (protocol, _) in MAILS.items() if protocol in WAYS])
def test_a_mail_is_no_login(how: str, when: int, certs: Certificates, trust: Path) -> None:
    """Whatever stands in it, and whenever the host is refused: before it begins, or in the middle."""
    securedefaults.apply()
    protocol, program = MAILS[how]
    with Server(protocol, certs["good"].context) as server, connected(protocol, server.port) as client:
        for step, _ in enumerate(program(client)):
            if step == when:
                refuse()
        refuse()
        with pytest.raises(ssl.SSLCertVerificationError):  # and afterwards commands are commands
            next(iter(WAYS[protocol].values()))(client)
    sent = received(server) + server.data()
    assert b"AUTH PLAIN secret" in sent
    assert SECRET.encode() not in sent
    assert TOKEN.encode() not in sent


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("armed", ["before", "meanwhile"])
def test_append(taken: bool, armed: str, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By imaplib's own method; the server may refuse the mail before it is sent, and then a login is one again."""

    def answer(self: Imap, line: str) -> None:
        tag, _, command = line.partition(" ")
        if not command.startswith("APPEND"):
            original(self, line)
        elif not taken:
            self.send(tag + " NO not now")
        else:
            if armed == "meanwhile":
                refuse()
            self.send("+ go on")
            for _ in MAIL.splitlines():
                self.line()
            self.line()
            self.send(tag + " OK done")

    original = Imap.answer
    monkeypatch.setattr(Imap, "answer", answer)
    securedefaults.apply()
    if armed == "before":
        refuse()
    with Server("IMAP", certs["good"].context) as server, connected("IMAP", server.port) as client:
        client.state = "AUTH"
        client.append("x", None, None, MAIL)
        refuse()
        client.state = "NONAUTH"
        with pytest.raises(ssl.SSLCertVerificationError):
            client.login(USER, SECRET)
    assert (b"AUTH PLAIN secret" in received(server)) == taken
    assert SECRET.encode() not in received(server)


@pytest.mark.parametrize("protocol", WAYS)
def test_what_is_no_login_goes_through(protocol: str, certs: Certificates, trust: Path) -> None:
    """A relay without a login on the same host keeps working."""
    securedefaults.apply()
    refuse()
    with Server(protocol, certs["good"].context) as server, connected(protocol, server.port) as client:
        if protocol == "SMTP":
            client.ehlo()
            client.sendmail("auth@example.test", ["pass@example.test"], "AUTH LOGIN\r\n")
            client.docmd("AUTH")
            client.noop()
            client.vrfy("AUTH PLAIN x")
            client.rset()
        elif protocol == "IMAP":
            client.noop()
            client.capability()
            client.state = "AUTH"
            client.list("LOGIN", "LOGIN")
            client.create("LOGIN")
            client.proxyauth("someone")
        elif protocol == "POP3":
            client.capa()
            client.noop()
            client._shortcmd("AUTH")
            client.dele(1)
        elif protocol == "FTP":
            client.sendcmd("SYST")
            client.sendcmd("CWD PASS x")
            client.login()  # nobody, with no password
        else:
            client._shortcmd("MODE READER")
            client._shortcmd("GROUP authinfo")
    assert len(received(server)) > 20


@pytest.mark.parametrize("user", ["", "anonymous", "ANONYMOUS", "ftp"])
@pytest.mark.parametrize("password", ["", "-", "guest", "anonymous@", "someone@example.test", "mozilla@example.com"])
def test_nobody_has_no_password(user: str, password: str, certs: Certificates, trust: Path) -> None:
    """An anonymous login is a greeting (RFC 1635): whoever reads it learns what everybody knows."""
    securedefaults.apply()
    refuse()
    with Server("FTP", certs["good"].context) as server, connected("FTP", server.port) as client:
        assert client.login(user, password).startswith("230")
    assert b"PASS" in received(server)


@pytest.mark.parametrize("protocol", WAYS)
def test_once_for_each_login(protocol: str, certs: Certificates, trust: Path) -> None:
    """Of several commands, of which each would have been stopped."""
    securedefaults.apply("warn")
    refuse()
    programs: Dict[str, Way] = {
        "SMTP": lambda c: c.login(USER, SECRET),
        "IMAP": lambda c: c.authenticate("PLAIN", lambda challenge: SECRET.encode()),
        "POP3": lambda c: (c.user(USER), c.pass_(SECRET)),
        "FTP": lambda c: c.login(USER, SECRET),
        "NNTP": lambda c: c.login(USER, SECRET, usenetrc=False),
    }
    harmless: Dict[str, Way] = {
        "SMTP": lambda c: c.noop(),
        "IMAP": lambda c: c.noop(),
        "POP3": lambda c: c.noop(),
        "FTP": lambda c: c.sendcmd("NOOP"),
        "NNTP": lambda c: c._shortcmd("DATE"),
    }
    with Server(protocol, certs["good"].context) as server, connected(protocol, server.port) as client:
        for _ in range(2):
            if protocol == "IMAP":
                client.state = "NONAUTH"
            if protocol == "NNTP":
                client.authenticated = False
            with pytest.warns(WouldBeRefusedWarning, match="in clear text would hand the password") as caught:
                programs[protocol](client)
            assert [message.filename for message in caught] == [__file__]
            harmless[protocol](client)
    assert was_leaked(server)


def test_one_record_in_the_log_for_each_login(
    certs: Certificates, trust: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Before 3.11, where no traceback shows a note; the program goes on whatever happens."""
    securedefaults.apply()
    refuse()
    with caplog.at_level(logging.ERROR, "securedefaults"):
        with Server("POP3", certs["good"].context) as server, connected("POP3", server.port) as client:
            for step in (lambda: client.user(USER), lambda: client.pass_(SECRET)):
                with pytest.raises(ssl.SSLCertVerificationError):
                    step()
    assert not server.credentials()
    assert len(caplog.records) == (0 if hasattr(Exception, "add_note") else 1)


def test_a_new_connection_begins_anew(certs: Certificates, trust: Path) -> None:
    """The same object, connected again in the middle of a mail."""
    securedefaults.apply()
    refuse()
    with Server("SMTP", certs["good"].context) as server:
        with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
            smtp.docmd("DATA")
            smtp.close()
            smtp.connect("localhost", server.port)
            with pytest.raises(ssl.SSLCertVerificationError):
                smtp.send(b"AUTH PLAIN %s\r\n" % TOKEN.encode())
    assert not was_leaked(server)


def test_an_error_that_was_handled_is_not_this_one(certs: Certificates, trust: Path) -> None:
    """The errors of imaplib stay its own, also in the middle of handling ours."""
    securedefaults.apply()
    refuse()
    with Server("IMAP", certs["good"].context) as server, connected("IMAP", server.port) as imap:
        try:
            imap.login(USER, SECRET)
        except ssl.SSLCertVerificationError:
            imap.sock.shutdown(socket.SHUT_RDWR)
            with pytest.raises((imaplib.IMAP4.abort, OSError)) as caught:
                imap.noop()
            assert not isinstance(caught.value, ssl.SSLError)
    assert not server.credentials()


def test_warnings_as_errors_send_nothing(certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn")
    refuse()
    with Server("POP3", certs["good"].context) as server, connected("POP3", server.port) as client:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(WouldBeRefusedWarning):
                client.user(USER)
    assert not server.credentials()


def test_what_is_said_by_tls_is_not_read(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refuse()
    context = ssl.create_default_context()
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with contextlib.closing(smtplib.SMTP_SSL("localhost", server.port, context=context)) as smtp:
            refuse()
            smtp.docmd("AUTH", "XOAUTH2 " + TOKEN)
            assert said.over(smtp.sock) is None
    assert [where for where, _ in server.credentials()] == ["inside"]


def test_nothing_is_kept_of_a_connection_on_which_nothing_goes_on(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server, connected("SMTP", server.port) as smtp:
        before = set(vars(smtp))
        smtp.ehlo()
        smtp.sendmail("a@example.test", ["b@example.test"], "x" * 5000)
        refuse()
        smtp.noop()
        assert {name for name in set(vars(smtp)) - before if name.startswith("_securedefaults")} == set()
        assert said.over(smtp.sock) is None
        smtp.docmd("DATA")
        assert said.over(smtp.sock) is not None
        key = id(smtp.sock)
        smtp.close()
        gc.collect()
        assert key not in said._said._entries  # and nothing of one that is gone


def test_a_client_is_pickled_as_before(certs: Certificates, trust: Path) -> None:
    """Whatever was said over a connection, nothing of it is kept in the client."""
    securedefaults.apply()
    for refused in (False, True):
        if refused:
            refuse()
        with Server("SMTP", certs["good"].context) as server, connected("SMTP", server.port) as smtp:
            with contextlib.suppress(ssl.SSLCertVerificationError):
                smtp.login(USER, SECRET)
            smtp.send("DATA\r\n")
            smtp.close()
            assert pickle.loads(pickle.dumps(smtp)).sock is None
            assert copy.deepcopy(smtp).sock is None


class Slots:
    """What somebody calls the methods with: it takes no attributes, and no weak references."""

    __slots__ = ("client",)

    def __init__(self, client: Any) -> None:
        object.__setattr__(self, "client", client)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.client, name, value)


@pytest.mark.parametrize("refused", [False, True])
def test_a_client_without_room_for_attributes(refused: bool, certs: Certificates, trust: Path) -> None:
    """It works, and is guarded, by the name of its host and as to what it has said before."""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server, connected("SMTP", server.port) as smtp:
        stand_in: Any = Slots(smtp)
        smtplib.SMTP.ehlo(stand_in)
        if refused:
            refuse()
        with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
            smtplib.SMTP.docmd(stand_in, "AUTH LOGIN")
        with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
            smtplib.SMTP.docmd(stand_in, B64)
    assert was_leaked(server) != refused


class Socket:
    """A socket that is part of another thing, and has no descriptor of its own."""

    def __init__(self, sock: Any, fileno: Callable[[], int]) -> None:
        self.sock, self.fileno = sock, fileno

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


def without_descriptor() -> int:
    raise io.UnsupportedOperation("fileno")


@pytest.mark.parametrize("fileno", [without_descriptor, lambda: -1], ids=["raises", "-1"])
@pytest.mark.parametrize("refused", [False, True])
def test_a_socket_without_a_descriptor(
    refused: bool, fileno: Callable[[], int], certs: Certificates, trust: Path
) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server, connected("SMTP", server.port) as smtp:
        smtp.sock = Socket(smtp.sock, fileno)
        assert smtp.sendmail("a@example.test", ["b@example.test"], "x") == {}
        if refused:
            refuse()
        with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
            smtp.login(USER, SECRET)
    assert bool(server.credentials()) != refused


@pytest.mark.parametrize(
    "host", [3, ("localhost", 25), object(), mock.MagicMock(), b"\xff", ["x"]], ids=lambda host: type(host).__name__
)
def test_a_host_that_is_no_name(host: object, certs: Certificates, trust: Path) -> None:
    """Nothing is raised about it; the address that the connection goes to is known all the same."""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server:
        with connected("SMTP", server.port) as smtp:
            smtp._host = host
            refuse("elsewhere.test")
            smtp.login(USER, SECRET)
        with connected("SMTP", server.port) as smtp:
            smtp._host = host
            refuse(smtp.sock.getpeername()[0])
            with pytest.raises(ssl.SSLCertVerificationError):
                smtp.login(USER, SECRET)
        assert not server.records[1].clear.count(b"AUTH")
    assert server.records[0].clear.count(b"AUTH PLAIN") == 1


def test_a_host_that_is_no_name_masks_no_error(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("FTP", certs["good"].context) as server, connected("FTP", server.port, ftplib.FTP_TLS) as ftp:
        ftp.host = ("localhost", 21)
        ftp.context = Broken(ssl.PROTOCOL_TLS_CLIENT)
        with pytest.raises(ssl.SSLCertVerificationError, match="of its own"):
            ftp.auth()


class Broken(ssl.SSLContext):
    def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
        raise ssl.SSLCertVerificationError("of its own")


# The reading itself.


def heard(protocol: str, *pieces: bytes) -> List[bool]:
    spoken = Spoken(GRAMMARS[protocol])
    return [spoken.feed(piece) for piece in pieces]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_pieces_of_any_size(size: int) -> None:
    """The end of a mail is found wherever it is cut."""
    said = b"DATA\r\nAUTH PLAIN x\r\n..\r\n.x\r\n.\r\nRSET\r\n"
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    assert not any(heard("SMTP", *pieces))
    assert heard("SMTP", *pieces, b"AUTH PLAIN x\r\n")[-1]
    said = b"a APPEND x {14}\r\na LOGIN a b\r\n\r\nb APPEND x {3+}\r\nabc {0+}\r\n\r\n"
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    assert not any(heard("IMAP", *pieces))
    assert heard("IMAP", *pieces, b"c LOGIN a b\r\n")[-1]


def test_the_time_it_takes_is_linear() -> None:
    """Whatever is sent at once: lines, mails, chunks or literals."""
    for protocol, piece in (
        ("SMTP", b"RCPT TO:<b@example.test>\r\n"),
        ("SMTP", b"DATA\r\nx\r\n.\r\n"),
        ("SMTP", b"BDAT 3\r\nabc"),
        ("IMAP", b"a APPEND x {3+}\r\nabc\r\n"),
    ):
        ratios = []
        for _ in range(3):
            times = []
            for number in (20000, 40000):
                before = time.process_time()
                heard(protocol, piece * number)
                times.append(time.process_time() - before)
            ratios.append(times[1] / times[0])
        assert min(ratios) <= 2.6, (protocol, piece)


def test_a_line_without_an_end_is_not_kept() -> None:
    spoken = Spoken(GRAMMARS["SMTP"])
    for _ in range(100):
        assert not spoken.feed(b"x" * 10000)
    assert len(spoken._partial) <= 1024
    assert spoken.feed(b"\r\nAUTH PLAIN x\r\n")


def test_a_login_that_is_broken_off() -> None:
    assert heard("SMTP", b"AUTH LOGIN\r\n", b"*\r\n", b"x\r\n") == [True, False, False]
    assert heard("SMTP", b"AUTH LOGIN\r\n", b"\r\n", b"NOOP\r\n", b"x\r\n") == [True, True, False, False]
    assert heard("IMAP", b"a AUTHENTICATE PLAIN\r\n", b"b NOOP\r\n", b"eA==\r\n") == [True, False, False]


def test_what_cannot_be_sent_is_the_platforms_to_refuse(certs: Certificates, trust: Path) -> None:
    assert as_bytes("\udcff") == b"?"
    assert as_bytes(3) == b""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server, connected("SMTP", server.port) as smtp:
        for refused in (False, True):
            if refused:
                refuse()
            for wrong in (None, 3, object(), ["x"], [["x"]]):
                with pytest.raises(TypeError):
                    smtp.send(wrong)
            with pytest.raises(TypeError):
                smtp.send()


class Pair(ctypes.Structure):
    _fields_ = [("first", ctypes.c_int), ("second", ctypes.c_int)]


BUFFERS: Dict[str, Any] = {
    "characters": memoryview(b"DATA\r\n").cast("c"),
    "two dimensions": memoryview(b"abcdef").cast("B", (2, 3)),  # type: ignore[call-overload]
    "no dimension": memoryview(b"a").cast("B", ()),  # type: ignore[call-overload]
    "every other": memoryview(b"abcdef")[::2],
    "numbers": array.array("I", [1, 2]),
    "structure": Pair(5, 6),
    "characters of C": ctypes.create_string_buffer(b"DATA"),
    "nothing": memoryview(b""),
}


@pytest.mark.parametrize("what", BUFFERS)
@pytest.mark.parametrize("refused", [False, True])
def test_what_else_can_be_sent(refused: bool, what: str, certs: Certificates, trust: Path) -> None:
    """Sent, or refused by the platform's own error: as without us."""

    def outcome() -> object:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            clients: List[Any] = [smtplib.SMTP(), imaplib.IMAP4.__new__(imaplib.IMAP4)]
            for client in clients:
                client.sock = ours
                try:
                    client.send(BUFFERS[what])
                except Exception as exc:
                    return type(exc), str(exc)
            ours.shutdown(socket.SHUT_WR)
            return theirs.recv(1000)

    before = outcome()
    securedefaults.apply()
    if refused:
        refuse()
    assert outcome() == before


def test_a_login_in_any_kind_of_memory() -> None:
    login = b"AUTH PLAIN x\r\n"
    for buffer in (
        memoryview(login).cast("c"),
        memoryview(login).cast("B", (2, 7)),  # type: ignore[call-overload]
        (ctypes.c_char * len(login)).from_buffer_copy(login),
    ):
        assert as_bytes(buffer) == login
        assert GRAMMARS["SMTP"].is_remembered(buffer)
