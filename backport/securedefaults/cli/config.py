"""`securedefaults config check`: what a configuration file says, and what is wrong with it."""

from __future__ import annotations

import argparse
import os
import re
import ssl
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .._names import OFF
from .._observe.events import now
from .._policy.config import Configuration, read
from .._policy.environment import CONFIG_VARIABLE, LOG_VARIABLE, MACHINE_FILE, MODE_VARIABLE, config_path, environment
from .._policy.files import LONGEST_CAFILE, read_text
from .._policy.identity import host_key
from .._policy.rules import HostRule, utc_today
from .._tls.x509 import Leaf
from ._output import complain, print_json, say

HELP = "check a configuration file, and say what it means"

DESCRIPTION = """\
Reads a configuration file as securedefaults.apply() does, and says in words what each rule does. What is wrong is
named with file and line; so is what works but is probably not meant: an exemption without an end, a rule that another
one hides, a CA that has expired, a file that others may change.
"""

EPILOG = """\
Without FILE: the one that $%s names, else %s.

exit status: 0 all is well; 1 something is probably not meant; 2 the file cannot be used, or there is none
""" % (CONFIG_VARIABLE, MACHINE_FILE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    check = parser.add_subparsers(required=True, metavar="check").add_parser("check", help=HELP)
    check.add_argument("file", nargs="?", metavar="FILE", help="default: the one that programs would read")
    check.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    path = args.file or config_path()
    if path is None:
        return _error("there is no configuration file: $%s is not set, and no %s" % (CONFIG_VARIABLE, MACHINE_FILE))
    found = read(path)
    doubts = [*_doubts(found)]
    if args.json:
        print_json(_as_dict(found, doubts))
    else:
        say("\n".join(_text(found, doubts)))
    return 1 if doubts else 0


def _error(text: str) -> int:
    complain("config", text)
    return 2


def _as_dict(found: Configuration, doubts: List[str]) -> Dict[str, Any]:
    rules = [{"source": rule.source, "does": meaning(rule), "exempt": rule.exempt} for rule in found.rules]
    general = {"mode": found.mode, "strict": found.strict, "log": found.log}
    return {"file": found.path, **general, "rules": rules, "doubts": doubts}


def _text(found: Configuration, doubts: List[str]) -> Iterator[str]:
    yield "%s: %d rule%s" % (found.path, len(found.rules), "" if len(found.rules) == 1 else "s")
    strict = None if found.strict is None else "yes" if found.strict else "no"
    for name, value in (("mode", found.mode), ("strict", strict), ("log", found.log)):
        if value is not None:
            yield "  %s: %s" % (name, value)
    for rule in found.rules:
        yield "  %s: %s" % (rule.source.partition(": ")[2], meaning(rule))
    if doubts:
        yield ""
        yield from doubts


def meaning(rule: HostRule) -> str:
    """What a rule does, in words."""
    parts = []
    if rule.cafile:
        parts.append("trusts the CA certificates in %s and no others" % rule.cafile)
    if rule.fingerprint:
        parts.append("accepts the certificate by its fingerprint, whatever its CA, names and dates")
    if rule.server_hostname:
        parts.append("the certificate has to be for %s" % rule.server_hostname)
    if rule.exempt:
        parts.append("NOT VERIFIED" + (", up to and with %s" % rule.until if rule.until else ""))
    elif not rule.verify:
        parts.append("verified again since the exemption ended, on %s" % rule.until)
    if rule.reason:
        parts.append("because: %s" % rule.reason)
    return "; ".join(parts)


# What is probably not meant


def _doubts(found: Configuration) -> Iterator[str]:
    yield from _about_the_file(found)
    if found.mode == OFF:
        yield "%s: mode = off: nothing is verified in programs that call a bare apply()" % found.path
    yield from _about_the_environment(found)
    if found.log is not None:
        yield from _about_the_log(found.path, found.log)
    first: Dict[Tuple[Any, ...], HostRule] = {}
    for rule in found.rules:
        key = rule.host and host_key(rule.host), rule.port, rule.module
        hiding = first.setdefault(key, rule)
        if hiding is not rule:
            yield "%s: never counts: %s is about the same" % (rule.source, hiding.source)
        yield from ("%s: %s" % (rule.source, doubt) for doubt in _about_the_rule(rule))


def _about_the_file(found: Configuration) -> Iterator[str]:
    mode = os.stat(found.path).st_mode
    if os.name == "posix" and mode & 0o022:
        yield "%s: others may write to it, and so switch verification off: chmod go-w" % found.path


def _about_the_environment(found: Configuration) -> Iterator[str]:
    for variable, value in ((MODE_VARIABLE, found.mode), (LOG_VARIABLE, found.log)):
        given = environment(variable)
        if given is not None and value is not None and given != value:
            yield "%s: the environment variable %s=%s counts, and not %s" % (found.path, variable, given, value)


def _about_the_log(path: str, log: str) -> Iterator[str]:
    existing = log if os.path.lexists(log) else os.path.dirname(log)
    if not os.path.exists(existing):
        yield "%s: log: there is no folder %s" % (path, existing)
    elif os.path.exists(log) and not os.path.isfile(log):
        yield "%s: log: %s is no file" % (path, log)
    elif not os.access(existing, os.W_OK):
        yield "%s: log: you may not write to %s; programs of other users perhaps may" % (path, log)


def _about_the_rule(rule: HostRule) -> Iterator[str]:
    if rule.exempt and rule.until is None:
        yield "verify = no has no end: add until = YYYY-MM-DD"
    if rule.exempt and not rule.reason:
        yield "verify = no has no reason: add reason = ..."
    if rule.until is not None and not rule.exempt:
        yield "the exemption ended %d days ago: remove it, or give a new date" % (utc_today() - rule.until).days
    if rule.cafile is not None:
        ends = _ends(rule.cafile)
        if ends is not None and ends < now():
            yield "a certificate in %s expired on %s" % (rule.cafile, ends[:10])


def _ends(cafile: str) -> Optional[str]:
    """The earliest last moment of the certificates in a file; None if none can be read."""
    text = read_text(cafile, LONGEST_CAFILE, "latin-1")
    blocks = re.findall(r"(?s)-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n?", text)
    ends = []
    for block in blocks:
        try:
            ends.append(Leaf(ssl.PEM_cert_to_DER_cert(block)).not_after)
        except ValueError:  # binascii's error is one
            continue
    return min(ends, default=None)
