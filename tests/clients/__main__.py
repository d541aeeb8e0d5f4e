"""Run the tests against unmodified programs of PyPI, and put what came out into a table.

    python tests/clients [--write FILE]

without --write the table is printed; else it goes between FILE's marks. It needs the environment of the tests, Python
3.11, and PyPI for the first time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

import marks  # noqa: E402


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python tests/clients", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="where the table goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.md"
        environ = dict(os.environ, SECUREDEFAULTS_CLIENTS="1", SECUREDEFAULTS_CLIENTS_TABLE=str(path))
        command = [sys.executable, "-m", "pytest", "-q", str(HERE)]
        status = subprocess.run(command, cwd=str(HERE.parent.parent), env=environ, check=False).returncode
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    print(text)
    if status:
        return status  # and what was written before stays as it is
    if not text:
        sys.exit("nothing was run: see above for the reason")
    if options.write:
        marks.write(options.write, "clients", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
