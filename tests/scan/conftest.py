from __future__ import annotations

from pathlib import Path
from typing import List, Optional

import pytest

import scanner

#: it is about the programs of the corpus alone
WITHOUT = ("test_corpus_labels.py",)


class Unread(pytest.Module):
    """A module of tests that would fail to import, and is skipped with a word."""

    def collect(self) -> List[pytest.Item]:
        pytest.skip(scanner.MISSING, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Optional[pytest.Module]:
    if not scanner.MISSING or module_path.name in WITHOUT:
        return None
    return Unread.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def scanner_paths(tmp_path_factory: pytest.TempPathFactory) -> List[str]:
    return scanner.paths(tmp_path_factory.mktemp("scanner"))


@pytest.fixture(autouse=True)
def _registered(scanner_paths: List[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`securedefaults scan` finds it, installed or not."""
    for path in scanner_paths:
        monkeypatch.syspath_prepend(path)
