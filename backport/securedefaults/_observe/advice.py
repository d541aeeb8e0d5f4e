"""What is wrong with a certificate that was refused, and what helps: plain data, and the one wording of it.

`_tls.remedies` finds it out. Notes, warnings, `check`, `report`, the HTML page and the summary of pytest print it.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from . import codes


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        code: the verify code.
        message: OpenSSL's words for it.
        certificate: which of those that were sent, 0 is the server's own; None if that is not known.
        detail: what is to be known besides, in words of ours: which names, which day, who is missing.
    """

    code: Optional[int]
    message: str
    certificate: Optional[int] = None
    detail: str = ""

    @property
    def kind(self) -> str:
        """What sort of thing it is, one of those in `codes`."""
        return codes.of(self.code).kind


class Remedy(NamedTuple):
    """A rule by which the server passes: it was tried.

    Attributes:
        rule: all of its keys and values, as they stand in a section of the configuration file.
        changes: the keys that the rule in place does not have, or has with another value.
        needs: what has to be at hand, in words; empty if nothing.
    """

    rule: Tuple[Tuple[str, str], ...]
    changes: Tuple[str, ...]
    needs: str = ""


class Advice(NamedTuple):
    """All that is wrong, and all that helps, the most secure first.

    Attributes:
        faults: in the order in which OpenSSL would find them.
        remedies: none if nothing but mending the server helps, or if it was not found out.
        section: the head of the section that a remedy is, without brackets: `"host mail.lan:587"`.
        why_not: why nothing was found out; empty if it was.
    """

    faults: Tuple[Fault, ...] = ()
    remedies: Tuple[Remedy, ...] = ()
    section: str = ""
    why_not: str = ""


#: where nothing was refused
NOTHING = Advice()

#: in the place of a CA file that is not at hand
CAFILE = "/path/to/the-ca.pem"


def fault_lines(advice: Advice) -> List[str]:
    """Each fault in one line."""
    raise NotImplementedError


def sections(advice: Advice) -> List[str]:
    """The remedies as sections for the configuration file, each complete with a comment; one of them is enough."""
    raise NotImplementedError


def as_dict(advice: Advice) -> Dict[str, Any]:
    """The same for JSON."""
    raise NotImplementedError


def from_dict(values: Any) -> Advice:
    """What `as_dict()` returned.

    Raises:
        ValueError: it is something else.
    """
    raise NotImplementedError
