from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Callable

import pytest
from environments import Environment, build

from wire.certs import Certificates


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def without(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Without the autoload."""
    return Environment(tmp_path_factory.mktemp("without"))


@pytest.fixture(scope="session")
def there(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """With it; not to be changed."""
    return Environment(tmp_path_factory.mktemp("there"), wheel)


@pytest.fixture
def own(tmp_path: Path, wheel: Path) -> Environment:
    """The same for one test, which may change it."""
    return Environment(tmp_path / "own", wheel)


@pytest.fixture
def login(there: Environment, certs: Certificates, trust: Path) -> Callable[..., Any]:
    """`Environment.login()` with the autoload, to a server whose CA nobody knows."""
    return functools.partial(there.login, certs["unknown CA"].context)
