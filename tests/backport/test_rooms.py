"""The rooms of the package stand one on top of the other: an import goes down, or sideways inside one room.

And one handshake goes through them once.
"""

from __future__ import annotations

import ast
import datetime
import re
import smtplib
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

import pytest

import securedefaults
from native import PYPY, stock
from securedefaults import HostRule
from securedefaults._tls import verdict as verdicts
from securedefaults._tls import x509
from securedefaults._tls.x509 import fingerprint
from wire.certs import Certificates, chain_of
from wire.servers import Server

ROOT = Path(securedefaults.__file__).parent

#: Rooms, the lowest first. What is in none of them is a module beside them: of the ground, if its name is private, but
#: for those on top of all.
ROOMS = ("_policy", "_observe", "_tls", "_install")
ON_TOP = ("cli", "pytest_plugin", "_pytest_run", "__main__")


def floor(module: str) -> int:
    """How far up a module is; the package itself, which hands on the public names, is above the rooms."""
    name = module.partition(".")[0]
    if name in ON_TOP:
        return len(ROOMS) + 2
    if name in ROOMS:
        return ROOMS.index(name) + 1
    return 0 if name else len(ROOMS) + 1


def modules(root: Path) -> Dict[str, Path]:
    """The modules of a package by their names inside of it; its own name is ""."""
    found = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: Dict[str, Path]) -> Iterator[str]:
    """What a module imports of its package, anywhere in it: in functions and for type checkers, too."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    package = [part for part in package if part]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, _, rest = alias.name.partition(".")
                if first == ROOT.name:
                    yield rest
        elif isinstance(node, ast.ImportFrom):
            source = (node.module or "").split(".") if node.module else []
            if node.level:
                source = package[: len(package) - node.level + 1] + source
            elif source[:1] == [ROOT.name]:
                source = source[1:]
            else:
                continue
            for alias in node.names:
                target = ".".join([*source, alias.name])
                yield target if target in known else ".".join(source)
        elif isinstance(node, ast.Call) and called(node) in ("__import__", "import_module"):
            yield by_name(node, name)
        elif isinstance(node, ast.Dict) and name == "":
            # the table of what the package hands on when it is asked for
            yield from (
                value.value for value in node.values if isinstance(value, ast.Constant) and value.value in known
            )


def called(call: ast.Call) -> Optional[str]:
    """The last name of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def by_name(call: ast.Call, name: str) -> str:
    """What is imported by a name in a text; one that is not known here may be any, and so the topmost."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return str(first.value).partition(ROOT.name + ".")[2] if ROOT.name in str(first.value) else name
    # the package's table of public names, and the commands'
    return name if floor(name) > len(ROOMS) else ON_TOP[0]


def problems(root: Path) -> List[str]:
    """Imports that go up, or into another room of the same floor, and circles."""
    known = modules(root)
    edges = {name: set(imported(name, path, known)) - {name} for name, path in known.items()}
    found = [
        "%s imports %s, which is above" % (name or "the package", target)
        for name, targets in edges.items()
        for target in targets
        if floor(target) > floor(name)
    ]
    return sorted(found) + ["%s is a circle" % " -> ".join(circle) for circle in circles(edges)]


def circles(edges: Dict[str, Set[str]]) -> List[List[str]]:
    """A way back to where it began for each module that has one, the shortest."""
    found = []
    for start in sorted(edges):
        ways = [[start]]
        seen = {start}
        while ways:
            way = ways.pop(0)
            if start in edges.get(way[-1], ()):
                found.append([*way, start])
                break
            new = [target for target in sorted(edges.get(way[-1], ())) if target not in seen]
            seen.update(new)
            ways += [[*way, target] for target in new]
    return found


def test_imports_go_down() -> None:
    assert problems(ROOT) == []
    assert {name.partition(".")[0] for name in modules(ROOT)} >= {*ROOMS, *ON_TOP}


TREES = {
    "up": ("_policy/rules", "from .._tls import trust", "_policy.rules imports _tls.trust, which is above"),
    "up in a function": (
        "_observe/events",
        "def f():\n    from .._install.hooks import x",
        "_observe.events imports _install.hooks, which is above",
    ),
    "up for type checkers": (
        "_names",
        "if TYPE_CHECKING:\n    from ._policy.rules import x",
        "_names imports _policy.rules, which is above",
    ),
    "up by its full name": ("_tls/trust", "import securedefaults.cli.check", "_tls.trust imports cli.check, which is"),
    "up by a text": ("_tls/trust", "__import__('securedefaults._install.hooks')", "_tls.trust imports _install.hooks"),
    "up by a text from importlib": (
        "_policy/rules",
        "import importlib\nimportlib.import_module('securedefaults.cli.check')",
        "_policy.rules imports cli.check, which is above",
    ),
    "by who knows what": (
        "_observe/events",
        "from importlib import import_module\nimport_module(name)",
        "_observe.events imports cli, which is above",
    ),
    "a circle": ("_policy/rules", "from . import config", "_policy.config -> _policy.rules -> _policy.config is"),
    "to the package": ("_install/hooks", "from .. import apply", "_install.hooks imports , which is above"),
}


@pytest.mark.parametrize("label", TREES)
def test_what_is_wrong_is_found(label: str, tmp_path: Path) -> None:
    name, text, expected = TREES[label]
    sources = dict.fromkeys(
        ("__init__", "_names", "_tls/trust", "_observe/events", "_install/hooks", "cli/check", "_policy/rules"), ""
    )
    sources["_policy/config"] = "from .rules import HostRule\nfrom .. import _names"
    for module, source in {**sources, name: text}.items():
        path = tmp_path / (module + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    found = problems(tmp_path)
    assert found
    assert found[0].startswith(expected)
    (tmp_path / (name + ".py")).write_text("")
    assert problems(tmp_path) == []


# The way of one handshake


#: module and function where a handshake begins, in enforcement and in warn mode
BEGINNINGS = (("_tls.context", "wrap_socket"),)


#: what goes its own way, once for a chain: it asks the verdict machine again and again
ASIDE = ("_tls.remedies", "advise")


class Way:
    """Which modules of the package one handshake enters, in order, each time from another one.

    A context manager; it follows what its own thread does between the call and the return of a default context's
    `wrap_socket()`.
    """

    def __init__(self) -> None:
        self.modules: List[str] = []
        self._begin: Any = None
        self._aside: Any = None

    def __enter__(self) -> Way:
        self._before = sys.getprofile()
        sys.setprofile(self._follow)
        return self

    def __exit__(self, *args: object) -> None:
        sys.setprofile(self._before)

    def _follow(self, frame: Any, event: str, argument: object) -> None:
        name = module_of(frame)
        if self._begin is None:
            if event != "call" or (name, frame.f_code.co_name) not in BEGINNINGS:
                return
            self._begin = frame
        if self._aside is not None:
            self._aside = None if event == "return" and frame is self._aside else self._aside
            return
        if event == "call" and name is not None and name != self._outer(frame):
            self.modules.append(name)
        if event == "call" and (name, frame.f_code.co_name) == ASIDE:
            self._aside = frame
        if event == "return" and frame is self._begin:
            self._begin = None

    def _outer(self, frame: Any) -> Optional[str]:
        """The nearest module of the package from which that frame was called."""
        while frame is not self._begin:
            frame = frame.f_back
            name = module_of(frame)
            if name is not None:
                return name
        return None


def module_of(frame: Any) -> Optional[str]:
    """Where a frame is; what stands on the ground, in no room, is part of whoever calls it."""
    package, _, name = str(frame.f_globals.get("__name__")).partition(".")
    return name if package == ROOT.name and (ROOT / name.partition(".")[0]).is_dir() else None


PAST = datetime.date(2021, 1, 1)

#: By what happens: mode, certificate, and the rule for the host.
WAYS: Dict[str, Tuple[str, str, Any]] = {
    "accepted": ("enforce", "good", {}),
    "refused": ("enforce", "unknown CA", {}),
    "another name": ("enforce", "wrong host", {"server_hostname": "other.example.test"}),
    "private CA": ("enforce", "unknown CA", {"cafile": None}),
    "pinned": ("enforce", "unknown CA", {"fingerprint": None}),
    "another pin": ("enforce", "unknown CA", {"fingerprint": "sha256:" + "1f" * 32}),
    "exempt": ("enforce", "expired", {"verify": False, "reason": "old"}),
    "no longer exempt": ("enforce", "expired", {"verify": False, "until": PAST}),
    "accepted in warn mode": ("warn", "good", {}),
    "refused in warn mode": ("warn", "unknown CA", {}),
    "pinned in warn mode": ("warn", "unknown CA", {"fingerprint": None}),
    "exempt in warn mode": ("warn", "expired", {"verify": False}),
    "private CA in warn mode": ("warn", "unknown CA", {"cafile": None}),
}


@stock
@pytest.mark.skipif(PYPY, reason="goes by way of _tls.pypy as well")
@pytest.mark.parametrize("upgrade", [False, True], ids=["implicit", "upgrade"])
@pytest.mark.parametrize("label", WAYS)
def test_each_module_is_entered_once(
    label: str, upgrade: bool, certs: Certificates, trust: Path, tmp_path: Path
) -> None:
    mode, case, options = WAYS[label]
    options = dict(options)
    if options.get("cafile", "") is None:
        options["cafile"] = tmp_path / "ca.pem"
        (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    if options.get("fingerprint", "") is None:
        options["fingerprint"] = fingerprint(chain_of(certs[case].pem)[0])
    rules = [HostRule("localhost", **options)] if options else []
    log = tmp_path / "seen.jsonl"
    securedefaults.apply(mode, rules=rules, log=log)
    # The first one loads modules and the trust store; what is known of the certificate is forgotten for the second.
    for _ in range(2):
        x509._known.clear()
        verdicts._verdicts.clear()
        with Way() as way, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            refused = connect(certs[case].context, upgrade)
    assert refused == (label in ("refused", "another pin", "no longer exempt"))
    assert way.modules[:2] == ["_tls.context", "_tls.handshake"]
    assert set(way.modules) <= documented()
    twice = {module for module in way.modules if way.modules.count(module) > 1}
    assert twice <= asked_twice(label), way.modules
    others = [module for module in way.modules if module not in WORDING]
    assert len(others) == len(set(others)) + len(twice - WORDING)
    assert len(log.read_text(encoding="ascii").splitlines()) == 2


#: the one wording, for each who tells of a refusal; and around each question to OpenSSL signals are held
WORDING = {"_observe.advice", "_observe.codes", "_policy.rules", "_tls.signals"}


def asked_twice(label: str) -> Set[str]:
    """What Doc/design.md says of this Python: some have to ask again."""
    if "warn mode" not in label:
        # the note of a refusal goes to those as well who want to hear of errors only
        refused = label in ("refused", "another pin", "no longer exempt")
        if not refused:
            return set()
        return WORDING | ({"_observe.logger", "_observe.telling"} if sys.version_info < (3, 11) else set())
    # does whoever shows warnings only write, as some handlers do? And trust has both the context and the verdict
    again = {"_observe.logger", "_tls.trust", *WORDING}
    if sys.version_info < (3, 10):
        again.add("_tls.messages")  # `ssl` does not tell the chain: it is read from the message
    if ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT and label == "refused in warn mode":
        again.update(("_tls.trust", "_tls.stdlib", "_tls.store"))  # would it have been refused without that flag?
    return again


def documented() -> Set[str]:
    """The modules that Doc/design.md has in its table, and the one that it names above."""
    text = (Path(__file__).resolve().parent.parent.parent / "Doc" / "design.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    return {"_tls.handshake", *(name.replace("/", ".") for name in re.findall(r"`(_\w+/\w+)`", rows))}


def connect(context: ssl.SSLContext, upgrade: bool) -> bool:
    """Whether the server was refused."""
    with Server("SMTP", context, implicit=not upgrade) as server:
        try:
            if upgrade:
                with smtplib.SMTP("localhost", server.port, "localhost", timeout=10) as smtp:
                    smtp.starttls()
            else:
                smtplib.SMTP_SSL("localhost", server.port, "localhost", timeout=10).quit()
        except ssl.SSLCertVerificationError:
            return True
    return False
