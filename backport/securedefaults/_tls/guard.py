"""The guard against a downgrade: after a host's certificate was refused, nobody logs in to it in clear text.

`try: smtp.starttls() except ssl.SSLError: ...` and then a new connection without TLS would hand over the password to
the very one who presented the certificate. It holds for this process, until a verified handshake succeeds.
"""

from __future__ import annotations

from .._kept import kept
from .._locks import drop_oldest
from .._names import ACCEPTED, REFUSED
from .._observe.errors import log_unseen, note, unseen
from .refusal import certificate_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional

    from .verdict import Verdict

#: by host, the oldest first. Each change is one step: a signal handler may come in between, or another thread.
_refused: Dict[str, Verdict] = kept(__name__).setdefault("refused", {})
_MOST = 65536


def note_verdict(key: Optional[str], verdict: Verdict) -> None:
    """A handshake with that host came to an end: it was refused, or would have been, or has proved who it is.

    Args:
        key: of the host, by `host_key()`; None if it has no name.
        verdict: of enforcement.
    """
    if key is None:
        return
    if verdict.state == REFUSED:
        _refused[key] = verdict
        drop_oldest(_refused, _MOST)
    elif verdict.state == ACCEPTED:
        _refused.pop(key, None)


def was_any_refused() -> bool:
    """Whether any host was refused, as hardly ever one was."""
    return bool(_refused)


def forget() -> None:
    """Start anew."""
    _refused.clear()


def refusal_of(key: Optional[str]) -> Optional[Verdict]:
    """Why no password may be sent to that host in clear text; None if it may."""
    return _refused.get(key) if key is not None and _refused else None


def explanation(host: str, verdict: Verdict) -> str:
    """What the program is told."""
    return (
        "the certificate of %r was refused before in this process (%s), so a login in clear text would hand the "
        "password to whoever presented it" % (host, verdict)
    )


def refuse(host: str, verdict: Verdict) -> None:
    """Raise the platform's error for that."""
    exc = certificate_error(verdict.code or 0, verdict.message)
    note(
        exc,
        explanation(host, verdict) + ". Nothing was sent. Have the certificate put right, or say by a rule how this "
        "host is to be verified; the login is let through after a verified handshake.",
    )
    log_unseen(unseen(exc), ("login", host))
    raise exc
