"""`securedefaults check`: would these servers be accepted? Without a program, and without a password.

Its parts: `_targets` (what is asked for), `_examine` (one server), `_as_done` and `_interrupts` (many at once),
`_result` and `_result_text` (what is told), `_write_config` with `_questions`, `_file`, `_by_file`, `_sections` and
`_replace_file` (what helps, put into a file).
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
from typing import Any, Dict, Iterator, List, Optional, Sequence

from .._names import REFUSED
from .._policy import config
from .._policy.environment import config_path
from .._policy.files import absolute
from .._policy.policy import Policy
from .._policy.rules import HostRule
from .._text import printable
from . import _result_text
from ._as_done import as_done
from ._examine import Asked, examine
from ._interrupts import held
from ._output import complain, say, to_stderr, warn
from ._replace_file import Refused
from ._result import PASSED, Result, Summary
from ._targets import KINDS, STDIN, TABLE, AnyTarget, Kind, Target, all_targets, firsts, parse

HELP = "connect to servers, and say whether they would be accepted"

DESCRIPTION = """\
Connects to each server, asks for TLS in its protocol, and judges the certificates that it sends as programs under
securedefaults.apply() would, by the same configuration file and rules. No password is sent, and no login is tried.
Of each server that would be refused it says all that is wrong, and which rules were tried and help.
"""

EPILOG = (
    """\
A target is HOST:PORT with one of these ports, or a URL, which needs no port if it is the first of these:
"""
    + TABLE
    + """
An IPv6 address stands in brackets: [::1]:993. - reads targets from standard input; there, and in a FILE, write one
target on each line. # begins a comment at the beginning of a line or after a space. A server that is asked for twice,
also in two spellings, is connected to once.
Of FTP the control connection is checked. Rules for modules are not considered: there is no program here.

Results are printed as they come: a slow server does not hold up the others. Ctrl-C ends it with what is known so far.

A RULE is a section of the configuration file in one line, HOST[:PORT] KEY=VALUE ..., as for `securedefaults run`, and
counts before a rule of the file for the same host and port. --cafile and --servername change the rule that counts for
each target, or are one where there is none: a CA file takes the place of a pin and of an exemption. --strict and
--no-strict count before `strict` in the file, also in its rules, but not before that of a RULE.

--write-config asks about each server that FILE refuses: it shows the whole section that helps, and writes it once you
agree. What a server passes by that is in the other options alone is offered, too. A CA file is tried before the section
is written. A fingerprint, and a name that is not the host's, have to be typed as the server's operator tells them; so
has the fingerprint of what the server sent, where that is in the CA file. Exemptions are not written, no pin and no CA
file is taken away, and no other target of the same call is to be refused by it. It needs a terminal.

examples:
  securedefaults check mail.example.org:587 imaps://mail.example.org
would the server pass with this CA, and by that name?
  securedefaults check --cafile lan-ca.pem --servername mail.lan imaps://192.0.2.7
one line for each server, in a fixed order:
  securedefaults check --brief --file servers.txt | sort
in CI, with the answers kept:
  securedefaults check --json --file servers.txt > servers.jsonl
by cron, silent as long as all is well for two more weeks:
  report=$(securedefaults check --only-failures --min-days 14 --file servers.txt 2>&1) || echo "$report"

exit status: 0 all would be accepted, or are exempt by a rule; 1 at least one would be refused, or has too few days
left; 2 none of these, but at least one could not be judged: a bad target, no connection, no TLS; 130 interrupted
"""
)

__all__ = ("KINDS", "Kind", "Target", "parse")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    add = parser.add_argument
    add("targets", nargs="*", metavar="TARGET", help="HOST:PORT, or a URL such as imaps://HOST; - is standard input")
    add("--file", action="append", default=[], metavar="FILE", help="take targets from this file; - is standard input")
    add("--timeout", type=_seconds, default=10.0, metavar="SECONDS", help="for each target, default 10")
    text = "a certificate that ends in fewer days is a failure; default 0, do not look"
    add("--min-days", type=_days, default=0, metavar="N", help=text)
    add("--config", metavar="FILE", help="the configuration file, in the place of any other")
    add("--rule", metavar="RULE", action="append", default=[], help="a rule, see below; repeatable")
    add("--cafile", metavar="FILE", help="trust the CA certificates in this file for each target, and no others")
    add("--servername", metavar="NAME", help="the name to ask each server for, and to find in its certificate")
    strict = parser.add_mutually_exclusive_group()
    text = "verify by the stricter rules of VERIFY_X509_STRICT, which Python sets since 3.13"
    strict.add_argument("--strict", action="store_const", const=True, help=text)
    strict.add_argument("--no-strict", action="store_const", const=False, dest="strict", help="verify without them")
    add("--brief", action="store_true", help="print one line for each target")
    add("--only-failures", action="store_true", help="print nothing of what passes; it is counted all the same")
    add("--write-config", metavar="FILE", help="ask on the terminal what to write into this configuration file")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError("%r must be a number of seconds, more than 0 and at most a day" % text)
    return value


def _days(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError("%r must be a number of days, 0 or more" % text)
    return value


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    try:
        return _run(args)
    except Refused as exc:
        complain("check", printable(str(exc)))
        return 2
    except KeyboardInterrupt:  # before anything was asked, or once more at the end
        return Summary.INTERRUPTED


def _run(args: argparse.Namespace) -> int:
    _check_options(args)
    asked = Asked(_policy(args), args.timeout, args.min_days, _change(args))
    for doubt in (*asked.policy.doubts, *([asked.change.doubt] if asked.change and asked.change.doubt else [])):
        warn("check", printable(doubt))
    targets = all_targets(args.targets, args.file)
    if not targets:
        raise Refused("there is no target: give HOST:PORT, a URL, or a --file that has some")
    summary, printer = Summary(len(targets)), _Printer(args, len(targets))
    results: List[Result] = []
    written: List[Result] = []
    try:
        for result in _results(targets, asked):
            if args.write_config is not None:
                results.append(result)
            with held():  # what is counted is what was printed
                printer.result(result)
                summary.add(result.outcome)
        if args.write_config is not None:
            from ._write_config import write_remedies

            write_remedies(args.write_config, results, written)
    except KeyboardInterrupt:
        summary.interrupted = True
    summary.mended(_mended(results, written))
    printer.summary(summary)
    return summary.status


def _check_options(args: argparse.Namespace) -> None:
    """Whether they make sense together.

    Raises:
        Refused: they do not.
    """
    named = {"--config": args.config, "--cafile": args.cafile, "--write-config": args.write_config}
    for option, value in {**named, "--servername": args.servername}.items():
        if value is not None and not value.strip():  # a variable of the shell that is not set
            raise Refused("%s is empty: name %s, or leave it out" % (option, "a file" if option in named else "a host"))
    if args.json and args.brief:
        raise Refused("--json and --brief are two ways of printing: choose one of them")
    if args.write_config is None:
        return
    if args.config is not None and absolute(args.config) != absolute(args.write_config):
        raise Refused("--write-config judges by the file that it writes: leave --config out, or name the same file")
    if STDIN in (*args.targets, *args.file):
        raise Refused("--write-config asks on standard input, so no targets can come from there: put them into a file")
    # Here, for this module is imported by every command, also by `run`, whose program should find Python untouched.
    from ._write_config import check_possible, check_usable

    check_possible()
    check_usable(args.write_config)


# What is asked for


def _policy(args: argparse.Namespace) -> Policy:
    """To enforce by the configuration, and by what the command line says."""
    rules = [config.rule_in_words(text, "--rule") for text in args.rule]
    config.check_different(rules)
    file = _configuration(args)
    policy = Policy.plain()
    policy.strict = file.strict if args.strict is None and file else args.strict
    policy.rules = (*rules, *_by_strict(file.rules if file else (), args.strict))
    policy.doubts = (*(file.doubts if file else ()), *(rule.doubt for rule in policy.rules if rule.doubt))
    return policy


def _by_strict(rules: Sequence[HostRule], strict: Optional[bool]) -> Iterator[HostRule]:
    """The rules of the file, as `--strict` or `--no-strict` has them, which count before what these say about it."""
    for rule in rules:
        if strict is not None and rule.strict is (not strict):
            changed = copy.copy(rule)
            changed.strict = None  # so that the policy's counts
            changed.source = "%s, on top of %s" % ("--strict" if strict else "--no-strict", rule.source)
            yield changed
        else:
            yield rule


def _configuration(args: argparse.Namespace) -> Optional[config.Configuration]:
    """What the file says; the environment names one only if no option does."""
    path: Optional[str] = args.config
    if args.write_config is not None:
        path = args.write_config
        if not os.path.lexists(args.write_config):
            return None
    if path is not None:
        return config.read(absolute(path))
    path = config_path()
    return config.read_configured(path) if path is not None else None


def _change(args: argparse.Namespace) -> Optional[HostRule]:
    """What `--cafile` and `--servername` say."""
    given = {"--cafile": args.cafile, "--servername": args.servername}
    words = ["%s %s" % (option, value) for option, value in given.items() if value is not None]
    if not words:
        return None
    try:
        # the host is put in for each target
        rule = HostRule("localhost", cafile=args.cafile, server_hostname=args.servername)
    except OSError as exc:
        raise Refused("--cafile %s cannot be read: %s" % (args.cafile, exc.strerror or exc)) from exc
    except ValueError as exc:  # its text begins with the name of the argument
        name, _, text = str(exc).partition(" ")
        raise Refused("%s %s" % ({"cafile": "--cafile"}.get(name, "--servername"), text)) from exc
    rule.source = " ".join(words)
    return rule


def _results(targets: Sequence[AnyTarget], asked: Asked) -> Iterator[Result]:
    """Of each target, as they come; a server that was asked for twice is asked once."""
    repeats: Dict[int, List[int]] = {}
    for index, first in enumerate(firsts(targets)):
        repeats.setdefault(first, []).append(index)
    different = [*repeats]
    for number, result in as_done(lambda target: examine(target, asked), [targets[index] for index in different]):
        yield result
        for index in repeats[different[number]][1:]:
            yield result._replace(target=targets[index], same_as=result.target.where)


def _mended(results: List[Result], written: Sequence[Result]) -> int:
    """How many of the targets have not failed any more, after that was written for these."""
    places = {result.target.where for result in written}
    return sum(
        result.verdict.state == REFUSED
        and not result.too_few_days
        and (result.same_as or result.target.where) in places
        for result in results
    )


# What is printed


class _Printer:
    """Prints results as they come; how far we are is shown on a terminal in between."""

    def __init__(self, args: argparse.Namespace, total: int) -> None:
        self._args = args
        self._total = total
        self._done = 0
        stream: Any = getattr(sys, "stderr", None)
        self._shows = stream is not None and not stream.closed and stream.isatty()
        self._shown = ""

    def result(self, result: Result) -> None:
        """One more is done."""
        self._done += 1
        if not (self._args.only_failures and result.outcome == PASSED):
            self._hide()
            self._print(result)
        if self._done < self._total:
            self._show("%d of %d" % (self._done, self._total))
        else:
            self._hide()

    def _print(self, result: Result) -> None:
        if self._args.json:
            say(json.dumps(result.as_dict()))
        elif self._args.brief:
            say(_result_text.brief(result))
        else:
            say(_result_text.block(result) + "\n")

    def summary(self, summary: Summary) -> None:
        """The end."""
        self._hide()
        say(json.dumps({"summary": summary.as_dict()}) if self._args.json else str(summary))

    def _show(self, text: str) -> None:
        if self._shows:
            self._shown = text
            to_stderr("\r" + text)

    def _hide(self) -> None:
        if self._shown:
            to_stderr("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
