"""Verify TLS by default in smtplib, imaplib, poplib, ftplib, nntplib and SMTPHandler, as http.client does.

    import securedefaults
    securedefaults.apply()

See https://github.com/python/cpython/issues/91826 for what is wrong with the standard library's default.

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._entrypoints import ENTRY_POINTS, EntryPoint
    from ._install.hooks import apply, restore
    from ._install.status import Status, status
    from ._observe.events import Observation
    from ._observe.report import Report, report
    from ._observe.warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning
    from ._policy.config import ConfigurationError
    from ._policy.policy import Policy
    from ._policy.rules import HostRule
    from ._tls.context import create_default_context

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
    "apply": "_install.hooks",
    "restore": "_install.hooks",
    "ENTRY_POINTS": "_entrypoints",
    "EntryPoint": "_entrypoints",
    "ConfigurationError": "_policy.config",
    "HostRule": "_policy.rules",
    "Observation": "_observe.events",
    "Report": "_observe.report",
    "report": "_observe.report",
    "create_default_context": "_tls.context",
    "Policy": "_policy.policy",
    "Status": "_install.status",
    "status": "_install.status",
    "UnverifiedDefaultWarning": "_observe.warnings",
    "WouldBeRefusedWarning": "_observe.warnings",
}


def __getattr__(name: str) -> "Any":
    if name not in _LAZY:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    # importlib.import_module() would be another import, at the start of many interpreters
    module = __import__("%s.%s" % (__name__, _LAZY[name]), fromlist=[name])
    return getattr(module, name)


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
