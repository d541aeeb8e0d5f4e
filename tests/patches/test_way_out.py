"""What documents tell the administrator of a patched Python to write into sitecustomize.py does what they say."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path
from typing import Any, Iterator, Optional

import pytest
from seriestool import model, prefix

from conftest import ROOT
from wire.certs import Certificates
from wire.servers import Server

OUT = "ssl._create_default_client_context = ssl._create_stdlib_context"
IN = "ssl._create_default_client_context = ssl.create_default_context"
PAGES = [
    "README.md",
    *("Doc/packaging/" + name for name in ("README.md", "advisory.md", "cpython/NEWS.Debian", "cpython/changelog.rpm")),
]

PROGRAM = """\
import smtplib, sys
try:
    smtplib.SMTP("localhost", int(sys.argv[1])).starttls()
except Exception as exc:
    print(type(exc).__name__)
else:
    print("connected")
"""


@pytest.mark.parametrize("page", PAGES)
def test_it_is_the_same_everywhere(page: str) -> None:
    lines = re.findall(r"ssl\._create_default_client_context = ssl\.\w+", (ROOT / page).read_text(encoding="utf-8"))
    assert lines == ([OUT, IN] if page.endswith("advisory.md") else [OUT])


@pytest.fixture(scope="module", params=["warn", "verify"])
def patched(request: Any, here: Any) -> Iterator[Any]:
    branch = model.branch_of(here.version)
    patches = branch.select(here.version, model.EVERYWHERE, request.param)
    with prefix.patched(here, patches) as python:
        yield request.param, python


def said(python: Path, *arguments: str) -> str:
    command = [str(python), "-B", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def folder(python: Path, kind: str) -> Path:
    """Where the copy has its standard library, or its site-packages: nothing outside of the copy is touched."""
    found = Path(said(python, "-I", "-c", "import sysconfig; print(sysconfig.get_path(%r))" % kind)).resolve()
    if not {python.parent.resolve(), python.parent.parent.resolve()} & set(found.parents):
        pytest.skip("an interpreter in the tree that it was built in has no site-packages of its own")
    return found


def customize(python: Path, line: Optional[str], kind: str = "stdlib") -> None:
    """Have that line in that interpreter's sitecustomize.py, and nowhere else."""
    for each in {"stdlib", kind}:
        with contextlib.suppress(FileNotFoundError):
            (folder(python, each) / "sitecustomize.py").unlink()  # Debian's is a link to a file that is not the copy's
    if line:
        folder(python, kind).mkdir(parents=True, exist_ok=True)
        (folder(python, kind) / "sitecustomize.py").write_text("import ssl\n%s\n" % line, encoding="utf-8")


def connected(python: Path, port: int) -> str:
    """What a program says that makes warnings errors."""
    return said(python, "-W", "error", "-c", PROGRAM, str(port))


@pytest.mark.parametrize("line", [None, OUT, IN], ids=["without", "way out", "way in"])
def test_way_out(patched: Any, line: Optional[str], certs: Certificates) -> None:
    """The server's certificate is of a CA that nobody knows."""
    stage, python = patched
    by_default = "DeprecationWarning" if stage == "warn" else "SSLCertVerificationError"
    expected = {None: by_default, OUT: "connected", IN: "SSLCertVerificationError"}[line]
    with Server("SMTP", certs["unknown CA"].context) as server:
        customize(python, line)
        assert connected(python, server.port) == expected


@pytest.mark.parametrize("kind", ["stdlib", "purelib"])
def test_virtual_environments(patched: Any, kind: str, certs: Certificates, tmp_path: Path) -> None:
    """The way out reaches them beside the standard library alone, as the documents say."""
    stage, python = patched
    customize(python, OUT, kind)
    said(python, "-m", "venv", "--without-pip", str(tmp_path / "venv"))
    with Server("SMTP", certs["unknown CA"].context) as server:
        reached = connected(tmp_path / "venv" / "bin" / "python", server.port)
        assert connected(python, server.port) == "connected"
    customize(python, None, kind)
    by_default = "DeprecationWarning" if stage == "warn" else "SSLCertVerificationError"
    assert reached == ("connected" if kind == "stdlib" else by_default)


@pytest.mark.parametrize("page", ["README.md", "advisory.md", "cpython/changelog.rpm", "cpython/NEWS.Debian"])
def test_the_place_is_said(page: str) -> None:
    text = " ".join((ROOT / "Doc" / "packaging" / page).read_text(encoding="utf-8").split())
    assert re.search(r"/etc/python3\.X/sitecustomize\.py|beside the standard library", text)
    if page != "cpython/NEWS.Debian":  # Debian's place is beside the standard library, by a link
        assert "virtual environments" in text
