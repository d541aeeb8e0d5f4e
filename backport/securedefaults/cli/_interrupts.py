"""Ctrl-C, where it may come only before or after something."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, List


@contextlib.contextmanager
def held() -> Iterator[None]:
    """What stands in it is done as a whole, and Ctrl-C counts at its end; a second one counts at once.

    So what waits for ever, for a reader who does not read, can be ended.
    """
    # Here, for the commands are imported also by `run`, whose program should find Python untouched.
    import signal
    import threading

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    came: List[int] = []

    def hold(number: int, _: Any) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt
