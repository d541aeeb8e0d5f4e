"""What Doc/breaks.md says of verify codes is written from the table of the code: `python tests/docs Doc/breaks.md`.

It stands between the marks `<!-- code N -->` and `<!-- end code N -->`, a section for a code that is met often; and
between `<!-- other codes: KIND -->` and its end, a table of all others of the kind.
"""

from __future__ import annotations

import re
import textwrap
from typing import Dict, Iterator, List, Match

from securedefaults._observe.codes import CODES, Code

_PLACE = re.compile(r"^<!-- (code (\d+)|other codes: (\w+)) -->\n.*?^<!-- end \1 -->\n", re.M | re.S)
_LAST_LINE = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s (_ssl.c:1006)"
NOTHING_HERE = "Nothing but [what `check` prints](#until-the-server-is-mended)."


def filled(text: str) -> str:
    """A page as the table would have it."""
    own = sections(text)

    def fill(match: Match[str]) -> str:
        mark, number, kind = match.groups()
        lines = _section(int(number), CODES[int(number)]) if number else _table(kind, own)
        return "<!-- %s -->\n%s\n<!-- end %s -->\n" % (mark, "\n".join(lines), mark)

    return _PLACE.sub(fill, text)


def sections(text: str) -> List[int]:
    """The codes that have a section of their own."""
    return [int(match.group(2)) for match in _PLACE.finditer(text) if match.group(2)]


def tables(text: str) -> List[str]:
    """The kinds that have a table."""
    return [match.group(3) for match in _PLACE.finditer(text) if match.group(3)]


def heading(number: int) -> str:
    """That of a section."""
    return "`%s` (verify code %d)" % (CODES[number].messages[0].rstrip("."), number)


def _section(number: int, row: Code) -> Iterator[str]:
    yield from ("### " + heading(number), "", "```none")
    for message in row.messages:
        yield _LAST_LINE % message
    yield from ("```", "", *_wrapped(_sentence(row.fault)), "")
    yield from _wrapped("- **At the server:** " + row.server)
    yield from _wrapped("- **Here:** " + (row.here or NOTHING_HERE))


def _table(kind: str, own: List[int]) -> Iterator[str]:
    yield "| code | the text says | what is wrong | at the server | here |"
    yield "|---|---|---|---|---|"
    for number, row in others(kind, own).items():
        said = ", ".join("`%s`" % message for message in row.messages)
        here = row.here or "[`check`](#until-the-server-is-mended)"
        yield "| %d | %s | %s | %s | %s |" % (number, said, _sentence(row.fault), row.server, here)


def others(kind: str, own: List[int]) -> Dict[int, Code]:
    """The codes of a kind that have no section."""
    return {number: row for number, row in CODES.items() if row.kind == kind and number not in own}


def _wrapped(text: str) -> List[str]:
    return textwrap.wrap(text, 120, subsequent_indent="  " if text.startswith("- ") else "", break_on_hyphens=False)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
