"""Which packages call the standard library's TLS clients without a context: read in the packages themselves.

All that is in PACKAGES was read by hand before; this finds the lines again. It says what is written there, and not
whether a program gets to it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import List, NamedTuple, Tuple

#: What makes a TLS connection: the argument that is its context, and how many others may come before it by position.
CLIENTS = {
    "SMTP_SSL": ("context", 3),
    "starttls": ("context", 0),
    "IMAP4_SSL": ("ssl_context", 2),
    "POP3_SSL": ("context", 2),
    "stls": ("context", 0),
    "FTP_TLS": ("context", 4),
}

#: Package, version, and the files with such calls.
PACKAGES: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    ("b4", "0.16.0", ("b4/__init__.py",)),
    ("django-helpdesk", "2.6.1", ("helpdesk/email.py",)),
    ("flask-mail", "0.10.0", ("flask_mail/__init__.py",)),
    ("fs", "2.4.16", ("fs/ftpfs.py",)),
    ("getmail6", "6.20.2", ("getmailcore/_retrieverbases.py",)),
    ("imbox", "0.10.1", ("imbox/imap.py",)),
    ("intelmq", "3.5.0", ("intelmq/bots/outputs/smtp/output.py",)),
    ("luigi", "3.8.1", ("luigi/notifications.py", "luigi/contrib/ftp.py")),
    ("mailmerge", "2.3.0", ("mailmerge/sendmail_client.py",)),
    ("redmail", "0.6.0", ("redmail/email/sender.py",)),
    ("superlance", "2.0.0", ("superlance/process_state_email_monitor.py",)),
    ("Trac", "1.6", ("trac/notification/mail.py",)),
    ("web.py", "0.76", ("web/utils.py",)),
    ("zope.sendmail", "7.3", ("zope/sendmail/mailer.py",)),
)


class Site(NamedTuple):
    """A call without a context."""

    package: str
    path: str
    line: int
    source: str


def unverified(source: str) -> List[Tuple[int, str]]:
    """Line and text of the calls in that module that cannot have a context.

    A call with `*args` or `**kwargs` might, and is left out. Other classes' methods of the same names are not told
    apart, so what is found has to be read once.
    """
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {keyword.arg for keyword in node.keywords}
        if name not in CLIENTS or None in given or any(isinstance(argument, ast.Starred) for argument in node.args):
            continue
        context, before = CLIENTS[name]
        if context in given or len(node.args) > before:
            continue
        found.append((node.lineno, lines[node.lineno - 1].strip()))
    return sorted(found)


def sites() -> List[Site]:
    """Downloads the packages, and installs nothing."""
    found = []
    for name, version, paths in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            wheel = download("%s==%s" % (name, version), Path(folder))
            with zipfile.ZipFile(wheel) as archive:
                for path in paths:
                    source = archive.read(path).decode("utf-8")
                    found += [Site("%s %s" % (name, version), path, *site) for site in unverified(source)]
    return found


def download(requirement: str, folder: Path) -> Path:
    """The wheel; exits with pip's own words if there is none."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", requirement]
    done = subprocess.run([*command, "-d", str(folder)], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("%s cannot be downloaded:\n%s" % (requirement, done.stderr))
    (wheel,) = folder.glob("*.whl")
    return wheel


def table(found: List[Site]) -> str:
    """For evidence.md."""
    packages = {site.package for site in found}
    lines = [
        "%d calls in %d packages, as downloaded from PyPI:" % (len(found), len(packages)),
        "",
        "| package | file | line | what is written there |",
        "|---|---|---|---|",
    ]
    lines += ["| %s | %s | %d | `%s` |" % site for site in found]
    return "\n".join(lines)
