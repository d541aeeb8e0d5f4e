"""What the page about servers in a LAN says of CAs, on each Python: its commands make what each of them accepts."""

from __future__ import annotations

import shutil
import smtplib
import ssl
import subprocess
from pathlib import Path
from typing import Any, List, Optional

import pytest
from blocks import DOC, Block, blocks

import securedefaults
from native import backport_only
from securedefaults import HostRule
from wire.certs import Authority, chain_of, server_context
from wire.servers import SECRET, USER, Server

pytestmark = [
    backport_only("it is about rules"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here"),
]

PAGE = list(blocks(DOC / "howto" / "lan-servers.md"))
USAGE = ' \\\n    -addext "keyUsage=critical,keyCertSign,cRLSign"'


def commands(*words: str) -> List[str]:
    """Those of the page that have all of these words in them."""
    every = [command for block in PAGE if block.language == "console" for command, _ in block.commands()]
    found = [command for command in every if all(word in command for word in words)]
    assert found, words
    return found


def shell(command: str, folder: Path, status: int = 0) -> str:
    result = subprocess.run(
        ["sh", "-c", command],
        cwd=str(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    printed = result.stdout.decode()
    assert result.returncode == status, printed
    return printed


def file_block(name: str) -> Block:
    (found,) = (block for block in PAGE if block.marks.get("file") == name)
    return found


def made(folder: Path, *, usage: bool) -> None:
    """The CA and the server's certificate, as the page makes them; or the CA as those make it who have not read it."""
    (folder / "mail.ext").write_text(file_block("mail.ext").text)
    (first,) = commands("req -x509 -newkey")
    assert USAGE in first
    shell(first if usage else first.replace(USAGE, ""), folder)
    for command in (*commands("openssl req -newkey"), *commands("openssl x509 -req")):
        shell(command, folder)


def code(folder: Path, host: str, cafile: str, pem: Optional[bytes] = None, **options: Any) -> int:
    """The verify code by which a server with the page's certificate is refused; 0 if it has got the password."""
    securedefaults.apply(rules=[HostRule(host, cafile=folder / cafile, **options)])
    if pem is None:
        pem = (folder / "mail.key").read_bytes() + (folder / "mail.pem").read_bytes()
    with Server("SMTP", server_context(pem), implicit=True) as server:
        try:
            with smtplib.SMTP_SSL(host, server.port, timeout=10) as smtp:
                smtp.login(USER, SECRET)
        except ssl.SSLCertVerificationError as exc:
            assert not server.credentials()
            return exc.verify_code
    assert server.credentials()
    return 0


def test_the_ca_passes(tmp_path: Path) -> None:
    made(tmp_path, usage=True)
    shell(commands("openssl verify -x509_strict", "lan-ca.pem")[0], tmp_path)
    for name in ("mail.lan", "imap.lan", "192.0.2.25"):
        for strict in (None, True):
            assert code(tmp_path, "localhost", "lan-ca.pem", server_hostname=name, strict=strict) == 0
    assert code(tmp_path, "localhost", "lan-ca.pem") == 62


def test_a_ca_of_old(tmp_path: Path) -> None:
    made(tmp_path, usage=False)
    verify = commands("openssl verify -x509_strict", "lan-ca.pem")[0]
    if "mail.pem: OK" in shell(verify + "; true", tmp_path):
        pytest.skip("this openssl.cnf has a keyUsage for CAs")
    strict = {"server_hostname": "mail.lan", "strict": True}
    assert code(tmp_path, "localhost", "lan-ca.pem", **strict) == 92
    assert code(tmp_path, "localhost", "lan-ca.pem", **{**strict, "strict": False}) == 0
    # the new certificate of the same CA; the server keeps its own
    shell(commands("req -x509 -key")[0], tmp_path)
    shell(commands("openssl verify -x509_strict", "lan-ca-2.pem")[0], tmp_path)
    assert code(tmp_path, "localhost", "lan-ca-2.pem", **strict) == 0


def test_what_helps_with_half_a_chain(tmp_path: Path) -> None:
    root = Authority()
    between = Authority(root.ca)
    pem = between.issue()
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "intermediate.pem").write_bytes(between.pem)
    (tmp_path / "own.pem").write_text(ssl.DER_cert_to_PEM_cert(chain_of(pem)[0]))
    assert code(tmp_path, "localhost", "root.pem", pem) == 20
    assert code(tmp_path, "localhost", "root.pem", pem + between.pem) == 0
    for chain in (pem, pem + between.pem):
        assert code(tmp_path, "localhost", "intermediate.pem", chain) == 0
        assert code(tmp_path, "localhost", "own.pem", chain) == 0
