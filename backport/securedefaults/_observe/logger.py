"""The logger "securedefaults", and which of its handlers a record goes to; `telling` says why not to all."""

from __future__ import annotations

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
#: methods of streams, the same
_WRITE = (io.TextIOWrapper.write, io.StringIO.write)
#: packages whose streams do the same, in their ways: for colours, notebooks, progress bars
_STREAMS = frozenset(("codecs", "tempfile", "colorama", "click", "IPython", "ipykernel", "idlelib", "tqdm", "rich"))


def log(level: int, text: str, subject: Hashable, **extra: object) -> None:
    """Log a record, for those who may be told.

    Args:
        level: of the record.
        text: of the record.
        subject: what it is about: equal for equal servers and verdicts.
        extra: more attributes of the record.
    """
    try:
        code = log.__code__  # a freezer may leave no `__file__`
        where = code.co_filename, code.co_firstlineno
        record = logger.makeRecord(logger.name, level, *where, "%s", (text,), None, code.co_name, extra)
        hand_out(record, subject)
    except Exception:
        logging.Handler(level).handleError(logging.makeLogRecord({"name": logger.name}))


def hand_out(record: logging.LogRecord, subject: Hashable) -> None:
    """Give a record to those who may be told."""
    telling = Telling()
    if len(telling.ours) > 1:
        return  # somebody who only writes connects all the same
    reached = [handler for handler in _handlers() if record.levelno >= handler.level]
    busy = set(map(id, telling.handlers))
    told = [handler for handler in reached if only_writes(handler) and id(handler) not in busy]
    if len(told) < len(reached) and not telling.goes_on and is_first(subject):
        told = reached
    if len(told) == len(reached):
        logger.handle(record)  # as everybody does, and so somebody may have wrapped it
        return
    passed: Any = not logger.disabled and logger.filter(record)
    if passed:
        for handler in told:
            handler.handle(passed if isinstance(passed, logging.LogRecord) else record)


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


def is_plain(stream: Any) -> bool:
    """Whether a stream is known to write what it is given, and to do nothing else; None is."""
    cls: Any = type(stream)
    return stream is None or cls.__module__.partition(".")[0] in _STREAMS or getattr(cls, "write", None) in _WRITE


def all_only_write(name: str) -> bool:
    """Whether that is so of all handlers of the logger of that name."""
    return all(map(only_writes, _handlers(name)))
