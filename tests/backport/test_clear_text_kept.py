"""What was received before TLS is not there any more when TLS has begun."""

from __future__ import annotations

import imaplib
import ssl
from typing import Any, Dict, List

import pytest

import securedefaults
from native import stock
from wire.certs import Certificates
from wire.servers import EARLY, LATE, PREAUTH, Server

FORGED = [
    '* LIST () "/" forged',
    '* LSUB () "/" forged',
    "* CAPABILITY IMAP4rev1 FORGED",
    "* FLAGS (forged)",
    "* SEARCH 666",
    "* 666 EXISTS",
    "* 1 FETCH (BODY[] {6}",
    "forged)",
    "* OK [READ-ONLY] forged",
    "* OK [UIDVALIDITY 666] forged",
    "* STARTTLS forged",
    "* PREAUTH forged",
    "+ forged",
]

pytestmark = pytest.mark.parametrize("attack", [EARLY, LATE])


def upgraded(port: int, how: str) -> imaplib.IMAP4:
    imap = imaplib.IMAP4("localhost", port)
    context = ssl.create_default_context()
    if how == "default":
        imap.starttls()
    elif how == "explicit":
        imap.starttls(context)
    else:  # as IMAPClient does it
        imap._simple_command("STARTTLS")  # type: ignore[attr-defined]
        plain: Any = imap
        plain.sock = context.wrap_socket(plain.sock, server_hostname="localhost")
        name = next(name for name in ("_imaplib_file", "_file", "file") if name in vars(plain))
        setattr(plain, name, plain.sock.makefile("rb"))
        plain._get_capabilities()
    return imap


def collected(port: int, how: str) -> Dict[str, Any]:
    """What the program is told inside TLS."""
    with upgraded(port, how) as imap:
        told: Dict[str, Any] = {"capabilities": imap.capabilities, "state": imap.state}
        told["kept"] = dict(imap.untagged_responses), imap.continuation_response  # type: ignore[attr-defined]
        imap.state = "SELECTED"
        told["list"] = imap.list()
        for typ in ("LSUB", "FLAGS", "SEARCH", "EXISTS", "FETCH", "READ-ONLY", "UIDVALIDITY", "PREAUTH"):
            told[typ] = imap.response(typ)[1]
    return told


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("how", ["default", "explicit", "by hand"])
def test_imap_tells_nothing_that_was_forged(how: str, attack: str, certs: Certificates) -> None:
    with Server("IMAP", certs["good"].context, attack=attack, untagged=FORGED) as server:
        told = collected(server.port, how)
    assert server.records[0].tls
    assert told.pop("list") == ("OK", [b'() "/" inbox'])
    assert told.pop("kept") == ({}, "")
    assert told.pop("capabilities") == ("IMAP4REV1",)
    assert told.pop("state") == "NONAUTH"
    assert set(map(str, told.values())) == {"[None]"}


@stock
def test_stock_believes_it(attack: str, certs: Certificates) -> None:
    """The red side."""
    believed = attack == EARLY or hasattr(imaplib.IMAP4, "_idle_responses") or hasattr(imaplib.IMAP4, "idle")
    with Server("IMAP", certs["good"].context, attack=attack, untagged=FORGED[:1]) as server:
        assert (b'() "/" forged' in collected(server.port, "default")["list"][1]) == believed


@stock
def test_warn_mode_changes_nothing(attack: str, certs: Certificates) -> None:
    securedefaults.apply("warn")
    with pytest.warns(securedefaults.UnverifiedDefaultWarning):
        test_stock_believes_it(attack, certs)


@pytest.mark.usefixtures("applied")
def test_a_greeting_of_those_who_are_logged_in_ends_it(attack: str, certs: Certificates) -> None:
    """CVE-2020-14093 and its like: with it there can be no STARTTLS. Then nothing goes out in clear text."""
    commands: List[str] = ["login", "append"]
    with Server("IMAP", certs["good"].context, attack=PREAUTH) as server:
        with imaplib.IMAP4("localhost", server.port) as imap:
            with pytest.raises(imaplib.IMAP4.error, match="STARTTLS illegal in state AUTH"):
                imap.starttls()
            for command in commands:
                with pytest.raises((imaplib.IMAP4.error, OSError, ValueError)):
                    getattr(imap, command)("user", "s3cr3t", *([None, b"s3cr3t"] if command == "append" else []))
    assert b"s3cr3t" not in server.records[0].clear
    assert not server.credentials()
