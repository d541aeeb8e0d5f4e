"""SMTP (RFC 5321) and its STARTTLS (RFC 3207)."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Iterator

from .._dialogue import TIMEOUT, Dialogue, check_offer

GREETING = "220 impostor"
ANSWERS = {"EHLO": "250-impostor\n250 STARTTLS", "STARTTLS": "220 go ahead"}
GO_AHEAD = frozenset(["STARTTLS"])


def upgrade(talk: Dialogue, hello: str = "EHLO") -> None:
    """As far as the server's go-ahead."""
    talk.need(talk.reply(), "220")
    talk.send("%s %s" % (hello, talk.address()))
    offered = talk.need(talk.reply(), "250")
    check_offer(word for line in offered for word in line[4:].split()[:1])
    talk.send("STARTTLS")
    talk.need(talk.reply(), "220")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    # The local host name saves a look-up in the DNS.
    with contextlib.closing(cls(host, port, "localhost", timeout=TIMEOUT)) as smtp:
        yield smtp


def handler(cls: Any, host: str, port: int) -> None:
    """Have a handler of `logging` send a mail."""
    mail = cls((host, port), "a@localhost", ["b@localhost"], "subject", ("nobody", "nothing"), (), TIMEOUT)
    mail.handleError = lambda record: None
    mail.handle(logging.LogRecord("securedefaults", logging.INFO, "", 0, "nothing", None, None))
    mail.close()
