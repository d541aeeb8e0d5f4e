"""The context that an entry point gets when its caller gave none."""

from __future__ import annotations

import functools
import ssl

from .. import _policy
from .._names import ENFORCE
from .._policy.policy import Policy
from .client import Client
from .handshake import Handshake, verified
from .pypy import PYPY, forget_openssl_error
from .sockets import shut_down
from .stdlib import assign, own_class
from .store import HARMLESS, is_routine
from .trust import Contexts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import ModuleType
    from typing import Any, Dict, Optional, Type

    from .._entrypoints import Module
    from .client import Name

    _Base = ssl.SSLContext
else:
    _Base = object


class DefaultContext(_Base):
    """A verified context that costs no more than an unverified one.

    To its holder it is an SSLContext like any other. Inside it has no settings: what is read, changed and called is
    that of the contexts behind it. (It is an SSLContext by its subclasses, see `_complete()`.)

    Args:
        policy: what was asked for by `apply()`.
        module: the module with the entry point, if there is one.
        connection: the client object that asked for the context, e.g. an `smtplib.SMTP_SSL`.
        ssl_module: the `ssl` that it has, and tells sockets by.
    """

    def __new__(
        cls,
        policy: Policy,
        module: Optional[Module] = None,
        connection: Optional[object] = None,
        ssl_module: ModuleType = ssl,
    ) -> DefaultContext:
        complete = _complete(own_class(ssl_module))
        if PYPY:
            # There the base class is written in Python, and sets what is forwarded to contexts that are not there yet.
            return object.__new__(complete)
        return super(DefaultContext, complete).__new__(complete, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(
        self,
        policy: Policy,
        module: Optional[Module] = None,
        connection: Optional[object] = None,
        ssl_module: ModuleType = ssl,
    ) -> None:
        self._policy = policy
        self._client = Client(module, connection)
        self._contexts = Contexts(policy, ssl_module)

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLSocket:
        if server_side:
            try:
                return self._contexts.current().wrap_socket(
                    sock,
                    server_side=True,
                    do_handshake_on_connect=do_handshake_on_connect,
                    suppress_ragged_eofs=suppress_ragged_eofs,
                    server_hostname=server_hostname,
                    session=session,
                )
            except BaseException:
                shut_down(sock)
                raise
        try:
            tls = verified(
                self._policy,
                self._client,
                self._contexts,
                sock,
                server_hostname,
                session,
                do_handshake_on_connect,
                suppress_ragged_eofs,
            )
            if self._contexts.are_a_factorys:
                # The factory may return the same context to everybody, so nobody gets to see it. What is changed in
                # ours is changed for nobody else.
                tls._context = self  # type: ignore[assignment,attr-defined,unused-ignore]
            return tls
        except BaseException:
            if PYPY:
                forget_openssl_error()
            raise

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLObject:
        if server_side:
            name, target = server_hostname, self._contexts.current()
        else:
            ours = Handshake(self._policy, self._client, server_hostname, None, at_once=False)
            name, target = ours.name, self._contexts.current(ours.rule, verify=ours.verify)
            if name is None and target.check_hostname:
                # wrap_socket() says so; SSLContext.wrap_bio() silently leaves the name unverified
                raise ValueError("check_hostname requires server_hostname")
        return target.wrap_bio(incoming, outgoing, server_side=server_side, server_hostname=name, session=session)


def default_context(
    policy: Policy,
    module: Module,
    connection: Optional[object],
    protocol: Optional[int] = None,
    *,
    certfile: Optional[str] = None,
    keyfile: Optional[str] = None,
    ssl_module: ModuleType = ssl,
) -> DefaultContext:
    """What `ssl_module._create_stdlib_context()` returns to an entry point, called with the same arguments.

    Raises:
        OSError, ValueError: the client certificate cannot be loaded, as from the original.
    """
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    context = DefaultContext(policy, module, connection, ssl_module)
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
    return DefaultContext(_policy.in_force or Policy(ENFORCE))


def _forward_method(name: str, original: Any) -> Any:
    changes = name not in HARMLESS

    @functools.wraps(original)
    def method(self: DefaultContext, *args: Any, **kwargs: Any) -> Any:
        if changes:
            return self._contexts.change(lambda context: getattr(context, name)(*args, **kwargs))
        return getattr(self._contexts.current(), name)(*args, **kwargs)

    return method


def _forward_setting(name: str, original: Any) -> property:
    def get(self: DefaultContext) -> Any:
        return getattr(self._contexts.current(), name)

    def put(self: DefaultContext, value: Any) -> None:
        self._contexts.change(lambda context: assign(context, name, value))

    return property(get, put, doc=original.__doc__)


def _complete(base: Type[ssl.SSLContext]) -> Type[DefaultContext]:
    """The class of default contexts that are contexts of that class, the standard library's own."""
    if base not in _classes:
        namespace: Dict[str, Any] = {"__module__": __name__, "__doc__": DefaultContext.__doc__}
        for name in dir(base):
            original = getattr(base, name)
            if name.startswith("__"):
                continue
            if name in vars(DefaultContext):  # wrap_socket and wrap_bio: their signature and docstring
                functools.update_wrapper(vars(DefaultContext)[name], original)
            else:
                forward = _forward_method if is_routine(original) else _forward_setting
                namespace[name] = forward(name, original)
        _classes.setdefault(base, type(DefaultContext.__name__, (DefaultContext, base), namespace))
    return _classes[base]


#: by the standard library's own class, of which there is another one after each reload of `ssl`
_classes: Dict[Type[ssl.SSLContext], Type[DefaultContext]] = {}
