"""Callables that are handed to somebody who calls them."""

from __future__ import annotations

import ast
from typing import Dict, Optional

from ._arguments import Args
from ._base import one, union
from ._client_calls import ClientCalls
from ._syntax import Place, key_of
from ._values import (
    ANYTHING,
    FOREIGN,
    NOTHING,
    Caller,
    Class,
    Const,
    Method,
    NoneValue,
    Partial,
    Sequence,
    SequenceState,
    Symbol,
    Unknown,
    Value,
    Values,
)

#: methods that are passed a callable and its arguments, and the position of the callable
RUNS = {
    "submit": 0,
    "run_in_executor": 1,
    "to_thread": 0,
    "run_sync": 0,
    "run_in_threadpool": 0,
    "sync_to_async": 0,
    "deferToThread": 0,
    "callInThread": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "call_later": 1,
    "start_new_thread": 0,
    "spawn": 0,
    "apply_async": 0,
    "apply": 0,
    "map": 0,
    "imap": 0,
    "starmap": 0,
    "run": 0,
    "runcall": 0,
    "raises": 1,
    "assertRaises": 1,
    "retry_call": 0,
    "callback": 0,
    "tpool_execute": 0,
    "execute": 0,
    "defer_to_thread": 0,
}
#: of these, the arguments come in a sequence
_PACKED = {"apply_async", "apply", "starmap", "start_new_thread"}
_EACH = {"map", "imap"}
#: of these, nobody knows when they come
_LATER = {"callback", "call_soon", "call_soon_threadsafe", "call_later", "submit", "start_new_thread"}


class HandedOver(ClientCalls):
    """Reads what calls them, and partials."""

    def __init__(self) -> None:
        super().__init__()
        #: those made so far, and whether they have been called in this file
        self.partials: Dict[Partial, bool] = {}

    def start_again(self) -> None:
        super().start_again()
        self.partials.clear()

    def _run_by(self, node: Place, name: str, args: Args) -> Optional[Values]:
        """Call what is handed over to be called; None if nothing is."""
        target = args.keyword("target") or args.keyword("func") or args.keyword("function")
        if target is not None:
            rest = self._packed(args.keyword("args"), args.keyword("kwargs"))
        elif name in RUNS and len(args.positional) > RUNS[name]:
            index = RUNS[name]
            target = args.positional[index]
            rest = args.without_first(index + 1)
            if name in _PACKED and rest.positional:
                kwds = args.keyword("kwds") or (rest.positional[1] if len(rest.positional) > 1 else None)
                rest = self._packed(rest.positional[0], kwds)
            elif name in _PACKED and args.keyword("args"):
                rest = self._packed(args.keyword("args"), args.keyword("kwds") or args.keyword("kwargs"))
            elif name == "retry_call":
                rest = self._packed(args.keyword("fargs"), args.keyword("fkwargs"))
            elif name in _EACH:
                rest = Args(tuple(self.elements(values) for values in rest.positional))
        else:
            return None
        callables = [value for value in target if not isinstance(value, (Unknown, Const, NoneValue))]
        if not callables:
            return None
        if name not in ("submit", "to_thread", "run_sync", "raises", "assertRaises", "run_in_threadpool"):
            self.shared.add(key_of(node))
        before = [self.state.fork()] if name in _LATER else []
        values = union(self.call(value, rest, node) for value in callables)
        self.state = self.join([*before, self.state])
        if name in _EACH:
            return self.new(Sequence(self.site(node)), SequenceState(None, values))
        return values

    def _given_to_strangers(self, args: Args, node: Place, callee: Value) -> None:
        """Callables are passed to code that cannot be seen, and contexts, dicts."""
        self.escape(args.all())
        if callee == FOREIGN or not isinstance(node, ast.Call) or not args.positional:
            return
        for index, values in enumerate(args.positional[:2]):
            for value in values:
                signature = self._signature_of(value)
                rest = args.without_first(index + 1)
                if signature is not None and rest.positional:
                    self._target(node, signature)
                    self.judge(node, signature, rest, sure=False)
                    self.shared.add(key_of(node))

    def symbol_builtins_map(self, args: Args, node: Place) -> Values:
        if len(args.positional) < 2:
            return ANYTHING
        rest = Args(tuple(self.elements(values) for values in args.positional[1:]))
        self.shared.add(key_of(node))
        values = union(self.call(value, rest, node) for value in args.positional[0])
        return self.new(Sequence(self.site(node)), SequenceState(None, values))

    # Partials

    def symbol_functools_partial(self, args: Args, node: Place, is_method: bool = False) -> Values:
        if not args.positional:
            return ANYTHING
        rest = args.without_first()
        partial = Partial(args.positional[0], rest, node, is_method)
        self.partials.setdefault(partial, False)
        if key_of(node) not in self.placed:
            self.placed.add(key_of(node))
            self.note_place(node)
        return one(partial)

    def symbol_functools_partialmethod(self, args: Args, node: Place) -> Values:
        return self.symbol_functools_partial(args, node, True)

    def _call_partial(self, partial: Partial, args: Args) -> Values:
        self.partials[partial] = True
        callables, first, node, _ = partial.key
        keywords = tuple(item for item in first.keywords if args.keyword(item[0]) is None) + args.keywords
        merged = Args(
            first.positional + args.positional,
            keywords,
            first.more_positional or args.more_positional,
            first.more_keywords or args.more_keywords,
            first.own or args.own,
        )
        return union(self.call(value, merged, node) for value in callables)

    def call_partials(self) -> None:
        """Those that others will call: as if without another argument."""
        for partial, called in list(self.partials.items()):
            if not called:
                callables, args, node, _ = partial.key
                for value in callables:
                    if isinstance(value, (Symbol, Method, Class)):
                        self.call(value, args, node)

    def symbol_operator_methodcaller(self, args: Args, node: Place) -> Values:
        names = args.positional[0] if args.positional else NOTHING
        return (
            frozenset(Caller(name.value, args.without_first()) for name in names if isinstance(name, Const)) or ANYTHING
        )
