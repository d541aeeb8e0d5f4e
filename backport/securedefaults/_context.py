"""The context that an entry point gets when its caller gave none."""

from __future__ import annotations

import functools
import ssl

from . import _errors, _state
from ._asked import Asked
from ._policy import ENFORCE, Policy
from ._sockets import cut
from ._trust import HARMLESS, StdlibContext, is_routine

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Optional, Protocol

    from ._asked import Name
    from ._entrypoints import Module

    class Trust(Protocol):
        """Where verified contexts come from, see `_trust`."""

        def make(self) -> ssl.SSLContext: ...
        def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext: ...

    _Base = ssl.SSLContext
else:
    _Base = StdlibContext


class DefaultContext(_Base):
    """A verified context that costs no more than an unverified one.

    To its holder it is an SSLContext like any other. Inside it has no settings: it makes handshakes with a context
    that its trust lends, and the first change of anything gives it a context of its own, so that no change reaches
    another connection.

    Args:
        trust: where the verified contexts come from.
        module: the module with the entry point, if there is one.
        connection: the client object that asked for the context, e.g. an `smtplib.SMTP_SSL`.
    """

    _own: Optional[ssl.SSLContext] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> DefaultContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, trust: Trust, module: Optional[Module] = None, connection: Optional[object] = None) -> None:
        self._trust = trust
        self._lent: Optional[ssl.SSLContext] = None
        self._asked = Asked(module, connection)

    def own(self) -> ssl.SSLContext:
        """The context behind this one that may be changed; made when first asked for."""
        if self._own is None:
            # Of several threads the first wins; a lock could be held by a thread that a fork leaves behind.
            vars(self).setdefault("_own", self._trust.make())
        assert self._own is not None
        return self._own

    def _borrowed(self) -> ssl.SSLContext:
        """The context to read from and to make handshakes with."""
        if self._own is not None:
            return self._own
        self._lent = self._trust.lend(self._lent)
        return self._lent

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLSocket:
        name: Name = None
        try:
            name = server_hostname if server_side else self._asked.identifier(server_hostname, sock)
            # A session is good for the very context that made it, and that is the one lent last.
            target = self._own or self._lent if session is not None else None
            return (target or self._borrowed()).wrap_socket(
                sock,
                server_side=server_side,
                do_handshake_on_connect=do_handshake_on_connect,
                suppress_ragged_eofs=suppress_ragged_eofs,
                server_hostname=name,
                session=session,
            )
        except BaseException as exc:
            cut(sock)
            _errors.explain(exc, name)
            raise

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLObject:
        name = server_hostname if server_side else self._asked.identifier(server_hostname)
        if name is None and not server_side and self.check_hostname:
            # wrap_socket() says so; SSLContext.wrap_bio() silently leaves the name unverified
            raise ValueError("check_hostname requires server_hostname")
        return self._borrowed().wrap_bio(
            incoming, outgoing, server_side=server_side, server_hostname=name, session=session
        )


def default_context(
    trust: Trust,
    module: Module,
    connection: Optional[object],
    protocol: Optional[int] = None,
    *,
    certfile: Optional[str] = None,
    keyfile: Optional[str] = None,
) -> DefaultContext:
    """What `ssl._create_stdlib_context()` returns to an entry point; the last three arguments are its own.

    Raises:
        OSError, ValueError: the client certificate cannot be loaded, as from the original.
    """
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    context = DefaultContext(trust, module, connection)
    if protocol is not None:
        _limit(context, ssl._SSLMethod(protocol).name)
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    return context


def _limit(context: ssl.SSLContext, protocol: str) -> None:
    # A subclass of FTP_TLS may set `ssl_version` (up to 3.11). PROTOCOL_TLS and PROTOCOL_TLS_CLIENT mean any version.
    version = getattr(ssl.TLSVersion, protocol[len("PROTOCOL_") :], None)
    if version is not None:
        context.minimum_version = context.maximum_version = version


def create_default_context() -> ssl.SSLContext:
    """A verified context like those that the entry points get: the same trust, loaded once and shared.

    Use it where a context is to be passed explicitly and `ssl.create_default_context()` would load the trust store
    for every connection. It may be changed like any other context, and then it is a context of its own.

    Returns:
        A context that verifies chain and host name; with `apply(context_factory=..., strict=...)` in force,
        according to these.
    """
    policy = _state.policy or Policy(ENFORCE)
    return DefaultContext(policy.trust)


def _forward_method(name: str, original: Any) -> Any:
    changes = name not in HARMLESS

    @functools.wraps(original)
    def method(self: DefaultContext, *args: Any, **kwargs: Any) -> Any:
        target = self.own() if changes else self._borrowed()
        return getattr(target, name)(*args, **kwargs)

    return method


def _forward_setting(name: str, original: Any) -> property:
    def get(self: DefaultContext) -> Any:
        return getattr(self._borrowed(), name)

    def put(self: DefaultContext, value: Any) -> None:
        setattr(self.own(), name, value)

    return property(get, put, doc=getattr(original, "__doc__", None))


for _name in dir(StdlibContext):
    if _name.startswith("__"):
        continue
    _original = getattr(StdlibContext, _name)
    if _name in vars(DefaultContext):  # wrap_socket and wrap_bio: their signature and docstring
        functools.update_wrapper(vars(DefaultContext)[_name], _original)
    else:
        _forward = _forward_method if is_routine(_original) else _forward_setting
        setattr(DefaultContext, _name, _forward(_name, _original))
