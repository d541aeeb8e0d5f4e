"""Verify TLS by default in smtplib, imaplib, poplib, ftplib, nntplib and SMTPHandler, as http.client does.

    import securedefaults
    securedefaults.apply()

See https://github.com/python/cpython/issues/91826 for what is wrong with the standard library's default.
"""

from __future__ import annotations

from ._hooks import apply, restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._context import create_default_context
    from ._policy import Policy
    from ._status import Status, status
    from ._warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning

__version__ = "0.1.0"

__all__ = [
    "Policy",
    "Status",
    "UnverifiedDefaultWarning",
    "WouldBeRefusedWarning",
    "__version__",
    "apply",
    "create_default_context",
    "restore",
    "status",
]

# Imported when first used: these need `ssl` or `typing`, which a program that only calls apply() may never load.
_LAZY = {
    "create_default_context": "_context",
    "Policy": "_policy",
    "Status": "_status",
    "status": "_status",
    "UnverifiedDefaultWarning": "_warnings",
    "WouldBeRefusedWarning": "_warnings",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    from importlib import import_module

    return getattr(import_module("." + _LAZY[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
