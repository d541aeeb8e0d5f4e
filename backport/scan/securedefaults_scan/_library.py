"""Functions of the standard library and of others, by their dotted name."""

from __future__ import annotations

import abc
import ast
from typing import Dict, List, Optional

from ._arguments import Args
from ._base import SELF, one, union
from ._context_calls import MAKERS, constant_texts
from ._handed_over import HandedOver
from ._names import outcome, symbol
from ._rules import BASES, CLIENTS, SIGNATURES
from ._strings import host_ports
from ._syntax import Key, Place, key_of
from ._values import (
    ANYTHING,
    INITIAL,
    NOTHING,
    UNKNOWN,
    WRITTEN,
    Class,
    ClassInfo,
    Const,
    DictState,
    Instance,
    Mapping,
    Maybe,
    Sequence,
    SequenceState,
    Super,
    Symbol,
    Unknown,
    Values,
)

_ENDS = {"sys.exit", "os._exit", "builtins.exit", "builtins.quit", "os.abort", "pytest.fail", "pytest.skip"}
_SAME_THING = {
    *("builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted", "builtins.reversed", "builtins.iter"),
    *("builtins.frozenset", "copy.copy", "copy.deepcopy", "contextlib.closing", "contextlib.nullcontext"),
    *("asyncio.wait_for", "asyncio.shield", "asyncio.ensure_future", "asyncio.create_task", "asyncio.run"),
    *("asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "functools.lru_cache", "functools.cache"),
    *("contextlib.aclosing", "builtins.staticmethod", "weakref.proxy", "asyncio.run_coroutine_threadsafe"),
    "functools.update_wrapper",
}
_ELEMENT = {"builtins.next", "random.choice", "builtins.min", "builtins.max"}


class Library(HandedOver):
    """Reads calls of what is imported or built in."""

    def __init__(self) -> None:
        super().__init__()
        #: by the place where one is made, what stands for the class of an object that has nothing but attributes
        self.namespaces: Dict[Key, ClassInfo] = {}

    def call_symbol(self, name: str, args: Args, node: Place) -> Values:
        """Call something imported."""
        if name in BASES:
            return self._make(name, args, node)
        owner, _, method = name.rpartition(".")
        if owner in BASES and args.positional:
            return self._unbound(owner, method, args, node)
        if name in MAKERS:
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
        ran = self._run_by(node, method, args)
        if ran is not None:
            return ran
        if name.startswith("builtins."):
            return ANYTHING
        self._guess_class(name, args, node)
        result = outcome(name)
        self._given_to_strangers(args, node, result)
        if method in ("get", "getenv"):  # of os.environ, or of somebody's settings
            return one(result) | host_ports(args.get(1, "default"))
        return one(result)

    # Builtins and the like: symbol_ and the name, with _ for each dot

    def symbol_builtins_getattr(self, args: Args, node: Place) -> Values:
        if len(args.positional) < 2:
            return ANYTHING
        owners, names = args.positional[:2]
        default = args.positional[2] if len(args.positional) > 2 else NOTHING
        default = frozenset(INITIAL if value == WRITTEN else value for value in default)  # unless it is set
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
                for name in constant_texts(args.positional[1]):
                    self.store_attribute(owner, name, args.positional[2], node)
        return one(WRITTEN)

    def symbol_builtins_dict(self, args: Args, node: Place) -> Values:
        state = DictState()
        for values in args.positional:
            for value in values:
                state = self._updated(state, value)
        for key, values in args.keywords:
            state = state.put(key, values)
        state = state._replace(more=state.more or args.more_keywords)
        return self.written_down(node, state)

    symbol_collections_OrderedDict = symbol_builtins_dict  # noqa: N815

    def symbol_collections_ChainMap(self, args: Args, node: Place) -> Values:
        state = DictState()
        for values in reversed(args.positional):  # the first counts
            for value in values:
                state = self._updated(state, value)
        return self.new(Mapping(self.site(node)), state._replace(more=state.more or args.more_positional))

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
            return one(Class(self._class_without_body(bases)))
        found = []
        for value in args.positional[0] if args.positional else ():
            if isinstance(value, Instance):
                found.append(Symbol(value.cls) if isinstance(value.cls, str) else Class(value.cls))
        return frozenset(found) or ANYTHING

    def _class_without_body(self, bases: List[Values]) -> ClassInfo:
        node = ast.ClassDef(name="", bases=[], keywords=[], body=[], decorator_list=[])
        return ClassInfo(node, bases, self.frame.scope)

    def symbol_builtins_enumerate(self, args: Args, node: Place) -> Values:
        values = self.elements(args.positional[0]) if args.positional else ANYTHING
        pair = self.new(Sequence(self.site(node, "item")), SequenceState((ANYTHING, values)))
        return self.new(Sequence(self.site(node)), SequenceState(None, pair))

    def symbol_builtins_zip(self, args: Args, node: Place) -> Values:
        items = tuple(self.elements(values) for values in args.positional)
        row = self.new(Sequence(self.site(node, "item")), SequenceState(items))
        return self.new(Sequence(self.site(node)), SequenceState(None, row))

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

    def symbol_ssl_VerifyMode(self, args: Args, node: Place) -> Values:
        return args.positional[0] if args.positional else ANYTHING

    def symbol_types_SimpleNamespace(self, args: Args, node: Place) -> Values:
        if key_of(node) not in self.namespaces:
            self.namespaces[key_of(node)] = self._class_without_body([])
        made = Instance(self.namespaces[key_of(node)], SELF)
        for name, values in args.keywords:
            self.write_attribute(made, name, values)
        return one(made)

    symbol_argparse_Namespace = symbol_threading_local = symbol_types_SimpleNamespace  # noqa: N815

    def symbol_collections_namedtuple(self, args: Args, node: Place) -> Values:
        info = self._class_without_body([one(Symbol("collections.namedtuple"))])
        for value in args.get(1, "field_names") or args.keyword("fields") or NOTHING:
            items = self.items_of(value)
            if isinstance(value, Const):
                info.fields = str(value.value).replace(",", " ").split()
            for item in items or ():  # ("name", type), for typing.NamedTuple
                first = [(self.items_of(each) or (one(each),))[0] for each in item]
                info.fields += [each.value for each in union(first) if isinstance(each, Const)]
        return one(Class(info))

    symbol_typing_NamedTuple = symbol_collections_namedtuple  # noqa: N815

    def symbol_typing_TypeVar(self, args: Args, node: Place) -> Values:
        """Its bound, or what it may be: whoever has this annotation is one of these."""
        return args.keyword("bound") or union(args.positional[1:]) or ANYTHING

    symbol_typing_NewType = symbol_typing_extensions_TypeVar = symbol_typing_TypeVar  # noqa: N815

    def symbol_functools_wraps(self, args: Args, node: Place) -> Values:
        return one(Symbol("functools.update_wrapper"))

    @abc.abstractmethod
    def annotation(self, node: Optional[ast.expr]) -> Values:
        """What something with this annotation is; empty if it says nothing that matters."""

    def symbol_securedefaults_apply(self, args: Args, node: Place) -> Values:
        self.protected = True
        return ANYTHING

    def symbol_dataclasses_field(self, args: Args, node: Place) -> Values:
        factory, default = args.keyword("default_factory"), args.keyword("default")
        if factory is not None:
            return union(self.call(value, Args(), node) for value in factory)
        return default or NOTHING

    symbol_attr_ib = symbol_attr_field = symbol_attrs_field = symbol_dataclasses_field


def _dotted(args: Args) -> Values:
    names = args.positional[0] if args.positional else args.keyword("name") or NOTHING
    return frozenset(
        symbol(value.value.replace(":", "."))
        for value in names
        if isinstance(value, Const) and isinstance(value.value, str)
    )
