"""Signals wait while OpenSSL says no.

`_ssl` runs the handlers of signals before it has looked what the error was. What they do with TLS finds that error in
OpenSSL's queue, and takes it for its own: a good connection of theirs ends in an SSLError. A refused handshake of the
program's is one such moment, and whoever asks OpenSSL on purpose for what it would refuse makes many.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional

try:
    # What `signal` is made of; its own functions make enums, of each signal each time.
    import _signal  # type: ignore[import-not-found,unused-ignore]

    _mask: Any = _signal.pthread_sigmask  # type: ignore[attr-defined,unused-ignore]
    _block, _set = _signal.SIG_BLOCK, _signal.SIG_SETMASK  # type: ignore[attr-defined,unused-ignore]
    _all = frozenset(_signal.valid_signals())  # type: ignore[attr-defined,unused-ignore]
except (ImportError, AttributeError):  # Windows
    _mask = None


def hold() -> Optional[Iterable[int]]:
    """Let signals wait from now on; returns what `release()` takes.

    Only the main thread runs handlers. One that reaches another thread is not held; that is rare, and as it was before.
    """
    if _mask is None or threading.get_ident() != threading.main_thread().ident:
        return None
    held: Iterable[int] = _mask(_block, _all)
    return held


def release(held: Optional[Iterable[int]]) -> None:
    """Let them come again; their handlers run now.

    Raises:
        BaseException: what one of them raises.
    """
    if held is not None:
        _mask(_set, held)
