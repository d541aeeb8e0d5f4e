"""What a refusal says: which host, what it presented, what is wrong, and what to do.

The exception stays the platform's own, with all its attributes; the text is added as a note (PEP 678).
"""

from __future__ import annotations

import logging
import ssl

from .._names import cause_of
from . import codes, roots, stderr
from .advice import NOTHING, Advice, note_lines, said
from .logger import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Hashable, List, Optional

    from .._policy.rules import HostRule

_MARK = "securedefaults: "
_REFUSAL = "refused the server's certificate"
_REFUSED = _MARK + _REFUSAL

#: verify code and message where no pin fits: X509_V_ERR_APPLICATION_VERIFICATION is for the application's own checks
OTHER_PIN = (50, "the certificate has none of the pinned fingerprints")


def explain(
    exc: ssl.SSLCertVerificationError,
    host: object,
    presented: Optional[Dict[str, Any]] = None,
    *,
    rule: Optional[HostRule] = None,
    found: Advice = NOTHING,
    ask: Optional[str] = None,
) -> str:
    """Add to `exc` who was refused and what to do; once. Returns what of it no traceback will show.

    Args:
        exc: the platform's error.
        host: that was asked for.
        presented: the leaf, as `SSLSocket.getpeercert()` has it; None if it is not known.
        rule: that counted.
        found: what is wrong, and what helps.
        ask: the command that tells all of that.
    """
    if not any(note.startswith(_REFUSED) for note in getattr(exc, "__notes__", ())):
        note(exc, _refusal(exc, host, presented, found, ask))
    if rule is not None and not rule.verify:
        note(exc, "the rule that switched verification off for this host ended on %s: %s" % (rule.until, rule.source))
    return unseen(exc)


def note(exc: BaseException, text: str) -> None:
    """Add `text` to `exc` as a note."""
    exc.__notes__ = [*getattr(exc, "__notes__", ()), _MARK + text]  # type: ignore[attr-defined,unused-ignore]


def unseen(exc: BaseException) -> str:
    """Our notes of an exception that no traceback will show: before 3.11 they have to be logged."""
    if hasattr(exc, "add_note"):
        return ""
    return "\n".join(note for note in getattr(exc, "__notes__", ()) if note.startswith(_MARK))


def log_unseen(text: str, subject: Hashable) -> None:
    """Log these notes, if there are any, and if they are not said in one line; `subject` is what they are about."""
    if text and not stderr.is_for_us():
        log(logging.ERROR, text, subject)


def refusal_in_one_line(server: str, message: str, code: Optional[int]) -> str:
    """What stderr says of it."""
    return "refused the certificate of %s: %s%s" % (server, message, "" if code is None else " (verify code %d)" % code)


def _refusal(
    exc: ssl.SSLCertVerificationError,
    host: object,
    presented: Optional[Dict[str, Any]],
    found: Advice,
    ask: Optional[str],
) -> str:
    code, message = cause_of(exc)
    lines = ["%s for %r: %s%s." % (_REFUSAL, host, message, "" if code is None else " (verify code %d)" % code)]
    if presented:
        lines.append("It presented a certificate " + _describe(presented) + ".")
    if codes.of(code, message).kind == codes.CHAIN:
        lines.extend(roots.problems())
    lines.append("No credentials were sent.")
    told = Advice((said(code, message),)) if found == NOTHING else found
    return "\n".join([*lines, *note_lines(told, ask=ask)])


def _describe(info: Dict[str, Any]) -> str:
    """What is known of a certificate; a long one is not read as a whole."""
    names = [value for _, value in info.get("subjectAltName", ())]
    names = names or [value for part in info.get("subject", ()) for key, value in part if key == "commonName"]
    parts = ["for " + (_quote(names) or "no name at all")]
    if "issuer" in info:
        issuer = [value for part in info["issuer"] for key, value in part if key in ("organizationName", "commonName")]
        parts.append("issued by " + (_quote(issuer) or "nobody named"))
    dates = [word + info[key] for word, key in (("from ", "notBefore"), ("to ", "notAfter")) if key in info]
    return ", ".join(parts + (["valid " + " ".join(dates)] if dates else []))


def _quote(values: List[str], most: int = 8) -> str:
    # The server chooses these strings: quote them, so that none of them can pass for a line of our own.
    shown = [ascii(value[:100]) for value in values[:most]]
    return ", ".join(shown + (["... (%d more)" % (len(values) - most)] if len(values) > most else []))
