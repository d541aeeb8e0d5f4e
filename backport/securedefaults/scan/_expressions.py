"""What an expression may be."""

from __future__ import annotations

import ast
import itertools
import re
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from ._base import Base, one, union
from ._names import LOOK_ALIKES, symbol
from ._rules import BASES
from ._values import (
    ABSENT,
    ANYTHING,
    NOTHING,
    STRANGER,
    UNKNOWN,
    WRITTEN,
    Class,
    ClassInfo,
    Const,
    Context,
    DefaultContext,
    DictState,
    Function,
    FunctionInfo,
    HostPort,
    Instance,
    Mapping,
    Method,
    NoneValue,
    Partial,
    Sequence,
    SequenceState,
    Super,
    Symbol,
    Unknown,
    Value,
    Values,
)

_MODULE_ALIASES = {"builtins.NotImplemented", "builtins.Ellipsis"}
#: attributes of the clients that hold the context they made for themselves
_OWN_CONTEXTS = {"ftplib.FTP_TLS": "context", "imaplib.IMAP4_SSL": "ssl_context", "smtplib.SMTP_SSL": "context"}
_OWN_CONTEXTS["poplib.POP3_SSL"] = "context"


class Expressions(Base):
    """Reads expressions."""

    def eval(self, node: Optional[ast.AST]) -> Values:
        """What `node` may be; what it does is done."""
        if node is None:
            return NOTHING
        method: Optional[Callable[[Any], Values]] = getattr(self, "eval_" + type(node).__name__, None)
        if method is not None:
            return method(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.eval(child)
        return ANYTHING

    # Constants and names

    def eval_Constant(self, node: ast.Constant) -> Values:
        value = node.value
        if value is None:
            return one(WRITTEN)
        if isinstance(value, str) and is_host_port(value):
            return frozenset([HostPort(value), Const(value)])
        return one(Const(value)) if isinstance(value, (str, int, bytes, float)) else ANYTHING

    def eval_Name(self, node: ast.Name) -> Values:
        return self.lookup(node.id)

    def eval_NamedExpr(self, node: ast.NamedExpr) -> Values:
        values = self.eval(node.value)
        self.assign(node.target, values)
        return values

    def eval_Attribute(self, node: ast.Attribute) -> Values:
        return self.attribute(self.eval(node.value), node.attr, node)

    def eval_Await(self, node: ast.Await) -> Values:
        return self.eval(node.value)

    def eval_Starred(self, node: ast.Starred) -> Values:
        return self.eval(node.value)

    def eval_Yield(self, node: ast.Yield) -> Values:
        self.frame.returned.append(self.eval(node.value))
        return ANYTHING

    def eval_YieldFrom(self, node: ast.YieldFrom) -> Values:
        self.frame.returned.append(self.elements(self.eval(node.value)))
        return ANYTHING

    # Strings

    def eval_JoinedStr(self, node: ast.JoinedStr) -> Values:
        parts: List[Values] = []
        for part in node.values:
            value = part.value if isinstance(part, ast.FormattedValue) else part
            parts.append(self.eval(value))
        constant = _concatenated(parts)
        shape = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
        return constant or shaped(shape)

    def eval_BinOp(self, node: ast.BinOp) -> Values:
        # Terms of a long sum nest to the left: no recursion there.
        spine: List[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            spine.append(left)
            left = left.left
        values = self.eval(left)
        first = left
        for each in reversed(spine):
            values = self._binary(each, values, self.eval(each.right))
        if isinstance(node.op, ast.Add) and not _constants(values) and len(spine) < 8:
            terms = [first, *(each.right for each in reversed(spine))]
            shape = "".join(
                term.value if isinstance(term, ast.Constant) and isinstance(term.value, str) else "\0" for term in terms
            )
            return values | shaped(shape)
        return values

    def _binary(self, node: ast.BinOp, left: Values, right: Values) -> Values:
        if isinstance(node.op, ast.Add):
            sequences = self._added(left, right, node)
            return sequences or _concatenated([left, right]) or ANYTHING
        if isinstance(node.op, ast.Mod):
            return self._formatted(left, right)
        if isinstance(node.op, ast.BitOr):
            dicts = [value for value in left | right if isinstance(value, Mapping)]
            if dicts:
                return self._merged(node, [self.dict_(value) for value in dicts], len(dicts) < 2)
            return left | right  # of types, in an annotation
        return ANYTHING

    def _added(self, left: Values, right: Values, node: ast.AST) -> Values:
        found = NOTHING
        for a, b in itertools.product(left, right):
            if isinstance(a, Sequence) and isinstance(b, Sequence):
                one_, two = self.sequence(a), self.sequence(b)
                items = None if one_.items is None or two.items is None else one_.items + two.items
                state = SequenceState(items) if items is not None else SequenceState(None, one_.all() | two.all())
                found |= self.new(Sequence(self.site(node)), state)
        return found

    def _formatted(self, left: Values, right: Values) -> Values:
        found = NOTHING
        for value in left:
            if isinstance(value, Const) and isinstance(value.value, str):
                constants = [v.value for v in right if isinstance(v, Const)]
                if value.value.count("%") == 1 and constants and len(constants) == len(right):
                    for constant in constants:
                        try:
                            found |= one(Const(value.value % constant))
                        except (TypeError, ValueError):
                            found |= ANYTHING
                else:
                    found |= shaped(re.sub(r"%[sdri]|%\(\w+\)[sdri]", "\0", value.value))
            else:
                found |= ANYTHING
        return found or ANYTHING

    # Choices

    def eval_IfExp(self, node: ast.IfExp) -> Values:
        self.eval(node.test)
        found: List[Values] = []

        def branch(expression: ast.expr, truth: bool) -> Callable[[], None]:
            def run() -> None:
                self.assume(node.test, truth)
                if not self.state.dead:
                    found.append(self.eval(expression))

            return run

        self.branches([branch(node.body, True), branch(node.orelse, False)])
        return union(found)

    def eval_BoolOp(self, node: ast.BoolOp) -> Values:
        is_or = isinstance(node.op, ast.Or)
        found: List[Values] = []
        before = self.state
        left = []
        for index, value in enumerate(node.values):
            values = self.eval(value)
            if index < len(node.values) - 1:
                kept = frozenset(v for v in values if truth_of(v) in (is_or, None))
                found.append(kept)
                left.append(self.state.fork())
                self.assume(value, not is_or)
                if self.state.dead:
                    break
            else:
                found.append(values)
        if self.state.dead:
            self.state = left.pop() if left else before
            self.state.dead = before.dead
        self.state = self.join([*left, self.state])
        return union(found)

    def eval_Compare(self, node: ast.Compare) -> Values:
        self.eval(node.left)
        for each in node.comparators:
            self.eval(each)
        return ANYTHING

    def eval_UnaryOp(self, node: ast.UnaryOp) -> Values:
        values = self.eval(node.operand)
        if isinstance(node.op, ast.Not):
            truths = {truth_of(value) for value in values}
            constants = [value for value in values if isinstance(value, Const)]
            if len(truths) == 1 and None not in truths and len(constants) == len(values):
                return frozenset(Const(not value.value, value.passed) for value in constants)
        return ANYTHING

    # Containers

    def eval_Tuple(self, node: ast.Tuple) -> Values:
        return self._sequence(node, node.elts)

    eval_List = eval_Set = eval_Tuple  # noqa: N815

    def _sequence(self, node: ast.AST, elements: List[ast.expr]) -> Values:
        items: Optional[List[Values]] = []
        rest = NOTHING
        for element in elements:
            values = self.eval(element)
            if isinstance(element, ast.Starred):
                known = [self.sequence(v).items for v in values if isinstance(v, Sequence)]
                if items is not None and len(values) == 1 and known and known[0] is not None:
                    items += known[0]
                    continue
                rest |= self.elements(values) | (union(items) if items else NOTHING)
                items = None
            elif items is None:
                rest |= values
            else:
                items.append(values)
        state = SequenceState(None if items is None else tuple(items), rest)
        return self.new(Sequence(self.site(node)), state)

    def eval_Dict(self, node: ast.Dict) -> Values:
        state = DictState()
        for key, value in zip(node.keys, node.values):
            if key is None:
                for each in self.eval(value):
                    state = self._updated(state, each)
                continue
            keys, values = self.eval(key), self.eval(value)
            constants = _constants(keys)
            if constants and len(constants) == 1:
                state = state.put(constants[0], values)
            else:
                state = state._replace(rest=state.rest | values)
        self.saw_dict(node, state)
        return self.new(Mapping(self.site(node)), state)

    def _updated(self, state: DictState, other: Value) -> DictState:
        """`state` with what is in `other` over it."""
        if not isinstance(other, Mapping):
            return state if isinstance(other, NoneValue) else state._replace(more=True)
        more = self.dict_(other)
        for key, values in more.known:
            if ABSENT in values:
                values = (values - one(ABSENT)) | (state.get(key) or one(ABSENT))
            state = state.put(key, values)
        return state._replace(rest=state.rest | more.rest, more=state.more or more.more)

    def _merged(self, node: ast.AST, states: List[DictState], more: bool) -> Values:
        result = DictState(more=more)
        for state in states:
            for key, values in state.known:
                result = result.put(key, values)
            result = result._replace(rest=result.rest | state.rest, more=result.more or state.more)
        return self.new(Mapping(self.site(node)), result)

    def saw_dict(self, node: ast.AST, state: DictState) -> None:
        """A dict was written down."""

    def eval_Subscript(self, node: ast.Subscript) -> Values:
        owners = self.eval(node.value)
        index = node.slice
        if type(index).__name__ == "Index":  # up to 3.8
            index = index.value  # type: ignore[attr-defined]
        if isinstance(index, ast.Slice):
            self.eval(index)
            return frozenset(value for value in owners if isinstance(value, (Sequence, Unknown))) or ANYTHING
        keys = self.eval(index)
        return union(self._item(owner, keys) for owner in owners) or ANYTHING

    def _item(self, owner: Value, keys: Values) -> Values:
        constants = _constants(keys)
        if isinstance(owner, Mapping):
            state = self.dict_(owner)
            if constants is None:
                return state.all() | (ANYTHING if state.more else NOTHING)
            found = [state.get(key) for key in constants]
            known = union(values - one(ABSENT) for values in found if values is not None)
            return known | state.rest or ANYTHING
        if isinstance(owner, Sequence):
            items = self.sequence(owner)
            if items.items is not None and constants:
                return union(
                    items.items[key]
                    if isinstance(key, int) and -len(items.items) <= key < len(items.items)
                    else NOTHING
                    for key in constants
                )
            return items.all() or ANYTHING
        if isinstance(owner, Symbol) and owner.name == "sys.modules" and constants:
            return frozenset(symbol(str(key)) for key in constants)
        if isinstance(owner, (Symbol, Class)):
            return self._class_item(owner, constants)
        if isinstance(owner, Instance):
            got = self.method_call(owner, "__getitem__", [keys])
            return got if got is not None else ANYTHING
        return one(owner) if isinstance(owner, Unknown) else ANYTHING

    def _class_item(self, owner: Value, constants: Optional[List[Any]]) -> Values:
        if isinstance(owner, Class) and constants:  # a member of an Enum by its name
            found = [owner.info.attributes.get(str(key)) for key in constants]
            return union(values for values in found if values) or ANYTHING
        if isinstance(owner, Class):
            return one(owner)  # Generic[...]
        return ANYTHING

    def method_call(self, owner: Instance, name: str, arguments: List[Values]) -> Optional[Values]:
        """What a method of this file returns; None if there is no such method."""
        raise NotImplementedError

    # Comprehensions and functions

    def eval_ListComp(self, node: ast.ListComp) -> Values:
        values = self._comprehended(node.generators, node.elt)
        return self.new(Sequence(self.site(node)), SequenceState(None, values))

    eval_SetComp = eval_GeneratorExp = eval_ListComp  # noqa: N815

    def eval_DictComp(self, node: ast.DictComp) -> Values:
        self._comprehended(node.generators, node.key)
        values = self._comprehended(node.generators, node.value)
        return self.new(Mapping(self.site(node)), DictState((), values))

    def _comprehended(self, generators: List[ast.comprehension], element: ast.expr) -> Values:
        for generator in generators:
            self.assign(generator.target, self.elements(self.eval(generator.iter)))
            for test in generator.ifs:
                self.eval(test)
        return self.eval(element)

    def eval_Lambda(self, node: ast.Lambda) -> Values:
        info = FunctionInfo(node, self.frame.scope, self.frame.cls, self.defaults_of(node.args), "")
        self.defined(info)
        return one(Function(info))

    def defaults_of(self, arguments: ast.arguments) -> Dict[str, Values]:
        """The default of each parameter that has one."""
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(arguments.defaults) :]
        found = {arg.arg: self.eval(default) for arg, default in zip(with_default, arguments.defaults)}
        for arg, kw_default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            if kw_default is not None:
                found[arg.arg] = self.eval(kw_default)
        return found

    def defined(self, info: FunctionInfo) -> None:
        """A function was defined."""
        raise NotImplementedError

    # Attributes

    def attribute(self, values: Values, name: str, node: ast.AST) -> Values:
        return union(self._attribute(value, name, node) for value in values) or ANYTHING

    def _attribute(self, owner: Value, name: str, node: ast.AST) -> Values:
        if isinstance(owner, Symbol):
            return self._symbol_attribute(owner, name)
        if isinstance(owner, Unknown):
            return one(owner)
        if isinstance(owner, Instance):
            return self._instance_attribute(owner, name, node)
        if isinstance(owner, Class):
            return self._class_attribute(owner, name)
        if isinstance(owner, Super):
            return self._super_attribute(owner, name)
        if isinstance(owner, (Context, Mapping, Sequence, Partial, Const, HostPort, Function, DefaultContext)):
            if isinstance(owner, (Const, HostPort)) and name == "value":
                return one(owner)
            return one(Method(owner, name))
        return NOTHING if isinstance(owner, NoneValue) else ANYTHING

    def _symbol_attribute(self, owner: Symbol, name: str) -> Values:
        found = symbol("%s.%s" % (owner.name, name))
        replaced: Optional[Values] = self.state.get(("symbol", found.name))
        if replaced is not None:
            return replaced
        if name == "value" and (owner.name in BASES or owner.name.startswith("ssl.")):
            return one(owner)  # of a member of an Enum
        if owner.name.partition(".")[0] in LOOK_ALIKES:
            return STRANGER if owner.name in LOOK_ALIKES and name[:1].islower() else one(found)
        return one(found)

    def _instance_attribute(self, owner: Instance, name: str, node: ast.AST) -> Values:
        stored = self.state.get(("attribute", owner, name))
        if stored is not None:
            return stored  # type: ignore[no-any-return]
        if isinstance(owner.cls, str):
            return self._own_context([owner.cls], name) or one(Method(owner, name))
        methods = self._methods(owner, name)
        if methods:
            found = []
            for info in methods:
                bound: Value = Class(owner.cls) if info.kind == "class" else owner
                function = Function(info, None if info.kind == "static" else bound)
                found.append(self.call_property(function, node) if info.kind == "property" else one(function))
            return union(found)
        kept = self.kept(owner, name)
        if kept:
            return kept
        return self._own_context(owner.cls.standard(), name) or one(Method(owner, name))

    def _own_context(self, classes: List[str], name: str) -> Values:
        if any(_OWN_CONTEXTS.get(cls) == name for cls in classes):
            return one(DefaultContext())
        return NOTHING

    def _methods(self, owner: Instance, name: str) -> List[FunctionInfo]:
        """The methods of this file that this may be: a subclass may have its own."""
        cls = owner.cls
        assert isinstance(cls, ClassInfo)
        found = []
        for info in cls.lineage():
            if name in info.attributes:
                found = [value.info for value in info.attributes[name] if isinstance(value, Function)]
                break
        if owner.site == ("self",):
            for heir in cls.heirs():
                found += [value.info for value in heir.attributes.get(name, ()) if isinstance(value, Function)]
        return found[:6]

    def call_property(self, function: Function, node: ast.AST) -> Values:
        raise NotImplementedError

    def _class_attribute(self, owner: Class, name: str) -> Values:
        for info in owner.info.lineage():
            if name in info.attributes:
                return frozenset(
                    Function(value.info, owner) if isinstance(value, Function) and value.info.kind == "class" else value
                    for value in info.attributes[name]
                )
        kept = self.kept(Instance(owner.info, ("class",)), name)
        bases = [base for base in owner.info.foundations() if isinstance(base, Symbol)]
        return kept or union(self._symbol_attribute(base, name) for base in bases) or ANYTHING

    def _super_attribute(self, owner: Super, name: str) -> Values:
        cls, itself = owner.key
        for info in cls.lineage()[1:]:
            for value in info.attributes.get(name, ()):
                if isinstance(value, Function):
                    return one(Function(value.info, itself))
        return one(Method(owner, name))

    # Assignment

    def assign(self, target: ast.AST, values: Values) -> None:
        """Store values in a target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, values)
        elif isinstance(target, ast.Attribute):
            for owner in self.eval(target.value):
                self.store_attribute(owner, target.attr, values, target)
        elif isinstance(target, ast.Subscript):
            self._store_item(target, values)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.new(Sequence(self.site(target)), SequenceState(None, values)))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, values)

    def _unpack(self, targets: List[ast.expr], values: Values) -> None:
        columns: List[List[Values]] = [[] for _ in targets]
        starred = any(isinstance(target, ast.Starred) for target in targets)
        for value in values:
            items = self.sequence(value).items if isinstance(value, Sequence) else None
            if items is not None and len(items) == len(targets) and not starred:
                for column, item in zip(columns, items):
                    column.append(item)
            else:
                for column in columns:
                    column.append(self.elements(one(value)))
        for target, found in zip(targets, columns):
            self.assign(target, union(found) or ANYTHING)

    def _store_item(self, target: ast.Subscript, values: Values) -> None:
        owners = self.eval(target.value)
        index = target.slice
        if type(index).__name__ == "Index":
            index = index.value  # type: ignore[attr-defined]
        constants = None if isinstance(index, ast.Slice) else _constants(self.eval(index))
        for owner in owners:
            if isinstance(owner, Mapping):
                state = self.dict_(owner)
                if constants and len(constants) == 1 and len(owners) == 1:
                    self.put(owner, state.put(constants[0], values))
                else:
                    self.put(owner, state._replace(rest=state.rest | values))
            elif isinstance(owner, Sequence):
                self.put(owner, SequenceState(None, self.sequence(owner).all() | values))
            elif isinstance(owner, Symbol) and owner.name == "sys.modules" and constants:
                self.state.heap["symbol", str(constants[0])] = values

    def store_attribute(self, owner: Value, name: str, values: Values, node: ast.AST) -> None:
        """`owner.name = values`."""
        if isinstance(owner, Class):
            owner.info.attributes[name] = values
        elif isinstance(owner, Symbol):
            self.state.heap["symbol", "%s.%s" % (owner.name, name)] = values
        elif isinstance(owner, Instance):
            self.write_attribute(owner, name, values)

    # Conditions

    def assume(self, test: ast.expr, truth: bool) -> None:
        """Go on as if `test`, which has been evaluated, were true, or false."""
        if self.state.dead:
            return
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.assume(test.operand, not truth)
        elif isinstance(test, ast.BoolOp):
            self._assume_all(test, truth)
        elif isinstance(test, ast.NamedExpr):
            self.assume(test.target, truth)
        elif isinstance(test, (ast.Name, ast.Attribute)):
            self._keep(test, lambda value: truth_of(value) in (truth, None))
        elif isinstance(test, ast.Compare) and len(test.ops) == 1:
            self._assume_comparison(test, truth)
        elif isinstance(test, ast.Call):
            self._assume_call(test, truth)

    def _assume_all(self, test: ast.BoolOp, truth: bool) -> None:
        if isinstance(test.op, ast.And) == truth:
            for value in test.values:
                self.assume(value, truth)
            return
        # one of them decides, those before it did not
        ends = []
        before = self.state
        for value in test.values:
            self.state = before.fork()
            self.assume(value, truth)
            ends.append(self.state)
            self.state = before
            self.assume(value, not truth)
            before = self.state
            if before.dead:
                break
        self.state = self.join(ends)

    def _assume_comparison(self, test: ast.Compare, truth: bool) -> None:
        op, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(op, (ast.IsNot, ast.NotEq, ast.NotIn)):
            truth = not truth
        if isinstance(op, (ast.In, ast.NotIn)):
            self._assume_in(left, right, truth)
            return
        if not isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
            return
        if isinstance(left, ast.NamedExpr):
            left = left.target
        if not isinstance(right, ast.Constant) or not isinstance(left, (ast.Name, ast.Attribute)):
            return
        constant = right.value
        if constant is None:
            self._keep(left, lambda value: isinstance(value, (NoneValue, Unknown)) if truth else value not in _NONES)
        else:
            self._keep(left, lambda value: _may_equal(value, constant, truth))

    def _assume_in(self, key: ast.expr, container: ast.expr, truth: bool) -> None:
        if not truth or not isinstance(key, ast.Constant) or not isinstance(container, (ast.Name, ast.Attribute)):
            return
        for value in self.eval(container):
            if isinstance(value, Mapping):
                state = self.dict_(value)
                present = (state.get(key.value) or NOTHING) - one(ABSENT)
                self.put(value, state.put(key.value, present or ANYTHING))

    def _assume_call(self, test: ast.Call, truth: bool) -> None:
        is_isinstance = isinstance(test.func, ast.Name) and test.func.id == "isinstance" and len(test.args) == 2
        if not is_isinstance or not isinstance(test.args[0], (ast.Name, ast.Attribute)):
            return
        target = test.args[0]
        classes = self.eval(test.args[1])
        members: List[Value] = []
        for value in classes:
            members += self.sequence(value).all() if isinstance(value, Sequence) else [value]
        made = frozenset(
            instance
            for instance in (self.instance_of(member, self.site(test)) for member in members)
            if instance is not None
        )
        if truth:
            present = self.eval(target)
            if made and any(isinstance(value, Unknown) for value in present):
                self.assign(target, made)
            else:
                self._keep(target, lambda value: not isinstance(value, NoneValue))

    def instance_of(self, cls: Value, site: Tuple[Any, ...]) -> Optional[Value]:
        """An object of a class; None if the class is none that matters."""
        if isinstance(cls, Symbol) and cls.name in BASES:
            return Instance(cls.name, site)
        if isinstance(cls, Class):
            return Instance(cls.info, ("self",))
        return None

    def _keep(self, target: ast.expr, test: Callable[[Value], bool]) -> None:
        """Drop from a variable or attribute what it cannot be."""
        values = self.eval(target)
        kept = frozenset(value for value in values if test(value))
        if kept == values:
            return
        if kept:
            self.assign(target, kept)
        elif isinstance(target, ast.Name) and target.id in self.state.names and not self.frame.is_module:
            self.state.dead = True
        else:
            self.assign(target, NOTHING)  # somebody else may have set it


_NONES = frozenset(value for value in (WRITTEN, NoneValue("defaulted"), NoneValue("initial")))


def truth_of(value: Value) -> Optional[bool]:
    """Whether a value counts as true; None if that is not known. A constant in a variable decides nothing."""
    if isinstance(value, NoneValue):
        return False
    if isinstance(value, Const):
        return bool(value.value) if value.passed else None
    if isinstance(value, (Instance, Context, Class, Function, Method, Partial, DefaultContext)):
        return True
    return None


def _may_equal(value: Value, constant: object, truth: bool) -> bool:
    if isinstance(value, Const) and value.passed:
        return bool(value.value == constant) == truth
    return not (truth and isinstance(value, (NoneValue, Instance, Context)))


def _constants(values: Values) -> Optional[List[Any]]:
    """The constants, if they are nothing else."""
    found = [value.value for value in values if isinstance(value, Const)]
    others = [value for value in values if not isinstance(value, (Const, HostPort, NoneValue))]
    return found if found and not others else None


def _concatenated(parts: List[Values]) -> Values:
    choices = []
    for values in parts:
        constants = _constants(values)
        if constants is None or not all(isinstance(constant, (str, int)) for constant in constants):
            return NOTHING
        choices.append([str(constant) for constant in constants])
    found: Iterator[Tuple[str, ...]] = itertools.islice(itertools.product(*choices), 16)
    texts = ["".join(combination) for combination in found]
    return frozenset(Const(text) for text in texts) | frozenset(HostPort(text) for text in texts if is_host_port(text))


_HOST_PORT = re.compile(r"[^\s:/@\\]+:(?:\d+|\0)\Z")


def is_host_port(text: str) -> bool:
    """Whether this is "host:port"; NUL stands for what is put in."""
    return bool(_HOST_PORT.match(text))


def shaped(shape: str) -> Values:
    return frozenset([HostPort(shape), UNKNOWN]) if is_host_port(shape) else ANYTHING
