"""Attributes of objects, classes and modules."""

from __future__ import annotations

import ast
from typing import List, Optional

from ._base import one, union
from ._names import LOOK_ALIKES, symbol
from ._objects import Objects
from ._rules import BASES
from ._values import (
    ANYTHING,
    NOTHING,
    STRANGER,
    Class,
    ClassInfo,
    Const,
    Context,
    DefaultContext,
    Function,
    FunctionInfo,
    HostPort,
    Instance,
    Mapping,
    Method,
    NoneValue,
    Partial,
    Sequence,
    Super,
    Symbol,
    Unknown,
    Value,
    Values,
    method_in,
)

#: attributes of the clients that hold the context they made for themselves
_OWN_CONTEXTS = {"ftplib.FTP_TLS": "context", "imaplib.IMAP4_SSL": "ssl_context", "smtplib.SMTP_SSL": "context"}
_OWN_CONTEXTS["poplib.POP3_SSL"] = "context"


class Attributes(Objects):
    """Reads and sets attributes."""

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
            return self.on_this_path(("attribute", owner, name), stored)
        if isinstance(owner.cls, str):
            return self._own_context([owner.cls], name) or one(Method(owner, name))
        methods = self._methods(owner, name)
        if methods:
            found = []
            for info in methods:
                itself = owner.as_seen_by(info.cls)
                bound: Value = Class(owner.cls) if info.kind == "class" else itself
                function = Function(info, None if info.kind == "static" else bound)
                found.append(self.call_property(function, node) if info.kind == "property" else one(function))
            return union(found)
        members = owner.cls.members()
        if members and owner not in members:
            return self.attribute(members, name, node)
        kept = self.lasting_values(("attribute", owner, name)) or self.kept(owner, name)
        if kept:
            return frozenset(value.bound(owner) if isinstance(value, Partial) else value for value in kept)
        passed_on = self.method_call(owner, "__getattr__", [one(Const(name))]) if name[:2] != "__" else None
        return passed_on or self._own_context(owner.cls.standard(), name) or one(Method(owner, name))

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
        found = method_in(cls.lineage()[1:], name)
        return one(Method(owner, name) if found is None else Function(found, itself))

    def store_attribute(self, owner: Value, name: str, values: Values, node: ast.AST) -> None:
        """`owner.name = values`."""
        if isinstance(owner, Class):
            owner.info.attributes[name] = values
        elif isinstance(owner, Symbol):
            self.state.heap["symbol", "%s.%s" % (owner.name, name)] = values
        elif isinstance(owner, Instance):
            self.write_attribute(owner, name, values)
