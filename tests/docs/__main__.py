"""Execute the examples of pages, and write what their commands print below them; and what the table of codes says.

    python tests/docs [PAGE ...]

Only a command below which the page shows something gets its output; write `...` there at first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from blocks import ROOT, blocks, pages
from breaks import filled
from examples import execute
from sandbox import sandbox


def write(page: Path) -> int:
    """Returns how many commands did not exit as the page says."""
    text, wrong = filled(page.read_text(encoding="utf-8")), 0
    page.write_text(text, encoding="utf-8")
    changes = []
    with tempfile.TemporaryDirectory() as name, sandbox(Path(name).resolve()) as box:
        for block in blocks(page):
            runs = list(execute(block, box))
            for run in runs:
                if run.status != run.expected or run.contains not in run.printed:
                    wrong += 1
                    print("%s: %s: exit status %d\n%s" % (block, run.what, run.status, run.printed), file=sys.stderr)
            if block.language == "console" and any(run.shown for run in runs):
                lines = "".join("$ %s\n%s" % (run.what, run.printed if run.shown else "") for run in runs)
                changes.append((block.span, lines))
    for (start, end), lines in reversed(changes):
        text = text[:start] + lines + text[end:]
    page.write_text(text, encoding="utf-8")
    return wrong


def main() -> None:
    """The command."""
    chosen = [Path(name).resolve() for name in sys.argv[1:]] or pages()
    found = [page for page in chosen if ROOT in page.parents]
    sys.exit(1 if sum(map(write, found)) or len(found) < len(chosen) else 0)


if __name__ == "__main__":
    main()
