"""C12: a signal handler may come in the middle of anything, and connect there itself; nothing waits for its own thread.

The alarms come at random moments from the first connection on. Each program is a process of its own, for only the
first connection of one loads and parses.
"""

from __future__ import annotations

import json
import os
import sys

import pytest
from programs import run

from load.alarms import interrupted
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

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


def test_a_time_limit_in_the_middle_of_an_upgrade(certs: Certificates) -> None:
    """The server sees a credential in clear only where the upgrade was never begun."""
    begun, leaked = interrupted(certs["unknown CA"].context, seed=7, rounds=200)
    assert begun
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
