from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "patches"))

collect_ignore_glob = [] if shutil.which("git") and shutil.which("patch") else ["test_*.py"]


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of the test matrix may record what `test` and `check` find out, not what these tests pretend."""
    from seriestool import status

    monkeypatch.delenv(status.VARIABLE, raising=False)


@pytest.fixture(scope="session")
def branches() -> Any:
    from seriestool import model

    return model.load()


@pytest.fixture(scope="session")
def here() -> Any:
    """The tree of the interpreter that runs the tests."""
    from seriestool import trees

    found = trees.installed(Path(sys.executable))
    if found is None:
        pytest.skip("this Python comes without its own tests")
    return found


@pytest.fixture
def series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the folder of patches, which the test may spoil; returns seriestool.model."""
    from seriestool import export, model, status

    copy = tmp_path / "patches"
    shutil.copytree(str(ROOT / "patches"), str(copy), ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(model, "FOLDER", copy)
    monkeypatch.setattr(model, "TOML", copy / "series.toml")
    monkeypatch.setattr(export, "FOLDER", copy)
    monkeypatch.setattr(status, "MEASURED", copy / "measured.json")
    monkeypatch.setattr(status, "STATUS", copy / "STATUS.md")
    return model
