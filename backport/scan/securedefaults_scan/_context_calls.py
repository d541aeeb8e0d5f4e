"""SSL contexts: how they are made, changed and used."""

from __future__ import annotations

import abc
import ast
import functools
from typing import Dict, List, Optional, Set, Union

from ._arguments import Args
from ._container_methods import ContainerMethods
from ._contexts import EMPTY, GOOD, NOBODY, OPEN, SERVER, TRUSTS_NOBODY, UNCERTAIN, UNSURE, ContextState
from ._judge import Raw
from ._rules import DEFINITE, HANDLER_NAME, SIGNATURES, WEAK
from ._syntax import Place
from ._values import (
    ANYTHING,
    NOTHING,
    ClassInfo,
    Const,
    Context,
    DefaultContext,
    Function,
    Instance,
    NoneValue,
    Symbol,
    Value,
    Values,
    method_in,
)
from ._wrap import is_server

_UNVERIFIED = {"ssl._create_unverified_context", "ssl._create_stdlib_context"}
_VERIFIED = {
    "ssl.create_default_context",
    "ssl._create_default_https_context",
    "securedefaults.create_default_context",
    "truststore.SSLContext",
}
_CLASSES = {"ssl.SSLContext", "truststore.SSLContext"}
#: whatever makes a context
MAKERS = _UNVERIFIED | _VERIFIED | _CLASSES


class ContextCalls(ContainerMethods):
    """Reads calls into ssl, and what is set on a context."""

    def __init__(self) -> None:
        super().__init__()
        #: by FTP_TLS, where it got its context
        self.given_at: Dict[Value, Place] = {}

    def make_context(self, name: str, args: Args, node: Place) -> Values:
        """What a function of ssl's returns."""
        state = GOOD
        short = name.rpartition(".")[2] + "()"
        if name in _UNVERIFIED:
            state = self._because(OPEN, node, short)
            reqs, check = args.keyword("cert_reqs"), args.keyword("check_hostname")
            if reqs is not None:
                state = state._replace(verify=frozenset(_mode(value) for value in reqs))
            if check is not None:
                state = state._replace(name=frozenset(_boolean(value) for value in check))
            if args.keyword("cafile") or args.keyword("capath") or args.keyword("cadata"):
                state = state._replace(trust=frozenset([True]))
        elif name == "ssl.create_default_context":
            purpose = args.get(0, "purpose") or NOTHING
            if any(isinstance(value, Symbol) and value.name == "ssl.Purpose.CLIENT_AUTH" for value in purpose):
                state = self._because(OPEN, node, "Purpose.CLIENT_AUTH is for servers")
        elif name == "ssl.SSLContext":
            state = self._bare(args, node)
        return self.new(Context(self.site(node)), state)

    def make_own_context(self, info: ClassInfo, args: Args, node: Place) -> Context:
        """An object of a class of this file that is derived from SSLContext."""
        made = Context(self.site(node), info)
        self.put(made, GOOD if "ssl.SSLContext" not in _context_bases(info) else self._bare(args, node))
        return made

    def _bare(self, args: Args, node: Place) -> ContextState:
        protocols = args.get(0, "protocol")
        if protocols is None:
            return self._because(OPEN, node, "SSLContext()")
        states = []
        for value in protocols:
            name = value.name.rpartition(".")[2] if isinstance(value, Symbol) else ""
            if name == "PROTOCOL_TLS_CLIENT" or (isinstance(value, Const) and value.value == 16):
                states.append(self._because(EMPTY, node, TRUSTS_NOBODY))
            elif name.startswith("PROTOCOL_"):
                states.append(self._because(OPEN, node, "SSLContext(%s)" % name))
            elif isinstance(value, (Const, NoneValue)):
                shown = value.value if isinstance(value, Const) else None
                states.append(self._because(OPEN, node, "SSLContext(%r)" % (shown,)))
            else:
                states.append(UNCERTAIN)
        return functools.reduce(ContextState.joined, sorted(states, key=lambda state: state.why))  # each time the same

    def _because(self, state: ContextState, node: Place, text: str) -> ContextState:
        self.causes[node.lineno, text] = node
        return state.because(node.lineno, text)

    def store_attribute(self, owner: Value, name: str, values: Values, node: ast.AST) -> None:
        if isinstance(owner, Context):
            self._set_on_context(owner, name, values, node)
            return
        if isinstance(owner, Instance):
            classes = owner.standard()
            if name == "context" and "ftplib.FTP_TLS" in classes:
                self._supplied(owner, values, node)
            if self._set_by_property(owner, name, values, node):
                return
        super().store_attribute(owner, name, values, node)

    def _set_by_property(self, owner: Instance, name: str, values: Values, node: ast.AST) -> bool:
        """Whether the class has something to do when the attribute is set, which is done."""
        lineage = owner.cls.lineage() if isinstance(owner.cls, ClassInfo) else []
        setter = next((info.setters[name] for info in lineage if name in info.setters), None)
        if setter is None:
            return False
        assert isinstance(node, (ast.expr, ast.stmt))
        self.call(Function(setter, owner), Args((values,)), node)
        return True

    def _supplied(self, owner: Instance, values: Values, node: ast.AST) -> None:
        """An FTP_TLS gets its context after it was made."""
        self.supplied.add(owner)
        assert isinstance(node, (ast.expr, ast.stmt))
        self._keep_context(owner, values, node)
        self._judge_kept_context(owner)

    def _keep_context(self, owner: Value, values: Optional[Values], node: Place) -> None:
        """It has a context, which it uses when it logs in: until then that can become weak."""
        if values is not None:
            self.write_attribute(owner, "context", values)
            self.given_at[owner] = node

    def _judge_kept_context(self, owner: Value) -> None:
        values: Optional[Values] = self.state.get(("attribute", owner, "context"))
        if values is None or owner not in self.given_at:
            return
        signature = SIGNATURES["ftplib.FTP_TLS"]
        raw = self._weak(Raw(self.given_at[owner], WEAK, DEFINITE, signature.name, signature.parameter), values)
        if raw is not None:
            self.report(raw)

    def _set_on_context(self, owner: Context, name: str, values: Values, node: ast.AST) -> None:
        assert isinstance(node, (ast.expr, ast.stmt))
        state = self.context(owner)
        if name == "verify_mode":
            modes = frozenset(_mode(value) for value in values)
            state = state._replace(verify=modes)
            if NOBODY in modes:
                state = self._because(state, node, "verify_mode = CERT_NONE")
        elif name == "check_hostname":
            names = frozenset(_boolean(value) for value in values)
            state = state._replace(name=names)
            if False in names:
                state = self._because(state, node, "check_hostname = False")
            elif names == {True} and NOBODY in state.verify:
                state = state._replace(verify=frozenset([SERVER]))  # Python sees to that
        else:
            return
        self.put(owner, state)

    def _call_context(self, owner: Union[Context, DefaultContext], name: str, args: Args, node: Place) -> Values:
        own = self._own_method(owner, name)
        if own is not None:
            return self.call(own, args, node)
        if name in ("wrap_socket", "wrap_bio"):
            if name == "wrap_socket":
                self.judge_wrap(node, owner, args, self.is_in_client())
            return ANYTHING
        if not isinstance(owner, Context):
            return ANYTHING
        state = self.context(owner)
        if name in ("load_verify_locations", "load_default_certs", "set_default_verify_paths"):
            self.put(owner, state._replace(trust=frozenset([True])))
        elif name == "__setattr__" and len(args.positional) == 2:
            for key in constant_texts(args.positional[0]):
                self.store_attribute(owner, key, args.positional[1], node)
        return ANYTHING

    def _own_method(self, owner: Value, name: str) -> Optional[Function]:
        """A method of its class in this file."""
        lineage = owner.cls.lineage() if isinstance(owner, Context) and owner.cls is not None else []
        found = method_in(lineage, name)
        return None if found is None else Function(found, owner)

    # Implemented further down

    @abc.abstractmethod
    def call(self, value: Value, args: Args, node: Place, name: str = "") -> Values:
        """What calling this returns."""

    def is_in_client(self) -> bool:
        """Whether what is being read is a method of a class derived from a client."""
        cls = self.frame.cls
        return cls is not None and any(base != HANDLER_NAME for base in cls.standard())

    def _old_wrap(self, args: Args, node: Place) -> None:
        reqs = args.keyword("cert_reqs")
        verify = {NOBODY} if reqs is None else {_mode(value) for value in reqs}
        about = DEFINITE if self.is_in_client() else self.subject()
        if NOBODY in verify and about is not None and is_server(args, 3) is not True:
            detail = "ssl.wrap_socket() verifies nobody unless it is told to, and never the host name."
            self.report(Raw(node, WEAK, about, "ssl.wrap_socket", None, detail))


def constant_texts(values: Values) -> List[str]:
    """What constants there are, as text, each time in the same order."""
    return sorted(str(value.value) for value in values if isinstance(value, Const))


def is_context_class(info: ClassInfo) -> bool:
    """Whether a class of this file is derived from SSLContext."""
    return bool(_context_bases(info))


def _context_bases(info: ClassInfo) -> Set[str]:
    return {base.name for base in info.foundations() if isinstance(base, Symbol) and base.name in _CLASSES}


def _mode(value: Value) -> str:
    name = value.name.rpartition(".")[2] if isinstance(value, Symbol) else None
    if name == "CERT_NONE" or (isinstance(value, Const) and value.value == 0 and value.value is not False):
        return NOBODY
    if name in ("CERT_REQUIRED", "CERT_OPTIONAL") or (isinstance(value, Const) and value.value in (1, 2)):
        return SERVER
    return UNSURE


def _boolean(value: Value) -> Optional[bool]:
    if isinstance(value, Const):
        return bool(value.value)
    return False if isinstance(value, NoneValue) else None
