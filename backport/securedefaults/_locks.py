"""What is shared by threads, and met by signal handlers and forked children as well.

A signal handler runs in the middle of whatever its thread does. It cannot wait for that, and is not to see half of
it. So a change is one step wherever it can be; a lock is one that its own thread can take again, and is held for a
step and not for work.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref

from ._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Union


class ReentrantLock:
    """A lock, for `with lock.held:`.

    Another thread may hold it while this process is forked off; that thread does not exist in the child, which gets a
    new lock.
    """

    def __init__(self) -> None:
        self.renew()
        _locks.add(self)

    def renew(self) -> None:
        """Start anew, in a forked child."""
        self.held = threading.RLock()


class Turns:
    """Bounds how many threads do the same work at once: `with turns.taken():`.

    There is no lock behind it that could be left locked. Who has waited for LONGEST seconds goes on, and so does who
    is in the middle of a turn already, as a signal handler is: the work is not to be done too often, that is all.

    Args:
        most: how many may do it.
    """

    #: seconds
    LONGEST = 1.0

    def __init__(self, most: int) -> None:
        self._most = most
        self.renew()
        _locks.add(self)

    def renew(self) -> None:
        """Start anew, in a forked child."""
        #: since when a thread does it or waits for it, in the order in which they came
        self._since: Dict[int, float] = {}

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it."""
        thread, now, since = threading.get_ident(), time.monotonic(), self._since
        begun = since.get(thread)
        if begun is not None and now - begun < self.LONGEST:
            yield
            return
        since.pop(thread, None)
        since[thread] = now
        try:
            while self._is_waiting(since, thread, now) and time.monotonic() - now < self.LONGEST:
                time.sleep(0.002)
            yield
        finally:
            since.pop(thread, None)

    def _is_waiting(self, since: Dict[int, float], thread: int, came: float) -> bool:
        # Those that have been at it for longer do not count: an exception may have come before they could end it.
        others = [other for other, start in since.copy().items() if came - start < self.LONGEST]
        return thread in others[self._most :]


def drop_oldest(entries: Dict[Any, Any], most: int) -> None:
    """Drop entries, the oldest first, as long as there are more than `most`.

    Who meets another thread here leaves the rest to the next one.
    """
    while len(entries) > most:
        try:
            entries.pop(next(iter(entries)), None)
        except (RuntimeError, StopIteration):
            return


_locks: weakref.WeakSet[Union[ReentrantLock, Turns]] = kept(__name__).setdefault("locks", weakref.WeakSet())


def _renew_all() -> None:
    for lock in _locks:
        lock.renew()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_renew_all)
