"""logging configurations that are no Python: the INI files of fileConfig(), JSON and YAML for dictConfig().

They are files of their own, or INI texts inside of a program.
"""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ._find import Finding, lines_of, parse
from ._rules import DEFINITE, HANDLER_DATA, HANDLER_NAME, POSSIBLE, RULES
from ._syntax import is_none

_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*$")
_ITEM = re.compile(r"""(\s*)(?:-\s+)?["']?(\(\)|[\w.]+)["']?\s*[:=]\s*(.*?)\s*,?\s*$""")
_INI_HANDLER = re.compile(r"class\s*[=:]\s*(?:logging\.)?handlers\.SMTPHandler")
_PUT_IN = re.compile(r"%(?:\(\w+\))?[sdr]")
_CLASSES = (HANDLER_NAME, "handlers.SMTPHandler")
_NOTHING = {"", "null", "none", "~"}


class _Line(NamedTuple):
    number: int
    indent: int
    key: str
    value: str


def find(text: str, path: str) -> List[Finding]:
    """Findings in a file that is no Python."""
    lines = lines_of(text)
    found = list(_ini(lines) if path.lower().endswith((".ini", ".cfg", ".conf")) else _mapping(lines))
    return [_finding(number, sure, lines, path) for number, sure in found]


def find_in_program(text: str, path: str) -> List[Finding]:
    """Findings in the INI texts that a program has in itself; documentation is none."""
    if not _INI_HANDLER.search(text):
        return []
    lines = lines_of(text)
    tree = parse(text)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            for number, sure in _ini(lines_of(textwrap.dedent(node.value))):
                found.append(_finding(_line_of(node, number), sure, lines, path))
    return sorted(found, key=lambda finding: finding.line)


def _line_of(node: ast.Constant, number: int) -> int:
    """Where a line of a text stands in the program; the text's first one if it is not written line by line."""
    skipped = (node.end_lineno or node.lineno) - node.lineno - str(node.value).count("\n")
    return node.lineno + skipped + number - 1 if skipped in (0, 1) else node.lineno


def _finding(number: int, sure: bool, lines: List[str], path: str) -> Finding:
    rule = RULES[HANDLER_DATA]
    code = lines[number - 1]
    message = rule.summary if sure else rule.summary + " Without credentials it does not even encrypt."
    start = len(code) - len(code.lstrip())
    return Finding(
        *(rule.id, path, number, start + 1, number, len(code) + 1, DEFINITE if sure else POSSIBLE, message),
        *(rule.remedy, False, HANDLER_NAME, "it takes a decision", (code,)),
    )


def _ini(lines: List[str]) -> Iterator[Tuple[int, bool]]:
    """`class` and `args` or `kwargs` in one section."""
    cls: Optional[int] = None
    values: List[str] = []
    for number, line in enumerate([*lines, "[]"], 1):
        if _SECTION.match(line) or line == "[]":
            if cls is not None:
                sure = _secure(values)
                if sure is not None:
                    yield cls, sure
            cls, values = None, []
            continue
        if line.lstrip().startswith(("#", ";")):
            continue
        item = _ITEM.match(line)
        if item is not None and not line[:1].isspace():
            key, value = item.group(2).lower(), line.partition("=" if "=" in line else ":")[2].strip()
            if key == "class" and value in _CLASSES:
                cls = number
            values.append("%s=%s" % (key, value))
        elif values:
            values[-1] += " " + line.strip()


def _secure(values: List[str]) -> Optional[bool]:
    """Whether `secure` is given, by position or name: True with credentials, False without them; None if not."""
    credentials = secure = False
    for value in values:
        key, _, text = value.partition("=")
        try:
            # what a program puts in with % is a value, whatever it is
            node = ast.parse(_PUT_IN.sub("0", text.strip()), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if key == "args" and isinstance(node, ast.Tuple):
            credentials = credentials or (len(node.elts) > 4 and not is_none(node.elts[4]))
            secure = secure or (len(node.elts) > 5 and not is_none(node.elts[5]))
        elif key == "kwargs" and isinstance(node, ast.Dict):
            for name, item in zip(node.keys, node.values):
                if isinstance(name, ast.Constant) and not is_none(item):
                    credentials = credentials or name.value == "credentials"
                    secure = secure or name.value == "secure"
    return credentials if secure else None


def _mapping(lines: List[str]) -> Iterator[Tuple[int, bool]]:
    """`class` with `secure` beside it, in JSON and YAML as people lay them out."""
    items = []
    for number, line in enumerate(lines, 1):
        match = _ITEM.match(line)
        if match is not None and not line.lstrip().startswith(("#", "//")):
            value = match.group(3).strip("\"'")
            items.append(_Line(number, len(match.group(1)), match.group(2), value))
    for index, item in enumerate(items):
        if item.key in ("class", "()") and item.value in _CLASSES:
            beside = {other.key: other.value.lower() for other in _siblings(items, index)}
            if "secure" in beside and beside["secure"] not in _NOTHING - {""}:
                yield item.number, beside.get("credentials", "null") not in _NOTHING - {""}


def _siblings(items: List[_Line], index: int) -> Iterator[_Line]:
    indent = items[index].indent
    for step in (-1, 1):
        position = index + step
        while 0 <= position < len(items) and items[position].indent >= indent:
            if items[position].indent == indent:
                yield items[position]
            position += step
