"""Where verified contexts come from: the platform's trust store, loaded once and shared, or the caller's factory.

`lend()` gives a context to make handshakes with, which nobody may change. `make()` gives one to keep and to change.
`confirm()` ends a handshake that was made with it: where OpenSSL is not to judge, we do. `verdict()` says what would
come of a chain.
"""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import sys
import time
import weakref

from . import _errors
from ._locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, NoReturn, Optional, Protocol, Sequence, Tuple, Type

    from ._asked import Name
    from ._verdict import Verdict

    class Trust(Protocol):
        """What the classes here have in common."""

        def make(self) -> ssl.SSLContext: ...
        def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext: ...
        def confirm(self, tls: ssl.SSLSocket) -> None: ...
        def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict: ...

    StdlibContext = ssl.SSLContext
else:
    #: The standard library's own class, also where truststore, gevent or eventlet put theirs into its place.
    StdlibContext = next(cls for cls in ssl.SSLContext.__mro__ if cls.__module__ == "ssl")

#: What can be called on a context without changing it. Anything else, also what a later Python adds, is a change.
HARMLESS = frozenset(
    (
        "wrap_socket",
        "wrap_bio",
        "_wrap_socket",
        "_wrap_bio",
        "_encode_hostname",
        "cert_store_stats",
        "get_ca_certs",
        "get_ciphers",
        "get_groups",
        "session_stats",
    )
)

#: Their sockets show the context that made them, so a sealed one stays sealed. truststore's show an inner one.
_shareable = {"ssl", "gevent", "eventlet"}


def _is_shareable() -> bool:
    return ssl.SSLContext.__module__.partition(".")[0] in _shareable


def is_routine(attribute: object) -> bool:
    """Whether an attribute of a context class is a method, as opposed to a setting."""
    return callable(attribute) and not isinstance(attribute, type)


def checked(context: ssl.SSLContext, source: str) -> ssl.SSLContext:
    """`context` if it verifies chain and name.

    Raises:
        TypeError: it is no SSLContext.
        ValueError: it verifies less than that.
    """
    if not isinstance(context, StdlibContext):
        raise TypeError("%s returned %r, which is no ssl.SSLContext" % (source, context))
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError(
            "%s returned a context that does not verify (verify_mode=%s, check_hostname=%s); a context for all hosts "
            "needs verify_mode=CERT_REQUIRED and check_hostname=True. For a single host that cannot be verified pass "
            "an explicit context in that call." % (source, context.verify_mode.name, context.check_hostname)
        )
    return context


class PlatformTrust:
    """The trust store of `ssl.create_default_context()`, parsed once per process and again when it has changed.

    Parsing takes some 20 ms and 0.8 MB for the usual 140 roots, 170 times the price of an unverified context.

    Args:
        strict: set (True) or clear (False) `VERIFY_X509_STRICT`; None leaves what this Python does.
        cafile: trust the certificates in this file instead, and no others.
    """

    def __init__(self, strict: Optional[bool] = None, cafile: Optional[str] = None) -> None:
        self._strict = strict
        self._cafile = cafile
        self._shared: Optional[_Shared] = None

    @classmethod
    def cached(cls, strict: Optional[bool] = None, cafile: Optional[str] = None) -> PlatformTrust:
        """The one PlatformTrust of this process with these arguments: it holds a parsed store."""
        return _platform.setdefault((strict, cafile), cls(strict, cafile))

    def make(self) -> ssl.SSLContext:
        """A verified context of one's own."""
        # Looked up on every call, so that the order of importing truststore, gevent and the like does not matter.
        options: Dict[str, Any] = {} if self._cafile is None else {"cafile": self._cafile}
        try:
            context = checked(ssl.create_default_context(**options), "ssl.create_default_context()")
        except OSError as exc:  # ssl.SSLError is one; none of them says which file
            if self._cafile is not None:
                exc.strerror = "%s (the CA file %s of a rule)" % (exc.strerror, self._cafile)
            raise
        set_strict(context, self._strict)
        context.sslsocket_class = _errors.explaining(context.sslsocket_class)
        return context

    def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """The shared context, sealed, for the trust store as it is now. `previous` does not matter."""
        if not _is_shareable():
            return previous or self.make()
        key = _store_key() if self._cafile is None else (ssl.SSLContext, _stamp(self._cafile))
        shared = self._shared
        if shared is None or not shared.is_current(key):
            with _lock:
                shared = self._shared
                if shared is None or not shared.is_current(key):
                    shared = self._shared = _Shared(key, self.make, _folders() if self._cafile is None else [])
        return shared.context

    def confirm(self, tls: ssl.SSLSocket) -> None:
        """OpenSSL has verified the chain in the handshake."""

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """What enforcement would say, and whether it says so by `VERIFY_X509_STRICT` alone."""
        from . import _verdict

        context = self.lend()
        strict = context.verify_flags & ssl.VERIFY_X509_STRICT
        lenient = PlatformTrust.cached(False, self._cafile).lend if strict else None
        return _verdict.remembered(chain, name, context, lenient)


#: Seconds between two looks at each of the files in a folder of hashed certificates.
LOOK_AGAIN = 1.0

_platform: Dict[Tuple[Optional[bool], Optional[str]], PlatformTrust] = {}


class _Shared:
    """A sealed context, and the state of the trust store that it was made from.

    Args:
        key: of `_store_key()`, from before the context is made.
        make: makes it.
        folders: of hashed certificates.
    """

    __slots__ = ("_files", "_folders", "_key", "_look_again", "context")

    def __init__(self, key: object, make: Callable[[], ssl.SSLContext], folders: Sequence[str]) -> None:
        self._key = key
        self._folders = folders
        self._files = _files(folders)
        self._look_again = time.monotonic() + LOOK_AGAIN
        self.context = _seal(make())

    def is_current(self, key: object) -> bool:
        """Whether the trust store is still the one that the context was made from."""
        if self._key != key:
            return False
        # OpenSSL looks into the folders when it misses a CA, and keeps what it found. A file there can be written anew,
        # or vanish behind a link, and the folder's own time stays; looking at each file costs more than a handshake.
        # (Whether it has kept anything could be asked of cert_store_stats(), which other threads' handshakes endanger.)
        now = time.monotonic()
        if now < self._look_again:
            return True
        if _files(self._folders) != self._files:
            return False  # and so again, for whoever asks before another context is there
        self._look_again = now + LOOK_AGAIN
        return True


class FactoryTrust:
    """Contexts made by a callable that the user gave to `apply(context_factory=...)`."""

    def __init__(self, factory: Callable[[], ssl.SSLContext], strict: Optional[bool] = None) -> None:
        self._factory = factory
        self._strict = strict
        self._lent: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()
        self._made: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()

    def _call(self) -> ssl.SSLContext:
        context = checked(self._factory(), "context_factory")
        # A factory may return one object for everybody. What one connection changed must not reach another.
        if context in self._made:
            raise ValueError(
                "context_factory returned a context that one connection has changed for itself; it must return "
                "a new context on every call, or one that nobody changes"
            )
        set_strict(context, self._strict)
        return context

    def make(self) -> ssl.SSLContext:
        """A verified context of one's own."""
        context = self._call()
        if context in self._lent:
            raise AttributeError(
                "this default context cannot be changed: context_factory returns the same object for every "
                "connection. Let it return a new context on every call, or pass a context of your own."
            )
        self._made.add(context)
        return context

    def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """`previous`, or else a context that the factory returns now."""
        if previous is not None:
            return previous
        context = self._call()
        self._lent.add(context)
        return context

    def confirm(self, tls: ssl.SSLSocket) -> None:
        """OpenSSL has verified the chain in the handshake."""

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """What enforcement would say."""
        from . import _verdict

        return _verdict.remembered(chain, name, self.lend())


class PinnedTrust:
    """Accepts a leaf by its pin, and asks for nothing else.

    Args:
        pins: as `HostRule.fingerprint` has them.
    """

    def __init__(self, pins: Sequence[str]) -> None:
        self._pins = frozenset(pins)

    def make(self) -> ssl.SSLContext:
        """A context that verifies nothing; `confirm()` does."""
        return _unverified()

    def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """`previous`, or a new one: it costs little."""
        return previous or self.make()

    def confirm(self, tls: ssl.SSLSocket) -> None:
        """Raises SSLCertVerificationError if no pin fits."""
        leaf = tls.getpeercert(True)
        if leaf is None or not self._fits(leaf):
            raise _errors.refusal(*_errors.OTHER_PIN)

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """What enforcement would say."""
        from ._verdict import ACCEPTED, REFUSED, UNKNOWN, Verdict

        if not chain:
            return Verdict(UNKNOWN, message="the server sent no certificate, or resumed a session")
        if self._fits(chain[0]):
            return Verdict(ACCEPTED)
        return Verdict(REFUSED, *_errors.OTHER_PIN)

    def _fits(self, leaf: bytes) -> bool:
        from ._rules import key_pin
        from ._x509 import Leaf, fingerprint

        if fingerprint(leaf) in self._pins:
            return True
        try:
            return key_pin(Leaf(leaf).public_key) in self._pins
        except ValueError:
            return False


class NoTrust:
    """For a host that a rule exempts: no certificate is verified."""

    def make(self) -> ssl.SSLContext:
        """A context like the standard library's own default."""
        return _unverified()

    def lend(self, previous: Optional[ssl.SSLContext] = None) -> ssl.SSLContext:
        """`previous`, or a new one: it costs little."""
        return previous or self.make()

    def confirm(self, tls: ssl.SSLSocket) -> None:
        """Nothing is verified."""

    def verdict(self, chain: Sequence[bytes], name: Name) -> Verdict:
        """Whatever it is, it is accepted."""
        from ._verdict import EXEMPT, Verdict

        return Verdict(EXEMPT)


def _unverified() -> ssl.SSLContext:
    # gevent's sockets need gevent's context; truststore's context would bring its own idea of verification.
    cls = ssl.SSLContext if _is_shareable() else StdlibContext
    context: ssl.SSLContext = cls(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def set_strict(context: ssl.SSLContext, strict: Optional[bool]) -> None:
    """Set or clear `VERIFY_X509_STRICT`, which `ssl.create_default_context()` sets from 3.13 on; None leaves it."""
    if strict is None:
        return
    flags = context.verify_flags & ~ssl.VERIFY_X509_STRICT
    context.verify_flags = flags | ssl.VERIFY_X509_STRICT if strict else flags


def _store_key() -> object:
    """Something that changes whenever the trust store, or who makes contexts, may have changed."""
    variable, file, _, _ = _default_paths()
    file, folders = os.environ.get(variable, file), _folders()
    return (
        ssl.SSLContext,
        ssl.create_default_context,
        file,
        folders,
        _stamp(file),
        [_stamp(folder) for folder in folders],
        # Windows has a store without files; look again once an hour.
        time.monotonic() // 3600 if sys.platform == "win32" else None,
    )


@functools.lru_cache(maxsize=None)
def _default_paths() -> Tuple[str, str, str, str]:
    """OpenSSL's: variable and file, variable and folder. `get_default_verify_paths()` looks at the disk each time."""
    paths = ssl.get_default_verify_paths()
    return paths.openssl_cafile_env, paths.openssl_cafile, paths.openssl_capath_env, paths.openssl_capath


def _folders() -> Sequence[str]:
    """Of hashed certificates; OpenSSL takes a list of them."""
    _, _, variable, folder = _default_paths()
    return os.environ.get(variable, folder).split(os.pathsep)


def _stamp(path: str) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return None
    # The last is for changes that keep the others: who may read it; and files with a given time and a reused inode.
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


def _files(folders: Sequence[str]) -> Dict[str, object]:
    """The stamp of each file in these folders."""
    found: Dict[str, object] = {}
    for folder in folders:
        with contextlib.suppress(OSError):  # there need not be one
            paths = [os.path.join(folder, name) for name in os.listdir(folder)]
            found.update((path, _stamp(path)) for path in paths)
    return found


def _seal(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make `context` unchangeable: every socket shows it as `sock.context`."""
    context.__class__ = _sealed_class(type(context))
    return context


_sealed_classes: Dict[Type[ssl.SSLContext], Type[ssl.SSLContext]] = {}


def _sealed_class(base: Type[ssl.SSLContext]) -> Type[ssl.SSLContext]:
    if base not in _sealed_classes:
        namespace: Dict[str, Any] = {
            name: _refuse
            for name in dir(base)
            if not name.startswith("__") and name not in HARMLESS and is_routine(getattr(base, name))
        }
        namespace.update(__setattr__=_refuse, __delattr__=_refuse, __module__=base.__module__, __doc__=base.__doc__)
        _sealed_classes[base] = type(base.__name__, (base,), namespace)
    return _sealed_classes[base]


def _refuse(self: ssl.SSLContext, *args: object, **kwargs: object) -> NoReturn:
    raise AttributeError(
        "this SSLContext is shared by all connections that use the default and cannot be changed; "
        "pass a context of your own instead"
    )


_lock = Lock()
