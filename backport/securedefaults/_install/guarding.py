"""What the guard hears: how the handshakes of clients end, and what clients send in clear text.

While nothing was refused, what is sent is asked one question, whether it is something that the next line depends on: a
mail has begun, or a login. So it is known what a line is when the guard has to know.
"""

from __future__ import annotations

import errno
import functools
import socket
import ssl
import sys

from .. import _policy
from .._entrypoints import COMMAND, DATA, ENTRY_POINTS, IMPLICIT, LINE, MODULES, SENDERS
from .._names import ACCEPTED, REFUSED
from .._policy.identity import host_key
from .._tls.asked import Asked, note
from .._tls.client import Client, Server, is_same_host, peer_of
from .._tls.commands import GRAMMARS, Spoken, as_bytes
from .._tls.sockets import is_closed
from .._tls.stdlib import has_shown_certificate, is_about_tls, is_encrypted
from . import loading, said
from .code import class_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

    from .._tls.commands import Grammar

    Method = Callable[..., Any]
    #: class, method, and the function from old to new
    Hook = Tuple[str, str, Callable[[Method], Method]]

#: By id of a client that is being made: the handshake that it is about to make. (Nothing is kept in the client itself,
#: which may have no room for it, and may be pickled.)
_attempts: Dict[int, Attempt] = {}


def hooks(module: ModuleType) -> Iterator[Hook]:
    """The hooks that the guard needs in a module."""
    name = module.__name__
    for sender in SENDERS:
        if sender.module == name:
            make = _command if sender.takes == COMMAND else _line if sender.takes == LINE else _bytes
            yield sender.cls, sender.method, make(name, GRAMMARS[sender.protocol])
    if name == "nntplib":
        yield "NNTP", "_post", _end_message
    for entry_point in ENTRY_POINTS:
        if entry_point.module != name:
            continue
        cls = class_of(module, entry_point.cls)
        if entry_point.kind == DATA:
            yield entry_point.cls, entry_point.method, _data_channel(name)
        elif entry_point.kind == IMPLICIT and cls is not None:
            wrapping = next((method for method in _WRAPPING if method in vars(cls)), "__init__")
            yield entry_point.cls, wrapping, _implicit(name, is_alone=wrapping in _WRAPPING)
            for base in cls.__mro__[1:]:
                if wrapping in _WRAPPING and wrapping in vars(base):
                    yield base.__name__, wrapping, _connect


#: where classes with implicit TLS wrap the socket that the same method of their base class has connected
_WRAPPING = ("_get_socket", "_create_socket")

# How handshakes end.


class Attempt:
    """A handshake that a client is about to make.

    Args:
        module: the name of the module with the entry point.
        kind: UPGRADE, IMPLICIT or DATA.
        connection: the client.
        sock: that it will be made over, or that belongs to the same server; None if it is not connected yet.
        is_alone: whether nothing but this handshake can fail meanwhile.
    """

    def __init__(self, module: str, kind: str, connection: Any, sock: Any = None, *, is_alone: bool = True) -> None:
        self._is_alone = is_alone
        self._module = module
        self._kind = kind
        self._connection = connection
        # An error that the program is just handling becomes the context of ours, and has nothing to do with it.
        self._handled = sys.exc_info()[1]
        #: that was asked for, or that it is connected to
        self.port: Optional[int] = None
        self.connected(sock)

    def connected(self, sock: Any) -> None:
        """To what it is connected, as nobody can ask a socket after a failure."""
        self._peer, port = peer_of(sock)
        self.port = self.port or port
        self._is_clear = sock is not None and not is_closed(sock) and not is_encrypted(sock)

    def failed(self, exc: BaseException) -> None:
        """It has failed; the caller's own contexts refuse, too, and nobody else hears of it."""
        loaded = loading.loaded
        if _policy.in_force is None or (loaded and loaded.guard.is_noted(exc)):
            return
        if isinstance(exc, ssl.SSLCertVerificationError):
            server = self._server()
            if server is None:
                return
            if loaded:
                loaded.guard.note_verdict(server, loaded.verdict.refused_by(exc))
            else:
                loading.refused.append((server, exc))
        elif loaded and self._is_a_refusal(exc):
            server = self._server()
            if server is not None and loaded.guard.was_verified(server, self._module, self._kind):
                loaded.guard.note_failure(server, loaded.verdict.Verdict(REFUSED, message=_in_our_words(exc)))

    def succeeded(self, sock: Any) -> None:
        """It has not failed; whether the server has proved who it is shows in the socket that it has led to."""
        loaded = loading.loaded
        if _policy.in_force is None or not loaded:
            return
        context = getattr(sock, "context", None)
        # A default context tells by itself; it may have been told to exempt this one.
        if loaded.context.tells_by_itself(context) or not getattr(context, "check_hostname", False):
            return
        if not has_shown_certificate(sock):
            return
        server = self._server()
        name = getattr(sock, "server_hostname", None)
        if server is not None and isinstance(name, str) and name and server.key == host_key(name):
            loaded.guard.note_verdict(server, loaded.verdict.Verdict(ACCEPTED))

    def _server(self) -> Optional[Server]:
        server = _server_of(self._module, self._connection, None)
        if server is not None:
            server.peer, server.place = self._peer, server.place or self._peer
            server.port = server.port or self.port
            if server.entry_point is None or server.entry_point.kind != self._kind:
                kinds = [e for e in ENTRY_POINTS if e.module == self._module and e.kind == self._kind]
                server.entry_point = kinds[0] if kinds else None
        return server

    def _is_a_refusal(self, exc: BaseException) -> bool:
        """Whether the server, or somebody on the path, has kept TLS from beginning; time-outs say nothing."""
        if any(_is_network(cause) for cause in self._causes(exc)):
            return False
        if isinstance(exc, ssl.SSLError):
            return is_about_tls(exc)
        if not (self._is_clear and self._is_alone):
            return False  # there are errors about other things
        # Errno 0 is what an end in the middle of a handshake is called before 3.10.
        if isinstance(exc, (ConnectionError, EOFError)) or (isinstance(exc, OSError) and exc.errno == 0):
            return True
        return any(cls.__module__ == self._module for cls in type(exc).__mro__)

    def _causes(self, exc: BaseException) -> Iterator[BaseException]:
        cause: Optional[BaseException] = exc
        for _ in range(8):
            if cause is None or cause is self._handled:
                return
            yield cause
            cause = cause.__context__


def _is_network(exc: BaseException) -> bool:
    if isinstance(exc, (socket.timeout, TimeoutError, ConnectionRefusedError, socket.gaierror, socket.herror)):
        return True
    return isinstance(exc, OSError) and exc.errno in _UNREACHABLE


_UNREACHABLE = {
    getattr(errno, name)
    for name in ("ETIMEDOUT", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "ENETRESET")
    if hasattr(errno, name)
}


def _in_our_words(exc: BaseException) -> str:
    """What has gone wrong, without a word of the server's."""
    reason = getattr(exc, "reason", None) if isinstance(exc, ssl.SSLError) else None  # raised by hand it has none
    return "%s: %s" % (type(exc).__name__, reason) if reason else type(exc).__name__


def _server_of(module: str, connection: Any, sock: Any) -> Optional[Server]:
    """The server that the next handshake of this connection would ask for; None if nothing is known of it."""
    given = getattr(connection, MODULES[module].host_attribute, None)
    if given is None or isinstance(given, (str, bytes)):
        try:
            return Client(MODULES[module], connection).server(given, sock)
        except Exception:
            pass  # no name, for which the platform has an error of its own
    peer, port = peer_of(sock)
    return Server(None, None, port, False, None, None, peer) if peer is not None else None


def _implicit(module: str, *, is_alone: bool) -> Callable[[Method], Method]:
    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def create(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _policy.in_force is None:
                return original(self, *args, **kwargs)
            loading.load(needed=False)  # else what is refused waits for it
            attempt = _attempts[id(self)] = Attempt(module, IMPLICIT, self, is_alone=is_alone)
            if len(args) > 1 and isinstance(args[1], int):
                attempt.port = args[1]  # SMTP keeps it nowhere, and before 3.9 it connects its socket by itself
            if not is_alone:  # NNTP_SSL of 3.8, which makes its handshake before it keeps anything
                note(self, Asked(args[1] if len(args) > 1 else kwargs.get("port", _NNTPS)))
            try:
                result = original(self, *args, **kwargs)
            except BaseException as exc:
                attempt.failed(exc)
                raise
            finally:
                _attempts.pop(id(self), None)
            attempt.succeeded(getattr(self, "sock", None) if result is None else result)
            return result

        return create

    return replace


#: what it connects to if nobody says anything
_NNTPS = 563


def _connect(original: Method) -> Method:
    @functools.wraps(original)
    def create(self: Any, *args: Any, **kwargs: Any) -> Any:
        sock = original(self, *args, **kwargs)
        attempt = _attempts.get(id(self))
        if attempt is not None:
            attempt.connected(sock)
        return sock

    return create


def _data_channel(module: str) -> Callable[[Method], Method]:
    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def ntransfercmd(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _policy.in_force is not None:
                loading.load(needed=False)
            attempt = Attempt(module, DATA, self, getattr(self, "sock", None), is_alone=False)
            try:
                result = original(self, *args, **kwargs)
            except BaseException as exc:
                attempt.failed(exc)
                raise
            attempt.succeeded(result[0])
            return result

        return ntransfercmd

    return replace


# What clients send.


def _is_armed() -> bool:
    return bool(loading.refused or (loading.loaded and loading.loaded.guard.refusals))


def _bytes(module: str, grammar: Grammar) -> Callable[[Method], Method]:
    return _sender(module, grammar, b"")


def _line(module: str, grammar: Grammar) -> Callable[[Method], Method]:
    return _sender(module, grammar, b"\r\n")


def _sender(module: str, grammar: Grammar, end: bytes) -> Callable[[Method], Method]:
    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def send(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _policy.in_force is not None:
                data = args[0] if args else next(iter(kwargs.values()), None)
                if _is_armed() or said.over(_sock(self)) or grammar.is_remembered(data):
                    _hear(module, grammar, self, as_bytes(data) + end)
            return original(self, *args, **kwargs)

        return send

    return replace


def _command(module: str, grammar: Grammar) -> Callable[[Method], Method]:
    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def command(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _policy.in_force is None or not (_is_armed() or said.over(_sock(self))):
                return original(self, *args, **kwargs)
            words = [as_bytes(word) for word in (*args, *_in_order(kwargs)) if word is not None]
            _hear(module, grammar, self, b" ".join([b"*", *words] if grammar.is_tagged else words), is_command=True)
            handled, ours = sys.exc_info()[1], None
            try:
                return original(self, *args, **kwargs)
            except Exception as exc:
                # imaplib puts an error of its own into the place of each OSError, also of ours
                ours, loaded = exc.__context__, loading.loaded
                if ours is handled or not loaded or not loaded.guard.is_ours(ours):
                    raise
            assert ours is not None
            raise ours

        return command

    return replace


def _in_order(kwargs: Dict[str, Any]) -> List[Any]:
    """The words of `putcmd(cmd=..., args=...)`."""
    return [kwargs[name] for name in sorted(kwargs, reverse=True)]


def _end_message(original: Method) -> Method:
    """For `NNTP._post()`, which sends the article without the methods above."""

    @functools.wraps(original)
    def post(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        finally:
            said.keep(_sock(self), None)

    return post


def _sock(connection: Any) -> Any:
    return getattr(connection, "sock", None)


def _hear(module: str, grammar: Grammar, connection: Any, data: bytes, *, is_command: bool = False) -> None:
    """Let pass what may be said over this connection now, and remember what matters of it.

    Args:
        module: the name of the connection's.
        grammar: of its protocol.
        connection: the client.
        data: that is about to be sent.
        is_command: whether it is a whole command, which comes here once more as it is sent.

    Raises:
        SSLCertVerificationError: it is a part of a login, and must not be sent.
        Warning: the same, of one that the program has made an error.
    """
    sock = _sock(connection)
    if sock is None or is_encrypted(sock) or is_closed(sock):
        said.keep(sock, None)  # nothing goes out in clear text
        return
    before = said.over(sock) or Spoken(grammar)
    after = before.copy()
    if is_command or before.is_login_instead(data):
        after.end_message()
        before = after.copy()
    if after.feed(data) and _is_armed():
        first, after.told = not after.told, True
        said.keep(sock, before.refused(after))
        _check_login(module, connection, sock, first=first)
    if is_command:
        before.told, after = after.told, before  # what it begins is heard when it is sent
    said.keep(sock, after)


def _check_login(module: str, connection: Any, sock: Any, *, first: bool) -> None:
    policy, loaded, server = _policy.in_force, loading.loaded, _server_of(module, connection, sock)
    if policy is None or server is None or server.place is None:
        return  # nobody knows who is asked for
    for refused, exc in list(loading.refused):
        same = refused.place and is_same_host(server.place, (server.peer,), refused.place, (refused.peer,))
        if same and _policy.enforcing():
            raise exc
    if not loaded:
        return
    line, host = loaded.caller.calling_line(), server.name or server.place
    refusal = loaded.guard.refusal_of(policy, server, line.module)
    if refusal is None:
        return
    if _policy.enforcing():
        loaded.guard.refuse(host, refusal, first=first)
    if first:
        text = "%s; enforcement would refuse it" % loaded.guard.explanation(host, refusal)
        loaded.warnings.warn(text, loaded.warnings.WouldBeRefusedWarning, line, ("login", host))
