"""What an SMTP object was asked to connect to, which it does not keep itself.

It is kept beside the object: an attribute could be in the way of its class, and would be pickled with it.
"""

from __future__ import annotations

import weakref

from .. import _policy
from .._beside import Beside
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional


class Asked:
    """What was asked of one `connect()`.

    Args:
        port: that was asked for, as it was given; None if there is none.

    Attributes:
        host: that was asked for; None if the object knows that.
        thought: what it thinks that it is.
        port: see above.
        is_stale: whether nothing of it counts.
    """

    def __init__(self, port: object) -> None:
        self.host: Optional[str] = None
        self.thought: object = None
        self.port = port
        self.is_stale = False
        self._socket: Optional[Callable[[], Any]] = None
        self._ended = _policy.ended

    def connected(self, sock: Any) -> None:
        """It has led to that socket."""
        try:
            self._socket = weakref.ref(sock)
        except TypeError:  # whatever somebody has put into its place
            self._socket = lambda: sock

    def about(self, sock: Any) -> Asked:
        """The same, if that socket is the one that it has led to, or is about to lead to; else what still counts."""
        if sock is None or self._socket is None or self._socket() is sock:
            return self
        other = Asked(None)
        other.host, other.thought = self.host, self.thought
        # There may have been another `connect()` of which nobody told us, for nothing was in force.
        other.is_stale = self._ended != _policy.ended
        return other


_asked = Beside(kept(__name__).setdefault("asked", {}))


def note(connection: Any, asked: Asked) -> None:
    """That is what the object is asked for now."""
    _asked.put(connection, asked)


def asked_of(connection: object, sock: Any = None) -> Optional[Asked]:
    """What the object was asked for last; None if that is not known.

    Args:
        connection: the object.
        sock: the socket that it is about; None for any.
    """
    asked: Optional[Asked] = _asked.get(connection)
    return asked.about(sock) if asked is not None else None
