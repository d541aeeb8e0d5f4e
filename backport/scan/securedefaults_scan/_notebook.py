"""The cells of a notebook."""

from __future__ import annotations

import json
import re
from typing import Iterator, List, Tuple

_MAGIC = re.compile(r"^(\s*)([%!?].*|.*\?\s*)$")


def cells(data: bytes) -> Iterator[Tuple[int, str]]:
    """Number, from 1, and text of each code cell; lines that are for IPython alone become `pass`.

    Raises:
        ValueError: this is no notebook.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        found = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    except (RecursionError, KeyError, IndexError, TypeError) as exc:
        raise ValueError("it is no notebook") from exc
    number = 0
    for cell in found if isinstance(found, list) else ():
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        number += 1
        source = cell.get("source", cell.get("input", ""))
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if not text.startswith("%%") or text.startswith(("%%time", "%%capture", "%%prun")):
            yield number, "\n".join(map(_plain, text.split("\n")))


def _plain(line: str) -> str:
    """A line without what only IPython understands, of the same indentation."""
    match = _MAGIC.match(line)
    if match is None:
        return line
    rest = match.group(2)
    if rest.startswith(("%time ", "%timeit ")):
        return match.group(1) + rest.partition(" ")[2]
    return match.group(1) + "pass"


def together(parts: List[Tuple[int, str]]) -> Tuple[str, List[Tuple[int, int]]]:
    """The cells as one program, and for each of its lines the cell and the line in it."""
    lines: List[str] = []
    places: List[Tuple[int, int]] = []
    for number, text in parts:
        for index, line in enumerate(text.split("\n"), 1):
            lines.append(line)
            places.append((number, index))
    return "\n".join(lines), places
