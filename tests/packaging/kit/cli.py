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
    try:
        if set(names) <= WITHOUT_ROOT:
            failed = _run(names)
        else:
            roots.check_machine()
            with roots.alone():
                failed = _run(names)
    except Problem as exc:
        print("packaging: %s" % exc, file=sys.stderr)
        return 2
    if failed:
        return 1
    if RECORD in arguments:
        missing = status.write(list(COMMANDS))
        if missing:
            print("there is no result of %s" % ", ".join(missing), file=sys.stderr)
            return 2
    return 0


def _run(names: List[str]) -> bool:
    """Until one fails; returns whether one did."""
    for name in names:
        result: Dict[str, Any] = {"versions": {}}
        began = time.monotonic()
        status.forget(name)
        try:
            for step in COMMANDS[name]:
                step(result)
        except Problem as exc:
            print("%s: FAILED\n%s" % (name, exc), file=sys.stderr)
            return True
        print("%s: passed, %.0f s" % (name, time.monotonic() - began), flush=True)
        status.keep(name, result)
        print("\n" + status.table({name: result}), flush=True)
    return False
