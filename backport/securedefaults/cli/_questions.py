"""Questions to a person at a terminal, and what counts as an answer."""

from __future__ import annotations

import re

from .._policy.identity import host_key
from ._output import standard_input, to_stderr

#: answers to one question that make no sense
_TRIES = 3
#: of a pin that is compared by eye, at each end
_DIGITS = 8


class Stop(Exception):
    """No more questions: the end of input."""


def is_pin_told(pin: str) -> bool:
    """Whether the operator's fingerprint is this one.

    Its digits are to be typed, and no `yes` will do: who only looks at two long numbers finds them equal. Both ends are
    asked for, as eight digits alone can be hit by trying: a key with eight chosen digits is made within hours.
    """
    digits = _digits(pin)
    ends = digits[:_DIGITS] + digits[-_DIGITS:]
    for _ in range(_TRIES):
        answer = ask(
            "Ask the server's operator for the fingerprint, not by this connection, and type its first %d and its last "
            "%d digits, or all of it (nothing: do not write it): " % (_DIGITS, _DIGITS)
        )
        if not answer:
            return False
        if _digits(answer) in (ends, digits):
            return True
        tell(
            "That is not this fingerprint. If it is what the operator told you, somebody else answered: do not trust "
            "that."
        )
    return False


def is_name_told(name: str) -> bool:
    """Whether the operator knows the server by that name.

    It is to be typed as well: anybody has a certificate of a public CA for a name of his own, and would pass by it.
    """
    for _ in range(_TRIES):
        answer = ask(
            "The server says that it is %s. Type the name that its operator says (nothing: do not write it): " % name
        )
        if not answer:
            return False
        if host_key(answer) == host_key(name):
            return True
        tell("That is another name. If it is the right one, somebody else answered, or the certificate is wrong.")
    return False


def _digits(text: str) -> str:
    """Of a fingerprint in whatever notation: hexadecimal ones in small letters, base64 as it is."""
    key = re.fullmatch(r"\s*sha256//(\S+)\s*", text)
    if key:
        return key.group(1).rstrip("=")
    bare = re.sub(r"(?i)^\s*sha-?256(\s+fingerprint)?\s*[:=]?|[\s:.-]", "", text)
    return bare.lower() if re.fullmatch(r"[0-9A-Fa-f]*", bare) else bare.rstrip("=")


def yes(question: str) -> bool:
    """Whether the answer is yes."""
    for _ in range(_TRIES):
        answer = ask(question).lower()
        if answer in ("yes", "y"):
            return True
        if answer in ("no", "n", ""):
            return False
    return False


def ask(question: str) -> str:
    """The answer, in one line.

    Raises:
        Stop: there is none, and will be none.
    """
    to_stderr(question)
    line = standard_input().readline()
    if not line:
        raise Stop
    return line.strip()


def tell(text: str) -> None:
    """A line for the person who answers; standard output is for the results."""
    to_stderr(text + "\n")
