"""securedefaults-autoload: nothing until it is configured, everywhere when it is, and gone when it is uninstalled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import types
import venv
import zipfile
from pathlib import Path
from typing import Any, List, Set, Tuple

import pytest

import securedefaults
from native import backport_only
from securedefaults import _autoload, _environment, _hooks, _state
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("it loads the backport")

pytest.importorskip("hatchling", reason="needs hatchling to build the wheel")

ROOT = Path(__file__).resolve().parent.parent.parent

PROGRAM = """
import logging, smtplib, ssl, sys

logging.getLogger("securedefaults").disabled = True  # before 3.11 refusals are explained there

def main():
    try:
        with smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost", timeout=10) as smtp:
            smtp.login(%r, %r)
    except ssl.SSLCertVerificationError as exc:
        print("refused", exc.verify_code, flush=True)
    else:
        print("sent", flush=True)
""" % (USER, SECRET)

REFUSED, SENT = ("refused 20", False), ("sent", True)


class Environment:
    """A venv with the package, and the wheel of its autoload."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "venv", symlinks=os.name != "nt", with_pip=False)
        self.python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        (self.site,) = (folder / "venv").glob("Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages")
        package = Path(securedefaults.__file__).parent
        shutil.copytree(package, self.site / "securedefaults", ignore=shutil.ignore_patterns("__pycache__"))
        (self.site / "program.py").write_text(PROGRAM, encoding="utf-8")
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
        subprocess.run(command, cwd=ROOT / "backport" / "autoload", check=True, capture_output=True, timeout=60)
        (self.wheel,) = (folder / "dist").glob("*.whl")

    def pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *arguments]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        subprocess.run(command, check=True, capture_output=True, timeout=60, env=environ)

    def files(self) -> Set[str]:
        found = (path.relative_to(self.site).as_posix() for path in self.site.rglob("*"))
        return {path for path in found if "__pycache__" not in path}

    def run(self, *arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SECUREDEFAULTS_"))}
        return subprocess.run(
            [str(self.python), *map(str, arguments)],
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Without the autoload."""
    return Environment(tmp_path_factory.mktemp("without"))


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With it."""
    environment = Environment(tmp_path_factory.mktemp("there"))
    with zipfile.ZipFile(environment.wheel) as wheel:
        wheel.extractall(environment.site)
    return environment


@pytest.fixture
def login(there: Environment, certs: Certificates, trust: Path) -> Any:
    """What a program printed, and whether the server, whose CA nobody knows, got a password; nothing else was said."""

    def call(*arguments: object, stderr: str = "", **environ: str) -> Tuple[str, bool]:
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            result = there.run(*arguments, server.port, **environ)
        assert server.records, result.stderr
        assert result.stderr == stderr
        return result.stdout.strip(), bool(server.credentials())

    return call


MAIN = "import sys; from program import main; main()"


def config(folder: Path, text: str) -> str:
    path = folder / "securedefaults.cfg"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_is_in_the_wheel(there: Environment) -> None:
    with zipfile.ZipFile(there.wheel) as wheel:
        names = [name for name in wheel.namelist() if ".dist-info/" not in name]
        lines = {name: wheel.read(name).decode("ascii") for name in names}
    assert set(lines) == {"securedefaults-autoload.pth", "securedefaults-autoload.start"}
    assert lines["securedefaults-autoload.pth"].startswith("import ")
    assert lines["securedefaults-autoload.pth"].count("\n") == 1


def test_without_configuration_nothing(login: Any, there: Environment) -> None:
    assert login("-c", MAIN) == SENT
    source = (
        "import sys; print(sorted(name for name in sys.modules if name.startswith('securedefaults')), sys.meta_path)"
    )
    result = there.run("-c", source)
    assert "Watcher" not in result.stdout
    assert result.stdout.startswith("['securedefaults', 'securedefaults._autoload', 'securedefaults._environment'] ")


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
    text = "securedefaults: %s\nsecuredefaults: enforcing without any configuration\n" % said
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


def test_nothing_is_imported_at_the_start(there: Environment) -> None:
    """Armed, and yet: no more modules than the few of the package itself."""
    source = "import sys; print('\\n'.join(sys.modules))"
    bare = set(there.run("-c", source).stdout.split())
    armed = set(there.run("-c", source, SECUREDEFAULTS_MODE="enforce").stdout.split())
    assert {name for name in armed - bare if not name.startswith("securedefaults")} == set()
    assert "ssl" not in armed


def test_installed_and_uninstalled(without: Environment, certs: Certificates) -> None:
    before = without.files()
    without.pip("install", "--no-index", "--no-deps", str(without.wheel))
    try:
        assert "securedefaults-autoload.pth" in without.files()
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            result = without.run("-c", MAIN, server.port, SECUREDEFAULTS_MODE="enforce")
        assert result.stdout == "refused 20\n", result.stderr
        assert not server.credentials()
    finally:
        without.pip("uninstall", "-y", "securedefaults-autoload")
    assert without.files() == before


# In this process


def test_the_machines_file_counts_where_the_environment_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    applied: List[bool] = []
    monkeypatch.setattr(_hooks, "apply_configured", lambda: applied.append(True))
    monkeypatch.setattr(_environment, "MACHINE_FILE", str(tmp_path / "machine.cfg"))
    _autoload.start()
    assert not applied
    (tmp_path / "machine.cfg").touch()
    _autoload.start()
    assert len(applied) == 1
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "off")
    _autoload.start()
    assert len(applied) == 1
    monkeypatch.setattr(sys, "flags", types.SimpleNamespace(ignore_environment=1))  # as under -E
    _autoload.start()
    assert len(applied) == 2


def test_twice_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "enforce")
    _autoload.start()
    policy = _state.policy
    finders = list(sys.meta_path)
    _autoload.start()
    assert _state.policy is policy is not None
    assert sys.meta_path == finders


def test_twice_is_once_while_it_waits(there: Environment) -> None:
    source = """
        import sys, securedefaults._autoload as autoload
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
