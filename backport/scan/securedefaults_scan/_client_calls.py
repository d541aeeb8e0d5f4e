"""Objects of the clients in the standard library: how they are made, and their methods."""

from __future__ import annotations

import ast
from typing import Optional

from ._arguments import Args
from ._base import SELF, one, union
from ._context_calls import ContextCalls, is_context_class
from ._names import may_be_client, outcome
from ._rules import BASES, HANDLER_NAME, SIGNATURES, TELLING, Signature, method_signature
from ._syntax import Place, key_of
from ._values import (
    ANYTHING,
    UNKNOWN,
    Class,
    ClassInfo,
    Context,
    Instance,
    Method,
    Super,
    Symbol,
    Unknown,
    Value,
    Values,
)


class ClientCalls(ContextCalls):
    """Reads calls of their classes and methods."""

    def _make(self, cls: str, args: Args, node: Place) -> Values:
        made = Instance(cls, self.site(node))
        self.construct(cls, made, args, node)
        return one(made)

    def construct(self, cls: str, made: Value, args: Args, node: Place) -> None:
        """An object of the standard library's class, or of one derived from it, is initialised."""
        if cls == HANDLER_NAME:
            if not self._emits_by_itself(made):
                self.judge_handler(node, args)
            return
        if cls.startswith("smtplib."):
            self.note_host(node, made, args.get(0, "host"), args.get(1, "port"), cls == "smtplib.SMTP_SSL")
        signature = SIGNATURES.get(cls)
        if signature is None:
            if self.has_failed(cls.partition(".")[0]):
                self.fallbacks[made] = node, cls
            return
        self._target(node, signature)
        self.calls.append((node, cls, made))
        if cls == "ftplib.FTP_TLS":
            self._keep_context(made, args.get(signature.position, signature.parameter), node)
            logs_in = bool(args.get(0, "host")) and args.get(1, "user") is not None
            if not logs_in:
                self.waiting.setdefault(key_of(node), set()).add(made)
        self.judge(node, signature, args)

    def _emits_by_itself(self, made: Value) -> bool:
        """Whether it is of a class with an emit() that does not go on to that of logging."""
        if not isinstance(made, Instance) or not isinstance(made.cls, ClassInfo):
            return False
        methods = [info.node for info in self._methods(made, "emit")]
        calls = [each for node in methods for each in ast.walk(node) if isinstance(each, ast.Call)]
        return bool(methods) and not any(isinstance(c.func, ast.Attribute) and c.func.attr == "emit" for c in calls)

    def _unbound(self, cls: str, method: str, args: Args, node: Place) -> Values:
        """`smtplib.SMTP_SSL.__init__(self, ...)`."""
        rest = args.without_first()
        self.shared.add(key_of(node))
        for owner in args.positional[0]:
            if method == "__init__":
                self.construct(cls, owner, rest, node)
            else:
                self._standard_method(cls, owner, method, rest, node)
        return ANYTHING

    def _call_super(self, owner: Super, name: str, args: Args, node: Place) -> Values:
        cls, itself = owner.key
        base = next(iter(cls.standard()), None)
        if name == "__new__":
            if not isinstance(itself, Class):
                return one(itself)
            if is_context_class(itself.info):
                return one(self.make_own_context(itself.info, args.without_first(), node))
            return one(Instance(itself.info, SELF))
        if base is None:
            return ANYTHING
        if name == "__init__":
            self.construct(base, itself, args, node)
            return one(itself)
        return self._standard_method(base, itself, name, args, node)

    def _call_instance(self, owner: Instance, name: str, args: Args, node: Place) -> Values:
        self.uses.setdefault(owner, set()).add(node.lineno)
        classes = owner.standard()
        if not classes:
            foundations = owner.cls.foundations() if isinstance(owner.cls, ClassInfo) else []
            doubtful = any(may_be_client(base) for base in foundations)
            if doubtful and name in TELLING and isinstance(node, ast.Call):
                self._guess(node, name, args)
            self.escape(args.all())
            return ANYTHING
        return union(self._standard_method(cls, owner, name, args, node) for cls in classes)

    def _standard_method(self, cls: str, owner: Value, name: str, args: Args, node: Place) -> Values:
        signature = method_signature(cls, name)
        if signature is not None:
            self._target(node, signature)
            self.calls.append((node, "%s.%s" % (cls, name), owner))
            self.upgraded.add(owner)
            self.judge(node, signature, args)
            return ANYTHING
        if name in ("auth", "login") and cls == "ftplib.FTP_TLS":
            self._judge_kept_context(owner)
            if name == "auth":
                self.calls.append((node, cls + ".auth", owner))
            return ANYTHING
        if name == "connect" and cls.startswith("smtplib."):
            self.note_host(node, owner, args.get(0, "host"), args.get(1, "port"), cls == "smtplib.SMTP_SSL")
        if name in ("__enter__", "result", "get", "__aenter__"):
            return one(owner)
        return ANYTHING

    # Whether it is one of them

    def _signature_of(self, value: Value) -> Optional[Signature]:
        if isinstance(value, Symbol):
            return SIGNATURES.get(value.name)
        if isinstance(value, Method) and isinstance(value.owner, Instance):
            return self._upgrade(value.owner, value.name)
        return None

    def _upgrade(self, owner: Instance, name: str) -> Optional[Signature]:
        classes = owner.standard()
        for cls in classes:
            found = method_signature(cls, name)
            if found is not None:
                return found
        return None

    def _target(self, node: Place, signature: Signature) -> None:
        self.targets.setdefault(key_of(node), set()).add(signature.parameter)

    def _guess(self, node: ast.Call, name: str, args: Args) -> None:
        """`.starttls()` on something unknown."""
        module, cls = ("poplib", "POP3") if name == "stls" else ("smtplib", "SMTP")
        signature = SIGNATURES["%s.%s.%s" % (module, cls, name)]
        if args.keyword("ssl_context") is not None:
            signature = SIGNATURES["imaplib.IMAP4.starttls"]
        if len(args.positional) == 1 and any(isinstance(v, (Unknown, Context)) for v in args.positional[0]):
            return
        self.judge(node, signature, args, sure=False)
        self.shared.add(key_of(node))

    def _guess_class(self, name: str, args: Args, node: Place) -> None:
        """A class that somebody else hands on: from compat import SMTP_SSL."""
        last = name.rpartition(".")[2]
        if outcome(name) != UNKNOWN:
            return
        for signature in SIGNATURES.values():
            if signature.name.rpartition(".")[2] == last and signature.name in BASES:
                self.judge(node, signature, args, sure=False)
                self.shared.add(key_of(node))
