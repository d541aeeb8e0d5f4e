"""The session that Doc/migrate.md shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import DOC

from native import backport_only


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the page shows what Python 3.11 prints")
@backport_only("it shows what the backport prints")
def test_the_migration(root: Path) -> None:
    """It ends as the page shows, but for what is another in each run: ports, fingerprints, and OpenSSL's lines."""

    def told(text: str) -> str:
        text = re.sub(r"localhost:\d+", "localhost:PORT", text)
        text = re.sub(r"sha256:\S+", "sha256:PIN", text)
        text = re.sub(r"until = \d{4}-\d\d-\d\d", "until = DAY", text)
        text = re.sub(r"\(_ssl\.c:\d+\)|trustme v[\d.]+", "", text)
        return "\n".join(sorted(text.splitlines()))  # servers that are as bad as each other stand by their ports

    page = (DOC / "migrate.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- migration -->\n(.*)<!-- end migration -->", page, flags=re.DOTALL)
    assert shown is not None
    command = [sys.executable, str(root / "tests" / "migration")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert told(result.stdout) == told(shown.group(1))
