"""Which name a connection's certificate is to carry, from all that is known about the connection."""

from __future__ import annotations

import socket
import weakref

from ._identity import reference_identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Union

    from ._entrypoints import Module

    Name = Union[str, bytes, None]

#: the attribute of a client with (what it thinks its host is, what that is in truth), see `_methods`
SHADOW = "_securedefaults_host"

LOCALHOST = "localhost"
UNKNOWN = b""


class Asked:
    """What a context knows of the client that it was made for.

    Args:
        module: the module with the entry point, if there is one.
        connection: the client object that asked for the context, e.g. an `smtplib.SMTP_SSL`.
    """

    __slots__ = ("_connection", "module")

    def __init__(self, module: Optional[Module] = None, connection: Optional[object] = None) -> None:
        self.module = module
        # weak: the connection holds its context
        self._connection = None if connection is None else weakref.ref(connection)

    def identifier(self, asked: Name, sock: Optional[socket.socket] = None) -> Name:
        """The name to verify, or `asked` where there is none to be had: the platform has an error for that."""
        if getattr(sock, "family", None) == getattr(socket, "AF_UNIX", NotImplemented):
            return LOCALHOST
        if self.module is None:
            return reference_identifier(asked) if asked else asked
        host = asked
        if self._connection is not None:
            connection = self._connection()
            present = getattr(connection, self.module.host_attribute, UNKNOWN)
            thought, real = getattr(connection, SHADOW, (None, None))
            if real is not None and thought == present == asked:
                host = real
            elif not host:
                # A subclass that wraps its socket itself and leaves out the name, or a client that knows none.
                host = present
        if host in self.module.this_machine:
            return LOCALHOST
        return reference_identifier(host, strip_port=self.module.strips_port) if host else asked
