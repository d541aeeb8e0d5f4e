"""`apply()` and `restore()`: what is replaced, and how it is put back.

There is one hook for everything: every entry point, on every version, takes its default context from
`ssl._create_stdlib_context()`. `methods` has the few others. Nothing is imported for them; modules that are not
loaded yet are hooked when they are.
"""

import sys

from .. import _policy
from .._entrypoints import ENTRY_POINTS
from .._kept import call_in_child, kept
from .._names import OFF, WARN
from .._policy.policy import Policy
from .asking import FACTORIES, unreadable, who_asks
from .code import asks, is_readable
from .imports import Watcher, find_spec
from .loading import forget_refusals, is_interrupted, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from os import PathLike
    from types import ModuleType
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

    from .._policy.rules import HostRule

#: Modules that prepare the start of child processes: the standard library's, and those that were made after it.
SPAWNERS = (
    "multiprocessing.spawn",
    "multiprocess.spawn",
    "billiard.spawn",
    "loky.backend.spawn",
    "joblib.externals.loky.backend.spawn",
)

_kept = kept(__name__)

_missing: "Any" = _kept.setdefault("missing", object())


class Replacement:
    """One attribute that is to be replaced: undone exactly, and not undone where somebody replaced it again.

    Args:
        owner: the module or class that has the attribute.
        name: of the attribute.
        make: from what is there, or `_missing`, to what shall be there.
    """

    def __init__(self, owner: "Any", name: str, make: "Callable[[Any], Any]") -> None:
        self.owner = owner
        self.name = name
        self.original = vars(owner).get(name, _missing)
        self._ours = make(self.original)
        self._is_put = False

    def current(self) -> "Any":
        """What the attribute holds now."""
        return vars(self.owner).get(self.name, _missing)

    def in_place(self) -> bool:
        """Whether that is ours."""
        return self.current() is self._ours

    def put(self) -> bool:
        """Replace it; False if neither ours nor the original is there any more."""
        if self.current() is self.original:
            self._is_put = True
            setattr(self.owner, self.name, self._ours)
        return self.in_place()

    def undo(self) -> None:
        """Put the original back if ours is what it would replace."""
        # What looks like ours may be another copy's: there is but one None.
        if not (self._is_put and self.in_place()):
            return
        self._is_put = False
        if self.original is _missing:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)


#: by identity of the owner, for a reloaded module has new classes
replacements: "Dict[Tuple[int, str], Replacement]" = _kept.setdefault("replacements", {})


def apply(
    mode: "Optional[str]" = None,
    *,
    context_factory: "Optional[Callable[[], ssl.SSLContext]]" = None,
    strict: "Optional[bool]" = None,
    rules: "Iterable[HostRule]" = (),
    log: "Union[str, PathLike[str], None]" = None,
) -> None:
    """Verify certificate and host name wherever the standard library's mail, FTP and news clients get no context.

    Works from anywhere in the program, before or after these modules are imported, any number of times; the last
    call's arguments count, from the next handshake on, also for client objects that were made after an earlier call.
    An object that was made before the first call keeps the standard library's unverified context, which looks exactly
    like one that was passed explicitly (`ftplib.FTP_TLS()` in a module that is imported before, say): so call this
    first. `status()` names those that are variables of modules.

    Processes that `multiprocessing` and process pools start have the same in force.

    Args:
        mode: `"enforce"`; `"warn"`, which connects as the standard library does and says by warnings what
            enforcement would refuse; or `"off"`, which is `restore()`. None: what the environment variable
            `SECUREDEFAULTS_MODE` says (not read under `-E` and `-I`), else the configuration file, else `"enforce"`.
        context_factory: called without arguments whenever a verifying context is needed; replaces the platform's
            trust store, e.g. `lambda: truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)`.
        strict: set (True) or clear (False) `ssl.VERIFY_X509_STRICT`; None does what
            `ssl.create_default_context()` of this Python does (set since 3.13). None takes the configuration file's.
        rules: what is to be done about single hosts, before the rules of the configuration file.
        log: path of a file to which each handshake is appended as a line of JSON. None: what the environment variable
            `SECUREDEFAULTS_LOG` or the configuration file says.

    The configuration file is the one that `SECUREDEFAULTS_CONFIG` names (not read under `-E` and `-I`), else
    `/etc/python/securedefaults.cfg` if there is one.

    Raises:
        ImportError: this Python has no `ssl` module.
        NotImplementedError: this Python is neither CPython nor PyPy.
        TypeError: an argument has the wrong type.
        ValueError: there is no such mode, or (as a ConfigurationError) the environment or the configuration file
            cannot be used.
    """
    policy = Policy(mode, context_factory=context_factory, strict=strict, rules=rules, log=log)
    if policy.mode == OFF:
        restore()
        _tell_doubts(policy)
        return
    if not _has_ssl():
        raise ImportError(
            "securedefaults.apply(): this Python has no ssl module, so its mail, FTP and news clients cannot use TLS "
            "and there is nothing to verify; install Python with OpenSSL, or do not call apply()",
            name="ssl",
        )
    install(policy)


def install(policy: "Policy") -> None:
    """`apply()` for a policy that was made before."""
    from . import check_implementation  # here, for what is kept of this module must not keep the package

    check_implementation()
    cancel_autoload()
    _end_other_copies()
    _policy.put_in_force(policy)
    _settle()
    _tell_doubts(policy)
    if policy.mode == WARN:
        from . import summary

        summary.register()


def prepare() -> None:
    """Have the hooks in place while nothing is in force, so that what is made now obeys what will be.

    It imports nothing else, and takes nothing away from an `apply()`.
    """
    if _policy.in_force is None:
        _policy.prepare()
        _settle()


def _tell_doubts(policy: "Policy") -> None:
    """Say who else may change what is obeyed, also if that is to be off."""
    if policy.doubts:
        from .doubts import tell

        tell(policy.doubts)


def cancel_autoload() -> bool:
    """The program speaks for itself; returns whether it did before that would have spoken."""
    waiting = [finder for finder in sys.meta_path if getattr(finder, "waits_for_ssl", False) is True]
    for finder in waiting:
        sys.meta_path.remove(finder)
    return bool(waiting)


def _end_other_copies() -> None:
    """Those that were taken out of `sys.modules`, but are still at work; two would tell everything twice."""
    others: List[Any] = [finder for finder in sys.meta_path if type(finder).__module__ == Watcher.__module__]
    for finder in others:
        if finder is not watcher:
            _end(finder.restore)
    hook = getattr(sys.modules.get("ssl"), FACTORIES[0], None)
    namespace = getattr(hook, "__globals__", {})
    if namespace.get("__name__") == __name__ and namespace is not globals():
        _end(namespace["restore"])  # somebody took its finder away


def _end(restore: "Callable[[], None]") -> None:
    """End another copy, whose contexts ask this one from now on."""
    restore()
    theirs: Any = getattr(restore, "__globals__", {}).get("_policy")
    if hasattr(theirs, "follow"):
        theirs.follow(_policy)


def apply_configured() -> None:
    """What environment and configuration file ask for, if they ask for anything.

    Unless somebody has called `apply()`, be it another start-up file. Nobody is there to catch an exception: what is
    wrong is printed, and costs the configuration, not safety.
    """
    if _policy.in_force is not None:
        return
    wrong: Optional[Exception] = None
    try:
        policy = Policy(otherwise=OFF)
    except Exception as exc:  # Any: who is told that `ssl` cannot be imported tries again, and nobody waits any more.
        policy, wrong = Policy.plain(), exc
    policy.speaks = True
    if policy.mode != OFF:
        install(policy)
    else:
        _tell_doubts(policy)
    if wrong is not None:
        _say("%s; enforcing without any configuration" % wrong)


def _say(text: str) -> None:
    stream = getattr(sys, "stderr", None)
    if stream is None:
        return
    for line in ("securedefaults: %s" % text, "securedefaults: %s" % ascii(text)[1:-1]):
        try:
            print(line, file=stream)
        except UnicodeEncodeError:
            continue  # somebody's own stream
        except (OSError, ValueError, AttributeError):
            pass  # nobody reads it, or it is closed
        return


def restore() -> None:
    """Put back everything that `apply()` replaced.

    What somebody else has replaced since stays as it is; our part below it does nothing any more.
    """
    cancel_autoload()
    _policy.put_in_force(None)
    forget_refusals()
    _settle()


#: whether `_settle()` is at it
_settling = 0


def _settle() -> None:
    """Replace what is to be replaced, or put it back, as what is in force demands it.

    There is no lock: a signal handler that calls `apply()` or `restore()` could not wait for the one that it has
    interrupted. Each step may be done twice; and whoever finds at the end that something else is in force by now does
    it again.
    """
    global _settling
    settled: Any = _missing
    _settling += 1
    try:
        while settled is not _policy.hooked():
            settled = _policy.hooked()
            if settled is not None:
                for replacement in list(replacements.values()):
                    replacement.put()  # also those in modules that are not in sys.modules any more
                watcher.install()
            else:
                watcher.remove()
                for replacement in list(replacements.values()):  # a thread that imports may add one
                    replacement.undo()
    finally:
        _settling -= 1


def _settle_in_child() -> None:
    """Another thread may have been at it when this process was forked off, and did not come along."""
    global _settling
    if _settling:
        _settling = 0
        _settle()


call_in_child(__name__, "_settle_in_child")


def _has_ssl() -> bool:
    for name in ("ssl", "_ssl"):
        if name in sys.modules:
            return sys.modules[name] is not None
    return find_spec("_ssl", None, None, skip=watcher) is not None


def in_place(owner: "Any", name: str) -> bool:
    """Whether that attribute is ours now."""
    replacement = replacements.get((id(owner), name))
    return replacement is not None and replacement.owner is owner and replacement.in_place()


def _replace(owner: "Any", name: str, make: "Callable[[Any], Any]") -> None:
    key = id(owner), name
    known = replacements.get(key)
    if known is None or known.owner is not owner:
        # It is known before it is in place, so that nobody takes ours for the original. Of several threads one wins.
        made = Replacement(owner, name, make)
        known = made if known is not None else replacements.setdefault(key, made)
        replacements[key] = known
    if not known.put():
        replacements[key] = known = Replacement(owner, name, make)
        known.put()
    if _policy.hooked() is None:
        known.undo()  # another thread has called `restore()` meanwhile


def _hook_ssl(ssl: "ModuleType") -> None:
    stdlib, patched = FACTORIES
    _replace(ssl, stdlib, lambda original: _default_context_factory(ssl, original))
    if not hasattr(ssl, patched):
        return
    if not verifies(getattr(ssl, patched)):
        _replace(ssl, patched, lambda original: _default_context_factory(ssl, original))
    elif _policy.in_force is not None and _policy.in_force.rules:
        # It verifies, but of this machine's rules it knows nothing.
        _replace(ssl, patched, lambda original: _native_context_factory(ssl, original))


def ssl_of(module: "ModuleType") -> "Optional[ModuleType]":
    """The `ssl` that a module has: another one if it was taken out of `sys.modules` since."""
    found = vars(module).get("ssl")
    return found if getattr(found, "__name__", None) == "ssl" else sys.modules.get("ssl")


#: modules whose methods are still to be hooked
_waiting: "List[ModuleType]" = []


def _hook_methods(module: "ModuleType") -> None:
    try:
        from .methods import hooks
    except ImportError:
        if not is_interrupted():
            raise
        _waiting.append(module)  # in a signal handler: the import that it has interrupted goes on with these
        return
    for one in [module, *_waiting]:
        ssl = ssl_of(one)
        if ssl is not None and ssl is not sys.modules.get("ssl"):
            _hook_ssl(ssl)
        # else it is patched, or of a later Python, and needs none
        if not is_readable(one):
            unreadable[one.__name__] = True
        if asks(one, FACTORIES[0]) or one.__name__ in unreadable:
            for owner, name, make in hooks(one):
                _replace(owner, name, make)


def _hook_workers(spawn: "ModuleType") -> None:
    if hasattr(spawn, "get_preparation_data"):
        _load_workers()
        _replace(spawn, "get_preparation_data", lambda original: _handing_over(spawn.__name__, original))


def _load_workers() -> None:
    """Now, so that a signal handler that starts a process imports nothing; who cannot tries again."""
    if not is_interrupted():
        try:
            from . import workers  # noqa: F401
        except Exception:
            return


def _handing_over(module: str, original: "Callable[..., Dict[str, Any]]") -> "Callable[..., Dict[str, Any]]":
    import functools

    @functools.wraps(original)
    def get_preparation_data(*args: "Any", **kwargs: "Any") -> "Dict[str, Any]":
        data = original(*args, **kwargs)
        policy = _policy.in_force
        if policy is not None:
            try:
                from . import workers

                data[workers.KEY] = workers.HandOver(policy, module, data)
                if "sys_path" in data:
                    data["sys_path"] = workers.PreparingPath(data)
            except Exception as exc:  # a child is started whatever is wrong with us
                _say("what is in force cannot be handed to a child process: %s: %s" % (type(exc).__name__, exc))
        return data

    return get_preparation_data


def verifies(factory: "Callable[[], ssl.SSLContext]") -> bool:
    """Whether the contexts that `factory` makes verify chain and name."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = factory()
    return bool(context.verify_mode) and context.check_hostname  # CERT_NONE is 0


def _default_context_factory(
    ssl_module: "ModuleType",
    original: "Callable[..., ssl.SSLContext]",
    stock: "Optional[Callable[..., ssl.SSLContext]]" = None,
) -> "Callable[..., ssl.SSLContext]":
    """What takes the place of one of the FACTORIES.

    Args:
        ssl_module: that it is in.
        original: that was there.
        stock: what makes the context for when nothing is enforced; None for the standard library's own.
    """
    import functools

    make_stock = stock or functools.partial(_stock, ssl_module)

    @functools.wraps(original)
    def create(*args: "Any", **kwargs: "Any") -> "ssl.SSLContext":
        policy = _policy.in_force
        # ssl.get_server_certificate() and others call this for reasons of their own, and a caller that says how to
        # verify does not ask for the default.
        hooked = _policy.hooked() is not None
        asking = who_asks(sys._getframe(1)) if hooked and _EXPECTED.issuperset(kwargs) else None
        if asking is None:
            return original(*args, **kwargs)
        loaded = load(needed=policy is None or policy.mode != WARN)
        if loaded:
            own = functools.partial(make_stock, *args, **kwargs)
            make = loaded.context.default_context
            default: ssl.SSLContext
            default = make(asking.module, asking.client, own, _policy, *args, ssl_module=ssl_module, **kwargs)
            return default
        if policy is None or policy.mode == WARN:
            return make_stock(*args, **kwargs)
        return _plain(ssl_module, policy, **kwargs)

    return create


def _plain(ssl_module: "ModuleType", policy: "Policy", **kwargs: "Any") -> "ssl.SSLContext":
    """A verified context without our modules: a signal handler has interrupted their import."""
    if policy.rules or policy.context_factory is not None or policy.strict is not None:
        raise ssl_module.SSLError(
            "securedefaults is just being imported, and a connection out of a signal handler in the middle of "
            "that cannot be verified as apply() was told to"
        )
    made: ssl.SSLContext = ssl_module.create_default_context()  # which is all that was asked for
    if kwargs.get("certfile"):
        made.load_cert_chain(kwargs["certfile"], kwargs.get("keyfile"))
    return made


def _native_context_factory(
    ssl_module: "ModuleType", original: "Callable[..., ssl.SSLContext]"
) -> "Callable[..., ssl.SSLContext]":
    import functools

    enforced = _default_context_factory(ssl_module, original, original)

    @functools.wraps(original)
    def create(*args: "Any", **kwargs: "Any") -> "ssl.SSLContext":
        # Warn mode would take verification away.
        return (enforced if _policy.enforcing() else original)(*args, **kwargs)

    return create


def _stock(ssl_module: "ModuleType", *args: "Any", **kwargs: "Any") -> "ssl.SSLContext":
    """The standard library's unverified default; not the one of a patched Python, which warns as well."""
    original: Callable[..., ssl.SSLContext] = replacements[id(ssl_module), FACTORIES[0]].original
    return original(*args, **kwargs)


#: What the entry points pass to the helper, beside the protocol: before 3.12, and SMTPHandler since 3.13.5.
_EXPECTED = frozenset(("certfile", "keyfile"))

watcher: Watcher = _kept.setdefault(
    "watcher",
    Watcher(
        {
            "ssl": _hook_ssl,
            **{entry_point.through: _hook_methods for entry_point in ENTRY_POINTS},
            **dict.fromkeys(SPAWNERS, _hook_workers),
        }
    ),
)
watcher.restore = restore
