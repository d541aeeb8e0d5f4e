"""Which except clauses are reached when TLS fails."""

from __future__ import annotations

from typing import Iterable

#: a refused certificate is an SSLCertVerificationError: an SSLError (an OSError) and a ValueError
_CAUGHT = frozenset(
    [
        *("builtins.BaseException", "builtins.Exception", "builtins.OSError", "builtins.IOError"),
        *("builtins.EnvironmentError", "builtins.ValueError", "socket.error", "os.error", "select.error"),
        *("ssl.SSLError", "ssl.SSLCertVerificationError", "ssl.CertificateError", "socket.SSLError", "socket.sslerror"),
        *("ftplib.all_errors", "builtins.WindowsError"),
    ]
)


def catches_refusal(names: Iterable[str]) -> bool:
    """Whether one of these classes, dotted, is that of a refused certificate or a base of it."""
    return any(name in _CAUGHT for name in names)
