"""Every verify code of OpenSSL 1.1.1 to 3.6 and of CPython (openssl/x509_vfy.h), in plain words.

Doc/breaks.md is made from this table.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

#: What sort of thing is wrong. Each is judged for itself, and each has remedies of its own.
CHAIN, NAME, DATES, STRICT, PURPOSE, KEY, CONSTRAINTS, LIST, PIN, OTHER = (
    *("chain", "name", "dates", "strict", "purpose", "key", "constraints", "list", "pin", "other"),
)


class Code(NamedTuple):
    """A verify code.

    Attributes:
        symbol: its name in C, without `X509_V_ERR_`.
        kind: what sort of thing is wrong.
        messages: what versions of OpenSSL say, the latest first.
        fault: what is wrong, in plain words: a sentence that goes on after "the certificate was refused: ".
        server: what is to be done at the server: a sentence in the imperative.
        here: what can be done on this side: a sentence in the imperative; empty if nothing but what always helps.
    """

    symbol: str
    kind: str
    messages: Tuple[str, ...]
    fault: str
    server: str
    here: str = ""


CODES: Dict[int, Code] = {}


def of(code: Optional[int]) -> Code:
    """The row of a code; one that says little for a code that nobody has words for."""
    raise NotImplementedError
