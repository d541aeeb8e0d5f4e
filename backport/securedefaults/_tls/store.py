"""The platform's trust store: parsed once for all connections, sealed, and parsed again when it has changed."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import sys
import time

from .._locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, NoReturn, Optional, Sequence, Tuple, Type

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

#: Seconds between two looks at each of the files in a folder of hashed certificates.
LOOK_AGAIN = 1.0


class Store:
    """One context for all connections, as long as the trust store stays as it is.

    Parsing takes some 20 ms and 0.8 MB for the usual 140 roots, 170 times the price of an unverified context.

    Args:
        make: makes a context from the trust store.
        cafile: the trust store, if it is not the platform's.
    """

    __slots__ = ("_cafile", "_current", "_make")

    def __init__(self, make: Callable[[], ssl.SSLContext], cafile: Optional[str] = None) -> None:
        self._make = make
        self._cafile = cafile
        self._current: Optional[_Sealed] = None

    def context(self) -> ssl.SSLContext:
        """The context, sealed, for the trust store as it is now."""
        key = _store_key() if self._cafile is None else (ssl.SSLContext, _stamp(self._cafile))
        current = self._current
        if current is None or not current.is_for(key):
            with _lock.held:
                current = self._current
                if current is None or not current.is_for(key):
                    folders = _folders() if self._cafile is None else []
                    current = self._current = _Sealed(key, self._make, folders)
        return current.context


class _Sealed:
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

    def is_for(self, key: object) -> bool:
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


def is_routine(attribute: object) -> bool:
    """Whether an attribute of a context class is a method, as opposed to a setting."""
    return callable(attribute) and not isinstance(attribute, type)


_lock = Lock()
