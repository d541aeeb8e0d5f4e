"""`rdeps`: packages of a Debian archive whose tests may run servers with TLS of their own.

Such a test connects to a server with a certificate that nobody signed. If it does so through one of the clients that
the series changes, and gives no context, it fails on a patched Python. What an archive's index says is which packages
are installed for the tests; so these are candidates to look at, no more.
"""

from __future__ import annotations

import gzip
import lzma
import re
import zlib
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence, Set

from .model import Problem

#: Which packages are such servers, or make certificates for them, and what they speak.
SERVERS = {
    r"python3-aiosmtpd|aiosmtpd": "SMTP server in Python",
    r"python3-pyftpdlib": "FTP server in Python",
    r"python3-twisted": "servers for SMTP, IMAP, POP3 and FTP in Python",
    r"python3-pytest-localserver": "SMTP and HTTP servers for tests",
    r"python3-trustme": "certificates for tests",
    r"dovecot-(core|imapd|pop3d|lmtpd)": "IMAP and POP3 server",
    r"cyrus-(imapd|pop3d|nntpd)": "IMAP, POP3 and NNTP server",
    r"courier-(imap|pop|mta)": "IMAP, POP3 and SMTP server",
    r"postfix|exim4(-daemon-(light|heavy))?|opensmtpd|sendmail(-bin)?": "SMTP server",
    r"default-mta|mail-transport-agent": "SMTP server, whichever the archive prefers",
    r"libgreenmail-java|greenmail": "SMTP, IMAP and POP3 server for tests",
    r"vsftpd|pure-ftpd|proftpd(-core|-basic|-mod-crypto)?|inetutils-ftpd": "FTP server",
    r"inn2?|leafnode": "NNTP server",
    r"stunnel4": "TLS in front of any server",
}
_SERVERS = {re.compile(r"(?:%s)$" % pattern): about for pattern, about in SERVERS.items()}

#: What a package that uses Python depends on, or builds with.
_PYTHON = re.compile(r"python3(\.\d+)?(-(all|dev|all-dev|minimal))?$|dh-python$|dh-sequence-python3$|python3-")

_BUILD = ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch")
_RUN = ("Depends", "Pre-Depends")


class Candidate(NamedTuple):
    """A source package; where its servers are named, and what they are."""

    source: str
    servers: Dict[str, List[str]]


def candidates(files: Sequence[Path]) -> List[Candidate]:
    """Those in index files of an archive, Sources and Packages, in any order.

    A source package uses Python if it builds with it, or if one of its binary packages depends on it. Its servers are
    in its Testsuite-Triggers and Build-Depends.

    Raises:
        Problem: a file is no such index, or there is no Sources among them.
    """
    python: Set[str] = set()
    found: Dict[str, Dict[str, List[str]]] = {}
    kinds = set()
    for path in files:
        for stanza in stanzas(path):
            is_source = "Format" in stanza
            kinds.add(is_source)
            name = stanza["Package"] if is_source else stanza.get("Source", stanza["Package"]).split()[0]
            if any(
                _PYTHON.match(needed) for field in (_BUILD if is_source else _RUN) for needed in _names(stanza, field)
            ):
                python.add(name)
            if is_source:
                found.setdefault(name, {}).update(_servers(stanza))
    if True not in kinds:
        raise Problem("the tests of a package are named in Sources, and there is none among these files")
    return [Candidate(name, servers) for name, servers in sorted(found.items()) if servers and name in python]


def _servers(stanza: Dict[str, str]) -> Dict[str, List[str]]:
    """By field, the servers that it names."""
    fields = {
        field: sorted({name for name in _names(stanza, field) if any(server.match(name) for server in _SERVERS)})
        for field in ("Testsuite-Triggers", *_BUILD)
    }
    return {field: names for field, names in fields.items() if names}


def _names(stanza: Dict[str, str], field: str) -> List[str]:
    """The packages of a field of dependencies, without versions, architectures and profiles."""
    return re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]*)", stanza.get(field, ""))


def stanzas(path: Path) -> Iterator[Dict[str, str]]:
    """The entries of an index, plain or compressed, each by field."""
    found = 0
    for text in re.split(r"\n\s*\n", _read(path)):
        fields = re.findall(r"^([A-Za-z][\w-]*):[ \t]*((?:.*)(?:\n[ \t].*)*)", text, re.MULTILINE)
        stanza = {name: value.replace("\n", " ").strip() for name, value in fields}
        if "Package" in stanza:
            found += 1
            yield stanza
    if not found:
        raise Problem("%s: not a Packages or Sources file of a Debian archive" % path)


def _read(path: Path) -> str:
    if not path.exists():
        raise Problem("%s: does not exist" % path)
    data = path.read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        elif data[:6] == b"\xfd7zXZ\x00":
            data = lzma.decompress(data)
        elif data[:4] == b"\x04\x22\x4d\x18":
            raise Problem("%s: is lz4; /usr/lib/apt/apt-helper cat-file %s > Sources unpacks it" % (path, path))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as exc:
        raise Problem("%s: cannot be unpacked: %s" % (path, exc)) from exc
    return data.decode("utf-8", "replace")


def about(server: str) -> str:
    """What it is, in a few words."""
    return next(words for pattern, words in _SERVERS.items() if pattern.match(server))
