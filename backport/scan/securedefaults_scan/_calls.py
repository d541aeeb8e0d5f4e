"""What calls do."""

from __future__ import annotations

import abc
import ast
import re
from typing import Any, Callable, List, Optional

from ._arguments import Args
from ._base import SELF, one, union
from ._context_calls import is_context_class
from ._handed_over import RUNS
from ._library import Library
from ._names import OF_MOCKS, is_plain
from ._paths import PATHS, Choice, Facts, consistent
from ._rules import SIGNATURES, TELLING
from ._strings import host_ports
from ._syntax import Place, ast_text, key_of, last_name
from ._values import (
    ANYTHING,
    FOREIGN,
    NOTHING,
    UNKNOWN,
    Caller,
    Class,
    ClassInfo,
    Context,
    DefaultContext,
    Function,
    FunctionInfo,
    Instance,
    Mapping,
    Maybe,
    Method,
    NoneValue,
    Partial,
    Returning,
    Sequence,
    Super,
    Symbol,
    Unknown,
    Value,
    Values,
    method_in,
)

#: attributes and methods that have to do with contexts
_OF_CONTEXTS = re.compile("context|ctx|ssl|tls")


class Calls(Library):
    """Reads calls, and follows those of the file's own functions and classes."""

    def eval_Call(self, node: ast.Call, awaited: bool = False) -> Values:
        func = node.func
        if isinstance(func, ast.IfExp):
            return self._call_either(node, func)
        if isinstance(func, ast.Attribute):
            owners = self.eval(func.value)
            if awaited:
                owners = frozenset(FOREIGN if value == UNKNOWN else value for value in owners)
            text = self._text_method(owners, func.attr, node)
            if text is not None:
                return text
            self.result = ()
            called = self.attribute(owners, func.attr, func)
            name = func.attr
            receiver: Optional[Values] = owners
        else:
            self.result = ()
            called = self.eval(func)
            name = func.id if isinstance(func, ast.Name) else ""
            receiver = None
        ways = self._ways_to(func, called)
        self._note_choice(node, called)
        if len(ways) < 2:
            return self._call_all(node, called, name, receiver)
        found = []

        def follow(facts: Facts, values: Values) -> Callable[[], None]:
            def run() -> None:
                self.state.heap[PATHS] = self.paths.with_facts(list(facts))
                found.append(self._call_all(node, values, name, receiver))

            return run

        self.branches([follow(facts, values) for facts, values in ways])
        return union(found)

    def _call_either(self, node: ast.Call, func: ast.IfExp) -> Values:
        """`(x if test else y)(...)` is two calls, each where the test has come out so."""
        calls = [ast.Call(func=each, args=node.args, keywords=node.keywords) for each in (func.body, func.orelse)]
        self.shared.add(key_of(node))
        choice = ast.IfExp(
            test=func.test, body=ast.copy_location(calls[0], node), orelse=ast.copy_location(calls[1], node)
        )
        return self.eval(ast.copy_location(choice, func))

    def _ways_to(self, func: ast.expr, called: Values) -> Choice:
        """What is called depends on this, as far as that matters here."""
        if not any(isinstance(value, Symbol) and value.name in SIGNATURES for value in called) or len(called) < 2:
            return ()
        subject = self.subject_of(func)
        choice = self.result or self.paths.choices.get(subject or (), ())
        ways = tuple((facts, values) for facts, values in choice if consistent(facts, self.paths.facts))
        return ways if NOTHING.union(*(values for _, values in ways)) == called else ()

    def _call_all(self, node: ast.Call, called: Values, name: str, receiver: Optional[Values]) -> Values:
        """Call each of these."""
        args = self.arguments(node)
        if receiver is not None and UNKNOWN in receiver and name in TELLING:
            self._guess(node, name, args)
        contexts = self._contexts_by_name(receiver or NOTHING, name, node, args)
        if contexts:
            return contexts
        found = []
        for value in called:
            if isinstance(value, Unknown):
                ran = self._run_by(node, name, args)
                if ran is not None:
                    found.append(ran)
                    continue
                if name == "get":  # from a configuration, most likely
                    found.append(host_ports(args.get(1, "default")))
            found.append(self.call(value, args, self._place_of_call(node), name))
        return union(found) or ANYTHING

    def _place_of_call(self, node: ast.Call) -> Place:
        """Where a call gets its arguments.

        That is somewhere else for `super().__init__(*args, **kwargs)`, and for `return function(*args, **kwargs)`, or
        `partial(function, *args, **kwargs)`, if `function` was handed over.
        """
        frame = self.frame
        if frame.function is None or not (_is_of_base(node.func) or _is_passed(node, frame.function)):
            return node
        unpacked = [arg.value for arg in node.args if isinstance(arg, ast.Starred)]
        unpacked += [keyword.value for keyword in node.keywords if keyword.arg is None]
        if not any(isinstance(each, ast.Name) and each.id in frame.stars for each in unpacked):
            return node
        if frame.called_from is None:
            return node
        place: Place = frame.called_from
        self.passed_on.add(key_of(node))
        self.shared.add(key_of(place))
        return place

    def attribute(self, values: Values, name: str, node: ast.AST) -> Values:
        if name in OF_MOCKS:
            values = frozenset(FOREIGN if value == UNKNOWN else value for value in values)
        return super().attribute(values, name, node)

    def eval_Attribute(self, node: ast.Attribute) -> Values:
        owners = self.eval(node.value)
        found = self.attribute(owners, node.attr, node)
        return self._contexts_by_name(owners, node.attr, node) or found

    def _contexts_by_name(self, owners: Values, name: str, node: ast.expr, args: Optional[Args] = None) -> Values:
        """Contexts that something unknown has if it is of the only class in the file with this attribute or method."""
        if UNKNOWN not in owners or not _OF_CONTEXTS.search(name):
            return NOTHING
        classes = [info for info in self.classes if name in info.attributes or name in info.written]
        if len(classes) != 1:
            return NOTHING
        found = self.attribute(one(Instance(classes[0], SELF)), name, node)
        if args is not None:
            found = union(self.call(value, args, node) for value in found if isinstance(value, Function))
        return frozenset(value for value in found if isinstance(value, Context))

    def eval_Await(self, node: ast.Await) -> Values:
        return self.eval_Call(node.value, True) if isinstance(node.value, ast.Call) else self.eval(node.value)

    def _note_choice(self, node: ast.Call, called: Values) -> None:
        """A call that may go to different things takes no argument that only some of them know."""
        known = [value for value in called if not isinstance(value, NoneValue)]
        signatures = {self._signature_of(value) for value in known if _is_certain(value, node)}
        reached = self.reached.setdefault(key_of(node), set())
        reached |= {signature.parameter if signature is not None else "" for signature in signatures}
        if len(called) > 1:
            signatures = {self._signature_of(value) for value in known}
            if None in signatures or len(reached) > 1:
                self.shared.add(key_of(node))
            self.choosing = None in signatures
        else:
            self.choosing = False

    # Calling a value

    def call(self, value: Value, args: Args, node: Place, name: str = "") -> Values:
        """What calling this returns."""
        if isinstance(value, Symbol):
            return self.call_symbol(value.name, args, node)
        if isinstance(value, Function):
            bound = args if value.bound is None else args._replace(positional=(one(value.bound), *args.positional))
            return self.call_function(value.info, bound, node)
        if isinstance(value, Class):
            return self.instantiate(value.info, args, node)
        if isinstance(value, Method):
            return self._call_method(value, args, node)
        if isinstance(value, Partial):
            return self._call_partial(value, args)
        if isinstance(value, Instance):
            got = self.call_own(value, "__call__", args, node)
            return ANYTHING if got is None else got
        if isinstance(value, Caller):
            self.shared.add(key_of(node))
            methods = self.attribute(args.get(0, "obj") or NOTHING, value.key[0], node)
            return union(self.call(method, value.key[1], node) for method in methods)
        if isinstance(value, Maybe):
            self.doubtful += 1
            self.shared.add(key_of(node))
            try:
                return self.call_symbol(str(value.key[0]), args, node)
            finally:
                self.doubtful -= 1
        if isinstance(value, (Unknown, Returning)):
            self._given_to_strangers(args, node, value)
            returned: Values = value.key[0] if isinstance(value, Returning) else one(value)
            return returned
        return ANYTHING

    @abc.abstractmethod
    def call_function(self, info: FunctionInfo, args: Args, node: Place) -> Values:
        """What a function of this file returns."""

    def call_property(self, function: Function, node: ast.AST) -> Values:
        assert isinstance(node, ast.expr)
        return self.call(function, Args(), node)

    def call_own(self, owner: Instance, name: str, args: Args, node: Place) -> Optional[Values]:
        """Call a method of this file; None if there is none."""
        methods = self._methods(owner, name) if isinstance(owner.cls, ClassInfo) else []
        if not methods:
            return None
        found = []

        def run(info: Any) -> Callable[[], None]:
            return lambda: found.append(self.call(Function(info, owner.as_seen_by(info.cls)), args, node))

        if len(methods) == 1:
            run(methods[0])()
        else:
            self.branches([run(info) for info in methods])
        return union(found)

    def method_call(self, owner: Instance, name: str, arguments: List[Values]) -> Optional[Values]:
        return self.call_own(owner, name, Args(tuple(arguments)), ast.Name(id=name, lineno=0, col_offset=0))

    def _call_method(self, method: Method, args: Args, node: Place) -> Values:
        owner, name = method.owner, method.name
        if isinstance(owner, Super):
            return self._call_super(owner, name, args, node)
        if isinstance(owner, Instance):
            return self._call_instance(owner, name, args, node)
        if isinstance(owner, (Context, DefaultContext)):
            return self._call_context(owner, name, args, node)
        if isinstance(owner, Mapping):
            return self._call_dict(owner, name, args)
        if isinstance(owner, Sequence):
            return self._call_sequence(owner, name, args)
        return ANYTHING

    # Classes of this file

    def instantiate(self, info: ClassInfo, args: Args, node: Place) -> Values:
        """An object of a class of this file."""
        if is_context_class(info):
            made_by = method_in(info.lineage(), "__new__")
            contexts = self.call(Function(made_by, Class(info)), args, node) if made_by is not None else NOTHING
            contexts = contexts or one(self.make_own_context(info, args, node))
            for context in contexts:
                if isinstance(context, Context):
                    self._call_context(context, "__init__", args, node)
            return contexts
        if info.members():
            return info.members()  # the one with this value
        made = Instance(info, self.site(node))
        if self.call_own(made, "__init__", args, node) is None:
            self._bind_fields(info, made, args)
            for base in info.standard():
                self.construct(base, made, args, node)
            if not info.standard() and not all(is_plain(base) for base in info.foundations()):
                self.escape(args.all())
        self.call_own(made, "__post_init__", Args(), node)
        return one(made)

    def _bind_fields(self, info: ClassInfo, made: Instance, args: Args) -> None:
        for index, name in enumerate(info.all_fields()):
            values = args.get(index, name)
            if values is not None:
                self.write_attribute(made, name, values)


def _is_of_base(func: ast.expr) -> bool:
    """`super().starttls`, `SMTP.__init__`"""
    if not isinstance(func, ast.Attribute):
        return False
    return ast_text(func.value).startswith("super()") or func.attr == "__init__"


def _is_passed(node: ast.Call, function: FunctionInfo) -> bool:
    """Whether what is called, or handed on to be called, is a parameter."""
    arguments = function.node.args
    named = {arg.arg for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
    called = [node.func]
    if last_name(node.func) in (*RUNS, "partial"):
        called = node.args
    return any(isinstance(each, ast.Name) and each.id in named for each in called)


def _is_certain(value: Value, node: ast.Call) -> bool:
    """Whether this is what is called; of `pool.submit()` it is not known what it does with its arguments."""
    return not isinstance(value, Unknown) or isinstance(node.func, ast.Name)
