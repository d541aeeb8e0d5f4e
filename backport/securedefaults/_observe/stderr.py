"""One line on stderr, for who has a program protected that knows nothing of it and has not set up logging.

That is so under `securedefaults run` and with the autoload. A program that calls `apply()` itself has the exceptions,
and the logger.
"""

from __future__ import annotations

import io
import logging
import os
import select
import stat
import sys
import types

from .. import _policy
from .logger import is_plain, logger
from .telling import is_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Hashable, Optional


#: characters of a line
_LONGEST = 1000
#: and bytes that a pipe takes at once if it takes any
_MOST_AT_ONCE = getattr(select, "PIPE_BUF", 4096) - 1
_STDERR = 2
#: classes of what is below the buffer: files, and Windows' consoles
_FILES = (io.FileIO, getattr(io, "_WindowsConsoleIO", io.FileIO))


def is_for_us(level: int = logging.WARNING) -> bool:
    """Whether it is we who have to say it, as nobody has set up anything for records of that level."""
    policy = _policy.in_force
    # Who has disabled the logger, or set its level, has set up something.
    return policy is not None and policy.speaks and logger.isEnabledFor(level) and not logger.hasHandlers()


def say_once(text: str, subject: Hashable) -> None:
    """Say it, once for each subject in this process. What cannot be written now, and harmlessly, is lost."""
    line = "securedefaults: %s\n" % ascii(text[:_LONGEST])[1:-1]
    try:
        stream: Any = getattr(sys, "stderr", None)
        # A stream of somebody's own may do anything when it is written to: connect to a server, send it.
        if stream is None or not is_plain(stream):
            return
        descriptor = _descriptor(stream)
        if (descriptor is not None and not _takes(descriptor)) or not is_first(("said", subject)):
            return
        if _is_pythons_own(stream):
            # Past the buffer: what stays in it because nobody reads stderr would change the exit status, and a signal
            # handler may have interrupted somebody who writes to it.
            os.write(_STDERR, line[:_MOST_AT_ONCE].rstrip().encode("ascii") + b"\n")
        else:
            stream.write(line)
    except Exception:
        return  # it is closed, or broken, and that is no fault of the connection


def _descriptor(stream: Any) -> Optional[int]:
    """The file that a stream writes to in the end; None if there is none."""
    try:
        number: int = stream.fileno()
    except (io.UnsupportedOperation, AttributeError):
        return None
    return number


def _is_pythons_own(stream: Any) -> bool:
    """Whether there is nothing but a buffer between a stream and stderr, into which others may write bytes as well."""
    if stream is not getattr(sys, "__stderr__", None) or type(stream) is not io.TextIOWrapper:
        return False
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)
    if type(raw) not in _FILES or raw.fileno() != _STDERR:
        return False
    return "a\n".encode(stream.encoding) == b"a\n"


def _takes(descriptor: int) -> bool:
    """Whether a file takes a line at once, and is what a program wants to have text in.

    Nobody may read a pipe: then a line would wait for ever in a full one, and SIGPIPE end the program.
    """
    if os.isatty(descriptor):
        return True
    # Somebody has closed stderr, and opened something that got its number. Python's own files are not inherited by a
    # program that this one starts, stderr is, and so is what `dup2()` puts into its place.
    if descriptor == _STDERR and not os.get_inheritable(descriptor):
        return False
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return True
    make: Any = getattr(select, "poll", None)
    if not isinstance(make, types.BuiltinFunctionType):
        # Windows has none, nor has it SIGPIPE. gevent and eventlet let others run meanwhile, or take it away.
        return os.name == "nt"
    poll = make()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0) == [(descriptor, select.POLLOUT)])
