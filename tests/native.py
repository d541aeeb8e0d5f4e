"""Whether the interpreter is one with the patches of this project, and is to be tested without `apply()`."""

import os

import pytest

NATIVE = os.environ.get("SECUREDEFAULTS_NATIVE") == "1"

stock = pytest.mark.skipif(NATIVE, reason="about an interpreter that does not verify by itself")


def backport_only(reason: str) -> pytest.MarkDecorator:
    """For what the patches do differently."""
    return pytest.mark.skipif(NATIVE, reason="the patches differ: " + reason)
