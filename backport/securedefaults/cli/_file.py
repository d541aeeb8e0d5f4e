"""The configuration file as it is, and what it would be with another section: what it says then, and to whom."""

from __future__ import annotations

from typing import Dict, Iterator, List, Optional, Sequence

from .._names import ACCEPTED, EXEMPT
from .._policy import config
from .._policy.rules import as_ascii, checked_pin
from ._by_file import ByFile
from ._replace_file import Refused, read_for_change, replace
from ._result import Result
from ._result_text import escaped
from ._sections import Taken, is_one_line, section_of, with_section

#: bytes of a configuration file
_LONGEST = 1 << 20
_BOM = b"\xef\xbb\xbf"

#: what is written; no exemption is
SAFE_KEYS = frozenset(("cafile", "fingerprint", "server_hostname", "strict", "reason"))


class File:
    """The file as it was read.

    Attributes:
        path: the whole one.
        content: what is in it; None if there is none.
        text: the same with its ends of lines, without the mark at its beginning.
        by_file: the judgement by it.

    Raises:
        Refused: it cannot be changed, or is no configuration; the text says what to do.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.content = read_for_change(path, _LONGEST)
        self.text = _text(self.content, path)
        try:
            self.by_file = ByFile(config.parse(_lines(self.text), path))
        except config.ConfigurationError as exc:
            raise Refused(str(exc)) from exc

    def check_place(self, header: str) -> None:
        """Whether there can be such a section at all, whatever it says.

        Raises:
            Refused: there cannot.
        """
        self.judge(self._with(header, {"server_hostname": "localhost"}))

    def text_with(self, header: str, values: Dict[str, str], changes: Sequence[str]) -> str:
        """The text of the file with that section.

        Raises:
            Refused: there can be none.
        """
        # What is written anew: of the rest the operator has decided, in whatever words.
        is_there = section_of(self.text, header)
        check_values({key: values[key] for key in values if not is_there or key in changes})
        return self._with(header, values, changes)

    def _with(self, header: str, values: Dict[str, str], changes: Optional[Sequence[str]] = None) -> str:
        try:
            return with_section(self.text, header, values, changes)
        except Taken as exc:
            raise Refused("%s: %s" % (self.path, exc)) from exc

    def judge(self, after: str) -> ByFile:
        """The judgement by a new text.

        Raises:
            Refused: it is none that says the same as the old one, but for one rule by which somebody is verified.
        """
        by_hand = "the section cannot be put into %s without changing another; write it by hand" % self.path
        old = self.by_file.found
        try:
            new = config.parse(_lines(after), self.path)
        except config.ConfigurationError as exc:
            raise Refused("%s (%s)" % (by_hand, exc)) from exc
        rest = [rule for rule in new.rules if rule not in old.rules]
        lost = [rule for rule in old.rules if rule not in new.rules]
        same = (old.mode, old.strict, old.log) == (new.mode, new.strict, new.log)
        if not same or len(rest) > 1 or len(lost) > 1 or any(not rule.verify for rule in rest):
            raise Refused(by_hand)
        return ByFile(new)

    def broken(self, after: ByFile, results: Sequence[Result]) -> Iterator[Result]:
        """Those that pass by the file as it is, and would not any more."""
        for result in results:
            if after.rule(result) == self.by_file.rule(result):
                continue
            passes = [by_file.verdict(result).state in (ACCEPTED, EXEMPT) for by_file in (self.by_file, after)]
            if passes == [True, False]:
                yield result

    def write(self, after: str) -> None:
        """Put the new text into its place.

        Raises:
            Refused: it cannot be done, or the file has changed since it was read.
        """
        replace(self.path, self.content, self._bytes(after), _LONGEST)

    def is_written(self, after: str) -> bool:
        """Whether the new text is there."""
        try:
            return read_for_change(self.path, _LONGEST) == self._bytes(after)
        except Refused:
            return False

    def _bytes(self, after: str) -> bytes:
        mark = _BOM if self.content is not None and self.content.startswith(_BOM) else b""
        return mark + after.encode()

    def problem_of(self, result: Result) -> str:
        """Why a target does not pass by what is there by now; empty if it does."""
        try:
            verdict = ByFile(config.read(self.path)).verdict(result)
        except config.ConfigurationError as exc:
            return str(exc)
        return "" if verdict.state == ACCEPTED else escaped(str(verdict))


def check_values(values: Dict[str, str]) -> None:
    """What a server sent may be among them, so each has to be of its kind.

    Raises:
        Refused: one is something else.
    """
    for key, value in values.items():
        if key not in SAFE_KEYS or not is_one_line(value):
            raise Refused("%s = %s cannot stand in a file" % (ascii(key), ascii(value)))
    if as_ascii(values.get("server_hostname", "localhost")) is None:
        raise Refused("%s is no host name" % ascii(values["server_hostname"]))
    for pin in split(values.get("fingerprint", "")):
        try:
            checked_pin(pin)
        except ValueError as exc:
            raise Refused(str(exc)) from exc


def split(pins: str) -> List[str]:
    """Several pins."""
    return pins.replace(",", " ").split()


def _text(content: Optional[bytes], path: str) -> str:
    """The text of the file with its ends of lines, without the mark at its beginning."""
    if content is None:
        return ""
    try:
        return content[len(_BOM) :].decode() if content.startswith(_BOM) else content.decode()
    except UnicodeDecodeError as exc:
        raise Refused("%s is not in UTF-8: save it in UTF-8" % path) from exc


def _lines(text: str) -> str:
    """The same as `_policy.config.read()` has it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
