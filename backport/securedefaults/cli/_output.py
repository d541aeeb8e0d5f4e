"""Everything that the commands write: text, tables, JSON and errors, whatever standard output and error are.

They may have an encoding that lacks a character, be closed, or lead to a full disk.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, List, Sequence, TextIO


class Unwritable(Exception):
    """Standard output takes nothing more; its cause is the OSError."""


def say(text: str) -> None:
    """A text, and the end of its line, on standard output; nothing where that is closed.

    Raises:
        Unwritable: it cannot be written.
    """
    try:
        _write(getattr(sys, "stdout", None), text + "\n")
    except OSError as exc:
        raise Unwritable(str(exc.strerror or exc)) from exc


def complain(command: str, text: str) -> None:
    """An error of a command on standard error; whether anybody can read it does not matter."""
    to_stderr("securedefaults %s%serror: %s\n" % (command, ": " if command else "", text))


def warn(command: str, text: str) -> None:
    """What a command goes on in spite of."""
    to_stderr("securedefaults %s: warning: %s\n" % (command, text))


def to_stderr(text: str) -> None:
    """A text on standard error, if that takes it."""
    stream: Any = getattr(sys, "stderr", None)
    try:
        _write(stream, text)
    except OSError:
        give_up(stream)


def standard_input() -> TextIO:
    """Standard input.

    Raises:
        OSError: it is closed.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise OSError("standard input is closed")
    return sys.stdin


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    say(json.dumps(value, indent=2))


def print_table(titles: Sequence[str], rows: List[Sequence[str]]) -> None:
    """Columns as wide as they need to be, under their titles."""
    widths = [max(len(cell) for cell in column) for column in zip(titles, *rows)]
    lines = [titles, ["-" * width for width in widths], *rows]
    say("\n".join("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in lines))


def give_up(stream: TextIO) -> None:
    """Let all that goes there from now on, and what Python writes at its end, go nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return  # it is no file


def _write(stream: Any, text: str) -> None:
    if stream is None or getattr(stream, "closed", False):
        return
    stream.write(_encodable(text, stream))
    stream.flush()


def _encodable(text: str, stream: Any) -> str:
    """The same with backslashes for characters that the stream has no bytes for."""
    encoding = getattr(stream, "encoding", None)
    if not isinstance(encoding, str):
        return text
    try:
        text.encode(encoding, getattr(stream, "errors", None) or "strict")
    except (UnicodeError, LookupError):
        return text.encode("ascii", "backslashreplace").decode("ascii")
    return text
