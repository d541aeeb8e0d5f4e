"""The few methods that need a hook of their own, because the default context comes too late to help.

- `SMTP.connect` does not note the host before 3.13.14 and 3.14.5 (https://github.com/python/cpython/issues/70039).
- An upgrade (STARTTLS, STLS, AUTH TLS) that fails must leave no connection to a later `login()`. That holds for the
  caller's own contexts too, which never meet ours.
- What clients send, and how their handshakes end, is for the guard: see `guarding`.
- `IMAP4` keeps what it received before TLS; it is discarded.
- `FTP.__exit__` puts the server's complaint into the place of a refused data channel; `POP3.close` and
  `IMAP4.shutdown` put into that of a refused upgrade that the socket is closed already.

Each function takes the original and returns what replaces it.
"""

from __future__ import annotations

import contextlib
import functools
import ssl

from .. import _policy
from .._entrypoints import ENTRY_POINTS, UPGRADE
from .._policy.identity import without_port
from .._tls.asked import Asked, asked_of, note
from .._tls.client import attribute
from .._tls.sockets import is_closed, reset_before_tls, shut_down
from .._tls.stdlib import is_encrypted, is_tls
from . import guarding, loading
from .code import class_of, is_readable, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Iterator, Optional, Tuple

    Method = Callable[..., Any]
    #: the class that has the method in its own namespace, the method's name, and the function from old to new
    Hook = Tuple[type, str, Callable[[Any], Any]]


def hooks(module: ModuleType) -> Iterator[Hook]:
    """The hooks that `module` needs; its classes and methods may be missing."""
    for entry_point in ENTRY_POINTS:
        if entry_point.module != module.__name__ or entry_point.kind != UPGRADE:
            continue
        yield from _hook(module, entry_point.cls, entry_point.method, _upgrade(module.__name__))
    if not is_readable(module):
        for cls in dict.fromkeys(
            entry_point.cls for entry_point in ENTRY_POINTS if entry_point.module == module.__name__
        ):
            yield from _hook(module, cls, "__init__", _enter(module.__name__))
    for cls, method, replace in guarding.hooks(module):
        yield from _hook(module, cls, method, replace)
    if module.__name__ == "smtplib":
        yield from _smtp_hooks(module)
    if module.__name__ == "imaplib":
        yield from _hook(module, "IMAP4", "_simple_command", _drop_clear_text)
        yield from _hook(module, "IMAP4", "shutdown", _close_once)
    if module.__name__ == "poplib":
        yield from _hook(module, "POP3", "close", _close_once)
    if module.__name__ == "ftplib":
        yield from _hook(module, "FTP_TLS", "__exit__", _keep_refusal)


def _hook(module: ModuleType, cls: str, method: str, replace: Callable[[Method], Method]) -> Iterator[Hook]:
    for owner in getattr(class_of(module, cls), "__mro__", ()):
        if method in vars(owner):
            yield owner, method, replace
            return


def _smtp_hooks(smtplib: ModuleType) -> Iterator[Hook]:
    smtp = class_of(smtplib, "SMTP")
    if smtp is None:
        return
    notes_host = "_host" in names_in(vars(smtp).get("connect"))
    yield from _hook(smtplib, "SMTP", "connect", _note_asked if notes_host else _note_host)
    yield from _hook(smtplib, "LMTP", "connect", _note_host)
    if notes_host and not hasattr(smtp, "_host"):
        # Subclasses with a connect() of their own do not set it.
        yield smtp, "_host", lambda missing: None


class _Noted(str):
    """A host noted by `_note_host`, as opposed to one that the caller assigned to `SMTP._host`."""

    #: to tell it by, for this class is another one when the module was reloaded
    is_noted = True


def _note_asked(original: Method) -> Method:
    """For an SMTP that keeps the host itself."""
    return _noting(original, keeps_host=True)


def _note_host(original: Method) -> Method:
    return _noting(original, keeps_host=False)


def _noting(original: Method, *, keeps_host: bool) -> Method:
    @functools.wraps(original)
    def connect(self: Any, host: Any = "localhost", port: Any = 0, *args: Any, **kwargs: Any) -> Any:
        if _policy.in_force is None:
            return original(self, host, port, *args, **kwargs)
        noted = _asked(self, host, port, keeps_host)
        note(self, noted)
        result = original(self, host, port, *args, **kwargs)
        noted.connected(getattr(self, "sock", None))
        return result

    return connect


def _asked(connection: Any, host: Any, port: Any, keeps_host: bool) -> Asked:
    """What is asked for, by smtplib's rules; through a proxy the socket has another port."""
    text = _as_text(host)
    if text is None:
        return Asked(port or None)
    name = text if port else without_port(text)
    named = text.partition(":")[2] if name != text else ""
    default = None if text.startswith("/") else attribute(connection, "default_port")
    asked = Asked(port or named or default)
    if not keeps_host:
        _correct_host(connection, asked, name)
    return asked


def _correct_host(connection: Any, asked: Asked, name: str) -> None:
    """Enforcement puts the host into `SMTP._host`; in warn mode that stays as it is."""
    present, before = attribute(connection, "_host"), asked_of(connection)
    corrected = hasattr(present, "is_noted") or (before and before.host is not None and before.thought == present)
    # `SMTP._host = name` before connect() is how people name a server that they reach by its address.
    if present and not corrected and without_port(_as_text(present) or "") != name:
        return
    if _policy.enforcing():
        connection._host = _Noted(name)
    else:
        asked.host, asked.thought = name, present


def _as_text(host: Any) -> Optional[str]:
    if isinstance(host, bytes):
        return host.decode("ascii", "replace")
    return host if isinstance(host, str) else None


def _enter(module: str) -> Callable[[Method], Method]:
    """For a compiled class: who asks for a default context is known by the frame of this."""

    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            module  # noqa: B018 - has to be among the variables of this frame, also under -O
            original(self, *args, **kwargs)

        return __init__

    return replace


def _upgrade(module: str) -> Callable[[Method], Method]:
    close = _closers.get(module, _close_file)

    def replace(original: Method) -> Method:
        @functools.wraps(original)
        def upgrade(self: Any, *args: Any, **kwargs: Any) -> Any:
            enforced = _policy.enforcing()
            attempt: Optional[guarding.Attempt] = None
            try:
                try:
                    attempt = guarding.Attempt(module, UPGRADE, self, getattr(self, "sock", None))
                    loading.load(needed=enforced)
                    result = original(self, *args, **kwargs)
                    _check_encrypted(self, enforced)
                except BaseException:
                    _cut(self, enforced)  # before anything else is so much as looked up
                    raise
            except BaseException as exc:
                _cut(self, enforced)  # once more: a signal handler's exception may have come in between
                sock = getattr(self, "sock", None)
                if _is_to_be_cut(sock, enforced):
                    close(self)
                if attempt is not None:
                    attempt.failed(exc)
                raise
            attempt.succeeded(getattr(self, "sock", None))
            return result

        return upgrade

    return replace


def _cut(connection: Any, enforced: bool) -> None:
    """Leave no clear text behind where the upgrade has failed."""
    sock = getattr(connection, "sock", None)
    if _is_to_be_cut(sock, enforced):
        shut_down(sock)


def _is_to_be_cut(sock: Any, enforced: bool) -> bool:
    # What was begun under enforcement ends under it, whatever another thread has called meanwhile.
    return sock is not None and (enforced or _policy.enforcing()) and not is_encrypted(sock)


def _check_encrypted(connection: Any, enforced: bool) -> None:
    """Whether the upgrade has led to TLS.

    Where the server has reset the connection since the go-ahead, `ssl` makes no handshake and says nothing. A default
    context looks before; the caller's own do not. One that puts off the handshake has TLS in its socket.

    Raises:
        ConnectionResetError: it has not.
    """
    sock = getattr(connection, "sock", None)
    if is_tls(sock) and _is_to_be_cut(sock, enforced) and not is_closed(sock):
        raise reset_before_tls()


def _drop_clear_text(original: Method) -> Method:
    # Not in `starttls`: who makes the handshake by himself (IMAPClient) gives this command, too.
    @functools.wraps(original)
    def _simple_command(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        result = original(self, name, *args, **kwargs)
        if name == "STARTTLS" and _policy.enforcing():
            self.untagged_responses = {}
            self.continuation_response = ""
            if hasattr(self, "_readbuf"):
                self._readbuf = []
        return result

    return _simple_command


def _keep_refusal(original: Method) -> Method:
    @functools.wraps(original)
    def __exit__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        try:
            return original(self, *args, **kwargs)
        except Exception:
            if _policy.enforcing() and len(args) > 1 and isinstance(args[1], ssl.SSLCertVerificationError):
                return None  # and the refusal goes on its way
            raise

    return __exit__


def _close_once(original: Method) -> Method:
    @functools.wraps(original)
    def close(self: Any, *args: Any, **kwargs: Any) -> Any:
        gone = is_closed(getattr(self, "sock", None))
        try:
            return original(self, *args, **kwargs)
        except OSError:
            if not (_policy.enforcing() and gone):
                raise

    return close


# After `shut_down` nothing can be sent any more. These make every later use fail with the module's own errors.


def _close_smtp(connection: Any) -> None:
    connection.close()


def _close_imap(connection: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):
        connection.shutdown()
    connection.state = "LOGOUT"  # else __exit__ logs out over the closed socket and its error masks the cause


def _close_nntp(connection: Any) -> None:
    _close_file(connection)
    # `with` calls quit(), and expects OSError of a dead connection; a closed file would raise ValueError instead.
    connection.file = connection.sock.makefile("rwb", buffering=0)


def _close_file(connection: Any) -> None:
    file = getattr(connection, "file", None)
    if file is not None:
        with contextlib.suppress(OSError, ValueError):
            file.close()


#: by module; the others only have the file that they read by
_closers = {"smtplib": _close_smtp, "imaplib": _close_imap, "nntplib": _close_nntp}
