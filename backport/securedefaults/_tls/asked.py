"""What an SMTP object was asked to connect to, which it does not keep itself.

It is kept beside the object: an attribute could be in the way of its class, and would be pickled with it.
"""

from __future__ import annotations

import weakref

from .. import _policy
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple

    #: the object, and what it was asked for
    Entry = Tuple["weakref.ref[Any]", "Asked"]


class Asked:
    """What was asked of one `connect()`.

    Args:
        port: that was asked for, as it was given; None if there is none.

    Attributes:
        host: that was asked for; None if the object knows that.
        thought: what it thinks that it is.
        port: see above.
    """

    def __init__(self, port: object) -> None:
        self.host: Optional[str] = None
        self.thought: object = None
        self.port = port
        self._socket: Optional[Callable[[], Any]] = None
        self._ended = _policy.ended

    def connected(self, sock: Any) -> None:
        """It has led to that socket."""
        try:
            self._socket = weakref.ref(sock)
        except TypeError:  # whatever somebody has put into its place
            self._socket = lambda: sock

    def is_about(self, sock: Any) -> bool:
        """Whether that socket is the one that it has led to, or is about to lead to."""
        return sock is None or self._socket is None or self._socket() is sock

    def is_stale(self, sock: Any) -> bool:
        """Whether there may have been another `connect()` of which nobody told us, for nothing was in force."""
        return self._ended != _policy.ended and not self.is_about(sock)


#: by id of the object
_asked: Dict[int, Entry] = kept(__name__).setdefault("asked", {})


def note(connection: Any, asked: Asked) -> None:
    """That is what the object is asked for now."""
    key = id(connection)

    def forget(gone: object, entries: Dict[int, Entry] = _asked) -> None:
        entry = entries.get(key)
        if entry is not None and entry[0] is gone:
            del entries[key]

    try:
        _asked[key] = weakref.ref(connection, forget), asked
    except TypeError:
        return  # nothing can be kept beside it, and so nothing is known


def asked_of(connection: object) -> Optional[Asked]:
    """What the object was asked for last; None if that is not known."""
    entry = _asked.get(id(connection))
    return entry[1] if entry is not None and entry[0]() is connection else None
