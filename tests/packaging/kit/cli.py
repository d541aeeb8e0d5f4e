"""The commands of `python3 tests/packaging`."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Dict, List, Optional

from . import autopkgtest, deb, installing, roots, rpm, sources, status
from .base import Problem

#: In the order of a full run; whether root is needed.
COMMANDS: Dict[str, List[Callable[[Dict[str, Any]], Any]]] = {
    "deb": [deb.build],
    "rpm": [rpm.build],
    "root": [installing.debian, installing.fedora],
    "autopkgtest": [autopkgtest.run],
    "sources": [sources.check],
}
WITHOUT_ROOT = {"sources"}
RECORD = "--record"


def main(arguments: List[str], documentation: Optional[str]) -> int:
    """Returns the exit status."""
    names = [name for name in arguments if name != RECORD] or list(COMMANDS)
    if not set(names) <= set(COMMANDS):
        print((documentation or "").strip())
        return 2
    result: Dict[str, Any] = {"versions": {}}
    try:
        if not set(names) <= WITHOUT_ROOT:
            roots.check_machine()
    except Problem as exc:
        print("packaging: %s" % exc, file=sys.stderr)
        return 2
    for name in names:
        began = time.monotonic()
        try:
            for step in COMMANDS[name]:
                step(result)
        except Problem as exc:
            print("%s: FAILED\n%s" % (name, exc), file=sys.stderr)
            return 1
        print("%s: passed, %.0f s" % (name, time.monotonic() - began), flush=True)
    print("\n" + status.table(result))
    if RECORD in arguments and set(names) == set(COMMANDS):
        status.write(result)
    return 0
