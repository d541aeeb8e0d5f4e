"""What keeps a release from being made. That one can be made is seen by `tox -e release -- --rehearse`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

import making
import pytest
from making import NotReady, changes, release, sums, version_of

CHANGELOG = """\
# Changelog

## [Unreleased]

- not yet

## [0.2.0] - 2026-12-01

### Backport

- something

## [0.1.0] - 2026-11-01

### Backport
"""


def test_the_section_of_the_version() -> None:
    assert changes(CHANGELOG, "0.2.0") == "### Backport\n\n- something"


@pytest.mark.parametrize(
    ("version", "why"),
    [("0.3.0", r"no section `## \[0\.3\.0\] - YYYY-MM-DD`"), ("0.1.0", "says nothing"), ("0.2", "no section")],
)
def test_no_section_no_release(version: str, why: str) -> None:
    with pytest.raises(NotReady, match=why):
        changes(CHANGELOG, version)


def test_a_rehearsal_takes_what_is_not_released() -> None:
    assert changes(CHANGELOG, "0.3.0", rehearse=True) == "- not yet"


def test_the_version_of_this_tree(root: Path) -> None:
    """One for all distributions, and the changelog can be read."""
    version = version_of(root)
    assert changes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version, rehearse=True)


def test_two_versions(tmp_path: Path, root: Path) -> None:
    for name, text in (
        ("securedefaults/__init__.py", '__version__ = "1"'),
        ("autoload/pyproject.toml", 'version = "2"'),
        ("scan/pyproject.toml", 'version = "3"'),
    ):
        path = tmp_path / "backport" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    with pytest.raises(
        NotReady,
        match=r"1 in backport/securedefaults/__init__\.py, 2 in backport/autoload/pyproject\.toml, "
        r"3 in backport/scan/pyproject\.toml",
    ):
        version_of(tmp_path)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, root: Path) -> Dict[str, str]:
    """No git and no builds: what `git status` says, and what the builds hold, is in the dictionary."""
    said = {"status": "", "log": "1700000000", "build": "the same"}

    def build(tree: Path, out: Path, environ: Dict[str, str], version: str) -> None:
        out.mkdir()
        assert environ["SOURCE_DATE_EPOCH"] == "1700000000"
        text = environ["TZ"] if said["build"] == "the time zone" else said["build"]
        (out / "a.tar.gz").write_text(text)

    monkeypatch.setattr(making, "git", lambda command, *arguments: said[command])
    monkeypatch.setattr(making, "export", lambda tree: os.symlink(root, tree, target_is_directory=True))
    monkeypatch.setattr(making, "build", build)
    return said


def test_changes_that_are_not_committed(fake: Dict[str, str], tmp_path: Path) -> None:
    fake["status"] = " M README.md"
    with pytest.raises(NotReady, match="not committed"):
        release(tmp_path / "dist", rehearse=False)


def test_builds_that_differ(fake: Dict[str, str], tmp_path: Path) -> None:
    fake["build"] = "the time zone"
    with pytest.raises(NotReady, match="two builds of the same commit differ"):
        release(tmp_path / "dist", rehearse=True)
    assert not (tmp_path / "dist").exists()


def test_a_file_that_is_missing(fake: Dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"built a\.tar\.gz and not securedefaults-"):
        release(tmp_path / "dist", rehearse=True)


def test_nothing_is_overwritten(fake: Dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "old").write_text("")
    with pytest.raises(NotReady, match="is not empty"):
        release(tmp_path, rehearse=True)


def test_checksums(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"x")
    assert sums(tmp_path).splitlines()[1] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b"
