"""`securedefaults config check`: what a configuration file says, and what is wrong with it."""

from __future__ import annotations

import argparse
import os
import re
import ssl
from typing import Any, Dict, Iterator, List, Optional

from .._names import OFF
from .._observe.events import now
from .._policy.config import Configuration, read, read_configured
from .._policy.environment import (
    CONFIG_VARIABLE,
    LOG_VARIABLE,
    MACHINE_FILE,
    MODE_VARIABLE,
    config_path,
    environment,
    is_the_machines,
)
from .._policy.files import LONGEST_CAFILE, open_file, read_text, who_else, why_no_log
from .._policy.rules import HostRule, utc_today
from .._text import printable
from .._tls.x509 import Leaf
from ._output import complain, print_json, say

HELP = "check a configuration file, and say what it means"

DESCRIPTION = """\
Reads a configuration file as securedefaults.apply() does, and says in words what each rule does. What is wrong is
named with file and line; so is what works but is probably not meant: an exemption without an end, a CA that has
expired, a log that only one of several users can write to, a file that others may change (which root does not obey).
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
    if args.file == "":  # a variable of the shell that is not set
        return _error("FILE is empty: name a file, or leave it out")
    path = args.file or config_path()
    if path is None:
        return _error("there is no configuration file: $%s is not set, and no %s" % (CONFIG_VARIABLE, MACHINE_FILE))
    found = read(path) if args.file else read_configured(path)
    doubts = [*map(printable, _doubts(found))]
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
            yield "  %s: %s" % (name, printable(value))
    for rule in found.rules:
        yield "  %s: %s" % (rule.source.partition(": ")[2], printable(meaning(rule)))
    if doubts:
        yield ""
        yield from doubts


def meaning(rule: HostRule) -> str:
    """What a rule does, in words."""
    parts = []
    if rule.cafile:
        parts.append("trusts the certificates in %s and no others" % rule.cafile)
    if rule.fingerprint:
        parts.append("accepts the certificate by its fingerprint, whatever its CA, names and dates")
    if rule.server_hostname:
        parts.append("the certificate has to be for %s" % rule.server_hostname)
    if rule.strict is not None:
        parts.append("verified %s the strict rules of RFC 5280" % ("by" if rule.strict else "without"))
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
        if _is_for_several(found):
            yield from _about_a_log_of_several(found.path, found.log)
    for rule in found.rules:
        yield from ("%s: %s" % (rule.source, doubt) for doubt in _about_the_rule(rule))


def _about_the_file(found: Configuration) -> Iterator[str]:
    yield from found.doubts
    if not found.doubts and is_the_machines(found.path):
        problem = _who_else_but_root(found.path)
        if problem:
            yield "%s: programs of root refuse it, for others may change it: %s" % (found.path, problem)


def _who_else_but_root(path: str) -> str:
    descriptor = open_file(path)
    try:
        return who_else(path, descriptor, owners=(0,))
    finally:
        os.close(descriptor)


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
        yield "%s: log: %s cannot be written to: %s" % (path, log, why_no_log(log))


def _is_for_several(found: Configuration) -> bool:
    """Whether it is a file that programs of other users read, too, with one log for all of them."""
    if os.name != "posix" or found.for_each_user:
        return False
    readable = os.stat(found.path).st_mode & 0o044 and os.stat(found.path).st_uid == 0
    folders = [os.path.realpath(found.path)]
    while folders[-1] != os.path.dirname(folders[-1]):
        folders.append(os.path.dirname(folders[-1]))
    return is_the_machines(found.path) or bool(readable and all(os.stat(each).st_mode & 0o011 for each in folders[1:]))


def _about_a_log_of_several(path: str, log: str) -> Iterator[str]:
    """Whoever writes first makes the log, with mode 0600."""
    try:
        mode = os.lstat(log).st_mode
    except OSError:
        if os.path.isdir(os.path.dirname(log)):
            text = "%s: log: the program that writes first makes %s, and others cannot write to it; %s"
            yield text % (path, log, _OWN_LOG)
        return
    if not mode & 0o022 and os.path.isfile(log):
        yield "%s: log: only one user may write to %s (mode %04o); %s" % (path, log, mode & 0o7777, _OWN_LOG)


_OWN_LOG = (
    "give each user one (log = ~/securedefaults.jsonl), or make it first, for a group of users who trust each other"
)


def _about_the_rule(rule: HostRule) -> Iterator[str]:
    if rule.doubt:
        yield rule.doubt
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
