"""What a run prints goes into a document between two marks: `<!-- NAME -->` and `<!-- end NAME -->`."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def write(path: Path, name: str, text: str) -> None:
    """Put `text` between the marks of that name; exits with an error if the file has none."""
    pattern = r"(<!-- {0} -->\n).*?(<!-- end {0} -->)".format(re.escape(name))
    before = path.read_text(encoding="utf-8")
    after, count = re.subn(
        pattern, lambda match: match.group(1) + text + "\n" + match.group(2), before, flags=re.DOTALL
    )
    if not count:
        sys.exit("%s has no line <!-- %s -->" % (path, name))
    path.write_text(after, encoding="utf-8")


def read(path: Path, name: str) -> str:
    """What is between the marks of that name; exits with an error if the file has none."""
    found = re.search(
        r"<!-- {0} -->\n(.*?)<!-- end {0} -->".format(re.escape(name)), path.read_text("utf-8"), re.DOTALL
    )
    if found is None:
        sys.exit("%s has no line <!-- %s -->" % (path, name))
    return found.group(1)
