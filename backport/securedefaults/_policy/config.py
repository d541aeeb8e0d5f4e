"""The configuration file: INI, as `configparser` reads it.

    [securedefaults]
    mode = warn
    log = /var/log/securedefaults.jsonl

    [host mail.lan:587]
    cafile = /etc/ssl/mail-lan.pem

What is wrong with it is said with file and line, and nothing of it is used then.
"""

from __future__ import annotations

import configparser
import os
import re

from .._names import MODES
from .._text import printable
from .environment import CONFIG_VARIABLE, config_path, environment
from .files import absolute, as_text, read_own
from .identity import host_key
from .rules import HostRule, split_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

#: bytes of a file
_LONGEST = 1 << 20
#: characters of a line
_LONGEST_LINE = 4096
#: spaces in a row; the time of the regular expressions that read a line grows with their square
_MOST_SPACES = 100
_SPACES = re.compile(r"\S\s{%d}" % (_MOST_SPACES + 1))
GENERAL = "securedefaults"
_HOST, _MODULE = "host", "module"
#: the key whose value may go on in lines of their own
_LISTED = "fingerprint"

_BOOLEANS = configparser.ConfigParser.BOOLEAN_STATES


class _Parser(configparser.ConfigParser):
    # As later versions have it, so that 3.8 can read [host [::1]:993]; and nothing but a comment may follow.
    SECTCRE = re.compile(r"\[(?P<header>.+)\]\s*([#;].*)?$")


class ConfigurationError(ValueError):
    """The configuration file cannot be used; the text names the file and, where there is one, the line."""

    __module__ = "securedefaults"  # as tracebacks show it, and pickles find it


class Configuration:
    """What a configuration file says.

    Attributes:
        path: of the file.
        mode, strict, log: of the section [securedefaults]; None if not there.
        rules: in their order.
        doubts: who else may change it, if anybody may.
        for_each_user: whether each user has a log of his own, by a `~`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.mode: Optional[str] = None
        self.strict: Optional[bool] = None
        self.log: Optional[str] = None
        self.rules: Tuple[HostRule, ...] = ()
        self.doubts: Tuple[str, ...] = ()
        self.for_each_user = False


def read_configured(path: str) -> Configuration:
    """The same as `read()`, for a path that may come from the environment (`config_path()`).

    Raises:
        ConfigurationError: as there; or the path is a relative one.
    """
    if not os.path.isabs(path):
        text = "%s=%s is a relative path, which leads elsewhere in each folder: give the whole one, %s=%s"
        values = CONFIG_VARIABLE, path, CONFIG_VARIABLE, absolute(path)
        raise ConfigurationError(printable(text % values))
    return read(path)


def read(path: str) -> Configuration:
    """The configuration in that file.

    Raises:
        ConfigurationError: it cannot be read, a part of it makes no sense, or this user is root and others may
            change it.
    """
    try:
        content, problem = read_own(path, _LONGEST)
        text = as_text(content)
    except (OSError, ValueError) as exc:  # UnicodeDecodeError is a ValueError
        said = "the configuration file %s cannot be read: %s; mend it%s" % (path, exc, _or_another(path))
        raise ConfigurationError(printable(said)) from exc
    found = parse(text, path)
    if problem:
        found.doubts = ("others may change the configuration file %s: %s" % (path, problem),)
    return found


def _or_another(path: str) -> str:
    """What else there is to do about a file that cannot be read."""
    if path != config_path():
        return ""
    if path != environment(CONFIG_VARIABLE):
        return ", or name another one by %s" % CONFIG_VARIABLE
    return ", or unset %s" % CONFIG_VARIABLE


def parse(text: str, path: str) -> Configuration:
    """The configuration in `text`; `path` is for the messages, and relative files are relative to it.

    Raises:
        ConfigurationError: a part of it makes no sense.
    """
    _check_lines(text, path)
    parser = _Parser(interpolation=None, default_section="", comment_prefixes=("#", ";"), inline_comment_prefixes=None)
    try:
        parser.read_string(text, path)
    except configparser.Error as exc:
        raise ConfigurationError(printable(_syntax(exc, text, path))) from None
    found = Configuration(path)
    rules: List[HostRule] = []
    lines = _Lines(text)
    for section in parser.sections():
        place = _Place(lines, path, section)
        values = dict(parser.items(section))
        for key, value in values.items():
            # An indented `until` would end up in the reason above it, and the exemption would have no end.
            if "\n" in value and key != _LISTED:
                place.fail(key, "goes on in the next line, which is indented: begin each key at the left")
        kind, _, target = section.partition(" ")
        if section == GENERAL:
            _general(found, values, place)
        elif kind in (_HOST, _MODULE) and target.strip():
            rules.append(_rule(kind, target.strip(), values, place))
        else:
            place.fail(None, "no such section; there are [securedefaults], [host NAME:PORT] and [module NAME]")
    found.rules = tuple(rules)
    check_different(found.rules)
    return found


def _check_lines(text: str, path: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            said = "%s:%d: the line has %d characters, and none may have more than %d"
            raise ConfigurationError(printable(said % (path, number, len(line), _LONGEST_LINE)))
        if _SPACES.search(line.rstrip()):
            said = "%s:%d: the line has more than %d spaces in a row"
            raise ConfigurationError(printable(said % (path, number, _MOST_SPACES)))


def check_different(rules: Iterable[HostRule]) -> None:
    """Whether no two of them are about the same host, port and module, also in two spellings.

    Raises:
        ConfigurationError: two are; it names both places, for one of them would never count.
    """
    places: Dict[Tuple[object, ...], HostRule] = {}
    for rule in rules:
        first = places.setdefault((rule.host and host_key(rule.host), rule.port, rule.module), rule)
        if first is not rule:
            raise ConfigurationError(
                "%s: %s is about the same, and only one of them can count: make one of the two, or remove one"
                % (rule.source, first.source)
            )


class _Lines:
    """Where the sections and keys of a text stand."""

    def __init__(self, text: str) -> None:
        self._numbers: Dict[Tuple[str, Optional[str]], int] = {}
        section = ""
        for number, line in enumerate(text.split("\n"), 1):  # as configparser counts
            header = _Parser.SECTCRE.match(line.strip())
            key = re.match(r"\s*([^\s=:#;][^=:]*?)\s*([=:]|$)", line)
            if header:
                section = header.group("header")
                self._numbers.setdefault((section, None), number)
            elif key:
                self._numbers.setdefault((section, key.group(1).lower()), number)

    def number(self, section: str, key: Optional[str]) -> int:
        """Of the line of that key, or of the section if there is none."""
        return self._numbers.get((section, key)) or self._numbers.get((section, None), 0)


class _Place:
    """Where something is written, for messages."""

    def __init__(self, lines: _Lines, path: str, section: str) -> None:
        self._lines = lines
        self._path = path
        self._section = section

    def name(self, key: Optional[str] = None) -> str:
        """`FILE:LINE: [section] key`."""
        number = self._lines.number(self._section, key)
        return printable("%s:%d: [%s]%s" % (self._path, number, self._section, " " + key if key else ""))

    def fail(self, key: Optional[str], text: str) -> None:
        """Raise the error."""
        raise ConfigurationError(printable("%s: %s" % (self.name(key), text))) from None

    def call(self, key: Optional[str], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The function's result; its complaints become the error."""
        try:
            return function(*args, **kwargs)
        except (ValueError, TypeError, OSError) as exc:
            # The text begins with the name of the argument, but for files.
            named = "cafile" if isinstance(exc, OSError) else key
            named = next((name for name in kwargs if str(exc).startswith(name)), named)
            raise ConfigurationError(printable("%s: %s" % (self.name(named), exc))) from exc

    def relative(self, path: str) -> str:
        """That path as it is meant in this file."""
        return os.path.join(os.path.dirname(absolute(self._path)), os.path.expanduser(path))


def _syntax(exc: configparser.Error, text: str, path: str) -> str:
    """What `configparser` says, in one line; its errors name their line in three ways, by version and kind."""
    errors = getattr(exc, "errors", ())
    number: Optional[int] = errors[0][0] if errors else getattr(exc, "lineno", None)
    if not number:
        return "%s: %s" % (path, " ".join(str(exc).split()))
    if isinstance(exc, configparser.MissingSectionHeaderError):
        said = "no section begins here, nor did one before ([host NAME:PORT])"
    elif isinstance(exc, configparser.ParsingError):
        said = "neither a section nor a key with a value"
    else:
        return "%s:%d: %s" % (path, number, " ".join(str(exc).split()))
    return "%s:%d: %s: %r" % (path, number, said, text.split("\n")[number - 1].strip()[:200])


def _mode(place: _Place, key: str, value: str) -> str:
    if value not in MODES:
        place.fail(key, "must be one of %s, not %r" % (", ".join(MODES), value))
    return value


def _log(place: _Place, key: str, value: str) -> str:
    if not value:
        place.fail(key, "is empty")
    return place.relative(value)


#: the keys of the section [securedefaults], and how their values are read
_GENERAL_KEYS: Dict[str, Callable[[_Place, str, str], Any]] = {
    "mode": _mode,
    "strict": lambda place, key, value: _boolean(place, key, value),
    "log": _log,
}


def _general(found: Configuration, values: Dict[str, str], place: _Place) -> None:
    for key, value in values.items():
        if key not in _GENERAL_KEYS:
            place.fail(key, "no such key; there are mode, strict and log")
        setattr(found, key, _GENERAL_KEYS[key](place, key, value))
        found.for_each_user |= key == "log" and value.startswith("~")


#: the keys of a rule, and how its value is read
_KEYS: Dict[str, Callable[[_Place, str, str], object]] = {
    "cafile": lambda place, key, value: place.relative(value),
    _LISTED: lambda place, key, value: _listed(place, key, value),
    "server_hostname": lambda place, key, value: value,
    "strict": lambda place, key, value: _boolean(place, key, value),
    "verify": lambda place, key, value: _boolean(place, key, value),
    "until": lambda place, key, value: value,
    "reason": lambda place, key, value: value,
}


def _rule(kind: str, target: str, values: Dict[str, str], place: _Place) -> HostRule:
    arguments: Dict[str, Any] = {}
    keys = {**_KEYS, **({_MODULE: _KEYS["reason"]} if kind == _HOST else {})}
    for key, value in values.items():
        if key not in keys:
            place.fail(key, "no such key; there are %s" % ", ".join(keys))
        if not value:
            place.fail(key, "is empty")
        arguments[key] = keys[key](place, key, value)
    if kind == _MODULE:
        arguments[_MODULE] = target
    else:
        arguments["host"], arguments["port"] = place.call(None, split_port, target)
    rule: HostRule = place.call(None, HostRule, **arguments)
    rule.source = place.name()
    return rule


def _listed(place: _Place, key: str, value: str) -> List[str]:
    found = value.replace(",", " ").split()
    if not found:
        place.fail(key, "is empty")
    return found


def _boolean(place: _Place, key: str, value: str) -> bool:
    if value.lower() not in _BOOLEANS:
        place.fail(key, "must be yes or no, not %r" % value)
    return _BOOLEANS[value.lower()]


# A rule in one line


class _Words(_Place):
    """An option of the command line."""

    def __init__(self, text: str, option: str) -> None:
        self._text = text
        self._option = option

    def name(self, key: Optional[str] = None) -> str:
        """`OPTION 'TEXT' key`."""
        return printable("%s '%s'%s" % (self._option, self._text, ": " + key if key else ""))

    def relative(self, path: str) -> str:
        return absolute(os.path.expanduser(path))


def rule_in_words(text: str, option: str) -> HostRule:
    """The rule in `HOST[:PORT] KEY=VALUE ...`, with the keys of a section; values with spaces stand in quotes.

    Raises:
        ConfigurationError: it is none; the text begins with `option`.
    """
    place = _Words(text, option)
    target, *words = place.call(None, _split, text) or [""]
    if not target or "=" in target:
        place.fail(None, "begins with no host: HOST[:PORT] KEY=VALUE ...")
    values: Dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            place.fail(None, "%r is no KEY=VALUE; a value with spaces stands in quotes" % word)
        if key.lower() in values:
            place.fail(key, "is there twice")
        values[key.lower()] = value
    return _rule(_HOST, target, values, place)


def _split(text: str) -> List[str]:
    import shlex

    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters, words.escape = True, "", ""  # the paths of Windows have backslashes
    return list(words)
