"""The hook of pre-commit: what pip installs in a clone of the repository, and the command that is run then."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict

import pytest


@pytest.fixture
def hook(root: Path) -> Dict[str, str]:
    """The keys of the one hook; there is nothing in the file that would need a parser."""
    text = (root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^- ", text, re.M) == ["- "]
    return dict(re.findall(r"^[- ] (\w+): (.+)$", text, re.M))


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.version_info < (3, 10), reason="the scanner needs Python 3.10 or newer")
def test_what_pre_commit_does(hook: Dict[str, str], root: Path, tmp_path: Path) -> None:
    """`pip install . ADDITIONAL...` at the root, as its documentation has it; without a network, from what is here."""
    pytest.importorskip("hatchling", reason="needs hatchling to build")
    pytest.importorskip("pip")
    assert (hook["id"], hook["language"]) == ("securedefaults-scan", "python")
    additional = re.findall(r"[^][, ]+", hook["additional_dependencies"])
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    place = tmp_path / "environment"
    done = subprocess.run(
        [*pip, "--target", str(place), ".", *additional],
        cwd=root,
        env=clean,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "program.py").write_text('import smtplib\nsmtplib.SMTP_SSL("h")\n')
    command = [str(place / "bin" / hook["entry"].split()[0]), *hook["entry"].split()[1:], "program.py"]
    found = subprocess.run(
        command, cwd=tmp_path, env={**clean, "PYTHONPATH": str(place)}, capture_output=True, text=True, timeout=60
    )
    assert (found.returncode, found.stderr) == (1, "")
    assert found.stdout.startswith("program.py:2:1: SD101 ")
