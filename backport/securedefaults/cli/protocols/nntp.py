"""NNTP (RFC 3977) and its STARTTLS (RFC 4642)."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from .._dialogue import TIMEOUT, Dialogue

GREETING = "200 impostor"
ANSWERS = {"CAPABILITIES": "101\nVERSION 2\nSTARTTLS\n.", "STARTTLS": "382 go ahead"}
GO_AHEAD = frozenset(["STARTTLS"])


def upgrade(talk: Dialogue) -> None:
    """As far as the server's go-ahead."""
    talk.need([talk.line()], "200", "201")
    talk.send("STARTTLS")
    talk.need([talk.line()], "382")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    nntp = cls(host, port, timeout=TIMEOUT)
    with contextlib.closing(nntp.sock):
        yield nntp
