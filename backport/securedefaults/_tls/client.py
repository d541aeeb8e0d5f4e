"""Whom does a client ask for? Which name the certificate is to carry, from all that is known about the connection."""

from __future__ import annotations

import functools
import socket
import weakref

from .._entrypoints import DATA, ENTRY_POINTS, IMPLICIT, MODULES
from .._policy.identity import identified
from .asked import asked_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable, Optional, Sequence, Tuple, Union

    from .._entrypoints import EntryPoint, Module
    from .asked import Asked

    #: as `SSLContext.wrap_socket()` takes its server_hostname
    Name = Union[str, bytes, None]

LOCALHOST = "localhost"
UNKNOWN = b""
#: in the place of an attribute that is not there
MISSING: Any = object()

_PACKAGE = __name__.partition(".")[0] + "."
#: frames in which a client is looked for
_NEAR = 12


class Server:
    """The server that a client asks for.

    Attributes:
        host: the reference identifier; what the client gave where there is none to be had, for which the platform has
            an error.
        key: of the host, by which rules are found; None if it has no name.
        place: the same, by which refusals are found: an IP address as `ip_address()` writes it; that of the peer if
            there is no name.
        port: that the caller asked for, or else the one that the socket is connected to; None if it has none.
        is_asked_port: whether it is known to be the one that the caller asked for; a proxy has another.
        name: the host for people; None if it has no name.
        entry_point: the one that was used, as far as it can be told.
        peer: the IP address that the socket is connected to, as `ip_address()` writes it; None if it is not known.
    """

    # No NamedTuple: `apply()` loads this module where `typing` may never be needed.
    def __init__(
        self,
        host: Name,
        key: Optional[str],
        port: Optional[int],
        is_asked_port: bool,
        name: Optional[str],
        entry_point: Optional[EntryPoint],
        peer: Optional[str] = None,
    ) -> None:
        self.host = host
        self.key = key
        self.port = port
        self.is_asked_port = is_asked_port
        self.name = name
        self.entry_point = entry_point
        self.peer = peer
        self.place = peer if key is None else ip_address(key) or key


class Client:
    """What is known of the client that a context is for.

    Args:
        module: the module with the entry point, if there is one.
        connection: the client object, e.g. an `smtplib.SMTP_SSL`.
        is_explicit: whether somebody has made the context to use it for whatever it is passed to.
        is_sure: whether it is known that it is this client that makes the handshake.
    """

    def __init__(
        self,
        module: Optional[Module] = None,
        connection: Optional[object] = None,
        *,
        is_explicit: bool = False,
        is_sure: bool = True,
    ) -> None:
        self.module = module
        self._is_explicit = is_explicit
        self._is_sure = is_sure
        self._had_one = connection is not None
        self._connection = _reference(connection)

    def _used_from(self, frame: Optional[FrameType]) -> Client:
        """The client that makes a handshake: others may have been passed the context that was made for this one."""
        maker, is_near = self._connection(), True
        for _ in range(_NEAR):
            if frame is None:
                break
            user = _first_argument(frame)
            if user is not None and user is maker:
                return self
            module = _module_of(user) if is_near else None
            if module is not None:
                return Client(module, user)
            # nntplib has a function in between, and we may stand around a method that is compiled
            name = frame.f_globals.get("__name__")
            is_near = is_near and isinstance(name, str) and (name in MODULES or name.startswith(_PACKAGE))
            frame = frame.f_back
        return self if maker is None else Client(self.module, maker, is_sure=False)

    def server(self, given: Name, sock: Optional[socket.socket] = None, frame: Optional[FrameType] = None) -> Server:
        """The server that it asks for.

        Args:
            given: the name that it passes to its context.
            sock: its socket, if it has one.
            frame: that calls the context; None if it is known that this is the client that does.

        Raises:
            UnicodeDecodeError: the name is bytes and not ASCII.
        """
        if frame is not None:
            return self._used_from(frame).server(given, sock)
        noted = asked_of(self._connection(), sock) if self._is_sure else None
        host, key = self._host(given, sock, noted)
        peer, peers_port = peer_of(sock)
        port = self._port(peers_port, noted)
        return Server(host, key, *port, _as_text(host), self._entry_point(sock), peer)

    def _host(self, given: Name, sock: Optional[socket.socket], noted: Optional[Asked]) -> Tuple[Name, Optional[str]]:
        """The reference identifier of the server, and its key; see `server()`."""
        if self.module is None:
            return identified(given) if given else (given, None)
        if not self._is_sure:  # then only a name that is passed says anything
            return identified(given, strip_port=self.module.strips_port) if given else (given, None)
        host, connection = given, self._connection()
        present = self._present(connection)
        if noted is not None and noted.is_stale:
            return None, None
        if noted is not None and noted.host is not None and noted.thought == present == given:
            host = noted.host
        elif not host and present is not MISSING:
            # A subclass that wraps its socket itself and leaves out the name, or a client that knows none.
            host = present
        if host in self.module.this_machine or self._is_path(host, sock):
            return LOCALHOST, LOCALHOST
        return identified(host, strip_port=self.module.strips_port) if host else (given, None)

    def _present(self, connection: Optional[object]) -> Any:
        """What the client thinks that its host is; MISSING if it does not, or if there was never any client."""
        if connection is None:
            return UNKNOWN if self._had_one else MISSING
        assert self.module is not None
        return attribute(connection, self.module.host_attribute, MISSING)

    def _is_path(self, host: Name, sock: Optional[socket.socket]) -> bool:
        """Whether it was asked for a Unix socket of this machine, and for no name."""
        cls, connection = self.module.takes_paths if self.module is not None else None, self._connection()
        if cls is None or not any(base.__name__ == cls for base in type(connection).__mro__):
            return False
        if isinstance(host, str) and host.startswith("/"):
            return True
        # one that was connected before `apply()`; the kind of a socket says nothing where a name was given
        return not host and getattr(sock, "family", None) == getattr(socket, "AF_UNIX", NotImplemented)

    def _port(self, peers: Optional[int], noted: Optional[Asked]) -> Tuple[Optional[int], bool]:
        """The port, and whether it is known to be the one that the caller asked for."""
        connection = self._connection()
        if self.module is None or connection is None or not self._is_sure:
            # A context of which its holder makes what it wants is for the port that it is used for.
            return peers, self._is_explicit and peers is not None
        name = self.module.port_attribute
        asked = None if name is None else _number(attribute(connection, name))
        if asked is None and noted is not None:
            asked = _number(noted.port)
        return (peers, False) if asked is None else (asked, True)

    def _entry_point(self, sock: Optional[socket.socket]) -> Optional[EntryPoint]:
        connection = self._connection()
        if self.module is None or not self._had_one:
            return None
        # FTP's second channel is not the connection's own socket.
        is_data = sock is not None and attribute(connection, "sock") is not sock
        cls: Any = type(connection)
        return _entry_point(self.module.name, cls, is_data)


def _reference(connection: Optional[object]) -> Callable[[], Optional[object]]:
    try:
        return _nothing if connection is None else weakref.ref(connection)  # the connection holds its context
    except TypeError:  # somebody's own class
        return lambda: connection


def _nothing() -> None:
    """In the place of a reference."""


def attribute(thing: object, name: str, otherwise: Any = None) -> Any:
    """Whatever a class of the program's makes of a name that it does not know."""
    try:
        return getattr(thing, name, otherwise)
    except Exception:
        return otherwise


def _first_argument(frame: FrameType) -> Optional[object]:
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def _module_of(user: Optional[object]) -> Optional[Module]:
    """The module with entry points that a client is of; None if it is none."""
    return next((MODULES[base.__module__] for base in type(user).__mro__ if base.__module__ in MODULES), None)


def _number(port: object) -> Optional[int]:
    """The number of a port, or of a service: the standard library takes whatever `getaddrinfo()` does."""
    if isinstance(port, (str, bytes)):
        text = port.decode("latin-1") if isinstance(port, bytes) else port
        try:
            port = int(text) if text.strip().isdigit() else socket.getservbyname(text, "tcp")
        except (OSError, ValueError):
            return None
    return int(port) if isinstance(port, int) and port > 0 else None


def peer_of(sock: Any) -> Tuple[Optional[str], Optional[int]]:
    """The IP address and the port that a socket is connected to; None for what is not known."""
    if getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6):
        return None, None  # also what somebody has put into the place of a socket
    try:
        peer = sock.getpeername()
    except (OSError, AttributeError):  # the latter of what pretends to be one
        return None, None
    if not (isinstance(peer, tuple) and len(peer) > 1 and isinstance(peer[0], str)):
        return None, None
    return ip_address(peer[0]), _number(peer[1])


def ip_address(host: str) -> Optional[str]:
    """An IP address in its one spelling: without a scope, and IPv4 as such; None if `host` is a name."""
    if ":" not in host:
        try:
            return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, host))
        except (OSError, ValueError):
            return None
    try:
        packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except (OSError, ValueError):
        return None
    if packed.startswith(_MAPPED):
        return socket.inet_ntoa(packed[len(_MAPPED) :])
    return socket.inet_ntop(socket.AF_INET6, packed)


def is_same_host(place: str, peers: Sequence[Optional[str]], other: str, other_peers: Sequence[Optional[str]]) -> bool:
    """Whether two servers are one: by name, or because the one is the address at which the other was reached.

    Args:
        place: of the one.
        peers: the addresses that it was reached at; None is none.
        other: place of the other one.
        other_peers: its addresses.
    """
    # What is a name in both is no address of either, so two names at one address stay two.
    return place == other or place in other_peers or other in peers


#: what an IPv4 address begins with that is written as one of IPv6 (RFC 4291 section 2.5.5.2)
_MAPPED = bytes(10) + b"\xff\xff"


def _as_text(host: Name) -> Optional[str]:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else host or None


@functools.lru_cache(maxsize=64)  # it is asked in each handshake
def _entry_point(module: str, cls: type, is_data: bool) -> Optional[EntryPoint]:
    names = [base.__name__ for base in cls.__mro__]
    found = [entry for entry in ENTRY_POINTS if entry.module == module and entry.cls in names]
    # The subclass says more: SMTP_SSL is an SMTP, too.
    found.sort(key=lambda entry: ((entry.kind == DATA) != is_data, entry.kind != IMPLICIT, names.index(entry.cls)))
    return found[0] if found else None
