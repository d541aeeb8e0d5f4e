"""A client's program against a server, in one of the modes, and what came of it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from wire.certs import certificates
from wire.servers import SECRET, USER

from .clients import Client
from .environments import environment
from .servers import LENIENT, Server

TIMEOUT = 120  # seconds

#: of Python's own way to print a warning
WARNING = re.compile(
    r"^(?P<file>[^\n]+?):(?P<line>\d+): (?:securedefaults\.\S*?)?"
    r"(?P<category>UnverifiedDefaultWarning|WouldBeRefusedWarning): ",
    re.MULTILINE,
)


class Case(NamedTuple):
    """What is tried.

    Attributes:
        name: for the tests' names.
        mode: of the package; None leaves it out.
        certificate: of the server, by its name in `wire.certs`.
        trusted: whether the machine trusts the server's CA, by SSL_CERT_FILE.
    """

    name: str
    mode: Optional[str]
    certificate: str
    trusted: bool


STOCK = Case("stock", None, "good", False)
STOCK_TRUSTED = Case("stock-trusted", None, "good", True)
REFUSED = (
    Case("private-CA", "enforce", "good", False),
    Case("wrong-host", "enforce", "wrong host", True),
    Case("expired", "enforce", "expired", True),
)
TRUSTED = Case("trusted", "enforce", "good", True)
WARN = Case("warn", "warn", "good", False)
WARN_TRUSTED = Case("warn-trusted", "warn", "good", True)
CASES = (STOCK, *REFUSED, TRUSTED, WARN, WARN_TRUSTED)


class Warned(NamedTuple):
    """One of our warnings, as it was printed."""

    category: str
    file: str
    line: int


class Result(NamedTuple):
    """What became of it.

    Attributes:
        status: the program's exit status.
        output: what it printed.
        credentials: what the server received of them, each with "clear" or "inside".
        connections: that the server has seen.
        clear: how many of them stayed without TLS, of those in which the client said something.
        observed: what the package noted of each handshake.
        warned: our warnings.
    """

    status: int
    output: str
    credentials: List[Tuple[str, bytes]]
    connections: int
    clear: int
    observed: List[Dict[str, Any]]
    warned: List[Warned]

    @property
    def leaked(self) -> bool:
        """Whether the password, or the name that goes with it, arrived, wherever."""
        return bool(self.credentials)

    @property
    def places(self) -> Set[str]:
        """Where they arrived."""
        return {where for where, _ in self.credentials}

    @property
    def reason(self) -> bool:
        """Whether it is said that a certificate was refused, by the program or by our logger."""
        pattern = "certificate.verify.failed|refused the certificate of"
        return re.search(pattern, self.output, re.IGNORECASE) is not None


def _activated(client: Client, case: Case, log: Path) -> Tuple[List[str], Dict[str, str]]:
    """What comes between Python and the program, and into the environment, to protect a program from outside."""
    if case.mode is None:
        return [], {}
    if client.autoload:
        return [], {"SECUREDEFAULTS_MODE": case.mode, "SECUREDEFAULTS_LOG": str(log)}
    return ["-m", "securedefaults", "run", "--mode", case.mode, "--log", str(log)], {}


def run(client: Client, case: Case, **environ: str) -> Result:
    """Run it.

    Args:
        client: whose program.
        case: the mode and the server's certificate.
        environ: environment variables beside those of the case.
    """
    there = environment(client.package)
    certs = certificates()
    context = certs[case.certificate].context
    attack = LENIENT if client.returns else None
    server = Server(client.protocol, context, implicit=client.implicit, attack=attack)
    with tempfile.TemporaryDirectory() as name, server:
        folder = Path(name).resolve()
        for part in ("home", "no-cas"):
            (folder / part).mkdir()
        bundle, log = folder / "cas.pem", folder / "log.jsonl"
        bundle.write_bytes((certs.trusted if case.trusted else certs.unknown).pem)
        command, activation = _activated(client, case, log)
        command += [str(client.path), "localhost", str(server.port), USER, SECRET]
        done = subprocess.run(
            [str(there.python), *command],
            cwd=folder / "home",
            env={
                **there.environ(folder / "home"),
                "SSL_CERT_FILE": str(bundle),
                "SSL_CERT_DIR": str(folder / "no-cas"),
                "PYTHONWARNINGS": "default",
                **activation,
                **environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        server.wait()
        lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
    return Result(
        done.returncode,
        done.stdout,
        server.credentials(),
        len(server.records),
        sum(not record.tls and not record.alert and bool(record.clear) for record in server.records),
        [json.loads(line) for line in lines],
        [Warned(match["category"], match["file"], int(match["line"])) for match in WARNING.finditer(done.stdout)],
    )
