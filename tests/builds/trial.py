"""What becomes of `program.py`, wherever it runs: judged by what an impostor and an honest server received."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence

import pytest

from securedefaults._entrypoints import ENTRY_POINTS
from wire.certs import Certificates
from wire.clients import server_for

PROGRAM = Path(__file__).with_name("program.py")
NAMES = ("smtplib.SMTP.starttls", "smtplib.SMTP_SSL", "imaplib.IMAP4_SSL", "poplib.POP3_SSL", "ftplib.FTP_TLS.auth")
#: the slow ones: they install what they are about, and freeze programs with it
thorough = pytest.mark.skipif(
    os.environ.get("SECUREDEFAULTS_THOROUGH") != "1", reason="takes minutes: SECUREDEFAULTS_THOROUGH=1 asks for it"
)


class Trial(NamedTuple):
    """What the program printed, what came on stderr, and by entry point how much of a login reached the server."""

    outcomes: Dict[str, str]
    warned: List[str]
    others: List[str]
    status: Dict[str, str]
    stderr: str
    received: Dict[str, int]


def trial(command: Sequence[object], mode: str, context: Any, env: Mapping[str, str], *, timeout: float = 60) -> Trial:
    """Run the program by this command against servers with this certificate."""
    by_name = {entry_point.name: entry_point for entry_point in ENTRY_POINTS}
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(server_for(by_name[name], context)) for name in NAMES}
        targets = ["%s=%d" % (name, server.port) for name, server in servers.items()]
        done = subprocess.run(
            [*map(str, command), mode, *targets], env=env, capture_output=True, text=True, timeout=timeout, check=False
        )
    assert done.returncode == 0, done.stderr[-3000:]
    printed = json.loads(done.stdout.splitlines()[-1])
    received = {name: len(server.credentials()) for name, server in servers.items()}
    return Trial(stderr=done.stderr, received=received, **printed)


def assert_it_holds(command: Sequence[object], certs: Certificates, env: Mapping[str, str], **options: Any) -> None:
    """An impostor gets no password, an honest server does, and warn mode connects to both and says so."""
    refused = trial(command, "enforce", certs["unknown CA"].context, env, **options)
    assert not any(refused.received.values()), refused
    assert set(refused.outcomes.values()) == {"SSLCertVerificationError"}, refused
    assert set(refused.status.values()) == {"protected"}
    accepted = trial(command, "enforce", certs["good"].context, env, **options)
    assert set(accepted.outcomes.values()) == {"connected"}, accepted
    assert all(accepted.received.values()), accepted
    for label, warning in (("unknown CA", "WouldBeRefusedWarning"), ("good", "UnverifiedDefaultWarning")):
        watched = trial(command, "warn", certs[label].context, env, **options)
        assert set(watched.outcomes.values()) == {"connected"}, watched
        assert all(watched.received.values()), watched
        assert set(watched.warned) == {warning}, watched
        assert len(watched.warned) == len(NAMES), watched
