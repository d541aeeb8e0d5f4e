"""By which name `ssl` is to be had in a place, for those who add a context there."""

from __future__ import annotations

from typing import Dict, Iterator, Optional, Set, Tuple

from ._base import RESULT
from ._statements import Statements
from ._syntax import Place, key_of
from ._values import (
    Scope,
    Symbol,
    Value,
    Values,
)


class SslNames(Statements):
    """Notes names of ssl and of its create_default_context."""

    def __init__(self) -> None:
        super().__init__()
        #: by call, names that stand for ssl or its create_default_context there
        self.ssl_names: Dict[Tuple[int, int, int, int], Set[Optional[str]]] = {}
        #: all that the file deletes somewhere: when that happens is not known well enough to write them into it
        self.deleted: Set[str] = set()

    def note_place(self, node: Place) -> None:
        self.ssl_names.setdefault(key_of(node), set()).add(self._ssl_name())

    def _ssl_name(self) -> Optional[str]:
        """An expression for create_default_context; "" if ssl is to be imported, None if the name is taken."""
        aliases = [name for name in ("ssl", *self._aliases()) if name not in self.deleted]
        for wanted, text in (("ssl", "%s.create_default_context"), ("ssl.create_default_context", "%s")):
            for name in aliases:
                values = self._visible(name)
                if values and name not in self.typing_only and all(_is(value, wanted) for value in values):
                    return text % name
        if "ssl" in self.deleted:
            return None
        values = self._visible("ssl")
        return "" if values is None or "ssl" in self.typing_only else None

    def _aliases(self) -> Iterator[str]:
        seen = {*self.state.names, *(key[1] for key in self.state.heap if key[0] == "global")}
        seen |= {key[1] for key in (self.state.base or ()) if key[0] == "global"}
        scope: Optional[Scope] = self.frame.scope
        while scope is not None:
            seen |= set(scope.names)
            scope = scope.parent
        for name in sorted(seen - {RESULT}):
            values = self._visible(name)
            if values and all(_is(value, "ssl") or _is(value, "ssl.create_default_context") for value in values):
                yield name

    def _visible(self, name: str) -> Optional[Values]:
        values = self.lookup(name)
        return None if values == {Symbol("builtins." + name)} else values


def _is(value: Value, name: str) -> bool:
    return isinstance(value, Symbol) and value.name == name
