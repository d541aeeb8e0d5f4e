"""Every example of the pages is executed, in a sandbox of its page, from top to bottom."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from blocks import ROOT, TEXT, Block, blocks, pages
from examples import execute, told
from sandbox import sandbox

import scanner
from native import PATCHED, backport_only
from securedefaults._policy import config
from wire.certs import Certificates

#: Where the pages' own output comes from; other versions say the same in other words.
SHOWN = sys.version_info[:2] == (3, 11) and PATCHED is None

#: the oldest kind of Python, the one that the pages show, and the newest
TRIED = sys.version_info[:2] in ((3, 8), (3, 11)) or sys.version_info >= (3, 15)

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="they are for a shell"),
    backport_only("they show what the backport does"),
]


@pytest.mark.skipif(not TRIED, reason="the pages are for every Python; three kinds of them are enough")
@pytest.mark.timeout(600)  # for all commands of a page, and each has a limit of its own
@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path) -> None:
    found = list(blocks(page))
    if not found:
        pytest.skip("no example here")
    if scanner.MISSING and any("securedefaults scan" in block.text for block in found):
        pytest.skip(scanner.MISSING)
    if shutil.which("openssl") is None and any("$ openssl" in block.text for block in found):
        pytest.skip("there is no openssl here")
    with sandbox(tmp_path) as box:
        for block in found:
            for run in execute(block, box):
                assert run.status == run.expected, "%s: %s\n%s" % (block, run.what, run.printed)
                assert run.contains in run.printed, "%s: %s\n%s" % (block, run.what, run.printed)
                if SHOWN and run.shown:
                    assert told(run.printed, box) == told(run.shown, box), "%s: %s" % (block, run.what)


def all_blocks() -> list[Block]:
    return [block for page in pages() for block in blocks(page)]


def test_what_is_not_run_has_a_reason() -> None:
    """And is the exception: who adds one raises the number here, and who makes one run lowers it."""
    reasons = [(str(block), block.marks["not run"]) for block in all_blocks() if "not run" in block.marks]
    assert not [block for block, reason in reasons if len(reason.split()) < 3]
    assert len(reasons) == 21


def test_each_block_says_what_it_is() -> None:
    known = {"console", "python", "{doctest}", "ini", *TEXT}
    others = [block for block in all_blocks() if block.language not in known and "not run" not in block.marks]
    assert not [(str(block), block.language) for block in others if "file" not in block.marks]


def test_configuration_is_read(tmp_path: Path, certs: Certificates) -> None:
    """That of each block, whether a command uses it or not."""
    for name in ("private-ca.pem", "bridge.pem", "intermediate.pem", "printer.pem"):
        (tmp_path / name).write_bytes(certs.unknown.pem)
    found = [block for block in all_blocks() if block.language == "ini" and "shape" not in block.marks]
    found = [block for block in found if block.marks.get("file", ".cfg").endswith(".cfg")]
    assert len(found) > 5
    for block in found:
        config.parse(block.text, str(tmp_path / "securedefaults.cfg"))
