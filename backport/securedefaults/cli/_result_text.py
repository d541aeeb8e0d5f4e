"""The results of `securedefaults check` for people: a block of lines, or one line, for each target."""

from __future__ import annotations

import re
from typing import Iterator, List, Sequence

from .._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from .._observe import advice as advices
from .._observe.advice import Advice
from .._policy.rules import HostRule
from .._text import printable
from .._tls.verdict import Verdict
from .._tls.x509 import MOST_NAMES, key_pin
from ._probe import Sent
from ._result import FINE, NOT_KNOWN, SKIPPED, UNJUDGED, WRONG, Result, chain_names, kinds_that_are

#: names of a certificate that are shown
_SHOWN_NAMES = 8

_WORDS = {
    ACCEPTED: "accepted",
    REFUSED: "REFUSED",
    UNKNOWN: "could not be judged",
    EXEMPT: "exempt by a rule: NOT VERIFIED",
}


def block(result: Result) -> str:
    """All that there is to say of a target."""
    lines = ["%s: %s" % (printable(result.label), _headline(result))]
    if result.same_as:
        return lines[0]
    lines += ["    " + line for line in _lines(result)]
    return "\n".join(line.rstrip() for line in lines)


def brief(result: Result) -> str:
    """The same in one line, `OUTCOME TARGET WHAT`; in the first two there is no space, to be told apart by."""
    return "%s %s %s" % (result.outcome, re.sub(r"\s", "_", printable(result.label)), _brief(result))


def _brief(result: Result) -> str:
    verdict = result.verdict
    text = verdict.state
    wrong = ", ".join(kinds_that_are(result.kinds, WRONG))
    if wrong:
        text += " (%s)" % wrong
    if verdict.reason:
        text += ": " + escaped(verdict.reason)
    return text + _about_days(result) + _same(result)


def _headline(result: Result) -> str:
    verdict = result.verdict
    reason = ": " + escaped(verdict.reason) if verdict.reason else ""
    return _WORDS[verdict.state] + reason + _about_days(result) + _same(result)


def _about_days(result: Result) -> str:
    if result.too_few_days:
        return "; TOO FEW DAYS LEFT, %s of %d" % (result.days_left, result.days)
    if result.outcome == UNJUDGED and result.verdict.state != UNKNOWN:
        return "; its last day could not be read"
    return ""


def _same(result: Result) -> str:
    return "; same as %s" % printable(result.same_as) if result.same_as else ""


def _lines(result: Result) -> Iterator[str]:
    if result.rule is not None:
        yield "rule: " + _rule_text(result.rule)
        yield from _without_rule(result)
    if result.sent is None:
        return
    yield from _kind_lines(result)
    for line in fault_lines(result.foreseen):
        yield "foreseen, with VERIFY_X509_STRICT, as Python sets it since 3.13: " + line
    if result.strict and result.lenient:
        yield "by the platform alone: " + _platform_text(result.strict, result.lenient)
    yield from _sent_lines(result, result.sent)
    yield from _remedies(result)


def _rule_text(rule: HostRule) -> str:
    text = rule.source
    if not rule.verify and rule.until is not None:
        text += ", until %s" % rule.until if rule.exempt else ", which ended on %s" % rule.until
    if rule.reason:
        text += ", because: " + rule.reason
    return printable(text)


def _without_rule(result: Result) -> Iterator[str]:
    """What the rule changes."""
    if result.without is None:
        return
    yield "without the rule: " + escaped(str(result.without))
    for line in fault_lines(result.faults):
        yield "  " + line


def _kind_lines(result: Result) -> Iterator[str]:
    """What is wrong, each thing by its kind, and what is not."""
    kinds = result.kinds
    for index, line in enumerate(fault_lines(result.advice)):
        # after the faults there may be a line about what is not known
        yield "wrong: " + line if index < len(result.advice.faults) else line
    for state, words in ((FINE, "fine"), (SKIPPED, "not asked for"), (NOT_KNOWN, "not known")):
        found = ", ".join(kinds_that_are(kinds, state))
        if found:
            yield "%s: %s" % (words, found)


def fault_lines(advice: Advice) -> List[str]:
    """Each fault in one line that nobody else can have begun."""
    return [escaped(line) for line in advices.fault_lines(advice)]


def _platform_text(strict: Verdict, lenient: Verdict) -> str:
    if str(strict) == str(lenient):
        return escaped(str(strict)) + ", with VERIFY_X509_STRICT and without"
    return "with VERIFY_X509_STRICT %s; without %s" % (escaped(str(strict)), escaped(str(lenient)))


def _sent_lines(result: Result, sent: Sent) -> Iterator[str]:
    yield "%s, certificates sent: %d" % (sent.tls, len(sent.chain))
    for subject, issuer in chain_names(sent):
        if subject is not None:
            yield "  %s, issued by %s" % (escaped(subject) or "nobody named", escaped(issuer or "nobody named"))
    if result.leaf is not None:
        yield "names: " + _names_text(result.leaf.names)
        left = "" if result.days_left is None else ", days left: %d" % result.days_left
        yield "not after: %s%s" % (escaped(result.leaf.not_after), left)
    if result.fingerprint is not None:
        yield "certificate: " + result.fingerprint
    if result.leaf is not None:
        yield "public key:  " + key_pin(result.leaf.public_key)


def _names_text(names: Sequence[str]) -> str:
    shown = ", ".join(map(escaped, names[:_SHOWN_NAMES])) or "none"
    if len(names) >= MOST_NAMES:  # there may be more than `Leaf` has looked at
        return shown + ", and more"
    return shown + (", and %d more" % (len(names) - _SHOWN_NAMES) if len(names) > _SHOWN_NAMES else "")


def _remedies(result: Result) -> Iterator[str]:
    for line in advices.server_lines(result.advice):
        yield "what to do at the server: " + printable(line)
    if advices.nothing_helps(result.advice):
        yield advices.NOTHING_HELPS
    sections = advices.sections(result.advice)
    if sections:
        yield "if that is the right server, any one of these rules is enough; they were tried, the most secure first:"
    for text in sections:
        yield ""
        # to be copied as it is: the letters of a path of this machine stay
        yield from ("    " + printable(line) for line in text.splitlines())


def escaped(text: str) -> str:
    """In visible ASCII alone: nothing that a server chose is to pass for a line of our own."""
    return "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in text)
