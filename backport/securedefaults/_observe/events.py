"""What was seen: one Observation for each handshake, and where it goes.

Into the memory of this process (`report()`), to the logger "securedefaults", to `sys.audit()`, and as a line of JSON
to a file. Nothing of this can break the program, but for an audit hook that wants to.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import operator
import os
import stat
import sys
import time
from typing import Any, Dict, Hashable, List, NamedTuple, Optional, Tuple

from .._kept import call_in_child, kept
from .._locks import ReentrantLock
from .._names import ACCEPTED, ENFORCE, EXEMPT, REFUSED, UNKNOWN
from .._policy.files import why_no_log
from .._text import printable
from . import advice, stderr
from .advice import NOTHING, Advice
from .errors import refusal_in_one_line
from .logger import log as log_record
from .logger import logger
from .telling import Telling

#: The name of the audit event, with host, port, mode and verdict.
AUDIT_EVENT = "securedefaults.handshake"

#: Bytes of the log after which only what this process has not seen before is written; after twice that, nothing.
LOG_LIMIT = 32 << 20


class Observation(NamedTuple):
    """One handshake.

    Attributes:
        time: when, `"YYYY-MM-DDTHH:MM:SSZ"`.
        mode: `"enforce"` or `"warn"`.
        protocol: SMTP, LMTP, IMAP, POP3, FTP or NNTP.
        entry_point: as in `status()`, e.g. `"imaplib.IMAP4_SSL"`.
        host: the reference identifier; None if none is known.
        port: that the program connects to; None if it is no port.
        verdict: `"accepted"`, `"refused"`, `"unknown"`, or `"exempt"` by a rule that switches verification off.
        code: OpenSSL's verify code of a refusal.
        message: its text, or why nothing is known.
        strict_only: whether `VERIFY_X509_STRICT` is the only reason for the refusal.
        rule: where the rule stands that was applied, if there was one.
        tls: the version, e.g. `"TLSv1.3"`; None if there was no connection.
        fingerprint: of the leaf, `"sha256:1f:..."`; None if it is not known.
        not_after: the last moment of the leaf, as `time`.
        names: the first DNS names and IP addresses of the leaf.
        advice: of a refusal, all that is wrong, and all that helps.
        file: of the program's own line that led to the handshake.
        line: its number.
        module: the dotted name of the module that it is in.
        count: how many like this one, but for the time, this process has seen.
    """

    time: str
    mode: str
    protocol: str
    entry_point: str
    host: Optional[str]
    port: Optional[int]
    verdict: str
    code: Optional[int] = None
    message: str = ""
    strict_only: bool = False
    rule: Optional[str] = None
    tls: Optional[str] = None
    fingerprint: Optional[str] = None
    not_after: Optional[str] = None
    names: Tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    module: str = ""
    advice: Advice = NOTHING
    count: int = 1  # type: ignore[assignment]  # a tuple's method, of which nobody has need here

    @property
    def server(self) -> str:
        """Protocol, host and port in one string."""
        host = self.host or "a host without a name"
        host = "[%s]" % host if ":" in host and self.port is not None else host
        return "%s %s%s" % (self.protocol.lower(), host, "" if self.port is None else ":%d" % self.port)

    def as_dict(self) -> Dict[str, Any]:
        """The same for JSON."""
        return {**self._asdict(), "advice": advice.as_dict(self.advice) if self.advice.faults else {}}


def from_json(line: str) -> Observation:
    """The Observation in a line of a log.

    Raises:
        ValueError: there is none.
    """
    import json

    try:
        values = json.loads(line)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc
    if not isinstance(values, dict):
        raise ValueError("no JSON object")
    known: Dict[str, Any] = {}
    for name, kinds in _KINDS.items():
        if name in values or name not in Observation._field_defaults:
            value = values.get(name)
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise ValueError("%s is %r" % (name, value))
            known[name] = value
    known["names"] = tuple(name for name in known.get("names", ()) if isinstance(name, str))
    # Whatever that says, a refusal stays one.
    try:
        found = advice.from_dict(known.get("advice", {}))
    except ValueError:
        found = NOTHING
    known["advice"] = found if advice.is_for(found, known["host"]) else NOTHING
    if known["verdict"] not in (ACCEPTED, REFUSED, UNKNOWN, EXEMPT):
        raise ValueError("verdict is %r" % known["verdict"])
    return Observation(**known)


_TEXT: Tuple[type, ...] = (str,)
_MAYBE_TEXT = (str, type(None))
_MAYBE_NUMBER = (int, type(None))
_KINDS: Dict[str, Tuple[type, ...]] = {
    **dict.fromkeys(("time", "mode", "protocol", "entry_point", "verdict", "message", "file", "module"), _TEXT),
    **dict.fromkeys(("host", "rule", "tls", "fingerprint", "not_after"), _MAYBE_TEXT),
    **dict.fromkeys(("port", "code"), _MAYBE_NUMBER),
    **dict.fromkeys(("line", "count"), (int,)),
    "strict_only": (bool,),
    "names": (list, tuple),
    "advice": (dict,),
}


def as_text(seconds: float) -> str:
    """A time as Observations have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def now() -> str:
    """The time as Observations have it."""
    return as_text(time.time())


# Memory. A kind is an Observation without time and count.
#
# It has an end, whatever servers send and however many there are: what there is no room for is counted all the same,
# under a kind that says less. And each is counted, also while a signal handler counts that has interrupted just this,
# and while other threads do: hence the lock that can be taken again, and below it no step that cannot be interrupted.


class _Count:
    """How many of one kind were seen, and when the last was."""

    __slots__ = ("_left", "_numbers", "last")

    def __init__(self) -> None:
        # `self.count += 1` can be interrupted between reading and writing; to take the next of an iterator cannot. One
        # gives each its number, and the other can be asked where it is.
        self._numbers = itertools.count(1)
        self._left = itertools.repeat(None, sys.maxsize)
        self.last = 0.0

    def add(self) -> int:
        """One more; returns its number."""
        next(self._left)
        self.last = time.time()
        return next(self._numbers)

    @property
    def total(self) -> int:
        return sys.maxsize - operator.length_hint(self._left)


#: Leaves of one server that are told apart, for one line and verdict; and after these, what was said to them.
_MOST = 16
#: bytes of all that is kept, about; and the longest text
_ROOM, _LONGEST = 4 << 20, 300


def _size(kind: Observation) -> int:
    """How many bytes it takes to keep it, about."""
    texts = [kind.host, kind.message, kind.fingerprint, kind.not_after, *kind.names]
    return 700 + sum(60 + len(text) for text in texts if text) + (advice.size(kind.advice) if kind.advice.faults else 0)


_kept = kept(__name__)
_lock = ReentrantLock()
_seen: Dict[Observation, _Count] = _kept.setdefault("seen", {})
#: of kinds for which there was no room: neither server nor line
_rest: Dict[Observation, _Count] = _kept.setdefault("rest", {})
#: how many kinds there are of one that says nothing that a server has chosen, by its hash
_kinds: Dict[int, int] = _kept.setdefault("kinds", {})
_used = sum(map(_size, _seen))


def _remember(kind: Observation) -> int:
    """How many of this kind were seen, with this one."""
    with _lock.held:
        count = _seen.get(kind)
        return (_admitted(kind) if count is None else count).add()


def _admitted(kind: Observation) -> _Count:
    """Where a kind is counted that was not seen so far."""
    global _used
    kind = _limited(kind._replace(message=kind.message[:_LONGEST]))
    if kind not in _seen:
        _used += _size(kind)  # also if it is too much: then there is an end once and for all
        if _used > _ROOM:
            rest = Observation("", kind.mode, kind.protocol, "", None, None, kind.verdict, count=0)
            return _rest.setdefault(rest, _Count())
    return _seen.setdefault(kind, _Count())


def _limited(kind: Observation) -> Observation:
    """The same, without what its server has chosen if it has chosen too much."""
    reason = kind._replace(tls=None, fingerprint=None, not_after=None, names=(), strict_only=False, advice=NOTHING)
    nothing = reason._replace(code=None, message="")
    for number, candidate in enumerate((kind, reason)):
        if candidate in _seen:
            return candidate
        key = hash((nothing, number))
        if _kinds.get(key, 0) < _MOST and _used < _ROOM:
            _kinds[key] = _kinds.get(key, 0) + 1
            return candidate
    return nothing


def seen() -> Tuple[List[Observation], int]:
    """What this process has seen, each with its count and the time of the last.

    And how many of these are counted without server and line, because there were too many different ones.
    """
    # A copy is made in one step; to go through what others write to is none.
    kept, rest = _seen.copy(), _rest.copy()
    found = [
        kind._replace(time=as_text(count.last), count=count.total)
        for kind, count in [*kept.items(), *rest.items()]
        if count.total
    ]
    return found, sum(count.total for count in rest.values())


def was_seen_in(mode: str) -> bool:
    """Whether any handshake was seen in that mode."""
    return any(kind.mode == mode for memory in (_seen, _rest) for kind in memory.copy())


def forget() -> None:
    """Start anew."""
    global _used
    for memory in (_seen, _rest, _kinds):
        memory.clear()
    _used = 0


call_in_child(__name__, "forget")  # what the parent saw is the parent's to tell


# Where it goes


def observe(kind: Observation, log: Optional[str], note: str = "", *, until: Optional[object] = None) -> Hashable:
    """Tell everybody.

    Args:
        kind: what was seen.
        log: path of the log file; None if there is none.
        note: to be added to the record for the logger.
        until: the last day of an exemption; None if it has no end.

    Returns:
        what it is about: equal for equal servers and verdicts.

    Raises:
        Exception: whatever an audit hook raises, and nothing else.
    """
    count = _remember(kind)
    level = logging.INFO if kind.verdict == ACCEPTED else logging.WARNING
    subject = kind.server, kind.verdict
    if stderr.is_for_us():
        note = ""
        if kind.mode == ENFORCE and kind.verdict != ACCEPTED:  # in warn mode there are warnings
            stderr.say_once(_in_one_line(kind, until), subject)
    # A program that has not set up logging has not asked for this; warnings and exceptions tell it what matters, where
    # they can.
    listened = logger.isEnabledFor(level) and (logger.hasHandlers() or bool(note))
    if listened or note or log is not None:
        observation = kind._replace(time=now(), count=count)
        if listened:
            text = describe(observation) + ("\n" + note if note else "")
            log_record(level, text, subject, observation=observation)
        if note:
            # for those who want to hear of errors only
            above = level + 1 if listened else logging.NOTSET
            log_record(logging.ERROR, note, (subject, note), above=above)
        if log is not None:
            write(observation, log)
    _audit(kind)
    return subject


#: one for each call of `sys.audit()` that goes on now, in any thread
_audits: List[None] = []


def _audit(kind: Observation) -> None:
    # What a hook connects to itself, because it was called, is not told to it.
    if _audits and "_audit" in Telling().ours:
        return
    _audits.append(None)
    try:
        sys.audit(AUDIT_EVENT, kind.host, kind.port, kind.mode, kind.verdict)
    finally:
        _audits.pop()


def describe(observation: Observation) -> str:
    """One line of text; what a server chose stands in quotes."""
    verb = "would have " if observation.mode == "warn" else ""
    verdicts = {
        ACCEPTED: verb + "accepted",
        REFUSED: verb + "refused",
        UNKNOWN: "could not judge",
        EXEMPT: "did not verify, by a rule,",
    }
    text = "%s the certificate of %s" % (verdicts[observation.verdict], ascii(observation.server)[1:-1])
    if observation.message:
        text += ": %s" % ascii(observation.message)[1:-1]
    if observation.code is not None:
        text += " (verify code %d)" % observation.code
    return "%s at %s:%d" % (text, observation.file, observation.line)


def _in_one_line(kind: Observation, until: Optional[object]) -> str:
    if kind.verdict != EXEMPT:
        return refusal_in_one_line(kind.server, kind.message, kind.code)
    end = "without an end" if until is None else "until %s" % until
    reason = kind.message + ", " if kind.message else ""
    return "did not verify the certificate of %s, by a rule: %s%s" % (kind.server, reason, end)


_NOT_FOLLOWED = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"))
_complained: set[str] = set()


def write(observation: Observation, path: str) -> None:
    """Append a line to the log. Whatever goes wrong is said once to the logger, and to nobody else."""
    try:
        _append(observation, path)
    except Exception as exc:
        if path not in _complained:
            _complained.add(path)
            log_record(logging.WARNING, _unwritten(path, exc), path)


def _unwritten(path: str, exc: Exception) -> str:
    said = getattr(exc, "strerror", None) or exc
    why = ""
    if isinstance(exc, OSError):
        with contextlib.suppress(Exception):
            why = why_no_log(path)
    return printable(
        "securedefaults cannot write to the log %s: %s%s; what this process sees is not in it"
        % (path, said, " (%s)" % why if why else "")
    )


def _append(observation: Observation, path: str) -> None:
    import json

    values = {key: value for key, value in observation.as_dict().items() if value not in (None, "", (), {})}
    line = json.dumps({**values, "pid": os.getpid()}, separators=(",", ":")) + "\n"
    # Opened anew each time: daemons close what they do not know, logs are rotated, processes fork. One write() to a
    # file opened for appending is not torn by those of other processes. No link and no pipe: the path may be in a
    # folder where others can write.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NOT_FOLLOWED, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        if status.st_size < LOG_LIMIT or (observation.count == 1 and status.st_size < 2 * LOG_LIMIT):
            data = line.encode("ascii")
            if os.write(descriptor, data) < len(data):
                os.write(descriptor, b"\n")  # the disk is full; the next line begins a line
    finally:
        os.close(descriptor)
