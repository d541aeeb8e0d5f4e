"""What calls do."""

from __future__ import annotations

import ast
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from ._base import join_dicts, one, union
from ._contexts import EMPTY, GOOD, NOBODY, OPEN, SERVER, UNCERTAIN, UNSURE, ContextState
from ._judge import Args, Judge, Place, Raw, key_of
from ._names import outcome, symbol
from ._rules import (
    BASES,
    CLIENTS,
    DEFINITE,
    HANDLER_NAME,
    SIGNATURES,
    TELLING,
    WEAK,
    Signature,
    method_signature,
)
from ._strings import shaped
from ._values import (
    ABSENT,
    ANYTHING,
    FOREIGN,
    NOTHING,
    UNKNOWN,
    WRITTEN,
    Caller,
    Class,
    ClassInfo,
    Const,
    Context,
    DefaultContext,
    DictState,
    Function,
    HostPort,
    Instance,
    Mapping,
    Maybe,
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

#: methods that are passed a callable and its arguments, and the position of the callable
_RUNS = {
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
_ENDS = {"sys.exit", "os._exit", "builtins.exit", "builtins.quit", "os.abort", "pytest.fail", "pytest.skip"}
_UNVERIFIED = {"ssl._create_unverified_context", "ssl._create_stdlib_context"}
_VERIFIED = {
    "ssl.create_default_context",
    "ssl._create_default_https_context",
    "securedefaults.create_default_context",
    "truststore.SSLContext",
}
_SAME_THING = {
    *("builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted", "builtins.reversed", "builtins.iter"),
    *("builtins.frozenset", "copy.copy", "copy.deepcopy", "contextlib.closing", "contextlib.nullcontext"),
    *("asyncio.wait_for", "asyncio.shield", "asyncio.ensure_future", "asyncio.create_task", "asyncio.run"),
    *("asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "functools.lru_cache", "functools.cache"),
    *("contextlib.aclosing", "builtins.staticmethod", "weakref.proxy", "asyncio.run_coroutine_threadsafe"),
}
_ELEMENT = {"builtins.next", "random.choice", "builtins.min", "builtins.max"}


class Calls(Judge):
    """Reads calls."""

    def __init__(self) -> None:
        super().__init__()
        #: those made so far, and whether they have been called in this file
        self.partials: Dict[Partial, bool] = {}

    def eval_Call(self, node: ast.Call, awaited: bool = False) -> Values:
        func = node.func
        if isinstance(func, ast.Attribute):
            owners = self.eval(func.value)
            if awaited:
                owners = frozenset(FOREIGN if value == UNKNOWN else value for value in owners)
            text = self._text_method(owners, func.attr, node)
            if text is not None:
                return text
            called = self.attribute(owners, func.attr, func)
            name = func.attr
            receiver: Optional[Values] = owners
        else:
            called = self.eval(func)
            name = func.id if isinstance(func, ast.Name) else ""
            receiver = None
        args = self.arguments(node)
        if receiver is not None and UNKNOWN in receiver and name in TELLING:
            self._guess(node, name, args)
        self._note_choice(node, called)
        found = []
        for value in called:
            if isinstance(value, Unknown) or (isinstance(value, Method) and not self._known_method(value)):
                ran = self._run_by(node, name, args)
                if ran is not None:
                    found.append(ran)
                    continue
            found.append(self.call(value, args, node, name))
        return union(found) or ANYTHING

    def eval_Await(self, node: ast.Await) -> Values:
        return self.eval_Call(node.value, True) if isinstance(node.value, ast.Call) else self.eval(node.value)

    def _note_choice(self, node: ast.Call, called: Values) -> None:
        """A call that may go to different things takes no argument that only some of them know."""
        if len(called) > 1:
            signatures = {self._signature_of(value) for value in called if not isinstance(value, NoneValue)}
            if None in signatures or len({each.parameter for each in signatures if each is not None}) > 1:
                self.shared.add(key_of(node))
            self.choosing = None in signatures
        else:
            self.choosing = False

    def _known_method(self, method: Method) -> bool:
        return not isinstance(method.owner, Unknown)

    # Arguments

    def arguments(self, node: ast.Call) -> Args:
        """What a call passes."""
        positional: List[Values] = []
        more_positional = own = False
        for arg in node.args:
            values = self.eval(arg)
            if not isinstance(arg, ast.Starred):
                if not more_positional:
                    positional.append(values)
                continue
            known = [self.sequence(value).items for value in values if isinstance(value, Sequence)]
            if len(values) == 1 and known and known[0] is not None and not more_positional:
                positional += known[0]
            else:
                more_positional = True
                own = own or (isinstance(arg.value, ast.Name) and arg.value.id in self.frame.stars)
        state = DictState()
        for keyword in node.keywords:
            values = self.eval(keyword.value)
            if keyword.arg is not None:
                state = state.put(keyword.arg, values)
                continue
            own = own or (isinstance(keyword.value, ast.Name) and keyword.value.id in self.frame.stars)
            alternatives = [self._updated(state, value) for value in values]
            if alternatives:
                merged = alternatives[0]
                for other in alternatives[1:]:
                    merged = join_dicts(merged, other)
                state = merged
        more_keywords = state.more or bool(state.rest)
        known_keywords = tuple((str(key), values) for key, values in state.known if isinstance(key, str))
        return Args(tuple(positional), known_keywords, more_positional, more_keywords, own)

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
        if isinstance(value, Unknown):
            self._given_to_strangers(args, node, value)
            return one(value)
        return ANYTHING

    def call_function(self, info: Any, args: Args, node: Place) -> Values:
        raise NotImplementedError

    def call_property(self, function: Function, node: ast.AST) -> Values:
        assert isinstance(node, ast.expr)
        return self.call(function, Args(), node)

    def call_own(self, owner: Instance, name: str, args: Args, node: Place) -> Optional[Values]:
        """Call a method of this file; None if there is none."""
        if not isinstance(owner.cls, ClassInfo):
            return None
        methods = self._methods(owner, name)
        if not methods:
            return None
        found = []

        def run(info: Any) -> Callable[[], None]:
            return lambda: found.append(self.call(Function(info, owner), args, node))

        if len(methods) == 1:
            run(methods[0])()
        else:
            self.branches([run(info) for info in methods])
        return union(found)

    def method_call(self, owner: Instance, name: str, arguments: List[Values]) -> Optional[Values]:
        return self.call_own(owner, name, Args(tuple(arguments)), ast.Name(id=name, lineno=0, col_offset=0))

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

    def _signature_of(self, value: Value) -> Optional[Signature]:
        if isinstance(value, Symbol):
            return SIGNATURES.get(value.name)
        if isinstance(value, Method) and isinstance(value.owner, Instance):
            return self._upgrade(value.owner, value.name)
        return None

    def _upgrade(self, owner: Instance, name: str) -> Optional[Signature]:
        classes = [owner.cls] if isinstance(owner.cls, str) else owner.cls.standard()
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

    # Callables handed to somebody who calls them

    def _run_by(self, node: ast.Call, name: str, args: Args) -> Optional[Values]:
        """Call what is handed over to be called; None if nothing is."""
        target = args.keyword("target") or args.keyword("func") or args.keyword("function")
        if target is not None:
            rest = self._packed(args.keyword("args"), args.keyword("kwargs"))
        elif name in _RUNS and len(args.positional) > _RUNS[name]:
            index = _RUNS[name]
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
        found = [self.call(value, rest, node) for value in callables]
        values = union(found)
        if name in _EACH:
            return self.new(Sequence(self.site(node)), SequenceState(None, values))
        return values

    def _packed(self, sequence: Optional[Values], keywords: Optional[Values]) -> Args:
        positional: Tuple[Values, ...] = ()
        more_positional = more_keywords = False
        known: Tuple[Tuple[str, Values], ...] = ()
        for value in sequence or ():
            if isinstance(value, Sequence):
                items = self.sequence(value).items
                if items is None:
                    more_positional = True
                else:
                    positional = items
            elif not isinstance(value, NoneValue):
                more_positional = True
        for value in keywords or ():
            if isinstance(value, Mapping):
                state = self.dict_(value)
                known = tuple((str(key), values) for key, values in state.known)
                more_keywords = state.more
            elif not isinstance(value, NoneValue):
                more_keywords = True
        return Args(positional, known, more_positional, more_keywords)

    # Methods that are not of this file

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

    def _call_super(self, owner: Super, name: str, args: Args, node: Place) -> Values:
        cls, itself = owner.key
        standard = cls.standard()
        for base in standard:
            if name in ("__init__", "__new__"):
                if name == "__init__":
                    self.construct(base, itself, args, node)
                return one(itself)
            return self._standard_method(base, itself, name, args, node)
        return ANYTHING

    def _call_instance(self, owner: Instance, name: str, args: Args, node: Place) -> Values:
        self.uses.setdefault(owner, set()).add(node.lineno)
        classes = [owner.cls] if isinstance(owner.cls, str) else owner.cls.standard()
        if not classes:
            foundations = owner.cls.foundations() if isinstance(owner.cls, ClassInfo) else []
            doubtful = [
                base
                for base in foundations
                if base == UNKNOWN
                or (isinstance(base, Symbol) and outcome(base.name) == UNKNOWN and "builtins." not in base.name)
            ]
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
        if name == "auth" and cls == "ftplib.FTP_TLS":
            self.calls.append((node, cls + ".auth", owner))
            return ANYTHING
        if name == "connect" and cls.startswith("smtplib."):
            self.note_host(node, owner, args.get(0, "host"), args.get(1, "port"), cls == "smtplib.SMTP_SSL")
        if name in ("__enter__", "result", "get", "__aenter__"):
            return one(owner)
        return ANYTHING

    # Dicts and sequences

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
            return (found | default if len(args.positional) > 1 else found) - one(ABSENT)
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
        if name == "values":
            return self.new(Sequence(("values", owner.key)), SequenceState(None, state.all()))
        if name == "items":
            pair = self.new(Sequence(("item", owner.key)), SequenceState((ANYTHING, state.all() or ANYTHING)))
            return self.new(Sequence(("items", owner.key)), SequenceState(None, pair))
        return ANYTHING

    def _set_default(self, owner: Mapping, state: DictState, key: Values, default: Values) -> Values:
        constants = [value.value for value in key if isinstance(value, Const)]
        if len(constants) != 1:
            return ANYTHING
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

    # Contexts

    def _call_context(self, owner: Value, name: str, args: Args, node: Place) -> Values:
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
            for key in args.positional[0]:
                if isinstance(key, Const):
                    self.store_attribute(owner, str(key.value), args.positional[1], node)
        return ANYTHING

    def is_in_client(self) -> bool:
        """Whether what is being read is a method of a class derived from a client."""
        cls = self.frame.cls
        return cls is not None and any(base != HANDLER_NAME for base in cls.standard())

    def store_attribute(self, owner: Value, name: str, values: Values, node: ast.AST) -> None:
        if isinstance(owner, Context):
            self._set_on_context(owner, name, values, getattr(node, "lineno", 0))
            return
        if isinstance(owner, Instance) and self.is_connection(owner):
            classes = [owner.cls] if isinstance(owner.cls, str) else owner.cls.standard()
            if name == "context" and "ftplib.FTP_TLS" in classes:
                self._supplied(owner, values, node)
        super().store_attribute(owner, name, values, node)

    def _supplied(self, owner: Instance, values: Values, node: ast.AST) -> None:
        """An FTP_TLS gets its context after it was made."""
        self.supplied.add(owner)
        signature = SIGNATURES["ftplib.FTP_TLS"]
        if all(isinstance(value, NoneValue) for value in values):
            return
        assert isinstance(node, (ast.expr, ast.stmt))
        raw = self._weak(Raw(node, WEAK, DEFINITE, signature.name, signature.parameter), values)
        if raw is not None:
            self.report(raw)

    def _set_on_context(self, owner: Context, name: str, values: Values, line: int) -> None:
        state = self.context(owner)
        if name == "verify_mode":
            modes = frozenset(_mode(value) for value in values)
            state = state._replace(verify=modes)
            if NOBODY in modes:
                state = state.because(line, "verify_mode = CERT_NONE")
        elif name == "check_hostname":
            names = frozenset(_boolean(value) for value in values)
            state = state._replace(name=names)
            if False in names:
                state = state.because(line, "check_hostname = False")
            elif names == {True} and NOBODY in state.verify:
                state = state._replace(verify=frozenset([SERVER]))  # Python sees to that
        else:
            return
        self.put(owner, state)

    def make_context(self, name: str, args: Args, node: Place) -> Values:
        """What a function of ssl's returns."""
        state = GOOD
        short = name.rpartition(".")[2] + "()"
        if name in _UNVERIFIED:
            state = OPEN.because(node.lineno, short)
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
                state = OPEN.because(node.lineno, "Purpose.CLIENT_AUTH is for servers")
        elif name == "ssl.SSLContext":
            state = self._bare(args, node)
        return self.new(Context(self.site(node)), state)

    def _bare(self, args: Args, node: Place) -> ContextState:
        protocols = args.get(0, "protocol")
        if protocols is None:
            return OPEN.because(node.lineno, "SSLContext()")
        states = []
        for value in protocols:
            name = value.name.rpartition(".")[2] if isinstance(value, Symbol) else ""
            if name == "PROTOCOL_TLS_CLIENT":
                states.append(EMPTY.because(node.lineno, "SSLContext(PROTOCOL_TLS_CLIENT)"))
            elif name.startswith("PROTOCOL_"):
                states.append(OPEN.because(node.lineno, "SSLContext(%s)" % name))
            elif isinstance(value, Const) and value.value == 16:
                states.append(EMPTY)
            elif isinstance(value, Const):
                states.append(OPEN.because(node.lineno, "SSLContext(%r)" % value.value))
            else:
                states.append(UNCERTAIN)
        result = states[0]
        for other in states[1:]:
            result = result.joined(other)
        return result

    # Functions and classes by their dotted name

    def call_symbol(self, name: str, args: Args, node: Place) -> Values:
        """Call something imported."""
        if name in BASES:
            return self._make(name, args, node)
        owner, _, method = name.rpartition(".")
        if owner in BASES and args.positional:
            return self._unbound(owner, method, args, node)
        if name in _UNVERIFIED or name in _VERIFIED or name == "ssl.SSLContext":
            return self.make_context(name, args, node)
        if name == "ssl.wrap_socket":
            self._old_wrap(args, node)
            return ANYTHING
        if name in _ENDS:
            self.state.dead = True
            return NOTHING
        special = getattr(self, "symbol_" + name.replace(".", "_"), None)
        if special is not None:
            return special(args, node)  # type: ignore[no-any-return]
        if name in _SAME_THING:
            return args.positional[0] if args.positional else self.new(Sequence(self.site(node)), SequenceState(()))
        if name in _ELEMENT and args.positional:
            return self.elements(args.positional[0])
        if method in ("import_string", "locate", "resolve_name", "import_object", "symbol_by_name", "get_callable"):
            found = _dotted(args)
            if found:
                return found
        if isinstance(node, ast.Call):
            ran = self._run_by(node, method, args)
            if ran is not None:
                return ran
        if name.startswith("builtins."):
            return ANYTHING
        self._guess_class(name, args, node)
        result = outcome(name)
        self._given_to_strangers(args, node, result)
        return one(result)

    def _guess_class(self, name: str, args: Args, node: Place) -> None:
        """A class that somebody else hands on: from compat import SMTP_SSL."""
        owner, _, last = name.rpartition(".")
        if outcome(name) != UNKNOWN or owner.rpartition(".")[2] in CLIENTS:
            return
        for signature in SIGNATURES.values():
            if signature.name.rpartition(".")[2] == last and signature.name in BASES:
                self.judge(node, signature, args, sure=False)
                self.shared.add(key_of(node))

    def _make(self, cls: str, args: Args, node: Place) -> Values:
        made = Instance(cls, self.site(node))
        self.construct(cls, made, args, node)
        return one(made)

    def construct(self, cls: str, made: Value, args: Args, node: Place) -> None:
        """An object of the standard library's class, or of one derived from it, is initialised."""
        if cls == HANDLER_NAME:
            if not (isinstance(made, Instance) and isinstance(made.cls, ClassInfo) and self._methods(made, "emit")):
                self.judge_handler(node, args)
            return
        if cls.startswith("smtplib."):
            self.note_host(node, made, args.get(0, "host"), args.get(1, "port"), cls == "smtplib.SMTP_SSL")
        signature = SIGNATURES.get(cls)
        if signature is None:
            if self.failed and cls.partition(".")[0] in self.failed[-1]:
                self.fallbacks[made] = node, cls
            return
        self._target(node, signature)
        self.calls.append((node, cls, made))
        if cls == "ftplib.FTP_TLS":
            logs_in = bool(args.get(0, "host")) and args.get(1, "user") is not None
            if not logs_in:
                self.waiting.setdefault(key_of(node), set()).add(made)
        self.judge(node, signature, args)

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

    def _old_wrap(self, args: Args, node: Place) -> None:
        reqs = args.keyword("cert_reqs")
        verify = {NOBODY} if reqs is None else {_mode(value) for value in reqs}
        if NOBODY in verify and self.is_in_client():
            detail = "ssl.wrap_socket() verifies nobody unless it is told to, and never the host name."
            self.report(Raw(node, WEAK, DEFINITE, "ssl.wrap_socket", None, detail))

    def instantiate(self, info: ClassInfo, args: Args, node: Place) -> Values:
        """An object of a class of this file."""
        made = Instance(info, self.site(node))
        if self.call_own(made, "__init__", args, node) is None:
            self._bind_fields(info, made, args)
            for base in info.standard():
                self.construct(base, made, args, node)
            if not info.standard():
                self.escape(args.all()) if info.foundations() else None
        got = self.call_own(made, "__post_init__", Args(), node)
        del got
        return one(made)

    def _bind_fields(self, info: ClassInfo, made: Instance, args: Args) -> None:
        fields = [name for each in reversed(info.lineage()) for name in each.fields]
        for index, name in enumerate(fields):
            values = args.get(index, name)
            if values is not None:
                self.write_attribute(made, name, values)

    # Partials

    def symbol_functools_partial(self, args: Args, node: Place) -> Values:
        if not args.positional:
            return ANYTHING
        rest = args.without_first()
        partial = Partial(args.positional[0], rest, node)
        self.partials.setdefault(partial, False)
        if key_of(node) not in self.placed:
            self.placed.add(key_of(node))
            self.note_place(node)
        return one(partial)

    symbol_functools_partialmethod = symbol_functools_partial

    def _call_partial(self, partial: Partial, args: Args) -> Values:
        self.partials[partial] = True
        callables, first, node = partial.key
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
                callables, args, node = partial.key
                for value in callables:
                    if isinstance(value, (Symbol, Method, Class)):
                        self.call(value, args, node)

    # Builtins and the like

    def symbol_builtins_getattr(self, args: Args, node: Place) -> Values:
        if len(args.positional) < 2:
            return ANYTHING
        owners, names = args.positional[:2]
        default = args.positional[2] if len(args.positional) > 2 else NOTHING
        found = []
        for name in names:
            if isinstance(name, Const) and isinstance(name.value, str):
                found.append(self.attribute(owners, name.value, node))
            elif isinstance(name, Unknown):
                found.append(self._any_attribute(owners))
        return union(found) | default or ANYTHING

    def _any_attribute(self, owners: Values) -> Values:
        """An attribute of which the name is not known."""
        modules = [value.name for value in owners if isinstance(value, Symbol) and value.name in CLIENTS]
        if modules:
            # most people mean one of two classes
            return frozenset([UNKNOWN, *(Maybe(name) for name in SIGNATURES if name.rpartition(".")[0] in modules)])
        return ANYTHING

    def symbol_builtins_setattr(self, args: Args, node: Place) -> Values:
        if len(args.positional) == 3:
            for owner in args.positional[0]:
                for name in args.positional[1]:
                    if isinstance(name, Const):
                        self.store_attribute(owner, str(name.value), args.positional[2], node)
        return one(WRITTEN)

    def symbol_builtins_dict(self, args: Args, node: Place) -> Values:
        state = DictState()
        for values in args.positional:
            for value in values:
                state = self._updated(state, value)
        for key, values in args.keywords:
            state = state.put(key, values)
        state = state._replace(more=state.more or args.more_keywords)
        self.saw_dict(node, state)
        return self.new(Mapping(self.site(node)), state)

    symbol_collections_OrderedDict = symbol_builtins_dict  # noqa: N815

    def symbol_collections_deque(self, args: Args, node: Place) -> Values:
        items = self.elements(args.positional[0]) if args.positional else NOTHING
        return self.new(Sequence(self.site(node)), SequenceState(None, items))

    def symbol_queue_Queue(self, args: Args, node: Place) -> Values:
        return self.new(Sequence(self.site(node)), SequenceState(None))

    symbol_queue_LifoQueue = symbol_queue_SimpleQueue = symbol_queue_Queue  # noqa: N815

    def symbol_collections_defaultdict(self, args: Args, node: Place) -> Values:
        made = union(self.call(value, Args(), node) for value in (args.positional[0] if args.positional else ()))
        return self.new(Mapping(self.site(node)), DictState((), made, False))

    def symbol_builtins_super(self, args: Args, node: Place) -> Values:
        if args.positional:
            classes = [value.info for value in args.positional[0] if isinstance(value, Class)]
            itself = next(iter(args.positional[1]), None) if len(args.positional) > 1 else self.frame.itself
        else:
            classes = [self.frame.cls] if self.frame.cls is not None else []
            itself = self.frame.itself
        if not classes or itself is None:
            return ANYTHING
        return one(Super(classes[0], itself))

    def symbol_builtins_type(self, args: Args, node: Place) -> Values:
        if len(args.positional) == 3:  # a class made by a call
            bases = [self.elements(args.positional[1])]
            name = ast.ClassDef(name="type", bases=[], keywords=[], body=[], decorator_list=[])
            return one(Class(ClassInfo(name, bases, self.frame.scope)))
        found = []
        for value in args.positional[0] if args.positional else ():
            if isinstance(value, Instance):
                found.append(Symbol(value.cls) if isinstance(value.cls, str) else Class(value.cls))
        return frozenset(found) or ANYTHING

    def symbol_builtins_enumerate(self, args: Args, node: Place) -> Values:
        values = self.elements(args.positional[0]) if args.positional else ANYTHING
        pair = self.new(Sequence(self.site(node, "item")), SequenceState((ANYTHING, values)))
        return self.new(Sequence(self.site(node)), SequenceState(None, pair))

    def symbol_builtins_zip(self, args: Args, node: Place) -> Values:
        items = tuple(self.elements(values) for values in args.positional)
        row = self.new(Sequence(self.site(node, "item")), SequenceState(items))
        return self.new(Sequence(self.site(node)), SequenceState(None, row))

    def symbol_builtins_map(self, args: Args, node: Place) -> Values:
        if len(args.positional) < 2:
            return ANYTHING
        rest = Args(tuple(self.elements(values) for values in args.positional[1:]))
        self.shared.add(key_of(node))
        values = union(self.call(value, rest, node) for value in args.positional[0])
        return self.new(Sequence(self.site(node)), SequenceState(None, values))

    def symbol_builtins_filter(self, args: Args, node: Place) -> Values:
        return args.positional[1] if len(args.positional) > 1 else ANYTHING

    def symbol_builtins_globals(self, args: Args, node: Place) -> Values:
        state = DictState(more=True)
        heap = {**(self.state.base or {}), **self.state.heap}
        for key, values in heap.items():
            if key[0] == "global":
                state = state.put(key[1], values)
        return self.new(Mapping(self.site(node)), state)

    def symbol_builtins_vars(self, args: Args, node: Place) -> Values:
        return ANYTHING

    def symbol_importlib_import_module(self, args: Args, node: Place) -> Values:
        return _dotted(args) or ANYTHING

    symbol_builtins___import__ = symbol_importlib_import_module
    symbol_pytest_importorskip = symbol_importlib_import_module
    symbol_eventlet_import_patched = symbol_importlib_import_module

    def symbol_typing_cast(self, args: Args, node: Place) -> Values:
        if len(args.positional) < 2 or not isinstance(node, ast.Call):
            return ANYTHING
        meant = self.annotation(node.args[0])
        return meant or args.positional[1]

    def annotation(self, node: Optional[ast.expr]) -> Values:
        raise NotImplementedError

    def symbol_securedefaults_apply(self, args: Args, node: Place) -> Values:
        self.protected = True
        return ANYTHING

    def symbol_dataclasses_field(self, args: Args, node: Place) -> Values:
        factory, default = args.keyword("default_factory"), args.keyword("default")
        if factory is not None:
            return union(self.call(value, Args(), node) for value in factory)
        return default or NOTHING

    symbol_attr_ib = symbol_attr_field = symbol_attrs_field = symbol_dataclasses_field

    def symbol_operator_methodcaller(self, args: Args, node: Place) -> Values:
        names = args.positional[0] if args.positional else NOTHING
        return (
            frozenset(Caller(name.value, args.without_first()) for name in names if isinstance(name, Const)) or ANYTHING
        )


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


def _dotted(args: Args) -> Values:
    names = args.positional[0] if args.positional else args.keyword("name") or NOTHING
    return frozenset(
        symbol(value.value.replace(":", "."))
        for value in names
        if isinstance(value, Const) and isinstance(value.value, str)
    )
