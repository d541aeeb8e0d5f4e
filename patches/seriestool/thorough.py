"""`test --thorough`: what takes too long for every day: leaks, warnings as errors, another order, asyncio, a server."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence

from .applying import git, scratch
from .measure import FAILED, OWN_TESTS, PASSED, Measured, environment
from .model import EVERYWHERE, FOLDER, NEW_TESTS, STAGES, Branch, Patch, Problem
from .prefix import patched
from .trees import Tree

#: Seconds for one file of tests; -R 3:3 runs it six times.
TIMEOUT = 1800

#: Warnings are errors, and so is what a test leaves behind.
STRICT = ("-W", "error", "-m", "test", "--fail-env-changed", "--randomize", "-j1")

#: How many references, memory blocks and file descriptors are left after each of three runs, three having warmed up.
LEAKS = ("-R", "3:3")

#: Without LEAKS: with them it did not end within five minutes on an unpatched 3.15.2, and seemed to hang.
NO_LEAKS = ("test_ssl",)

#: What regrtest's exit statuses mean.
STATUSES = {2: "a test fails, or leaks", 3: "the environment is changed", 4: "no test was run", 130: "interrupted"}


def thorough(branch: Branch, tree: Tree, say: Callable[[str], None] = print) -> Measured:
    """Everything for one interpreter, as it is and at the end of each stage; takes half an hour with a debug build.

    Args:
        branch: the series.
        tree: the interpreter; only a debug build can find leaks.
        say: is told what goes on.
    """
    leaks = counts_references(tree)
    if not leaks:
        say(
            "%s is no debug build: leaks are not looked for (-R 3:3); python3.15d of fetch.py debug is one" % tree.label
        )
    measured = Measured()
    known: Dict[str, str] = {}
    for stage in ("unpatched", *STAGES):
        patches = () if stage == "unpatched" else branch.select(tree.version, EVERYWHERE, stage)
        with patched(tree, patches) as python, mail_server(tree) as address:
            if address is None and stage == "unpatched":
                say("test_smtpnet is left out: no ports 465 and 587 on an address of the loopback interface")
            found = run(python, jobs(tree, patches, leaks=leaks, address=address), address, say)
        failed = {name: said for name, said in found.items() if said}
        measured.stages[stage] = {PASSED: len(found) - len(failed), FAILED: len(failed)}
        if stage == "unpatched":
            known = failed
        measured.problems += ["%s: %s: %s" % (stage, name, said) for name, said in failed.items() if name not in known]
    for name, said in known.items():
        say("not ours: without the patches, too, %s: %s" % (name, said.partition("\n")[0]))
    return measured


def jobs(tree: Tree, patches: Sequence[Patch], *, leaks: bool, address: Optional[str]) -> Dict[str, List[str]]:
    """By name of a file of tests, the arguments of the interpreter that run it."""
    there = [name for name in OWN_TESTS if tree.file("Lib/test/%s.py" % name).exists()]
    if any("Lib/test/%s.py" % NEW_TESTS in patch.files() for patch in patches):
        there.append(NEW_TESTS)
    found = {name: [*STRICT, *(LEAKS if leaks and name not in NO_LEAKS else ()), name] for name in there}
    found["test_asyncio"] = ["-m", "test", "-j2", "test_asyncio"]
    if address and tree.file("Lib/test/test_smtpnet.py").exists():
        found["test_smtpnet"] = ["-W", "error", "-m", "test", "--fail-env-changed", "-u", "network", "test_smtpnet"]
    return found


def run(
    python: Path, wanted: Dict[str, List[str]], address: Optional[str], say: Callable[[str], None]
) -> Dict[str, str]:
    """Two at a time; by name what was wrong, or an empty text."""
    environ = {**environment(), "CPYTHON_TEST_SMTP_SERVER": address or ""}

    def one(name: str) -> str:
        with scratch() as folder:
            command = [str(python), "-E", *wanted[name]] if name != "test_smtpnet" else [str(python), *wanted[name]]
            try:
                done = subprocess.run(
                    command, cwd=folder, env=environ, capture_output=True, text=True, timeout=TIMEOUT, check=False
                )
            except subprocess.TimeoutExpired:
                return "did not end within %d s" % TIMEOUT
        if not done.returncode:
            say("  %s" % name)
            return ""
        status = STATUSES.get(done.returncode, "exit status %d" % done.returncode)
        say("  %s: %s" % (name, status))
        return "%s\n%s" % (status, (done.stdout + done.stderr)[-1500:])

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(wanted, pool.map(one, wanted)))


def counts_references(tree: Tree) -> bool:
    """Whether it is a debug build."""
    command = [str(tree.python), "-I", "-c", "import sys; sys.gettotalrefcount()"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def commit() -> str:
    """Of the series that is tested; with a mark if it has been changed since."""
    try:
        changed = git(FOLDER, "status", "--porcelain", "--", ".").strip()
        return git(FOLDER, "rev-parse", "--short=12", "HEAD").strip() + ("+" if changed else "")
    except Problem:
        return "none"


@contextlib.contextmanager
def mail_server(tree: Tree) -> Iterator[Optional[str]]:
    """The address of a server for SMTP, with STARTTLS on 587 and TLS on 465, the ports that test_smtpnet wants.

    It has the certificate of CPython's tests. None if these ports cannot be had on any of some loopback addresses.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ("Lib/test/certdata/keycert3.pem", "Lib/test/keycert3.pem")
    certificate = next((tree.file(name) for name in names if tree.file(name).exists()), None)
    sockets = _listening() if certificate else []
    if not sockets:
        yield None
        return
    context.load_cert_chain(str(certificate))
    for listener, implicit in zip(sockets, (False, True)):
        threading.Thread(target=_accept, args=(listener, context, implicit), daemon=True).start()
    try:
        yield sockets[0].getsockname()[0]
    finally:
        for listener in sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def _listening() -> List[socket.socket]:
    for _ in range(5):
        address = "127.%d.%d.%d" % (random.randrange(1, 250), random.randrange(250), random.randrange(1, 250))
        sockets: List[socket.socket] = []
        try:
            for port in (587, 465):
                sockets.append(socket.socket())
                sockets[-1].bind((address, port))
                sockets[-1].listen(5)
        except OSError:
            for listener in sockets:
                listener.close()
        else:
            return sockets
    return []


def _accept(listener: socket.socket, context: ssl.SSLContext, implicit: bool) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(30)
        threading.Thread(target=_serve, args=(connection, context, implicit), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, implicit: bool) -> None:
    """Just what a client needs that says EHLO, STARTTLS and QUIT."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(lambda: connection.close())
        if implicit:
            connection = context.wrap_socket(connection, server_side=True)
        connection.sendall(b"220 localhost\r\n")
        is_secure = implicit
        while True:
            command = connection.recv(1000).strip().upper()
            if command.startswith(b"EHLO"):
                connection.sendall(b"250 localhost\r\n" if is_secure else b"250-localhost\r\n250 STARTTLS\r\n")
            elif command == b"STARTTLS" and not is_secure:
                connection.sendall(b"220 go ahead\r\n")
                connection = context.wrap_socket(connection, server_side=True)
                is_secure = True
            elif command in (b"QUIT", b""):
                connection.sendall(b"221 bye\r\n")
                return
            else:
                connection.sendall(b"502 no\r\n")
