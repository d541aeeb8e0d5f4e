"""Who else may change what is obeyed: said once in a process, and never by an exception.

A warning would be one in a program that has made warnings errors, and `apply()` is to protect that as well. The logger
says it on standard error where the program has set up no logging.
"""

from __future__ import annotations

import contextlib
import logging

from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterable

#: what was said
_said: Dict[str, bool] = kept(__name__).setdefault("said", {})


def were_told(doubts: Iterable[str]) -> None:
    """By the parent process: this one need not say them again."""
    _said.update(dict.fromkeys(doubts, True))


def tell(doubts: Iterable[str]) -> None:
    """Log what was not said before."""
    for text in doubts:
        if text in _said:
            continue
        _said[text] = True
        with contextlib.suppress(Exception):  # it cannot be imported, for want of a file descriptor, say
            from .._observe.logger import log

            log(logging.WARNING, "securedefaults: %s (programs of root refuse it)" % text, text)
