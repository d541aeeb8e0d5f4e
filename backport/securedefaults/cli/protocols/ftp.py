"""FTP (RFC 959) and its AUTH TLS (RFC 4217), for both channels."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from .._dialogue import TIMEOUT, Dialogue

GREETING = "220 impostor"
#: {port} and {pasv} are where the data channel is
ANSWERS = {"AUTH": "234 go ahead", "PASV": "227 ({pasv})", "EPSV": "229 (|||{port}|)", "NLST": "150 here it comes"}
GO_AHEAD = frozenset(["AUTH", "NLST"])
#: the command that is answered over the data channel, and so is its TLS
DATA = "NLST"


def upgrade(talk: Dialogue) -> None:
    """As far as the server's go-ahead."""
    talk.need(talk.reply(), "220")
    talk.send("AUTH TLS")
    talk.need(talk.reply(), "234")


@contextlib.contextmanager
def connected(cls: Any, host: str, port: int) -> Iterator[Any]:
    """A client, closed at the end."""
    with contextlib.closing(cls(timeout=TIMEOUT)) as ftp:
        ftp.connect(host, port)
        yield ftp


def data_channel(cls: Any, host: str, port: int) -> None:
    """Have a client open a data channel.

    Over a clear control channel, for the impostor's TLS never gets as far as a second channel.
    """
    with connected(cls, host, port) as ftp:
        ftp.prot_p()
        ftp.nlst()
