"""`test --thorough`: what it runs, what it makes of the results, and its server for test_smtpnet."""

from __future__ import annotations

import smtplib
import ssl
import subprocess
from pathlib import Path
from typing import Any, Dict, List

import pytest
from seriestool import cli, model, prefix, status, thorough


def test_jobs(here: Any) -> None:
    """The new file from the stage on that brings it; leaks only with a debug build."""
    branch = model.branch_of(here.version)
    whole = branch.select(here.version, model.EVERYWHERE)
    before = thorough.jobs(here, (), leaks=False, address=None)
    assert model.NEW_TESTS not in before
    assert "test_smtpnet" not in before
    assert "-R" not in before["test_smtplib"]
    after = thorough.jobs(here, whole, leaks=True, address="127.1.2.3")
    assert set(after) == {*before, model.NEW_TESTS, "test_smtpnet"}
    assert after[model.NEW_TESTS][:2] == ["-W", "error"]
    assert " ".join(after[model.NEW_TESTS]).endswith("-R 3:3 %s" % model.NEW_TESTS)
    assert "--fail-env-changed" in after["test_imaplib"]
    assert "--randomize" in after["test_imaplib"]
    assert "-R" not in after["test_asyncio"]
    assert "-R" not in after["test_ssl"]
    assert "--fail-env-changed" in after["test_ssl"]


def test_a_debug_build(here: Any) -> None:
    command = [str(here.python), "-c", "import sys; print(hasattr(sys, 'gettotalrefcount'))"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert thorough.counts_references(here) == (said == "True")


@pytest.fixture
def results(here: Any, monkeypatch: Any) -> Dict[str, Dict[str, str]]:
    """What regrtest is to say, by stage; nothing is run."""
    wanted: Dict[str, Dict[str, str]] = {stage: {"a": "", "b": ""} for stage in ("unpatched", *model.STAGES)}
    stages = iter(wanted)
    monkeypatch.setattr(thorough, "patched", lambda tree, patches: prefix.scratch())
    monkeypatch.setattr(thorough, "run", lambda *arguments: wanted[next(stages)])
    return wanted


def test_only_what_is_new_is_ours(here: Any, results: Any) -> None:
    results["unpatched"]["a"] = results["warn"]["a"] = "the environment is changed\n..."
    results["verify"]["b"] = "a test fails, or leaks"
    said: List[str] = []
    measured = thorough.thorough(model.branch_of(here.version), here, said.append)
    assert measured.problems == ["verify: b: a test fails, or leaks"]
    assert measured.stages["warn"] == {"passed": 1, "failed": 1}
    assert "not ours: without the patches, too, a: the environment is changed" in said
    if not thorough.counts_references(here):
        assert "is no debug build: leaks are not looked for" in said[0]


def test_recorded(here: Any, results: Any, series: Any, capsys: Any) -> None:
    """With the commit of the series."""
    assert cli.main(["test", "--thorough", str(here.python), "--record"]) == 0
    text = status.render()
    cells = "| no | 2 / 0 | 2 / 0 | 2 / 0 | 2 / 0 | passed | %s |" % thorough.commit()
    assert cells in text or cells.replace("| no |", "| yes |") in text


def test_run(here: Any, tmp_path: Path) -> None:
    """By regrtest's exit status."""
    said: List[str] = []
    program = "import sys, os; print('word'); sys.exit(int(os.environ['CPYTHON_TEST_SMTP_SERVER'] == '127.1.1.1') * %d)"
    wanted = {"good": ["-c", program % 0], "changed": ["-c", program % 3], "other": ["-c", program % 9]}
    found = thorough.run(here.python, wanted, "127.1.1.1", said.append)
    assert found["good"] == ""
    assert found["changed"].startswith("the environment is changed\nword")
    assert found["other"].startswith("exit status 9")
    assert sorted(said) == ["  changed: the environment is changed", "  good", "  other: exit status 9"]


def test_the_server(here: Any) -> None:
    """TLS at once on 465, STARTTLS on 587."""
    with thorough.mail_server(here) as address:
        if address is None:
            pytest.skip("this user cannot have the ports 465 and 587")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP_SSL(address, 465, timeout=20, context=context) as client:
            assert client.ehlo()[0] == 250
        with smtplib.SMTP(address, 587, timeout=20) as client:
            assert client.starttls(context=context)[0] == 220
            assert client.ehlo()[0] == 250
    with pytest.raises(OSError):
        smtplib.SMTP(address, 587, timeout=2)
