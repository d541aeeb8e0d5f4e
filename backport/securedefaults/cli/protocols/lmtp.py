"""LMTP (RFC 2033): SMTP, but for its greeting."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from .._dialogue import Dialogue
from . import smtp

GREETING = smtp.GREETING
ANSWERS = {"LHLO": smtp.ANSWERS["EHLO"], "STARTTLS": smtp.ANSWERS["STARTTLS"]}
GO_AHEAD = smtp.GO_AHEAD


def upgrade(talk: Dialogue) -> None:
    """As far as the server's go-ahead."""
    smtp.upgrade(talk, "LHLO")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    # It takes no timeout before Python 3.9.
    with contextlib.closing(cls(host, port, "localhost")) as lmtp:
        yield lmtp
