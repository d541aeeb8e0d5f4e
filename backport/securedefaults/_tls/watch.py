"""Warn mode: the standard library's own default context, which tells what enforcement would do."""

from __future__ import annotations

import ssl

from .client import Client
from .handshake import watched
from .pypy import PYPY, forget_openssl_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Dict, Optional, Type

    from .._entrypoints import Module
    from .._policy.policy import Policy
    from .client import Name


def watch(context: ssl.SSLContext, policy: Policy, module: Module, connection: Optional[object]) -> ssl.SSLContext:
    """The standard library's own default context, which from now on tells what enforcement would do."""
    ours: Any = context
    # Not by assignment: the contexts of truststore have a property of that name, which pretends, and cannot be set.
    _set_class(ours, _watched_class(type(context)))
    ours._securedefaults = policy, Client(module, connection)
    return context


_set_class = vars(object)["__class__"].__set__
_watched_classes: Dict[Type[ssl.SSLContext], Type[ssl.SSLContext]] = {}


def _watched_class(base: Type[ssl.SSLContext]) -> Type[ssl.SSLContext]:
    """`base`, except that its clients' handshakes are judged. It looks the same: same name, same signatures."""
    if base not in _watched_classes:

        class Watched(base):  # type: ignore[valid-type,misc]
            def wrap_socket(
                self,
                sock: socket.socket,
                server_side: bool = False,
                do_handshake_on_connect: bool = True,
                suppress_ragged_eofs: bool = True,
                server_hostname: Name = None,
                session: Optional[ssl.SSLSession] = None,
            ) -> ssl.SSLSocket:
                options: Dict[str, Any] = {
                    "server_side": server_side,
                    "do_handshake_on_connect": do_handshake_on_connect,
                    "suppress_ragged_eofs": suppress_ragged_eofs,
                    "server_hostname": server_hostname,
                    "session": session,
                }
                # Whoever makes it verify has no use for a verdict, and a later handshake is not seen.
                if server_side or self.verify_mode != ssl.CERT_NONE or not do_handshake_on_connect:
                    return super().wrap_socket(sock, **options)  # type: ignore[no-any-return]
                policy, client = self._securedefaults
                try:
                    return watched(policy, client, self, super().wrap_socket, sock, options)
                finally:
                    if PYPY:
                        forget_openssl_error()  # of the verdict

        Watched.__name__, Watched.__qualname__ = base.__name__, base.__qualname__
        Watched.__module__, Watched.__doc__ = base.__module__, base.__doc__
        _watched_classes[base] = Watched
    return _watched_classes[base]
