"""One line on stderr, for who has a program protected that knows nothing of it and has not set up logging.

That is so under `securedefaults run` and with the autoload. A program that calls `apply()` itself has the exceptions,
and the logger.
"""

from __future__ import annotations

import io
import logging
import os
import sys

from .. import _policy
from .logger import is_plain, logger
from .telling import Telling, is_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Hashable, Optional


#: characters of a line
_LONGEST = 1000


def is_for_us(level: int = logging.WARNING) -> bool:
    """Whether it is we who have to say it, as nobody has set up anything for records of that level."""
    policy = _policy.in_force
    # Who has disabled the logger, or set its level, has set up something.
    return policy is not None and policy.speaks and logger.isEnabledFor(level) and not logger.hasHandlers()


def say_once(text: str, subject: Hashable) -> None:
    """Say it, once for each subject in this process. What cannot be written is lost."""
    stream: Any = sys.stderr
    # A stream of somebody's own may connect to a server when it is written to; see `telling`.
    if stream is None or (Telling().goes_on and not is_plain(stream)) or not is_first(("said", subject)):
        return
    line = "securedefaults: %s\n" % ascii(text[:_LONGEST])[1:-1]
    try:
        descriptor = _descriptor(stream)
        if descriptor is None:
            stream.write(line)
        else:
            # Past the buffer: what stays in it because nobody reads stderr would change the exit status, and a signal
            # handler may have interrupted somebody who writes to it.
            os.write(descriptor, line.encode(stream.encoding, "backslashreplace"))
    except Exception:
        return  # it is closed, or broken, and that is no fault of the connection


def _descriptor(stream: Any) -> Optional[int]:
    """The file that Python's own stderr writes to; None if it is another stream."""
    if type(stream) is not io.TextIOWrapper:
        return None
    try:
        return stream.fileno()
    except io.UnsupportedOperation:
        return None
