"""The dialogue of `securedefaults check --write-config`: what helps a server that was refused goes into the file.

Nothing is written that was not shown whole, that does not make the server pass, or that was not agreed to. What the
server sent gets into the file only as a host name or a pin; and an exemption is for people to write.
"""

from __future__ import annotations

import difflib
import os
import ssl
import sys
from typing import Dict, Iterator, List, Sequence, Tuple

from .._names import ACCEPTED, REFUSED, UNKNOWN
from .._observe.advice import (
    CAFILE,
    NOTHING_HELPS,
    Remedy,
    changed,
    keys,
    nothing_helps,
    sections,
    target,
)
from .._policy import config
from .._policy.files import absolute
from .._policy.identity import host_key
from .._policy.rules import HostRule
from .._text import printable
from .._tls.x509 import fingerprint
from ._by_file import ByFile
from ._file import SAFE_KEYS, File, check_values, split
from ._output import warn
from ._questions import Stop, ask, is_name_told, is_pin_told, tell, yes
from ._replace_file import Refused, who_may_make
from ._result import Result
from ._result_text import escaped, fault_lines
from ._sections import section_of, with_section
from ._targets import Target

#: paths that may be tried
_TRIES = 3


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
    file = File(absolute(path))
    doubt = who_may_make(path) if file.content is None else ""  # else it is told when the configuration is read
    if doubt:
        warn("check", printable("others may change the configuration file %s: %s" % (path, doubt)))


def write_remedies(path: str, results: Sequence[Result], written: List[Result]) -> None:
    """Ask about each server that the file would refuse, and write what was agreed to.

    Args:
        path: of the file.
        results: of all targets.
        written: gets those that pass by what was written, as soon as it is.
    """
    known = [result for result in results if result.verdict.state != UNKNOWN and not result.same_as]
    try:
        by_file = File(absolute(path)).by_file
    except Refused as exc:
        tell("Not written: %s" % printable(str(exc)))
        return
    refused = [result for result in known if REFUSED in (result.verdict.state, by_file.verdict(result).state)]
    if not refused:
        tell("No server was refused, so there is nothing to write.")
    try:
        for result in refused:
            _Dialogue(by_file, result, known, written).run()
    except Stop:
        tell("\nNo more answers: nothing else is written.")


class _Dialogue:
    """About one server."""

    def __init__(self, first: ByFile, result: Result, known: Sequence[Result], written: List[Result]) -> None:
        assert isinstance(result.target, Target)
        assert result.sent is not None
        self._path, self._result, self._known, self._written = first.found.path, result, known, written
        #: whether the file, as it was before anything was written, says what was said
        self._is_by_file = first.is_as_judged(result)
        self._target, self._chain = result.target, result.sent.chain

    def run(self) -> None:
        """The questions, as long as there is something to be asked."""
        try:
            self._file = File(self._path)
            self._rule = self._file.by_file.rule(self._result)[0]
            if not self._is_refused():
                return
            self._advice = self._file.by_file.advice(self._result)
            for line in fault_lines(self._advice):
                tell("  " + line)
            self._ask()
        except Refused as exc:
            # A less secure remedy is no way out: what hinders is not what is written.
            tell("Not written: %s" % printable(str(exc)))
        if self._result not in self._written:
            tell("Nothing is written for %s." % escaped(self._target.url))

    def _is_refused(self) -> bool:
        """Whether the file alone refuses the server, as it is now; and a person is told."""
        url, path = escaped(self._target.url), printable(self._path)
        is_refused = self._file.by_file.verdict(self._result).state == REFUSED
        if self._is_by_file and is_refused:
            tell("\n%s was refused:" % url)
        elif self._is_by_file:
            tell("\n%s passes by what was written." % url)
            self._written.append(self._result)
        elif not is_refused:
            text = "\n%s passes by %s as it is, and was refused by the options alone (%s)."
            tell(text % (url, path, self._options()))
        elif self._result.verdict.state == REFUSED:
            text = "\n%s was refused, and by %s alone, without the options (%s), it is, too:"
            tell(text % (url, path, self._options()))
        else:
            text = "\n%s passes only by the options (%s), which are not in %s. Without them it is refused:"
            tell(text % (url, self._options(), path))
        return is_refused

    def _options(self) -> str:
        """What the command line says about the server."""
        rule = self._result.rule
        if rule is not None and rule.source.startswith("--"):
            return printable(rule.source)
        return "--strict" if self._result.asks_strict else "--no-strict"

    def _ask(self) -> None:
        own = [*self._from_options()]
        rules = [remedy.rule for remedy in own]
        found = [remedy for remedy in self._advice.remedies if _is_safe(remedy) and remedy.rule not in rules]
        if nothing_helps(self._advice):
            tell(NOTHING_HELPS)
        if not own and not found:
            tell("There is no rule that this command writes: it writes no exemption.")
            return
        self._file.check_place(self._advice.section)
        offered = [remedy for remedy in found if not _anchors_lost(remedy)]
        told: List[List[str]] = []
        for remedy in (*own, *found):
            lost = _anchors_lost(remedy)
            if lost and lost not in told:
                tell(_VIOLATED % (printable(self._advice.place), " and ".join(lost)))
                told.append(lost)
            if lost:
                continue
            place = (offered.index(remedy) + 1, len(offered)) if remedy in offered else None
            tell("\nRemedy %d of %d, the most secure first:" % place if place else "\nWhat the options say:")
            if self._offer(remedy):
                return

    def _from_options(self) -> Iterator[Remedy]:
        """The rule that the command line makes, if the server passes by it, verified."""
        rule = self._result.rule
        if rule is None or self._result.verdict.state != ACCEPTED or not rule.source.startswith("--"):
            return
        old, new = keys(self._rule), keys(rule)
        if old != new and new.keys() - {"reason"}:  # without --no-strict there may be nothing left of it
            yield changed(old, new)

    def _offer(self, remedy: Remedy) -> bool:
        """Whether it was written."""
        values = dict(remedy.rule)
        for line in self._comment(remedy):
            tell("  " + printable(line))
        if values.get("cafile") == CAFILE and not self._ask_for_cafile(values, remedy):
            return False
        header, after = self._placed(remedy, values)
        verdict = self._file.judge(after).verdict(self._result)
        if verdict.state != ACCEPTED:
            tell("By %s with that section it would still be %s" % (printable(self._path), escaped(str(verdict))))
            return False
        self._show(header, after)
        sent = _sent_and_in_file(self._chain, values["cafile"]) if "cafile" in remedy.changes else []
        if not self._agreed(values, sent):
            return False
        self._write(after)
        return True

    def _comment(self, remedy: Remedy) -> Iterator[str]:
        if remedy in self._advice.remedies:  # else it is of a person, who knows why
            for line in sections(self._advice._replace(remedies=(remedy,)))[0].splitlines():
                if line.startswith("# "):
                    yield line

    def _placed(self, remedy: Remedy, values: Dict[str, str]) -> Tuple[str, str]:
        """The head of the section, and the text of the file with it, by which no other server is refused.

        Where a rule for all ports of the host cannot be changed for the sake of one, that one gets a rule of its own;
        and so does what the options say, which is about no other port.

        Raises:
            Refused: there is none.
        """
        own = "host %s" % target(self._target.host, self._target.port)
        others = [result for result in self._known if result is not self._result]
        why = ""
        for header in dict.fromkeys((self._advice.section if remedy in self._advice.remedies else own, own)):
            try:
                after = self._file.text_with(header, values, remedy.changes)
            except Refused as exc:
                raise Refused("%s%s" % (exc, why and "; " + why)) from exc
            broken = [*self._file.broken(self._file.judge(after), others)]
            if not broken:
                if why:
                    tell("It gets a rule of its own, %s." % why)
                return header, after
            why = "or others would not pass any more: " + ", ".join(escaped(each.label) for each in broken)
        raise Refused("there is no section for it in %s, %s" % (self._path, why))

    # What it takes

    def _ask_for_cafile(self, values: Dict[str, str], remedy: Remedy) -> bool:
        """Put the path of a file by which the server passes in the place of the one that stands for it."""
        for _ in range(_TRIES):
            answer = ask(
                "The file, in PEM, that holds %s. Get it from the server's operator, not by this connection "
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
            check_values({key: values[key] for key in values if key in changes})
            found = config.parse(with_section("", self._advice.section, values), self._path)
        except (Refused, OSError, ValueError) as exc:
            return printable(str(exc))
        found.strict = self._file.by_file.found.strict
        verdict = ByFile(found).verdict(self._result)
        if verdict.state != ACCEPTED:
            return escaped(str(verdict))
        if rule.doubt:
            warn("check", printable(rule.doubt))
        return ""

    # It is written

    def _write(self, after: str) -> None:
        try:
            self._file.write(after)
            self._tell_written()
        except KeyboardInterrupt:
            if self._result not in self._written and self._file.is_written(after):
                tell("")
                self._tell_written()
            raise

    def _tell_written(self) -> None:
        problem = self._file.problem_of(self._result)
        said = "but " + printable(problem) if problem else "the server passes by it."
        tell("Written to %s; %s" % (printable(self._path), said))
        if not problem:
            self._written.append(self._result)

    # What a person sees and says

    def _show(self, header: str, after: str) -> None:
        old, new = (section_of(text, header) for text in (self._file.text, after))
        tell("%s, in %s:" % ("This section is changed" if old else "A new section", printable(self._path)))
        for line in difflib.ndiff(old, new):
            if not line.startswith("?"):
                tell("  " + printable(line))

    def _agreed(self, values: Dict[str, str], sent: Sequence[int]) -> bool:
        """Whether a person has said that what the server sent of itself is right, and that it may be written."""
        rule = self._rule
        pins = [pin for pin in split(values.get("fingerprint", "")) if rule is None or pin not in rule.fingerprint]
        name = values.get("server_hostname")
        known = (self._target.host, rule.server_hostname if rule is not None else None)
        new_name = [] if name is None or host_key(name) in map(host_key, filter(None, known)) else [name]
        if pins or sent or new_name:
            return (
                all(map(is_pin_told, pins)) and all(map(self._is_sent_told, sent)) and all(map(is_name_told, new_name))
            )
        return yes("Write it? (yes or no) ")

    def _is_sent_told(self, number: int) -> bool:
        """Whether that certificate, of those that were sent, is the operator's."""
        tell(_SENT % (number + 1))
        return is_pin_told(fingerprint(self._chain[number]))


#: where the rule stands, and what it says that would not count any more
_VIOLATED = (
    "\nThe rule at %s is violated: it may be somebody else who answers. A rule without its %s is not written here; ask "
    "the server's operator, and change it by hand."
)

#: a file that was made of what came by the connection proves as little as a pin that was
_SENT = "The file holds certificate %d of those that the server sent, and anybody on the path could have sent it."


def _anchors_lost(remedy: Remedy) -> List[str]:
    """The keys by which the operator has said whom to trust, and which the remedy takes away."""
    return [key for key in ("fingerprint", "cafile") if key in remedy.changes and key not in dict(remedy.rule)]


def _sent_and_in_file(chain: Sequence[bytes], path: str) -> List[int]:
    """Which of the certificates that a server sent OpenSSL finds in a file, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except OSError as exc:
        raise Refused("%s cannot be read: %s" % (path, exc)) from exc
    return [chain.index(der) for der in dict.fromkeys(chain) if _is_in(context, der)]


def _is_in(context: ssl.SSLContext, der: bytes) -> bool:
    before = context.cert_store_stats()["x509"]
    try:
        context.load_verify_locations(cadata=der)
    except ssl.SSLError:  # nor could it be in a file
        return False
    return context.cert_store_stats()["x509"] == before


def _is_safe(remedy: Remedy) -> bool:
    return dict(remedy.rule).keys() <= SAFE_KEYS
