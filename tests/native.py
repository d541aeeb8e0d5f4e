"""Whether the interpreter has the patches of this project, and which tests are about something else then.

SECUREDEFAULTS_PATCHED says how to test it: "alone", without `apply()`, or "with" the backport, which steps aside.
"""

import os
import sys

import pytest

PYPY = sys.implementation.name == "pypy"

PATCHED = os.environ.get("SECUREDEFAULTS_PATCHED")
assert PATCHED in (None, "alone", "with"), PATCHED
ALONE = PATCHED == "alone"

stock = pytest.mark.skipif(PATCHED is not None, reason="about an interpreter that does not verify by itself")


#: The matrix tries what does not depend on the interpreter, but on what OpenSSL and `ssl` do with a chain, with four.
ELSEWHERE = os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere"
FOUR = ((3, 8), (3, 11), (3, 13), (3, 15))
with_four = pytest.mark.skipif(ELSEWHERE and (PYPY or sys.version_info[:2] not in FOUR), reason="tried with others")


def backport_only(reason: str) -> pytest.MarkDecorator:
    """For what the patches do differently."""
    return pytest.mark.skipif(PATCHED is not None, reason="the patches differ: " + reason)
