"""What the reference says by hand is what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

import pytest
from blocks import DOC
from sandbox import Sandbox, sandbox

from native import backport_only
from securedefaults._policy.environment import CONFIG_VARIABLE, LOG_VARIABLE, MODE_VARIABLE
from securedefaults.cli import COMMANDS, SCAN

pytestmark = backport_only("the commands are the backport's")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("box")) as found:
        (found.folder / "securedefaults.cfg").write_text("[host mail.lan]\ncafile = private-ca.pem\n")
        (found.folder / "securedefaults.cfg").chmod(0o644)
        (found.folder / "fetch.py").write_text("import imaplib\nimaplib.IMAP4_SSL('mail.lan').logout()\n")
        yield found


def fields(command: str) -> Set[str]:
    """What the page names in the first column of that command's table."""
    text = (DOC / "reference" / "output.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- fields: %s -->\n(.*?)\n\n" % command, text, re.S)
    assert table is not None
    rows = [line.split("|")[1] for line in table.group(1).splitlines()[2:]]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("doctor", "doctor --json"),
        ("status", "status --json"),
        (
            "check",
            "check --json imaps://mail.lan | head -n 1",
        ),
        (
            "report",
            "run --mode warn --log seen.jsonl fetch.py 2> /dev/null; python -m securedefaults report --json seen.jsonl",
        ),
        ("config check", "config check --json securedefaults.cfg"),
    ],
)
def test_the_fields_of_json(command: str, arguments: str, box: Sandbox) -> None:
    printed = box.run("python -m securedefaults " + arguments).stdout
    found: Dict[str, Any] = json.loads(printed)
    assert fields(command) == set(found)


def test_every_command_has_its_place() -> None:
    """On the page of commands, and in the man page."""
    for page in ("commands", "manpage"):
        text = (DOC / "reference" / (page + ".md")).read_text(encoding="utf-8")
        shown: List[str] = re.findall(r"^```\{command\} (\w+)$", text, re.M)
        assert shown == [*COMMANDS, SCAN]


def test_every_variable_is_known(root: Path) -> None:
    """No page names one that the code does not have."""
    known = {MODE_VARIABLE, CONFIG_VARIABLE, LOG_VARIABLE}
    tests = {"SECUREDEFAULTS_REQUIRE", "SECUREDEFAULTS_INTEROP", "SECUREDEFAULTS_RECORD", "SECUREDEFAULTS_PATCHED"}
    for page in [root / "README.md", *(DOC / "reference").glob("*.md"), *(DOC / "howto").glob("*.md")]:
        named = set(re.findall(r"SECUREDEFAULTS_[A-Z]+", page.read_text(encoding="utf-8")))
        assert named <= known | tests, page
