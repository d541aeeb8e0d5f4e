"""The pages build without a warning, and the man page is one. Needs what the dependency group `docs` names."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import DOC

pytest.importorskip("sphinx")
pytest.importorskip("myst_parser")
pytest.importorskip("furo")


def build(builder: str, source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-n",
        "-E",
        "-b",
        builder,
        str(source),
        str(out),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def copied(folder: Path) -> Path:
    """The configuration with an index and nothing else, beside what it shows of the rest."""
    copy = folder / "Doc"
    copy.mkdir()
    for name in ("conf.py", "_ext", "_inventory", "_static"):
        (copy / name).symlink_to(DOC / name)
    for name in ("backport", "patches"):
        (folder / name).symlink_to(DOC.parent / name)
    (copy / "index.md").write_text("# Index\n\n```{toctree}\n@others@\n```\n")
    return copy


def test_pages(tmp_path: Path) -> None:
    result = build("html", DOC, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert not list(tmp_path.rglob("*embargoed*"))
    assert "server_hostname" in (tmp_path / "reference" / "configuration.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    ["See [nothing](nothing.md).", "```{py:function} f(x: Unknown)\n```", "```{rule-keys} x\n```"],
    ids=["link", "reference", "directive"],
)
def test_what_is_wrong_is_an_error(text: str, tmp_path: Path) -> None:
    """A page more, in a copy: the build fails."""
    copy = copied(tmp_path)
    (copy / "extra.md").write_text("# Extra\n\n%s\n" % text)
    result = build("html", copy, tmp_path / "out")
    assert result.returncode == 1
    assert "extra.md" in result.stderr


def test_a_page_that_a_run_writes_is_found(tmp_path: Path) -> None:
    """No list names it. What it says of files of the repository that are no page needs no link."""
    copy = copied(tmp_path)
    (copy / "written.md").write_text("# Written by a run\n\n[The series](../patches/README.md).\n")
    result = build("html", copy, tmp_path / "out")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Written by a run" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_new_entry_point_is_in_the_table(tmp_path: Path) -> None:
    """A line in a copy of the package, and nothing else, is a row of the page."""
    copy = copied(tmp_path)
    for name in ("Doc/conf.py", "backport"):
        (tmp_path / name).unlink()
    shutil.copy(DOC / "conf.py", copy)
    shutil.copytree(DOC.parent / "backport", tmp_path / "backport", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "backport" / "securedefaults" / "_entrypoints.py"
    row = '    EntryPoint("letters", "Box", "stls", "context", "POP3", UPGRADE),\n'
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("ENTRY_POINTS = (\n", "ENTRY_POINTS = (\n" + row), encoding="utf-8")
    (copy / "extra.md").write_text("# Extra\n\n```{entry-points}\n```\n")
    result = build("html", copy, tmp_path / "out")
    assert (result.returncode, result.stderr) == (0, "")
    shown = re.sub(r"<[^>]*>|\s+", " ", (tmp_path / "out" / "extra.html").read_text(encoding="utf-8"))
    assert re.search(r"POP3 +letters\.Box\.stls +upgrade +context ", shown)


def test_the_man_page(tmp_path: Path) -> None:
    result = build("man", DOC, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    page = tmp_path / "securedefaults.1"
    text = page.read_text(encoding="utf-8")
    for word in ("--min-days", "SECUREDEFAULTS_MODE", "server_hostname", "exit status"):
        assert word.replace("-", "\\-") in text
    linters = [
        ["mandoc", "-T", "lint", "-W", "warning", str(page)],
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-z", str(page)],
    ]
    found = [command for command in linters if shutil.which(command[0])]
    if not found:
        pytest.skip("neither mandoc nor groff is here")
    for command in found:
        linted = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", ""), command
