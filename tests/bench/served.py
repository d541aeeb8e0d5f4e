"""The servers of a benchmark, in another process: the same script, started with `--serve`."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import Dict, Iterator


@contextlib.contextmanager
def servers(script: str, pems: Dict[str, bytes]) -> Iterator[Dict[str, int]]:
    """Ports by what `script` calls them; its other process reads the certificates from standard input."""
    command = [sys.executable, script, "--serve"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({key: pem.decode() for key, pem in pems.items()}) + "\n")
    process.stdin.flush()
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(30)
