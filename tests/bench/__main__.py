"""What verification costs: ratios, side by side, from one run.

    python tests/bench [--rounds N] [--write FILE] [--bars FILE]

Servers run in a process of their own. The strategies take turns, one connection each, so that a noisy machine is noisy
for all of them; what is printed is the ratio of medians to stock. --write puts the result into FILE, between the lines
`<!-- bench 3.N -->` and `<!-- end bench 3.N -->` of this Python; --bars puts the first three bars between the lines
`<!-- bars 3.N -->` and `<!-- end bars 3.N -->`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.util
import json
import os
import platform
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ftplib
import imaplib
import poplib
import smtplib

from served import servers

import marks
import securedefaults
from securedefaults._policy.policy import Policy
from securedefaults._tls.remedies import advise
from securedefaults._tls.trust import PlatformTrust, verdict_of
from securedefaults._tls.x509 import described
from wire.certs import Authority, server_context
from wire.faults import chains
from wire.servers import Server

KINDS = ["SMTP_SSL", "SMTP.starttls", "IMAP4_SSL", "IMAP4.starttls", "POP3_SSL", "POP3.stls", "FTP_TLS.auth"]
STOCK, APPLY, EXPLICIT, TRUSTSTORE = "stock", "apply()", "create_default_context()", "truststore"
WARN, LOG = 'apply("warn")', "apply(log=...)"


def connect(kind: str, port: int, context: Any) -> None:
    """Connect, start TLS, say goodbye."""
    if kind == "SMTP_SSL":
        smtplib.SMTP_SSL("localhost", port, "localhost", context=context).quit()
    elif kind == "SMTP.starttls":
        smtp = smtplib.SMTP("localhost", port, "localhost")
        smtp.starttls(context=context)
        smtp.quit()
    elif kind == "IMAP4_SSL":
        imaplib.IMAP4_SSL("localhost", port, ssl_context=context).logout()
    elif kind == "IMAP4.starttls":
        imap = imaplib.IMAP4("localhost", port)
        imap.starttls(context)
        imap.logout()
    elif kind == "POP3_SSL":
        poplib.POP3_SSL("localhost", port, context=context).quit()
    elif kind == "POP3.stls":
        pop = poplib.POP3("localhost", port)
        pop.stls(context)
        pop.quit()
    else:
        ftp = ftplib.FTP_TLS(context=context)
        ftp.connect("localhost", port)
        ftp.auth()
        ftp.quit()


def strategies() -> Dict[str, Callable[[], Any]]:
    """What makes the context that the caller passes; None is the default."""
    found: Dict[str, Callable[[], Any]] = {
        STOCK: lambda: None,
        APPLY: lambda: None,
        EXPLICIT: ssl.create_default_context,
        WARN: lambda: None,
        LOG: lambda: None,
    }
    if importlib.util.find_spec("truststore"):
        import truststore

        found[TRUSTSTORE] = lambda: truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return found


def use(strategy: str) -> None:
    if strategy == APPLY:
        securedefaults.apply()
    elif strategy == WARN:
        securedefaults.apply("warn")
    elif strategy == LOG:
        securedefaults.apply(log=os.environ["BENCH_LOG"])
    else:
        securedefaults.restore()


def timed(kind: str, port: int, make: Callable[[], Any]) -> float:
    start = time.perf_counter()
    connect(kind, port, make())
    return time.perf_counter() - start


def connections(ports: Dict[str, int], rounds: int) -> Dict[str, Dict[str, float]]:
    """Median seconds by kind and strategy."""
    result: Dict[str, Dict[str, float]] = {}
    makers = strategies()
    for kind, port in ports.items():
        times: Dict[str, List[float]] = {strategy: [] for strategy in makers}
        for number in range(rounds + 1):
            for strategy, make in makers.items():
                # Each starts where a stock connection left the caches, and what the one before kept is freed.
                gc.collect()
                use(STOCK)
                timed(kind.split(" ")[0], port, lambda: None)
                use(strategy)
                seconds = timed(kind.split(" ")[0], port, make)
                if number:  # the first round warms up
                    times[strategy].append(seconds)
        result[kind] = {strategy: statistics.median(values) for strategy, values in times.items()}
    return result


def in_threads(port: int, threads: int = 50, each: int = 20) -> Dict[str, Tuple[float, int]]:
    """Seconds for all, and how many connections failed."""
    result = {}
    for strategy, make in strategies().items():
        use(strategy)
        failures: List[BaseException] = []

        def work(make: Callable[[], Any] = make, failures: List[BaseException] = failures) -> None:
            for _ in range(each):
                try:
                    connect("SMTP_SSL", port, make())
                except Exception as exc:
                    failures.append(exc)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        result[strategy] = time.perf_counter() - start, len(failures)
    return result


MEMORY = """
import os, ssl, sys, securedefaults
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
securedefaults.create_default_context().check_hostname
make = {"stock": ssl._create_stdlib_context, "apply()": securedefaults.create_default_context,
        "create_default_context()": ssl.create_default_context}[sys.argv[1]]
count = int(sys.argv[2])
keep = [make() for _ in range(10)]
for context in keep:
    context.check_hostname
before = resident()
keep = [make() for _ in range(count)]
for context in keep:
    context.check_hostname
print((resident() - before) / count)
"""

#: What the file of securedefaults-autoload does, configured by a variable.
AUTOLOAD = (
    "import os, sys; sys.path.insert(0, %r); os.environ['SECUREDEFAULTS_MODE'] = '%%s'; "
    "import securedefaults_autoload; securedefaults_autoload.start()"
) % str(Path(__file__).resolve().parent.parent.parent / "backport" / "autoload")

APPLY_TIME = """
import ssl, time
start = time.perf_counter()
import securedefaults
apply = securedefaults.apply  # what it needs is imported for this
imported = time.perf_counter()
apply()
print(time.perf_counter() - imported, time.perf_counter() - start)
"""


def verdicts(pems: Dict[str, bytes], rounds: int) -> Dict[str, Tuple[float, float]]:
    """Median seconds for a chain of each key type: seen for the first time, and seen before."""
    result = {}
    trust = PlatformTrust.cached()
    trust.verdict([], "localhost")  # the store is loaded before
    for key, pem in pems.items():
        chain = [ssl.PEM_cert_to_DER_cert(pem[pem.index(b"-----BEGIN CERT") :].decode())]
        first, again = [], []
        for number in range(rounds):
            for times in (first, again):
                start = time.perf_counter()
                verdict = trust.verdict(chain, "host%d.test" % number)
                times.append(time.perf_counter() - start)
                assert verdict.state == "refused"
        result[key] = statistics.median(first), statistics.median(again)
    return result


def all_remedies(rounds: int) -> Dict[str, float]:
    """Median seconds in which all faults and remedies of a chain are found, by the chain; each with strict rules."""
    result = {}
    for chain in chains():
        times = []
        for _ in range(rounds):
            policy = Policy.plain()  # one that remembers nothing
            policy.strict = True
            verdict = verdict_of(policy, None, chain.chain, chain.asked, described(chain.chain[0]))
            start = time.perf_counter()
            advice = advise(policy, None, chain.chain, chain.asked, chain.asked, 993, verdict)
            times.append(time.perf_counter() - start)
            assert bool(advice.faults) == (verdict.state == "refused")
        result[chain.name] = statistics.median(times)
    return result


def program(source: str, *arguments: object) -> str:
    command = [sys.executable, "-c", source, *map(str, arguments)]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # compiled files, as any installed package has them
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=120).stdout


def starts(rounds: int) -> Dict[str, float]:
    """Seconds of a whole interpreter, taking turns: the fastest of each; all else is what the machine did beside."""
    sources = {
        "pass": "pass",
        "apply": "import securedefaults; securedefaults.apply()",
        "ssl": "import ssl",
        "autoload": AUTOLOAD % "",
        "autoload on": AUTOLOAD % "enforce",
    }
    times: Dict[str, List[float]] = {name: [] for name in sources}
    for number in range(rounds + 1):
        for name, source in sources.items():
            start = time.perf_counter()
            program(source)
            if number:  # the first round compiles
                times[name].append(time.perf_counter() - start)
    return {name: min(values) for name, values in times.items()}


def serve() -> None:
    """In the other process: until standard input ends."""
    pems = json.loads(sys.stdin.readline())
    with contextlib.ExitStack() as stack:
        ports = {}
        for key, pem in pems.items():
            context = server_context(pem.encode())
            for kind in KINDS:
                protocol = re.sub("[^A-Z].*|4.*", "", kind) if not kind.startswith("POP3") else "POP3"
                server = Server(protocol.split("_")[0], context, implicit=kind.endswith("_SSL"))
                ports["%s %s" % (kind, key)] = stack.enter_context(server).port
        print(json.dumps(ports), flush=True)
        sys.stdin.read()


def use_trust_store(folder: Path, authority: Authority) -> int:
    """A bundle of the system's roots and the test's; returns how many."""
    system = ssl.get_default_verify_paths().cafile
    pem = (Path(system).read_bytes() if system else b"") + b"\n" + authority.pem
    (folder / "bundle.pem").write_bytes(pem)
    (folder / "empty").mkdir()
    os.environ["SSL_CERT_FILE"] = str(folder / "bundle.pem")
    os.environ["SSL_CERT_DIR"] = str(folder / "empty")
    return ssl.create_default_context().cert_store_stats()["x509_ca"]


def report(ports: Dict[str, int], pems: Dict[str, bytes], roots: int, rounds: int) -> str:
    """The Markdown that --write writes."""
    names = list(strategies())
    lines = [
        "Python %s, %s, %d roots, measured on %s by `python tests/bench --rounds %d`; connect, TLS and quit with a "
        "local server, ratios to stock:"
        % (platform.python_version(), ssl.OPENSSL_VERSION, roots, time.strftime("%Y-%m-%d"), rounds),
        "",
        "| | %s |" % " | ".join(names),
        "|---|%s" % ("---|" * len(names)),
    ]
    measured = connections(ports, rounds)
    for kind, medians in measured.items():
        cells = ["%.1f ms" % (1000 * medians[STOCK])] + [
            "%.2f" % (medians[name] / medians[STOCK]) for name in names[1:]
        ]
        lines.append("| %s | %s |" % (kind, " | ".join(cells)))
    worst = [max(medians[name] / medians[STOCK] for medians in measured.values()) for name in names[1:]]
    middle = [statistics.median(medians[name] / medians[STOCK] for medians in measured.values()) for name in names[1:]]
    lines.append("| **median (worst)** | | %s |" % " | ".join("**%.2f** (%.2f)" % pair for pair in zip(middle, worst)))
    threads = in_threads(ports["SMTP_SSL EC"])
    cells = ["%.1f s" % threads[STOCK][0]]
    cells += [
        "%.2f%s" % (threads[n][0] / threads[STOCK][0], ", %d failed" % threads[n][1] if threads[n][1] else "")
        for n in names[1:]
    ]
    lines.append("| 50 threads x 20 SMTP_SSL | %s |" % " | ".join(cells))
    memory: Dict[str, float] = {}
    if os.path.exists("/proc/self/statm"):
        memory = {name: float(program(MEMORY, name, 100 if name == EXPLICIT else 1000)) for name in names[:3]}
        cells = ["%.1f KiB" % (memory[STOCK] / 1024)] + ["%.2f" % (memory[name] / memory[STOCK]) for name in names[1:3]]
        lines.append("| memory of a live context | %s |" % " | ".join(cells + [""] * (len(names) - 3)))
    judged = verdicts(pems, 200)
    start = starts(60)
    alone, together = (
        statistics.median(values) for values in zip(*[map(float, program(APPLY_TIME).split()) for _ in range(15)])
    )
    remedies = all_remedies(5)
    first, again = (max(times[at] for times in judged.values()) for at in (0, 1))
    lines += [
        "",
        "| what | bar | measured |",
        "|---|---|---|",
        "| `apply()` to stock, median | <= 1.25 | %.2f |" % middle[names.index(APPLY) - 1],
        "| the same, the worst cell | | %.2f |" % worst[names.index(APPLY) - 1],
        "| `create_default_context()` to `apply()`, medians | >= 6 | %.1f |"
        % (middle[names.index(EXPLICIT) - 1] / middle[names.index(APPLY) - 1]),
        *(
            "| memory of a live context, to stock | <= 1.2 | %.2f |" % (memory[APPLY] / memory[STOCK])
            for _ in range(bool(memory))
        ),
        "| start of the interpreter (%.1f ms) with `import securedefaults` and `apply()` | | %+.2f ms |"
        % (1000 * start["pass"], 1000 * (start["apply"] - start["pass"])),
        "| the same with securedefaults-autoload configured on | <= 1 ms | %+.2f ms |"
        % (1000 * (start["autoload on"] - start["pass"])),
        "| and not configured | <= 1 ms | %+.2f ms |" % (1000 * (start["autoload"] - start["pass"])),
        "| `apply()` once `ssl` is loaded | <= 1 ms | %.2f ms |" % (1000 * alone),
        "| the same with the import of the package | | %.2f ms |" % (1000 * together),
        "| verdict of warn mode, the first time for a chain and name | <= 1.5 ms | %.2f ms |" % (1000 * first),
        "| the same, remembered | <= 0.05 ms | %.3f ms |" % (1000 * again),
        "| all faults and remedies, once for a chain, name and rule: the slowest of %d chains | <= 15 ms | %.1f ms |"
        % (len(remedies), 1000 * max(remedies.values())),
        '| `apply("warn")` to stock, median | | %.2f |' % middle[names.index(WARN) - 1],
        "| `apply(log=...)` to stock, median | | %.2f |" % middle[names.index(LOG) - 1],
    ]
    return "\n".join(lines)


def bars(text: str) -> str:
    """The first three lines of the report that have a bar to meet, as a table."""
    title, rule = re.findall(r"^\| what \|.*\n|^\|---\|---\|---\|\n", text, re.M)
    return title + rule + "\n".join(re.findall(r"^\| .* \| [<>]= .*", text, re.M)[:3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--bars", type=Path, metavar="FILE")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    authority = Authority()
    with tempfile.TemporaryDirectory() as folder:
        roots = use_trust_store(Path(folder), authority)
        os.environ["BENCH_LOG"] = os.path.join(folder, "log.jsonl")
        pems = {"RSA": authority.issue(rsa_key=True), "EC": authority.issue()}
        with servers(__file__, pems) as ports:
            text = report(ports, pems, roots, arguments.rounds)
    print(text)
    if arguments.write:
        marks.write(arguments.write, "bench %d.%d" % sys.version_info[:2], text)
    if arguments.bars:
        marks.write(arguments.bars, "bars %d.%d" % sys.version_info[:2], bars(text))


main()
