"""The dialogue of `securedefaults check --write-config`: what helps a server that was refused goes into the file.

Nothing is written that was not shown whole, that does not make the server pass, or that was not agreed to. What the
server sent gets into the file only as a host name or a pin; and an exemption is for people to write.
"""

from __future__ import annotations

import difflib
import os
import ssl
import sys
from typing import Dict, Iterator, List, Optional, Sequence

from .._names import ACCEPTED
from .._observe.advice import CAFILE, NOTHING_HELPS, Remedy, nothing_helps, sections
from .._policy import config
from .._policy.files import absolute
from .._policy.identity import host_key, identified
from .._policy.policy import Policy
from .._policy.rules import HostRule, as_ascii, checked_pin
from .._text import printable
from .._tls.verdict import Verdict
from .._tls.x509 import fingerprint
from ._examine import verdict_by
from ._output import warn
from ._questions import Stop, ask, is_name_told, is_pin_told, tell, yes
from ._replace_file import Refused, read_for_change, replace, who_may_make
from ._result import Result
from ._result_text import escaped, fault_lines
from ._sections import Taken, is_one_line, section_of, with_section
from ._targets import Target

#: bytes of a configuration file
_LONGEST = 1 << 20
_BOM = b"\xef\xbb\xbf"
#: paths that may be tried
_TRIES = 3

_SAFE_KEYS = frozenset(("cafile", "fingerprint", "server_hostname", "strict", "reason"))


def check_possible() -> None:
    """Whether there is a person to be asked.

    Raises:
        Refused: there is none; the text says what to do.
    """
    streams = (("standard input", sys.stdin), ("standard error", sys.stderr))
    for name, stream in streams:
        if stream is None or stream.closed or not stream.isatty():
            raise Refused(
                "--write-config asks before it writes, and %s is no terminal: run it in one, or run it without this "
                "option, and copy one of the sections that it prints into the file" % name
            )


def check_usable(path: str) -> None:
    """Whether the file can be changed at all; it need not be there.

    Raises:
        Refused, ConfigurationError: it cannot; the text says what to do.
    """
    folder = os.path.dirname(absolute(path))
    if not os.path.isdir(folder):
        raise Refused("--write-config %s: there is no folder %s; make it first" % (path, folder))
    content = read_for_change(path, _LONGEST)
    doubt = who_may_make(path) if content is None else ""  # else it is told when the configuration is read
    if doubt:
        warn("check", printable("others may change the configuration file %s: %s" % (path, doubt)))
    config.parse(_parsed(_text(content, path)), absolute(path))


def write_remedies(path: str, results: Sequence[Result]) -> List[Result]:
    """Ask about each server that was refused, and write what was agreed to; those that pass by that."""
    written: List[Result] = []
    refused = [result for result in results if result.advice.faults and not result.same_as]
    if not refused:
        tell("No server was refused, so there is nothing to write.")
    try:
        for result in refused:
            if _Dialogue(absolute(path), result).run():
                written.append(result)
    except Stop:
        tell("\nNo more answers: nothing else is written.")
    return written


class _Dialogue:
    """About one server."""

    def __init__(self, path: str, result: Result) -> None:
        assert isinstance(result.target, Target)
        assert result.sent is not None
        self._path, self._result, self._advice = path, result, result.advice
        self._target, self._chain = result.target, result.sent.chain
        self._passes = False

    def run(self) -> bool:
        """Whether the server passes by what was written."""
        tell("\n%s was refused:" % escaped(self._target.url))
        for line in fault_lines(self._advice):
            tell("  " + line)
        remedies = [remedy for remedy in self._advice.remedies if _is_safe(remedy)]
        if nothing_helps(self._advice):
            tell(NOTHING_HELPS)
        lost = dict.fromkeys(key for remedy in remedies for key in _anchors_lost(remedy))
        if lost:
            tell(_VIOLATED % (printable(self._advice.place), " and ".join(lost)))
        remedies = [remedy for remedy in remedies if not _anchors_lost(remedy)]
        if not remedies:
            tell("There is no rule that this command writes%s." % ("" if lost else ": it writes no exemption"))
            return False
        try:
            self._check_place()
            for number, remedy in enumerate(remedies, 1):
                tell("\nRemedy %d of %d, the most secure first:" % (number, len(remedies)))
                if self._offer(remedy):
                    return self._passes
        except Refused as exc:
            # The less secure ones are no way out: what hinders is not what is written.
            tell("Not written: %s" % printable(str(exc)))
        tell("Nothing is written for %s." % escaped(self._target.url))
        return False

    def _offer(self, remedy: Remedy) -> bool:
        """Whether it was written."""
        values, sent = dict(remedy.rule), []
        for line in sections(self._advice._replace(remedies=(remedy,)))[0].splitlines():
            if line.startswith("#"):
                tell("  " + printable(line))
        if values.get("cafile") == CAFILE:
            if not self._ask_for_cafile(values, remedy):
                return False
            sent = [*_sent_and_in_file(self._chain, values["cafile"])]
        old = read_for_change(self._path, _LONGEST)
        before = _text(old, self._path)
        after = with_section(before, self._advice.section, values, remedy.changes)
        # What is written anew: of the rest the operator has decided, in whatever words.
        is_there = section_of(before, self._advice.section)
        _check_values({key: values[key] for key in values if not is_there or key in remedy.changes})
        verdict = self._verdict(self._changed_alone(before, after))
        if verdict.state != ACCEPTED:
            tell("By %s with that section it would still be %s" % (printable(self._path), escaped(str(verdict))))
            return False
        self._show(before, after)
        if not self._agreed(values, sent):
            return False
        bom = _BOM if old is not None and old.startswith(_BOM) else b""
        replace(self._path, old, bom + after.encode(), _LONGEST)
        problem = self._problem_with_written()
        said = "but " + printable(problem) if problem else "the server passes by it."
        tell("Written to %s; %s" % (printable(self._path), said))
        self._passes = not problem
        return True

    def _check_place(self) -> None:
        """Whether a section can be put there at all, whatever it says; before anybody is asked for anything.

        Raises:
            Refused: it cannot.
        """
        before = _text(read_for_change(self._path, _LONGEST), self._path)
        try:
            after = with_section(before, self._advice.section, {"server_hostname": "localhost"})
        except Taken as exc:
            raise Refused("%s: %s" % (self._path, exc)) from exc
        self._changed_alone(before, after)

    # What it takes

    def _ask_for_cafile(self, values: Dict[str, str], remedy: Remedy) -> bool:
        """Put the path of a file by which the server passes in the place of the one that stands for it."""
        for _ in range(_TRIES):
            answer = ask(
                "The file, in PEM, that holds %s, as you have it from the operator and not by this connection "
                "(nothing: there is none): " % escaped(remedy.needs)
            )
            if not answer:
                return False
            values["cafile"] = absolute(os.path.expanduser(answer))
            problem = self._problem_with(values, remedy.changes)
            if not problem:
                return True
            tell("That file does not help: %s" % problem)
        return False

    def _problem_with(self, values: Dict[str, str], changes: Sequence[str]) -> str:
        """Why the server would not pass by a section with these values; empty if it would."""
        try:
            rule = HostRule("localhost", cafile=values["cafile"])  # its errors are about the file alone
            _check_values({key: values[key] for key in values if key in changes})
            found = config.parse(with_section("", self._advice.section, values), self._path)
        except (Refused, OSError, ValueError) as exc:
            return printable(str(exc))
        verdict = self._verdict(found)
        if verdict.state != ACCEPTED:
            return escaped(str(verdict))
        if rule.doubt:
            warn("check", printable(rule.doubt))
        return ""

    def _verdict(self, found: config.Configuration) -> Verdict:
        """The judgement by that configuration, without anything that the command line says."""
        policy = Policy.plain()
        policy.strict, policy.rules = found.strict, found.rules
        host, key = identified(self._target.host)
        rule, exempt = policy.decision(key, self._target.port, "")
        name = rule.server_hostname if rule is not None and rule.server_hostname else host
        return verdict_by(policy, rule, self._chain, name, verify=not exempt)

    def _changed_alone(self, before: str, after: str) -> config.Configuration:
        """What the new text says.

        Raises:
            Refused: it is none that says the same as the old one, but for one rule by which somebody is verified.
        """
        by_hand = "the section cannot be put into %s without changing another; write it by hand" % self._path
        try:
            old, new = (config.parse(_parsed(text), self._path) for text in (before, after))
        except config.ConfigurationError as exc:
            raise Refused("%s (%s)" % (by_hand, exc)) from exc
        rest = [rule for rule in new.rules if rule not in old.rules]
        lost = [rule for rule in old.rules if rule not in new.rules]
        same = (old.mode, old.strict, old.log) == (new.mode, new.strict, new.log)
        if not same or len(rest) > 1 or len(lost) > 1 or any(not rule.verify for rule in rest):
            raise Refused(by_hand)
        return new

    def _problem_with_written(self) -> str:
        try:
            verdict = self._verdict(config.read(self._path))
        except config.ConfigurationError as exc:
            return str(exc)
        return "" if verdict.state == ACCEPTED else escaped(str(verdict))

    # What a person sees and says

    def _show(self, before: str, after: str) -> None:
        old, new = (section_of(text, self._advice.section) for text in (before, after))
        tell("%s, in %s:" % ("This section is changed" if old else "A new section", printable(self._path)))
        for line in difflib.ndiff(old, new):
            if not line.startswith("?"):
                tell("  " + printable(line))

    def _agreed(self, values: Dict[str, str], sent: Sequence[str]) -> bool:
        """Whether a person has said that what the server sent of itself is right, and that it may be written."""
        rule = self._result.rule
        pins = [pin for pin in _split(values.get("fingerprint", "")) if rule is None or pin not in rule.fingerprint]
        name = values.get("server_hostname")
        known = (self._target.host, rule.server_hostname if rule is not None else None)
        new_name = [] if name is None or host_key(name) in map(host_key, filter(None, known)) else [name]
        if sent:
            tell(_SENT)
        if pins or sent or new_name:
            return all(map(is_pin_told, [*pins, *sent])) and all(map(is_name_told, new_name))
        return yes("Write it? (yes or no) ")


#: where the rule stands, and what it says that would not count any more
_VIOLATED = (
    "The rule at %s is violated: it may be somebody else who answers. A rule without its %s is not written here; ask the "
    "server's operator, and change it by hand."
)

#: a file that was made of what came by the connection proves as little as a pin that was
_SENT = "The file holds a certificate that the server sent, as anybody on the path could have sent one."


def _anchors_lost(remedy: Remedy) -> List[str]:
    """The keys by which the operator has said whom to trust, and which the remedy takes away."""
    return [key for key in ("fingerprint", "cafile") if key in remedy.changes and key not in dict(remedy.rule)]


def _sent_and_in_file(chain: Sequence[bytes], path: str) -> Iterator[str]:
    """The fingerprints of the certificates that a server sent and OpenSSL finds in a file, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    for der in dict.fromkeys(chain):
        before = context.cert_store_stats()["x509"]
        try:
            context.load_verify_locations(cadata=der)
        except ssl.SSLError:  # nor could it be in a file
            continue
        if context.cert_store_stats()["x509"] == before:
            yield fingerprint(der)


def _is_safe(remedy: Remedy) -> bool:
    return dict(remedy.rule).keys() <= _SAFE_KEYS


def _check_values(values: Dict[str, str]) -> None:
    """What a server sent may be among them, so each has to be of its kind.

    Raises:
        Refused: one is something else.
    """
    for key, value in values.items():
        if key not in _SAFE_KEYS or not is_one_line(value):
            raise Refused("%s = %s cannot stand in a file" % (ascii(key), ascii(value)))
    if as_ascii(values.get("server_hostname", "localhost")) is None:
        raise Refused("%s is no host name" % ascii(values["server_hostname"]))
    for pin in _split(values.get("fingerprint", "")):
        try:
            checked_pin(pin)
        except ValueError as exc:
            raise Refused(str(exc)) from exc


def _split(pins: str) -> List[str]:
    return pins.replace(",", " ").split()


def _text(content: Optional[bytes], path: str) -> str:
    """The text of the file with its ends of lines, without the mark at its beginning."""
    if content is None:
        return ""
    try:
        return content[len(_BOM) :].decode() if content.startswith(_BOM) else content.decode()
    except UnicodeDecodeError as exc:
        raise Refused("%s is not in UTF-8: save it in UTF-8" % path) from exc


def _parsed(text: str) -> str:
    """The same as `_policy.config.read()` has it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
