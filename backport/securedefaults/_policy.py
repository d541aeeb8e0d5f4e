"""What was asked for: by arguments, else by the environment."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Callable, Optional

    from ._context import Trust

ENFORCE, WARN, OFF = "enforce", "warn", "off"
MODES = (ENFORCE, WARN, OFF)

MODE_VARIABLE = "SECUREDEFAULTS_MODE"


class Policy:
    """How default contexts are to be made.

    Args:
        mode: `"enforce"`, `"warn"` or `"off"`; None takes the environment's word, else `"enforce"`.
        context_factory: returns a verifying SSLContext; replaces the platform's trust store.
        strict: set or clear `VERIFY_X509_STRICT`; None leaves what this Python does.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: there is no such mode.
    """

    __slots__ = ("_trust", "context_factory", "mode", "strict")

    def __init__(
        self,
        mode: Optional[str] = None,
        *,
        context_factory: Optional[Callable[[], ssl.SSLContext]] = None,
        strict: Optional[bool] = None,
    ) -> None:
        if context_factory is not None and not callable(context_factory):
            raise TypeError(
                "context_factory must be callable and return an ssl.SSLContext, not %r" % (context_factory,)
            )
        if strict not in (None, True, False):
            raise TypeError("strict must be True, False or None, not %r" % (strict,))
        self.mode = _mode_from_environment() if mode is None else _checked(mode, "mode")
        self.context_factory = context_factory
        self.strict = strict
        self._trust: Optional[Trust] = None

    @property
    def trust(self) -> Trust:
        """Where the verified contexts come from; made when first needed, for it needs `ssl`."""
        if self._trust is None:
            from ._trust import FactoryTrust, PlatformTrust

            if self.context_factory is not None:
                self._trust = FactoryTrust(self.context_factory, self.strict)
            else:
                self._trust = PlatformTrust.cached(self.strict)
        return self._trust

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return (self.mode, self.context_factory, self.strict) == (other.mode, other.context_factory, other.strict)

    __hash__ = None  # type: ignore[assignment]


def _mode_from_environment() -> str:
    value = None if sys.flags.ignore_environment else os.environ.get(MODE_VARIABLE)
    if not value:
        return ENFORCE
    mode = _checked(value, "the environment variable %s" % MODE_VARIABLE)
    if mode == OFF:
        import warnings

        warnings.warn(
            "%s=off: the certificates of mail, FTP and news servers are not verified by default" % MODE_VARIABLE,
            RuntimeWarning,
            stacklevel=4,  # the caller of apply()
        )
    return mode


def _checked(mode: object, source: str) -> str:
    if not isinstance(mode, str):
        raise TypeError("%s must be a string, not %r" % (source, mode))
    if mode not in MODES:
        raise ValueError("%s must be one of %s, not %r" % (source, ", ".join(map(repr, MODES)), mode))
    return mode
