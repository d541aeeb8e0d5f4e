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
    said = re.findall(r"ssl\._create_default_client_context = ssl\.\w+", (ROOT / page).read_text(encoding="utf-8"))
    assert said == ([OUT, IN] if page.endswith("advisory.md") else [OUT])


@pytest.fixture(scope="module", params=["warn", "verify"])
def patched(request: Any, here: Any) -> Iterator[Any]:
    branch = model.branch_of(here.version)
    patches = branch.select(here.version, model.EVERYWHERE, request.param)
    with prefix.patched(here, patches) as python:
        yield request.param, python


def with_lines(python: Path, line: Optional[str], port: int) -> str:
    """What a program says that makes warnings errors, with or without that line in sitecustomize.py."""
    ask = "import os; print(os.path.dirname(os.__file__))"
    folder = subprocess.run(
        [str(python), "-I", "-B", "-c", ask], capture_output=True, text=True, check=True
    ).stdout.strip()
    customized = Path(folder) / "sitecustomize.py"
    with contextlib.suppress(FileNotFoundError):
        customized.unlink()  # Debian's is a link to a file that is not the copy's
    if line:
        customized.write_text("import ssl\n%s\n" % line, encoding="utf-8")
    command = [str(python), "-B", "-W", "error", "-c", PROGRAM, str(port)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.mark.parametrize("line", [None, OUT, IN], ids=["without", "way out", "way in"])
def test_way_out(patched: Any, line: Optional[str], certs: Certificates) -> None:
    """The server's certificate is of a CA that nobody knows."""
    stage, python = patched
    by_default = "DeprecationWarning" if stage == "warn" else "SSLCertVerificationError"
    expected = {None: by_default, OUT: "connected", IN: "SSLCertVerificationError"}[line]
    with Server("SMTP", certs["unknown CA"].context) as server:
        assert with_lines(python, line, server.port) == expected
