"""Under `securedefaults run` and the autoload a refusal or an exemption leaves one line on stderr, on every Python.

Once for each server and process, whatever the program does with the exception; and none where it has set up logging.
"""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Iterator, List

import pytest
from programs import python

import securedefaults
from native import stock
from securedefaults import _policy
from securedefaults._observe import stderr, telling
from wire.certs import Certificates
from wire.servers import Server

pytestmark = stock

CAUGHT = """
    import smtplib, ssl, sys
    {logging}
    def connect(host="localhost"):
        try:
            smtplib.SMTP_SSL(host, int(sys.argv[1]), "localhost", timeout=10).close()
        except ssl.SSLCertVerificationError as exc:
            print("refused")
        else:
            print("connected")
    {body}
"""
BASIC = "import logging; logging.basicConfig(filename=sys.argv[2])"
AUTOLOAD = "from securedefaults._install import autoload; autoload.start()\n"


@pytest.fixture(params=["run", "autoload"])
def protected(request: Any, tmp_path: Path) -> Any:
    """Runs a program under protection that it knows nothing of."""

    def protected(body: str, *arguments: object, logging: str = "", **kwargs: Any) -> subprocess.CompletedProcess[str]:
        source = textwrap.dedent(CAUGHT).format(logging=logging, body=textwrap.dedent(body))
        script = tmp_path / "program.py"
        script.write_text(source if request.param == "run" else AUTOLOAD + source, encoding="utf-8")
        command = ["-m", "securedefaults", "run"] if request.param == "run" else []
        return python(*command, script, *arguments, SECUREDEFAULTS_MODE=kwargs.pop("mode", "enforce"), **kwargs)

    return protected


@pytest.fixture
def server(certs: Certificates) -> Iterator[Server]:
    with Server("SMTP", certs["self-signed"].context, implicit=True) as server:
        yield server


def refusal(server: Server, host: str = "localhost") -> str:
    said = "self-signed certificate" if "self-signed" in words() else "self signed certificate"
    return "securedefaults: refused the certificate of smtp %s:%d: %s (verify code 18)" % (host, server.port, said)


def words() -> str:
    import ssl

    return "self-signed" if ssl.OPENSSL_VERSION_INFO >= (3, 0) else "self signed"


def exempt(folder: Path, *lines: str) -> str:
    path = folder / "securedefaults.cfg"
    path.write_text("\n".join(["[host localhost]", "verify = no", *lines]) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def ours(done: subprocess.CompletedProcess[str]) -> List[str]:
    return [line for line in done.stderr.splitlines() if "securedefaults" in line]


def test_a_refusal_that_is_caught_is_said_once(protected: Any, server: Server) -> None:
    done = protected("for _ in range(3): connect()", server.port)
    assert done.stdout.split() == ["refused"] * 3
    assert done.stderr.splitlines() == [refusal(server)]


def test_each_server_has_its_line(protected: Any, server: Server) -> None:
    done = protected("for host in ('localhost', '127.0.0.1', 'localhost'): connect(host)", server.port)
    assert done.stderr.splitlines() == [refusal(server), refusal(server, "127.0.0.1")]


def test_a_refusal_that_nobody_catches_is_said_too(protected: Any, server: Server) -> None:
    """Before 3.11 the traceback does not show the note."""
    done = protected("smtplib.SMTP_SSL('localhost', int(sys.argv[1]))", server.port)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == refusal(server)
    assert done.stderr.count("securedefaults: refused the certificate") == 1
    assert ("What to do" in done.stderr) == (sys.version_info >= (3, 11))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["reason = ticket 4711", "until = 2099-12-31"], "ticket 4711, until 2099-12-31"),
        (["until = 2099-12-31"], "until 2099-12-31"),
        (["reason = Prüfstand"], "Pr\\xfcfstand, without an end"),
    ],
)
def test_an_exemption_is_said_once(lines: List[str], said: str, protected: Any, server: Server, tmp_path: Path) -> None:
    config = exempt(tmp_path, *lines)
    done = protected("for _ in range(3): connect()", server.port, SECUREDEFAULTS_CONFIG=config)
    assert done.stdout.split() == ["connected"] * 3
    line = "securedefaults: did not verify the certificate of smtp localhost:%d, by a rule: " % server.port
    assert done.stderr.splitlines() == [line + said]


@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize(
    "logging",
    [
        BASIC,
        "import logging; logging.getLogger('securedefaults').addHandler(logging.NullHandler())",
        "import logging; logging.getLogger('securedefaults').disabled = True",
        "import logging; logging.disable(logging.CRITICAL)",
    ],
    ids=["basicConfig", "NullHandler", "disabled logger", "disabled logging"],
)
def test_nothing_is_said_where_logging_is_set_up(
    logging: str, is_exempt: bool, protected: Any, server: Server, tmp_path: Path
) -> None:
    config = exempt(tmp_path, "reason = a test") if is_exempt else ""
    environ = {"SECUREDEFAULTS_CONFIG": config} if is_exempt else {}
    log = tmp_path / "log"
    done = protected("for _ in range(2): connect()", server.port, log, logging=logging, **environ)
    assert done.stdout.split() == ["connected" if is_exempt else "refused"] * 2
    assert done.stderr == ""
    if logging == BASIC:  # each time
        text = log.read_text(encoding="utf-8")
        assert text.count("did not verify, by a rule," if is_exempt else "WARNING:securedefaults:refused") == 2


def test_warn_mode_has_its_warnings(protected: Any, server: Server) -> None:
    done = protected("connect()", server.port, mode="warn")
    assert done.stdout.split() == ["connected"]
    assert "WouldBeRefusedWarning" in done.stderr
    assert "securedefaults: refused" not in done.stderr


def test_an_accepted_server_is_not_spoken_of(protected: Any, certs: Certificates) -> None:
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        done = protected("connect()", server.port)
    assert (done.stdout, done.stderr) == ("connected\n", "")


@pytest.mark.parametrize(
    "stream",
    [
        "sys.stderr.close()",
        "sys.stderr = None",
        "import os; os.close(2)",
        "import os; reads, writes = os.pipe(); os.close(reads); os.dup2(writes, 2)",
        "class Broken:\n    def flush(self): pass\n    def write(self, text): 1 / 0\nsys.stderr = Broken()",
        "class NoStream:\n    def flush(self): pass\nsys.stderr = NoStream()",
        "del sys.stderr",
        "import os, signal; reads, writes = os.pipe(); os.close(reads); os.dup2(writes, 2)\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
        "import os, signal; reads, writes = os.pipe(); os.close(reads); sys.stderr = os.fdopen(writes, 'w', 1)\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
        "import os; reads, writes = os.pipe(); os.set_blocking(writes, False)\n"
        "try:\n    while True: os.write(writes, b'x' * 4096)\n"
        "except BlockingIOError: os.set_blocking(writes, True); os.dup2(writes, 2)",
    ],
    ids=[
        "closed",
        "none",
        "no file",
        "nobody reads",
        "raises",
        "no stream",
        "deleted",
        "SIGPIPE",
        "SIGPIPE elsewhere",
        "full",
    ],
)
def test_a_broken_stderr_harms_nobody(stream: str, protected: Any, server: Server) -> None:
    done = protected("%s\nfor _ in range(2): connect()" % stream, server.port)
    assert done.stdout.split() == ["refused"] * 2
    assert done.returncode == 0


@pytest.mark.parametrize(("mode", "result"), [("enforce", "refused"), ("warn", "connected")])
def test_a_program_without_stderr_can_apply(mode: str, result: str, protected: Any, server: Server) -> None:
    done = protected("del sys.stderr\nimport securedefaults; securedefaults.apply(%r)\nconnect()" % mode, server.port)
    assert done.stdout.split() == [result]
    assert done.returncode == 0


def test_a_stderr_that_connects_ends(protected: Any, server: Server) -> None:
    """It would send a mail for each line, by way of a server that is refused as well."""
    done = protected(
        """
        class Mailer:
            def __init__(self, stream): self.stream = stream
            def write(self, text):
                self.stream.write(text)
                connect()
                connect("127.0.0.1")
        sys.stderr = Mailer(sys.stderr)
        connect()
        """,
        server.port,
    )
    assert done.stdout.split() == ["refused"]
    assert done.stderr == ""


#: what the program replaces stderr by, and how it reads that
LAYERS = {
    "gzip": ("import gzip; stream = gzip.open(name, 'wt')", "gzip.open(name, 'rt').read()"),
    "UTF-16": ("stream = open(name, 'w', encoding='utf-16')", "open(name, encoding='utf-16').read()"),
    "buffered": ("stream = open(name, 'w')", "open(name).read()"),
    "socket": (
        "import socket; ours, theirs = socket.socketpair(); stream = ours.makefile('w')",
        "theirs.recv(4096).decode()",
    ),
    "its own data": (
        "import os; os.close(2); file = open(name, 'wb', 0); assert file.fileno() == 2; stream = sys.stderr",
        "open(name).read()",
    ),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_said_keeps_to_the_layers_of_a_stream(
    layer: str, protected: Any, server: Server, tmp_path: Path
) -> None:
    """Whoever reads it finds the program's own lines whole, and in their order."""
    replace, read = LAYERS[layer]
    done = protected(
        "name = sys.argv[2]\n%s\nsys.stderr = stream\nprint('first', file=stream)\nconnect()\n"
        "print('last', file=stream)\nstream.flush()\nstream.close()\nprint(repr(%s))" % (replace, read),
        server.port,
        tmp_path / "said",
    )
    said = [refusal(server)] if layer in ("UTF-16", "buffered") else []
    refused, text = done.stdout.splitlines()
    assert (refused, ast.literal_eval(text).splitlines()) == ("refused", ["first", *said, "last"])


def test_a_stderr_that_was_put_elsewhere_is_written_to(protected: Any, server: Server, tmp_path: Path) -> None:
    """As a daemon does."""
    log = tmp_path / "log"
    protected("import os; file = open(sys.argv[2], 'wb'); os.dup2(file.fileno(), 2); connect()", server.port, log)
    assert log.read_text(encoding="ascii").splitlines() == [refusal(server)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_says_it_anew(protected: Any, server: Server) -> None:
    done = protected(
        """
        import os
        connect()
        sys.stdout.flush()
        child = os.fork()
        if not child:
            for _ in range(2): connect()
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        connect()
        """,
        server.port,
    )
    assert done.stderr.splitlines() == [refusal(server)] * 2


def test_a_handshake_that_is_made_later_is_spoken_of_too(protected: Any, server: Server) -> None:
    done = protected(
        """
        import securedefaults, socket
        for _ in range(2):
            context = securedefaults.create_default_context()
            sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
            tls = context.wrap_socket(sock, server_hostname="localhost", do_handshake_on_connect=False)
            try:
                tls.do_handshake()
            except ssl.SSLCertVerificationError:
                print("refused")
            tls.close()
        """,
        server.port,
    )
    assert done.stdout.split() == ["refused"] * 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("securedefaults: refused the certificate of localhost: self")


def test_a_program_that_applies_itself_has_the_logger(protected: Any, server: Server) -> None:
    """As ever: notes on 3.11 and later, and the log before."""
    done = protected("import securedefaults; securedefaults.apply('enforce')\nconnect()", server.port)
    assert done.stdout.split() == ["refused"]
    assert not any(line == refusal(server) for line in done.stderr.splitlines())
    assert ("What to do" in done.stderr) == (sys.version_info < (3, 11))


# In this process


def test_what_is_said_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(telling, "_MOST", 5)
    telling.forget()
    for number in range(20):
        stderr.say_once("\n\x1bé" + "a" * 5000, number)
    telling.forget()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 5
    assert set(map(len, lines)) == {len("securedefaults: \\n\\x1b\\xe9") + 997}


def test_a_policy_says_nothing_by_itself() -> None:
    securedefaults.apply()
    assert _policy.in_force is not None
    assert not _policy.in_force.speaks
    assert not stderr.is_for_us()
