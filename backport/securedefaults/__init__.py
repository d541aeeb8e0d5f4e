"""Verify TLS by default in smtplib, imaplib, poplib, ftplib, nntplib and SMTPHandler, as http.client does.

    import securedefaults
    securedefaults.apply()

See https://github.com/python/cpython/issues/91826 for what is wrong with the standard library's default.

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._config import ConfigurationError
    from ._context import create_default_context
    from ._entrypoints import ENTRY_POINTS, EntryPoint
    from ._events import Observation
    from ._hooks import apply, restore
    from ._policy import Policy
    from ._report import Report, report
    from ._rules import HostRule
    from ._status import Status, status
    from ._warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning

__version__ = "0.1.0"

__all__ = [
    "ENTRY_POINTS",
    "ConfigurationError",
    "EntryPoint",
    "HostRule",
    "Observation",
    "Policy",
    "Report",
    "Status",
    "UnverifiedDefaultWarning",
    "WouldBeRefusedWarning",
    "__version__",
    "apply",
    "create_default_context",
    "report",
    "restore",
    "status",
]

# Imported when first used: most need `ssl` or `typing`, which a program that only calls apply() may never load, and
# interpreters start with this module that never need any of it.
_LAZY = {
    "apply": "_hooks",
    "restore": "_hooks",
    "ENTRY_POINTS": "_entrypoints",
    "EntryPoint": "_entrypoints",
    "ConfigurationError": "_config",
    "HostRule": "_rules",
    "Observation": "_events",
    "Report": "_report",
    "report": "_report",
    "create_default_context": "_context",
    "Policy": "_policy",
    "Status": "_status",
    "status": "_status",
    "UnverifiedDefaultWarning": "_warnings",
    "WouldBeRefusedWarning": "_warnings",
}


def __getattr__(name: str) -> "Any":
    if name not in _LAZY:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    # importlib.import_module() would be another import, at the start of many interpreters
    module = __import__("%s.%s" % (__name__, _LAZY[name]), fromlist=[name])
    return getattr(module, name)


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
