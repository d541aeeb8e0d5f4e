"""POP3 (RFC 1939) and its STLS (RFC 2595)."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from .._dialogue import TIMEOUT, Dialogue, check_offer

GREETING = "+OK impostor"
ANSWERS = {"CAPA": "+OK\nSTLS\n.", "STLS": "+OK go ahead"}
GO_AHEAD = frozenset(["STLS"])


def upgrade(talk: Dialogue) -> None:
    """As far as the server's go-ahead."""
    talk.need([talk.line()], "+OK")
    talk.send("CAPA")
    offered = talk.need([talk.line()], "+OK")
    while offered[-1] != ".":
        offered.append(talk.line())
    check_offer((word for line in offered for word in line.split()[:1]), "STLS")
    talk.send("STLS")
    talk.need([talk.line()], "+OK")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    pop = cls(host, port, timeout=TIMEOUT)
    try:
        yield pop
    finally:
        with contextlib.suppress(OSError):
            pop.close()
