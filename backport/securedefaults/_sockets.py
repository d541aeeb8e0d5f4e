"""Leave no usable clear-text socket behind."""

from __future__ import annotations

import contextlib
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def cut(sock: Any) -> None:
    """Make sure that nothing more can be sent over `sock`, whoever else holds it.

    `close()` alone is not enough: while a file made by `makefile()` is open it keeps the descriptor, and
    `sendall()` goes on working.
    """
    if sock is None:
        return
    # A socket that was detached, or whose peer has gone, cannot be shut down and need not be.
    with contextlib.suppress(OSError, AttributeError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def is_connected(sock: socket.socket) -> bool:
    """Whether a handshake can be made now; else it is made when the socket is connected."""
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
