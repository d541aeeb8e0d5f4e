"""The names of modes and of verdicts, as arguments, logs and reports have them; and how the platform says why."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Optional, Tuple

ENFORCE, WARN, OFF = "enforce", "warn", "off"
MODES = (ENFORCE, WARN, OFF)

ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"
#: by a rule that switches verification off
EXEMPT = "exempt"


def cause_of(exc: "ssl.SSLCertVerificationError") -> "Tuple[Optional[int], str]":
    """Verify code and message of a refusal; an error that the program itself has made may have neither."""
    return getattr(exc, "verify_code", None), getattr(exc, "verify_message", None) or str(exc)
