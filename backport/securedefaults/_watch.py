"""Warn mode: the connection is made as the standard library makes it, and then it is said what enforcement would do."""

from __future__ import annotations

import ssl
import warnings

from . import _verdict
from ._asked import Asked
from ._caller import caller
from ._handshake import Handshake, as_text
from ._sockets import is_connected
from ._verdict import ACCEPTED, EXEMPT, REFUSED, UNKNOWN, Verdict
from ._warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Dict, Optional, Sequence, Type, Union

    from ._asked import Name
    from ._entrypoints import Module
    from ._policy import Policy


class Watch:
    """What is to be known for a verdict.

    Args:
        policy: the one that would be enforced.
        module: the module with the entry point.
        connection: the client object that asked for the context.
    """

    def __init__(self, policy: Policy, module: Module, connection: Optional[object]) -> None:
        self._policy = policy
        self._asked = Asked(module, connection)

    def begin(self, asked: Name, sock: socket.socket) -> Union[Handshake, Exception]:
        """To be called while `sock` is not yet taken over by TLS; for `tell()`."""
        try:
            return Handshake(self._policy, self._asked, asked, sock)
        except Exception as exc:
            return exc  # the program's connection is not to fail because of us

    def tell(self, ours: Union[Handshake, Exception], tls: ssl.SSLSocket, chain: Sequence[bytes]) -> None:
        """Say what enforcement would have done. Whatever goes wrong in finding out, it is unknown.

        Raises:
            Exception: what an audit hook raises, and a Warning that was made an error.
        """
        name: Name = None
        try:
            if isinstance(ours, Exception):
                raise ours
            name = ours.name
            verdict = ours.trust.verdict(chain, name)
        except Exception as exc:
            verdict = Verdict(UNKNOWN, message="%s: %s" % (type(exc).__name__, exc))
        if isinstance(ours, Handshake):
            ours.ended(verdict, tls, chain[0] if chain else None)
        module = self._asked.module
        assert module is not None
        host = as_text(name) or "a host without a name"
        text = "%s got no SSL context and did not verify %r" % (module.name, host)
        warn(text + _OUTCOMES[verdict.state] + verdict.reason, _CATEGORIES[verdict.state])


_OUTCOMES = {
    REFUSED: ", whose certificate enforcement would refuse: ",
    UNKNOWN: "; whether enforcement would refuse its certificate is unknown: ",
    EXEMPT: "; a rule exempts it from enforcement. ",
    ACCEPTED: "; enforcement would accept its certificate",
}
_CATEGORIES: Dict[str, Type[Warning]] = {
    REFUSED: WouldBeRefusedWarning,
    UNKNOWN: UnverifiedDefaultWarning,
    EXEMPT: UnverifiedDefaultWarning,
    ACCEPTED: UnverifiedDefaultWarning,
}


def watch(context: ssl.SSLContext, policy: Policy, module: Module, connection: Optional[object]) -> ssl.SSLContext:
    """The standard library's own default context, which from now on tells what enforcement would do."""
    watched: Any = context
    # Not by assignment: the contexts of truststore have a property of that name, which pretends, and cannot be set.
    _set_class(watched, _watched_class(type(context)))
    watched._securedefaults = Watch(policy, module, connection)
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
                at_once = do_handshake_on_connect and is_connected(sock)
                if server_side or self.verify_mode != ssl.CERT_NONE or not at_once:
                    return super().wrap_socket(sock, **options)  # type: ignore[no-any-return]
                watch: Watch = self._securedefaults
                ours = watch.begin(server_hostname, sock)
                with _verdict.recording(self) as chain_of:
                    tls: ssl.SSLSocket = super().wrap_socket(sock, **options)
                    chain = chain_of(tls)
                try:
                    watch.tell(ours, tls, chain)
                except BaseException:
                    # Our warning was made an error, or an audit hook objects. Then there is no connection, least of
                    # all in clear text.
                    tls.close()
                    raise
                return tls

        Watched.__name__, Watched.__qualname__ = base.__name__, base.__qualname__
        Watched.__module__, Watched.__doc__ = base.__module__, base.__doc__
        _watched_classes[base] = Watched
    return _watched_classes[base]


def warn(message: str, category: Type[Warning]) -> None:
    """At the line of the program that led here."""
    frame = caller()
    namespace = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        namespace.get("__name__"),
        namespace.setdefault("__warningregistry__", {}),
    )
