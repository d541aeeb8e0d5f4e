"""Warn mode: the connection is made as the standard library makes it, and then it is said what enforcement would do."""

from __future__ import annotations

import os
import ssl
import sys
import warnings

from . import _verdict
from ._asked import Asked
from ._entrypoints import MODULES
from ._trust import PlatformTrust
from ._verdict import REFUSED, UNKNOWN, Verdict
from ._warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import FrameType
    from typing import Any, Dict, Optional, Type

    from ._asked import Name
    from ._entrypoints import Module
    from ._policy import Policy


class Watch:
    """What is to be known for a verdict.

    Args:
        policy: the one that would be enforced.
        module: the module with the entry point.
        connection: the client object that asked for the context.
    """

    def __init__(self, policy: Policy, module: Module, connection: Optional[object]) -> None:
        self._policy = policy
        self._asked = Asked(module, connection)

    def judge(self, chain: Any, asked: Name, sock: Optional[socket.socket]) -> tuple[Name, Verdict]:
        """The reference identifier, and what enforcement says to the chain. Whatever goes wrong, it is unknown."""
        try:
            name = self._asked.identifier(asked, sock)
            context = self._policy.trust.lend()
            verdict = _verdict.remembered(chain, name, context)
            if verdict.state == REFUSED and verdict.code is not None and self._is_strict(context):
                lenient = _verdict.remembered(chain, name, PlatformTrust.cached(False).lend())
                verdict = Verdict(verdict.state, verdict.code, verdict.message, lenient.state == _verdict.ACCEPTED)
        except Exception as exc:
            # the program's connection is not to fail because of us
            return asked, Verdict(UNKNOWN, message="%s: %s" % (type(exc).__name__, exc))
        return name, verdict

    def _is_strict(self, context: ssl.SSLContext) -> bool:
        return self._policy.context_factory is None and bool(context.verify_flags & ssl.VERIFY_X509_STRICT)

    def warn(self, name: Name, verdict: Verdict) -> None:
        """At the line of the program that made the connection."""
        module = self._asked.module
        assert module is not None
        host = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        text = "%s got no SSL context and did not verify %r" % (module.name, host or "a host without a name")
        if verdict.state == REFUSED:
            _warn_caller(
                "%s, whose certificate enforcement would refuse: %s" % (text, _reason(verdict)), WouldBeRefusedWarning
            )
        elif verdict.state == UNKNOWN:
            _warn_caller(
                "%s; whether enforcement would refuse its certificate is unknown: %s" % (text, verdict.message),
                UnverifiedDefaultWarning,
            )
        else:
            _warn_caller("%s; enforcement would accept its certificate" % text, UnverifiedDefaultWarning)


def _reason(verdict: Verdict) -> str:
    return str(verdict)[len(verdict.state) + 2 :]


def watch(context: ssl.SSLContext, policy: Policy, module: Module, connection: Optional[object]) -> ssl.SSLContext:
    """The standard library's own default context, which from now on tells what enforcement would do."""
    watched: Any = context
    watched.__class__ = _watched_class(type(context))
    watched._securedefaults = Watch(policy, module, connection)
    return context


_watched_classes: Dict[Type[ssl.SSLContext], Type[ssl.SSLContext]] = {}


def _watched_class(base: Type[ssl.SSLContext]) -> Type[ssl.SSLContext]:
    """`base`, except that its clients' handshakes are judged. It looks the same: same name, same signatures."""
    if base not in _watched_classes:

        class Watched(base):  # type: ignore[valid-type,misc]
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
                    "server_side": server_side,
                    "do_handshake_on_connect": do_handshake_on_connect,
                    "suppress_ragged_eofs": suppress_ragged_eofs,
                    "server_hostname": server_hostname,
                    "session": session,
                }
                # Whoever makes it verify has no use for a verdict.
                if server_side or not do_handshake_on_connect or self.verify_mode != ssl.CERT_NONE:
                    return super().wrap_socket(sock, **options)  # type: ignore[no-any-return]
                with _verdict.recording(self) as chain_of:
                    tls: ssl.SSLSocket = super().wrap_socket(sock, **options)
                    chain = chain_of(tls)
                watch: Watch = self._securedefaults
                try:
                    watch.warn(*watch.judge(chain, server_hostname, sock))
                except BaseException:
                    # Our warning was made an error. Then there is no connection, in clear text least of all.
                    tls.close()
                    raise
                return tls

        Watched.__name__, Watched.__qualname__ = base.__name__, base.__qualname__
        Watched.__module__, Watched.__doc__ = base.__module__, base.__doc__
        _watched_classes[base] = Watched
    return _watched_classes[base]


_PACKAGE = __name__.partition(".")[0]
#: Their lines are nobody's own. (`logging` as a whole: its handlers are called by it.)
_NOT_CALLERS = frozenset([_PACKAGE, "ssl", "logging", *(name.partition(".")[0] for name in MODULES)])
_STDLIB = os.path.dirname(os.__file__) + os.sep
_SITE = tuple(os.path.join(_STDLIB, name) + os.sep for name in ("site-packages", "dist-packages"))


def _warn_caller(message: str, category: Type[Warning]) -> None:
    frame = _caller()
    namespace = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        namespace.get("__name__"),
        namespace.setdefault("__warningregistry__", {}),
    )


def _caller() -> FrameType:
    """The frame whose line it is: the first that is neither ours nor the standard library's."""
    frame: Optional[FrameType] = sys._getframe(1)
    first = None
    while frame is not None:
        name = frame.f_globals.get("__name__", "").partition(".")[0]
        if name not in _NOT_CALLERS:
            first = first or frame
            if not _is_stdlib(frame.f_code.co_filename):
                return frame
        frame = frame.f_back
    # In a thread of an executor, say: there is nobody else.
    return first or sys._getframe(1)


def _is_stdlib(path: str) -> bool:
    return path.startswith("<frozen") or (path.startswith(_STDLIB) and not path.startswith(_SITE))
