"""C4 to the letter: whatever comes in the middle of an upgrade, no clear text is left behind.

A signal handler's exception may come between any two instructions. Here it does come between each two of the hook, and
at each line of what is around it, once in each connection; and then a careless program logs in.
"""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import poplib
import smtplib
import socket
import ssl
import sys
from typing import Any, Callable, Dict, Optional, Tuple

import pytest

import securedefaults
from wire.certs import Certificates
from wire.servers import REFUSE, SECRET, USER, Server

#: what an upgrade goes through; of the first two each instruction counts, of the others each line
WATCHED = (
    "securedefaults._install.methods",
    "securedefaults._tls.sockets",
    "securedefaults._tls.context",
    "securedefaults._tls.handshake",
    "smtplib",
    "imaplib",
    "poplib",
    "ftplib",
)


class Late(Exception):
    """What a time limit raises."""


class At:
    """Raise in the middle of what is done inside of this: at the event of that number.

    Args:
        number: of the event.
    """

    def __init__(self, number: int) -> None:
        self._left = number
        #: whether it came that far
        self.came = False

    def __enter__(self) -> At:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *args: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: Any, event: str, argument: object) -> Any:
        name = str(frame.f_globals.get("__name__"))
        if name not in WATCHED:
            return None
        ours = name in WATCHED[:2]
        frame.f_trace_opcodes, frame.f_trace_lines = ours, not ours
        return self._event

    def _event(self, frame: Any, event: str, argument: object) -> Any:
        if event in ("line", "opcode"):
            self._left -= 1
            if self._left == 0:
                self.came = True
                sys.settrace(None)
                raise Late
        return self._event


def _smtp(port: int) -> Any:
    client = smtplib.SMTP("localhost", port, timeout=10)
    client.ehlo()
    return client


#: by protocol: connect, upgrade with a context, log in
CLIENTS: Dict[str, Tuple[Callable[[int], Any], Callable[..., Any], Callable[[Any], Any]]] = {
    "SMTP": (_smtp, lambda client, c: client.starttls(context=c), lambda client: client.login(USER, SECRET)),
    "IMAP": (
        lambda port: imaplib.IMAP4("localhost", port),
        lambda client, c: client.starttls(ssl_context=c),
        lambda client: client.login(USER, SECRET),
    ),
    "POP3": (
        lambda port: poplib.POP3("localhost", port, timeout=10),
        lambda client, c: client.stls(context=c),
        lambda client: (client.user(USER), client.pass_(SECRET)),
    ),
    "FTP": (
        lambda port: _ftp(port),
        lambda client, c: (setattr(client, "context", c or client.context), client.auth()),
        lambda client: ftplib.FTP.login(client, USER, SECRET),
    ),
}


def _ftp(port: int) -> Any:
    client = ftplib.FTP_TLS(timeout=10)
    client.connect("localhost", port)
    return client


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="other implementations trace in other ways")
@pytest.mark.parametrize("attack", [None, REFUSE], ids=["impostor", "no TLS"])
@pytest.mark.parametrize("explicit", [False, True], ids=["default", "explicit"])
@pytest.mark.parametrize("protocol", CLIENTS)
def test_an_exception_between_each_two_instructions(
    protocol: str, explicit: bool, attack: Optional[str], certs: Certificates
) -> None:
    connect, upgrade, login = CLIENTS[protocol]
    securedefaults.apply()
    context = ssl.create_default_context() if explicit else None
    with Server(protocol, certs["good"].context) as server:
        first = connect(server.port)
        upgrade(first, context)  # what is imported and parsed once is not in the way then
        first.sock.shutdown(socket.SHUT_RDWR)
    number, came = 0, True
    with Server(protocol, certs["unknown CA"].context, attack=attack) as server:
        while came:
            number += 1
            client = connect(server.port)
            at = At(number)
            with contextlib.suppress(
                Late, OSError, smtplib.SMTPException, poplib.error_proto, imaplib.IMAP4.error, ftplib.Error
            ):
                with at:
                    upgrade(client, context)
            came = at.came
            with contextlib.suppress(Exception):
                login(client)
            with contextlib.suppress(Exception):
                client.sock.shutdown(socket.SHUT_RDWR)
    assert number > 100
    asked = {"SMTP": b"STARTTLS", "IMAP": b"STARTTLS", "POP3": b"STLS", "FTP": b"AUTH TLS"}[protocol]
    leaked = [record for record in server.records if asked in record.clear and SECRET.encode() in record.clear]
    assert not [server.records.index(record) for record in leaked]
    # (The server's own list decodes what SMTP encodes.)
    begun = [record for record in server.records if asked in record.clear]
    assert not [record for record in begun if b"AUTH PLAIN" in record.clear]
