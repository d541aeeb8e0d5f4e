"""The logger "securedefaults", and which of its handlers a record goes to; `telling` says why not to all."""

from __future__ import annotations

import contextlib
import io
import logging

from .telling import Telling, is_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Hashable, Iterator, Optional

logger = logging.getLogger("securedefaults")

#: methods of handlers that write what they are given, and do nothing else with it
_WRITERS = frozenset(
    (
        "logging.StreamHandler.emit",
        "logging.FileHandler.emit",
        "logging.NullHandler.emit",
        "logging.handlers.BaseRotatingHandler.emit",
        "logging.handlers.WatchedFileHandler.emit",
        "logging.handlers.SysLogHandler.emit",
        "logging.handlers.NTEventLogHandler.emit",
        "unittest._log._CapturingHandler.emit",
        "unittest.case._CapturingHandler.emit",
        "_pytest.logging.LogCaptureHandler.emit",
    )
)
_HANDLE = (logging.Handler.handle, logging.NullHandler.handle)
#: methods of streams, the same, as far as that is so of what is below them
_WRITE = (io.TextIOWrapper.write, io.StringIO.write)
#: packages whose streams do the same in their ways, for colours or notebooks; some stand around another stream
_STREAMS = frozenset(("codecs", "encodings", "tempfile", "colorama", "click", "IPython", "ipykernel", "tqdm"))

#: Seconds to wait for the lock of a handler, while we are in the middle of another one and hold that one's.
_PATIENCE = 0.25


def log(level: int, text: str, subject: Hashable, *, above: int = logging.NOTSET, **extra: object) -> None:
    """Log a record, for those who may be told.

    Args:
        level: of the record.
        text: of the record.
        subject: what it is about: equal for equal servers and verdicts.
        above: the least level of the handlers that it is for.
        extra: more attributes of the record.
    """
    if not logger.isEnabledFor(level):
        return
    try:
        code = log.__code__  # a freezer may leave no `__file__`
        where = code.co_filename, code.co_firstlineno
        record = logger.makeRecord(logger.name, level, *where, "%s", (text,), None, code.co_name, extra)
        hand_out(record, subject, above)
    except Exception:
        with contextlib.suppress(Exception):  # stderr may be closed, or somebody's own
            logging.Handler(level).handleError(logging.makeLogRecord({"name": logger.name}))


def hand_out(record: logging.LogRecord, subject: Hashable, above: int) -> None:
    """Give a record to those who may be told."""
    telling = Telling()
    if len(telling.ours) > 1:
        return  # somebody who only writes connects all the same
    reached = [handler for handler in _handlers() if above <= handler.level <= record.levelno]
    busy = set(map(id, telling.handlers))
    told = [handler for handler in reached if only_writes(handler) and id(handler) not in busy]
    if len(told) < len(reached) and not telling.goes_on and is_first(subject):
        told = reached
    if len(told) == len(reached) and not above and not telling.goes_on:
        logger.handle(record)  # as everybody does, and so somebody may have wrapped it
        return
    passed: Any = not logger.disabled and logger.filter(record)
    if passed:
        for handler in told:
            _hand(handler, passed if isinstance(passed, logging.LogRecord) else record, waits=not telling.goes_on)


def _hand(handler: logging.Handler, record: logging.LogRecord, *, waits: bool) -> None:
    lock: Any = getattr(handler, "lock", None)
    if waits or lock is None:
        handler.handle(record)
        return
    # Another thread may be in the middle of this one, and wait for the one that we are in the middle of.
    if lock.acquire(timeout=_PATIENCE):
        try:
            handler.handle(record)
        finally:
            lock.release()


def _handlers(name: str = logger.name) -> Iterator[logging.Handler]:
    """Those that `Logger.callHandlers()` calls."""
    found = False
    at: Optional[logging.Logger] = logging.getLogger(name)
    while at is not None:
        for handler in at.handlers:
            found = True
            yield handler
        at = at.parent if at.propagate else None
    if not found and logging.lastResort is not None:
        yield logging.lastResort


def only_writes(handler: logging.Handler) -> bool:
    """Whether what a handler does with a record is known, and can lead to no connection of an entry point."""
    emit: Any = getattr(type(handler), "emit", None)
    name = "%s.%s" % (getattr(emit, "__module__", ""), getattr(emit, "__qualname__", ""))
    if name not in _WRITERS or type(handler).handle not in _HANDLE:
        return False
    if "emit" in vars(handler) or "handle" in vars(handler):
        return False  # somebody has put something else into their place
    return is_plain(getattr(handler, "stream", None))


def is_plain(stream: Any, depth: int = 4) -> bool:
    """Whether a stream is known to write what it is given, and to do nothing else; None is."""
    if stream is None:
        return True
    cls: Any = type(stream)
    if depth and getattr(cls, "write", None) in _WRITE:
        try:
            below = getattr(stream, "buffer", None)
        except ValueError:  # it was detached
            return False
        return _is_own(below) and _is_own(getattr(below, "raw", None))
    if not depth or cls.__module__.partition(".")[0] not in _STREAMS:
        return False
    within = list(getattr(stream, "__dict__", {}).values())
    return all(is_plain(inner, depth - 1) for inner in within if hasattr(inner, "write"))


def _is_own(buffer: Any) -> bool:
    """Whether that is a class of `io` itself; None is."""
    return buffer is None or type(buffer).__module__ in ("io", "_io")


def all_only_write(name: str) -> bool:
    """Whether that is so of all handlers of the logger of that name."""
    return all(map(only_writes, _handlers(name)))
