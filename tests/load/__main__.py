"""10,000 connections over 64 threads, and what is left of them.

    python tests/load [--connections N] [--threads N] [--servers PYTHON] [--write FILE]

Half of the connections go to impostors. Beside them apply() is called again and again with other arguments, which
leaves protection in force; then restore() and apply() by turns; then warn mode watches. --write puts the table of this
Python into FILE. Exit status 1 if an impostor was told a password while protection was in force, if a connection ended
in an error of another kind, or if a file or a context is left.
The servers, and who makes their certificates, may be another PYTHON: one that has trustme, which there is not for every
Python whose clients are to be tried.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from pathlib import Path
from typing import Dict, List, Tuple

sys.path[:1] = [str(Path(__file__).resolve().parent.parent)]

import marks  # noqa: E402
import securedefaults  # noqa: E402
from load import work  # noqa: E402
from load.work import GOOD, IMPOSTOR, LOGGED_IN, REFUSED, Applying, Beside, Result, Servers, Toggling  # noqa: E402

#: Behind the version, as in the name of the program.
THREADED = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""

#: Seconds between two changes, and of each state of a toggle.
PAUSE, TOGGLE = 0.02, 0.5

STOCK, ENFORCED, TOGGLED, WARNED = "stock", "apply() again and again", "restore() and apply() by turns", "warn mode"


def phases(servers: Servers, connections: int, threads: int, log: str) -> Dict[str, Result]:
    """What came of each way to connect; the first ones warm up."""
    found: Dict[str, Result] = {}
    securedefaults.apply()
    work.load(servers, min(connections, 30 * threads), threads, Beside(PAUSE))
    securedefaults.restore()
    found[STOCK] = work.load(servers, connections // 2, threads, Beside(PAUSE))
    securedefaults.apply()
    found[ENFORCED] = work.load(servers, connections, threads, Applying(PAUSE, log))
    securedefaults.apply()
    found[TOGGLED] = work.load(servers, connections // 2, threads, Toggling(TOGGLE))
    securedefaults.apply("warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found[WARNED] = work.load(servers, connections // 2, threads, Beside(PAUSE))
    securedefaults.restore()
    return found


def paces(servers: Servers, connections: int, threads: int, blocks: int = 4) -> Tuple[float, float]:
    """Seconds for connections to good servers, stock and enforced, in turns."""
    seconds = [0.0, 0.0]
    for _ in range(blocks):
        for number, begin in enumerate((securedefaults.restore, securedefaults.apply)):
            begin()
            result = work.load(servers, connections // blocks, threads, Beside(PAUSE), sites=(GOOD,))
            seconds[number] += result.seconds
    securedefaults.restore()
    return seconds[0], seconds[1]


def package_bytes(servers: Servers, connections: int, threads: int) -> int:
    """What this package has allocated for so many connections and not freed."""
    securedefaults.apply()
    with work.allocated() as bytes_of:
        work.load(servers, connections, threads, Beside(PAUSE))
    securedefaults.restore()
    return bytes_of["bytes"]


def problems(found: Dict[str, Result]) -> List[str]:
    """What must not be."""
    said = []
    for name, result in found.items():
        if name in (ENFORCED, TOGGLED) and (result.given_away_in_force or not result.in_force):
            said.append("%s: %d passwords given away" % (name, result.given_away_in_force))
        if name == ENFORCED and result.given_away:
            said.append("%s: %d passwords given away" % (name, result.given_away))
        if name in (STOCK, WARNED) and not result.given_away:
            said.append("%s: the impostors are none" % name)
        said += ["%s: %d x %s" % (name, count, error) for error, count in result.others().items()]
        if result.descriptors > 0 or result.contexts:
            said.append("%s: %d descriptors and %d contexts left" % (name, result.descriptors, result.contexts))
    return said


def table(found: Dict[str, Result], threads: int, pace: Tuple[float, float], left: Tuple[int, int]) -> str:
    """The Markdown that --write writes."""
    lines = [
        "Python %s%s, %s, %d threads"
        % (platform.python_version(), THREADED, ssl.OPENSSL_VERSION.split("  ")[0], threads),
        "",
        "| | %s |" % " | ".join(found),
        "|---|%s" % ("---|" * len(found)),
    ]

    def row(name: str, cells: List[object]) -> None:
        lines.append("| %s | %s |" % (name, " | ".join(map(str, cells))))

    results = list(found.values())
    totals = [sum(sum(counter.values()) for counter in result.outcomes.values()) for result in results]
    row("connections", list(totals))
    row("good servers: logged in", [result.outcomes[GOOD][LOGGED_IN] for result in results])
    row("good servers: refused", [result.outcomes[GOOD][REFUSED] for result in results])
    row("impostors: refused", [result.outcomes[IMPOSTOR][REFUSED] for result in results])
    row("impostors that were told a password", [result.given_away for result in results])
    protected = [name in (ENFORCED, TOGGLED) for name in found]
    row(
        "connections with protection in force all the time",
        [r.in_force if p else "" for r, p in zip(results, protected)],
    )
    row(
        "**impostors that were told a password in these**",
        ["**%d**" % r.given_away_in_force if p else "" for r, p in zip(results, protected)],
    )
    row(work.CHANGED, [sum(c[work.CHANGED] for c in result.outcomes.values()) for result in results])
    row("other errors", [sum(result.others().values()) for result in results])
    row("descriptors left open", [result.descriptors for result in results])
    row("default contexts left", [result.contexts for result in results])
    grown = ["%+.0f KiB" % (result.memory / total * 1500) for result, total in zip(results, totals)]
    row("resident memory for 1,000 connections, after the first third", list(grown))
    row("different observations kept", [result.observations for result in results])
    lines += [
        "",
        "Connections to good servers take %.2f of the time of stock. Of what the package itself allocates, %+.1f KiB "
        "are left after %d connections more (tracemalloc)." % (pace[1] / pace[0], left[0] / 1024, left[1]),
    ]
    return "\n".join(lines)


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10000, metavar="N", help="enforced; half as many toggled")
    parser.add_argument("--threads", type=int, default=64, metavar="N")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--servers", default=sys.executable, metavar="PYTHON", help="default: this one")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--certificates", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        work.serve()
        return 0
    if options.certificates:
        make_certificates()
        return 0
    logging.getLogger("securedefaults").disabled = True  # before 3.11 it says at length what was refused
    socket.setdefaulttimeout(work.TIMEOUT)  # imaplib's only one, before 3.9
    ca, pems = json.loads(subprocess.check_output([options.servers, __file__, "--certificates"]))
    before = work.replaced()
    with tempfile.TemporaryDirectory() as folder:
        trust(Path(folder), ca)
        with Servers(pems, options.servers) as servers:
            found = phases(servers, options.connections, options.threads, os.path.join(folder, "log.jsonl"))
            pace = paces(servers, options.connections // 5, options.threads)
            more = options.connections // 10
            left = package_bytes(servers, more, options.threads), more
    text = table(found, options.threads, pace, left)
    print(text)
    if options.write:
        marks.write(options.write, "load %d.%d" % sys.version_info[:2] + THREADED, text)
    said = problems(found)
    if work.replaced() != before:
        said.append("restore() has not put everything back")
    print("".join("error: %s\n" % line for line in said), end="", file=sys.stderr)
    return 1 if said else 0


def make_certificates() -> None:
    """Print a CA, and the certificates of the sites."""
    from wire.certs import Authority

    authority = Authority()
    print(json.dumps([authority.pem.decode(), work.pems(authority)]))


def trust(folder: Path, ca: str) -> None:
    """The test's CA and no other."""
    (folder / "empty").mkdir()
    (folder / "bundle.pem").write_text(ca)
    os.environ["SSL_CERT_FILE"] = str(folder / "bundle.pem")
    os.environ["SSL_CERT_DIR"] = str(folder / "empty")


if __name__ == "__main__":
    sys.exit(main())
