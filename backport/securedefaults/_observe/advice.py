"""What is wrong with a certificate that was refused, and what helps: plain data, and the one wording of it.

`_tls.remedies` finds it out. Notes, warnings, `check`, `report`, the HTML page and the summary of pytest print it.
"""

from __future__ import annotations

import datetime
import re
import shlex
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .._entrypoints import ENTRY_POINTS, IMPLICIT, PROTOCOLS
from .._policy.identity import host_key, without_scope
from .._policy.rules import as_ascii, checked_pin, is_host, split_port, utc_today
from .._text import printable
from . import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AbstractSet, Iterator, Mapping

    from .._policy.rules import HostRule


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        kind: what sort of thing it is, one of those in `codes`.
        code: the verify code; None if OpenSSL was not asked.
        message: OpenSSL's words for it.
        certificate: which of those that were sent, 0 is the server's own; None if that is not known.
        detail: what is to be known besides, in words of ours: which names, which day, who is missing.
    """

    kind: str
    code: Optional[int]
    message: str
    certificate: Optional[int] = None
    detail: str = ""

    def __str__(self) -> str:
        text = "%s: %s" % (self.kind, ascii(self.message)[1:-1].rstrip("."))
        if self.code is not None:
            text += " (verify code %d)" % self.code
        if self.certificate:
            text += ", in certificate %d of those that were sent" % (self.certificate + 1)
        return text + ("; " + self.detail if self.detail else "")


def said(code: Optional[int], message: str) -> Fault:
    """The fault that a verify code and its message tell of, and no more."""
    return Fault(codes.of(code, message).kind, code, message)


class Remedy(NamedTuple):
    """A rule by which the server passes: it was tried.

    Attributes:
        rule: all of its keys and values, as they stand in a section of the configuration file.
        changes: the keys that the rule in place does not have, or has with another value, or has and this one has not.
        needs: whose certificate has to be in the file that CAFILE stands for; empty if there is none.
    """

    rule: Tuple[Tuple[str, str], ...]
    changes: Tuple[str, ...]
    needs: str = ""


class Advice(NamedTuple):
    """All that is wrong, and all that helps, the most secure first.

    Attributes:
        faults: in the order in which OpenSSL looks.
        remedies: none if it was not found out.
        section: the head of the section that a remedy is, without brackets: `"host mail.lan:587"`.
        place: where the rule stands that is in place, and that a remedy replaces; empty if there is none.
        why_not: why no more was found out; empty if all was.
    """

    faults: Tuple[Fault, ...] = ()
    remedies: Tuple[Remedy, ...] = ()
    section: str = ""
    place: str = ""
    why_not: str = ""


#: where nothing was refused
NOTHING = Advice()

#: where a certificate is that the server does not send
HERE = "in the trust store or the CA file of this machine"

#: in the place of a CA file that is not at hand
CAFILE = "/path/to/the-ca.pem"
#: in the place of the last day of an exemption, which is known when it is printed
SOON = "soon"
#: days until then
_DAYS = 30
#: of an exemption
REASON = "the server is to be mended"

#: the keys of a rule in the order in which they are printed
_KEYS = ("module", "cafile", "fingerprint", "server_hostname", "strict", "verify", "until", "reason")


def keys(rule: Optional[HostRule]) -> Dict[str, str]:
    """A rule as it stands in a section; empty if there is none."""
    if rule is None:
        return {}
    found: Dict[str, str] = {}
    if rule.module is not None and rule.host is not None:
        found["module"] = rule.module
    if rule.server_hostname is not None:
        bare = rule.server_hostname.strip("[]")
        found["server_hostname"] = as_ascii(bare) or bare
    for name in ("cafile", "until", "reason"):
        value = getattr(rule, name)
        if value is not None:
            found[name] = " ".join(str(value).split()) if name == "reason" else str(value)
    if rule.fingerprint:
        found["fingerprint"] = " ".join(rule.fingerprint)
    if rule.strict is not None:
        found["strict"] = "yes" if rule.strict else "no"
    if not rule.verify:
        found["verify"] = "no"
    return found


#: what a file has to hold
OWN = "the server's own certificate"
_CA, _FAULTLESS, _STRICT = (
    *("the certificate of the CA", ", and that has no fault of its own", " by the strict rules of RFC 5280"),
)
_NEEDS = re.compile(
    r"(?:%s|%s(?: \"[\w .,&+()-]+\"| that issued the server's)(?:%s(?:%s)?)?)?" % (OWN, _CA, _FAULTLESS, _STRICT),
    re.ASCII,
)


def of_ca(name: Optional[str], *, seen: bool, strict: bool = False) -> str:
    """The certificate of a CA, in words.

    Args:
        name: None if it has none that can be printed.
        seen: whether it was sent; else nobody knows whether it has a fault.
        strict: whether the strict rules count.
    """
    text = _CA + (' "%s"' % name if name else " that issued the server's")
    return text if seen else text + _FAULTLESS + (_STRICT if strict else "")


def in_order(rule: Mapping[str, str]) -> Tuple[Tuple[str, str], ...]:
    """These keys and values as a Remedy has them."""
    return tuple((key, rule[key]) for key in _KEYS if key in rule)


def changed(old: Mapping[str, str], new: Mapping[str, str], needs: str = "") -> Remedy:
    """The remedy that a rule is in the place of another one.

    Args:
        old: keys and values of the rule in place; none if there is no rule.
        new: the same of the other one.
        needs: see `Remedy`.
    """
    return Remedy(in_order(new), tuple(key for key in {**old, **new} if old.get(key) != new.get(key)), needs)


def section(rule: Optional[HostRule], host: Optional[str], port: Optional[int], key: Optional[str]) -> Tuple[str, str]:
    """The head of the section for a server, empty if there can be none; and the place of the rule that it replaces.

    That is the rule in place if all that it may be changed to counts for that server. One for another port or another
    link counts in part, and one for a module is for other servers, too.

    Args:
        rule: that is in place.
        host: that the program asked for.
        port: that it connects to.
        key: of the host, by `host_key()`.
    """
    if rule is not None and rule.is_about(key, port):
        where = target(rule.host, rule.port)
        return ("", "") if where is None else ("host " + where, rule.source)
    where = target(host, port)
    return "" if where is None else "host " + where, ""


def target(host: Optional[str], port: Optional[int]) -> Optional[str]:
    """Host and port as they stand in a section; None if they cannot stand there."""
    found = as_ascii(host or "")
    if found is None or not (port is None or 0 < port < 65536):
        return None
    if port is None:
        return found
    return "%s:%d" % ("[%s]" % found if ":" in found else found, port)


# In words


def fault_lines(advice: Advice) -> List[str]:
    """Each fault in one line, then why no more is known, if so."""
    lines = [str(fault) for fault in advice.faults]
    return [*lines, "more is not known: " + printable(advice.why_not)] if advice.why_not else lines


def server_lines(advice: Advice) -> List[str]:
    """What is to be done at the server, one line for each fault."""
    return list(dict.fromkeys(map(_at_the_server, advice.faults)))


def _at_the_server(fault: Fault) -> str:
    if fault.detail.endswith(HERE):
        return "Nothing: it is to be mended here."
    return codes.of(fault.code, fault.message).server


def sections(advice: Advice, most: Optional[int] = None) -> List[str]:
    """The remedies as they are to be copied, the most secure first; any one of them is enough.

    Each is a whole section of the configuration file with a comment; or a HostRule, where one in the program is in
    place, which comes before all that is in the file.

    Args:
        advice: with the remedies.
        most: how many; None for all.
    """
    return ["\n".join(_section(advice, remedy)) for remedy in advice.remedies[:most]]


def _section(advice: Advice, remedy: Remedy) -> Iterator[str]:
    rule = _dated(remedy)
    yield from ("# " + line for line in _comment(advice, remedy, rule))
    if advice.place.startswith("HostRule("):
        yield _as_code(advice.section, rule)
        return
    yield "[%s]" % advice.section
    for key, value in in_order(rule):
        yield "%s = %s" % (key, printable(value))


def can_be_written(remedy: Remedy) -> bool:
    """Whether each value can stand in a line of the configuration file."""
    return all(map(_is_line, dict(remedy.rule).values()))


def _dated(remedy: Remedy) -> Dict[str, str]:
    """Its rule, with the last day of an exemption, if it is one."""
    rule = dict(remedy.rule)
    if "until" in rule:
        rule["until"] = str(utc_today() + datetime.timedelta(_DAYS))
    return rule


def _comment(advice: Advice, remedy: Remedy, rule: Dict[str, str]) -> Iterator[str]:
    """What the rule does, and what is to be looked at before it is copied."""
    if advice.place:
        yield "This replaces the rule at %s." % printable(advice.place)
    if "verify" in rule:
        yield "The last resort: nobody is verified, so anybody on the path can read all that is sent."
    elif "fingerprint" in remedy.changes and "fingerprint" in rule:
        yield "This certificate alone, until it is renewed: compare its fingerprint with the one that the operator has."
    else:
        yield from _verified_parts(advice, remedy, rule)


def _verified_parts(advice: Advice, remedy: Remedy, rule: Dict[str, str]) -> Iterator[str]:
    if remedy.needs:
        yield "It passes if the file holds %s: get that from the server's operator." % remedy.needs
    elif "cafile" in remedy.changes:
        yield "The platform trusts the CA, so no CA file is needed."
    if "fingerprint" in remedy.changes:
        yield "It passes without the pin: chain, name and dates are verified. Was it the operator who changed it?"
    if "verify" in remedy.changes:
        yield "It passes without the exemption: chain, name and dates are verified."
    if "server_hostname" in remedy.changes:
        name = rule.get("server_hostname")
        if name is None:
            yield "The certificate is for the host's own name."
        elif name == _host_of(advice.section):
            yield "That is so without a rule, too: instead, the rule can be removed."
        else:
            yield "The certificate is for this name. Make sure that it is the operator's; then better connect by it."
    if "strict" in remedy.changes:
        yield "The strict rules of RFC 5280 do not count for this host; chain, name and dates are verified."


def _as_code(head: str, rule: Dict[str, str]) -> str:
    host, port = split_port(head.partition(" ")[2])
    arguments = [repr(host), *([] if port is None else [repr(port)])]
    for key, value in in_order(rule):
        if key in ("strict", "verify"):
            arguments.append("%s=%r" % (key, value == "yes"))
        elif key == "fingerprint":
            pins = value.split()
            arguments.append("%s=%r" % (key, pins[0] if len(pins) == 1 else pins))
        else:
            arguments.append("%s=%r" % (key, value))
    return "securedefaults.HostRule(%s)" % ", ".join(arguments)


def note_lines(advice: Advice, most: int = 2, ask: Optional[str] = None) -> List[str]:
    """All of it as a traceback shows it.

    Args:
        advice: what is to be told.
        most: how many remedies.
        ask: the command that tells all of them; None if there is none.
    """
    lines = ["What is wrong:", *("- " + line for line in fault_lines(advice))]
    lines += ["What to do at the server:", *("- " + line for line in server_lines(advice))]
    if nothing_helps(advice):
        lines.append(NOTHING_HELPS)
    if advice.remedies:
        lines.append("Rules that were tried and make it pass, the most secure first; any one is enough:")
        lines += ["    " + line for text in sections(advice, most) for line in text.splitlines()]
    else:
        here = dict.fromkeys(codes.of(fault.code, fault.message).here for fault in advice.faults)
        lines += ["What to do here:", *("- " + line for line in here if line), "- " + _PIN] if any(here) else [_PIN]
    return [*lines, "All of it: " + ask] if ask is not None else lines


#: where no rule was tried
_PIN = "A rule can pin the server's certificate, once its fingerprint was compared with what its operator says."


#: Keys that take over what the server has sent, or accept anything: there has to be room to say what to look at.
_TO_BE_COMPARED = frozenset(("fingerprint", "server_hostname", "verify"))


def in_one_line(advice: Advice, ask: Optional[str] = None) -> str:
    """What is to be said after the verdict: all other faults, the best remedy, and who tells the rest.

    Args:
        advice: what is to be told.
        ask: the command that tells all of it; None if there is none.
    """
    parts = [str(fault) for fault in advice.faults[1:]]
    if advice.remedies and not _TO_BE_COMPARED.intersection(advice.remedies[0].changes):
        lines = sections(advice, 1)[0].splitlines()
        head, *rule = (line for line in lines if not line.startswith("#"))
        parts.append("it passes by " + " ".join([head, ", ".join(rule)]).rstrip())
    if ask is not None and advice != NOTHING:
        parts.append("all of it: " + ask)
    return "".join("; " + part for part in parts)


def nothing_helps(advice: Advice) -> bool:
    """Whether no rule makes the server pass by which it is still verified who it is."""
    return bool(advice.remedies) and not advice.why_not and not any(_verifies(remedy) for remedy in advice.remedies)


def _verifies(remedy: Remedy) -> bool:
    return not {"fingerprint", "verify"} & dict(remedy.rule).keys()


#: what is said then
NOTHING_HELPS = (
    "No rule was found by which this certificate can be verified: it takes another one, of the server or of its CA. A "
    "pin and an exemption do without."
)


def command(entry_point: str, protocol: str, host: Optional[str], port: Optional[int]) -> Optional[str]:
    """The command that asks a server itself, and tells everything; None if it cannot be asked.

    Args:
        entry_point: by which the program came, as in `status()`.
        protocol: of the server, SMTP and so on.
        host: that the program asked for.
        port: that it connects to.
    """
    where = target(host, port)
    kinds = [each.kind for each in ENTRY_POINTS if each.name == entry_point]
    known = PROTOCOLS.get(protocol)
    if where is None or not kinds or known is None:
        return None
    service = known.implicit if kinds[0] == IMPLICIT else known.upgrade
    if service is None:
        return None
    if port is None and ":" in where:
        where = "[%s]" % where
    return "securedefaults check " + shlex.quote("%s://%s" % (service.schemes[0], where))


# In a log and in memory


def size(advice: Advice) -> int:
    """How many bytes it takes to keep it, about."""
    texts = [text for fault in advice.faults for text in (fault.message, fault.detail)]
    texts += [value for remedy in advice.remedies for _, value in remedy.rule]
    return sum(120 + len(text) for text in texts)


def as_dict(advice: Advice) -> Dict[str, Any]:
    """The same for JSON; empty if there is nothing."""
    if not advice.faults:
        return {}
    remedies = [{"rule": _dated(each), "changes": list(each.changes), "needs": each.needs} for each in advice.remedies]
    return {
        "faults": [fault._asdict() for fault in advice.faults],
        "remedies": remedies,
        "section": advice.section,
        "place": advice.place,
        "why_not": advice.why_not,
    }


def from_dict(values: Any) -> Advice:
    """What `as_dict()` returned.

    Raises:
        ValueError: it is something else, or a remedy has more than a rule can have.
    """
    if values == {}:
        return NOTHING
    try:
        found = Advice(
            tuple(_fault(each) for each in _listed(values["faults"])),
            tuple(_remedy(each) for each in _listed(values["remedies"])),
            *(_text(values[name]) for name in ("section", "place", "why_not")),
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError("advice has no %s" % exc) from exc
    if (found.section or found.remedies) and _host_of(found.section) is None:
        raise ValueError("advice is for %r" % found.section)
    return found


def is_for(advice: Advice, host: Optional[str]) -> bool:
    """Whether its rules are for that host."""
    found = _host_of(advice.section)
    return not advice.section or (
        found is not None and host is not None and without_scope(host_key(found)) == without_scope(host_key(host))
    )


#: of faults and of remedies
_MOST = 16


def _listed(values: Any) -> List[Any]:
    if not isinstance(values, list) or len(values) > _MOST:
        raise ValueError("advice is %r" % type(values))
    return values


def _fault(values: Any) -> Fault:
    code, place = values["code"], values["certificate"]
    for number in (code, place):
        if number is not None and type(number) is not int:
            raise ValueError("a number of a fault is %r" % (number,))
    if values["kind"] not in codes.KINDS:
        raise ValueError("a fault is of kind %r" % (values["kind"],))
    return Fault(values["kind"], code, _text(values["message"]), place, printable(_text(values["detail"])))


def _remedy(values: Any) -> Remedy:
    rule = values["rule"]
    for key, value in rule.items():
        if key not in _KEYS or not _text(value) or not _CHECKS[key](value):
            raise ValueError("a remedy has %s = %r" % (key, value))
    if not _makes_sense(rule.keys()):
        raise ValueError("a remedy has %s" % sorted(rule))
    if "until" in rule:
        rule = {**rule, "until": SOON}
    changes, needs = tuple(_text(each) for each in _listed(values["changes"])), _text(values["needs"])
    if not set(_KEYS).issuperset(changes) or not _NEEDS.fullmatch(needs):
        raise ValueError("a remedy has %r, and needs %r" % (changes, needs))
    return Remedy(in_order(rule), changes, needs)


def _makes_sense(names: AbstractSet[str]) -> bool:
    """Whether a rule can have just these keys."""
    if "verify" in names:
        return names.isdisjoint(("cafile", "fingerprint", "strict"))
    if "until" in names or ("fingerprint" in names and not names.isdisjoint(("cafile", "strict"))):
        return False
    return not names.isdisjoint(("cafile", "fingerprint", "server_hostname", "strict"))


#: characters of a text: a rule may have many pins
_LONGEST = 20_000


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("advice has %r" % type(value))
    return value


def _host_of(head: str) -> Optional[str]:
    """The host that the head of a section is for; None if it is none."""
    kind, _, where = head.partition(" ")
    try:
        host, _port = split_port(where)
    except ValueError:
        return None
    return host if kind == "host" and is_host(host) else None


def _are_pins(value: str) -> bool:
    try:
        return all(map(checked_pin, value.split()))
    except ValueError:
        return False


def _is_line(value: str) -> bool:
    return value.isprintable() and value == value.strip()


_CHECKS = {
    "module": lambda value: all(part.isidentifier() for part in value.split(".")),
    "cafile": _is_line,
    "fingerprint": _are_pins,
    "server_hostname": is_host,
    "strict": ("yes", "no").__contains__,
    "verify": "no".__eq__,
    "until": lambda value: value == SOON or len(value) == 10,
    "reason": _is_line,
}
