"""The examples in README, CONTRIBUTING and Doc: what is a block, and what its marks say.

A mark is a comment of HTML on the line before a block, and no reader sees it:

    <!-- file: NAME -->       the block is a file in the folder where the page's commands run
    <!-- status: N -->        its last command, or its program, exits with that
    <!-- raises: TEXT -->     its program ends with an exception, of which that is a part
    <!-- not run: REASON -->  nobody can run it in a test, and why
    <!-- shape -->            what stands in it shows a form, and is no example

A block of the language `console` has lines that begin with `$ `, which are commands, and what they print below.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Set, Tuple

ROOT = Path(__file__).resolve().parent.parent.parent
DOC = ROOT / "Doc"

#: languages of what nobody executes: it is shown as it is
TEXT = {"text", "none", "json"}
_FENCE = re.compile(r"^( *)```(\{?[\w:-]*\}?)[^\n]*\n(.*?)^\1``` *$", re.M | re.S)
_MARK = re.compile(r"<!-- (file|status|raises|not run|shape)(?:: (.*?))? -->")
#: what runs write; these runs are its test
_WRITTEN = re.compile(r"^<!-- (\S[^\n]*?) -->\n.*?^<!-- end \1 -->", re.M | re.S)


class Block(NamedTuple):
    """A fenced block of a page.

    Attributes:
        page: its path.
        line: of its fence, from 1.
        language: the word after the fence.
        text: of the block, without the indentation that the fence has.
        marks: by their names.
        span: of `text` in the page.
    """

    page: Path
    line: int
    language: str
    text: str
    marks: Dict[str, str]
    span: Tuple[int, int]

    def __str__(self) -> str:
        return "%s:%d" % (self.page.relative_to(ROOT), self.line)

    def commands(self) -> List[Tuple[str, str]]:
        """Each command of a console, and what is shown below it."""
        found: List[Tuple[str, str]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif found and found[-1][0].endswith("\\") and not found[-1][1]:
                found[-1] = (found[-1][0] + "\n" + line, "")
            else:
                assert found, "%s: a console begins with a command" % self
                found[-1] = (found[-1][0], found[-1][1] + line + "\n")
        return found


def pages() -> List[Path]:
    """Those that people write: what the index names. The others are written by runs."""
    index = (DOC / "index.md").read_text(encoding="utf-8")
    named: Set[Path] = {DOC / "index.md"}
    for line in re.findall(r"^[\w/*-]+$", index, re.M):
        named |= set(DOC.glob(line + ".md"))
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(named)]


def blocks(page: Path) -> Iterator[Block]:
    """All but what runs have written, and directives other than doctest."""
    text = page.read_text(encoding="utf-8")
    written = [match.span() for match in _WRITTEN.finditer(text)]
    for match in _FENCE.finditer(text):
        indent, language, body = match.groups()
        directive = language.startswith("{") and language != "{doctest}"
        if directive or any(start <= match.start() < end for start, end in written):
            continue
        before = text[: match.start()].rstrip("\n ").splitlines()
        marks: Dict[str, str] = {}
        while before:
            mark = _MARK.fullmatch(before[-1].strip())
            if mark is None:
                break
            marks[mark.group(1)] = mark.group(2) or ""
            before.pop()
        yield Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            language,
            re.sub("^" + indent, "", body, flags=re.M),
            marks,
            match.span(3),
        )
