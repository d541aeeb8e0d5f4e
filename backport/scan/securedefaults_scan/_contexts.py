"""What an SSLContext verifies."""

from __future__ import annotations

from typing import FrozenSet, NamedTuple, Optional, Tuple

from ._rules import DEFINITE, POSSIBLE

NOBODY, SERVER, UNSURE = "nobody", "server", "unsure"
#: a reason
TRUSTS_NOBODY = "SSLContext(PROTOCOL_TLS_CLIENT)"


class ContextState(NamedTuple):
    """Each field holds what may be the case.

    Attributes:
        verify: NOBODY, SERVER or UNSURE.
        name: whether the host name is checked; None if that is not known.
        trust: whether there are certificates to trust.
        why: what makes it weak, with the line.
        asked: whether it is weak only where somebody has asked for that.
    """

    verify: FrozenSet[str]
    name: FrozenSet[Optional[bool]]
    trust: FrozenSet[bool]
    why: Tuple[Tuple[int, str], ...] = ()
    asked: bool = False

    def because(self, line: int, text: str) -> ContextState:
        reason = (line, text)
        return self._replace(why=self.why if reason in self.why else (*self.why, reason), asked=False)

    def cause(self) -> Optional[Tuple[int, str]]:
        """The reason that counts: that it trusts nobody is no matter where it verifies nobody either."""
        weaker = [reason for reason in self.why if reason[1] != TRUSTS_NOBODY]
        return next(iter(weaker or self.why), None)

    def joined(self, other: ContextState) -> ContextState:
        why = self.why + tuple(reason for reason in other.why if reason not in self.why)
        weak = [each for each in (self, other) if weakness(each) is not None]
        asked = bool(weak) and all(each.asked for each in weak)
        return ContextState(self.verify | other.verify, self.name | other.name, self.trust | other.trust, why, asked)

    def on_request(self) -> ContextState:
        """If it is weak, it is so because somebody has asked for it."""
        return self._replace(asked=True)

    def is_weak_unasked(self) -> bool:
        """Whether it lets anybody in where nobody has asked for that."""
        return not self.asked and UNSURE not in self.verify and (NOBODY in self.verify or False in self.name)


def state(verify: str, name: Optional[bool], trust: bool) -> ContextState:
    return ContextState(frozenset([verify]), frozenset([name]), frozenset([trust]))


GOOD = state(SERVER, True, True)
OPEN = state(NOBODY, False, False)
#: PROTOCOL_TLS_CLIENT: it verifies, and trusts nobody until it is told whom
EMPTY = state(SERVER, True, False)
UNCERTAIN = state(UNSURE, None, True)


def weakness(found: ContextState) -> Optional[Tuple[str, str]]:
    """The confidence and the reason; None if there is none."""
    if found.verify == {NOBODY}:
        return DEFINITE, "it verifies nobody"
    if found.name == {False} and UNSURE not in found.verify:
        return DEFINITE, "it does not check the host name"
    if found.trust == {False} and found.verify == {SERVER}:
        return DEFINITE, "it trusts no CA at all and refuses every server, until certificates to trust are loaded"
    if NOBODY in found.verify:
        return POSSIBLE, "it verifies nobody on some paths"
    if False in found.name:
        return POSSIBLE, "it does not check the host name on some paths"
    if False in found.trust:
        return POSSIBLE, "it has no CA to trust on some paths"
    return None


def escaped(found: ContextState) -> ContextState:
    """After code that cannot be seen may have changed it."""
    if weakness(found) is None:
        return found
    return found.joined(UNCERTAIN)._replace(trust=frozenset([True]) | found.trust)
