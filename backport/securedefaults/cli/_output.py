"""Tables and JSON."""

from __future__ import annotations

import json
from typing import Any, List, Sequence


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, indent=2))


def print_table(titles: Sequence[str], rows: List[Sequence[str]]) -> None:
    """Columns as wide as they need to be, under their titles."""
    widths = [max(len(cell) for cell in column) for column in zip(titles, *rows)]
    for cells in (titles, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
