"""C12: a signal handler may come in the middle of anything, and connect there itself; nothing waits for its own thread.

The alarms come at random moments from the first connection on. Each program is a process of its own, for only the
first connection of one loads and parses.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import smtplib
import ssl
import sys
import threading
from pathlib import Path
from typing import Any, Dict, List

import pytest
from programs import run

import securedefaults
from load.alarms import interrupted
from native import backport_only
from securedefaults import HostRule
from securedefaults._tls import messages
from securedefaults._tls import verdict as verdicts
from wire.certs import Certificates, chain_of
from wire.servers import REFUSE, SECRET, USER, Server

#: trials; `SECUREDEFAULTS_ALARMS` in the environment asks for more of them, by hand
ROUNDS = int(os.environ.get("SECUREDEFAULTS_ALARMS", "6"))

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs alarms and fork"),
    pytest.mark.timeout(60 + 3 * ROUNDS),
]

PROGRAM = """
    import json, random, signal, smtplib, sys, warnings
    import encodings.idna  # what the standard library itself imports in the middle of a connection
    import securedefaults
    mode, good, bad, seed = sys.argv[1], *map(int, sys.argv[2:5])
    warnings.simplefilter("ignore")
    random.seed(seed)
    said, done = [], 0

    def mail(port):
        with smtplib.SMTP("localhost", port, timeout=20) as smtp:
            smtp.starttls()
            smtp.login(*sys.argv[5:7])

    def attempt(who, port, success):
        try:
            mail(port)
            said.append(who + ": " + success)
        except smtplib.ssl.SSLCertVerificationError:
            said.append(who + ": refused")
        except (smtplib.ssl.SSLError, smtplib.SMTPServerDisconnected) as exc:
            # `_ssl` runs signal handlers before it looks what the error was; what they do with OpenSSL makes it forget
            # that, with any context.
            if "A failure in the SSL library" not in str(exc):
                raise
            said.append(who + ": failed")

    def both(who):
        attempt(who, good, "mailed")
        attempt(who, bad, "logged in to the impostor")

    depth = 0

    def handler(*args):
        global depth
        if depth < 3:
            depth += 1
            signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0005, 0.02))  # also in the middle of this one
            both("handler")

    signal.signal(signal.SIGALRM, handler)
    securedefaults.apply(mode)
    signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0005, 0.08))
    both("program")
    signal.setitimer(signal.ITIMER_REAL, 0)
    seen = securedefaults.report()
    print(json.dumps([sorted(set(said)), len(said), seen.handshakes]))
"""


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_signal_handler_that_connects(mode: str, certs: Certificates) -> None:
    handled = 0
    for seed in range(ROUNDS):
        with Server("SMTP", certs["good"].context) as good, Server("SMTP", certs["unknown CA"].context) as bad:
            result = run(PROGRAM, mode, good.port, bad.port, seed, USER, SECRET)  # it would end after 60 seconds
        assert "Traceback" not in result.stderr, result.stderr
        said, number, seen = json.loads(result.stdout)
        handled += number > 2
        outcome = "refused" if mode == "enforce" else "logged in to the impostor"
        assert {line.partition(": ")[2] for line in said} - {"failed"} <= {"mailed", outcome}
        assert mode == "warn" or not bad.credentials()
        # In the moment in which our modules are loading a handler's own connection is verified, but not counted.
        assert number - 6 <= seen <= number
    assert handled


IMPORTED = """
    import os, smtplib, ssl, sys, warnings
    import encodings.idna  # what the standard library itself imports in the middle of a connection
    import securedefaults
    from securedefaults._install import loading

    def hook(event, arguments):
        if event == "import" and looking:
            frame = sys._getframe(1)
            while frame is not None:
                if frame.f_globals.get("__name__", "").startswith("securedefaults."):
                    os.write(1, (arguments[0] + "\\n").encode())
                frame = frame.f_back

    def attempt(port, login):
        try:
            with smtplib.SMTP("localhost", port, timeout=20) as smtp:
                try:
                    smtp.starttls()
                except ssl.SSLError:
                    pass
                if login:
                    smtp.login("user", "password")
        except (OSError, ValueError):
            pass

    warnings.simplefilter("always")
    securedefaults.apply(sys.argv[1], log=sys.argv[2])
    loading.load()
    looking = True
    sys.addaudithook(hook)
    for port in map(int, sys.argv[3:]):
        attempt(port, False)
        attempt(port, True)
    looking = False  # for what is said at the end is imported then
"""


@pytest.mark.skipif(sys.implementation.name == "pypy", reason="has no event for imports")
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_nothing_is_imported_in_the_middle_of_a_handshake(mode: str, certs: Certificates, tmp_path: Path) -> None:
    """A handler that comes while a module is loading finds half of it, ours or one of the standard library's."""
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(Server("SMTP", fault.context)).port for fault in certs.all]
        result = run(IMPORTED, mode, tmp_path / "log", *ports)
    assert not result.returncode, result.stderr
    assert (tmp_path / "log").read_text().count("\n") >= len(certs.all)
    assert result.stdout == ""


def test_a_time_limit_in_the_middle_of_an_upgrade(certs: Certificates) -> None:
    """The server sees a credential in clear only where the upgrade was never begun."""
    begun, leaked = interrupted(certs["unknown CA"].context, seed=7, rounds=200)
    assert begun > 10
    assert not leaked


FORKS = """
    import os, sys, threading, time
    import smtplib, ssl
    import securedefaults
    good, bad = map(int, sys.argv[1:3])
    over = False

    def work():
        while not over:
            securedefaults.apply()
            securedefaults.restore()

    def mail(port):
        with smtplib.SMTP("localhost", port, timeout=20) as smtp:
            smtp.starttls()
            smtp.login(*sys.argv[3:5])

    securedefaults.apply()
    mail(good)
    thread = threading.Thread(target=work)
    thread.start()
    for number in range(40):
        child = os.fork()
        if not child:
            securedefaults.apply()
            mail(good)
            try:
                mail(bad)
            except ssl.SSLCertVerificationError:
                os._exit(0)
            os._exit(1)
        deadline = time.monotonic() + 30
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if time.monotonic() > deadline:
                os.kill(child, 9)
                os.waitpid(child, 0)
                status = "hangs"
                break
            time.sleep(0.001)
        if status:
            print(number, status)
    over = True
    thread.join()
    before = smtplib.SMTP.starttls
    securedefaults.restore()
    print("done", hasattr(smtplib.SMTP.starttls, "__wrapped__"))
"""


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="other implementations do not fork with threads")
def test_forks_during_apply(certs: Certificates) -> None:
    with Server("SMTP", certs["good"].context) as good, Server("SMTP", certs["unknown CA"].context) as bad:
        result = run(FORKS, good.port, bad.port, USER, SECRET)
    assert result.stdout == "done False\n", result.stdout + result.stderr
    assert len(bad.records) == 40
    assert not bad.credentials()


def test_apply_is_interrupted_by_restore() -> None:
    """Whoever is interrupted does not finish what is not wanted any more."""
    source = """
        import signal, sys, smtplib, ssl
        import securedefaults
        from securedefaults._install import hooks
        stock = smtplib.SMTP.starttls, ssl._create_stdlib_context
        class Interrupting:
            def __init__(self, put): self.put = put
            def __call__(self, replacement):
                hooks.Replacement.put = self.put
                securedefaults.restore()
                return self.put(replacement)
        put = hooks.Replacement.put
        interrupting = Interrupting(put)
        hooks.Replacement.put = lambda replacement: interrupting(replacement)
        securedefaults.apply()
        print((smtplib.SMTP.starttls, ssl._create_stdlib_context) == stock, securedefaults.status().mode)
        securedefaults.apply()
        print((smtplib.SMTP.starttls, ssl._create_stdlib_context) == stock, securedefaults.status().mode)
    """
    result = run(source)
    assert result.stdout == "True None\nFalse enforce\n", result.stderr


# In the middle of our own import


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler that has interrupted it."""
    from securedefaults._install import hooks, loading

    monkeypatch.setattr(hooks, "load", lambda **options: None)
    monkeypatch.setattr(loading, "load", lambda **options: None)
    monkeypatch.setattr(loading, "loaded", None)
    monkeypatch.setattr(loading, "refused", [])


OPTIONS: Dict[str, Dict[str, Any]] = {
    "pin": {"rules": [HostRule("localhost", fingerprint="sha256:" + ":".join(["00"] * 32))]},
    "factory": {"context_factory": ssl.create_default_context},
    "strict": {"strict": False},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_nothing_less_than_what_was_asked_for_is_verified(
    option: str, loading: None, certs: Certificates, trust: Path
) -> None:
    securedefaults.apply(**OPTIONS[option])
    with Server("SMTP", certs["good"].context) as server:
        with smtplib.SMTP("localhost", server.port) as smtp, pytest.raises(ssl.SSLError, match="being imported"):
            smtp.starttls()
    assert not server.credentials()


def test_a_refusal_is_remembered_until_the_guard_is_there(loading: None, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context) as server:
        with smtplib.SMTP("localhost", server.port) as smtp, pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls()
        with smtplib.SMTP("localhost", server.port) as smtp, pytest.raises(ssl.SSLCertVerificationError):
            smtp.login(USER, SECRET)
    assert not server.credentials()


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_what_is_needed_cannot_be_imported(
    mode: str, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For want of a file descriptor, say: enforcement lets nothing through, and warn mode breaks nothing."""
    from securedefaults._install import loading

    def fails() -> None:
        raise ImportError("too many open files")

    securedefaults.apply(mode)
    monkeypatch.setattr(loading, "loaded", None)
    monkeypatch.setattr(loading, "Loaded", fails)
    with Server("SMTP", certs["good"].context) as server:
        with smtplib.SMTP("localhost", server.port) as smtp:
            if mode == "enforce":
                with pytest.raises(ImportError):
                    smtp.starttls()
                with pytest.raises(smtplib.SMTPException):
                    smtp.login(USER, SECRET)
            else:
                smtp.starttls()
                smtp.login(USER, SECRET)
    assert bool(server.credentials()) == (mode == "warn")
    assert not [where for where, _ in server.credentials() if where == "clear"]


def test_another_threads_import_is_not_ours() -> None:
    from securedefaults._install.loading import is_interrupted

    assert not is_interrupted()
    namespace = {"__name__": "securedefaults._tls.made_up", "is_interrupted": is_interrupted}
    exec(compile("found = is_interrupted()", "<made up>", "exec"), namespace)
    assert namespace["found"] is True


IMPORTS = """
    import sys, threading
    sys.setswitchinterval(1e-6)
    import securedefaults; securedefaults.apply()
    unhooked = []
    def load(name, cls, method):
        module = __import__(name)
        if not hasattr(vars(getattr(module, cls))[method], "__wrapped__"):
            unhooked.append(name)
    threads = [threading.Thread(target=load, args=args) for args in (
        ("smtplib", "SMTP", "starttls"), ("imaplib", "IMAP4", "starttls"), ("poplib", "POP3", "stls"))]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(unhooked)
"""


def test_an_import_returns_when_its_methods_are_hooked() -> None:
    for _ in range(8):
        result = run(IMPORTS)
        assert result.stdout == "[]\n", result.stderr


# In the middle of an upgrade


def test_restore_does_not_take_the_cut_away(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun under enforcement ends under it."""
    securedefaults.apply()
    original = smtplib.SMTP.docmd

    def docmd(self: Any, command: str, *args: Any) -> Any:
        if command == "STARTTLS":
            securedefaults.restore()  # in another thread
        return original(self, command, *args)

    monkeypatch.setattr(smtplib.SMTP, "docmd", docmd)
    with Server("SMTP", certs["good"].context, attack=REFUSE) as server:
        smtp = smtplib.SMTP("localhost", server.port)
        with pytest.raises(smtplib.SMTPResponseException):
            smtp.starttls()
        with pytest.raises((smtplib.SMTPException, OSError)):
            smtp.login(USER, SECRET)
    assert not server.credentials()


@backport_only("it is about verdicts")
@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs masks of signals")
def test_no_handler_runs_while_openssl_says_no(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would find OpenSSL's error, and its own connections would end by it."""
    inside: List[bool] = []
    found: List[bool] = []
    original = ssl.SSLObject.do_handshake

    def interrupted(self: ssl.SSLObject) -> None:
        inside.append(True)
        try:
            signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
            original(self)
        finally:
            inside.pop()

    before = signal.signal(signal.SIGUSR1, lambda *args: found.append(bool(inside)))
    try:
        context = verdicts.made_to_judge(ssl.create_default_context())
        client = verdicts._Client(context, "localhost")
        monkeypatch.setattr(ssl.SSLObject, "do_handshake", interrupted)
        flight = messages.server_flights(client.hello, chain_of(certs["unknown CA"].pem))[0]
        assert verdicts._ask(flight, client).state == "refused"
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert found == [False]
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
