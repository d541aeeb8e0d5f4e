"""Child processes that are new interpreters have what is in force in their parent; judged by what an impostor received.

The users that log in are the cases: who was told a password is in the server's records. `apply()` is called below
`if __name__ == "__main__":`, which no child executes.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import multiprocessing.spawn
import os
import pickle
import re
import shutil
import ssl
import subprocess
import sys
import textwrap
import threading
import zipapp
from pathlib import Path
from typing import Any, Dict, List, Set

import pytest
from programs import python
from test_rules import pin

import securedefaults
from native import PYPY, backport_only
from securedefaults import HostRule, Policy, _policy
from securedefaults._install import hooks, workers
from wire.certs import Certificates
from wire.servers import SECRET, Server

pytestmark = [
    backport_only("its default verifies in every process"),
    pytest.mark.skipif(sys.platform == "win32", reason="the wrappers are shell scripts"),
]

ELSEWHERE = os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere"
METHODS = [method for method in multiprocessing.get_all_start_methods() if method != "fork"]

LOGIN = """
import contextlib, multiprocessing, poplib, ssl, sys

def login(case, port):
    try:
        with contextlib.closing(poplib.POP3_SSL("localhost", port, timeout=30)) as pop:
            pop.user(case)
            pop.pass_(%r)
            pop.quit()
    except OSError as exc:
        print(case, type(exc).__name__, flush=True)

def start(case, port, **options):
    process = multiprocessing.get_context(options.pop("method", sys.argv[1])).Process(
        target=options.pop("target", login), args=(case, port), **options
    )
    process.start()
    process.join(60)
    assert process.exitcode == 0, (case, process.exitcode)
""" % (SECRET,)


@pytest.fixture
def impostor(certs: Certificates, trust: Path) -> Any:
    with Server("POP3", certs["unknown CA"].context, implicit=True) as server:
        yield server


def told(server: Server) -> Set[str]:
    """The users whose password it was told, or at least whose name."""
    server.wait()
    return {verb.split()[1].decode() for _, verb in server.credentials() if verb.upper().startswith(b"USER")}


def script(folder: Path, source: str, name: str = "program.py", *, login: str = LOGIN) -> Path:
    path = folder / name
    path.write_text(login + textwrap.dedent(source), encoding="utf-8")
    return path


def run(*arguments: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    result = python("-W", "ignore", *arguments, **kwargs)
    assert result.returncode == 0, result.stderr
    return result


# Every way to start one

WAYS = """
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.managers import BaseManager

class Child(multiprocessing.Process):
    def run(self):
        login("subclass", self.port)

class Manager(BaseManager):
    pass

class Unpickled:
    def __reduce__(self):
        return login, ("unpickled", int(sys.argv[2]))

def nested(case, port):
    for method in multiprocessing.get_all_start_methods():
        start(case + "-" + method, port, method=method)

def finish(process):
    process.start()
    process.join(60)
    assert process.exitcode == 0

if __name__ == "__main__":
    import securedefaults

    method, port, has_executor = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "True"
    multiprocessing.set_start_method(method)
    start("before", port)
    securedefaults.apply()
    start("process", port, daemon=True)
    child = Child()
    child.port = port
    finish(child)
    if method != "fork":  # which pickles nothing
        finish(multiprocessing.Process(target=repr, args=(Unpickled(),)))
    start("nested", port, target=nested)
    with multiprocessing.Pool(1, login, ("initializer", port)) as pool:
        pool.apply(login, ("task", port))
    with multiprocessing.Pool(1, maxtasksperchild=1) as pool:
        for number in range(2):
            pool.apply(login, ("recycled-%d" % number, port))
    manager = Manager()
    manager.start(login, ("manager", port))
    manager.shutdown()
    if has_executor:
        with ProcessPoolExecutor(1, None, login, ("executor-initializer", port)) as executor:
            executor.submit(login, "executor", port).result(60)
    thread = threading.Thread(target=start, args=("thread", port))
    thread.start()
    thread.join(60)
    securedefaults.restore()
    start("restored", port)
    securedefaults.apply("warn")
    start("warned", port)
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_every_way_to_start_one(method: str, impostor: Any, tmp_path: Path) -> None:
    has_executor = not PYPY or method == "fork"  # else, with Debian 12's, it raises an AttributeError by itself
    result = run(script(tmp_path, WAYS), method, impostor.port, has_executor)
    assert told(impostor) == {"before", "restored", "warned"}, result.stderr
    refused = {line.split()[0] for line in result.stdout.splitlines() if line.endswith("SSLCertVerificationError")}
    assert refused == {
        "process",
        "subclass",
        *({"unpickled"} if method != "fork" else ()),
        *("nested-" + inner for inner in multiprocessing.get_all_start_methods()),
        *(("executor-initializer", "executor") if has_executor else ()),
        *("initializer", "task", "recycled-0", "recycled-1", "manager", "thread"),
    }
    assert len(impostor.records) == len(refused) + 3


TOP = """
login("while-main-is-executed", int(sys.argv[2])) if __name__ == "__mp_main__" else None
import securedefaults
securedefaults.apply("warn")
if __name__ == "__main__":
    securedefaults.apply("enforce")
    start("target", int(sys.argv[2]))
"""


def test_what_the_main_module_does_first(impostor: Any, tmp_path: Path) -> None:
    """Its own lines run under the parent's policy, and what they say does not count in the end."""
    result = run(script(tmp_path, TOP), "spawn", impostor.port)
    assert len(impostor.records) == 2, result.stderr
    assert not told(impostor)


def test_without_a_main_module(impostor: Any, tmp_path: Path) -> None:
    """As in `python -c`, at the prompt, and where a module is the program."""
    source = (
        "if __name__ == '__main__':\n    import securedefaults; securedefaults.apply(); start(%r, int(sys.argv[2]))"
    )
    script(tmp_path, source % "module", "workers_program.py")
    script(tmp_path, "", "workers_module.py")
    text = "from workers_module import *; import securedefaults; securedefaults.apply(); start(%r, %d)"
    run("-c", text % ("text", impostor.port), "spawn", cwd=tmp_path)
    run("-m", "workers_program", "spawn", impostor.port, cwd=tmp_path)
    run("-m", "securedefaults", "run", script(tmp_path, source % "run"), "spawn", impostor.port, cwd=tmp_path)
    assert len(impostor.records) == 3
    assert not told(impostor)


# What a fork server imports for its children

PRELOADED = """
import workers_preloaded

def login(case, port, ftp=workers_preloaded.ftp):
    try:
        ftp.connect("localhost", port, timeout=30)
        ftp.login(case, %r)
        ftp.close()
    except ssl.SSLError as exc:
        print(case, type(exc).__name__, flush=True)

def of_main(case, port):
    login(case, port, ftp)

if __name__ == "__main__":
    import securedefaults

    port = int(sys.argv[2])
    multiprocessing.get_context("forkserver").set_forkserver_preload(sys.argv[3].split(","))
    securedefaults.apply("warn" if "warn" in sys.argv else "enforce")
    start("preloaded", port)
    start("main", port, target=of_main)
    start("again", port)
    securedefaults.restore()
    start("restored", port)
    start("main-restored", port, target=of_main)
    securedefaults.apply()
    start("applied", port)
    start("main-applied", port, target=of_main)
""" % (SECRET,)

needs_forkserver = pytest.mark.skipif("forkserver" not in METHODS, reason="there is none here")


@needs_forkserver
@pytest.mark.parametrize("preload", ["workers_preloaded", "__main__", "__main__,workers_preloaded"])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_what_the_fork_server_imports(
    preload: str, mode: str, certs: Certificates, trust: Path, tmp_path: Path
) -> None:
    """A client object that is made there, be it by the main module, obeys what its child has in force."""
    (tmp_path / "workers_preloaded.py").write_text("import ftplib\nftp = ftplib.FTP_TLS()\n", encoding="utf-8")
    source = "import ftplib\nftp = ftplib.FTP_TLS()\n" + PRELOADED
    with Server("FTP", certs["unknown CA"].context) as server:
        result = run(script(tmp_path, source), "forkserver", server.port, preload, mode, PYTHONPATH=path(tmp_path))
    warned = {"preloaded", "main", "again"} if mode == "warn" else set()
    assert told(server) == {"restored", "main-restored"} | warned, result.stderr
    assert len(server.records) == 7
    assert "cannot" not in result.stderr


def path(folder: Path) -> str:
    """Up to Python 3.13 a fork server has the folder of the main module from the environment alone."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@needs_forkserver
def test_the_fork_server_imports_nothing_for_it(impostor: Any, tmp_path: Path) -> None:
    """And what it would have imported is in the same place for those that are not ours."""
    source = """
        def show(case, port):
            print(case, "ssl" in sys.modules, sys.path[0])

        if __name__ == "__main__":
            multiprocessing.get_context("forkserver").set_forkserver_preload(["workers_preloaded"])
            import securedefaults
            securedefaults.apply()
            start("child", 0, target=show)
        """
    (tmp_path / "workers_preloaded.py").write_text(
        "import os, sys\nprint('preloaded', 'ssl' in sys.modules, flush=True)\n", encoding="utf-8"
    )
    login = "import sys, multiprocessing\nlogin = None\n" + LOGIN[LOGIN.index("def start") :]
    result = run(script(tmp_path, source, login=login), "forkserver", 0, PYTHONPATH=path(tmp_path))
    assert result.stdout.splitlines() == ["preloaded False", "child False %s" % tmp_path], result.stderr


def test_what_a_fork_server_is_told_is_short() -> None:
    """It is told in the command line."""
    plain = multiprocessing.spawn.get_preparation_data("ignore")["sys_path"]
    securedefaults.apply()
    ours = multiprocessing.spawn.get_preparation_data("ignore")["sys_path"]
    assert len(repr(ours)) - len(repr(plain)) < 300 + len(str(Path(securedefaults.__file__)))
    assert eval(repr(ours)) == plain
    assert pickle.loads(pickle.dumps(ours)) == plain
    assert type(pickle.loads(pickle.dumps(ours))) is list


@needs_forkserver
def test_a_fork_server_has_it_from_a_relative_entry(
    certs: Certificates, trust: Path, tmp_path: Path, copy: Path
) -> None:
    """In a folder that is changed since."""
    source = """
        if __name__ == "__main__":
            import os
            multiprocessing.set_executable(sys.argv[3])
            import securedefaults
            securedefaults.apply()
            securedefaults.__path__ = [os.path.join("copy", "securedefaults")]
            multiprocessing.get_context("forkserver").set_forkserver_preload(["workers_preloaded"])
            os.chdir(os.sep)
            start("relative", int(sys.argv[2]))
        """
    (tmp_path / "workers_preloaded.py").write_text("import ftplib\nftp = ftplib.FTP_TLS()\n", encoding="utf-8")
    wrapper = tmp_path / "python-without-it"
    wrapper.write_text('#!/bin/sh\nPYTHONPATH="%s" exec "%s" -s -S "$@"\n' % (tmp_path, sys.executable))
    wrapper.chmod(0o755)
    program = script(tmp_path, source, login=LOGIN + PRELOADED.partition("def of_main")[0])
    with Server("FTP", certs["unknown CA"].context) as server:
        result = run(program, "forkserver", server.port, wrapper, cwd=tmp_path, PYTHONPATH=path(tmp_path))
    assert len(server.records) == 1, result.stderr
    assert not told(server)


OF_THE_COMMAND_LINE = """
import securedefaults

def apply_and_login(case, port):
    securedefaults.apply()
    login(case, port)

if __name__ == "__main__":
    start("child", int(sys.argv[2]), target=apply_and_login)
    start("grandchild", int(sys.argv[2]), target=nested)
"""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("flags", [[], ["-E"]])
def test_the_configuration_that_the_command_line_names(
    flags: List[str], method: str, certs: Certificates, trust: Path, tmp_path: Path
) -> None:
    """It is also the one of a child that calls `apply()` itself, in the place of the environment's."""
    (tmp_path / "private.pem").write_bytes(certs.unknown.pem)
    (tmp_path / "named.cfg").write_text("[host localhost]\ncafile = %s\n" % (tmp_path / "private.pem"))
    nested = "def nested(case, port):\n    start(case, port, target=apply_and_login)\n"
    program = script(tmp_path, nested + OF_THE_COMMAND_LINE)
    package = "import sys; sys.path.insert(0, %r); sys.argv[0] = 'securedefaults'\n" % str(
        Path(securedefaults.__file__).parents[1]
    )
    command = package + "from securedefaults.cli import main; sys.exit(main())"
    arguments = "run", "--config", tmp_path / "named.cfg", program, method
    with Server("POP3", certs["unknown CA"].context, implicit=True) as server:
        result = run(*flags, "-c", command, *arguments, server.port)
    assert told(server) == {"child", "grandchild"}, result.stderr


# What it is that they have

POLICIES = """
import os, types

def private():
    return ssl.create_default_context(cafile=os.environ["PRIVATE"])

def of_the_main_module():
    return private()

def logins(case, ports):
    import securedefaults

    assert securedefaults.status().mode == ("warn" if case == "warn" else "enforce"), case
    for name, port in ports.items():
        login(case + "-" + name, port)

if __name__ == "__main__":
    import json
    import securedefaults, workers_factory
    from securedefaults import HostRule

    ports, pin, folder = json.loads(sys.argv[2]), sys.argv[3], sys.argv[4]
    gone = os.path.join(folder, "gone.pem")
    with open(os.environ["PRIVATE"]) as source, open(gone, "w") as target:
        target.write(source.read())
    local = types.ModuleType("workers_of_the_parent_alone")
    local.factory = types.FunctionType(private.__code__, globals(), "factory")
    local.factory.__module__, local.factory.__qualname__ = local.__name__, "factory"
    sys.modules[local.__name__] = local

    def rule(server, **kwargs):
        return {"rules": [HostRule("localhost", ports[server], **kwargs)]}

    def has(case, target=logins, **kwargs):
        securedefaults.apply(kwargs.pop("mode", "enforce"), **kwargs)
        start(case, ports, target=target)

    has("bare")
    has("warn", mode="warn")
    has("pin", **rule("unknown", fingerprint=pin))
    has("cafile", **rule("unknown", cafile=os.environ["PRIVATE"]))
    lost = rule("unknown", cafile=gone)
    os.unlink(gone)
    has("gone", **lost)
    has("name", **rule("other", server_hostname="other.example.test"))
    has("exempt", **rule("unknown", verify=False))
    has("strict", strict=True)
    has("lenient", strict=False)
    has("log", log=os.path.join(folder, "log"))
    has("factory", context_factory=workers_factory.private)
    has("main", context_factory=of_the_main_module)
    has("lambda", context_factory=lambda: private())
    has("lost", context_factory=local.factory)
"""


@pytest.mark.parametrize("method", METHODS[:1] if ELSEWHERE else METHODS)
def test_what_is_in_force(method: str, certs: Certificates, trust: Path, tmp_path: Path) -> None:
    (tmp_path / "private.pem").write_bytes(certs.unknown.pem)
    script(tmp_path, POLICIES.partition("def of_the_main_module")[0], "workers_factory.py")
    faults = {
        "good": "good",
        "unknown": "unknown CA",
        "other": "wrong host",
        "lax": "no authority key identifier",
    }
    servers = {name: Server("POP3", certs[fault].context, implicit=True) for name, fault in faults.items()}
    for server in servers.values():
        server.__enter__()
    ports = {name: server.port for name, server in servers.items()}
    arguments = method, json.dumps(ports), pin(certs["unknown CA"].pem), tmp_path
    result = run(script(tmp_path, POLICIES), *arguments, PRIVATE=str(tmp_path / "private.pem"))
    for server in servers.values():
        server.__exit__()
    found: Dict[str, Set[str]] = {}
    for server in servers.values():
        for case, _, name in (user.partition("-") for user in told(server)):
            found.setdefault(case, set()).add(name)
    default = {"good"} if certs["no authority key identifier"].refused else {"good", "lax"}
    assert found == {
        **dict.fromkeys(("bare", "gone", "log", "lambda", "lost"), default),
        **dict.fromkeys(("pin", "cafile", "exempt"), default | {"unknown"}),
        "warn": set(faults),
        "name": default | {"other"},
        "strict": {"good"},
        "lenient": {"good", "lax"},
        "factory": {"unknown"},
        "main": {"unknown"},
    }, result.stderr
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == len(ports)
    said = re.findall("context_factory of the parent process cannot be had", result.stderr)
    assert len(said) == 2, result.stderr  # of the function that is no module's, and of the module that is not there


def test_a_factory_that_the_main_module_makes_again(certs: Certificates, impostor: Any, tmp_path: Path) -> None:
    """A lambda cannot be pickled, but the child has it from the same line."""
    (tmp_path / "private.pem").write_bytes(certs.unknown.pem)
    source = """
        import securedefaults
        securedefaults.apply(context_factory=lambda: ssl.create_default_context(cafile=%r))
        if __name__ == "__main__":
            start("again", int(sys.argv[2]))
            securedefaults.apply(context_factory=lambda: ssl.create_default_context(cafile=%r))
            start("another", int(sys.argv[2]))
        """
    program = script(tmp_path, source % ((str(tmp_path / "private.pem"),) * 2))
    result = run(program, METHODS[0], impostor.port)
    assert told(impostor) == {"again"}
    assert len(re.findall("context_factory", result.stderr)) == 1


def test_it_is_made_of_plain_data(tmp_path: Path, certs: Certificates) -> None:
    """And so no file is read again, and no class has to be the one that it was."""
    file = tmp_path / "ca.pem"
    file.write_bytes(certs.unknown.pem)
    rule = HostRule("mail.example.test", 993, module="a.b", cafile=file, reason="why")
    exempt = HostRule("mail.example.test", verify=False, until="2099-01-01")
    securedefaults.apply(rules=[rule, exempt], strict=False, log=tmp_path / "log")
    file.unlink()
    policy = _policy.in_force
    assert policy is not None
    policy.added_later = "carried"  # type: ignore[attr-defined]
    again = workers.received(handed(policy), last=True)
    assert again == policy
    assert vars(again) == {**vars(policy), "kept": {}}
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert pickle.loads(pickle.dumps(rule)) == rule


def handed(policy: Policy) -> Dict[str, Any]:
    """What reaches a child."""
    _, (_, names) = workers.HandOver(policy, "multiprocessing.spawn", {}).__reduce__()
    result: Dict[str, Any] = pickle.loads(pickle.dumps(names))["handed"]
    return result


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_what_cannot_be_carried(mode: str, caplog: Any) -> None:
    """Then it is the mode alone, and who has handed it over says so once."""
    policy = Policy(mode, rules=[HostRule("localhost", verify=False)], strict=False)
    policy.added_later = lambda: None  # type: ignore[attr-defined]
    for _ in range(2):
        again = workers.received(handed(policy), last=False)
        assert (again.mode, again.rules, again.strict, again.context_factory) == (mode, (), None, None)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be handed to child processes" in caplog.text


def test_what_cannot_be_read(caplog: Any) -> None:
    """It may be when the main module has been executed; until then it is the mode alone."""
    there = handed(Policy("enforce", rules=[HostRule("localhost", verify=False)]))
    broken = {**there, "policy": b"no pickle"}
    assert workers.received(broken, last=False) == Policy("enforce")
    assert not caplog.records
    assert workers.received(broken, last=True) == Policy("enforce")
    assert "cannot be read in this child process" in caplog.text
    assert workers.received({**broken, "policy": there["policy"]}, last=True).rules


def test_warn_mode_warns_in_the_child(impostor: Any, tmp_path: Path) -> None:
    """And in the parent there is nothing to be summed up."""
    source = """
        if __name__ == "__main__":
            import securedefaults
            securedefaults.apply("warn")
            start("warned", int(sys.argv[2]))
        """
    result = python(script(tmp_path, source), METHODS[-1], impostor.port)
    assert told(impostor) == {"warned"}
    assert len(re.findall("WouldBeRefusedWarning", result.stderr)) == 1, result.stderr
    assert "ready to enforce" not in result.stderr


def private() -> ssl.SSLContext:
    """A factory at the top of a module."""
    return ssl.create_default_context()


def test_a_factory_is_looked_for_when_it_is_called(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """Each time, as long as it is not there, and this is said once; and a child hands it on as it has come."""
    there = handed(Policy("enforce", context_factory=private))
    policy = workers.received(there, last=True)
    monkeypatch.delattr(sys.modules[__name__], "private")
    assert policy.context_factory is not None
    for _ in range(2):
        assert policy.context_factory().verify_mode == ssl.CERT_REQUIRED
    assert len(caplog.records) == 1
    assert "AttributeError" in caplog.text
    made = ssl.create_default_context()
    monkeypatch.setattr(sys.modules[__name__], "private", lambda: made, raising=False)
    assert policy.context_factory() is made
    again = workers.received(handed(policy), last=True).context_factory
    assert isinstance(again, workers.Factory)
    assert again.carried == there["factory"]
    assert again() is made


def test_only_the_factory_of_that_line_is_taken() -> None:
    def factory() -> ssl.SSLContext:
        return private()

    there = handed(Policy("enforce", context_factory=factory))
    securedefaults.apply(context_factory=factory)
    assert workers.received({**there}, last=True).context_factory is factory
    securedefaults.apply(context_factory=private)
    assert isinstance(workers.received(there, last=True).context_factory, workers.Factory)
    securedefaults.apply()
    assert isinstance(workers.received(there, last=True).context_factory, workers.Factory)


#: what an edited file may have in the same line
OTHERS = """
lambda: ssl.create_default_context(cafile="one.pem")
lambda: ssl.create_default_context(cafile="two.pem")
lambda: ssl.create_default_context(capath="one.pem")
lambda: ssl.SSLContext(cafile="one.pem")
lambda: [ssl.create_default_context(cafile=name) for name in ("one.pem",)][0]
lambda: (lambda: ssl.create_default_context(cafile="one.pem"))()
lambda: (lambda: ssl.create_default_context(cafile="two.pem"))()
"""


def made(source: str, file: str = "/nowhere/a.py", **names: object) -> Any:
    return eval(compile(source, file, "eval"), {"ssl": ssl}, names)


def test_a_factory_that_looks_like_it_is_not_taken() -> None:
    """It may trust what the parent's does not."""
    sources = OTHERS.split("\n")[1:-1]
    for parents in sources:
        there = handed(Policy("enforce", context_factory=made(parents)))
        for childs in sources:
            assert is_taken(there, made(childs)) == (childs == parents), (parents, childs)
        assert not is_taken(there, made(parents, "/elsewhere/a.py"))


@pytest.mark.parametrize(
    "source",
    [
        "(lambda ca: lambda: ssl.create_default_context(cafile=ca))(CA)",
        "lambda ca=CA: ssl.create_default_context(cafile=ca)",
        "lambda *, ca=CA: ssl.create_default_context(cafile=ca)",
    ],
)
def test_a_factory_that_was_given_something_is_not_taken(source: str) -> None:
    """A function that makes them makes several in the same line."""
    there = handed(Policy("enforce", context_factory=made(source, CA="one.pem")))
    for name in ("one.pem", "two.pem"):
        assert not is_taken(there, made(source, CA=name))


def test_a_factory_out_of_no_file_is_not_taken() -> None:
    there = handed(Policy("enforce", context_factory=made("lambda: private()", "<string>")))
    assert not is_taken(there, made("lambda: private()", "<string>"))


def is_taken(there: Dict[str, Any], factory: Any) -> bool:
    """Whether a child that has given this one to `apply()` has it after it was handed that."""
    securedefaults.apply(context_factory=factory)
    found = workers.received({**there}, last=True).context_factory
    assert found is factory or isinstance(found, workers.Factory)
    return found is factory


# Where they are other interpreters


def bare(folder: Path) -> Path:
    """Python without any package that is installed."""
    wrapper = folder / "bare-python"
    wrapper.write_text('#!/bin/sh\nexec "%s" -I -S "$@"\n' % sys.executable, encoding="utf-8")
    wrapper.chmod(0o755)
    return wrapper


#: the package from a folder that is not in `sys.path` any more when the child is started
ELSEWHERE_IMPORTED = """
def installed(entry):
    import os
    return os.path.exists(os.path.join(entry, "securedefaults"))

if __name__ == "__main__":
    multiprocessing.set_executable(sys.argv[3])
    sys.path[:] = [sys.argv[4], *(entry for entry in sys.path if not installed(entry))]
    import securedefaults
    securedefaults.apply()
    del sys.path[0]
    %s
    start("moved", int(sys.argv[2]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    package = Path(securedefaults.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(package, tmp_path / "copy" / "securedefaults", ignore=ignored)).parent


def test_a_python_that_does_not_have_it(impostor: Any, tmp_path: Path, copy: Path) -> None:
    """It is imported from where the parent has it from."""
    program = script(tmp_path, ELSEWHERE_IMPORTED % "")
    result = run(program, "spawn", impostor.port, bare(tmp_path), copy)
    assert result.stdout.split() == ["moved", "SSLCertVerificationError"], result.stderr
    assert not told(impostor)


def test_another_copy_in_the_way(impostor: Any, tmp_path: Path, copy: Path) -> None:
    (tmp_path / "securedefaults.py").write_text("raise ImportError('another one')", encoding="utf-8")
    program = script(tmp_path, ELSEWHERE_IMPORTED % "sys.path.insert(0, %r)" % str(tmp_path))
    result = run(program, "spawn", impostor.port, bare(tmp_path), copy)
    assert len(impostor.records) == 1
    assert not told(impostor), result.stderr


def test_an_archive(impostor: Any, tmp_path: Path, copy: Path) -> None:
    archive = tmp_path / "copy.zip"
    zipapp.create_archive(copy, archive, main="securedefaults:status")
    program = script(tmp_path, ELSEWHERE_IMPORTED % "assert '.zip' in securedefaults.__file__")
    result = run(program, "spawn", impostor.port, bare(tmp_path), archive)
    assert not told(impostor), result.stderr


@pytest.mark.parametrize("method", METHODS)
def test_a_child_that_cannot_import_it_starts_all_the_same(
    method: str, impostor: Any, tmp_path: Path, copy: Path
) -> None:
    program = script(tmp_path, ELSEWHERE_IMPORTED % "import shutil; shutil.rmtree(sys.argv[4])")
    result = run(program, method, impostor.port, bare(tmp_path), copy)
    assert told(impostor) == {"moved"}
    lines = [line for line in result.stderr.splitlines() if "not in force in this child process" in line]
    assert len(lines) == 1, result.stderr
    assert lines[0].endswith("ModuleNotFoundError: No module named 'securedefaults'")


def test_a_frozen_program(impostor: Any, tmp_path: Path) -> None:
    """It is its own interpreter, and comes to its children's part by `freeze_support()`."""
    program = tmp_path / "program.py"
    frozen = tmp_path / "frozen"
    frozen.write_text('#!/bin/sh\nexec "%s" "%s" "$@"\n' % (sys.executable, program), encoding="utf-8")
    frozen.chmod(0o755)
    source = """
        from multiprocessing import spawn

        if __name__ == "__main__":
            sys.frozen, sys.executable = True, %r
            spawn.set_executable(sys.executable)
            spawn.freeze_support()
            import securedefaults
            securedefaults.apply()
            start("frozen", int(sys.argv[2]))
        """
    result = run(script(tmp_path, source % str(frozen)), "spawn", impostor.port)
    assert len(impostor.records) == 1
    assert not told(impostor), result.stderr


@pytest.mark.parametrize("flags", [["-I"], ["-E"], ["-W", "error", "-bb", "-X", "dev"]])
def test_flags(flags: List[str], impostor: Any, tmp_path: Path, copy: Path) -> None:
    source = """
        if __name__ == "__main__":
            sys.path.insert(0, sys.argv[3])
            import securedefaults
            securedefaults.apply()
            start("flags", int(sys.argv[2]))
        """
    result = run(*flags, script(tmp_path, source), "spawn", impostor.port, copy)
    assert len(impostor.records) == 1
    assert not told(impostor), result.stderr


@pytest.mark.parametrize("method", METHODS)
def test_entries_of_the_path(method: str, impostor: Any, tmp_path: Path, copy: Path) -> None:
    """Relative ones, of a folder that is changed since, and such as are no texts, which a fork server cannot have."""
    source = """
        if __name__ == "__main__":
            import os, pathlib
            sys.path[:0] = ["copy", "", "/nowhere\\udce4"]
            if sys.argv[1] == "spawn":
                sys.path.insert(0, pathlib.Path("/nowhere"))
            import securedefaults
            securedefaults.apply()
            start("first", int(sys.argv[2]))
            os.chdir("..")
            start("second", int(sys.argv[2]))
        """
    result = run(script(tmp_path, source), method, impostor.port, cwd=tmp_path)
    assert len(impostor.records) == 2
    assert not told(impostor), result.stderr


# The parent


def test_nobody_pays_who_does_not_use_it() -> None:
    """What is imported while something is applied, with a connection and without."""
    source = """
import sys
before = set(sys.modules)  # who measures coverage has some of them
import securedefaults
securedefaults.apply()
import smtplib, imaplib, poplib
try:
    smtplib.SMTP_SSL("localhost", 1)
except OSError:
    pass
print([name for name in set(sys.modules) - before
       if name.startswith(("multiprocess", "concurrent", "pickle", "_pickle")) or name.endswith(".workers")])
"""
    assert run("-c", source).stdout.strip() == "[]"


def prepared() -> Dict[str, Any]:
    found: Dict[str, Any] = multiprocessing.spawn.get_preparation_data("name")
    return found


def test_it_is_put_back() -> None:
    original = multiprocessing.spawn.get_preparation_data
    securedefaults.apply()
    hooked = multiprocessing.spawn.get_preparation_data
    assert hooked.__name__ == original.__name__
    assert workers.KEY in prepared()
    securedefaults.restore()
    assert multiprocessing.spawn.get_preparation_data is original
    assert workers.KEY not in hooked("name")  # kept by somebody


def test_it_is_written_once() -> None:
    """The parent's `sys.path` is in the data already, and has no end."""
    securedefaults.apply()
    sys.path.append("/" + "a" * 100000)
    try:
        data = prepared()
    finally:
        sys.path.pop()
    del data["authkey"]  # is for children alone
    assert 100000 < len(pickle.dumps(data)) < 200000


def test_a_tool_that_adds_something_of_its_own(impostor: Any, tmp_path: Path) -> None:
    """As coverage does, before and after."""
    source = """
        from multiprocessing import spawn

        def wrap():
            original = spawn.get_preparation_data
            spawn.get_preparation_data = lambda name: {**original(name), "theirs": name}

        if __name__ == "__main__":
            import securedefaults
            wrap()
            securedefaults.apply()
            start("below", int(sys.argv[2]))
            wrap()
            start("above", int(sys.argv[2]))
            securedefaults.apply()
            start("again", int(sys.argv[2]))
            securedefaults.restore()
            start("restored", int(sys.argv[2]))
        """
    run(script(tmp_path, source), "spawn", impostor.port)
    assert len(impostor.records) == 4
    assert told(impostor) == {"restored"}


def test_nothing_of_ours_keeps_a_child_from_being_started(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    securedefaults.apply()
    monkeypatch.setattr(workers, "HandOver", None)
    assert workers.KEY not in prepared()
    assert "cannot be handed to a child process: TypeError" in capsys.readouterr().err
    # nor from importing what starts it
    monkeypatch.setitem(sys.modules, workers.__name__, None)
    monkeypatch.delattr(sys.modules[workers.__package__], "workers")
    importlib.reload(multiprocessing.spawn)
    assert workers.KEY not in prepared()
    assert "cannot be handed to a child process: ModuleNotFoundError" in capsys.readouterr().err
    securedefaults.restore()
    importlib.reload(multiprocessing.spawn)
    assert not hooks.in_place(multiprocessing.spawn, "get_preparation_data")


def test_a_factory_that_is_anything() -> None:
    """It shows any attribute, and raises what it likes."""

    class Mock:
        def __getattr__(self, name: str) -> object:
            return lambda *args: self

        def __reduce_ex__(self, protocol: object) -> Any:
            raise RecursionError("deep")

        __call__ = __getattr__

    there = handed(Policy("enforce", context_factory=Mock()))  # type: ignore[arg-type]
    factory = workers.received(there, last=True).context_factory
    assert isinstance(factory, workers.Factory)
    assert factory.carried[:2] == (None, "RecursionError: deep")


def test_while_another_thread_applies_and_restores() -> None:
    stop = threading.Event()

    def toggle() -> None:
        while not stop.is_set():
            securedefaults.apply()
            securedefaults.restore()

    thread = threading.Thread(target=toggle)
    interval, found = sys.getswitchinterval(), set()
    sys.setswitchinterval(1e-5)
    thread.start()
    try:
        for _ in range(100000):
            found.add(workers.KEY in prepared())
            if len(found) == 2:
                break
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval)
    assert found == {True, False}
    securedefaults.restore()
    assert not hooks.in_place(multiprocessing.spawn, "get_preparation_data")


# Relatives

RELATIVES = {
    "multiprocess": "start('relative', int(sys.argv[2]))",
    "billiard": "start('relative', int(sys.argv[2]))",
    "loky": """
    from loky import get_reusable_executor
    get_reusable_executor(max_workers=1).submit(login, "relative", int(sys.argv[2])).result(60)
    """,
    "joblib": """
    import joblib
    joblib.Parallel(n_jobs=2)([joblib.delayed(login)("relative", int(sys.argv[2]))])
    """,
}


@pytest.mark.parametrize("relative", sorted(RELATIVES))
def test_relatives_of_multiprocessing(relative: str, impostor: Any, tmp_path: Path) -> None:
    pytest.importorskip(relative)
    if relative == "billiard" and sys.version_info < (3, 10):
        pytest.skip("its children cannot find the main module there, also without us")
    source = "if __name__ == '__main__':\n    import securedefaults; securedefaults.apply()\n    "
    login = LOGIN.replace("multiprocessing", relative) if "start" in RELATIVES[relative] else LOGIN
    result = run(script(tmp_path, source + RELATIVES[relative].strip(), login=login), "spawn", impostor.port)
    assert len(impostor.records) == 1, result.stderr
    assert not told(impostor)


# Interpreters that have nothing of it

SUB_INTERPRETERS = """
import securedefaults
securedefaults.apply()
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def named():
    return [sentence for sentence in securedefaults.status().not_covered if "sub-interpreters" in sentence]

assert not named()
made = interpreters.create()
assert len(named()) == 1, securedefaults.status()
interpreters.destroy(made)
assert not named()
try:
    from concurrent.futures import InterpreterPoolExecutor
except ImportError:
    pass
else:
    assert len(named()) == 1, securedefaults.status()
"""


@pytest.mark.skipif(PYPY, reason="has none")
def test_status_names_sub_interpreters() -> None:
    run("-c", SUB_INTERPRETERS)
