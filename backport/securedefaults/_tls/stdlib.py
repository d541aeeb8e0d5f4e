"""The standard library's own SSLContext: which class that is now, and how its settings are set.

Others put a class of theirs into the place of `ssl.SSLContext` (truststore, gevent, eventlet), and a reloaded `ssl` has
a new one. So nothing here is remembered. There may also be several copies of the module: who had imported `ssl` before
it was taken out of `sys.modules` goes on with the old one, and tells sockets by its classes.
"""

from __future__ import annotations

import ssl
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Type

#: `ssl.VERIFY_X509_PARTIAL_CHAIN`, which has that name from 3.10 on
PARTIAL_CHAIN = 0x80000

#: Their sockets show the context that made them, so a sealed one stays sealed. truststore's show an inner one.
_SHAREABLE = {"ssl", "gevent", "eventlet"}


def own_class(module: ModuleType = ssl) -> Type[ssl.SSLContext]:
    """The own class of that `ssl`, whatever its `SSLContext` means now."""
    found: Type[ssl.SSLContext] = next(cls for cls in module.SSLContext.__mro__ if cls.__module__ == "ssl")
    return found


def public_class(module: ModuleType = ssl) -> Type[ssl.SSLContext]:
    """What `isinstance(context, ssl.SSLContext)` asks for: gevent's and eventlet's class, or the own one."""
    return module.SSLContext if is_shareable(module) else own_class(module)


def is_shareable(module: ModuleType) -> bool:
    """Whether one context of the class that the `SSLContext` of that `ssl` means now can serve everybody."""
    name: str = module.SSLContext.__module__
    return name.partition(".")[0] in _SHAREABLE


def is_context(thing: object) -> bool:
    """Whether it is an SSLContext, also one of a class that was there before `ssl` was reloaded."""
    return isinstance(thing, ssl._ssl._SSLContext)  # type: ignore[attr-defined]


def assign(context: ssl.SSLContext, name: str, value: Any) -> None:
    """`setattr(context, name, value)`, whatever `ssl.SSLContext` means now.

    The setters in `ssl` find their own class by that name. Where it means a subclass they call themselves without end.
    """
    owner = next((cls for cls in type(context).__mro__ if name in vars(cls)), None)
    setting: Any = vars(owner)[name] if owner is not None else None
    setter: Any = getattr(setting, "fset", None)
    if not isinstance(setter, FunctionType) or setter.__globals__.get("__name__") != "ssl":
        setattr(context, name, value)  # OpenSSL's own, or another's class with setters of its own
        return
    namespace = {**setter.__globals__, "SSLContext": owner}
    FunctionType(setter.__code__, namespace, setter.__name__, setter.__defaults__, setter.__closure__)(context, value)


def is_tls(sock: object) -> bool:
    """Whether it is a socket of TLS, also one of another copy of `ssl`, or from before it was reloaded."""
    # gevent's SSLSocket is no subclass of the standard library's
    if isinstance(sock, (ssl.SSLSocket, own_class().sslsocket_class)):
        return True
    return any(cls.__module__ == "ssl" and cls.__name__ == "SSLSocket" for cls in type(sock).__mro__)


def is_encrypted(sock: object) -> bool:
    """Whether what is sent over it goes out encrypted, or not at all.

    A socket of TLS without TLS in it sends clear text: it was wrapped when its peer had gone, or `unwrap()` has ended
    TLS, as `FTP_TLS.ccc()` does. One whose handshake is still to be made sends nothing before that.
    """
    return is_tls(sock) and getattr(sock, "_sslobj", sock) is not None


def has_shown_certificate(sock: Any) -> bool:
    """Whether a handshake came to its end over a socket of TLS, and there was a certificate in it."""
    try:
        return is_encrypted(sock) and bool(sock.getpeercert(True))
    except Exception:  # ValueError where it is not at its end; a program's own class may raise whatever it likes
        return False


def is_about_tls(exc: ssl.SSLError) -> bool:
    """Whether an error came up while TLS was spoken; a file that cannot be loaded and a wrong setting say nothing."""
    if getattr(exc, "reason", None) in _SETTINGS:
        return False
    step = exc.__traceback__
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__")).partition(".")[0]
        if name in _SHAREABLE and step.tb_frame.f_code.co_name in _SPEAKING:
            return True
        step = step.tb_next
    return False


#: Functions of `ssl` that speak to the server. (The handshake is also made by the constructor, which looks before
#: whether anything has come in clear text.)
_SPEAKING = {"_create", "do_handshake", "read", "write", "send", "sendall", "recv", "recv_into", "unwrap"}
#: reasons of errors that come up in a handshake before anything is sent
_SETTINGS = {"NO_CIPHERS_AVAILABLE", "NO_PROTOCOLS_AVAILABLE"}


def is_of_program(exc: BaseException) -> bool:
    """Whether an error came out of a function of the program that was called in the middle: a signal handler's.

    What the package and the standard library raise is not; nor what is raised where contexts are made, which is by a
    `context_factory`, or by what somebody has put into the place of `ssl.create_default_context`.
    """
    own = {__name__.partition(".")[0], *_SHAREABLE, *_LIBRARY}
    step, makes_context = exc.__traceback__, False
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in own:
            return not makes_context
        makes_context = name.endswith("._tls.trust") and step.tb_frame.f_code.co_name in ("_call", "private_context")
        step = step.tb_next
    return False


#: modules that ours call
_LIBRARY = {"base64", "binascii", "contextlib", "datetime", "functools", "hashlib", "os", "re", "socket", "truststore"}


def unverified(module: ModuleType) -> ssl.SSLContext:
    """A context that verifies nobody, like the standard library's own default."""
    # gevent's sockets need gevent's context; truststore's context would bring its own idea of verification.
    context: ssl.SSLContext = public_class(module)(ssl.PROTOCOL_TLS_CLIENT)
    assign(context, "check_hostname", False)
    assign(context, "verify_mode", ssl.CERT_NONE)
    return context


def trusting_only(cafile: str, like: ssl.SSLContext, module: ModuleType) -> ssl.SSLContext:
    """A verified context that trusts what is in `cafile` and nobody else, with the flags of another context.

    For truststore's contexts trust the platform's certificates beside whatever is loaded into them.
    """
    context: ssl.SSLContext = own_class(module)(ssl.PROTOCOL_TLS_CLIENT)
    assign(context, "verify_flags", like.verify_flags)
    keylog = getattr(like, "keylog_filename", None)
    if keylog:
        context.keylog_filename = keylog
    context.load_verify_locations(cafile)
    return context
