"""`securedefaults check`: would these servers be accepted? Without a program, and without a password."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from .._entrypoints import PROTOCOLS
from .._names import ACCEPTED, ENFORCE, EXEMPT, REFUSED, UNKNOWN
from .._observe import suggest
from .._observe.events import Observation, now
from .._policy.files import read_text
from .._policy.identity import identified, reference_identifier
from .._policy.policy import Policy
from .._policy.rules import HostRule, checked_host, split_port
from .._tls.trust import PlatformTrust, verdict_of
from .._tls.verdict import Verdict
from .._tls.x509 import Leaf, described, fingerprint, key_pin
from ._dialogue import Problem
from ._output import complain, print_json, say, standard_input, to_stderr
from ._probe import Sent, probe

#: bytes of a file with targets
_LONGEST = 1 << 20

HELP = "connect to servers, and say whether they would be accepted"

DESCRIPTION = """\
Connects to each server, asks for TLS in its protocol, and judges the certificates that it sends as programs under
securedefaults.apply() would, by the same configuration file and rules. No password is sent, and no login is tried.
"""


class Kind(NamedTuple):
    """A protocol and its way to TLS.

    Attributes:
        schemes: of its URLs; the first one is shown.
        protocol: SMTP, LMTP, IMAP, POP3, FTP or NNTP.
        implicit: TLS from the first byte, and not by an upgrade.
        ports: that mean it where there is no scheme; the first one is meant by a URL without a port.
    """

    schemes: Tuple[str, ...]
    protocol: str
    implicit: bool
    ports: Tuple[int, ...]


KINDS = tuple(
    Kind(service.schemes, protocol.name, implicit, service.ports)
    for protocol in PROTOCOLS.values()
    for implicit, service in ((False, protocol.upgrade), (True, protocol.implicit))
    if service is not None
)
_BY_SCHEME = {scheme: kind for kind in KINDS for scheme in kind.schemes}
_BY_PORT = {port: kind for kind in KINDS for port in kind.ports}

#: The table for people, one line for each kind.
TABLE = "\n".join(
    "  %-10s %-44s %s"
    % (
        ", ".join(map(str, kind.ports)),
        ", ".join(scheme + "://" for scheme in kind.schemes),
        kind.protocol + (", TLS from the first byte" if kind.implicit else ", upgraded to TLS"),
    )
    for kind in KINDS
)

EPILOG = (
    """\
A target is HOST:PORT with one of these ports, or a URL, which needs no port if it is the first of these:
"""
    + TABLE
    + """
An IPv6 address stands in brackets: [::1]:993. In a FILE there is one target a line; # begins a comment.
Of FTP the control connection is checked. Rules for modules are not considered: there is no program here.

examples:
  securedefaults check mail.example.org:587 imaps://mail.example.org
in CI, with the answers kept:
  securedefaults check --json --file servers.txt > servers.json
by cron, silent as long as all is well for two more weeks:
  report=$(securedefaults check --min-days 14 --file servers.txt 2>&1) || echo "$report"

exit status: 0 all would be accepted, or are exempt by a rule; 1 at least one would be refused, or has too few days
left; 2 none of these, but at least one could not be judged: a bad target, no connection, no TLS
"""
)

_WORKERS = 16
#: names that are shown, and kept for suggestions
_SHOWN_NAMES = 8

PASSED, FAILED, UNJUDGED = "passed", "failed", "unjudged"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="HOST:PORT, or a URL such as imaps://HOST")
    parser.add_argument(
        "--file", action="append", default=[], metavar="FILE", help="take targets from this file; - is standard input"
    )
    parser.add_argument("--timeout", type=_seconds, default=10.0, metavar="SECONDS", help="for each target, default 10")
    parser.add_argument(
        "--min-days",
        type=_days,
        default=0,
        metavar="N",
        help="a certificate that ends in fewer days is a failure; default 0, do not look",
    )


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError("must be more than 0, and at most a day")
    return value


def _days(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be less than 0")
    return value


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    policy = Policy(ENFORCE)
    targets = [*_from_arguments(args.targets), *(target for path in args.file for target in _from_file(path))]
    if not targets:
        return _usage("there is no target: give HOST:PORT, a URL, or a --file that has some")
    results = _examine_all(targets, policy, timeout=args.timeout, min_days=args.min_days)
    if args.json:
        print_json([result.as_dict() for result in results])
    else:
        say("\n\n".join(map(str, results)))
        say("\n" + _summary(results))
    outcomes = {result.outcome for result in results}
    return 1 if FAILED in outcomes else 2 if UNJUDGED in outcomes else 0


def _usage(text: str) -> int:
    complain("check", text)
    return 2


# Targets


class Target(NamedTuple):
    """What is to be checked, and where it was asked for."""

    where: str
    kind: Kind
    host: str
    port: int

    @property
    def url(self) -> str:
        """The one spelling."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s://%s:%d" % (self.kind.schemes[0], host, self.port)


class Bad(NamedTuple):
    """A target that is none."""

    where: str
    message: str


def _from_arguments(texts: Sequence[str]) -> Iterator[Union[Target, Bad]]:
    for number, text in enumerate(texts, 1):
        yield _target(text, "target %d" % number)


def _from_file(path: str) -> List[Union[Target, Bad]]:
    try:
        if path == "-":
            return _from_lines(standard_input(), "<stdin>")
        return _from_lines(read_text(path, _LONGEST).split("\n"), path)
    except (OSError, ValueError) as exc:  # UnicodeDecodeError is a ValueError
        reason = (exc.strerror if isinstance(exc, OSError) else None) or exc
        return [Bad(path, "cannot be read: %s (- is standard input)" % reason)]


def _from_lines(lines: Iterable[str], path: str) -> List[Union[Target, Bad]]:
    numbered = ((number, re.split(r"(?:^|\s)#", line)[0].strip()) for number, line in enumerate(lines, 1))
    return [_target(text, "%s:%d" % (path, number)) for number, text in numbered if text]


def _target(text: str, where: str) -> Union[Target, Bad]:
    try:
        return parse(text, where)
    except ValueError as exc:
        return Bad(where, str(exc))


def parse(text: str, where: str = "") -> Target:
    """What a target means.

    Args:
        text: HOST:PORT or a URL.
        where: it stands, for messages.

    Raises:
        ValueError: it is neither. The message has nothing of it that could be a part of a password.
    """
    scheme, separator, rest = text.partition("://") if "://" in text else ("", "", text)
    if "@" in rest:  # and then what stands before :// may be a part of a password as well
        raise ValueError("no user name and no password, please: they are not needed here, and nobody is to see them")
    kind = _kind(scheme) if separator else None
    if re.search(r"[/?#]", rest):
        raise ValueError("a path or a query means nothing here: SCHEME://HOST:PORT is all")
    host, port = _host_and_port(rest)
    if kind is not None:
        return Target(where, kind, host, port or kind.ports[0])
    shown = "[%s]" % host if ":" in host else host
    if port is None:
        raise ValueError("%s is not enough: add a port (%s:993), or write a URL (imaps://%s)" % (shown, shown, shown))
    if port not in _BY_PORT:
        raise ValueError("port %d does not say which protocol: write a URL, e.g. imaps://%s:%d" % (port, shown, port))
    return Target(where, _BY_PORT[port], host, port)


def _kind(scheme: str) -> Kind:
    kind = _BY_SCHEME.get(scheme.lower())
    if kind is None:
        shown = " " + scheme if re.fullmatch(r"[a-z][a-z0-9+.-]{0,20}", scheme, re.ASCII | re.IGNORECASE) else ""
        raise ValueError("no such scheme%s; there are %s" % (shown, ", ".join(_BY_SCHEME)))
    return kind


def _host_and_port(text: str) -> Tuple[str, Optional[int]]:
    if text.count(":") > 1 and not text.startswith("["):
        raise ValueError("an IPv6 address has to stand in brackets: [::1]:993")
    try:
        host, port = split_port(text)
        return checked_host(host, "host"), port
    except ValueError:
        # its text would show what may be a password
        raise ValueError("no HOST:PORT (a number from 1 to 65535), and no URL") from None


# Results


class Result(NamedTuple):
    """What came of a target.

    Attributes:
        target: or why there is none.
        verdict: of enforcement, by the configuration as it is.
        days: that have to be left.
        rule: that counts.
        sent: by the server.
        strict: the platform's verdict without any rule, with VERIFY_X509_STRICT.
        lenient: the same without it.
        leaf: what could be read of the certificate.
    """

    target: Union[Target, Bad]
    verdict: Verdict
    days: int
    rule: Optional[HostRule] = None
    sent: Optional[Sent] = None
    strict: Optional[Verdict] = None
    lenient: Optional[Verdict] = None
    leaf: Optional[Leaf] = None

    @property
    def fingerprint(self) -> Optional[str]:
        """Of the leaf."""
        return fingerprint(self.sent.chain[0]) if self.sent and self.sent.chain else None

    @property
    def days_left(self) -> Optional[int]:
        """Whole days until the certificate ends, less than 0 if it has ended; None if that is not known."""
        if self.leaf is None:
            return None
        try:
            end = datetime.datetime.strptime(self.leaf.not_after + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
        except ValueError:  # a server can send any digits
            return None
        return (end - datetime.datetime.now(datetime.timezone.utc)).days

    @property
    def too_few_days(self) -> bool:
        """Whether it ends sooner than was asked for."""
        return bool(self.days) and self.days_left is not None and self.days_left < self.days

    @property
    def outcome(self) -> str:
        """PASSED, FAILED or UNJUDGED."""
        if self.verdict.state == REFUSED or self.too_few_days:
            return FAILED
        if self.verdict.state == UNKNOWN or (self.days and self.days_left is None):
            return UNJUDGED
        return PASSED

    def suggestions(self) -> List[str]:
        """Sections for the configuration file, any one of which makes the server pass."""
        if isinstance(self.target, Bad) or self.sent is None:
            return []
        return suggest.rules(
            Observation(
                time=now(),
                mode=ENFORCE,
                protocol=self.target.kind.protocol,
                entry_point="",
                host=reference_identifier(self.target.host),
                port=self.target.port,
                verdict=self.verdict.state,
                code=self.verdict.code,
                message=self.verdict.message,
                strict_only=self.verdict.strict_only,
                tls=self.sent.tls,
                fingerprint=self.fingerprint,
                not_after=self.leaf.not_after if self.leaf else None,
                names=self.leaf.names if self.leaf else (),
            )
        )

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        target = self.target
        known: Dict[str, Any] = {"target": None, "where": target.where}
        if isinstance(target, Target):
            known.update(target=target.url, protocol=target.kind.protocol, implicit=target.kind.implicit)
            known.update(host=target.host, port=target.port)
        known.update(outcome=self.outcome, **_verdict_as_dict(self.verdict))
        known["rule"] = self.rule.source if self.rule else None
        if self.sent is not None:
            known.update(self._sent_as_dict(self.sent))
            known["suggestions"] = self.suggestions()
        return known

    def _sent_as_dict(self, sent: Sent) -> Dict[str, Any]:
        return {
            "with_strict": _verdict_as_dict(self.strict) if self.strict else None,
            "without_strict": _verdict_as_dict(self.lenient) if self.lenient else None,
            "tls": sent.tls,
            "chain": [
                {"fingerprint": fingerprint(der), "subject": subject, "issuer": issuer}
                for der, (subject, issuer) in zip(sent.chain, _chain_names(sent))
            ],
            "fingerprint": self.fingerprint,
            "key_pin": key_pin(self.leaf.public_key) if self.leaf else None,
            "names": list(self.leaf.names) if self.leaf else [],
            "not_after": self.leaf.not_after if self.leaf else None,
            "days_left": self.days_left,
        }

    def __str__(self) -> str:
        shown = self.target.url if isinstance(self.target, Target) else self.target.where
        lines = ["%s: %s" % (escaped(shown), self._headline())]
        if self.rule is not None:
            lines.append("    rule: " + _rule_text(self.rule))
        if self.sent is not None:
            lines += ["    " + line for line in self._details(self.sent)]
        suggestions = self.suggestions()
        if suggestions:
            place = "in the place of the rule above, " if self.rule is not None else ""
            lines += ["    if that is the right server, %sone of these in the configuration file:" % place]
            lines += ["        " + escaped(line) for text in suggestions for line in ["", *text.splitlines()]]
        return "\n".join(line.rstrip() for line in lines)

    def _headline(self) -> str:
        verdict = self.verdict
        text = _WORDS[verdict.state] + (": " + escaped(verdict.reason) if verdict.reason else "")
        if self.too_few_days:
            text += "; TOO FEW DAYS LEFT, %s of %d" % (self.days_left, self.days)
        elif self.outcome == UNJUDGED and verdict.state != UNKNOWN:
            text += "; its last day could not be read"
        return text

    def _details(self, sent: Sent) -> Iterator[str]:
        if self.strict and self.lenient:
            yield "by the platform alone: " + _platform_text(self.strict, self.lenient)
        yield "%s, certificates sent: %d" % (sent.tls, len(sent.chain))
        for subject, issuer in _chain_names(sent):
            if subject is not None:
                yield "  %s, issued by %s" % (escaped(subject) or "nobody named", escaped(issuer or "nobody named"))
        if self.leaf is not None:
            yield "names: " + _names_text(self.leaf.names)
            left = "" if self.days_left is None else ", days left: %d" % self.days_left
            yield "not after: %s%s" % (escaped(self.leaf.not_after), left)
        if self.fingerprint is not None:
            yield "certificate: " + self.fingerprint
        if self.leaf is not None:
            yield "public key:  " + key_pin(self.leaf.public_key)


_WORDS = {
    ACCEPTED: "accepted",
    REFUSED: "REFUSED",
    UNKNOWN: "could not be judged",
    EXEMPT: "exempt by a rule: NOT VERIFIED",
}


def _verdict_as_dict(verdict: Verdict) -> Dict[str, Any]:
    return {
        "verdict": verdict.state,
        "code": verdict.code,
        "message": verdict.message,
        "strict_only": verdict.strict_only,
    }


def _rule_text(rule: HostRule) -> str:
    text = rule.source
    if not rule.verify and rule.until is not None:
        text += ", until %s" % rule.until if rule.exempt else ", which ended on %s" % rule.until
    if rule.reason:
        text += ", because: " + rule.reason
    return escaped(text)


def escaped(text: str) -> str:
    """Without control characters: nothing that a server chose is to pass for a line of our own."""
    return ascii(text)[1:-1]


def _platform_text(strict: Verdict, lenient: Verdict) -> str:
    if str(strict) == str(lenient):
        return escaped(str(strict)) + ", with VERIFY_X509_STRICT and without"
    return "with VERIFY_X509_STRICT %s; without %s" % (escaped(str(strict)), escaped(str(lenient)))


def _names_text(names: Sequence[str]) -> str:
    shown = ", ".join(map(escaped, names[:_SHOWN_NAMES])) or "none"
    return shown + (", and %d more" % (len(names) - _SHOWN_NAMES) if len(names) > _SHOWN_NAMES else "")


def _chain_names(sent: Sent) -> List[Tuple[Optional[str], Optional[str]]]:
    """Subject and issuer of each certificate, where they are known."""
    if len(sent.described) != len(sent.chain):
        return [(None, None)] * len(sent.chain)
    return [
        (_distinguished(info.get("subject", ())), _distinguished(info.get("issuer", ()))) for info in sent.described
    ]


def _distinguished(name: Sequence[Sequence[Tuple[str, str]]]) -> str:
    return ", ".join("%s=%s" % (key, str(value)[:100]) for part in name for key, value in part)


def _summary(results: Sequence[Result]) -> str:
    counts = [sum(result.outcome == outcome for result in results) for outcome in (PASSED, FAILED, UNJUDGED)]
    return "targets: %d, passed: %d, failed: %d, not judged: %d" % (len(results), *counts)


# Work


def _examine_all(
    targets: Sequence[Union[Target, Bad]], policy: Policy, *, timeout: float, min_days: int
) -> List[Result]:
    """The results, in the order of the targets."""
    # Here, for this module is imported by every command, also by `run`, whose program should find Python untouched.
    from concurrent.futures import ThreadPoolExecutor, as_completed

    progress = _progress(len(targets))
    with ThreadPoolExecutor(_WORKERS) as workers:
        futures = [workers.submit(_examine, target, policy, timeout=timeout, min_days=min_days) for target in targets]
        try:
            for number, _ in enumerate(as_completed(futures), 1):
                progress(number)
        except BaseException:  # Ctrl-C: what has not begun is not to begin
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]


def _progress(total: int) -> Callable[[int], None]:
    """Shows how far we are on a terminal, and takes it away at the end."""
    stream = getattr(sys, "stderr", None)
    if stream is None or stream.closed or not stream.isatty():
        return lambda number: None

    def show(number: int) -> None:
        text = "%d of %d" % (number, total)
        to_stderr("\r" + (text if number < total else " " * len(text) + "\r"))

    return show


def _examine(target: Union[Target, Bad], policy: Policy, *, timeout: float, min_days: int) -> Result:
    if isinstance(target, Bad):
        return Result(target, Verdict(UNKNOWN, message=target.message), min_days)
    rule: Optional[HostRule] = None
    sent: Optional[Sent] = None
    try:
        host, key = identified(target.host)
        rule, exempt = policy.decision(key, target.port, "")
        name = rule.server_hostname if rule is not None and rule.server_hostname else host
        sent = probe(
            target.kind.protocol,
            implicit=target.kind.implicit,
            host=target.host,
            port=target.port,
            name=name,
            timeout=timeout,
        )
        leaf = described(sent.chain[0] if sent.chain else None)
        verdict = verdict_of(policy, rule, sent.chain, name, leaf, verify=not exempt)
        return _judged(Result(target, verdict, min_days, rule, sent), host)
    except Problem as exc:
        text = str(exc)
    except Exception as exc:  # a server's invention that we have not thought of; the others are to be checked
        text = "%s: %s" % (type(exc).__name__, exc)
    return Result(target, Verdict(UNKNOWN, message=text), min_days, rule, sent)


def _judged(result: Result, host: str) -> Result:
    """The same with all else that there is to know."""
    assert result.sent is not None
    chain = result.sent.chain
    leaf = None
    if chain:
        try:
            leaf = Leaf(chain[0])
        except ValueError:
            leaf = None
    return result._replace(
        leaf=leaf,
        strict=PlatformTrust.cached(True).verdict(chain, host),
        lenient=PlatformTrust.cached(False).verdict(chain, host),
    )
