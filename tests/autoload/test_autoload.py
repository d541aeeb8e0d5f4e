"""securedefaults-autoload: nothing until it is configured, everywhere when it is, and gone when it is uninstalled."""

from __future__ import annotations

import os
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest
from environments import MAIN, REFUSED, ROOT, SENT, Environment

from native import backport_only
from securedefaults import _policy
from securedefaults._install import autoload
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("it loads the backport")

pytest.importorskip("hatchling", reason="needs hatchling to build the wheel")


def config(folder: Path, text: str) -> str:
    path = folder / "securedefaults.cfg"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        lines = {name: archive.read(name).decode("ascii") for name in names}
        licenses = [archive.read(name) for name in archive.namelist() if name.endswith("/LICENSE")]
    stem = "securedefaults-autoload"
    assert set(lines) == {stem + ".pth", stem + ".start", "securedefaults_autoload.py"}
    assert lines[stem + ".pth"] == "import securedefaults_autoload; securedefaults_autoload.start()\n"
    assert lines[stem + ".start"] == "securedefaults_autoload:start\n"
    assert licenses == [(ROOT / "LICENSE").read_bytes()]


@pytest.mark.parametrize("mode", ["", "off"])
def test_without_configuration_nothing(mode: str, login: Any, there: Environment) -> None:
    assert login("-c", MAIN, SECUREDEFAULTS_MODE=mode) == SENT
    source = "import sys; print(*(name for name in sys.modules if name.startswith('secure'))); print(sys.meta_path)"
    modules, finders = there.run("-c", source, SECUREDEFAULTS_MODE=mode).stdout.splitlines()
    assert modules == "securedefaults_autoload"
    assert finders == there.run("-S", "-c", source).stdout.splitlines()[1]


def test_without_the_autoload_nothing(without: Environment, certs: Certificates) -> None:
    """The package alone is inert, whatever is configured."""
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = without.run("-c", MAIN, server.port, SECUREDEFAULTS_MODE="enforce")
    assert (result.stdout, result.stderr) == ("sent\n", "")
    assert server.credentials()


def test_by_the_environment(login: Any) -> None:
    assert login("-c", MAIN, SECUREDEFAULTS_MODE="enforce") == REFUSED
    assert login("-E", "-c", MAIN, SECUREDEFAULTS_MODE="enforce") == SENT
    assert login("-I", "-c", MAIN, SECUREDEFAULTS_MODE="enforce") == SENT
    assert login("-c", MAIN, SECUREDEFAULTS_MODE="off") == SENT


#: Programs in which it is the client that imports `ssl`, when there is nothing in its own module yet.
CLIENTS_FIRST = {
    "SMTP": "import smtplib\nclient = lambda: smtplib.SMTP('localhost', port)",
    "IMAP": "import imaplib\nclient = lambda: imaplib.IMAP4('localhost', port)",
    "POP3": "import poplib\nclient = lambda: poplib.POP3('localhost', port)",
    "FTP": "import ftplib\nclient = lambda: FTP()\n"
    "class FTP(ftplib.FTP_TLS):\n"
    "    def __init__(self): super().__init__(); self.connect('localhost', port)\n"
    "    def login(self, user, password): super().login(user, password, secure=False)\n",
}
COMING_BACK = """
import sys
assert "ssl" not in sys.modules
port = int(sys.argv[1])
%s
one = client()
try:
    (getattr(one, "starttls", None) or getattr(one, "stls", None) or one.auth)()
except OSError as exc:
    print("refused", exc.verify_code)
other = client()
try:
    if hasattr(other, "login"):
        other.login(%r, %r)
    else:
        other.user(%r)
except OSError as exc:
    print("and no login", exc.verify_code)
"""


@pytest.mark.parametrize("protocol", CLIENTS_FIRST)
def test_a_client_that_imports_ssl_itself(protocol: str, there: Environment, certs: Certificates, trust: Path) -> None:
    """It is protected to the last method, and logs in to nobody in clear text after a refusal."""
    with Server(protocol, certs["unknown CA"].context) as server:
        source = COMING_BACK % (CLIENTS_FIRST[protocol], USER, SECRET, USER)
        result = there.run("-c", source, server.port, SECUREDEFAULTS_MODE="enforce")
    assert server.credentials() == []
    assert result.stdout == "refused 20\nand no login 20\n", result.stderr


def test_warn_mode(there: Environment, certs: Certificates, tmp_path: Path, trust: Path) -> None:
    log = tmp_path / "log.jsonl"
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = there.run("-c", MAIN, server.port, SECUREDEFAULTS_MODE="warn", SECUREDEFAULTS_LOG=str(log))
    assert server.credentials()
    assert result.stdout == "sent\n"
    assert "program.py:8: WouldBeRefusedWarning: smtplib got no SSL context" in result.stderr
    assert '"verdict":"refused","code":20' in log.read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("text", "mode", "outcome"),
    [
        ("[securedefaults]\nmode = enforce\n", "", REFUSED),
        ("[securedefaults]\nmode = off\n", "", SENT),
        ("[securedefaults]\nstrict = no\n", "", SENT),
        ("[host localhost]\nverify = no\n", "", SENT),
        ("[securedefaults]\nmode = off\n", "enforce", REFUSED),
        ("[securedefaults]\nmode = enforce\n", "off", SENT),
        ("[securedefaults]\nmode = enforce\n[host localhost]\nverify = no\n", "", SENT),
        # to read this rule takes ssl, which is only just being imported
        ("[securedefaults]\nmode = enforce\n[host other.lan]\ncafile = ca.pem\n", "", REFUSED),
    ],
)
def test_by_the_file(text: str, mode: str, outcome: Any, login: Any, certs: Certificates, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    environ = {"SECUREDEFAULTS_CONFIG": config(tmp_path, text), "SECUREDEFAULTS_MODE": mode}
    assert login("-c", MAIN, **environ) == outcome


@pytest.mark.parametrize("name", ["typing error in the file", "typing error in the mode", "the file is gone"])
def test_what_is_wrong_is_said_and_costs_no_safety(name: str, login: Any, tmp_path: Path) -> None:
    environ = {"SECUREDEFAULTS_CONFIG": config(tmp_path, "[securedefaults]\nmode = warn\n")}
    path = environ["SECUREDEFAULTS_CONFIG"]
    if name == "typing error in the file":
        config(tmp_path, "[securedefaults]\nmode = wran\n")
        said = "%s:2: [securedefaults] mode: must be one of enforce, warn, off, not 'wran'" % path
    elif name == "typing error in the mode":
        environ["SECUREDEFAULTS_MODE"] = "wran"
        said = "the environment variable SECUREDEFAULTS_MODE must be one of 'enforce', 'warn', 'off', not 'wran'"
    else:
        os.unlink(path)
        said = "the configuration file %s cannot be read: [Errno 2] No such file or directory: '%s'; mend it, or unset "
        said = said % (path, path) + "SECUREDEFAULTS_CONFIG"
    text = "securedefaults: %s; enforcing without any configuration\n" % said
    assert login("-c", MAIN, stderr=text, **environ) == REFUSED


def test_what_is_wrong_is_not_said_where_tls_is_not_used(there: Environment) -> None:
    result = there.run("-c", "print('done')", SECUREDEFAULTS_MODE="wran")
    assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("import securedefaults; securedefaults.restore(); ", SENT),
        ("import ssl, securedefaults; securedefaults.restore(); ", SENT),
        ("import securedefaults; securedefaults.apply('enforce'); ", REFUSED),
        ("import securedefaults; assert securedefaults.status().mode == 'enforce'; ", REFUSED),
        ("import smtplib, imaplib; from smtplib import SMTP_SSL; ", REFUSED),
        ("import importlib.util; importlib.util.find_spec('ssl'); importlib.util.find_spec('ssl'); ", REFUSED),
        (
            "import importlib.util, sys; importlib.util.find_spec('ssl'); import securedefaults; "
            "securedefaults.restore(); ",
            SENT,
        ),
        (
            "import sys, ssl; SSL = ssl.SSLContext; import smtplib; assert sys.modules['ssl'].SSLContext is SSL; ",
            REFUSED,
        ),
    ],
)
def test_the_program_has_the_last_word(source: str, outcome: Any, login: Any) -> None:
    assert login("-c", source + MAIN, SECUREDEFAULTS_MODE="enforce") == outcome


def test_children(login: Any, tmp_path: Path) -> None:
    """A process that a process starts, and multiprocessing's ways to start one."""
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', %r, sys.argv[1]], timeout=30)" % MAIN
    assert login("-c", child, SECUREDEFAULTS_MODE="enforce") == REFUSED
    source = """
        import multiprocessing, program
        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=program.main)
            process.start()
            process.join(30)
    """
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(source), encoding="utf-8")
    assert login(script, SECUREDEFAULTS_MODE="enforce") == REFUSED


@pytest.mark.parametrize("by", ["MODE", "CONFIG"])
def test_nothing_is_imported_at_the_start(by: str, there: Environment, tmp_path: Path) -> None:
    """Armed, and yet: no more modules than two small ones of the package."""
    value = "enforce" if by == "MODE" else config(tmp_path, "[securedefaults]\nmode = enforce\n")
    source = "import sys; print(*sys.modules)"
    bare = there.run("-c", source).stdout.split()
    armed = there.run("-c", source, **{"SECUREDEFAULTS_" + by: value}).stdout.split()
    assert set(armed) - set(bare) == {"securedefaults", "securedefaults._install", "securedefaults._install.autoload"}


def test_installed_and_uninstalled(without: Environment, wheel: Path, certs: Certificates) -> None:
    before = without.files()
    without.pip("install", "--no-index", "--no-deps", str(wheel))
    try:
        assert "securedefaults-autoload.pth" in without.files()
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            result = without.run("-c", MAIN, server.port, SECUREDEFAULTS_MODE="enforce")
        assert result.stdout == "refused 20\n", result.stderr
        assert not server.credentials()
        assert any(name.startswith("__pycache__/securedefaults_autoload.") for name in without.files())
    finally:
        without.pip("uninstall", "-y", "securedefaults-autoload")
    assert without.files() == before
    assert without.run("-c", "", SECUREDEFAULTS_MODE="enforce").stderr == ""


# In this process


def test_twice_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "enforce")
    autoload.start()
    policy = _policy.in_force
    finders = list(sys.meta_path)
    autoload.start()
    assert _policy.in_force is policy is not None
    assert sys.meta_path == finders


def test_twice_is_once_while_it_waits(there: Environment) -> None:
    source = """
        import sys, securedefaults._install.autoload as autoload
        finders = list(sys.meta_path)
        autoload.start()
        assert sys.meta_path == finders
        import ssl
        autoload.start()
        assert len(sys.meta_path) == len(finders)
        import securedefaults
        securedefaults.restore()
        assert len(sys.meta_path) == len(finders) - 1
    """
    result = there.run("-c", textwrap.dedent(source), SECUREDEFAULTS_MODE="enforce")
    assert (result.returncode, result.stderr) == (0, "")
