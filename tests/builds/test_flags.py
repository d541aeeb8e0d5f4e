"""Flags that take asserts and docstrings away, or make each warning an error and each leak be seen."""

from __future__ import annotations

import os
import sys
from typing import List

import pytest

from native import PYPY, backport_only
from wire.certs import Certificates

from .trial import PROGRAM, assert_it_holds, trial

pytestmark = backport_only("they are tested with CPython's own flags")


@pytest.mark.parametrize("flags", [["-OO"], ["-X", "dev", "-W", "error"]], ids=" ".join)
def test_flags(flags: List[str], certs: Certificates) -> None:
    assert_it_holds([sys.executable, *flags, PROGRAM], certs, os.environ)


@pytest.mark.skipif(PYPY, reason="finds out later")
@pytest.mark.parametrize("label", ["good", "unknown CA"])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_nothing_is_left_open(mode: str, label: str, certs: Certificates) -> None:
    """No ResourceWarning, nor any other than ours; and none that could only be printed."""
    seen = trial([sys.executable, "-X", "dev", "-W", "error", PROGRAM], mode, certs[label].context, os.environ)
    assert seen.others == []
    assert "Warning" not in seen.stderr
