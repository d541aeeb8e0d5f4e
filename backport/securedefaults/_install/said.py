"""What was said over each connection that is in the middle of something: of a mail, or of a login.

It is kept by the socket, and outside of everything that belongs to the program: a client may be pickled, may have no
room for another attribute, and may be no more than a stand-in for another one.
"""

from __future__ import annotations

from .._beside import Beside
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from .._tls.commands import Spoken

_said = Beside(kept(__name__).setdefault("said", {}))


def over(sock: Any) -> Optional[Spoken]:
    """What was said over that socket; None if nothing that matters.

    Args:
        sock: whatever a client has for a socket.
    """
    spoken: Optional[Spoken] = _said.get(sock)
    return spoken


def keep(sock: Any, spoken: Optional[Spoken]) -> None:
    """Remember that, in the place of what was known; nothing of what cannot be followed by a weak reference.

    Args:
        sock: as above.
        spoken: all that was said; None for nothing.
    """
    if spoken is None or spoken.is_blank():
        _said.drop(sock)
    else:
        _said.put(sock, spoken)
