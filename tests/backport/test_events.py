"""Observations: what they say, where they go, and that they never get in the way."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import logging
import os
import re
import smtplib
import ssl
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any, Dict, List

import pytest
from cryptography.hazmat.primitives import hashes
from programs import python, run
from test_matrix import run as attempt
from test_rules import leaf

import securedefaults
from native import backport_only
from securedefaults import HostRule, Observation
from securedefaults._entrypoints import EntryPoint
from securedefaults._install import summary
from securedefaults._observe import events
from securedefaults._observe.events import describe, from_json, write
from wire import clients
from wire.certs import Certificates
from wire.clients import HERE, STYLES
from wire.servers import SECRET, USER, Server

pytestmark = [backport_only("observations are the backport's"), pytest.mark.filterwarnings("ignore::UserWarning")]
pytestmark.append(pytest.mark.filterwarnings("ignore::DeprecationWarning"))

SEEN = Observation("2026-11-24T08:00:00Z", "warn", "SMTP", "smtplib.SMTP.starttls", "mail.lan", 587, "refused", 18, "x")


def lines(log: Path) -> List[Dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("label", ["good", "expired", "wrong host", "self-signed"])
@pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)
def test_one_line_for_each_handshake(
    entry_point: EntryPoint, label: str, mode: str, certs: Certificates, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    securedefaults.apply(mode, log=log)
    server, _ = attempt(entry_point, STYLES[entry_point.name]["plain"], certs[label].context)
    (line,) = lines(log)
    fault = certs[label]
    through = entry_point.name if entry_point.through == entry_point.module else line["entry_point"]
    assert line["entry_point"] == through
    assert line["protocol"] == entry_point.protocol
    assert (line["mode"], line["host"], line["port"]) == (mode, "localhost", server.port)
    assert line["verdict"] == ("refused" if fault.refused else "accepted")
    assert line.get("code") == (fault.codes[0] if fault.refused else None)
    assert line.get("tls") == (None if fault.refused and mode == "enforce" else "TLSv1.3")
    assert (line["file"], line["module"]) == (clients.__file__, "wire.clients")
    assert line["count"] == 1
    assert line["pid"] == os.getpid()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
    if mode == "warn" or not fault.refused or sys.version_info >= (3, 10):
        certificate = leaf(fault.pem)
        assert line["fingerprint"].replace(":", "")[len("sha256") :] == certificate.fingerprint(hashes.SHA256()).hex()
        assert line["not_after"][:4] == ("2021" if label == "expired" else "2099")
        assert line["names"][0] == ("other.example.test" if label == "wrong host" else "localhost")
    assert USER not in str(line)
    assert SECRET not in str(line)


def test_the_line_is_the_programs(certs: Certificates, tmp_path: Path) -> None:
    securedefaults.apply(log=tmp_path / "log")
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
        smtplib.SMTP_SSL("localhost", server.port).close()
    assert (lines(tmp_path / "log")[0]["file"], lines(tmp_path / "log")[0]["line"]) == (__file__, line)


def test_report_counts(certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn")
    assert "no TLS connection" in str(securedefaults.report())
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        for _ in range(3):
            smtplib.SMTP_SSL("localhost", server.port).close()
    report = securedefaults.report()
    assert (report.handshakes, report.ready) == (3, 0)
    (observation,) = report.observations
    assert observation.count == 3
    assert report.servers[0].name == "smtp localhost:%d" % server.port
    assert "certificate has expired (verify code 10)" in str(report)
    assert json.loads(json.dumps(report.as_dict()))["handshakes"] == 3


def test_the_logger(certs: Certificates, trust: Path, caplog: pytest.LogCaptureFixture) -> None:
    securedefaults.apply()
    caplog.set_level(logging.INFO)
    for label in ("good", "expired"):
        with Server("SMTP", certs[label].context, implicit=True) as server:
            with contextlib.suppress(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL("localhost", server.port).close()
    records: List[Any] = [record for record in caplog.records if record.name == "securedefaults"]
    observed = [record for record in records if hasattr(record, "observation")]
    assert [(record.levelname, record.observation.verdict) for record in observed] == [
        ("INFO", "accepted"),
        ("WARNING", "refused"),
    ]
    assert "refused the certificate of smtp localhost:%d: certificate has expired" % server.port in observed[1].message


def test_nobody_listens_nothing_is_printed(certs: Certificates, trust: Path) -> None:
    """Without logging set up, what matters is in warnings and exceptions already."""
    source = """
        import smtplib, sys, securedefaults
        securedefaults.apply("enforce")
        smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").close()
    """
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        result = run(source, server.port)
    assert (result.stdout, result.stderr) == ("", "")


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_broken_logger_breaks_nothing(mode: str, certs: Certificates, trust: Path, capsys: Any) -> None:
    def broken(record: logging.LogRecord) -> bool:
        raise ZeroDivisionError("filter")

    logger = logging.getLogger("securedefaults")
    logger.addFilter(broken)
    logger.setLevel(logging.DEBUG)
    try:
        securedefaults.apply(mode)
        with Server("SMTP", certs["good"].context, implicit=True) as server:
            with smtplib.SMTP_SSL("localhost", server.port) as smtp:
                smtp.login(USER, SECRET)
    finally:
        logger.removeFilter(broken)
        logger.setLevel(logging.NOTSET)
    assert server.credentials()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("label", ["good", "expired"])
def test_handlers_that_fail_with_nobody_to_tell(
    mode: str, label: str, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon has closed its stderr, on which `logging` tells of a handler's failure, and warnings are shown."""

    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ZeroDivisionError

    closed = io.StringIO()
    closed.close()
    logger, handler = logging.getLogger("securedefaults"), Failing()
    logger.addHandler(handler)
    monkeypatch.setattr(sys, "stderr", closed)
    monkeypatch.setattr(warnings, "showwarning", lambda *args, **kwargs: 1 // 0)
    try:
        securedefaults.apply(mode)
        with Server("SMTP", certs[label].context, implicit=True) as server:
            if label == "good" or mode == "warn":
                smtplib.SMTP_SSL("localhost", server.port).close()
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    smtplib.SMTP_SSL("localhost", server.port)
    finally:
        logger.removeHandler(handler)


@pytest.mark.parametrize("switched_off", [True, False])
def test_logging_that_is_switched_off(
    switched_off: bool, certs: Certificates, trust: Path, caplog: pytest.LogCaptureFixture
) -> None:
    securedefaults.apply()
    if switched_off:
        logging.disable(logging.CRITICAL)
    try:
        with Server("SMTP", certs["expired"].context, implicit=True) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                smtplib.SMTP_SSL("localhost", server.port)
    finally:
        logging.disable(logging.NOTSET)
    assert bool([record for record in caplog.records if record.name == "securedefaults"]) != switched_off


AUDIT = """
    import sys, smtplib, securedefaults
    def hook(event, arguments):
        if event == "securedefaults.handshake":
            print(event, *arguments)
            if sys.argv[3] == "object":
                raise RuntimeError("not here")
    sys.addaudithook(hook)
    securedefaults.apply(sys.argv[2])
    smtp = smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost")
    smtp.login(*sys.argv[4:])
"""


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("objects", ["object", "listen"])
def test_the_audit_event(mode: str, objects: str, certs: Certificates) -> None:
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        result = run(AUDIT, server.port, mode, objects, USER, SECRET)
    assert result.stdout == "securedefaults.handshake localhost %d %s accepted\n" % (server.port, mode)
    # A hook that objects ends the connection.
    assert bool(server.credentials()) == (objects == "listen")
    assert ("RuntimeError: not here" in result.stderr) == (objects == "object")


# The log


def test_several_processes_and_threads(tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = """
        import sys, threading
        from securedefaults._observe.events import Observation, write
        def work():
            for number in range(100):
                write(Observation("t", "warn", "SMTP", "e", "h" * 200, number + 1, "accepted", names=("n" * 200,) * 8), sys.argv[1])
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """  # noqa: E501
    import textwrap

    command = [sys.executable, "-c", textwrap.dedent(source), str(log)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert len(lines(log)) == 1200


@pytest.mark.parametrize("kind", ["no folder", "a folder", "a link", "a pipe", "not allowed"])
def test_a_log_that_cannot_be_written_breaks_nothing(
    kind: str, certs: Certificates, trust: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    events._complained.clear()
    log, precious = tmp_path / "log", tmp_path / "precious"
    precious.write_text("content")
    if kind == "no folder":
        log = tmp_path / "gone" / "log"
    elif kind == "a folder":
        log.mkdir()
    elif kind == "a link":
        log.symlink_to(precious)
    elif kind == "a pipe":
        os.mkfifo(log)
    else:
        log.touch(0o400)
        if os.access(log, os.W_OK):
            pytest.skip("root may write anywhere")
    securedefaults.apply(log=log)
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        for _ in range(2):
            with smtplib.SMTP_SSL("localhost", server.port) as smtp:
                smtp.login(USER, SECRET)
    assert server.credentials()
    assert precious.read_text() == "content"
    said = [record.getMessage() for record in caplog.records if "cannot write to the log" in record.getMessage()]
    assert len(said) == 1
    assert str(log) in said[0]


def test_a_full_disk(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    events._complained.clear()
    with pytest.raises(OSError, match="no regular file"):
        events._append(SEEN, "/dev/full")
    write(SEEN, "/dev/full")


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: original(descriptor, data[:20]))
    write(SEEN, str(tmp_path / "log"))
    monkeypatch.undo()
    write(SEEN, str(tmp_path / "log"))
    cut, whole = (tmp_path / "log").read_text().splitlines()
    assert len(cut) == 20
    assert from_json(whole) == SEEN


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = str(tmp_path / "log")
    write(SEEN, log)
    size = os.path.getsize(log)
    monkeypatch.setattr(events, "LOG_LIMIT", 5 * size)
    for number in range(2, 100):
        write(SEEN._replace(count=number), log)
    assert 5 * size <= os.path.getsize(log) < 7 * size
    before = os.path.getsize(log)
    write(SEEN._replace(host="news.lan"), log)  # what is new is still written
    assert os.path.getsize(log) > before
    for number in range(1, 100):
        write(SEEN._replace(port=number), log)
    assert os.path.getsize(log) < 11 * size


def test_it_is_private_and_is_made_anew(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(SEEN, str(log))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    log.rename(tmp_path / "log.1")  # as logrotate does
    write(SEEN, str(log))
    assert len(lines(log)) == 1


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    many = SEEN._replace(names=("a", "b"), rule="[host x]", line=5, file="é\n", strict_only=True, tls="TLSv1.3")
    write(many, str(tmp_path / "log"))
    assert from_json((tmp_path / "log").read_text()) == many


def test_a_forked_child_tells_its_own(certs: Certificates, tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    source = """
        import os, smtplib, sys, securedefaults
        securedefaults.apply("enforce", log=sys.argv[2])
        connect = lambda: smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").close()
        connect()
        child = os.fork()
        if not child:
            connect()
            print(securedefaults.report().handshakes, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print(securedefaults.report().handshakes)
    """
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        result = run(source, server.port, tmp_path / "log")
    assert result.stdout == "1\n1\n", result.stderr
    assert len({line["pid"] for line in lines(tmp_path / "log")}) == 2


# The environment, the summary


def test_the_environment_names_the_log(certs: Certificates, tmp_path: Path) -> None:
    source = """
        import smtplib, sys, securedefaults
        securedefaults.apply()
        smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").close()
    """
    import textwrap

    with Server("SMTP", certs["good"].context, implicit=True) as server:
        run(source, server.port, SECUREDEFAULTS_LOG=str(tmp_path / "log"))
        python("-E", "-c", textwrap.dedent(source), server.port, SECUREDEFAULTS_LOG=str(tmp_path / "other"))
    assert len(lines(tmp_path / "log")) == 1
    assert not (tmp_path / "other").exists()


SUMMARY = """
    import smtplib, sys, warnings, securedefaults
    warnings.simplefilter("ignore")
    securedefaults.apply(sys.argv[1])
    for number in range(2):
        try:
            smtplib.SMTP_SSL("localhost", int(sys.argv[2]), "localhost").close()
        except OSError:
            pass
"""


@pytest.mark.parametrize("label", ["good", "expired"])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_the_summary_at_the_end(mode: str, label: str, certs: Certificates) -> None:
    with Server("SMTP", certs[label].context, implicit=True) as server:
        result = run(SUMMARY, mode, server.port)
    summaries = [line for line in result.stderr.splitlines() if line.startswith("securedefaults: 0 of 2")]
    assert len(summaries) == (1 if (mode, label) == ("warn", "expired") else 0)
    if summaries:
        assert "smtp localhost:%d: dates: certificate has expired (verify code 10)" % server.port in result.stderr


def test_no_summary_where_there_is_no_place_for_it(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    events._remember(SEEN)
    for stream in (None, open(os.devnull)):  # noqa: SIM115 - closed, and for reading
        if stream is not None:
            stream.close()
        monkeypatch.setattr(sys, "stderr", stream)
        summary._print()
    monkeypatch.undo()
    assert capsys.readouterr().err == ""


def test_text_of_a_server_is_quoted() -> None:
    text = describe(SEEN._replace(host="a\nb", message="\x1b[1mevil\n"))
    assert "\n" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_rule_is_named(mode: str, certs: Certificates, tmp_path: Path) -> None:
    securedefaults.apply(mode, log=tmp_path / "log", rules=[HostRule("localhost", verify=False, reason="ticket 17")])
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        smtplib.SMTP_SSL("localhost", server.port).close()
    (line,) = lines(tmp_path / "log")
    assert (line["verdict"], line["rule"]) == ("exempt", "HostRule('localhost')")


def test_threads_count_together(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()

    def work() -> None:
        for _ in range(5):
            smtplib.SMTP_SSL("localhost", server.port, "localhost").close()

    with Server("SMTP", certs["good"].context, implicit=True) as server:
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert securedefaults.report().handshakes == 30
