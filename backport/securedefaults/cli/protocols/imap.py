"""IMAP (RFC 9051) and its STARTTLS."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, List

from .._dialogue import Dialogue, check_offer

GREETING = "* OK impostor"
ANSWERS = {"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\n{tag} OK done", "STARTTLS": "{tag} OK go ahead"}
GO_AHEAD = frozenset(["STARTTLS"])


def upgrade(talk: Dialogue) -> None:
    """As far as the server's go-ahead."""
    talk.need([talk.line()], "* OK")
    offered = _tagged(talk, "a1", "CAPABILITY")
    check_offer(word for line in offered for word in line.split())
    _tagged(talk, "a2", "STARTTLS")


def _tagged(talk: Dialogue, tag: str, command: str) -> List[str]:
    talk.send(command, tag + " ")
    lines = [talk.line()]
    while lines[-1].startswith("* "):
        lines.append(talk.line())
    return talk.need(lines, tag.upper() + " OK")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    imap = cls(host, port)
    try:
        yield imap
    finally:
        with contextlib.suppress(OSError):
            imap.shutdown()
