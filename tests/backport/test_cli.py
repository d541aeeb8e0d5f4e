"""The commands: doctor, status, run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any, List

import pytest
from programs import python

import securedefaults
from scanner import distribution
from securedefaults import cli
from securedefaults._entrypoints import ENTRY_POINTS, EntryPoint
from securedefaults._observe import roots
from securedefaults.cli import _drive, _impostor, doctor
from securedefaults.cli._impostor import ACCEPTED, CERTIFICATE, REFUSED, present
from securedefaults.cli.protocols import dialogue
from wire.certs import Certificates
from wire.clients import HERE, nntplib
from wire.servers import SECRET, USER, Server


def command(*arguments: object, **environ: Any) -> subprocess.CompletedProcess[str]:
    return python("-m", "securedefaults", *arguments, **environ)


# doctor


def test_doctor() -> None:
    result = command("doctor")
    assert result.returncode == 0
    assert not result.stderr
    assert result.stdout.count("ACCEPTS ANY CERTIFICATE  verified") == len(HERE)
    assert (
        "0 of %d entry points verify by themselves, %d with securedefaults." % (len(HERE), len(HERE)) in result.stdout
    )


def test_doctor_json() -> None:
    result = command("doctor", "--json")
    assert result.returncode == 0
    assert not result.stderr
    document = json.loads(result.stdout)
    assert document["python"] == ".".join(map(str, sys.version_info[:3]))
    rows = {row["entry_point"]: (row["stock"], row["protected"]) for row in document["entry_points"]}
    here = {entry_point.name for entry_point in HERE}
    assert rows == {e.name: ((ACCEPTED, REFUSED) if e.name in here else (None, None)) for e in ENTRY_POINTS}


def test_every_entry_point_is_driven() -> None:
    for entry_point in ENTRY_POINTS:
        assert callable(getattr(dialogue(entry_point.protocol), entry_point.drive or "connected")), entry_point.name


def test_doctor_believes_what_the_impostor_saw(trust: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the impostor is trusted, protection accepts it: the doctor must notice, and its exit status say so."""
    trust.write_text(ssl.DER_cert_to_PEM_cert(CERTIFICATE))
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert out.count("ACCEPTS ANY CERTIFICATE  ACCEPTS ANY CERTIFICATE") == len(HERE)
    assert securedefaults.status().mode is None


def test_doctor_when_it_cannot_tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "drive", lambda entry_point: "the client left without a word")
    assert cli.main(["doctor"]) == 2
    assert "unknown: the client left without a word" in capsys.readouterr().out


def test_doctor_leaves_things_as_they_were(applied: None) -> None:
    rows = doctor.diagnose()
    assert {row["stock"] for row in rows} - {None} == {ACCEPTED}
    assert securedefaults.status().mode == "enforce"


def test_the_package_has_no_private_key() -> None:
    for path in Path(securedefaults.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "PRIVATE KEY-----" not in text
    # what is in it is a certificate and nothing more; the key that is put together at run time is no secret
    assert ssl.PEM_cert_to_DER_cert(ssl.DER_cert_to_PEM_cert(CERTIFICATE)) == CERTIFICATE


def clients_word(context: ssl.SSLContext, host: str = "localhost") -> str:
    """The impostor's verdict on a client with this context."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    verdict: List[str] = []
    thread = threading.Thread(target=lambda: verdict.append(present(theirs)))
    thread.start()
    with contextlib.suppress(OSError), context.wrap_socket(ours, server_hostname=host):
        pass
    thread.join(10)
    return verdict[0]


def tls13(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3


def tls12_without_elliptic_curves(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")


def tls13_and_hardly_anything_else(context: ssl.SSLContext) -> None:
    context.set_ciphers("PSK")


@pytest.mark.parametrize(
    "limit",
    [lambda context: None, tls13, tls12_without_elliptic_curves, tls13_and_hardly_anything_else],
    ids=["any", "TLS 1.3", "AES128-SHA", "PSK"],
)
def test_what_the_impostor_tells_apart(limit: Any, trust: Path) -> None:
    """Whatever the client may speak, as openssl.cnf can have it."""
    context = ssl.create_default_context()
    limit(context)
    assert clients_word(context) == REFUSED
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(CERTIFICATE))
    assert clients_word(context) == ACCEPTED
    assert clients_word(context, "other.example.test") == REFUSED
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert clients_word(context) == ACCEPTED


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        ([b""], "the client offers no cipher suite that fits, so it cannot be asked"),
        ([b"\x16\x03\x01\x00\x03abc"], "the client offers no cipher suite that fits, so it cannot be asked"),
        ([b"GET / HTTP/1.0\r\n\r\n"], "the client offers no cipher suite that fits, so it cannot be asked"),
        (["hello", b""], "the client left without a word"),
        (["hello", b"\x15\x03\x03\x00\x02\x02\x46"], "the client ended the handshake with alert 70"),
        (["hello", b"\x16\x03\x03\x00\x01x"], "the client left without a word"),
    ],
)
def test_an_impostor_meets_strange_clients(sent: List[Any], verdict: str) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    hello = outgoing.read()
    ours, theirs = socket.socketpair()
    with ours:
        for data in sent:
            ours.sendall(hello if data == "hello" else data)
        ours.shutdown(socket.SHUT_WR)
        assert present(theirs) == verdict


def test_an_impostor_without_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_impostor, "TIMEOUT", 0.1)
    with _impostor.Impostor("SMTP") as impostor:
        pass
    assert impostor.verdict == "no TLS handshake was started"


def test_an_impostor_and_a_client_that_says_nothing() -> None:
    with _impostor.Impostor("SMTP") as impostor:
        with socket.create_connection(("127.0.0.1", impostor.port), 10) as sock:
            sock.sendall(b"\r\nNOOP\r\n")
            assert sock.recv(100).startswith(b"220 impostor")
    assert impostor.verdict == "no TLS handshake was started"


@pytest.mark.parametrize("kind", ["a bundle", "a hashed folder", "both", "the same in both"])
def test_doctor_counts_the_ca_certificates(kind: str, certs: Certificates, tmp_path: Path) -> None:
    """Also those in a folder, which OpenSSL reads once it needs them; and each once."""
    bundle, folder = tmp_path / "bundle.pem", tmp_path / "certs"
    folder.mkdir()
    (folder / "readme.0").write_text("no name by which OpenSSL looks for one")
    (folder / "00000000.1").write_text("no certificate")
    (folder / "unhashed.pem").write_bytes(certs.trusted.pem)
    if kind != "a hashed folder":
        bundle.write_bytes(certs.trusted.pem)
    if kind != "a bundle":
        shown = (certs.trusted if kind == "the same in both" else certs.unknown).pem
        (folder / "0a1b2c3d.0").write_bytes(shown)
    result = command("doctor", "--json", SSL_CERT_FILE=str(bundle), SSL_CERT_DIR=str(folder))
    number = 2 if kind == "both" else 1
    store = json.loads(result.stdout)["trust_store"]
    assert store["certificates"] == number
    assert bool(store["problems"]) == (kind == "a hashed folder")  # the bundle that the environment names is not there
    assert result.returncode == 0
    assert (
        command("doctor", SSL_CERT_FILE=str(bundle), SSL_CERT_DIR=str(folder))
        .stdout.split("\n")[0]
        .endswith(", CA certificates: %d" % number)
    )


@pytest.mark.parametrize("file", ["nowhere.pem", "empty.pem"])
def test_doctor_on_a_python_without_any_ca_certificate(file: str, tmp_path: Path) -> None:
    """As on a slim image: every server would be refused, and nobody is to think that all is well."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.pem").write_text("")
    environ = {"SSL_CERT_FILE": str(tmp_path / file), "SSL_CERT_DIR": str(tmp_path / "empty")}
    result = command("doctor", **environ)
    assert result.returncode == 2
    assert result.stdout.split("\n")[0].endswith(", CA certificates: 0")
    assert "\nNO CA CERTIFICATE IS TRUSTED, so every server would be refused.\n" in result.stdout
    store = json.loads(command("doctor", "--json", **environ).stdout)["trust_store"]
    assert store["certificates"] == 0
    assert file in "".join(store["problems"])


def test_what_to_do_where_there_is_no_ca_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ca-certificates" in roots.remedy() or sys.platform in ("win32", "darwin")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "base_prefix", "/Library/Frameworks/Python.framework/Versions/3.13")
    name = "/Applications/Python %d.%d/Install Certificates.command" % sys.version_info[:2]
    assert "run '%s'" % name in roots.remedy()
    monkeypatch.setattr(sys, "platform", "win32")
    assert "Windows" in roots.remedy()
    assert "SSL_CERT_FILE" in roots.remedy()


def test_whoever_asks_the_system_has_nothing_to_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Foreign(ssl.SSLContext):
        def cert_store_stats(self) -> Any:
            return {"x509_ca": 0}

    monkeypatch.setattr(ssl, "create_default_context", lambda: Foreign(ssl.PROTOCOL_TLS_CLIENT))
    assert roots.count() is None


def test_a_missing_entry_point() -> None:
    assert _drive.drive(EntryPoint("no_such_module", "SMTP", "starttls", "context", "SMTP", "upgrade")) is None
    assert _drive.drive(EntryPoint("smtplib", "NoSuchClass", "starttls", "context", "SMTP", "upgrade")) is None


# status


def test_status() -> None:
    result = command("status")
    assert result.returncode == 0
    assert result.stdout.startswith("mode: enforce\n")
    assert result.stdout.count(" protected\n") == len(HERE)
    assert result.stdout.count(" absent\n") == len(ENTRY_POINTS) - len(HERE)


def test_status_of_stock() -> None:
    result = command("status", "--stock", "--json")
    assert result.returncode == 1
    document = json.loads(result.stdout)
    assert document["mode"] is None
    assert document["entry_points"]["smtplib.SMTP_SSL"] == "unverified"


def test_status_with_an_import(tmp_path: Path) -> None:
    (tmp_path / "fork_of_imaplib.py").write_text("class IMAP4_SSL: pass")
    result = command("status", "--import", "fork_of_imaplib", PYTHONPATH=str(tmp_path))
    assert "not covered: fork_of_imaplib.IMAP4_SSL is an implementation of its own" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nobody_reads(unbuffered: str) -> None:
    """As `securedefaults status | true`."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        line = [sys.executable, "-m", "securedefaults", "status"]
        result = subprocess.run(line, stdout=writer, stderr=subprocess.PIPE, env=environ, check=False, timeout=60)
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (141, b"")


# commands of other distributions

OTHER = """
HELP, DESCRIPTION, EPILOG = "greet somebody", "Greets.", "exit status: 3"
def add_arguments(parser):
    parser.add_argument("whom")
def run(args):
    print("hello", args.whom, args.command, args.json)
    return 3
"""


def registered(monkeypatch: pytest.MonkeyPatch, folder: Path, owner: str, **commands: str) -> None:
    """Have it look as if a distribution of that name, with these commands, were installed there."""
    distribution(folder, owner, commands)
    monkeypatch.syspath_prepend(folder)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_what_is_built_in_is_nobody_elses(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in_the_way.py").write_text(OTHER)
    registered(monkeypatch, tmp_path, "foreign", **dict.fromkeys(cli.COMMANDS, "in_the_way"))
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert "Greets." not in capsys.readouterr().out
    assert "in_the_way" not in sys.modules


def test_a_command_of_another_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "greeting.py").write_text(OTHER)
    registered(monkeypatch, tmp_path, "foreign", greet="greeting")
    distribution(tmp_path, "damaged", {})
    (tmp_path / "damaged-0.1.0.dist-info" / "entry_points.txt").write_text("[half of a\n= line")
    assert cli.main(["greet", "--json", "you"]) == 3
    assert capsys.readouterr().out == "hello you greet True\n"
    with pytest.raises(SystemExit):
        cli.main(["greet", "--help"])
    out = capsys.readouterr().out
    assert "usage: securedefaults greet" in out
    assert "exit status: 3" in out


@pytest.mark.parametrize(
    ("module", "content", "problem"),
    [
        ("not_there", None, "ModuleNotFoundError: No module named 'not_there'"),
        ("not_python", "def", "SyntaxError: "),
        ("not_a_command", "HELP = ''", "AttributeError: module 'not_a_command' has no attribute 'DESCRIPTION'"),
        ("not_well", "1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_command_that_cannot_be_loaded(
    module: str,
    content: Any,
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content is not None:
        (tmp_path / (module + ".py")).write_text(content)
    registered(monkeypatch, tmp_path, "foreign", greet=module)
    assert cli.main(["greet", "you"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "securedefaults greet: error: the distribution foreign has this command in %s, which cannot be loaded: %s"
        % (module, problem)
    )
    assert err.endswith("; install another version of it, or uninstall it\n")


def test_a_command_of_two_distributions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of them was meant nobody can know. One that is found in two places is one."""
    (tmp_path / "twice.py").write_text(OTHER)
    registered(monkeypatch, tmp_path, "foreign", greet="twice")
    registered(monkeypatch, tmp_path / "again", "foreign", greet="twice")
    assert cli.main(["greet", "you"]) == 3
    registered(monkeypatch, tmp_path, "stranger", greet="twice")
    capsys.readouterr()
    assert cli.main(["greet", "you"]) == 2
    assert capsys.readouterr().err == (
        "securedefaults greet: error: foreign and stranger each have a command of this name; uninstall all but one\n"
    )


def test_the_scanner_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("importlib.metadata.distributions", list)
    assert cli.main(["scan", "--help"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("securedefaults scan: error: the scanner")
    assert err.endswith("pip install securedefaults-scan\n")
    assert ("needs Python 3.10 or newer, and this is 3." in err) == (sys.version_info < (3, 10))


def test_help_says_where_the_scanner_is() -> None:
    assert re.search(r"^ +scan .*securedefaults-scan", command("--help", COLUMNS="200").stdout, re.M)


# run


def test_a_broken_pipe_of_the_program(tmp_path: Path) -> None:
    """It is the program's own exception."""
    path = tmp_path / "program.py"
    path.write_text("raise BrokenPipeError('of a socket')")
    result = command("run", path)
    assert result.returncode == 1
    assert "BrokenPipeError: of a socket" in result.stderr


PROGRAM = """
import sys, smtplib
smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").login(sys.argv[2], sys.argv[3])
print("sent")
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


@pytest.mark.parametrize("label", ["good", "wrong host"])
@pytest.mark.parametrize("way", ["script", "module", "package", "folder", "zip"])
def test_run(way: str, label: str, certs: Certificates, program: Path, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": str(tmp_path)}
    what: List[object] = [program]
    if way == "module":
        what = ["-m", "program"]
    elif way == "package":
        (tmp_path / "package").mkdir()
        program.rename(tmp_path / "package" / "__main__.py")
        what = ["-m", "package"]
    elif way == "folder":
        program.rename(tmp_path / "__main__.py")
        what = [tmp_path]
    elif way == "zip":
        what = [tmp_path / "program.zip"]
        with zipfile.ZipFile(str(what[0]), "w") as archive:
            archive.writestr("__main__.py", PROGRAM)
    with Server("SMTP", certs[label].context, implicit=True) as server:
        result = command("run", *what, server.port, USER, SECRET, **environ)
    if label == "good":
        assert (result.stdout, result.returncode) == ("sent\n", 0), result.stderr
        assert server.credentials()
    else:
        assert result.returncode == 1
        assert "SSLCertVerificationError" in result.stderr
        assert not server.credentials()


INSPECT = """
import atexit, os, sys, threading
def late():
    print(threading.current_thread() is threading.main_thread(), helper())
def helper():
    return "globals are alive"
atexit.register(late)
import __main__
print(sys.argv, __name__, __main__.helper is helper, os.path.basename(__file__))
print(sorted(name for name in vars() if not name.startswith("__")))
print(__spec__ and __spec__.name, __package__, repr(__doc__), sys.path[0])
import neighbour
"""


@pytest.mark.parametrize("way", ["script", "module"])
def test_run_is_like_python(way: str, tmp_path: Path) -> None:
    """Line for line."""
    (tmp_path / "inspected.py").write_text(INSPECT)
    (tmp_path / "neighbour.py").write_text("print(__name__)")
    what = ["-m", "inspected"] if way == "module" else ["inspected.py"]
    plain = python(*what, "a", "--json", "-m", "b", cwd=tmp_path)
    ours = command("run", *what, "a", "--json", "-m", "b", cwd=tmp_path)
    assert plain.returncode == 0
    assert "neighbour" in plain.stdout
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(7)",
        "import sys; sys.exit('a message')",
        "raise SystemExit",
        "def f():\n    return 1 / 0\n\nf()",
        "this is no Python",
        "try:\n    1 / 0\nexcept ZeroDivisionError as exc:\n    raise KeyError('x') from exc",
        "import sys\nsys.excepthook = lambda *args: print('mine', args[0].__name__)\nundefined",
        "print(__annotations__ if '__annotations__' in dir() else {})",
        "import multiprocessing\nmultiprocessing.get_context('spawn')\nprint(__name__)",
    ],
)
def test_run_ends_like_python(source: str, tmp_path: Path) -> None:
    (tmp_path / "ends.py").write_text(source)
    plain = python("ends.py", cwd=tmp_path)
    ours = command("run", "ends.py", cwd=tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_run_dies_of_an_interrupt_like_python(tmp_path: Path) -> None:
    # a shell lets its background jobs, and so a test run there, ignore the signal; Python does not undo that
    source = "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    (tmp_path / "interrupted.py").write_text(source + "os.kill(os.getpid(), signal.SIGINT); input()")
    ours = command("run", "interrupted.py", cwd=tmp_path)
    assert ours.returncode == -signal.SIGINT
    assert ours.stderr.endswith("KeyboardInterrupt\n\n") or ours.stderr.endswith("KeyboardInterrupt\n")


def test_run_json(tmp_path: Path) -> None:
    (tmp_path / "quiet.py").write_text("import smtplib")
    result = command("run", "--json", "quiet.py", cwd=tmp_path)
    assert result.stdout == ""
    assert json.loads(result.stderr)["mode"] == "enforce"


def test_run_off(certs: Certificates, program: Path) -> None:
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        command("run", "--mode", "off", program, server.port, USER, SECRET)
    assert server.credentials()


def test_run_isolated(program: Path, tmp_path: Path) -> None:
    """Under -I the folder of the script is not searched, as ever."""
    (tmp_path / "inspected.py").write_text("import neighbour")
    (tmp_path / "neighbour.py").write_text("")
    result = python("-I", "-m", "securedefaults", "run", tmp_path / "inspected.py")
    assert "No module named 'neighbour'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run"], 2, "securedefaults run: error: name a script, or a module after -m"),
        (["run", "--log", "", "x.py"], 2, "securedefaults run: error: --log is empty: name a file, or leave it out"),
        (["run", "--config", "", "x.py"], 2, "--config is empty: name a file, or leave it out"),
        (["config", "check", ""], 2, "securedefaults config: error: FILE is empty: name a file, or leave it out"),
        (["run", "no-such-file.py"], 2, "can't open file 'no-such-file.py': No such file or directory"),
        (["run", "-m", "no_such_module"], 1, "No module named no_such_module"),
        (["run", "--mode", "maybe", "x.py"], 2, "invalid choice: 'maybe'"),
        ([], 2, "COMMAND"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_bad_command_lines(arguments: List[str], status: int, message: str) -> None:
    result = command(*arguments)
    assert result.returncode == status
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["", *cli.COMMANDS])
def test_help(name: str) -> None:
    result = command(*([name] if name else []), "--help")
    assert result.returncode == 0
    assert ("exit status" if name else "Begin with") in result.stdout


def test_version() -> None:
    assert command("--version").stdout == "securedefaults %s\n" % securedefaults.__version__


def test_the_script_is_installed() -> None:
    script = Path(sys.executable).with_name("securedefaults")
    if not script.exists():
        pytest.skip("not installed in an environment of its own")
    result = subprocess.run([str(script), "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == command("--version").stdout
    assert os.access(script, os.X_OK)
    assert nntplib is None or len(HERE) == len(ENTRY_POINTS)


@pytest.mark.parametrize("command", [["run", "x.py"], ["status"]])
def test_a_configuration_that_cannot_be_used_is_said_in_one_line(command: Any, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("print('not run')")
    (tmp_path / "securedefaults.cfg").write_text("[securedefaults]\nmode = wran\n")
    path = str(tmp_path / "securedefaults.cfg")
    for environ in ({"SECUREDEFAULTS_CONFIG": path}, {"SECUREDEFAULTS_MODE": "wran"}):
        result = python("-m", "securedefaults", *command, cwd=tmp_path, **environ)
        assert (result.returncode, result.stdout) == (2, "")
        assert re.fullmatch(r"securedefaults %s: error: .*, not 'wran'\n" % command[0], result.stderr)


# Ctrl-C


@pytest.mark.parametrize("name", cli.COMMANDS)
@pytest.mark.parametrize("at", ["_parser", "_found"])
def test_ctrl_c_before_a_command_has_begun(
    name: str, at: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, at, interrupt)
    arguments = [name, "x.py"] if at == "_parser" else ["another"]
    assert cli.main(arguments) == 130
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_while_the_commands_are_loaded() -> None:
    program = (
        "import runpy, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'securedefaults.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "runpy.run_module('securedefaults', run_name='__main__')\n"
    )
    result = python("-c", program)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")
