"""Clear-text sockets: whether one can be used, and how none is left behind."""

from __future__ import annotations

import _socket
import errno
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def shut_down(*socks: Any) -> None:
    """Make sure that nothing more can be sent over these sockets, whoever else holds them; None is none.

    `close()` alone is not enough: while a file made by `makefile()` is open it keeps the descriptor, and
    `sendall()` goes on working.
    """
    for sock in socks:
        if sock is None:
            continue
        try:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            finally:
                sock.close()
        except (OSError, AttributeError):
            pass  # one that was detached, or whose peer has gone, cannot be shut down and need not be


def is_closed(sock: Any) -> bool:
    """Whether it is a socket that was closed; what people put into the place of one may work without a descriptor."""
    try:
        # the second for gevent's; a mock in its place is no class
        return isinstance(sock, (_socket.socket, socket.socket)) and bool(sock.fileno() == -1)
    except Exception:  # of somebody's subclass
        return False


def reset_before_tls() -> ConnectionResetError:
    """The error for a connection that is gone when TLS is to begin, of which `ssl` says nothing (CVE-2023-40217)."""
    return ConnectionResetError(errno.ECONNRESET, "the server closed the connection before the TLS handshake")
