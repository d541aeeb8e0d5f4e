"""The start of an interpreter with securedefaults-autoload: who spoke first, and all that can be wrong by then."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from environments import MAIN, REFUSED, SENT, SOURCE, Environment

from native import backport_only
from securedefaults._names import ENFORCE, OFF
from securedefaults._policy import environment
from securedefaults._policy.policy import Policy
from wire.certs import Certificates

pytestmark = backport_only("it loads the backport")

pytest.importorskip("hatchling", reason="needs hatchling to build the wheel")

sys.path.insert(0, str(SOURCE))
try:
    import securedefaults_autoload as autoload
finally:
    sys.path.remove(str(SOURCE))

ON = "[securedefaults]\nmode = enforce\n"
RULE = "[host other.test]\nverify = no\nreason = no mode here\n"

windows = sys.platform == "win32"


@pytest.fixture
def unknown(certs: Certificates) -> Any:
    return certs["unknown CA"].context


def file(folder: Path, content: str, encoding: str = "utf-8") -> str:
    path = folder / "some.cfg"
    path.write_text(content, encoding=encoding)
    return str(path)


# What is read


@pytest.mark.parametrize("flag", ["-E", "-I", "-S"])
def test_flags(flag: str, there: Environment, login: Any) -> None:
    """Not even a file that does not exist is looked for."""
    source = "import sys; sys.path.append(%r); " % str(there.site) + MAIN
    assert login(flag, "-c", source, SECUREDEFAULTS_MODE="enforce", SECUREDEFAULTS_CONFIG="/no/such") == SENT


@pytest.mark.skipif(windows, reason="there is no such file")
@pytest.mark.parametrize("flag", ["-s", "-E", "-I"])
def test_the_machines_file(flag: str, there: Environment, login: Any, tmp_path: Path) -> None:
    """It counts under -E and -I too. Here it is another file, which takes -S to say before `site` is through."""
    source = "import sys; sys.path.append(%r); " % str(there.site)
    source += "import securedefaults._policy.environment as environment, securedefaults_autoload as autoload; "
    source += "environment.MACHINE_FILE = autoload.MACHINE_FILE = %r; autoload.start(); " % file(tmp_path, ON)
    assert login(flag, "-S", "-c", source + MAIN, SECUREDEFAULTS_MODE="off") == (SENT if flag == "-s" else REFUSED)


def test_the_two_distributions_agree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the one finds without importing the other is what the other finds."""
    assert autoload.MODE_VARIABLE == environment.MODE_VARIABLE
    assert autoload.CONFIG_VARIABLE == environment.CONFIG_VARIABLE
    assert autoload.MACHINE_FILE == environment.MACHINE_FILE
    contents = {"on": ON, "off": "[securedefaults]\nmode = off\n", "rule": RULE, "broken": "mode"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    paths = [str(tmp_path / name) for name in (*contents, "missing")]
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith(("_", "n_"))}
    seen = set()
    for machine in paths:
        monkeypatch.setattr(environment, "MACHINE_FILE", machine)
        monkeypatch.setattr(autoload, "MACHINE_FILE", machine)
        for config in ["", *paths]:
            for mode in ("", "off", "warn", "enforce", "enfroce"):
                monkeypatch.setenv("SECUREDEFAULTS_MODE", mode)
                monkeypatch.setenv("SECUREDEFAULTS_CONFIG", config)
                for ignored in (0, 1):
                    with monkeypatch.context() as patch:
                        patch.setattr(sys, "flags", types.SimpleNamespace(**{**flags, "ignore_environment": ignored}))
                        assert autoload.config_path() == environment.config_path()
                        seen.add((autoload.configured(), autoload._asked(), does_something()))
    # The first: if it is not configured, nothing is done; a file may ask for nothing. The others agree, but that
    # securedefaults reads the file although the mode in the environment is "off".
    assert seen == {(True, True, True), (True, False, False), (False, False, False), (False, False, None)}


def does_something() -> Optional[bool]:
    """None if it is off, but for a broken file."""
    try:
        return Policy(otherwise=OFF).mode != OFF
    except ValueError:
        return None if environment.environment("SECUREDEFAULTS_MODE") == "off" else Policy.plain().mode == ENFORCE


BROKEN: Dict[str, Any] = {
    "syntax": (ON.replace("]", ""), "utf-8", ":1: "),
    "encoding": (ON, "utf-16", "cannot be read"),
    "rule": ("[securedefaults]\nmode = warn\n[host a]\nverify = perhaps\n", "utf-8", "must be yes or no"),
    "duplicate": (ON + "[securedefaults]\nmode = off\n", "utf-8", ":3: "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_said_in_one_line(name: str, there: Environment, unknown: Any, tmp_path: Path) -> None:
    content, encoding, said = BROKEN[name]
    environ = {"SECUREDEFAULTS_CONFIG": file(tmp_path, content, encoding)}
    result = there.run("-c", "import ssl", **environ)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("securedefaults: ")
    assert said in line
    assert there.login(unknown, "-c", MAIN, stderr=line + "\n", **environ) == REFUSED


FULL = "type('Full', (), {'write': lambda self, text: open('no such file')})()"


@pytest.mark.parametrize("stderr", ["None", FULL], ids=["none", "full"])
def test_nobody_hears_it(stderr: str, login: Any) -> None:
    """Nor is that an exception of `import ssl`, after which a second import would find nobody waiting."""
    source = "import sys; kept = sys.stderr; sys.stderr = %s; import ssl; sys.stderr = kept; " % stderr
    assert login("-c", source + MAIN, SECUREDEFAULTS_MODE="enfroce") == REFUSED


def test_a_module_of_the_program_is_in_the_way(login: Any, tmp_path: Path) -> None:
    """Whatever error comes of it: `import ssl` has none, and safety is not lost."""
    (tmp_path / "configparser.py").write_text("raise KeyError('of the program')\n")
    source = "import sys; sys.path.insert(0, %r); " % str(tmp_path) + MAIN
    stderr = "securedefaults: 'of the program'; enforcing without any configuration\n"
    assert login("-c", source, stderr=stderr, SECUREDEFAULTS_CONFIG=file(tmp_path, ON)) == REFUSED


# Who spoke


def test_start_up_files_once_more(login: Any, there: Environment) -> None:
    """They do not override what the program has said since."""
    again = "import site, sys; before = list(sys.meta_path); site.addsitedir(%r); " % str(there.site)
    source = "import securedefaults; securedefaults.restore(); "
    assert login("-c", source + again + MAIN, SECUREDEFAULTS_MODE="enforce") == SENT
    assert login("-c", "import ssl; " + source + again + MAIN, SECUREDEFAULTS_MODE="enforce") == SENT
    assert login("-c", again + MAIN, SECUREDEFAULTS_MODE="enforce") == REFUSED


def test_another_start_up_file_came_first(own: Environment, unknown: Any) -> None:
    own.write("aaa.pth", "import securedefaults; securedefaults.apply('enforce')\n")
    assert own.login(unknown, "-c", MAIN, SECUREDEFAULTS_MODE="warn") == REFUSED
    own.write("aaa.pth", "import smtplib\n")
    assert own.login(unknown, "-c", MAIN, SECUREDEFAULTS_MODE="enforce") == REFUSED
    assert own.login(unknown, "-c", MAIN) == SENT


def test_what_the_program_sets_later_is_read_later(login: Any, certs: Certificates, tmp_path: Path) -> None:
    """The trust store is that of the first connection."""
    (tmp_path / "other.pem").write_bytes(certs.unknown.pem)
    source = "import os, ssl; os.environ['SSL_CERT_FILE'] = %r; " % str(tmp_path / "other.pem")
    assert login("-c", source + MAIN, SECUREDEFAULTS_MODE="enforce") == SENT
    assert login("-c", MAIN, SECUREDEFAULTS_MODE="enforce") == REFUSED


@pytest.mark.skipif(windows, reason="there a script needs a launcher")
def test_console_scripts(own: Environment, unknown: Any) -> None:
    script = own.scripts / "mailer"
    script.write_text("#!%s\n%s\n" % (own.python, MAIN))
    script.chmod(0o755)
    source = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    assert own.login(unknown, "-c", source, script, SECUREDEFAULTS_MODE="enforce") == REFUSED
    assert own.login(unknown, "-c", source, script) == SENT


# What is wrong

ABSENT = "securedefaults-autoload: the certificates of mail, FTP and news servers are NOT verified by default, although"


def test_securedefaults_is_missing(own: Environment, unknown: Any, tmp_path: Path) -> None:
    (own.site / "securedefaults").rename(tmp_path / "gone")
    silent: List[Dict[str, str]] = [{}, {"SECUREDEFAULTS_CONFIG": file(tmp_path, RULE)}]
    for environ in silent:
        assert own.login(unknown, "-c", MAIN, **environ) == SENT, environ
    asked = [{"SECUREDEFAULTS_MODE": "warn"}, {"SECUREDEFAULTS_CONFIG": file(tmp_path, ON)}]
    asked += [{"SECUREDEFAULTS_CONFIG": "/no/such.cfg"}]
    for environ in asked:
        assert "No module named 'securedefaults'" in complaint(own, **environ)


@pytest.mark.parametrize("code", ["raise RuntimeError('one\\ntwo')", "no Python", "start = None"])
def test_securedefaults_is_broken(code: str, own: Environment) -> None:
    own.write("securedefaults/_install/autoload.py", code)
    assert "Error: " in complaint(own, SECUREDEFAULTS_MODE="enforce")


def complaint(environment: Environment, **environ: str) -> str:
    """The one line that it says, and starts nevertheless."""
    result = environment.run("-c", "print('started')", **environ)
    assert (result.stdout, result.returncode) == ("started\n", 0)
    (line,) = result.stderr.splitlines()
    assert line.startswith(ABSENT)
    return line


@pytest.mark.skipif(windows, reason="by a shell")
def test_stderr_is_closed(own: Environment) -> None:
    own.write("securedefaults/_install/autoload.py", "no Python")
    command = "exec '%s' -c 'print(1)' 2>&-" % own.python
    result = own.command("sh", "-c", command, SECUREDEFAULTS_MODE="enforce")
    assert (result.stdout, result.returncode) == ("1\n", 0)


# The two files


@pytest.mark.parametrize("kind", ["pth", "start"])
def test_either_file_alone(kind: str, own: Environment, unknown: Any) -> None:
    """PEP 829: `import` lines do it up to Python 3.17, entry points since 3.15."""
    (own.site / ("securedefaults-autoload." + {"pth": "start", "start": "pth"}[kind])).unlink()
    does_it = sys.version_info < (3, 18) if kind == "pth" else sys.version_info >= (3, 15)
    assert own.login(unknown, "-c", MAIN, SECUREDEFAULTS_MODE="enforce") == (REFUSED if does_it else SENT)


def test_both_files_are_one(own: Environment) -> None:
    """But that virtual environments before 3.15 read every .pth file twice, for which `start()` is prepared."""
    own.write("securedefaults_autoload.py", "def start():\n    print('start')\n")
    assert own.run("-c", "").stdout.split() == ["start"] * (1 if sys.version_info >= (3, 15) else 2)
