"""The context that an entry point gets when its caller gave none."""

from __future__ import annotations

import functools
import ssl
import sys

from .. import _policy
from .._names import ENFORCE, WARN
from .._policy.policy import Policy
from .client import Client
from .handshake import Handshake, verified, watched
from .pypy import PYPY, forget_openssl_error
from .sockets import shut_down
from .stdlib import assign, public_class, unverified
from .store import HARMLESS, is_routine, is_sealed
from .trust import Contexts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import FrameType, ModuleType
    from typing import Any, Callable, Dict, List, Optional, Sequence, Type

    from .._entrypoints import Module
    from .client import Name

    _Base = ssl.SSLContext
else:
    _Base = object


class DefaultContext(_Base):
    """The default of an entry point: whether and how it verifies is decided at each handshake, by what is in force.

    A verified one costs no more than an unverified one. To its holder it is an SSLContext like any other. Inside it has
    no settings: what is read, changed and called is that of the contexts behind it. (It is an SSLContext by its
    subclasses, see `_complete()`.)

    Args:
        policy: that counts at each handshake; None for the one that is in force then.
        module: the module with the entry point, if there is one.
        connection: the client object that asked for the context, e.g. an `smtplib.SMTP_SSL`.
        ssl_module: the `ssl` that it has, and tells sockets by.
        stock: makes the standard library's own default, for when nothing is enforced.
        changes: what the caller asked for, to be done to all contexts but that one.
        policies: the module that says what is in force; there may be several copies of this package.
    """

    def __new__(
        cls,
        policy: Optional[Policy] = None,
        module: Optional[Module] = None,
        connection: Optional[object] = None,
        ssl_module: ModuleType = ssl,
        stock: Optional[Callable[[], ssl.SSLContext]] = None,
        changes: Sequence[Callable[[ssl.SSLContext], object]] = (),
        policies: ModuleType = _policy,
    ) -> DefaultContext:
        complete = _complete(public_class(ssl_module))
        if PYPY:
            # There the base class is written in Python, and sets what is forwarded to contexts that are not there yet.
            return object.__new__(complete)
        return super(DefaultContext, complete).__new__(complete, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(
        self,
        policy: Optional[Policy] = None,
        module: Optional[Module] = None,
        connection: Optional[object] = None,
        ssl_module: ModuleType = ssl,
        stock: Optional[Callable[[], ssl.SSLContext]] = None,
        changes: Sequence[Callable[[ssl.SSLContext], object]] = (),
        policies: ModuleType = _policy,
    ) -> None:
        self._always = policy
        self._policies = policies
        self._client = Client(module, connection, is_explicit=policy is not None)
        self._contexts = Contexts(stock or functools.partial(unverified, ssl_module), ssl_module, changes)

    def _in_force(self) -> Optional[Policy]:
        policies: Any = self._policies
        for _ in range(_COPIES):
            if policies.followed_by is None:
                break
            policies = policies.followed_by
        found: Optional[Policy] = policies.in_force
        return found

    def _enforced(self) -> Optional[Policy]:
        """The policy that is to be enforced now; None if nothing is."""
        policy = self._always or self._in_force()
        # `create_default_context()` is always verified.
        return policy if policy is self._always or (policy is not None and policy.mode == ENFORCE) else None

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
            "do_handshake_on_connect": do_handshake_on_connect,
            "suppress_ragged_eofs": suppress_ragged_eofs,
            "server_hostname": server_hostname,
            "session": session,
        }
        frame, policy = sys._getframe(1), self._enforced()
        if policy is None:
            return self._stock_wrap_socket(frame, sock, server_side, options)
        if server_side:
            try:
                return self._contexts.current(policy).wrap_socket(sock, server_side=True, **options)
            except BaseException:
                shut_down(sock)
                raise
        try:
            tls = verified(policy, self._client, frame, self._contexts, sock, **options)
            if self._contexts.is_hidden:
                # A factory may return the same context to everybody; and one that verifies less is for the host of a
                # rule alone. So nobody gets to see them. What is changed in ours is changed for nobody else.
                tls._context = self  # type: ignore[assignment,attr-defined,unused-ignore]
            return tls
        except BaseException:
            if PYPY:
                forget_openssl_error()
            raise

    def _stock_wrap_socket(
        self, frame: FrameType, sock: socket.socket, server_side: bool, options: Dict[str, Any]
    ) -> ssl.SSLSocket:
        """What the standard library does; in warn mode it is said what enforcement would do."""
        policy = self._in_force()
        tls: ssl.SSLSocket
        # a later handshake is not seen
        if policy is None or policy.mode != WARN or server_side or not options["do_handshake_on_connect"]:
            context, options["session"] = self._contexts.for_handshake(None, session=options["session"])
            tls = context.wrap_socket(sock, server_side=server_side, **options)
        else:
            try:
                tls = watched(policy, self._client, frame, self._contexts, sock, options)
            finally:
                if PYPY:
                    forget_openssl_error()  # of the verdict
        if isinstance(getattr(tls, "_context", None), ssl.SSLContext):
            tls._context = self  # type: ignore[assignment,attr-defined,unused-ignore]  # as the standard library has it
        return tls

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLObject:
        policy = self._enforced()
        if server_side or policy is None:
            name, rule, verify = server_hostname, None, True
        else:
            ours = Handshake(policy, self._client, sys._getframe(1), server_hostname, None, at_once=False)
            name, rule, verify = ours.name, ours.rule, ours.verify
        target, session = self._contexts.for_handshake(policy, rule, verify=verify, session=session)
        if not server_side and name is None and target.check_hostname:
            # wrap_socket() says so; SSLContext.wrap_bio() silently leaves the name unverified
            raise ValueError("check_hostname requires server_hostname")
        return target.wrap_bio(incoming, outgoing, server_side=server_side, server_hostname=name, session=session)


def default_context(
    module: Optional[Module],
    connection: Optional[object],
    stock: Callable[[], ssl.SSLContext],
    policies: ModuleType,
    protocol: Optional[int] = None,
    *,
    certfile: Optional[str] = None,
    keyfile: Optional[str] = None,
    ssl_module: ModuleType = ssl,
) -> DefaultContext:
    """What `ssl_module._create_stdlib_context()` returns to an entry point, called with the same arguments.

    Args:
        module: the module with the entry point; None if it is not known.
        connection: the client object that asked for it; None if it is not known.
        stock: makes what the original returns.
        policies: the module that says what is in force.
        protocol: and all that follow: as the original has them.
        certfile: see there.
        keyfile: see there.
        ssl_module: that it belongs to.

    Raises:
        OSError, ValueError: the client certificate cannot be loaded, as from the original.
    """
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    changes: List[Callable[[ssl.SSLContext], object]] = []
    version = None if protocol is None else _only_version(ssl._SSLMethod(protocol).name)
    if version is not None:
        changes.append(functools.partial(_limit, version=version))
    if certfile:
        changes.append(lambda context: context.load_cert_chain(certfile, keyfile))
    context = DefaultContext(None, module, connection, ssl_module, stock, changes, policies)
    enforced = context._enforced()
    if certfile or enforced is None:
        context._contexts.current(enforced)  # so that what is wrong with the arguments is said here
    return context


def _only_version(protocol: str) -> Optional[ssl.TLSVersion]:
    """The one version that a protocol stands for; None if it is any, as PROTOCOL_TLS and PROTOCOL_TLS_CLIENT are.

    FTP_TLS names one each time (up to 3.11), and a subclass of it may name another.
    """
    found: Optional[ssl.TLSVersion] = getattr(ssl.TLSVersion, protocol[len("PROTOCOL_") :], None)
    return found


def _limit(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    context.minimum_version = context.maximum_version = version


def tells_by_itself(context: object) -> bool:
    """Whether that is what the socket of a default handshake shows."""
    return isinstance(context, DefaultContext) or is_sealed(context)


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
            last = name if name.startswith("set_") else None  # else it adds to what others have added
            change = functools.partial(_call, name=name, args=args, kwargs=kwargs)
            return self._contexts.change(self._enforced(), change, last)
        return getattr(self._contexts.current(self._enforced()), name)(*args, **kwargs)

    return method


def _forward_setting(name: str, original: Any) -> property:
    def get(self: DefaultContext) -> Any:
        return getattr(self._contexts.current(self._enforced()), name)

    def put(self: DefaultContext, value: Any) -> None:
        enforced = self._enforced()
        if name in _FLAGS:
            self._contexts.change_flags(enforced, name, value)
        else:
            # These two may be set in one order only.
            last = None if name in ("check_hostname", "verify_mode") else name
            self._contexts.change(enforced, functools.partial(assign, name=name, value=value), last)

    return property(get, put, doc=original.__doc__)


#: of this package, at most, one after the other
_COPIES = 100


def _call(context: ssl.SSLContext, name: str, args: Any, kwargs: Any) -> Any:
    return getattr(context, name)(*args, **kwargs)


#: Settings of many bits, of which their holder changes a few. The others are each context's own.
_FLAGS = ("options", "verify_flags")


def _complete(base: Type[ssl.SSLContext]) -> Type[DefaultContext]:
    """The class of default contexts that are contexts of that class, the standard library's own."""
    if base not in _classes:
        # It looks the same.
        namespace: Dict[str, Any] = {"__module__": base.__module__, "__doc__": base.__doc__}
        for name in dir(base):
            original = getattr(base, name)
            if name.startswith("__"):
                continue
            if name in vars(DefaultContext):  # wrap_socket and wrap_bio: their signature and docstring
                functools.update_wrapper(vars(DefaultContext)[name], original)
            else:
                forward = _forward_method if is_routine(original) else _forward_setting
                namespace[name] = forward(name, original)
        _classes.setdefault(base, type(base.__name__, (DefaultContext, base), namespace))
    return _classes[base]


#: by the standard library's own class, of which there is another one after each reload of `ssl`
_classes: Dict[Type[ssl.SSLContext], Type[DefaultContext]] = {}
