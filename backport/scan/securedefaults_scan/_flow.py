"""A whole file: its own code first, then each function by itself, until nothing more becomes known."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, List, Tuple

from ._base import SELF, Frame
from ._contexts import ContextState
from ._relevant import relevant
from ._ssl_names import SslNames
from ._syntax import key_of
from ._values import (
    ClassInfo,
    FunctionInfo,
    Instance,
    Scope,
    State,
    Value,
)
from ._wishes import is_wish

#: how often a file is read at the most
_PASSES = 3
#: statements that are read because of the calls in one function
_BUDGET = 2000
#: and in all of the file, before they are followed less far
_WHOLE = 6000


class Flow(SslNames):
    """Reads a file."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = _BUDGET
        self.whole = _WHOLE
        #: lines that were too deeply nested to be read
        self.unread: List[int] = []

    def read(self, tree: ast.Module) -> None:
        """Read the file, as often as it takes until it is known what is in attributes and globals."""
        self._relevant = self.worth_following(tree)
        for _ in range(_PASSES):
            before = self._knowledge()
            self._pass(tree)
            if self._knowledge() == before:
                break
        self.finish()

    def worth_following(self, tree: ast.Module) -> FrozenSet[int]:
        """The `id()` of each function of which calls are followed."""
        return relevant(tree)

    def _knowledge(self) -> Tuple[int, ...]:
        """How much is known of attributes and globals."""
        classes = [*self.classes, *self.namespaces.values()]
        stores = [info.written for info in classes] + [self.global_writes]
        return tuple(
            len(
                {
                    (name, _kind(value))
                    for name, groups in store.items()
                    for values in groups.values()
                    for value in values
                }
            )
            for store in stores
            if store
        )

    def _pass(self, tree: ast.Module) -> None:
        written = {key_of(info.node): info.written for info in self.classes if hasattr(info.node, "lineno")}
        self._written = written
        self.start_again()
        self.functions, self.classes, self.unread = [], [], []
        self._defined.clear()
        self.budget, self.whole = _BUDGET, _WHOLE
        self.lasting.clear()
        self.state, self.frame = State(), Frame(None, Scope(None), None)
        self.body(tree.body)
        base = self.state.heap
        self._keep_choices("")
        index = 0
        while index < len(self.functions):  # reading them finds more
            info = self.functions[index]
            index += 1
            try:
                self._alone(info, base)
            except RecursionError:
                self.unread.append(info.node.lineno)
        self.state, self.frame = State(base=base), Frame(None, Scope(None), None)
        self.call_partials()
        self.remembered = {key: value for key, value in base.items() if key[0] == "object"}

    def _alone(self, info: FunctionInfo, base: Dict[Any, Any]) -> None:
        """Read a function as if it were called by somebody unknown."""
        self.stack, self.active = [], [info]
        self.whole -= _BUDGET - self.budget if self.budget < _BUDGET else 0
        self.budget = _BUDGET if self.whole > 0 else _BUDGET // 20
        self.state = State(base=base)
        frame = Frame(info, info.scope, info.cls)
        self.frame = frame
        names = self._parameters(info, frame)
        self.state.names = names
        replaced = self._mock(self._mocked_for(info))
        self._run_function(info, frame)
        self._unmock(replaced)
        self._keep_what_is_left(info, frame)

    def _keep_what_is_left(self, info: FunctionInfo, frame: Frame) -> None:
        """Attributes of self and globals that the function sets are there for the others."""
        where = "%s:%d" % (info.name, info.node.lineno)
        self._keep_choices(where)
        for key, values in self.state.heap.items():
            if key[0] == "attribute" and isinstance(key[1], Instance):
                cls = key[1].cls
                if isinstance(cls, ClassInfo) and key[1].site == SELF:
                    cls.written.setdefault(key[2], {})[where] = values
            elif key[0] == "global":
                self.global_writes.setdefault(key[1], {})[where] = values
            elif key[0] == "object" and self.state.base is not None:
                # objects that stay in attributes: others look them up
                present = self.state.base.get(key)
                if isinstance(values, ContextState) and is_wish(info.node):
                    values = values.on_request()  # by who calls it
                self.state.base[key] = values if present is None else self._joined(key, present, values)

    def _keep_choices(self, where: str) -> None:
        for key, choice in self.paths.choices.items():
            if key[0] == "global" or (key[0] == "attribute" and isinstance(key[1], Instance) and key[1].site == SELF):
                self.lasting[key] = where, choice


def _kind(value: Value) -> Any:
    """What kind of thing it is, wherever it was made."""
    return value.cls if isinstance(value, Instance) else type(value)
