"""Our own modules are executed again, while they are at work: `importlib.reload()`, IPython's autoreload, and copies.

Connections stay protected, each is told once, `status()` is true, and `restore()` puts back the very functions that
were there. What counts is what the servers received.
"""

from __future__ import annotations

import contextlib
import json
import os
import pkgutil
import textwrap
from pathlib import Path
from typing import Any, List

import pytest
from programs import run
from test_matrix import received_secret

import securedefaults
from native import stock
from wire.certs import Certificates
from wire.clients import HERE, server_for

pytestmark = stock

TESTS = Path(__file__).resolve().parent.parent

#: All of ours, also those that come; but for the one that is a program.
OURS = [
    found.name
    for found in pkgutil.walk_packages(securedefaults.__path__, "securedefaults.")
    if found.name != "securedefaults.__main__"
]
OURS.insert(0, "securedefaults")

#: one for each kind of entry point
ENTRY_POINTS = [
    entry_point
    for entry_point in HERE
    if entry_point.name in ("smtplib.SMTP_SSL", "poplib.POP3.stls", "ftplib.FTP_TLS.ntransfercmd")
]

PROGRAM = '''
import contextlib, gc, importlib, json, random, sys, types, warnings
sys.path.insert(0, sys.argv[1])
plan = json.loads(sys.argv[2])
mode = plan["mode"]
import ftplib, imaplib, poplib, smtplib, ssl, logging.handlers

MODULES = [ssl, ftplib, imaplib, poplib, smtplib, logging.handlers]

def attributes():
    """All that may be hooked: functions, and what classes have."""
    for module in MODULES:
        for name, value in vars(module).items():
            if isinstance(value, types.FunctionType):
                yield (module.__name__, name), value
            elif isinstance(value, type) and value.__module__ == module.__name__:
                for attribute, function in vars(value).items():
                    yield (module.__name__, name, attribute), function

original = dict(attributes())

import securedefaults
import wire.clients as clients

def apply():
    securedefaults.apply(mode)

def restore():
    securedefaults.restore()
    found = dict(attributes())
    assert set(found) == set(original), set(found) ^ set(original)
    assert all(found[key] is original[key] for key in found), [key for key in found if found[key] is not original[key]]
    assert securedefaults.status().mode is None

def counts():
    # of a copy that is at work after its time, too, the present one hears
    report = importlib.import_module("securedefaults").report()
    return {seen.port: seen.count for seen in report.observations if seen.verdict != "unknown"}

def connect(label=""):
    """Connect to all; what is wrong is said with the label."""
    for name, port, honest in plan["connections"]:
        before = counts().get(port, 0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                clients.STYLES[name]["plain"](clients.Target("localhost", port))
            except Exception as exc:
                end = type(exc).__name__
            else:
                end = "sent"
        ours = [warning.category.__name__ for warning in caught if warning.category.__module__ == "securedefaults"]
        expected = "sent" if honest or mode == "warn" else "SSLCertVerificationError"
        told = [] if mode == "enforce" else ["UnverifiedDefaultWarning" if honest else "WouldBeRefusedWarning"]
        if (end, ours) != (expected, told):
            print("%s: %s %s: %s %s" % (label, name, "honest" if honest else "impostor", end, ours))
        elif counts().get(port) != before + 1:
            print("%s: %s is counted as %s after %s" % (label, name, counts().get(port), before))
    status = securedefaults.status()
    states = {entry.state for entry in status.entry_points} - {"absent"}
    if (status.mode, states, status.not_covered) != (mode, {"protected" if mode == "enforce" else "watched"}, ()):
        print(label, status)

def again(*names):
    for name in names:
        execute(importlib.import_module(name))

def autoreload(module):
    """As IPython's: superreload() and update_generic() in IPython/extensions/autoreload.py."""
    old = {name: value for name, value in vars(module).items() if getattr(value, "__module__", 0) == module.__name__}
    name, loader = module.__name__, module.__loader__
    vars(module).clear()
    vars(module).update(__name__=name, __loader__=loader)
    importlib.reload(module)
    for name, value in list(vars(module).items()):
        if name in old:
            update(old[name], value)

def update(old, new):
    if isinstance(old, type) and isinstance(new, type):
        update_class(old, new)
    elif isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
        for name in ("__code__", "__defaults__", "__doc__", "__dict__", "__kwdefaults__", "__annotations__"):
            setattr(old, name, getattr(new, name))
    elif isinstance(old, property) and isinstance(new, property):
        update(old.fget, new.fget)
        update(old.fset, new.fset)
    else:
        return False
    return True

def update_class(old, new):
    for key in list(vars(old)):
        present = getattr(old, key)
        if not hasattr(new, key):
            with contextlib.suppress(AttributeError, TypeError):
                delattr(old, key)
        elif (present == getattr(new, key)) is not True and not update(present, getattr(new, key)):
            with contextlib.suppress(AttributeError, TypeError):
                setattr(old, key, getattr(new, key))
    for key in set(vars(new)) - set(vars(old)):
        with contextlib.suppress(AttributeError, TypeError):
            setattr(old, key, getattr(new, key))
    for thing in gc.get_referrers(old):
        if type(thing) is old:
            object.__setattr__(thing, "__class__", new)

execute = {"reload": importlib.reload, "autoreload": autoreload}[plan["how"]]
random.seed(7)
'''

ROUNDS = """
apply()
connect("at first")
for name in plan["names"]:
    again(name)
    connect("after " + name)
loaded = [name for name in sys.modules if name in plan["names"]]
for label, names in (
    ("in their order", loaded),
    ("backwards", loaded[::-1]),
    ("twice", loaded + loaded),
    *(("shuffled", random.sample(loaded, len(loaded))) for _ in range(5)),
):
    again(*names)
    connect("after all, " + label)
    apply()
    connect("applied after all, " + label)
    again(*names)
    restore()
    again(*names)
    apply()
    connect("restored and applied after all, " + label)
for name in plan["names"]:
    again(name)
    restore()
    again(name)
    apply()
    connect("restored and applied after " + name)
restore()
"""


def problems(
    program: str, certs: Certificates, mode: str, how: str = "reload", *, received: bool = True, **more: Any
) -> List[str]:
    """What the program says that is wrong, and what servers have received that they should not have."""
    cells = [(entry_point, label) for entry_point in ENTRY_POINTS for label in ("good", "unknown CA")]
    with contextlib.ExitStack() as stack:
        servers = [
            (entry_point, label, stack.enter_context(server_for(entry_point, certs[label].context)))
            for entry_point, label in cells
        ]
        plan = {
            "mode": mode,
            "how": how,
            "names": OURS,
            "connections": [(entry_point.name, server.port, label == "good") for entry_point, label, server in servers],
            **more,
        }
        result = run(PROGRAM + program, TESTS, json.dumps(plan), timeout=400)
    found = result.stdout.splitlines()
    if result.returncode or "Exception ignored" in result.stderr:
        found.append(result.stderr)
    for entry_point, label, server in servers if received else ():
        if received_secret(entry_point, server) != (label == "good" or mode == "warn"):
            found.append("%s, %s: %s" % (entry_point.name, label, server.credentials()))
    return found


ELSEWHERE = os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere"


@pytest.mark.timeout(450)  # a connection to each of six servers after each step
@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize(
    "how",
    ["reload", pytest.param("autoreload", marks=pytest.mark.skipif(ELSEWHERE, reason="is tried on another Python"))],
)
def test_executed_again(how: str, mode: str, certs: Certificates) -> None:
    assert problems(ROUNDS, certs, mode, how) == []


PURGED = '''
def purge():
    """As test suites do it, so that each test has a new one."""
    global securedefaults
    # not by the package, which looks for them in `sys.modules`
    names = ("apply", "restore", "status")
    copies.append(types.SimpleNamespace(**{name: getattr(securedefaults, name) for name in names}))
    for name in [name for name in sys.modules if name.partition(".")[0] == "securedefaults"]:
        del sys.modules[name]
    securedefaults = importlib.import_module("securedefaults")

copies = []
%s
'''

#: with two copies of the package
COPIES = [
    "apply(); connect('first'); purge(); apply(); connect('second'); restore()",
    "apply(); purge(); apply(); connect('second'); restore(); apply(); connect('again'); restore()",
    "apply(); connect('first'); purge(); apply(); purge(); purge(); apply(); connect('fourth'); restore()",
    "apply(); purge(); apply(); copies[0].restore(); connect('second'); restore()",
    "apply(); purge(); apply(); copies[0].apply(mode); securedefaults = copies[0]; connect('first'); restore()",
    "securedefaults.apply('warn' if mode == 'enforce' else 'enforce'); purge(); apply(); connect('second'); restore()",
    "apply(); sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != 'Watcher']; purge(); apply(); "
    "connect('second'); restore()",
]


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("steps", COPIES)
def test_two_copies(steps: str, mode: str, certs: Certificates) -> None:
    """The one that was asked last is at work, and no other."""
    assert problems(PURGED % steps, certs, mode) == []


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_copy_that_nobody_asked_takes_nothing_back(mode: str, certs: Certificates) -> None:
    steps = "apply(); purge(); securedefaults.restore(); securedefaults = copies[0]; connect('first'); restore()"
    assert problems(PURGED % steps, certs, mode) == []


ALL_AGAIN = "again(*[name for name in sys.modules if name in plan['names']])\n"

#: by what has to stay the same: the program, and what it prints
KEPT = {
    "the guard against a login in clear text": (
        """
        apply()
        name, port, honest = plan["connections"][3]
        assert not honest
        with contextlib.suppress(ssl.SSLError):
            clients.STYLES[name]["plain"](clients.Target("127.0.0.1", port))
        {again}
        pop = poplib.POP3("127.0.0.1", port, timeout=10)
        try:
            pop.user("name")
        except ssl.SSLCertVerificationError:
            print("refused")
        """,
        ["refused"],
    ),
    "rules, and pins of what they decided": (
        """
        name, port, honest = plan["connections"][1]
        rule = securedefaults.HostRule("localhost", port, verify=False)
        {again}
        securedefaults.apply(rules=[rule])
        clients.STYLES[name]["plain"](clients.Target("localhost", port))
        {again}
        clients.STYLES[name]["plain"](clients.Target("localhost", port))
        print("sent")
        """,
        ["sent"],
    ),
    "filters of the program": (
        """
        securedefaults.apply("warn")
        warnings.simplefilter("error", securedefaults.WouldBeRefusedWarning)
        {again}
        name, port, honest = plan["connections"][1]
        try:
            clients.STYLES[name]["plain"](clients.Target("localhost", port))
        except Warning as exc:
            print(type(exc).__name__)
        """,
        ["WouldBeRefusedWarning"],
    ),
    "the host of a client that connects again": (
        """
        apply()
        name, port, honest = plan["connections"][0]
        smtp = smtplib.SMTP_SSL("127.0.0.1", port, timeout=10)
        {again}
        smtp.close()
        smtp.connect("localhost", port)
        print(getattr(smtp.sock, "server_hostname", None))
        smtp.close()
        """,
        ["localhost"],
    ),
    "what a factory has handed out": (
        """
        context = ssl.create_default_context()
        securedefaults.apply(context_factory=lambda: context)
        name, port, honest = plan["connections"][1]
        first = smtplib.SMTP_SSL(timeout=10)
        first.context.load_verify_locations(plan["ca"])
        {again}
        try:
            clients.STYLES[name]["plain"](clients.Target("localhost", port))
        except ValueError as exc:
            print("changed for itself" in str(exc))
        """,
        ["True"],
    ),
    "one summary at the end": (
        """
        securedefaults.apply("warn")
        connect()
        {again}
        securedefaults.apply("warn")
        import atexit, io
        sys.stderr = io.StringIO()
        atexit._run_exitfuncs()
        print(sys.stderr.getvalue().count("would pass enforcement"))
        """,
        ["1"],
    ),
    "locks, in a child": (
        """
        import os, threading
        from securedefaults._locks import ReentrantLock
        lock = ReentrantLock()
        {again}
        thread = threading.Thread(target=lock.held.acquire)
        thread.start()
        thread.join()
        child = os.fork()
        if not child:
            os._exit(0 if lock.held.acquire(timeout=1) else 1)
        print(os.waitpid(child, 0)[1])
        """,
        ["0"],
    ),
}


@pytest.mark.parametrize("how", ["reload", "autoreload"])
@pytest.mark.parametrize("label", KEPT)
def test_what_stays(label: str, how: str, certs: Certificates, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    program, expected = KEPT[label]
    if "os.fork" in program and not hasattr(os, "fork"):
        pytest.skip("needs os.fork()")
    program = textwrap.dedent(program).format(again=ALL_AGAIN)
    mode = "warn" if "warn" in program else "enforce"
    found = problems(program, certs, mode, how, ca=str(tmp_path / "ca.pem"), received=False)
    assert found == expected


WAITING = """
import importlib, sys
import securedefaults._install.autoload as autoload
autoload.start()
{}
importlib.reload(autoload)
{}
autoload.start()
{}
import ssl, securedefaults
print(securedefaults.status().mode, [type(finder).__name__ for finder in sys.meta_path].count("Waiting"))
"""


@pytest.mark.parametrize("place", range(3))
def test_the_wait_for_ssl(place: int) -> None:
    """It is one, and it is over when the program has said what it wants."""
    said = ["", "", ""]
    said[place] = "import securedefaults; securedefaults.apply('warn')"
    assert run(WAITING.format("", "", ""), SECUREDEFAULTS_MODE="enforce").stdout == "enforce 0\n"
    assert run(WAITING.format(*said), SECUREDEFAULTS_MODE="enforce").stdout == "warn 0\n"
    said[place] = "import securedefaults; securedefaults.restore()"
    expected = "None 0\n" if place == 2 else "enforce 0\n"  # it was started once more
    assert run(WAITING.format(*said), SECUREDEFAULTS_MODE="enforce").stdout == expected


def test_the_end_of_the_interpreter_is_silent() -> None:
    source = "import securedefaults; securedefaults.apply(); import smtplib, securedefaults._tls.context"
    for end in ("", "; import sys; sys.modules.clear()"):
        result = run(source + end)
        assert (result.returncode, result.stderr) == (0, "")


def test_a_copy_that_is_gone_leaves_nothing() -> None:
    source = """
        import gc, importlib, sys
        from securedefaults import _kept
        for _ in range(5):
            for name in [name for name in sys.modules if name.startswith("securedefaults")]:
                del sys.modules[name]
            import securedefaults
            securedefaults.apply()
            import securedefaults._tls.context
            securedefaults.restore()
            del securedefaults
            gc.collect()
            print(len(sys._securedefaults_kept))
    """
    first, *others = map(int, run(source).stdout.split())
    assert first > 5
    assert len(set(others)) == 1  # a module may live a little longer than its copy
