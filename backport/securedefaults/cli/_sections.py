"""A section of the configuration file, changed in its text: every other byte of the file stays as it is."""

from __future__ import annotations

import re
from typing import Container, Dict, Iterator, List, Mapping, Optional, Tuple

from .._policy.identity import host_key
from .._policy.rules import split_port

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
#: as `_policy.config` reads them
_HEADER = re.compile(r"\[(?P<header>.+)\]\s*([#;].*)?$")
_KEY = re.compile(r"\s*([^\s=:#;\[][^=:]*?)\s*[=:]")
_COMMENT = re.compile(r"\s*[#;]")

#: by the second space it is another name, of the same host
_TAKEN = (
    "there is a section [%s] for one module alone, and no second one can have the same name: write the rule by hand, "
    "and begin it with two spaces in its name, [%s  %s]"
)

#: host key and port of a section
Place = Tuple[str, Optional[int]]


class Taken(Exception):
    """Why there can be no section for a host and a port; the text says what to do by hand."""


def with_section(text: str, header: str, values: Mapping[str, str], changes: Optional[Container[str]] = None) -> str:
    """The text of a file with a section that has these keys and values, and no others.

    A section for the same host and port, also in another spelling, is changed where it stands; its comments stay. If
    there is none, one is added at the end.

    Args:
        text: of a file that `_policy.config.parse()` accepts, with the ends of its lines as they are.
        header: the section's, without brackets: `"host mail.lan:587"`.
        values: of the keys.
        changes: the keys that are touched where the section is there; None for all. Another one may be spelled in
            another way, and stays as it is.

    Raises:
        Taken: a section of that very name is there, and is about something else.
    """
    lines = _LINES.findall(text)
    end = _line_end(lines)
    span = _span(lines, place_of(header))
    if span is None:
        if header in map(_header, lines):
            raise Taken(_TAKEN % (header, *header.split(" ", 1)))
        added = ["[%s]%s" % (header, end), *_as_lines(values, end)]
        return "".join([*_before_another(lines, end), *added])
    first, last = span
    changed = _changed(lines[first + 1 : last], values, changes, end)
    return "".join([*lines[:first], _ended(lines[first], end), *changed, *lines[last:]])


def section_of(text: str, header: str) -> List[str]:
    """The lines of the section for the same host and port, without their ends; none if there is none."""
    lines = _LINES.findall(text)
    span = _span(lines, place_of(header))
    if span is None:
        return []
    found = [line.rstrip("\r\n") for line in lines[slice(*span)]]
    while found and not found[-1].strip():
        found.pop()
    return found


def place_of(header: str) -> Optional[Place]:
    """The host and port that a section is for; None if it is for something else."""
    kind, _, target = header.partition(" ")
    if kind != "host":
        return None
    try:
        host, port = split_port(target.strip())
    except ValueError:
        return None
    return host_key(host), port


def _span(lines: List[str], place: Optional[Place]) -> Optional[Tuple[int, int]]:
    """Where the section of that place begins, and where what follows its last key does."""
    headers = [(index, header) for index, header in enumerate(map(_header, lines)) if header]
    for number, (first, header) in enumerate(headers):
        last = headers[number + 1][0] if number + 1 < len(headers) else len(lines)
        if place is not None and place_of(header) == place and not _has_module(lines[first + 1 : last]):
            return first, _end_of_keys(lines, first, last)
    return None


def _header(line: str) -> str:
    """What stands in the brackets; empty if no section begins here."""
    match = None if _COMMENT.match(line) else _HEADER.match(line.strip())
    return match.group("header") if match else ""


def _has_module(body: List[str]) -> bool:
    """Whether it is a rule for one module: another one than that for the host alone."""
    return any(key == "module" for key, _ in _entries(body))


def _end_of_keys(lines: List[str], first: int, last: int) -> int:
    """Comments and empty lines after the last key are rather about the next section."""
    ends = [first + 1 + index for _, entry in _entries(lines[first + 1 : last]) for index in entry]
    return max(ends, default=first) + 1


def _entries(body: List[str]) -> Iterator[Tuple[str, List[int]]]:
    """Each key, and the indexes of its lines: a list may go on in lines that are indented."""
    entry: Optional[Tuple[str, List[int]]] = None
    indent = 0
    for index, line in enumerate(body):
        if not line.strip() or _COMMENT.match(line):
            continue
        width = len(line) - len(line.lstrip())
        if entry is not None and width > indent:
            entry[1].append(index)
            continue
        if entry is not None:
            yield entry
        match = _KEY.match(line)
        entry, indent = (match.group(1).lower() if match else "", [index]), width
    if entry is not None:
        yield entry


def _changed(body: List[str], values: Mapping[str, str], changes: Optional[Container[str]], end: str) -> List[str]:
    missing: Dict[str, str] = dict(values)
    found: List[Optional[str]] = [*body]
    indent = ""
    for key, indexes in _entries(body):
        # A line that is indented more than the key before it would go on with that one's value.
        indent = _indent(body[indexes[0]])
        if (changes is not None and key not in changes) or _value(body, indexes) == missing.get(key):
            missing.pop(key, None)
            continue
        for index in indexes:
            found[index] = None
        if key in missing:
            found[indexes[0]] = "%s%s = %s%s" % (indent, key, missing.pop(key), end)
    lines = [_ended(line, end) for line in found if line is not None]
    return [*lines, *_as_lines(missing, end, indent)]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _value(body: List[str], indexes: List[int]) -> str:
    """The value of a key that stands in one line; empty, which no value is, if it stands in several."""
    return re.split("[=:]", body[indexes[0]], maxsplit=1)[1].strip() if len(indexes) == 1 else ""


def _as_lines(values: Mapping[str, str], end: str, indent: str = "") -> List[str]:
    return ["%s%s = %s%s" % (indent, key, value, end) for key, value in values.items()]


def _before_another(lines: List[str], end: str) -> List[str]:
    """The lines of a file after which another section may begin."""
    if not lines or lines == ["\ufeff"]:
        return lines
    found = [*lines[:-1], _ended(lines[-1], end)]
    return found if not found[-1].strip() else [*found, end]


def _line_end(lines: List[str]) -> str:
    """How the lines of the file end."""
    first = lines[0] if lines else ""
    return first[len(first.rstrip("\r\n")) :] or "\n"


def _ended(line: str, end: str) -> str:
    return line if line.endswith(("\r", "\n")) else line + end


def is_one_line(value: str) -> bool:
    """Whether a value stays what it is in a line of its own."""
    return value == value.strip() and bool(value) and value.isprintable()
