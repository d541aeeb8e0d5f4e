"""What a refused connection to a hostile server costs: ratios, side by side, from one run.

    python tests/bench/hostile.py [--rounds N]

The server is in a process of its own and presents about 92 KB, as much as OpenSSL takes, in each shape of
`tests/wire/hostile.py`. Connections under `apply()` take turns with those of a program that passes
`ssl.create_default_context(cafile=...)`, one that it keeps; and those under `apply("warn")`, which are made, with those
of the stock default. Both verifying sides trust the same CA and nobody else, so what is compared is what is done with
what the server sent. Seconds are the processor's, of all threads: it is what the program's other threads wait for.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import platform
import smtplib
import ssl
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from served import servers

import securedefaults
from securedefaults._install import summary
from securedefaults._observe import events
from securedefaults._tls import verdict, x509
from wire.certs import Authority, server_context
from wire.hostile import SHAPES, hostile
from wire.servers import Server

#: a leaf that costs nothing beside
PLAIN = "a plain certificate"
#: of a refused connection to that of an explicit context
BAR = 2.0


def serve() -> None:
    """In the other process: until standard input ends."""
    pems = json.loads(sys.stdin.readline())
    with contextlib.ExitStack() as stack:
        ports = {}
        for shape, pem in pems.items():
            server = Server("SMTP", server_context(pem.encode()), implicit=True)
            ports[shape] = stack.enter_context(server).port
        print(json.dumps(ports), flush=True)
        sys.stdin.read()


def connect(port: int, context: Any, *, accepted: bool) -> float:
    """Seconds of one connection, which ends as it should."""
    gc.collect()
    begin = time.process_time()
    try:
        smtplib.SMTP_SSL("localhost", port, "localhost", context=context).close()
    except ssl.SSLCertVerificationError:
        assert not accepted
    else:
        assert accepted
    return time.process_time() - begin


def in_turn(port: int, rounds: int, explicit: ssl.SSLContext) -> Dict[str, float]:
    """Median seconds by strategy."""
    strategies: Dict[str, Callable[[], float]] = {
        "explicit": lambda: connect(port, explicit, accepted=False),
        "apply()": lambda: connect(port, None, accepted=False),
        "stock": lambda: connect(port, None, accepted=True),
        "warn": lambda: connect(port, None, accepted=True),
    }
    times: Dict[str, List[float]] = {name: [] for name in strategies}
    for number in range(rounds + 1):
        for name, timed in strategies.items():
            securedefaults.restore()
            if name in ("apply()", "warn"):
                securedefaults.apply("enforce" if name == "apply()" else "warn")
            # it may present another leaf each time
            x509._known.clear()
            verdict._verdicts.clear()
            seconds = timed()
            if number:  # the first round warms up
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    warnings.simplefilter("ignore")
    summary.at_exit(False)
    logging.getLogger("securedefaults").addHandler(logging.NullHandler())  # before 3.11 refusals are logged
    pems = {PLAIN: Authority().issue(), **{shape: hostile(shape) for shape in SHAPES}}
    with tempfile.TemporaryDirectory() as folder, servers(__file__, pems) as ports:
        cafile = os.path.join(folder, "ca.pem")
        Path(cafile).write_bytes(Authority().pem)
        os.environ.update(SSL_CERT_FILE=cafile, SSL_CERT_DIR=folder)
        print("Python %s, %s, %d rounds\n" % (platform.python_version(), ssl.OPENSSL_VERSION, arguments.rounds))
        print('| what the server sends | explicit, refused | `apply()` | stock, accepted | `apply("warn")` |')
        print("|---|---|---|---|---|")
        worst = 0.0
        for shape, port in ports.items():
            found = in_turn(port, arguments.rounds, ssl.create_default_context(cafile=cafile))
            ratio = found["apply()"] / found["explicit"]
            worst = max(worst, ratio)
            print(
                "| %s | %.1f ms | %.2f | %.1f ms | %.2f |"
                % (
                    shape,
                    1000 * found["explicit"],
                    ratio,
                    1000 * found["stock"],
                    found["warn"] / found["stock"],
                )
            )
        print("\nworst: %.2f (bar: <= %g)" % (worst, BAR))
        assert sum(seen.count for seen in events.seen()[0]) == 2 * len(ports) * (arguments.rounds + 1)
    sys.exit(worst > BAR)


main()
