"""The trust store is replaced, or broken, while the program runs.

That the next connection follows a replaced bundle, a folder with other files and another environment, and that a
bundle that was broken before the first connection refuses: see test_context.py. Here connections were made before, and
some are still open.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import types
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional

import pytest

import securedefaults
from native import backport_only
from securedefaults._tls import store
from wire.certs import Certificates
from wire.clients import HERE, STYLES, Target, server_for
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("they load the store for each connection")


def attempt(entry_point: Any, label: str, certs: Certificates) -> Any:
    """The server, and what the program got: an exception or None."""
    with server_for(entry_point, certs[label].context) as server:
        outcome = None
        try:
            STYLES[entry_point.name]["plain"](Target("localhost", server.port))
        except Exception as exc:
            outcome = exc
    return server, outcome


def smtps(label: str, certs: Certificates) -> Any:
    return attempt(next(e for e in HERE if e.name == "smtplib.SMTP_SSL"), label, certs)


@contextlib.contextmanager
def open_connection(certs: Certificates) -> Iterator[smtplib.SMTP]:
    """One that was made before, and has to survive."""
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with smtplib.SMTP_SSL("localhost", server.port, timeout=10) as smtp:
            yield smtp
            assert smtp.noop()[0] == 250
            smtp.login(USER, SECRET)
    assert [where for where, _ in server.credentials()][:1] == ["inside"]


def note_of(exc: Optional[BaseException]) -> str:
    return "\n".join(getattr(exc, "__notes__", ()))


BREAKS: Dict[str, Callable[[Path, Certificates], object]] = {
    "truncated": lambda path, certs: path.write_bytes(certs.trusted.pem[: len(certs.trusted.pem) // 2]),
    "emptied": lambda path, certs: path.write_bytes(b""),
    "garbage": lambda path, certs: path.write_bytes(os.urandom(4096)),
    "deleted": lambda path, certs: path.unlink(),
    "a folder": lambda path, certs: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("how", BREAKS)
def test_broken(how: str, certs: Certificates, trust: Path, caplog: Any) -> None:
    """The next connection is refused and says why, open ones go on, and with the bundle back all is as before."""
    securedefaults.apply()
    with open_connection(certs):
        BREAKS[how](trust, certs)
        server, outcome = smtps("good", certs)
        assert isinstance(outcome, ssl.SSLCertVerificationError)
        assert not server.credentials()
        assert "The CA bundle %s cannot be read: " % trust in note_of(outcome)
        if trust.is_dir():
            trust.rmdir()
        trust.write_bytes(certs.trusted.pem)
        server, outcome = smtps("good", certs)
        assert outcome is None
        assert server.credentials()


@pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)
def test_replaced_by_another_authority(entry_point: Any, certs: Certificates, trust: Path) -> None:
    """For each entry point: the new one counts, the old one does not."""
    securedefaults.apply()
    with open_connection(certs):
        trust.write_bytes(certs.unknown.pem)
        server, outcome = attempt(entry_point, "good", certs)
        assert isinstance(outcome, ssl.SSLCertVerificationError)
        assert not server.credentials()
        assert not server.data()
        server, outcome = attempt(entry_point, "unknown CA", certs)
        assert outcome is None
        assert server.credentials() or server.data()


def test_replaced_by_one_that_looks_the_same(certs: Certificates, trust: Path) -> None:
    """Of the same length, with the same time, at the same inode: as unpacked from an image with fixed times."""
    length = max(len(certs.trusted.pem), len(certs.unknown.pem))
    trust.write_bytes(certs.trusted.pem.ljust(length))
    before = trust.stat()
    securedefaults.apply()
    assert smtps("good", certs)[1] is None
    trust.write_bytes(certs.unknown.pem.ljust(length))
    os.utime(trust, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = trust.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    server, outcome = smtps("good", certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """A user who may not read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs a system with users")
def test_unreadable_and_readable_again(certs: Certificates, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """Size and time stay the same."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bundle = Path(folder) / "bundle.pem"
        bundle.write_bytes(certs.trusted.pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        securedefaults.apply()
        outcomes = []
        for mode in (0o644, 0, 0o644):
            bundle.chmod(mode)
            with nobody():
                server, outcome = smtps("good", certs)
            assert bool(server.credentials()) == (outcome is None)
            outcomes.append(outcome)
    assert outcomes[0] is outcomes[2] is None
    assert isinstance(outcomes[1], ssl.SSLCertVerificationError)
    assert "The CA bundle %s cannot be read: " % bundle in note_of(outcomes[1])


def hashed(certificate: Path) -> str:
    """The name under which OpenSSL looks for it in a folder."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() + ".0"


FOLDER_CHANGES: Dict[str, Callable[[Path, Certificates], object]] = {
    "emptied": lambda path, certs: path.write_bytes(b""),
    "another CA": lambda path, certs: path.write_bytes(certs.unknown.pem),
    "behind a link": lambda path, certs: path.resolve().unlink(),
}


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("how", FOLDER_CHANGES)
def test_a_file_in_the_folder(
    how: str, several: bool, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's own time stays as it is, and OpenSSL keeps what it has found there."""
    clock = [0.0]
    monkeypatch.setattr(store, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    folder = trust.parent / "empty"
    if several:
        monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(trust.parent / "none"), str(folder)]))
    trust.unlink()
    target = trust.parent / "elsewhere.pem"
    target.write_bytes(certs.trusted.pem)
    linked = folder / hashed(target)
    linked.symlink_to(target)
    securedefaults.apply()
    for _ in range(2):
        assert smtps("good", certs)[1] is None
    before = folder.stat()
    FOLDER_CHANGES[how](linked, certs)
    assert folder.stat() == before
    clock[0] += 2 * store.LOOK_AGAIN
    for _ in range(2):
        server, outcome = smtps("good", certs)
        assert isinstance(outcome, ssl.SSLCertVerificationError)
        assert not server.credentials()


def test_a_second_folder(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CA that comes and goes in a list of folders."""
    folder = trust.parent / "second"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(trust.parent / "empty"), str(folder)]))
    path = folder / hashed(trust)
    trust.unlink()
    securedefaults.apply()
    assert smtps("good", certs)[1] is not None
    path.write_bytes(certs.trusted.pem)
    assert smtps("good", certs)[1] is None
    path.unlink()
    server, outcome = smtps("good", certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()


def test_a_folder_in_use_is_not_loaded_anew(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = trust.parent / "empty"
    os.rename(trust, folder / hashed(trust))
    loads = []
    original = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: loads.append(1) or original())
    securedefaults.apply()
    for _ in range(4):
        assert smtps("good", certs)[1] is None
    assert len(loads) == 1


def test_files_are_looked_at_now_and_then(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be hundreds of them, and many connections a second."""
    looks = []
    original = store._files
    monkeypatch.setattr(store, "_files", lambda folders: looks.append(1) or original(folders))
    monkeypatch.setattr(store, "LOOK_AGAIN", 3600.0)
    securedefaults.apply()
    for _ in range(3):
        assert smtps("good", certs)[1] is None
    assert len(looks) == 1


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("how", ["garbage", "emptied", "deleted", "a folder"])
def test_the_ca_file_of_a_rule(how: str, mode: str, certs: Certificates, tmp_path: Path) -> None:
    """The error names it; warn mode goes on and names it, too."""
    path = tmp_path / "ca.pem"
    path.write_bytes(certs.trusted.pem)
    securedefaults.apply(mode, rules=[securedefaults.HostRule("localhost", cafile=path)])
    if mode == "warn":
        with pytest.warns(securedefaults.UnverifiedDefaultWarning, match="would accept"):
            assert smtps("good", certs)[1] is None
        BREAKS[how](path, certs)
        with pytest.warns(securedefaults.UnverifiedDefaultWarning, match="is unknown: .*%s" % path):
            assert smtps("good", certs)[1] is None
        return
    assert smtps("good", certs)[1] is None
    BREAKS[how](path, certs)
    server, outcome = smtps("good", certs)
    assert isinstance(outcome, OSError)
    assert str(path) in str(outcome)
    assert not server.credentials()
