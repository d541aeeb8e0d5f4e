"""Where the examples run: a folder, and servers behind the names that the pages use. Nothing leaves this machine."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Dict, Iterator, NamedTuple, Sequence

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import scanner
import securedefaults
from wire import faults
from wire.certs import Authority, server_context
from wire.servers import Server

TIMEOUT = 60

#: Imported by each Python in the sandbox at its start: names and ports of the pages are those of the servers here.
SITE = """
import _socket, json, os, socket

_places = json.loads(os.environ["SANDBOX"])
_original = _socket.getaddrinfo


def getaddrinfo(host, port, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    here = name in (None, "", "localhost", "127.0.0.1", "::1") or name == os.uname().nodename
    place = _places.get("%s:%s" % (name, port))
    if place is not None:
        host, port = "127.0.0.1", place
    elif not here:
        raise _socket.gaierror(_socket.EAI_NONAME, "Name or service not known")
    return _original(host, port, *args, **kwargs)


_socket.getaddrinfo = getaddrinfo

_ports = {place: int(name.rpartition(":")[2]) for name, place in _places.items()}


def getpeername(self):
    name = _socket.socket.getpeername(self)
    return (name[0], _ports.get(name[1], name[1]), *name[2:]) if self.family == socket.AF_INET else name


socket.socket.getpeername = getpeername
"""


class Place(NamedTuple):
    """A server of the pages: who signed its certificate, and for which name."""

    host: str
    port: int
    protocol: str
    implicit: bool
    kind: str
    names: Sequence[str]


def _place(host: str, port: int, kind: str = "public", *names: str) -> Place:
    from securedefaults.cli.check import parse

    known = {1025: 587, 1143: 143, 10993: 993}.get(port, port)
    meant = parse("%s:%d" % (host, known)).kind
    return Place(host, port, meant.protocol, meant.implicit, kind, names or (host,))


PLACES = [
    *(_place("mail.example.org", port) for port in (25, 465, 587, 993, 143, 995, 110)),
    _place("imap.example.org", 993),
    _place("ftp.example.org", 21),
    _place("news.example.org", 563),
    # a private CA
    _place("mail.lan", 587, "private"),
    _place("mail.lan", 993, "private"),
    # a private CA as a plain `openssl req -x509` makes it
    _place("nas.lan", 993, "plain"),
    # under another name than that in its certificate, and by its address
    _place("imap.lan", 993, "private", "mail.lan"),
    _place("192.0.2.25", 993, "private", "192.0.2.25"),
    # a device that has made its certificate itself, with a common name and no other
    _place("printer.lan", 21, "common name", "PRT-1A2B"),
    # a program on this machine that speaks for a provider elsewhere, as Proton Bridge does
    _place("127.0.0.1", 1025, "self-signed", "127.0.0.1"),
    _place("127.0.0.1", 1143, "self-signed", "127.0.0.1"),
    _place("localhost", 1143, "self-signed", "127.0.0.1"),
    # a tunnel
    _place("localhost", 10993, "public", "imap.example.org"),
    # each with another fault
    _place("self-signed.example.org", 587, "self-signed"),
    _place("smtp.example.org", 587, "public", "mail.example.org"),
    _place("192.0.2.7", 993, "public", "mail.example.org"),
    _place("legacy.example.net", 21, "expired"),
    _place("early.example.org", 993, "early"),
    _place("old.example.org", 993, "no key identifier"),
    _place("client.example.org", 993, "client"),
    _place("half.example.org", 993, "no intermediate"),
    # a relay's neighbour
    _place("mx.example.org", 25, "self-signed"),
]


#: without a key usage
HOME = faults.Certificate("Home CA", ca=True, extensions={"ku": None})


def certificate(place: Place, public: Authority, private: Authority, between: Authority) -> bytes:
    """A private key and what the server sends."""
    from cryptography.x509.oid import ExtendedKeyUsageOID

    if place.kind == "private":
        return private.issue(place.names)
    if place.kind == "plain":
        leaf = faults.Certificate("server", HOME, named=place.names)
        return faults.private(leaf.key) + faults.pem(leaf.der)
    if place.kind == "self-signed":
        return private.issue(place.names, self_signed=True)
    if place.kind == "common name":
        return private.issue((), common_name=place.names[0], self_signed=True)
    if place.kind == "expired":
        return public.issue(place.names, not_after=datetime.datetime(2021, 1, 1))
    if place.kind == "early":
        return public.issue(place.names, not_before=datetime.datetime(2098, 1, 1))
    if place.kind == "no key identifier":
        return public.issue(place.names, authority_key_identifier=False)
    if place.kind == "client":
        return public.issue(place.names, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    if place.kind == "no intermediate":
        return between.issue(place.names)
    return public.issue(place.names)


class Sandbox:
    """Commands run in it one after the other; what they export is there for the next."""

    def __init__(self, folder: Path, environ: Dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self._exports = ""

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a shell says to it; standard error is in its output."""
        if command.startswith("export "):
            self._exports += command + "\n"
        script = self._exports + "exec 2>&1\n" + command
        return self.start(["sh", "-c", script])

    def start(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """A program, with its standard error in its output."""
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )


@contextlib.contextmanager
def sandbox(base: Path) -> Iterator[Sandbox]:
    """Below `base`, with all the servers."""
    public, private = Authority(name="Public CA"), Authority(name="Private CA")
    between = Authority(public.ca)
    folder, tools = base / "work", base / "tools"
    (folder / "empty").mkdir(parents=True)
    tools.mkdir()
    (tools / "sitecustomize.py").write_text(SITE)
    (base / "system-cas.pem").write_bytes(public.pem)
    (folder / "private-ca.pem").write_bytes(private.pem)
    (folder / "intermediate.pem").write_bytes(between.pem)
    (folder / "home-ca.pem").write_bytes(faults.pem(HOME.der))
    _command(tools, "python", "")
    _command(tools, "python3", "")
    _command(tools, "securedefaults", "-m securedefaults")
    _command(tools, "pytest", "-m pytest -p no:cacheprovider" + ("" if _plugin_installed() else " -p " + _PLUGIN))
    with contextlib.ExitStack() as stack:
        ports: Dict[str, int] = {}
        by_kind: Dict[object, bytes] = {}
        for place in PLACES:
            key = place.kind, tuple(place.names)
            if key not in by_kind:
                by_kind[key] = certificate(place, public, private, between)
            context = server_context(by_kind[key])
            server = stack.enter_context(Server(place.protocol, context, implicit=place.implicit))
            ports["%s:%d" % (place.host, place.port)] = server.port
        for name, key in (
            ("bridge", ("self-signed", ("127.0.0.1",))),
            ("self-signed", ("self-signed", ("self-signed.example.org",))),
            ("printer", ("common name", ("PRT-1A2B",))),
            ("half", ("no intermediate", ("half.example.org",))),
        ):
            own = by_kind[key]
            (folder / (name + ".pem")).write_bytes(own[own.index(b"-----BEGIN CERT") :])
        yield Sandbox(folder, _environ(base, tools, ports))


_PLUGIN = "securedefaults.pytest_plugin"


def _plugin_installed() -> bool:
    found = entry_points()
    group = found.select(group="pytest11") if hasattr(found, "select") else found.get("pytest11", ())
    return any(entry.value == _PLUGIN for entry in group)


def _command(folder: Path, name: str, arguments: str) -> None:
    path = folder / name
    path.write_text('#!/bin/sh\nexec "%s" %s "$@"\n' % (sys.executable, arguments))
    path.chmod(0o755)


def _environ(base: Path, tools: Path, ports: Dict[str, int]) -> Dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SECUREDEFAULTS_", "PYTHON", "SSL_CERT_", "PYTEST_"))
    }
    package = Path(securedefaults.__file__).parent.parent
    checkout = [] if package.name == "site-packages" else [str(package)]
    return {
        **kept,
        "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(tools), *checkout, *scanner.paths(base / "scanner")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SANDBOX": json.dumps(ports),
        "SSL_CERT_FILE": str(base / "system-cas.pem"),
        "SSL_CERT_DIR": str(base / "work" / "empty"),
        "COLUMNS": "110",
    }
