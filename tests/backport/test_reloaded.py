"""Modules are reloaded, or taken out of `sys.modules` and imported again: those of the standard library.

Whatever the order, connections stay protected, a handshake is told once, and `restore()` puts back exactly what the
module has by itself. What counts is what the servers received.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from programs import run
from test_matrix import received_secret

from native import stock
from securedefaults._entrypoints import EntryPoint
from wire.certs import Certificates
from wire.clients import HERE, server_for

pytestmark = stock

TESTS = Path(__file__).resolve().parent.parent

PROGRAM = '''
import importlib, importlib.util, json, sys, types
sys.path.insert(0, sys.argv[1])
mode, connections, MODULES = json.loads(sys.argv[2])
import securedefaults

def apply():
    securedefaults.apply(mode)

def reload(*names):
    for name in names:
        importlib.import_module(name)
        importlib.reload(sys.modules[name])

def evict(*names):
    """They are imported anew, and whoever has imported them before keeps what is old."""
    for name in [*names, "wire.clients"]:
        copies.append(sys.modules.pop(name, None))
    for name in names:
        importlib.import_module(name)

def restore():
    securedefaults.restore()
    for module in [*copies, *map(sys.modules.get, MODULES)]:
        if module is not None and module.__name__ in MODULES:
            check_restored(module)

copies = []

def check_restored(module):
    spec = importlib.util.find_spec(module.__name__)
    pristine = importlib.util.module_from_spec(spec)
    present, sys.modules[module.__name__] = sys.modules[module.__name__], pristine  # where ssl looks for itself
    spec.loader.exec_module(pristine)
    sys.modules[module.__name__] = present
    for name, value in vars(pristine).items():
        compare(name, value, getattr(module, name), pristine.__name__)

def compare(name, pristine, found, module):
    if isinstance(pristine, types.FunctionType) and pristine.__module__ == module:
        assert found.__code__ == pristine.__code__, (module, name)
    elif isinstance(pristine, type) and pristine.__module__ == module:
        assert set(vars(found)) == set(vars(pristine)), (module, name)
        for key, value in vars(pristine).items():
            compare(name + "." + key, value, vars(found)[key], module)

outcomes = []

def connect():
    """With the classes that the program imported at its beginning, and with those that are there now."""
    import wire.clients as present
    for clients in {id(module): module for module in (beginning, present)}.values():
        for number, (name, port) in enumerate(connections):
            try:
                clients.STYLES[name]["plain"](clients.Target("localhost", port))
            except Exception as exc:
                outcomes.append((number, type(exc).__name__, repr(exc)))
            else:
                outcomes.append((number, "sent", ""))

import wire.clients as beginning
'''
TELL = """
status = securedefaults.status()
print(json.dumps({
    "outcomes": outcomes,
    "seen": [(seen.port, seen.verdict, seen.count) for seen in securedefaults.report().observations],
    "mode": status.mode,
    "states": sorted({entry.state for entry in status.entry_points} - {"absent"}),
    "not covered": status.not_covered,
}))
"""

MODULES = ["ssl", "socket", *sorted({entry_point.module for entry_point in HERE})]


#: What is done between connections. (ftplib has a class of `ssl` in a name of its own, and all the clients have an
#: object of `socket`, so these do not work without them in any Python.)
RELOADS = [
    "reload('ssl', 'ftplib')",
    "reload('ssl', 'ssl', 'ssl', 'ftplib', 'ftplib')",
    *("reload(%r)" % name for name in MODULES[2:]),
    "reload('socket', *MODULES[2:])",
    "reload(*MODULES)",
    "reload(*MODULES[::-1], *MODULES[2:])",
    "reload(*MODULES[1:], 'ssl', 'ftplib')",
]
ORDERS = [
    *("apply(); connect(); %s; connect(); restore(); apply(); connect()" % reloads for reloads in RELOADS),
    "reload('ssl', 'ftplib'); apply(); connect(); restore(); apply()",
    "apply(); reload('ssl', 'ftplib'); connect(); restore(); apply()",
    "apply(); connect(); reload('ssl', 'ftplib'); apply(); connect(); restore(); apply(); connect()",
    "apply(); connect(); restore(); reload('ssl', 'ftplib'); apply(); connect(); restore(); apply()",
    "apply(); connect(); restore(); reload(*MODULES); apply(); connect(); restore(); apply()",
]


def outcome_of(steps: str, mode: str, certs: Certificates) -> Tuple[Dict[str, Any], List[Tuple[EntryPoint, str, Any]]]:
    """What the program prints after these steps; and the servers, by entry point and certificate."""
    cells = [(entry_point, label) for entry_point in HERE for label in ("good", "unknown CA")]
    with contextlib.ExitStack() as stack:
        servers = [
            (entry_point, label, stack.enter_context(server_for(entry_point, certs[label].context)))
            for entry_point, label in cells
        ]
        connections = [(entry_point.name, server.port) for entry_point, _, server in servers]
        program = "%s\n%s\n%s" % (PROGRAM, steps, TELL)
        result = run(program, TESTS, json.dumps([mode, connections, MODULES]), PYTHONWARNINGS="ignore")
    assert result.returncode == 0, result.stderr
    found: Dict[str, Any] = json.loads(result.stdout)
    return found, servers


def assert_protected(steps: str, mode: str, certs: Certificates) -> None:
    found, servers = outcome_of(steps, mode, certs)
    for number, (entry_point, label, server) in enumerate(servers):
        honest = label == "good"
        cell = entry_point.name, label
        ends = {(end, text) for which, end, text in found["outcomes"] if which == number}
        expected = "sent" if honest or mode == "warn" else "SSLCertVerificationError"
        assert {end for end, _ in ends} == {expected}, (cell, ends)
        assert received_secret(entry_point, server) == (expected == "sent"), cell
        seen = [(verdict, count) for port, verdict, count in found["seen"] if port == server.port]
        assert {verdict for verdict, _ in seen} == {"accepted" if honest else "refused"}, (cell, seen)
        assert sum(count for _, count in seen) == sum(1 for which, _, _ in found["outcomes"] if which == number), cell
    assert found["mode"] == mode
    assert found["states"] == ["protected" if mode == "enforce" else "watched"]
    assert found["not covered"] == []


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("steps", ORDERS)
def test_reloaded(steps: str, mode: str, certs: Certificates) -> None:
    assert_protected(steps, mode, certs)


EVICTIONS = [
    "evict('ssl')",
    "evict('smtplib')",
    "evict('ssl', 'smtplib')",
    "evict(*MODULES)",
    "evict(*MODULES[2:])",
    "evict(*MODULES[2:]); evict('ssl')",
    "evict(*MODULES); reload(*MODULES)",
]
EVICTED = [
    *("apply(); connect(); %s; connect(); restore(); apply(); connect()" % eviction for eviction in EVICTIONS),
    *("apply(); %s; connect(); restore(); apply()" % eviction for eviction in EVICTIONS),
    "evict('ssl'); apply(); connect(); restore(); apply()",
    "evict('ssl'); apply(); reload('ssl', 'ftplib'); connect(); restore(); apply()",
]


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("steps", EVICTED)
def test_two_copies(steps: str, mode: str, certs: Certificates) -> None:
    assert_protected(steps, mode, certs)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("import smtplib", "smtplib is a copy of the module from before apply(), and not the one in sys.modules"),
        ("from smtplib import SMTP_SSL", "SMTP_SSL is an implementation of its own"),
    ],
)
@pytest.mark.parametrize("evicted", [["smtplib"], ["ssl", "smtplib"]])
def test_a_copy_out_of_reach_is_named(name: str, sentence: str, evicted: List[str]) -> None:
    """It was taken out of `sys.modules` before anybody looked for it there."""
    source = """
        {}
        import securedefaults, sys
        for evicted in {}:
            del sys.modules[evicted]
        __import__("smtplib")
        securedefaults.apply({!r})
        print(*securedefaults.status().not_covered, sep="\\n")
    """
    for mode in ("enforce", "warn"):
        result = run(source.format(name, evicted, mode))
        assert result.stdout == "__main__.%s\n" % sentence, result.stderr
