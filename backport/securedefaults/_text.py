"""What somebody else wrote, as text for people: it can neither move the cursor, nor turn or begin a line."""

from __future__ import annotations


def printable(text: str) -> str:
    """The same with backslashes for all that is more than a visible character: controls, directions of writing."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
