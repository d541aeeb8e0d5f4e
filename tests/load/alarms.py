"""Time limits that strike at random moments of an upgrade, and a careless program that logs in all the same.

    python tests/load/alarms.py --minutes 10

prints how many upgrades to an impostor were begun, and in how many of them it saw a login in clear text.
"""

from __future__ import annotations

import argparse
import os
import ssl
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Tuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

PROGRAM = """
    import random, signal, ssl, smtplib, sys
    import securedefaults
    good, seed, rounds = map(int, sys.argv[1:4])
    random.seed(seed)
    securedefaults.apply()

    class Late(Exception):
        pass

    def late(*args):
        raise Late

    # What is imported and parsed but once is to be there: some limits are shorter than that takes.
    try:
        with smtplib.SMTP("localhost", good, timeout=20) as smtp:
            smtp.starttls()
    except (OSError, smtplib.SMTPException):
        pass
    signal.signal(signal.SIGALRM, late)
    for number in range(rounds):
        context = ssl.create_default_context() if number % 2 else None
        try:
            smtp = smtplib.SMTP("localhost", good, timeout=20)
        except OSError:
            continue
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.01))
                smtp.ehlo()
                smtp.starttls(context=context)
            except (OSError, smtplib.SMTPException):
                pass
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Late:
            pass
        # A careless program goes on, whatever it was.
        if smtp.sock is not None and smtp.ehlo_resp is None:
            smtp.close()  # the alarm came before the upgrade was asked for
            continue
        try:
            smtp.login(*sys.argv[4:6])
        except (OSError, smtplib.SMTPException):
            pass
        smtp.close()
    print("done")
"""


def interrupted(context: ssl.SSLContext, *, seed: int, rounds: int) -> Tuple[int, int]:
    """How many upgrades were begun, and in how many of them the server saw a login in clear text.

    Args:
        context: of the server, which is an impostor.
        seed: of the moments.
        rounds: connections, every other one with an explicit context.
    """
    with Server("SMTP", context) as server:
        arguments = [str(value) for value in (server.port, seed, rounds)]
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), *arguments, USER, SECRET]
        # Not measured: what measures coverage has a lock that an exception out of a signal handler leaves locked.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
        result = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert result.stdout == "done\n", result.stderr
    begun = [clear for clear in (bytes(record.clear).upper() for record in server.records) if b"STARTTLS" in clear]
    return len(begun), sum(b"AUTH" in clear for clear in begun)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    end = time.monotonic() + 60 * parser.parse_args().minutes
    context = Certificates()["unknown CA"].context
    begun = leaked = seed = 0
    while time.monotonic() < end:
        seed += 1
        more = interrupted(context, seed=seed, rounds=500)
        begun, leaked = begun + more[0], leaked + more[1]
    print("%d upgrades begun, %d logins in clear text" % (begun, leaked))
    return 1 if leaked else 0


if __name__ == "__main__":
    sys.exit(main())
