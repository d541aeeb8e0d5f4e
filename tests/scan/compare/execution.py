"""Run a program of the corpus against a server, and see what the server received."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import List, NamedTuple, Optional

from wire.certs import Certificates
from wire.servers import SECRET, STRIP, USER, Server

from .cases import SERVERS, Case


class Outcome(NamedTuple):
    """Where the password was received, "inside" TLS or in "clear" text, and what the program said."""

    received: List[str]
    status: int
    output: str


def execute(program: Path, case: Case, context: ssl.SSLContext, bundle: Path) -> Outcome:
    """Run this copy of the case against a server with this context, trusting `bundle` and nothing else."""
    assert case.server is not None
    protocol, implicit = SERVERS[case.server]
    attack: Optional[str] = STRIP if case.labels.get("server") == "strip" else None
    with Server(protocol, context, implicit=implicit, attack=attack) as server:
        arguments = ["localhost", str(server.port), USER, SECRET]
        environ = {**os.environ, "SSL_CERT_FILE": str(bundle)}
        environ.update(zip(("MAIL_HOST", "MAIL_PORT", "MAIL_USER", "MAIL_PASSWORD"), arguments))
        # without site it starts twice as fast, and nothing that is installed can interfere
        command = [sys.executable, "-I", "-S", "-W", "ignore", str(program), *arguments]
        done = subprocess.run(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60
        )
        server.wait()
    received = sorted({where for where, _ in server.credentials()})
    return Outcome(received, done.returncode, done.stdout.decode("utf-8", "replace"))


def server_context(case: Case, certificates: Certificates) -> ssl.SSLContext:
    """Of a server that a program which verifies must refuse."""
    return certificates["wrong host" if case.labels.get("server") == "wrong-host" else "unknown CA"].context
