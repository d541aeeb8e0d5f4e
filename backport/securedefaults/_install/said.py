"""What was said over each connection that is in the middle of something: of a mail, or of a login.

It is kept by the socket, and outside of everything that belongs to the program: a client may be pickled, may have no
room for another attribute, and may be no more than a stand-in for another one.
"""

from __future__ import annotations

import weakref

from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

    from .._tls.commands import Spoken

#: by id of the socket, which is not kept alive
_said: Dict[int, Tuple[weakref.ref[Any], Spoken]] = kept(__name__).setdefault("said", {})


def over(sock: Any) -> Optional[Spoken]:
    """What was said over that socket; None if nothing that matters.

    Args:
        sock: whatever a client has for a socket.
    """
    belongs, spoken = _said.get(id(sock), (None, None))
    return spoken if belongs is not None and belongs() is sock else None


def keep(sock: Any, spoken: Optional[Spoken]) -> None:
    """Remember that, in the place of what was known; nothing of what cannot be followed by a weak reference.

    Args:
        sock: as above.
        spoken: all that was said; None for nothing.
    """
    key = id(sock)
    if spoken is None or spoken.is_blank():
        _said.pop(key, None)
        return

    def forget(gone: weakref.ref[Any], said: Dict[int, Tuple[weakref.ref[Any], Spoken]] = _said) -> None:
        # without any global name, for at the end of the interpreter there is none
        if key in said and said[key][0] is gone:
            del said[key]

    try:
        _said[key] = weakref.ref(sock, forget), spoken
    except TypeError:
        _said.pop(key, None)
