"""Doc/breaks.md has the words that people look for."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import breaks
import pytest
from blocks import DOC

from native import backport_only
from securedefaults import ConfigurationError
from securedefaults._observe.codes import CODES
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
    "strict says nothing beside": "[host a.example]\nverify = no\nstrict = yes",
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


def test_the_page_says_what_the_table_of_codes_says() -> None:
    """`python tests/docs Doc/breaks.md` writes it."""
    assert breaks.filled(PAGE) == PAGE


def test_each_code_stands_in_one_place() -> None:
    own, kinds = breaks.sections(PAGE), breaks.tables(PAGE)
    listed = [number for kind in kinds for number in breaks.others(kind, own)]
    assert sorted([*own, *listed]) == sorted(CODES)
    assert all(breaks.others(kind, own) for kind in kinds)
    for number in listed:
        assert PAGE.count("\n| %d | " % number) == 1


@pytest.mark.parametrize("number", CODES)
def test_each_message_is_found_as_it_stands(number: int) -> None:
    """The last line of a traceback, for those that are met often."""
    for message in CODES[number].messages:
        lines = ["certificate verify failed: %s (_ssl.c:1006)\n" % message, "`%s`" % message]
        assert any(line in PAGE for line in lines)


#: What links from elsewhere lead to; the site and GitHub make it of the heading in the same way.
ANCHORS = {
    9: "certificate-is-not-yet-valid-or-the-system-clock-is-incorrect-verify-code-9",
    10: "certificate-has-expired-verify-code-10",
    18: "self-signed-certificate-verify-code-18",
    19: "self-signed-certificate-in-certificate-chain-verify-code-19",
    20: "unable-to-get-local-issuer-certificate-verify-code-20",
    21: "unable-to-verify-the-first-certificate-verify-code-21",
    26: "unsuitable-certificate-purpose-verify-code-26",
    28: "certificate-rejected-verify-code-28",
    47: "permitted-subtree-violation-verify-code-47",
    48: "excluded-subtree-violation-verify-code-48",
    50: "the-certificate-has-none-of-the-pinned-fingerprints-verify-code-50",
    62: "hostname-mismatch-certificate-is-not-valid-for--verify-code-62",
    64: "ip-address-mismatch-certificate-is-not-valid-for--verify-code-64",
    66: "ee-certificate-key-too-weak-verify-code-66",
    67: "ca-certificate-key-too-weak-verify-code-67",
    68: "ca-signature-digest-algorithm-too-weak-verify-code-68",
    79: "invalid-ca-certificate-verify-code-79",
    85: "missing-authority-key-identifier-verify-code-85",
    89: "basic-constraints-of-ca-cert-not-marked-critical-verify-code-89",
    92: "ca-cert-does-not-include-key-usage-extension-verify-code-92",
}


def test_links_to_a_section_stay_as_they_are() -> None:
    headings = dict.fromkeys(breaks.sections(PAGE), "")
    for number in headings:
        assert "### %s\n" % breaks.heading(number) in PAGE
        headings[number] = re.sub(r"[^\w\- ]", "", breaks.heading(number).lower()).replace(" ", "-")
    assert headings == ANCHORS


@backport_only("it is about a refusal's own words")
def test_every_refusal_has_a_section(certs: Certificates) -> None:
    """Each kind of faulty certificate that the matrix knows."""
    for fault in certs.all:
        if not fault.refused:
            continue
        with Server("IMAP", fault.context, implicit=True) as server:
            with pytest.raises(ssl.SSLCertVerificationError) as caught:
                _connect(server)
        error = caught.value
        assert error.verify_code in ANCHORS, fault.name
        if ssl.OPENSSL_VERSION_INFO >= (3,):
            words = re.sub("'.*'", "'...'", error.verify_message)
            assert any(words == message for message in CODES[error.verify_code].messages), words


def _connect(server: Server) -> None:
    import imaplib

    import securedefaults

    securedefaults.apply()
    imaplib.IMAP4_SSL("localhost", server.port)
