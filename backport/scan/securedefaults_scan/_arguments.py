"""What a call passes."""

from __future__ import annotations

import ast
import functools
from typing import List, NamedTuple, Optional, Tuple

from ._expressions import Expressions
from ._joins import join_dicts
from ._values import (
    NOTHING,
    DictState,
    Mapping,
    NoneValue,
    Sequence,
    Values,
)


class Args(NamedTuple):
    """The arguments of a call, as far as they are known.

    Attributes:
        positional: the first ones.
        keywords: those with a name; with ABSENT among the values, if it is not always passed.
        more_positional: whether others may follow.
        more_keywords: whether there may be others.
        own: whether what may follow is what the function itself was passed.
    """

    positional: Tuple[Values, ...] = ()
    keywords: Tuple[Tuple[str, Values], ...] = ()
    more_positional: bool = False
    more_keywords: bool = False
    own: bool = False

    def keyword(self, name: str) -> Optional[Values]:
        for key, values in self.keywords:
            if key == name:
                return values
        return None

    def get(self, index: int, name: str) -> Optional[Values]:
        """The argument in this place, or by this name; None if it is not passed."""
        return self.positional[index] if index < len(self.positional) else self.keyword(name)

    def without_first(self, count: int = 1) -> Args:
        return self._replace(positional=self.positional[count:])

    def all(self) -> Values:
        return NOTHING.union(*self.positional, *(values for _, values in self.keywords))


class Arguments(Expressions):
    """Reads the arguments of calls."""

    def arguments(self, node: ast.Call) -> Args:
        """What a call passes."""
        positional: List[Values] = []
        more_positional = own = False
        for arg in node.args:
            values = self.eval(arg)
            if not isinstance(arg, ast.Starred):
                if not more_positional:
                    positional.append(values)
                continue
            known = [self.sequence(value).items for value in values if isinstance(value, Sequence)]
            if len(values) == 1 and known and known[0] is not None and not more_positional:
                positional += known[0]
            else:
                more_positional = True
                own = own or (isinstance(arg.value, ast.Name) and arg.value.id in self.frame.stars)
        state = DictState()
        for keyword in node.keywords:
            values = self.eval(keyword.value)
            if keyword.arg is not None:
                state = state.put(keyword.arg, values)
                continue
            own = own or (isinstance(keyword.value, ast.Name) and keyword.value.id in self.frame.stars)
            alternatives = [self._updated(state, value) for value in values]
            state = functools.reduce(join_dicts, alternatives or [state])
        more_keywords = state.more or bool(state.rest)
        known_keywords = tuple((str(key), values) for key, values in state.known if isinstance(key, str))
        return Args(tuple(positional), known_keywords, more_positional, more_keywords, own)

    def _packed(self, sequence: Optional[Values], keywords: Optional[Values]) -> Args:
        positional: Tuple[Values, ...] = ()
        more_positional = more_keywords = False
        known: Tuple[Tuple[str, Values], ...] = ()
        for value in sequence or ():
            if isinstance(value, Sequence):
                items = self.sequence(value).items
                if items is None:
                    more_positional = True
                else:
                    positional = items
            elif not isinstance(value, NoneValue):
                more_positional = True
        for value in keywords or ():
            if isinstance(value, Mapping):
                state = self.dict_(value)
                known = tuple((str(key), values) for key, values in state.known)
                more_keywords = state.more
            elif not isinstance(value, NoneValue):
                more_keywords = True
        return Args(positional, known, more_positional, more_keywords)
