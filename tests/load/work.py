"""Connections by the thousand, to good servers and to impostors, and what came of them.

The servers run in a process of their own, so that what is measured is the client. Every connection has a password of
its own: whether it arrived, and where, is what the servers say.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import errno
import ftplib
import gc
import imaplib
import itertools
import json
import os
import poplib
import re
import smtplib
import ssl
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Counter, Dict, Iterator, List, NamedTuple, Optional, Set

import securedefaults
from securedefaults._tls.context import DefaultContext
from wire.servers import USER, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wire.certs import Authority  # not otherwise: what it needs is not there for every Python

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        import nntplib
    except ImportError:
        nntplib = None  # type: ignore[assignment]

#: seconds; nobody is to fail because the machine is busy
TIMEOUT = 120

GOOD, IMPOSTOR = "good", "impostor"
LOGGED_IN, REFUSED = "logged in", "refused"
#: by one of the platform's errors for a dead connection: it was begun in one state and refused or closed in the other
CHANGED = "failed while protection began or ended"
DEAD = (
    "OSError: [Errno %d] %s" % (errno.EBADF, os.strerror(errno.EBADF)),
    "abort: socket error: [Errno %d] %s" % (errno.EBADF, os.strerror(errno.EBADF)),
)
EXPECTED = (LOGGED_IN, REFUSED, CHANGED)


def smtp_ssl(port: int, password: str) -> None:
    with smtplib.SMTP_SSL("localhost", port, "localhost", timeout=TIMEOUT) as smtp:
        smtp.login(USER, password)


def smtp_starttls(port: int, password: str) -> None:
    with smtplib.SMTP("localhost", port, "localhost", timeout=TIMEOUT) as smtp:
        smtp.starttls()
        smtp.login(USER, password)


def imap_ssl(port: int, password: str) -> None:
    with imaplib.IMAP4_SSL("localhost", port) as imap:
        imap.login(USER, password)


def imap_starttls(port: int, password: str) -> None:
    with imaplib.IMAP4("localhost", port) as imap:
        imap.starttls()
        imap.login(USER, password)


def pop_ssl(port: int, password: str) -> None:
    pop = poplib.POP3_SSL("localhost", port, timeout=TIMEOUT)
    with contextlib.closing(pop):
        pop.user(USER)
        pop.pass_(password)


def pop_stls(port: int, password: str) -> None:
    pop = poplib.POP3("localhost", port, timeout=TIMEOUT)
    with contextlib.closing(pop):
        pop.stls()
        pop.user(USER)
        pop.pass_(password)


def ftp_auth(port: int, password: str) -> None:
    with ftplib.FTP_TLS(timeout=TIMEOUT) as ftp:
        ftp.connect("localhost", port)
        ftp.login(USER, password)


def nntp_ssl(port: int, password: str) -> None:
    with nntplib.NNTP_SSL("localhost", port, timeout=TIMEOUT) as nntp:
        nntp.login(USER, password, usenetrc=False)


KINDS: Dict[str, Callable[[int, str], None]] = {
    "SMTP_SSL": smtp_ssl,
    "SMTP.starttls": smtp_starttls,
    "IMAP4_SSL": imap_ssl,
    "IMAP4.starttls": imap_starttls,
    "POP3_SSL": pop_ssl,
    "POP3.stls": pop_stls,
    "FTP_TLS.auth": ftp_auth,
    **({"NNTP_SSL": nntp_ssl} if nntplib else {}),
}


# The servers, in the other process


def pems(trusted: Authority) -> Dict[str, str]:
    """By site: private key and certificates; those of the impostors are of nobody's CA."""
    return {GOOD: trusted.issue().decode(), IMPOSTOR: type(trusted)().issue().decode()}


def serve() -> None:
    """Servers of each kind, good ones and impostors; for each line of input tells which passwords they were told."""
    from wire.certs import server_context

    contexts = {name: server_context(pem.encode()) for name, pem in json.loads(sys.stdin.readline()).items()}
    with contextlib.ExitStack() as stack:
        servers: Dict[str, Dict[str, Server]] = {}
        for site, context in contexts.items():
            for kind in KINDS:
                protocol = re.match("SMTP|IMAP|POP3|FTP|NNTP", kind).group()  # type: ignore[union-attr]
                server = stack.enter_context(Server(protocol, context, implicit=kind.endswith("_SSL")))
                servers.setdefault(site, {})[kind] = server
        print(
            json.dumps({site: {kind: s.port for kind, s in kinds.items()} for site, kinds in servers.items()}),
            flush=True,
        )
        for _ in sys.stdin:
            told = {site: [n for s in kinds.values() for n in _told(s)] for site, kinds in servers.items()}
            print(json.dumps(told), flush=True)


def _told(server: Server) -> List[int]:
    """The numbers of the passwords that it has received since it was asked last."""
    found: List[int] = []
    server.wait()
    while server.records:
        record = server.records.pop()
        log = bytes(record.clear) + b"\n" + bytes(record.inside)
        for token in re.findall(rb"^AUTH PLAIN (\S+)", log, re.MULTILINE):
            log += base64.b64decode(token)
        found += {int(number) for number in re.findall(rb"sesame-(\d+)", log)}
    server._threads.clear()
    return found


class Servers:
    """The other process.

    Args:
        pems: by site, private key and certificates.
        python: that it runs with.
    """

    def __init__(self, pems: Dict[str, str], python: str = sys.executable) -> None:
        command = [python, str(Path(__file__).with_name("__main__.py")), "--serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        #: by site and kind
        self.ports: Dict[str, Dict[str, int]] = self._ask(json.dumps(pems))

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def told(self) -> Dict[str, List[int]]:
        """By site: the numbers of the connections whose passwords arrived there since it was asked last."""
        return self._ask("")  # type: ignore[no-any-return]

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *args: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


# What goes on beside


class Beside:
    """Does something every now and then while connections are made; a context manager."""

    #: the number of times that protection began or ended; it is in force while this is even
    changes = 0
    rounds = 0

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._stop = threading.Event()
        self.errors: List[BaseException] = []

    def steps(self) -> List[Callable[[], object]]:
        return []

    def _run(self) -> None:
        try:
            for step in itertools.cycle(self.steps() or [lambda: None]):
                step()
                self.rounds += 1
                if self._stop.wait(self._pause):
                    return
        except BaseException as exc:
            self.errors.append(exc)

    def __enter__(self) -> Beside:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        self._thread.join()


class Applying(Beside):
    """apply() again and again, each time otherwise; protection is in force all the time."""

    def __init__(self, pause: float, log: str) -> None:
        super().__init__(pause)
        self._log = log

    def steps(self) -> List[Callable[[], object]]:
        rule = securedefaults.HostRule("other.example.test", cafile=os.environ["SSL_CERT_FILE"])
        return [
            securedefaults.apply,
            lambda: securedefaults.apply(strict=True),
            lambda: securedefaults.apply(rules=[rule]),
            lambda: securedefaults.apply(log=self._log),
        ]


class Toggling(Beside):
    """restore() and apply() by turns."""

    def _off(self) -> None:
        self.changes += 1
        securedefaults.restore()

    def _on(self) -> None:
        securedefaults.apply()
        self.changes += 1

    def steps(self) -> List[Callable[[], object]]:
        return [self._off, self._on, lambda: None, lambda: None]


# The load


class Result(NamedTuple):
    """What came of a number of connections.

    Attributes:
        outcomes: how many, by site and outcome: LOGGED_IN, REFUSED, or the name of another exception.
        given_away: how many impostors were told the password.
        in_force: during how many connections protection was in force all the time.
        given_away_in_force: how many impostors were told a password in these.
        seconds: for all of them.
        memory: KiB by which the resident memory grew after the first third.
        descriptors: by how many there are more.
        contexts: how many more default contexts are still alive.
        observations: how many different ones are kept.
    """

    outcomes: Dict[str, Counter[str]]
    given_away: int
    in_force: int
    given_away_in_force: int
    seconds: float
    memory: float
    descriptors: int
    contexts: int
    observations: int

    def others(self) -> Dict[str, int]:
        """The outcomes that nobody expects."""
        found: Counter[str] = collections.Counter()
        for counter in self.outcomes.values():
            found.update({name: count for name, count in counter.items() if name not in EXPECTED})
        return dict(found)


_numbers = itertools.count()


def load(servers: Servers, connections: int, threads: int, beside: Beside, *, sites: Any = (GOOD, IMPOSTOR)) -> Result:
    """That many connections, by turns of all kinds and to all sites."""
    first = next(_numbers)
    numbers = iter(range(first, first + connections))
    for _ in range(connections):
        next(_numbers)
    outcomes: Dict[str, Counter[str]] = {site: collections.Counter() for site in sites}
    in_force: Set[int] = set()
    lock = threading.Lock()
    kinds = list(KINDS)

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            kind, site = kinds[number % len(kinds)], sites[number // len(kinds) % len(sites)]
            if number in samples:
                memory.append(resident())
            before = beside.changes
            outcome = _connect(kind, servers.ports[site][kind], number)
            # odd from just before protection ends until it is in force again
            steady = before == beside.changes and before % 2 == 0
            with lock:
                outcomes[site][CHANGED if not steady and outcome in DEAD else outcome] += 1
                if steady:
                    in_force.add(number)

    gc.collect()
    # A test that traces may have left some with the interpreter: an exception out of a trace function keeps frames.
    others = contexts_alive()
    samples = first + connections // 3, first + connections - 1
    memory: List[float] = []
    open_files = descriptors()
    start = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    with beside:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    seconds = time.perf_counter() - start
    gc.collect()
    if beside.errors:
        raise beside.errors[0]
    told = set(servers.told()[IMPOSTOR])
    return Result(
        outcomes,
        len(told),
        len(in_force),
        len(told & in_force),
        seconds,
        memory[1] - memory[0],
        descriptors() - open_files,
        contexts_alive() - others,
        len(securedefaults.report().observations),
    )


def contexts_alive() -> int:
    """How many default contexts there are."""
    return sum(isinstance(thing, DefaultContext) for thing in gc.get_objects())


def _connect(kind: str, port: int, number: int) -> str:
    try:
        KINDS[kind](port, "sesame-%d" % number)
    except ssl.SSLCertVerificationError:
        return REFUSED
    except Exception as exc:
        text = "%s: %s" % (type(exc).__name__, exc)
        return text if text in DEAD else "%s in %s" % (text, kind)
    return LOGGED_IN


def resident() -> float:
    """Memory of this process in KiB; 0 where there is no /proc."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
    return 0


def descriptors() -> int:
    """How many are open; 0 where there is no /proc."""
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/fd"))
    return 0


@contextlib.contextmanager
def allocated() -> Iterator[Dict[str, int]]:
    """Bytes that this package has allocated inside of this and not freed; it takes its time."""
    import tracemalloc

    only = [tracemalloc.Filter(True, str(Path(securedefaults.__file__).with_name("*")))]
    result: Dict[str, int] = {}
    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot().filter_traces(only)
        yield result
        gc.collect()
        after = tracemalloc.take_snapshot().filter_traces(only)
    finally:
        tracemalloc.stop()
    result["bytes"] = sum(change.size_diff for change in after.compare_to(before, "filename"))


def replaced(modules: Optional[List[Any]] = None) -> Dict[str, int]:
    """The identity of everything that apply() could replace."""
    found = {"ssl._create_stdlib_context": id(ssl._create_stdlib_context)}
    for module in modules or [smtplib, imaplib, poplib, ftplib, *([nntplib] if nntplib else [])]:
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__:
                found[name] = id(value)
                found.update({"%s.%s" % (name, key): id(item) for key, item in vars(value).items()})
    return found
