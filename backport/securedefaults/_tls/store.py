"""The platform's trust store: parsed once for all connections, sealed, and parsed again when it has changed."""

from __future__ import annotations

import binascii
import contextlib
import functools
import hashlib
import os
import re
import ssl
import stat
import sys
import time

from .._locks import Turns
from .._policy.files import LONGEST_CAFILE, read_file
from .x509 import element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
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
#: Seconds between two looks at the certificates that Windows keeps; these have to be listed for it.
LOOK_AT_WINDOWS_AGAIN = 5.0


class Store:
    """One context for all connections, as long as the trust store stays as it is.

    Parsing takes some 20 ms and 0.8 MB for the usual 140 roots, 170 times the price of an unverified context.

    Args:
        make: makes a context from the trust store.
        cafile: the trust store, if it is not the platform's.
        module: the `ssl` that makes it.
    """

    def __init__(
        self, make: Callable[[], ssl.SSLContext], cafile: Optional[str] = None, module: ModuleType = ssl
    ) -> None:
        self._make = make
        self._module = module
        self._cafile = cafile
        self._current: Optional[_Sealed] = None
        #: of the last load: the state of the store, and how many certificates there were
        self._short: Tuple[object, int] = (None, 0)

    def context(self) -> ssl.SSLContext:
        """The context, sealed, for the trust store as it is now."""
        key = self._key()
        current = self._current
        if current is not None and current.is_for(key):
            return current.context
        with _turns.taken():
            current = self._current  # another thread may have parsed it
            if current is not None and current.is_for(key):
                return current.context
            made = _Sealed(key, self._make, self._folders())
            loaded = made.loaded()
            complete = made.is_complete(loaded, self._cafile)
            # What is missing for a moment is not missing again, and just as much of it: then it is we who miscount.
            if complete or (complete is False and not made.is_empty(loaded) and self._short == (key, loaded)):
                self._current = made
            self._short = key, loaded
            return made.context

    def _key(self) -> object:
        """Something that changes whenever the contexts may have to be other ones."""
        # What `ssl.create_default_context()` takes from elsewhere.
        module = self._module
        key = module.SSLContext, module.create_default_context, os.environ.get("SSLKEYLOGFILE")
        return key, _stamp(self._cafile) if self._cafile is not None else _store_key()

    def _folders(self) -> Sequence[str]:
        return _folders() if self._cafile is None else []


class _Sealed:
    """A sealed context, and the state of the trust store that it was made from.

    Args:
        key: of the store, from before the context is made.
        make: makes it.
        folders: of hashed certificates.
    """

    def __init__(self, key: object, make: Callable[[], ssl.SSLContext], folders: Sequence[str]) -> None:
        self._key = key
        self._folders = folders
        self._files = _files(folders)
        self._look_again = time.monotonic() + LOOK_AGAIN
        self.context = _seal(make())

    def loaded(self) -> int:
        """How many certificates there are in it."""
        found: int = self.context.cert_store_stats()["x509"]
        return found

    def is_empty(self, loaded: int) -> bool:
        """Whether it trusts nobody. From a folder certificates are loaded one by one, when they are needed."""
        return loaded == 0 and not self._files

    def is_complete(self, loaded: int, file: Optional[str]) -> Optional[bool]:
        """Whether all that there is was loaded; None if that cannot be found out now.

        OpenSSL does not say so when it could not, for want of a free file descriptor, of memory, or because the file
        was just being written.

        Args:
            loaded: certificates.
            file: with the certificates; None if it is the platform's.
        """
        if file is None and loaded < _number_in_windows():
            return False
        file = _file() if file is None else file
        there = 0
        if os.path.isfile(file):
            try:
                there = certificates_in(read_file(file, LONGEST_CAFILE))
            except OSError:
                return None
        return loaded >= there and not self.is_empty(loaded)

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


def check_readable(cafile: Optional[str] = None) -> None:
    """OpenSSL would wait for a pipe, and read a device without an end.

    Args:
        cafile: that it is to read; None for the platform's.

    Raises:
        OSError: it is one of these.
    """
    file = _file() if cafile is None else cafile
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return  # there need not be one; OpenSSL's to say
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or file == os.devnull):
        read_file(file, LONGEST_CAFILE)  # which says what it is


def certificates_in(pem: bytes) -> int:
    """How many different certificates OpenSSL finds in a file."""
    found = set()
    for body in _PEM.findall(pem):
        with contextlib.suppress(ValueError):  # binascii.Error is one; of such a file OpenSSL loads nothing
            der = binascii.a2b_base64(body)
            found.add(der[: element(der, 0, len(der)).end])  # there may be more behind it: what it is trusted for
    return len(found)


#: the base64 of what OpenSSL takes for a certificate (PEM_read_bio_X509_AUX)
_PEM = re.compile(
    rb"(?m)^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^\n]*\n([^-]*)-----END (?:TRUSTED |X509 )?CERTIFICATE-----"
)


def _store_key() -> object:
    """Something that changes whenever the platform's trust store may have changed."""
    file, folders = _file(), _folders()
    return file, folders, _stamp(file), [_stamp(folder) for folder in folders], _system_store()


def _file() -> str:
    """Of certificates in PEM."""
    variable, file, _, _ = _default_paths()
    return os.environ.get(variable, file)


@functools.lru_cache(maxsize=None)
def _default_paths() -> Tuple[str, str, str, str]:
    """OpenSSL's: variable and file, variable and folder. `get_default_verify_paths()` looks at the disk each time."""
    paths = ssl.get_default_verify_paths()
    return paths.openssl_cafile_env, paths.openssl_cafile, paths.openssl_capath_env, paths.openssl_capath


def _folders() -> Sequence[str]:
    """Of hashed certificates; OpenSSL takes a list of them."""
    _, _, variable, folder = _default_paths()
    return os.environ.get(variable, folder).split(os.pathsep)


#: when Windows' certificates were looked at; a digest of them, and how many of them are trusted
_windows: Tuple[float, bytes, int] = (float("-inf"), b"", 0)


def _system_store() -> bytes:
    """What changes with the certificates that Windows keeps, which are in no file; nothing elsewhere."""
    global _windows
    if not hasattr(ssl, "enum_certificates"):
        return b""
    now = time.monotonic()
    if now - _windows[0] >= LOOK_AT_WINDOWS_AGAIN:
        _windows = (now, *_windows_certificates())
    return _windows[1]


def _number_in_windows() -> int:
    return _windows[2] if hasattr(ssl, "enum_certificates") else 0


def _windows_certificates() -> Tuple[bytes, int]:
    digest, trusted = hashlib.sha256(), set()
    for name in ("CA", "ROOT"):  # as SSLContext.load_default_certs()
        try:
            entries = ssl.enum_certificates(name)  # type: ignore[attr-defined,unused-ignore]
        except OSError:  # of which it says no more than a warning
            return b"", sys.maxsize
        for der, encoding, trust in entries:
            digest.update(repr((name, len(der), encoding, trust if trust is True else sorted(trust))).encode() + der)
            if encoding == "x509_asn" and (trust is True or ssl.Purpose.SERVER_AUTH.oid in trust):
                trusted.add(der)
    return digest.digest(), len(trusted)


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


def is_sealed(context: object) -> bool:
    """Whether it is a context that all default handshakes share."""
    return type(context) in _sealed_classes.values()


def _refuse(self: ssl.SSLContext, *args: object, **kwargs: object) -> NoReturn:
    raise AttributeError(
        "this SSLContext is shared by all connections that use the default and cannot be changed; "
        "pass a context of your own instead"
    )


def is_routine(attribute: object) -> bool:
    """Whether an attribute of a context class is a method, as opposed to a setting."""
    return callable(attribute) and not isinstance(attribute, type)


#: Parsing: several threads that do it at the same time are no faster.
_turns = Turns(1)
