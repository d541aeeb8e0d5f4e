"""What CONTRIBUTING.md says on adding entry points and protocols, tried with a made-up module of the standard library.

The lines are added to a copy of the package. Nothing else is touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List

import pytest
from programs import python, run

import securedefaults
from native import stock
from securedefaults._entrypoints import ENTRY_POINTS, IMPLICIT, PROTOCOLS
from securedefaults.cli.protocols import dialogue
from wire.certs import Certificates, certificates
from wire.servers import CLOSE, GARBAGE, HANG, INJECT, REFUSE, SECRET, STRIP, USER, Scripted, Server, Session

PACKAGE = Path(securedefaults.__file__).parent
TESTS = Path(__file__).resolve().parent.parent

#: A module as those of the standard library are: two classes for POP3, one for ManageSieve.
LETTERS = """
import socket
import ssl


class _Client:
    def __init__(self, host, port, timeout=socket._GLOBAL_DEFAULT_TIMEOUT):
        self.host, self.port = host, port
        self.sock = socket.create_connection((host, port), timeout)
        self.begin()

    def begin(self):
        self.file = self.sock.makefile("rb")

    def say(self, command):
        self.sock.sendall(command.encode() + b"\\r\\n")
        return self.answer()

    def answer(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        if line.startswith((b"-ERR", b"NO")):
            raise OSError(line)
        return line

    def start(self, context):
        if context is None:
            context = ssl._create_stdlib_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.file = self.sock.makefile("rb")

    def close(self):
        self.file.close()
        self.sock.close()


class Box(_Client):
    def begin(self):
        super().begin()
        self.answer()

    def stls(self, context=None):
        if isinstance(self.sock, ssl.SSLSocket):
            raise OSError("TLS is there already")
        self.say("STLS")
        self.start(context)

    def login(self, user, password):
        self.say("USER " + user)
        self.say("PASS " + password)


class Box_SSL(Box):
    def __init__(self, host, port, context=None):
        self.context = context
        super().__init__(host, port)

    def begin(self):
        self.start(self.context)
        self.answer()


class Sieve(_Client):
    def begin(self):
        super().begin()
        while self.answer() != b"OK\\r\\n":
            pass

    def starttls(self, context=None):
        if isinstance(self.sock, ssl.SSLSocket):
            raise OSError("TLS is there already")
        self.say("STARTTLS")
        self.start(context)

    def login(self, user, password):
        self.say("AUTHENTICATE " + user + " " + password)
"""

ATTACKS = [STRIP, REFUSE, HANG, CLOSE, GARBAGE, INJECT]

NAMES = ["letters.Box.stls", "letters.Box_SSL", "letters.Sieve.starttls"]


def recipe() -> List[str]:
    """The blocks of CONTRIBUTING.md: the rows of an entry point, those of a protocol, and the protocol's file."""
    text = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- not run: tests/backport/test_table\.py [^\n]*-->\n```python\n(.*?)```", text, re.S)
    assert len(blocks) == 3
    return blocks


def add(table: Path, rows: str) -> None:
    """Put each row where its kind begins."""
    text = table.read_text(encoding="utf-8")
    for row in rows.splitlines():
        kind = row.partition("(")[0]
        begin = {"EntryPoint": "ENTRY_POINTS = (\n", "Protocol": "    for protocol in (\n"}[kind]
        assert text.count(begin) == 1
        text = text.replace(begin, begin + row + ",\n")
    sender = 'SENDERS = (\n    Sender("letters", "Box", "say", "POP3", LINE),'
    if '"letters"' not in table.read_text(encoding="utf-8"):
        text = text.replace("SENDERS = (", sender)
    table.write_text(text, encoding="utf-8")


@pytest.fixture
def added(tmp_path: Path, trust: Path) -> Dict[str, str]:
    """The environment in which the copy of the package and the made-up module are found."""
    shutil.copytree(PACKAGE, tmp_path / "securedefaults", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "letters.py").write_text(LETTERS, encoding="utf-8")
    rows, protocol, file = recipe()
    add(tmp_path / "securedefaults" / "_entrypoints.py", rows)
    add(tmp_path / "securedefaults" / "_entrypoints.py", protocol)
    (tmp_path / "securedefaults" / "cli" / "protocols" / "sieve.py").write_text(file, encoding="utf-8")
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), *([before] if before else [])])}


def command(environ: Dict[str, str], *arguments: str) -> Any:
    result = python("-m", "securedefaults", *arguments, "--json", **environ)
    assert not result.stderr
    return json.loads(result.stdout)


@stock
def test_doctor_and_status(added: Dict[str, str]) -> None:
    rows = {row["entry_point"]: row for row in command(added, "doctor")["entry_points"]}
    assert {name: (rows[name]["stock"], rows[name]["protected"]) for name in NAMES} == dict.fromkeys(
        NAMES, ("accepted", "refused")
    )
    states = command(added, "status")["entry_points"]
    assert {name: states[name] for name in NAMES} == dict.fromkeys(NAMES, "protected")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session by the file of the protocol in CONTRIBUTING.md, which is not in the package that is under test."""
    namespace: Dict[str, Any] = {"__package__": dialogue.__module__}
    exec(recipe()[2], namespace)

    class Sieve(Scripted):
        def __init__(self, server: Server, sock: Any, record: Any) -> None:
            Session.__init__(self, server, sock, record)
            self.script = type("script", (), namespace)
            self.greeting = namespace["GREETING"].replace("\n", "\r\n").encode()

    monkeypatch.setitem(__import__("wire.servers").servers.SESSIONS, "SIEVE", Sieve)


def test_check(added: Dict[str, str], certs: Certificates, script: Any) -> None:
    with Server("SIEVE", certs["good"].context) as good, Server("SIEVE", certs["expired"].context) as bad:
        urls = ["sieve://localhost:%d" % server.port for server in (good, bad)]
        lines = python("-m", "securedefaults", "check", "--json", *urls, **added).stdout.splitlines()
        results = sorted(map(json.loads, lines[:-1]), key=lambda result: str(result["where"]))
    assert [result["outcome"] for result in results] == ["passed", "failed"]
    assert [result["protocol"] for result in results] == ["SIEVE"] * 2
    assert good.records[0].tls
    assert "4190" in python("-m", "securedefaults", "check", "--help", **added).stdout


PROGRAM = """
    import letters, sys
    if sys.argv[1] == "apply":
        import securedefaults
        securedefaults.apply()
    cls, port = getattr(letters, sys.argv[2]), int(sys.argv[3])
    try:
        box = cls("localhost", port)
        if not sys.argv[2].endswith("SSL"):
            getattr(box, {"Box": "stls", "Sieve": "starttls"}[sys.argv[2]])()
    except Exception as exc:
        print(type(exc).__name__, getattr(exc, "verify_code", ""))
    else:
        print("connected")
    box.login(*sys.argv[4:])
"""


@stock
@pytest.mark.parametrize("how", ["stock", "apply"])
@pytest.mark.parametrize("label", ["good", "unknown CA"])
@pytest.mark.parametrize("cls", ["Box", "Box_SSL", "Sieve"])
def test_apply(cls: str, label: str, how: str, added: Dict[str, str], certs: Certificates, script: Any) -> None:
    """Judged by what the server got from a program that goes on whatever happens."""
    protocol = "SIEVE" if cls == "Sieve" else "POP3"
    with Server(protocol, certs[label].context, implicit=cls == "Box_SSL") as server:
        result = run(PROGRAM, how, cls, server.port, USER, SECRET, **added)
    refused = how == "apply" and label == "unknown CA"
    assert result.stdout == ("SSLCertVerificationError 20\n" if refused else "connected\n"), result.stderr
    assert bool(server.credentials()) != refused
    assert all(where == "inside" for where, _ in server.credentials())


@stock
@pytest.mark.parametrize("attack", [STRIP, REFUSE])
@pytest.mark.parametrize("how", ["stock", "apply"])
@pytest.mark.parametrize("cls", ["Box", "Sieve"])
def test_a_failed_upgrade(
    cls: str, how: str, attack: str, added: Dict[str, str], certs: Certificates, script: Any
) -> None:
    """The program above does not mind; without TLS the password goes nowhere."""
    with Server("SIEVE" if cls == "Sieve" else "POP3", certs["good"].context, attack=attack) as server:
        result = run(PROGRAM, how, cls, server.port, USER, SECRET, **added)
    assert result.stdout == "OSError \n", result.stderr
    assert {where for where, _ in server.credentials()} == ({"clear"} if how == "stock" else set())


@stock
@pytest.mark.parametrize(
    ("suite", "tests", "wanted"),
    [
        # each way of calling it that was not written by hand, with each kind of certificate, with apply() and without
        ("matrix", "", [name for name in NAMES for _ in range(2 * len(certificates().all))]),
        # each attack on each way
        ("upgrade", "", [name for name in NAMES if "SSL" not in name for _ in ATTACKS]),
        ("hosts", "test_hosts", NAMES),
        ("check", "test_every_protocol or test_targets", ["sieve"]),
        ("check", "test_attacks_on_the_upgrade", ATTACKS),
    ],
)
def test_the_tests_take_it_from_the_table(suite: str, tests: str, wanted: List[str], added: Dict[str, str]) -> None:
    """Each test of those that are there already passes, and for each name that many at least."""
    names = " or ".join(sorted({name.partition(".")[0] for name in wanted}))
    options = ["-v", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist", "-k"]
    options.append("(%s) and (%s)" % (names, tests) if tests else names)
    environ = {**added, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
    path = TESTS / "backport" / ("test_%s.py" % suite)
    result = python("-m", "pytest", *options, str(path), cwd=str(TESTS.parent), **environ)
    assert result.returncode == 0, result.stdout
    assert str(Path(added["PYTHONPATH"].split(os.pathsep)[0]) / "securedefaults") in result.stdout
    passed = re.findall(r"^\S+\[(.*)\] PASSED", result.stdout, re.M)
    for name, count in Counter(wanted).items():
        assert sum(name in case for case in passed) >= count, (name, result.stdout)


def test_each_protocol_has_its_file() -> None:
    for protocol in PROTOCOLS:
        found = dialogue(protocol)
        assert set(found.ANSWERS) >= found.GO_AHEAD
        assert callable(found.upgrade)
        assert callable(found.connected)
    for entry_point in ENTRY_POINTS:
        protocol = PROTOCOLS[entry_point.protocol]
        assert protocol.implicit if entry_point.kind == IMPLICIT else protocol.upgrade


def test_a_scheme_or_a_port_means_one_thing() -> None:
    services = [s for protocol in PROTOCOLS.values() for s in (protocol.upgrade, protocol.implicit) if s is not None]
    for words in ([word for s in services for word in s.schemes], [port for s in services for port in s.ports]):
        assert len(set(words)) == len(words)


def test_a_protocol_without_a_file_is_named() -> None:
    with pytest.raises(LookupError, match=r"^the protocol GOPHER has no file securedefaults/cli/protocols/gopher\.py"):
        dialogue("GOPHER")
    assert "securedefaults.cli.protocols.gopher" not in sys.modules


def test_an_implementation_detail_of_a_file_is_not_a_missing_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("import no_such_module_at_all")
    monkeypatch.setattr(__import__("securedefaults.cli.protocols").cli.protocols, "__path__", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        dialogue("BROKEN")
