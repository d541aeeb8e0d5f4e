"""What was asked for: by arguments, else by the environment, else by the configuration file.

It is plain data. What makes contexts by it is `_tls.trust`.
"""

import os

from .._names import ENFORCE, MODES, OFF
from .environment import LOG_VARIABLE, MODE_VARIABLE, config_path, environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any, Callable, Dict, Iterable, Optional, Tuple, Union

    from .config import Configuration
    from .rules import HostRule


class Policy:
    """How default contexts are to be made.

    What is not given as an argument is taken from the environment (`SECUREDEFAULTS_MODE`, `SECUREDEFAULTS_LOG`), and
    else from the configuration file (`SECUREDEFAULTS_CONFIG`, or `/etc/python/securedefaults.cfg` if it exists). Its
    rules come after those of the argument.

    Args:
        mode: `"enforce"`, `"warn"` or `"off"`.
        context_factory: returns a verifying SSLContext; replaces the platform's trust store.
        strict: set or clear `VERIFY_X509_STRICT`; None leaves what this Python does.
        rules: what is to be done about single hosts.
        log: path of a file to which each handshake is appended as a line of JSON.
        otherwise: the mode if nobody says anything.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: there is no such mode, or the configuration file is wrong.
    """

    #: who else may change what it says: the file, and those that its rules name
    doubts: "Tuple[str, ...]" = ()
    #: whether it was asked for by somebody else than the program, who is told on stderr where nobody else is told
    speaks = False

    def __init__(
        self,
        mode: "Optional[str]" = None,
        *,
        context_factory: "Optional[Callable[[], ssl.SSLContext]]" = None,
        strict: "Optional[bool]" = None,
        rules: "Iterable[HostRule]" = (),
        log: "Union[str, os.PathLike[str], None]" = None,
        otherwise: str = ENFORCE,
    ) -> None:
        if context_factory is not None and not callable(context_factory):
            raise TypeError(
                "context_factory must be callable and return an ssl.SSLContext, not %r" % (context_factory,)
            )
        if strict not in (None, True, False):
            raise TypeError("strict must be True, False or None, not %r" % (strict,))
        given = _checked_rules(rules)
        file = _configuration()
        self.mode = _checked(mode, "mode") if mode is not None else _mode_from_outside(file, otherwise)
        self.context_factory = context_factory
        self.strict = file.strict if strict is None and file else strict
        self.rules = given + (file.rules if file else ())
        log = environment(LOG_VARIABLE) if log is None else log
        self.log = _log_path(log) if log is not None else file.log if file else None
        self.doubts = (file.doubts if file else ()) + tuple(rule.doubt for rule in self.rules if rule.doubt)
        #: what other rooms keep with it, for as long as it lives; no part of what it says
        self.kept: Dict[object, Any] = {}

    @classmethod
    def plain(cls) -> "Policy":
        """To enforce, whatever environment and configuration file say."""
        policy = cls.__new__(cls)
        policy.kept = {}
        policy.mode, policy.context_factory, policy.strict, policy.rules, policy.log = ENFORCE, None, None, (), None
        return policy

    def rule(self, host: "Union[str, bytes, None]", port: "Optional[int]", module: str) -> "Optional[HostRule]":
        """The rule for connections to that host and port, made by that module; None if there is none."""
        if not self.rules:
            return None
        from .identity import host_key

        return self.decision(host_key(host) if host else None, port, module)[0]

    def decision(
        self, key: "Optional[str]", port: "Optional[int]", module: str, is_asked_port: bool = True
    ) -> "Tuple[Optional[HostRule], bool]":
        """The rule that counts for a connection, and whether it switches verification off now.

        Args:
            key: of the host, by `host_key()`; None if it has no name.
            port: that the program connects to; None if that is not known.
            module: that the calling line is in.
            is_asked_port: whether it is known that the program asked for that port, and not some proxy.
        """
        if not self.rules:
            return None, False
        from .rules import find

        return find(self.rules, key, port, module, is_asked_port)

    def __getstate__(self) -> "Dict[str, Any]":
        """What it says, for another process."""
        return {**vars(self), "kept": {}}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return self._key() == other._key()

    def _key(self) -> "Tuple[object, ...]":
        return self.mode, self.context_factory, self.strict, self.rules, self.log


def _configuration() -> "Optional[Configuration]":
    path = config_path()
    if path is None:
        return None
    from .config import read_configured

    return read_configured(path)


def _mode_from_outside(file: "Optional[Configuration]", otherwise: str) -> str:
    value, where = environment(MODE_VARIABLE), "%s=off" % MODE_VARIABLE
    if value is not None:
        _check_variable(value)
    elif file is not None and file.mode is not None:
        value, where = file.mode, "mode = off in %s" % file.path
    if value == OFF and otherwise != OFF:  # somebody called apply(), and it does nothing
        _warn("%s: the certificates of mail, FTP and news servers are not verified by default" % where)
    return value or otherwise


def _warn(text: str) -> None:
    """Say it by a warning; by the logger where warnings are errors, for who has switched it off is to have it off."""
    import contextlib
    import warnings

    try:
        warnings.warn(text, RuntimeWarning, stacklevel=5)  # the caller of apply()
    except Exception:  # the warning itself, or what somebody's own `showwarning` raises
        with contextlib.suppress(Exception):
            import logging

            logging.getLogger("securedefaults").warning("%s", text)


def _check_variable(mode: str) -> None:
    try:
        _checked(mode, "the environment variable %s" % MODE_VARIABLE)
    except ValueError as exc:
        from .config import ConfigurationError

        raise ConfigurationError(str(exc)) from None


def _checked(mode: object, source: str) -> str:
    if not isinstance(mode, str):
        raise TypeError("%s must be a string, not %r" % (source, mode))
    if mode not in MODES:
        raise ValueError("%s must be one of %s, not %r" % (source, ", ".join(map(repr, MODES)), mode))
    return mode


def _checked_rules(rules: "Iterable[HostRule]") -> "Tuple[HostRule, ...]":
    found = tuple(rules)
    if found:
        from .rules import HostRule

        for rule in found:
            # by its name: it may have been made before the module of its class was reloaded
            cls = type(rule)
            if (cls.__module__, cls.__qualname__) != (HostRule.__module__, HostRule.__qualname__):
                raise TypeError("rules must be HostRules, not %r" % (rule,))
    return found


def _log_path(log: "Union[str, os.PathLike[str]]") -> str:
    path = os.fspath(log)
    if not isinstance(path, str) or not path:
        raise TypeError("log must be the path of a file, not %r" % (log,))
    from .files import absolute

    return absolute(path)
