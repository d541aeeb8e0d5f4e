"""`pytest --securedefaults`: a project's own test run in warn or enforce mode, each in a process of its own."""

from __future__ import annotations

import importlib.util
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from programs import python
from programs import run as run_source

import securedefaults
from native import backport_only
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("they refuse without any option")

PACKAGE = str(Path(securedefaults.__file__).parent.parent)
PLUGIN = "securedefaults.pytest_plugin"

Project = Callable[..., "subprocess.CompletedProcess[str]"]

LOGIN = """
import os, smtplib

def login():
    with smtplib.SMTP_SSL("localhost", int(os.environ["PORT"]), timeout=10) as smtp:
        smtp.login(%r, %r)
""" % (USER, SECRET)
LINE = "program.py:5"

TEST = """
from program import login

def test_login():
    login()
"""
SWALLOWS = """
from program import login

def test_login():
    try:
        login()
    except OSError:
        pass
"""


@pytest.fixture
def project(tmp_path: Path, trust: Path) -> Project:
    """Runs pytest on a test file beside a program that logs in to a server."""

    def run(test: str, server: Server, *options: str, ini: str = "") -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.py").write_text(LOGIN)
        (tmp_path / "test_it.py").write_text(test)
        (tmp_path / "pytest.ini").write_text("[pytest]\n" + ini)
        plugins = ["-p", PLUGIN, "-p", "no:cacheprovider"]
        paths = {"PYTHONPATH": PACKAGE, "PORT": str(server.port), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        result = python("-m", "pytest", *plugins, *options, cwd=tmp_path, **paths)
        server.wait()
        return result

    return run


@pytest.fixture
def good(certs: Certificates) -> Iterator[Server]:
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        yield server


@pytest.fixture
def expired(certs: Certificates) -> Iterator[Server]:
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        yield server


def section(result: Any) -> str:
    """What the run said at its end."""
    parts = re.split(r"^=+ (.*?) =+$", result.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2])).get("securedefaults", "")


def test_off_costs_nothing(project: Project, expired: Server) -> None:
    test = (
        TEST
        + """
def test_modules():
    import sys
    ours = {name for name in sys.modules if name.startswith("securedefaults")}
    assert ours == {"securedefaults", "securedefaults.pytest_plugin"}
"""
    )
    result = project(test, expired)
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
    assert "securedefaults" not in result.stdout
    assert expired.credentials()


def test_warn_summarises(project: Project, expired: Server) -> None:
    result = project(TEST, expired, "--securedefaults=warn")
    assert result.returncode == 0, result.stdout
    text = section(result)
    assert "0 of 1 TLS connection ready" in text
    assert "smtp localhost:%d" % expired.port in text
    assert "certificate has expired (verify code 10)" in text
    assert LINE in text
    assert "[host localhost:%d]\n" % expired.port in text
    assert "fingerprint = sha256:" in text
    assert "WouldBeRefusedWarning" in result.stdout
    assert not result.stderr  # one summary is enough
    assert expired.credentials()


def test_enforce(project: Project, good: Server, certs: Certificates) -> None:
    result = project(TEST, good, "--securedefaults=enforce")
    assert result.returncode == 0, result.stdout
    assert good.credentials()
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = project(TEST, server, "--securedefaults=enforce")
        assert result.returncode == 1
        assert "1 failed" in result.stdout
        assert "(verify code 20)" in section(result)
        # before 3.10 `ssl` does not tell what was sent
        said = "cafile = " if hasattr(ssl._ssl, "Certificate") else "securedefaults check smtps://localhost:"  # type: ignore[attr-defined]
        assert said in section(result)
        assert not server.credentials()


def test_a_swallowed_refusal_fails_the_run(project: Project, expired: Server) -> None:
    result = project(SWALLOWS, expired, "--securedefaults=enforce")
    assert "1 passed" in result.stdout
    assert result.returncode == 1
    assert "1 certificate was refused in tests that are not marked securedefaults_refused" in section(result)
    assert not expired.credentials()


def test_an_expected_refusal_does_not(project: Project, expired: Server) -> None:
    marked = SWALLOWS.replace("def test", "import pytest\n@pytest.mark.securedefaults_refused\ndef test")
    result = project(marked, expired, "--securedefaults=enforce", "--strict-markers")
    assert result.returncode == 0, result.stdout
    assert "(verify code 10)" in section(result)
    assert "fails the run" not in section(result)
    assert project(marked, expired, "--strict-markers").returncode == 0


@pytest.mark.parametrize(("mode", "status"), [("warn", 0), ("enforce", 1)])
def test_without_a_terminal(mode: str, status: int, project: Project, expired: Server) -> None:
    result = project(SWALLOWS, expired, "-p", "no:terminal", "--securedefaults=" + mode)
    assert result.returncode == status
    assert "certificate has expired" in result.stderr


def test_ini(project: Project, expired: Server) -> None:
    result = project(SWALLOWS, expired, ini="securedefaults = enforce\n")
    assert result.returncode == 1
    assert not expired.credentials()
    result = project(SWALLOWS, expired, "--securedefaults=off", ini="securedefaults = enforce\n")
    assert result.returncode == 0
    assert not section(result)
    result = project(TEST, expired, ini="securedefaults = wran\n")
    assert result.returncode == 4
    assert "'wran'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_configuration(project: Project, good: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(tmp_path / "missing.cfg"))
    result = project(TEST, good, "--securedefaults=enforce")
    assert result.returncode == 4
    assert "missing.cfg" in result.stderr
    assert "Traceback" not in result.stderr


def test_collect_only(project: Project, good: Server) -> None:
    result = project(TEST, good, "--securedefaults=warn", "--collect-only")
    assert result.returncode == 0
    assert "test_login" in result.stdout
    assert not section(result)


def test_warnings_as_errors(project: Project, good: Server, expired: Server) -> None:
    """They are for what would be refused; the project's own line about the other category counts."""
    error = "filterwarnings =\n  error\n"
    result = project(TEST, good, "--securedefaults=warn", ini=error)
    assert result.returncode == 0, result.stdout
    assert "1 of 1 TLS connection ready" in section(result)
    own = error + "  error::securedefaults.UnverifiedDefaultWarning\n"
    assert project(TEST, good, "--securedefaults=warn", ini=own).returncode == 1
    for options, ini in (
        ((), error),
        (("-W", "error::securedefaults.WouldBeRefusedWarning"), ""),
    ):
        result = project(TEST, expired, "--securedefaults=warn", *options, ini=ini)
        assert result.returncode == 1
        assert "0 of 1 TLS connection ready" in section(result)
    assert not expired.credentials()


def test_what_a_test_does_ends_with_it(project: Project, expired: Server) -> None:
    test = """
import program, pytest, securedefaults

def test_restores():
    securedefaults.restore()
    program.login()

def test_is_protected_again():
    with pytest.raises(OSError):
        program.login()
    securedefaults.apply("warn")

def test_and_again():
    with pytest.raises(OSError):
        program.login()
"""
    result = project(test, expired, "--securedefaults=enforce")
    assert "3 passed" in result.stdout
    assert "2 certificates were refused" in section(result)
    assert [record.tls is not None for record in expired.records] == [True, False, False]


def test_the_line_is_never_of_pytest(project: Project, expired: Server) -> None:
    test = """
import os, pytest, smtplib

def test_login():
    pytest.raises(OSError, smtplib.SMTP_SSL, "localhost", int(os.environ["PORT"]))
"""
    result = project(test, expired, "--securedefaults=enforce")
    assert "test_it.py:5" in section(result)
    assert "_pytest" not in section(result)


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="needs pytest-xdist")
def test_xdist(project: Project, expired: Server) -> None:
    test = SWALLOWS + SWALLOWS.replace("test_login", "test_another")
    result = project(test, expired, "-p", "xdist.plugin", "-n2", "--securedefaults=enforce")
    assert result.returncode == 1, result.stdout
    assert "2 passed" in result.stdout
    assert "0 of 2 TLS connections ready" in section(result)
    assert "2 certificates were refused" in section(result)
    assert not expired.credentials()
    assert not result.stderr


@pytest.mark.skipif(importlib.util.find_spec("pytest_cov") is None, reason="needs pytest-cov")
@pytest.mark.parametrize("branch", [(), ("--cov-branch",)], ids=["lines", "branches"])
def test_pytest_cov(
    branch: Any, project: Project, expired: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both see what they are for: the lines that ran, and the certificate."""
    # it begins by erasing what was measured: not what is being measured of us
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / ".coverage"))
    options = ["-p", "pytest_cov", "--cov=program", "--cov-report=term", *branch]
    result = project(SWALLOWS, expired, *options, "--securedefaults=enforce")
    assert result.returncode == 1, result.stdout
    assert "1 certificate was refused" in section(result)
    assert LINE in section(result)
    # the login itself was never come to
    assert re.search(r"^program\.py +4 +1 .*75%$", result.stdout, re.MULTILINE), result.stdout
    assert not expired.credentials()
    assert not result.stderr


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="needs pytest-xdist")
def test_a_crashed_worker_is_told(project: Project, expired: Server) -> None:
    test = SWALLOWS + "    import os; os._exit(3)\n"
    result = project(test, expired, "-p", "xdist.plugin", "-n1", "--securedefaults=enforce")
    assert result.returncode == 1
    assert "what gw0 saw is lost" in section(result)


def test_the_entry_point(project: Project, expired: Server, root: Path, tmp_path: Path) -> None:
    """As installed: it is there without -p, and `-p no:securedefaults` keeps it out."""
    declared = (root / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\nsecuredefaults = "%s"\n' % PLUGIN in declared
    folder = tmp_path / "installed-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: installed\nVersion: 1\n")
    (folder / "entry_points.txt").write_text("[pytest11]\nsecuredefaults = %s\n" % PLUGIN)
    (tmp_path / "test_it.py").write_text("def test_nothing():\n    pass\n")
    arguments = ["-m", "pytest", "-p", "no:cacheprovider", "--help"]
    result = python(*arguments, cwd=tmp_path, PYTHONPATH=PACKAGE)
    assert "--securedefaults={warn,enforce,off}" in result.stdout
    result = python(*arguments, "-p", "no:securedefaults", cwd=tmp_path, PYTHONPATH=PACKAGE)
    assert result.returncode == 0
    assert "--securedefaults" not in result.stdout


def test_afterwards_all_is_as_before(tmp_path: Path) -> None:
    """For who calls pytest.main()."""
    (tmp_path / "test_it.py").write_text("def test_nothing():\n    pass\n")
    source = """
        import os, sys, pytest, securedefaults
        from securedefaults._install import autoload
        from securedefaults import _policy
        def run():
            assert pytest.main(["-q", "-p", %r, "-p", "no:cacheprovider", "--securedefaults=warn"]) == 0
        run()
        assert _policy.in_force is None
        os.environ["SECUREDEFAULTS_MODE"] = "enforce"
        ssl = sys.modules.pop("ssl", None)
        autoload.start()
        assert _policy.in_force is None
        if ssl:
            sys.modules["ssl"] = ssl
        run()
        assert _policy.in_force.mode == "enforce"  # ssl is imported by now
        securedefaults.apply(strict=False)
        run()
        assert _policy.in_force.mode == "enforce" and _policy.in_force.strict is False
    """
    options = {"PYTHONPATH": PACKAGE, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = run_source(source % PLUGIN, cwd=tmp_path, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("no TLS connection by default context was seen") == 3
