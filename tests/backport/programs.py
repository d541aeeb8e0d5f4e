"""Run Python in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import Any


def python(*arguments: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """`python arguments...`; keyword arguments in capitals are environment variables."""
    environ = {**os.environ, **{key: value for key, value in kwargs.items() if key.isupper()}}
    options = {key: value for key, value in kwargs.items() if not key.isupper()}
    command = [sys.executable, *map(str, arguments)]
    options.setdefault("timeout", 60)
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, **options)


def run(source: str, *arguments: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """`python -c source arguments...`"""
    return python("-c", textwrap.dedent(source), *arguments, **kwargs)
