"""Doc/breaks.md has the words that people look for."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
from blocks import DOC

from native import backport_only
from securedefaults import ConfigurationError
from securedefaults._policy import config
from wire.certs import Certificates
from wire.servers import Server

PAGE = (DOC / "breaks.md").read_text(encoding="utf-8")

#: For each text of the table a file that gets it.
WRONG = {
    "is no host name or IP address": "[host *.example.org]\nverify = no",
    "no such section": "[hosts]\nverify = no",
    "no such key": "[host a.example]\nverfy = no",
    "must be yes or no": "[host a.example]\nverify = maybe",
    "goes on in the next line, which is indented": "[host a.example]\nverify = no\nreason = x\n  until = 2099-01-01",
    "a pin replaces the check of a CA": "[host a.example]\ncafile = ca.pem\nfingerprint = sha256:" + 32 * "00",
    "until is the end of verify=False, which is not given": "[host a.example]\nuntil = 2099-01-01",
    "holds no certificate in PEM": "[host a.example]\ncafile = empty.pem",
}


def test_the_table_of_configuration_errors() -> None:
    table = PAGE.partition("| the text says |")[2]
    assert set(re.findall(r"^\| `(.*?)` \|", table, re.M)) == set(WRONG)


@pytest.mark.parametrize("text", WRONG)
def test_a_configuration_error(text: str, tmp_path: Path, certs: Certificates) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    (tmp_path / "empty.pem").write_bytes(b"nothing\n")
    with pytest.raises(ConfigurationError, match=re.escape(text)):
        config.parse(WRONG[text], str(tmp_path / "securedefaults.cfg"))


@backport_only("it is about a refusal's own words")
def test_every_refusal_has_a_section(certs: Certificates) -> None:
    """Each kind of faulty certificate that the matrix knows."""
    headings = [line for line in PAGE.splitlines() if line.startswith("### ")]
    for fault in certs.all:
        if not fault.refused:
            continue
        with Server("IMAP", fault.context, implicit=True) as server:
            with pytest.raises(ssl.SSLCertVerificationError) as caught:
                _connect(server)
        code = caught.value.verify_code
        section = [line for line in headings if re.search(r"\((?:verify code )?%d\)" % code, line)]
        assert section, (fault.name, caught.value.verify_message)
        words = re.sub("'.*?'", "'...'", caught.value.verify_message)
        if ssl.OPENSSL_VERSION_INFO >= (3,) and code != 26:  # the page has both spellings of 26 in its text
            # later versions of OpenSSL may say more
            assert any(words.startswith(phrase) for phrase in re.findall("`(.*?)`", section[0])), words


def _connect(server: Server) -> None:
    import imaplib

    import securedefaults

    securedefaults.apply()
    imaplib.IMAP4_SSL("localhost", server.port)
