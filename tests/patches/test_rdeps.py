"""`rdeps`: the candidates in an index of a Debian archive."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path
from typing import Any

import pytest
from seriestool import cli, rdeps

SOURCES = """\
Package: mailer
Binary: python3-mailer,
 mailer-doc
Format: 3.0 (quilt)
Build-Depends: debhelper-compat (= 13), dh-python, python3-all:any <!nocheck>,
 python3-aiosmtpd (>= 1.4) [linux-any] <!nocheck>
Testsuite-Triggers: ca-certificates, dovecot-imapd, postfix

Package: in-c
Format: 3.0 (quilt)
Build-Depends: debhelper-compat (= 13), libssl-dev | libgnutls-dev, dovecot-core

Package: script
Format: 1.0
Build-Depends: debhelper
Build-Depends-Indep: default-mta | mail-transport-agent

Package: without-server
Format: 3.0 (quilt)
Build-Depends: python3-all, python3-pytest, python3-aiosmtpd-doc
"""

PACKAGES = """\
Package: script-bin
Source: script (1.0-1)
Depends: libc6 (>= 2.4), python3 (>= 3.9~)

Package: in-c
Depends: libc6
"""


def test_candidates(tmp_path: Path) -> None:
    """Python by the build or by a binary package; servers of the build or of the tests."""
    (tmp_path / "Sources").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "Packages").write_text(PACKAGES, encoding="utf-8")
    only_sources = rdeps.candidates([tmp_path / "Sources"])
    assert [candidate.source for candidate in only_sources] == ["mailer"]
    assert only_sources[0].servers == {
        "Testsuite-Triggers": ["dovecot-imapd", "postfix"],
        "Build-Depends": ["python3-aiosmtpd"],
    }
    both = rdeps.candidates([tmp_path / "Packages", tmp_path / "Sources"])
    assert [candidate.source for candidate in both] == ["mailer", "script"]
    assert both[1].servers == {"Build-Depends-Indep": ["default-mta", "mail-transport-agent"]}


def test_compressed(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "Sources.gz").write_bytes(gzip.compress(SOURCES.encode()))
    (tmp_path / "Packages.xz").write_bytes(lzma.compress(PACKAGES.encode()))
    assert cli.main(["rdeps", str(tmp_path / "Sources.gz"), str(tmp_path / "Packages.xz")]) == 0
    out = capsys.readouterr().out
    assert "mailer " in out
    assert "SMTP server in Python" in out
    assert "2 candidates to look at" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"nothing of the kind", "not a Packages or Sources file"),
        (PACKAGES.encode(), "there is none among these files"),
        (b"\x1f\x8b\x08", "cannot be unpacked"),
        (b"\xfd7zXZ\x00 broken", "cannot be unpacked"),
        (b"\x04\x22\x4d\x18", "apt-helper cat-file"),
    ],
)
def test_errors(content: Any, said: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "Sources"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["rdeps", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_servers() -> None:
    """Whole names only."""
    assert rdeps.about("dovecot-imapd") == "IMAP and POP3 server"
    assert rdeps.about("exim4-daemon-light") == "SMTP server"
    with pytest.raises(StopIteration):
        rdeps.about("postfix-doc")
