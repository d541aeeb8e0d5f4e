"""The context that an entry point gets when its caller gave none."""

from __future__ import annotations

import errno
import functools
import ssl

from . import _errors, _state
from ._asked import Asked
from ._handshake import Handshake
from ._policy import ENFORCE, Policy
from ._sockets import cut, is_connected
from ._trust import HARMLESS, StdlibContext, is_routine
from ._verdict import ACCEPTED, EXEMPT, REFUSED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Callable, Dict, List, Optional

    from ._asked import Name
    from ._entrypoints import Module
    from ._trust import Trust

    _Base = ssl.SSLContext
else:
    _Base = StdlibContext


class DefaultContext(_Base):
    """A verified context that costs no more than an unverified one.

    To its holder it is an SSLContext like any other. Inside it has no settings: it makes handshakes with a context
    that the trust for the host lends, and the first change of anything gives it a context of its own, so that no change
    reaches another connection.

    Args:
        policy: what was asked for by `apply()`.
        module: the module with the entry point, if there is one.
        connection: the client object that asked for the context, e.g. an `smtplib.SMTP_SSL`.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> DefaultContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, policy: Policy, module: Optional[Module] = None, connection: Optional[object] = None) -> None:
        self._policy = policy
        self._asked = Asked(module, connection)
        #: what the holder changed, to be done to the context of each trust that is needed
        self._changes: List[Callable[[ssl.SSLContext], object]] = []
        self._own: Dict[Trust, ssl.SSLContext] = {}
        self._lent: Dict[Trust, ssl.SSLContext] = {}

    def change(self, how: Callable[[ssl.SSLContext], Any]) -> Any:
        """Do this to the context behind this one, now and for every host; returns what it returns."""
        result = how(self._changeable(self._policy.trust))
        if self._policy.rules:  # else there is one trust for all hosts
            self._changes.append(how)
        return result

    def _changeable(self, trust: Trust) -> ssl.SSLContext:
        """The context of one's own; made when first asked for."""
        if trust not in self._own:
            context = trust.make()
            for change in self._changes:
                change(context)
            # Of several threads the first wins; a lock could be held by a thread that a fork leaves behind.
            self._own.setdefault(trust, context)
        return self._own[trust]

    def borrowed(self, trust: Optional[Trust] = None, *, same: bool = False) -> ssl.SSLContext:
        """The context to read from and to make handshakes with; the one of the last time, if it has to be the same."""
        trust = self._policy.trust if trust is None else trust
        if trust in self._own or self._changes:
            return self._changeable(trust)
        if not same or trust not in self._lent:
            self._lent[trust] = trust.lend(self._lent.get(trust))
        return self._lent[trust]

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLSocket:
        name: Name = server_hostname
        ours, trust, tls, at_once = None, None, None, False
        try:
            if not server_side:
                at_once = do_handshake_on_connect and self._is_connected(sock)
                ours = Handshake(self._policy, self._asked, server_hostname, sock, at_once=at_once)
                name, trust = ours.name, ours.trust
            # A session is good for the very context that made it, and that is the one lent last.
            target = self.borrowed(trust, same=session is not None)
            tls = target.wrap_socket(
                sock,
                server_side=server_side,
                do_handshake_on_connect=do_handshake_on_connect,
                suppress_ragged_eofs=suppress_ragged_eofs,
                server_hostname=name,
                session=session,
            )
            if ours is not None and at_once:
                ours.trust.confirm(tls)
                self._succeeded(ours, target, tls)
        except BaseException as exc:
            leaf = _leaf(tls) or _errors.leaf_of(exc)
            cut(sock)
            cut(tls)
            if ours is not None:
                _errors.explain(exc, name, rule=ours.rule)
                if isinstance(exc, ssl.SSLCertVerificationError):
                    ours.ended(Verdict(REFUSED, exc.verify_code, exc.verify_message), None, leaf)
            raise
        return tls

    def _is_connected(self, sock: socket.socket) -> bool:
        connected = is_connected(sock)
        if not connected and self._asked.module is not None:
            # An entry point has just talked to the server, which has reset the connection since. `ssl` would make no
            # handshake, say nothing, and let what the server sent be read as if it had come by TLS (CVE-2023-40217).
            raise ConnectionResetError(errno.ECONNRESET, "the server closed the connection before the TLS handshake")
        return connected

    def _succeeded(self, ours: Handshake, target: ssl.SSLContext, tls: ssl.SSLSocket) -> None:
        rule = ours.rule
        if rule is not None and rule.exempt:
            ours.ended(Verdict(EXEMPT, message=rule.reason or ""), tls, tls.getpeercert(True))
        elif target.verify_mode != ssl.CERT_NONE or (rule is not None and rule.fingerprint):
            ours.ended(Verdict(ACCEPTED), tls, tls.getpeercert(True))
        # else the holder of this context has switched verification off, and that is no use of the default

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: Name = None,
        session: Optional[ssl.SSLSession] = None,
    ) -> ssl.SSLObject:
        name, trust = server_hostname, None
        if not server_side:
            ours = Handshake(self._policy, self._asked, server_hostname, None, at_once=False)
            name, trust = ours.name, ours.trust
        target = self.borrowed(trust)
        if name is None and not server_side and target.check_hostname:
            # wrap_socket() says so; SSLContext.wrap_bio() silently leaves the name unverified
            raise ValueError("check_hostname requires server_hostname")
        return target.wrap_bio(incoming, outgoing, server_side=server_side, server_hostname=name, session=session)


def _leaf(tls: Optional[ssl.SSLSocket]) -> Optional[bytes]:
    """The server's certificate; None if there was no handshake."""
    try:
        return tls.getpeercert(True) if tls is not None else None
    except OSError:  # it is not connected any more
        return None


def default_context(
    policy: Policy,
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
    context = DefaultContext(policy, module, connection)
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
    return DefaultContext(_state.policy or Policy(ENFORCE))


def _forward_method(name: str, original: Any) -> Any:
    changes = name not in HARMLESS

    @functools.wraps(original)
    def method(self: DefaultContext, *args: Any, **kwargs: Any) -> Any:
        if changes:
            return self.change(lambda context: getattr(context, name)(*args, **kwargs))
        return getattr(self.borrowed(), name)(*args, **kwargs)

    return method


def _forward_setting(name: str, original: Any) -> property:
    def get(self: DefaultContext) -> Any:
        return getattr(self.borrowed(), name)

    def put(self: DefaultContext, value: Any) -> None:
        self.change(lambda context: setattr(context, name, value))

    return property(get, put, doc=original.__doc__)


for _name in dir(StdlibContext):
    if _name.startswith("__"):
        continue
    _original = getattr(StdlibContext, _name)
    if _name in vars(DefaultContext):  # wrap_socket and wrap_bio: their signature and docstring
        functools.update_wrapper(vars(DefaultContext)[_name], _original)
    else:
        _forward = _forward_method if is_routine(_original) else _forward_setting
        setattr(DefaultContext, _name, _forward(_name, _original))
