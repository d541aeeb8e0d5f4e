"""A whole migration, from a program that verifies nobody to one that verifies everybody, on this machine alone.

    python tests/migration [--write Doc/migrate.md | --shell]

Three servers are started on free loopback ports, each with another reason for which enforcement would refuse it: its
CA is a private one, its certificate is for another name, its certificate is self-signed. Then the commands below are
run against them, and what they print is shown. --write puts all that into FILE between `<!-- migration -->` and `<!--
end migration -->`; --shell gives you a shell in which to try them yourself.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, Iterator, List

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import marks
from wire.certs import Authority, server_context
from wire.servers import Server

HERE = Path(__file__).resolve().parent

#: A sentence, and what is typed then; `cat` shows a file that was written at that place.
STEPS = [
    ("Run what you always run, in warn mode and with a log. Nothing changes but for the warnings:", "RUN_WARN"),
    ("Which servers are not ready, why, and which line of the program is it?", "REPORT"),
    (
        "Ask each server's operator: the first has a private CA, the second is called by a name that it has not, and "
        "the third's fingerprint is right. Write that down, and have it checked:",
        "CONFIG",
    ),
    ("Once more in warn mode, with these rules:", "AGAIN"),
    ("Nothing is in the way. So enforce:", "ENFORCE"),
    ("And somebody on the path, with a certificate of their own, gets nothing:", "IMPOSTOR"),
]

COMMANDS: Dict[str, List[str]] = {
    "RUN_WARN": ["python -m securedefaults run --mode warn --log seen.jsonl nightly.py"],
    "REPORT": ["python -m securedefaults report seen.jsonl"],
    "CONFIG": ["cat securedefaults.cfg", "python -m securedefaults config check securedefaults.cfg"],
    "AGAIN": [
        "export SECUREDEFAULTS_CONFIG=$PWD/securedefaults.cfg",
        "python -m securedefaults run --mode warn --log again.jsonl nightly.py 2> warnings",
        "python -m securedefaults report again.jsonl",
    ],
    "ENFORCE": ["python -m securedefaults run --mode enforce nightly.py"],
    "IMPOSTOR": ["IMAP_PORT=$IMPOSTOR_PORT python -m securedefaults run --mode enforce nightly.py 2>&1 | grep -v '^ '"],
}

CONFIG = """\
[host localhost:{IMAP_PORT}]
cafile = private-ca.pem

[host localhost:{SMTP_PORT}]
server_hostname = mail.example.test

[host localhost:{FTP_PORT}]
fingerprint = {fingerprint}
"""


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Dict[str, str]]:
    """The three, and somebody on the path; yields the environment that the program needs."""
    public, private, other = Authority(), Authority(), Authority()
    (folder / "system-cas.pem").write_bytes(public.pem)
    (folder / "private-ca.pem").write_bytes(private.pem)
    (folder / "empty").mkdir()
    self_signed = other.issue(("localhost",), self_signed=True)
    contexts = {
        "IMAP_PORT": ("IMAP", private.issue(("localhost",)), True),
        "SMTP_PORT": ("SMTP", public.issue(("mail.example.test",)), False),
        "FTP_PORT": ("FTP", self_signed, False),
        "IMPOSTOR_PORT": ("IMAP", other.issue(("localhost",)), True),
    }
    with contextlib.ExitStack() as stack:
        environ = {}
        for name, (protocol, pem, implicit) in contexts.items():
            server = stack.enter_context(Server(protocol, server_context(pem), implicit=implicit))
            environ[name] = str(server.port)
        (folder / "securedefaults.cfg").write_text(CONFIG.format(fingerprint=fingerprint(self_signed), **environ))
        shutil.copy(HERE / "nightly.py", folder)
        environ["SSL_CERT_FILE"], environ["SSL_CERT_DIR"] = str(folder / "system-cas.pem"), str(folder / "empty")
        yield environ


def fingerprint(pem: bytes) -> str:
    """What the server's operator says it is: told by another tool than the one that is tried here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])
    return "sha256:" + certificate.fingerprint(hashes.SHA256()).hex(":")


def environment(ports: Dict[str, str]) -> Dict[str, str]:
    """For the commands: `python` is this one, and the package is found."""
    names = [name for name in os.environ if not name.startswith(("SECUREDEFAULTS_", "PYTHONWARN"))]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    package = os.pathsep.join([str(HERE.parent.parent / "backport"), os.environ.get("PYTHONPATH", "")])
    return {
        **{name: os.environ[name] for name in names},
        **ports,
        "PATH": path,
        "PYTHONPATH": package.strip(os.pathsep),
    }


def transcript(folder: Path, environ: Dict[str, str]) -> str:
    """Markdown: each step's sentence, its commands, and what they print."""
    parts = []
    exports = ""
    for sentence, name in STEPS:
        lines = []
        for command in COMMANDS[name]:
            lines.append("$ " + command)
            if command.startswith("export "):
                exports += command + "\n"
                continue
            result = subprocess.run(
                ["sh", "-c", exports + "exec 2>&1\n" + command],
                cwd=folder,
                env=environ,
                stdout=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
            lines += [line.rstrip() for line in result.stdout.splitlines()]
        parts.append("%s\n\n```console\n%s\n```" % (sentence, "\n".join(lines)))
    return "\n\n".join(parts)


def told(text: str, folder: Path) -> str:
    """The same without what is another in each run: the folder, and where this package lies."""
    text = text.replace(str(folder) + os.sep, "").replace(str(folder), ".")
    text = re.sub(r'  File "[^"]*[/\\](\w+\.py)"', r'  File "\1"', text)
    return re.sub(r"((?:[0-9a-f]{2}:){3})(?:[0-9a-f]{2}:){26}[0-9a-f]{2}:[0-9a-f]{2}", r"\1...", text)


def shell(folder: Path, environ: Dict[str, str]) -> None:
    """Until the user leaves it."""
    print("The servers run until you leave this shell. Type:\n")
    for commands in COMMANDS.values():
        print("  " + "\n  ".join(commands))
    subprocess.run([os.environ.get("SHELL", "sh")], cwd=folder, env=environ, check=False)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--write", type=Path, metavar="FILE")
    choice.add_argument("--shell", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        with servers(folder) as ports:
            environ = environment(ports)
            if arguments.shell:
                shell(folder, environ)
                return
            text = told(transcript(folder, environ), folder)
    print(text)
    if arguments.write:
        marks.write(arguments.write, "migration", text)


if __name__ == "__main__":
    main()
