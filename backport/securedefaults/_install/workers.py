"""What is in force here, for the child processes that multiprocessing starts as new interpreters.

It sends them what its module `spawn` prepares: a dictionary, and then what they shall run, which may be a function of
the program's main module, so that this is executed before. (A child by fork inherits everything.) Our entry in the
dictionary takes effect while it is unpickled, before any line of the program's; and once more when the main module has
been executed, for that may have called `apply()` with something else.
"""

from __future__ import annotations

import os
import sys

from .._names import WARN
from .._policy import environment
from .._policy.policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from types import CodeType
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

    from .._policy.rules import HostRule

    #: file and code of a function, by which a child knows it again
    Place = Tuple[str, Tuple[object, ...]]
    #: the pickle of a factory, or why there is none
    Carried = Tuple[Optional[bytes], str, Optional[Place]]

    _List = List[Any]
else:
    _List = list


_PACKAGE = __name__.partition(".")[0]

#: our entry in what is prepared
KEY = _PACKAGE

# What a child executes. It needs nothing of ours for that, and raises nothing: a child that cannot import us starts as
# it would without us. `sys.path` is not set yet the first time, and in a child of a fork server neither is the working
# directory.
_SOURCE = """
import os, sys

def receive(last):
    before = sys.path
    try:
        parents = [os.path.join(folder, entry) if isinstance(entry, str) else entry for entry in path]
        sys.path = [*home, *(before if last else parents)]
        import securedefaults  # the parent's, which imports nothing else
        sys.path = before if last else parents
        from securedefaults._install import hooks, workers
        hooks.install(workers.received(handed, last))
    except Exception as exc:
        if last:
            tell(exc)
    finally:
        sys.path = before

def tell(exc):
    try:
        print("securedefaults: what is in force in the parent process is not in force in this child process, whose "
              "mail, FTP and news clients verify nobody by default: %s: %s" % (type(exc).__name__, exc),
              file=sys.stderr, flush=True)
    except Exception:
        pass

def prepared(*args, **kwargs):
    spawn.prepare = prepare
    result = prepare(*args, **kwargs)
    receive(True)
    return result

receive(False)
spawn = sys.modules.get(module)
prepare = getattr(spawn, "prepare", None)
if prepare is None:
    receive(True)
else:
    spawn.prepare = prepared
"""


class HandOver:
    """What is in force, as an object that has it put in force where it is unpickled.

    Args:
        policy: in force.
        module: the name of the module that prepares the start of the child.
        data: what that has prepared.
    """

    def __init__(self, policy: Policy, module: str, data: Dict[str, Any]) -> None:
        self._names = {
            "handed": {
                "mode": str(policy.mode),
                "policy": _pickled(policy),
                "factory": _carried(policy),
                "config": environment.given_in_place(),
            },
            "module": module,
            # the list itself: pickle writes it once
            "path": data.get("sys_path") or list(sys.path),
            "folder": data.get("dir") or "",
            "home": _home(data),
        }

    def __reduce__(self) -> Tuple[Any, ...]:
        return exec, (_SOURCE, self._names)


# What a fork server executes. `sys.path` is not the parent's yet; where we cannot be imported it starts as without us,
# and its children say so.
_PREPARE = """
import sys
before = sys.path
try:
 sys.path = home + before
 import securedefaults
 sys.path = before
 from securedefaults._install.hooks import prepare
 prepare()
except Exception: pass
finally: sys.path = before
"""


class PreparingPath(_List):
    """The `sys.path` for a child, which is pickled as the list that it is.

    A fork server has it by `repr()` in its command line, which is evaluated before it imports anything for its
    children; so it is made ready there for what these will be handed.

    Args:
        data: that was prepared.
    """

    def __init__(self, data: Dict[str, Any]) -> None:
        super().__init__(data["sys_path"])
        self._home = _home(data)

    def __repr__(self) -> str:
        return "(exec(%r, {'home': %r}) or %s)" % (_PREPARE, self._home, list.__repr__(self))

    def __reduce_ex__(self, protocol: object) -> Tuple[Any, ...]:
        return list, (list(self),)


def _home(data: Dict[str, Any]) -> List[str]:
    """Where this package was imported from, as far as that is a place: it may not be in `sys.path` any more.

    Up to Python 3.9 that may be relative, to the folder in which the program was started.
    """
    paths = [path for path in getattr(sys.modules.get(_PACKAGE), "__path__", ()) if isinstance(path, str)]
    homes = [os.path.dirname(os.path.join(data.get("orig_dir") or "", path)) for path in paths]
    return [home for home in homes if os.path.isabs(home)]


def _pickled(policy: Policy) -> Optional[bytes]:
    """All but the factory, as plain data: its class may be another one since its module was reloaded.

    None if it cannot be pickled, and this is said.
    """
    import pickle

    try:
        state = policy.__getstate__()
        state.update(context_factory=None, rules=[vars(rule).copy() for rule in policy.rules])
        return pickle.dumps(state)
    except Exception as exc:
        if policy.kept.setdefault(__name__, exc) is exc:
            _tell(
                "what is in force cannot be handed to child processes (%s); theirs is mode %r with the platform's "
                "trust store, without any rules" % (_shown(exc), policy.mode)
            )
        return None


def _carried(policy: Policy) -> Optional[Carried]:
    """The factory as a tuple, a pickle of its own: its module may not be there before the main module is executed."""
    factory = policy.context_factory
    if factory is None:
        return None
    if type(factory).__module__ == __name__:
        known: Carried = factory.carried  # type: ignore[attr-defined]  # it has come from this process' own parent
        return known
    import pickle

    try:
        return pickle.dumps(factory), "", None
    except Exception as exc:
        return None, _shown(exc), _place(factory)


def _place(factory: object) -> Optional[Place]:
    """None if it is no function, or one that also works by something that it was given when it was made."""
    if type(factory) is not type(_place):
        return None
    file = factory.__code__.co_filename
    if not os.path.isabs(file) and not file.startswith("<"):  # up to Python 3.8, the main module's
        start = getattr(sys.modules.get("multiprocessing.process"), "ORIGINAL_DIR", None)
        file = os.path.join(start or "", file)
    given = factory.__closure__ or factory.__defaults__ or factory.__kwdefaults__ or vars(factory)
    if given or not os.path.isabs(file):  # several may be called <string>
        return None
    return os.path.normpath(file), _content(factory.__code__)


def _content(code: CodeType) -> Tuple[object, ...]:
    """All that it does, as plain data, and where it is written."""
    constants = [_content(one) if type(one) is type(code) else repr(one) for one in code.co_consts]
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_name, code.co_firstlineno, code.co_flags, code.co_code, names, tuple(constants)


def received(handed: Dict[str, Any], last: bool) -> Policy:
    """In a child: what it was handed.

    Args:
        handed: by the parent.
        last: whether the main module has been executed.
    """
    if handed["config"] is not None:
        environment.in_place_of_others(handed["config"])  # if the child calls `apply()` itself
    if handed["mode"] == WARN:
        from . import summary

        summary.at_exit(False)  # as after a fork: each worker would write one
    if "received" not in handed:
        try:
            handed["received"] = _unpacked(handed)
        except Exception as exc:
            if last:
                _tell(
                    "what is in force in the parent process cannot be read in this child process (%s); here it is "
                    "mode %r with the platform's trust store, without any rules" % (_shown(exc), handed["mode"])
                )
            return _plain(handed)
    policy: Policy = handed["received"]
    _adopt(policy)
    return policy


def _plain(handed: Dict[str, Any]) -> Policy:
    policy = Policy.plain()
    policy.mode = handed["mode"]
    return policy


def _unpacked(handed: Dict[str, Any]) -> Policy:
    import pickle

    policy = _plain(handed)
    if handed["policy"] is not None:
        vars(policy).update(pickle.loads(handed["policy"]))
        policy.rules = tuple(map(_rule, policy.rules))  # type: ignore[arg-type]  # as `_pickled()` has left them
    if policy.doubts:
        from .doubts import were_told

        were_told(policy.doubts)
    if handed["factory"] is not None:
        policy.context_factory = Factory(handed["factory"])
    return policy


def _rule(state: Dict[str, Any]) -> HostRule:
    from .._policy.rules import HostRule

    rule = HostRule.__new__(HostRule)  # to make one reads files
    vars(rule).update(state)
    return rule


def _adopt(policy: Policy) -> None:
    """Take the factory that the main module has given to `apply()` here, if it is sure to be the parent's.

    It is executed in each child; or in the fork server, before there are any.
    """
    from .. import _policy

    ours = policy.context_factory
    theirs = _policy.in_force.context_factory if _policy.in_force is not None else None
    place = _place(theirs)
    if isinstance(ours, Factory) and place is not None and ours.carried[2] == place:
        policy.context_factory = theirs


class Factory:
    """The parent's `context_factory`, looked for when it is called: it may be in the main module.

    Where it is not to be found it makes a context with the platform's trust store.
    """

    def __init__(self, carried: Carried) -> None:
        self.carried = carried
        self._found: Optional[Callable[[], ssl.SSLContext]] = None
        self._told = False

    def __call__(self) -> ssl.SSLContext:
        if self._found is None:
            self._find()
        if self._found is not None:
            return self._found()
        import ssl

        return ssl.create_default_context()

    def _find(self) -> None:
        import pickle

        pickled, error, _ = self.carried
        try:
            if pickled is not None:
                self._found = pickle.loads(pickled)
                return
        except Exception as exc:
            error = _shown(exc)
        if not self._told:
            self._told = True
            _tell(
                "the context_factory of the parent process cannot be had in this child process (%s), which trusts "
                "the platform's trust store instead; a function at the top of a module can be had" % error
            )


def _shown(exc: Exception) -> str:
    return "%s: %s" % (type(exc).__name__, exc)


def _tell(text: str) -> None:
    import logging

    from .._observe.logger import log

    log(logging.WARNING, text, ("workers", text))


def not_covered() -> Iterator[str]:
    """For `status()`: there are other interpreters in this process, or something that makes them is loaded."""
    modules: List[Any] = [sys.modules.get(name) for name in ("_interpreters", "_xxsubinterpreters")]
    lists = [module.list_all() for module in modules if hasattr(module, "list_all")]
    if "concurrent.futures.interpreter" in sys.modules or any(len(found) > 1 for found in lists):
        yield (
            "sub-interpreters (concurrent.interpreters, InterpreterPoolExecutor) of this process have nothing of what "
            "apply() does here: each has to call it itself"
        )
