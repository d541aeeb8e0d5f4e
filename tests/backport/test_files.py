"""Paths that lead to no ordinary file: nothing waits for them, and what is said names the file and what to do."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest
from programs import run

import securedefaults
from native import backport_only
from securedefaults import HostRule
from securedefaults._observe import events, roots
from securedefaults._policy import config, files
from wire.certs import Certificates
from wire.servers import Server

pytestmark = [
    backport_only("the files are the backport's"),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name"),
]

#: ends a program that waits
ALARM = "import signal, sys; signal.alarm(20); "


def pipe(path: Path) -> None:
    os.mkfifo(str(path))


def huge(path: Path) -> None:
    path.touch()
    os.truncate(str(path), 1 << 31)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        os.chdir(str(path.parent))  # its path may not be long
        sock.bind(path.name)


def unreadable(path: Path) -> None:
    path.touch(0)
    if os.access(str(path), os.R_OK):
        pytest.skip("root may read anything")


def device(name: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        if not os.path.exists(name):
            pytest.skip("there is no " + name)
        path.symlink_to(name)

    return make


KINDS: Dict[str, Callable[[Path], None]] = {
    "a pipe": pipe,
    "a pipe with a silent writer": pipe,
    "a socket": unix_socket,
    "a folder": Path.mkdir,
    "a huge file": huge,
    "an unreadable file": unreadable,
    "a broken link": lambda path: path.symlink_to("nowhere"),
    "/dev/zero": device("/dev/zero"),
    "/dev/tty": device("/dev/tty"),
}


@pytest.fixture(params=KINDS)
def path(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "odd"
    KINDS[request.param](path)
    if request.param != "a pipe with a silent writer":
        yield path
        return
    descriptor = os.open(str(path), os.O_RDWR)
    try:
        yield path
    finally:
        os.close(descriptor)


def kind_of(request: Any) -> str:
    return str(request.node.callspec.params["path"])


def test_as_the_configuration(path: Path) -> None:
    result = run(ALARM + "import securedefaults; securedefaults.apply()", SECUREDEFAULTS_CONFIG=str(path))
    last = result.stderr.splitlines()[-1]
    assert last.startswith("securedefaults.ConfigurationError: the configuration file %s cannot be read" % path)
    assert "mend it, or unset SECUREDEFAULTS_CONFIG" in last


AUTOLOAD = Path(__file__).resolve().parents[2] / "backport" / "autoload"
START = ALARM + "sys.path.insert(0, %r); import securedefaults_autoload; securedefaults_autoload.start(); " % str(
    AUTOLOAD
)


def test_as_the_configuration_at_the_start(path: Path) -> None:
    """Without a word of it in the program: `import ssl` neither waits nor fails, and there is protection."""
    source = START + "import ssl, securedefaults; print(securedefaults.status().mode)"
    result = run(source, SECUREDEFAULTS_CONFIG=str(path))
    assert result.stdout == "enforce\n", result.stderr
    (line,) = result.stderr.splitlines()
    assert str(path) in line
    assert "enforcing without any configuration" in line


def test_as_the_configuration_where_the_package_is_missing(path: Path) -> None:
    source = "import sys; sys.modules['securedefaults'] = None\n" + START + "import ssl; print('started')"
    result = run(source, SECUREDEFAULTS_CONFIG=str(path))
    assert result.stdout == "started\n", result.stderr
    if not path.is_file():
        assert "NOT verified by default" in result.stderr


def test_as_the_ca_file_of_a_rule(path: Path) -> None:
    source = ALARM + "import securedefaults; securedefaults.HostRule('mail.lan', cafile=sys.argv[1])"
    result = run(source, path)
    assert str(path) in result.stderr.splitlines()[-1]
    assert result.stderr.splitlines()[-1].split(":")[0].endswith("Error")


@pytest.mark.parametrize("arguments", [["config", "check"], ["check", "--file"]], ids=" ".join)
def test_as_the_file_of_a_command(arguments: Any, path: Path) -> None:
    source = ALARM + "from securedefaults import cli; sys.exit(cli.main(sys.argv[1:]))"
    result = run(source, *arguments, path)
    assert result.returncode in (1, 2)
    assert str(path) in result.stdout + result.stderr
    assert "cannot be read" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_as_a_log_to_report_on(path: Path, request: Any) -> None:
    if kind_of(request) == "a huge file":
        pytest.skip("a log has no end of its own; lines have")
    source = ALARM + "from securedefaults import cli; sys.exit(cli.main(sys.argv[1:]))"
    result = run(source, "report", path)
    assert result.returncode == 2
    assert "%s cannot be read: " % path in result.stderr
    assert "- is standard input" in result.stderr
    assert "Traceback" not in result.stderr


def test_as_the_page_of_a_report(path: Path, request: Any, tmp_path: Path) -> None:
    log = tmp_path / "seen.jsonl"
    events.write(events.Observation(events.now(), "warn", "SMTP", "e", "mail.lan", 587, "accepted"), str(log))
    source = ALARM + "from securedefaults import cli; sys.exit(cli.main(sys.argv[1:]))"
    result = run(source, "report", "--html", path, log)
    if kind_of(request) in ("a broken link", "an unreadable file"):
        return  # a page can be made there, or not, as anywhere
    assert result.returncode == 2
    assert "%s cannot be written: " % path in result.stderr
    assert "Traceback" not in result.stderr


def test_as_the_log(path: Path, request: Any, certs: Certificates, trust: Path) -> None:
    events._complained.clear()
    securedefaults.apply(log=path)
    finished = threading.Event()

    def connect() -> None:
        smtplib.SMTP_SSL("localhost", server.port, "localhost", timeout=10).quit()
        finished.set()

    with Server("SMTP", certs["good"].context, implicit=True) as server:
        thread = threading.Thread(target=connect, daemon=True)
        thread.start()
        assert finished.wait(20)
    if kind_of(request) not in ("a huge file", "an unreadable file"):
        assert events._complained == {str(path)}


def test_as_the_bundle_of_the_platform(path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> None:
    """What is wrong with it is looked for while a refusal is explained."""
    roots._bundles.clear()
    if kind_of(request) == "a broken link":
        pytest.skip("Python takes the name for none")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    found = []
    thread = threading.Thread(target=lambda: found.extend(roots.problems()), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    if kind_of(request) != "an unreadable file":
        assert "The CA bundle %s cannot be read" % path in found[0]


def test_a_pipe_is_run_as_python_runs_it(tmp_path: Path) -> None:
    """Nobody takes from it before: a shell's `<(...)` is one."""
    script = tmp_path / "script"
    os.mkfifo(str(script))
    command = [sys.executable, "-c", ALARM + "from securedefaults import cli; sys.exit(cli.main(sys.argv[1:]))"]
    process = subprocess.Popen([*command, "run", str(script)], stdout=subprocess.PIPE, text=True)
    with open(script, "w") as file:
        file.write("print('from a pipe')")
    assert process.communicate(timeout=60) == ("from a pipe\n", None)


# The helper


def test_what_becomes_something_else_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.touch()
    ordinary = os.stat(str(path))
    path.unlink()
    os.mkfifo(str(path))
    monkeypatch.setattr(os, "stat", lambda path: ordinary)
    with pytest.raises(OSError, match="it is a pipe"):
        files.open_file(str(path))


def test_no_descriptor_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_what_becomes_something_else_meanwhile(tmp_path, monkeypatch)
    monkeypatch.undo()
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    for _ in range(3):
        with pytest.raises(OSError, match="it is a pipe"):
            files.open_file(str(tmp_path / "file"))
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(end: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(("\ufeffa%sb" % end).encode("utf-8"))
    assert files.read_text(str(tmp_path / "file"), 100) == "a\nb"


def test_as_long_as_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(100))
    assert files.read_file(str(path), 100) == bytes(100)
    with pytest.raises(OSError, match="more than 99 bytes") as caught:
        files.read_file(str(path), 99)
    assert caught.value.filename == str(path)


def test_a_rule_whose_file_is_there(tmp_path: Path, certs: Certificates) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    assert HostRule("mail.lan", cafile=tmp_path / "ca.pem").cafile == str(tmp_path / "ca.pem")
    assert config.parse("[host a]\ncafile = ca.pem", str(tmp_path / "cfg")).rules[0].cafile == str(tmp_path / "ca.pem")
