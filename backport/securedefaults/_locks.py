"""Locks that a forked child can take."""

from __future__ import annotations

import os
import threading
import weakref


class Lock:
    """A lock, for `with lock.held:`.

    Another thread may hold it while this process is forked off; that thread does not exist in the child, which gets a
    new lock.
    """

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        self.held = threading.Lock()
        _locks.add(self)


_locks: weakref.WeakSet[Lock] = weakref.WeakSet()


def _renew_all() -> None:
    for lock in _locks:
        lock.held = threading.Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_renew_all)
