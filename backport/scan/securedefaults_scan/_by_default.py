"""The program as it runs where nobody has set anything: which contexts are weak even then?

`def connect(host, verify=False)`, `os.environ.get("VERIFY", "no") == "yes"`: under such conditions a context is weak
on request, as far as the conditions tell; but that is what everybody gets who asks for nothing.
"""

from __future__ import annotations

import ast
from typing import Dict, FrozenSet, List, Optional

from ._arguments import Args
from ._base import Frame, one, union
from ._flow import Flow
from ._rules import CLIENTS, DEFINITE, POSSIBLE, WEAK
from ._syntax import Place, last_name
from ._values import INITIAL, NOTHING, UNKNOWN, Const, FunctionInfo, Method, NoneValue, Symbol, Unknown, Value, Values

#: methods and functions of others that give a setting: by name, where the default stands among the arguments
_SETTINGS = {
    **dict.fromkeys(["get", "getenv", "getboolean", "getbool", "getint", "bool", "str", "int", "pop", "config"], 1),
    **dict.fromkeys(["get_bool", "get_boolean", "env_bool", "as_bool", "setdefault", "value"], 1),
}
#: functions of so many statements may be there to read a setting
_SHORT = 4
_TRUE = {"y", "yes", "t", "true", "on", "1"}


def promote(flow: Flow, tree: ast.Module) -> None:
    """Make those findings definite that come to be weak contexts if nobody has set anything."""
    doubtful = [key for key, raw in flow.reports.items() if raw.rule == WEAK and raw.confidence == POSSIBLE]
    if not doubtful:
        return
    other = ByDefault()
    other.tree, other.pins, other.protected = flow.tree, flow.pins, flow.protected
    other.read(tree)
    for key in doubtful:
        raw = other.reports.get(key)
        if raw is not None and raw.confidence == DEFINITE:
            flow.reports[key] = raw


class ByDefault(Flow):
    """Reads a file with all constants, and all settings at their defaults."""

    def decides(self, constant: Const) -> bool:
        return True

    def worth_following(self, tree: ast.Module) -> FrozenSet[int]:
        short = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and len(each.body) <= _SHORT]
        return super().worth_following(tree).union(id(each) for each in short)  # env_bool(), and the like

    def truth_of(self, value: Value) -> Optional[bool]:
        # `self.verify`, of which the file says no more, is read as if it were a method
        return None if isinstance(value, Method) else super().truth_of(value)

    def _parameters(self, info: FunctionInfo, frame: Frame) -> Dict[str, Values]:
        names = super()._parameters(info, frame)
        for name, values in info.defaults.items():
            if values and all(isinstance(value, Const) for value in values):
                names[name] = values
        return names

    def assume(self, test: ast.expr, truth: bool) -> None:
        if isinstance(test, (ast.Call, ast.Compare, ast.Name, ast.Attribute, ast.Subscript)) and not self.state.dead:
            self.state.dead = {self.truth_of(value) for value in self.eval(test)} == {not truth}
        super().assume(test, truth)

    def eval_Compare(self, node: ast.Compare) -> Values:
        left = self.eval(node.left)
        rights = [self.eval(each) for each in node.comparators]
        if len(left) != 1 or len(rights) != 1 or len(rights[0]) != 1:
            return super().eval_Compare(node)
        result = self._compared(next(iter(left)), node.ops[0], next(iter(rights[0])))
        return super().eval_Compare(node) if result is None else one(Const(result))

    def _compared(self, left: Value, op: ast.cmpop, right: Value) -> Optional[bool]:
        if not isinstance(left, (Const, NoneValue)):
            return None
        value = left.value if isinstance(left, Const) else None
        if isinstance(op, (ast.In, ast.NotIn)):
            items = self.items_of(right)
            others = [each for item in items or () for each in item]
            if not others or not all(isinstance(each, Const) for each in others):
                return None
            return any(value == each.value for each in others if isinstance(each, Const)) == isinstance(op, ast.In)
        if not isinstance(right, (Const, NoneValue)) or not isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            return None
        equal = value == (right.value if isinstance(right, Const) else None)
        return equal == isinstance(op, (ast.Eq, ast.Is))

    # Settings

    def eval_Call(self, node: ast.Call, awaited: bool = False) -> Values:
        values = super().eval_Call(node, awaited)
        if not all(isinstance(value, (Unknown, Symbol)) for value in values):
            return values
        return self._default_of(node) or values

    def _default_of(self, node: ast.Call) -> Values:
        """What a call for a setting gives if it is not set."""
        name = last_name(node.func)
        named = [each.value for each in node.keywords if each.arg in ("default", "fallback")]
        index = _SETTINGS.get(name)
        given: List[ast.expr] = named or (node.args[index : index + 1] if index is not None else [])
        if not given:
            return one(INITIAL) if name in ("get", "getenv") and len(node.args) == 1 else NOTHING
        values = self.eval(given[-1])
        return values if all(isinstance(value, (Const, NoneValue)) for value in values) else NOTHING

    def symbol_builtins_getattr(self, args: Args, node: Place) -> Values:
        values = super().symbol_builtins_getattr(args, node)
        default = args.positional[2] if len(args.positional) > 2 else NOTHING
        return default if default and any(_is_somebodys(value) for value in values) else values

    def symbol_builtins_bool(self, args: Args, node: Place) -> Values:
        truths = [self.truth_of(value) for value in args.get(0, "x") or NOTHING]
        return union(one(Const(truth)) for truth in truths) if None not in truths else one(UNKNOWN)

    def symbol_builtins_int(self, args: Args, node: Place) -> Values:
        texts = [value.value for value in args.get(0, "x") or NOTHING if isinstance(value, Const)]
        try:
            return frozenset(Const(int(text)) for text in texts) or one(UNKNOWN)
        except (TypeError, ValueError):
            return one(UNKNOWN)

    def symbol_distutils_util_strtobool(self, args: Args, node: Place) -> Values:
        values = args.get(0, "val") or NOTHING
        return frozenset(Const(str(value.value).lower() in _TRUE) for value in values if isinstance(value, Const))


def _is_somebodys(value: Value) -> bool:
    """Whether it is unknown, or an attribute of a module that cannot be seen."""
    return isinstance(value, Unknown) or (
        isinstance(value, Symbol) and value.name.partition(".")[0] not in ("ssl", *CLIENTS)
    )
