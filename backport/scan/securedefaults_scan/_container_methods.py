"""What the methods of dicts, sequences and strings do."""

from __future__ import annotations

import ast
import re
from typing import Optional

from ._arguments import Args
from ._base import one, union
from ._strings import shaped
from ._values import (
    ABSENT,
    ANYTHING,
    NOTHING,
    WRITTEN,
    Const,
    DictState,
    HostPort,
    Mapping,
    Sequence,
    SequenceState,
    Values,
)
from ._wrap import Wrap


class ContainerMethods(Wrap):
    """Reads calls of their methods."""

    def _call_dict(self, owner: Mapping, name: str, args: Args) -> Values:
        state = self.dict_(owner)
        if name in ("get", "pop", "setdefault", "__getitem__") and args.positional:
            default = args.positional[1] if len(args.positional) > 1 else one(WRITTEN)
            if name == "setdefault":
                return self._set_default(owner, state, args.positional[0], default)
            found = self._item(owner, args.positional[0])
            constants = [value.value for value in args.positional[0] if isinstance(value, Const)]
            present = state.get(constants[0]) if len(constants) == 1 else None
            if name == "pop" and len(constants) == 1:
                self.put(owner, state.put(constants[0], one(ABSENT)))
            if constants and present is None and not state.rest and not state.more:
                return default if name != "__getitem__" else ANYTHING
            if present is not None and ABSENT not in present:
                return present
            missing = present is not None and name == "get" and not state.more
            return (found | default if missing or len(args.positional) > 1 else found) - one(ABSENT)
        if name == "update":
            for values in args.positional:
                for value in values:
                    state = self._updated(state, value)
            for key, values in args.keywords:
                state = state.put(key, values)
            self.put(owner, state._replace(more=state.more or args.more_keywords))
            return one(WRITTEN)
        if name == "copy":
            return self.new(Mapping(("copy", owner.key)), state)
        if name in ("keys", "values", "items"):
            return self._view(owner, state, name)
        return ANYTHING

    def _view(self, owner: Mapping, state: DictState, name: str) -> Values:
        def row(key: Values, values: Values, place: object) -> Values:
            if name == "items":
                return self.new(Sequence(("item", owner.key, place)), SequenceState((key, values)))
            return key if name == "keys" else values

        view = Sequence((name, owner.key))
        if state.more or state.rest or any(ABSENT in values for _, values in state.known):
            return self.new(view, SequenceState(None, row(ANYTHING, state.all() or ANYTHING, None)))
        rows = tuple(row(one(Const(key)), values, key) for key, values in state.known)
        return self.new(view, SequenceState(rows))

    def _set_default(self, owner: Mapping, state: DictState, key: Values, default: Values) -> Values:
        constants = [value.value for value in key if isinstance(value, Const)]
        if len(constants) != 1 or len(key) != 1:
            self.put(owner, state._replace(rest=state.rest | default))
            return state.rest | default | (ANYTHING if state.more else NOTHING)
        present = state.get(constants[0])
        values = default
        if present is not None:
            values = (present - one(ABSENT)) | (default if ABSENT in present else NOTHING)
        elif state.more:
            values = default | ANYTHING
        self.put(owner, state.put(constants[0], values))
        return values

    def _call_sequence(self, owner: Sequence, name: str, args: Args) -> Values:
        state = self.sequence(owner)
        if name in ("append", "add", "insert", "appendleft", "put", "extend"):
            values = args.positional[-1] if args.positional else ANYTHING
            if name == "extend":
                values = self.elements(values)
            items = (*state.items, values) if name == "append" and state.items is not None else None
            new = SequenceState(items) if items is not None else SequenceState(None, state.all() | values)
            self.put(owner, new)
            return one(WRITTEN)
        if name in ("pop", "popleft", "get"):
            return state.all() or ANYTHING
        if name == "copy":
            return one(owner)
        return ANYTHING

    def _text_method(self, owners: Values, name: str, node: ast.Call) -> Optional[Values]:
        """`"{}:{}".format(...)` and the like; None if it is nothing of the kind."""
        texts = [value.value for value in owners if isinstance(value, Const) and isinstance(value.value, str)]
        if not texts or len(texts) != len([value for value in owners if not isinstance(value, HostPort)]):
            return None
        args = self.arguments(node)
        if name == "format":
            if len(args.positional) == 1 and texts[0].count("{}") == 1:
                constants = [v.value for v in args.positional[0] if isinstance(v, Const)]
                if constants and len(constants) == len(args.positional[0]):
                    return frozenset(Const(texts[0].replace("{}", str(each))) for each in constants)
            return union(shaped(re.sub(r"\{[^{}]*\}", "\0", text)) for text in texts)
        if name in ("strip", "lower", "upper", "encode", "title"):
            changed = [getattr(text, name)() for text in texts if not args.positional]
            return frozenset(Const(each) for each in changed) or ANYTHING
        return ANYTHING
