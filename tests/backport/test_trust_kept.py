"""C12: what is wrong with one moment of the trust store is not kept for the next, and what one connection does to its
context is not for another.
"""

from __future__ import annotations

import os
import smtplib
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, List

import pytest
from programs import run

import securedefaults
from native import backport_only
from securedefaults import EntryPoint, HostRule
from securedefaults._locks import Turns
from securedefaults._tls import store
from wire.certs import Certificates
from wire.clients import HERE, STYLES, Target, server_for
from wire.servers import SECRET, USER, Server


def login(port: int) -> smtplib.SMTP_SSL:
    smtp = smtplib.SMTP_SSL("localhost", port, timeout=10)
    smtp.login(USER, SECRET)
    return smtp


def is_refused(server: Server) -> bool:
    try:
        login(server.port).close()
    except ssl.SSLCertVerificationError:
        return True
    return False


# An empty or a short load


OUT_OF_FILES = """
    import os, resource, smtplib, socket, ssl, sys
    import securedefaults
    securedefaults.apply(rules=[securedefaults.HostRule("127.0.0.1", cafile=sys.argv[2])] if sys.argv[2] else [])
    host = "127.0.0.1" if sys.argv[2] else "localhost"

    def mail():
        try:
            with smtplib.SMTP_SSL(host, int(sys.argv[1]), "localhost", timeout=20) as smtp:
                smtp.login(*sys.argv[3:5])
            return "mailed"
        except (OSError, smtplib.SMTPException) as exc:
            return type(exc).__name__

    # What is imported later would miss a descriptor as well.
    mail() if sys.argv[5] == "loaded" else None
    os.utime(os.environ["SSL_CERT_FILE"])
    from securedefaults._tls import trust
    original = ssl.create_default_context
    def short(*args, **kwargs):
        "The descriptors are out at just this moment."
        taken = []
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        try:
            return original(*args, **kwargs)
        finally:
            for descriptor in taken:
                os.close(descriptor)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    ssl.create_default_context = short
    print(mail())
    ssl.create_default_context = original
    print(mail())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits")
@pytest.mark.parametrize("rule", [False, True], ids=["platform", "CA file of a rule"])
@pytest.mark.parametrize("before", ["first", "loaded"])
def test_a_moment_without_a_free_file_descriptor(before: str, rule: bool, certs: Certificates, trust: Path) -> None:
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        result = run(OUT_OF_FILES, server.port, trust if rule else "", USER, SECRET, before)
    assert result.stdout.split()[1:] == ["mailed"], result.stdout + result.stderr
    assert result.stdout.split()[0] != "mailed"


def test_a_short_load_is_not_kept(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's file is replaced while OpenSSL reads it, say: some of its certificates are missing."""
    trust.write_bytes(certs.unknown.pem + certs.trusted.pem)
    securedefaults.apply()
    load = ssl.SSLContext.set_default_verify_paths
    calls: List[int] = []

    def some(self: ssl.SSLContext) -> None:
        calls.append(1)
        if len(calls) == 1:
            self.load_verify_locations(cadata=certs.unknown.pem.decode())
        else:
            load(self)

    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", some)
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        assert [is_refused(server) for _ in range(4)] == [True, False, False, False]
    assert len(calls) == 2  # and a whole one is


@pytest.mark.parametrize(
    "text",
    [
        b"%s%s",
        b"# a comment -- with dashes\n%s\n\n%s\n",
        b"Bag Attributes: -----\r\n%s%s",
    ],
)
def test_a_whole_load_is_kept(text: bytes, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the file beside the certificates, and however often they do."""
    trust.write_bytes(text % (certs.trusted.pem, certs.trusted.pem.replace(b"\n", b"\r\n")) + certs.unknown.pem)
    assert store.certificates_in(trust.read_bytes()) == 2
    securedefaults.apply()
    calls: List[int] = []
    load = ssl.SSLContext.set_default_verify_paths
    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", lambda self: (calls.append(1), load(self))[1])
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        assert [is_refused(server) for _ in range(3)] == [False] * 3
    assert len(calls) == 1


@pytest.mark.parametrize("kind", ["comments", "no file", "a folder", "broken", "less than the file"])
def test_a_store_is_not_parsed_for_each_connection(
    kind: str, certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it looks as if something were missing."""
    pem = trust.read_bytes()
    if kind == "comments":
        trust.write_bytes(pem + b"".join(b"# " + line + b"\n" for line in certs.unknown.pem.splitlines()))
    elif kind != "less than the file":
        folder = Path(os.environ["SSL_CERT_DIR"])
        (folder / "ca.pem").write_bytes(pem)
        hashed = subprocess.run(
            ["openssl", "x509", "-hash", "-noout", "-in", str(folder / "ca.pem")], capture_output=True, check=True
        ).stdout.decode()
        (folder / "ca.pem").rename(folder / (hashed.strip() + ".0"))
        trust.unlink()
        if kind == "no file":
            monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
        elif kind == "a folder":
            trust.mkdir()
        else:
            trust.write_bytes(pem.replace(b"M", b"N"))
    calls: List[int] = []
    load, create = ssl.SSLContext.set_default_verify_paths, ssl.create_default_context
    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", lambda self: (calls.append(1), load(self))[1])
    if kind == "less than the file":
        trust.write_bytes(certs.unknown.pem + pem)

        def less(**kwargs: Any) -> ssl.SSLContext:
            calls.append(1)
            return create(cadata=pem.decode())

        monkeypatch.setattr(ssl, "create_default_context", less)
    securedefaults.apply()
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        assert [is_refused(server) for _ in range(5)] == [False] * 5
    assert len(calls) <= 2


def test_no_store_at_all_is_looked_for_again(certs: Certificates, trust: Path) -> None:
    pem = trust.read_bytes()
    trust.unlink()
    securedefaults.apply()
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        assert is_refused(server)
        trust.write_bytes(pem)
        assert not is_refused(server)


# Windows, pretended


@pytest.fixture
def windows(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The certificates that Windows would list, by name of the store; an exception is raised instead."""
    stores: Any = {"CA": [], "ROOT": [(ssl.PEM_cert_to_DER_cert(certs.trusted.pem.decode()), "x509_asn", True)]}

    def listed(name: str) -> Any:
        if isinstance(stores[name], Exception):
            raise stores[name]
        return stores[name]

    def load(self: ssl.SSLContext, purpose: Any = ssl.Purpose.SERVER_AUTH) -> None:
        for name in ("CA", "ROOT"):
            self._load_windows_store_certs(name, purpose)  # type: ignore[attr-defined]

    monkeypatch.setattr(ssl, "enum_certificates", listed, raising=False)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    monkeypatch.setattr(store, "_windows", (float("-inf"), b"", 0))
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/none")
    return stores


@pytest.mark.filterwarnings("ignore:unable to enumerate")
@pytest.mark.parametrize("name", ["CA", "ROOT"])
def test_windows_does_not_list_its_store_once(name: str, windows: Any, certs: Certificates) -> None:
    securedefaults.apply()
    listed = windows[name]
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        windows[name] = PermissionError(13, "not now")
        is_refused(server)
        windows[name] = listed
        store._windows = (float("-inf"), b"", 0)  # some seconds later
        assert not is_refused(server)


def test_a_root_is_removed_from_windows_store(windows: Any, certs: Certificates) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        assert not is_refused(server)
        windows["ROOT"] = []
        store._windows = (float("-inf"), *store._windows[1:])
        assert is_refused(server)


def test_windows_store_is_listed_now_and_then(
    windows: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    securedefaults.apply()
    calls: List[str] = []
    listed = ssl.enum_certificates  # type: ignore[attr-defined,unused-ignore]
    monkeypatch.setattr(ssl, "enum_certificates", lambda name: (calls.append(name), listed(name))[1])
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        for _ in range(5):
            assert not is_refused(server)
    assert 2 <= len(calls) <= 4  # for the key, and to load


# The environment


def test_no_keys_are_written_once_nobody_asks_for_it(
    certs: Certificates, trust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    securedefaults.apply()
    keys = tmp_path / "keys"
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        login(server.port).close()
        written = keys.read_bytes()
        assert written
        monkeypatch.delenv("SSLKEYLOGFILE")
        login(server.port).close()
        assert keys.read_bytes() == written


# What a factory returns


@pytest.mark.parametrize("ways", ["one", "new"])
@pytest.mark.parametrize(
    "change",
    [
        lambda context, pem: context.load_verify_locations(cadata=pem),
        lambda context, pem: setattr(context, "check_hostname", False),
        lambda context, pem: context.set_ciphers("ALL:@SECLEVEL=0"),
    ],
    ids=["CA", "name", "ciphers"],
)
def test_what_a_connection_does_to_its_context_is_not_for_the_next(
    change: Any, ways: str, certs: Certificates, trust: Path
) -> None:
    one = ssl.create_default_context()
    before = one.cert_store_stats(), one.check_hostname, len(one.get_ciphers())
    securedefaults.apply(context_factory=(lambda: one) if ways == "one" else ssl.create_default_context)
    with Server("SMTP", certs["good"].context, implicit=True) as good:
        smtp = login(good.port)
        assert isinstance(smtp.sock.context, ssl.SSLContext)  # type: ignore[union-attr]
        if ways == "one":
            with pytest.raises(AttributeError, match="returns the same object"):
                change(smtp.sock.context, certs.unknown.pem.decode())  # type: ignore[union-attr]
        else:
            change(smtp.sock.context, certs.unknown.pem.decode())  # type: ignore[union-attr]
        smtp.close()
    assert (one.cert_store_stats(), one.check_hostname, len(one.get_ciphers())) == before
    for label in ("unknown CA", "wrong host"):
        with Server("SMTP", certs[label].context, implicit=True) as bad:
            assert is_refused(bad)
        assert not bad.credentials()


def test_what_it_does_under_one_policy_is_not_for_another(certs: Certificates, trust: Path) -> None:
    one = ssl.create_default_context()
    securedefaults.apply(context_factory=lambda: one)
    securedefaults.create_default_context().load_verify_locations(cadata=certs.unknown.pem.decode())
    securedefaults.apply(context_factory=lambda: one)
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ValueError, match="has changed for itself"):
            login(server.port)
    assert not server.credentials()


# Files that would be waited for


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("rule", [False, True], ids=["platform", "CA file of a rule"])
@pytest.mark.timeout(60)
def test_a_pipe_in_the_place_of_the_trust_store(rule: bool, certs: Certificates, trust: Path) -> None:
    securedefaults.apply(rules=[HostRule("localhost", cafile=trust)] if rule else [])
    trust.unlink()
    os.mkfifo(trust)
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with pytest.raises(OSError, match="pipe") as caught:
            login(server.port)
    assert str(trust) in str(caught.value)
    assert not server.credentials()


# Turns


def test_only_so_many_at_once_and_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, inside, most = Turns(2), [], []  # type: ignore[var-annotated]
    go_on = threading.Event()

    def work() -> None:
        with turns.taken():
            inside.append(1)
            most.append(len(inside))
            go_on.wait(10)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    go_on.wait(0.2)
    go_on.set()
    for thread in threads:
        thread.join()
    assert max(most) == 2
    assert not turns._since


def test_whoever_is_interrupted_in_a_turn_needs_no_other() -> None:
    turns = Turns(1)
    with turns.taken(), turns.taken():
        pass
    assert not turns._since


def test_a_turn_that_was_never_ended_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception out of a signal handler came before it could be."""
    monkeypatch.setattr(Turns, "LONGEST", 0.2)
    turns = Turns(1)
    lost = turns.taken()
    thread = threading.Thread(target=lost.__enter__)
    thread.start()
    thread.join()
    assert turns._since
    with turns.taken():
        pass


@backport_only("CPython's own default loads the store each time")
@pytest.mark.parametrize("entry_point", HERE, ids=lambda entry_point: entry_point.name)
def test_no_entry_point_loads_the_store_again(
    entry_point: EntryPoint, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it asks for when it asks for a default context."""
    securedefaults.apply()
    loads: List[object] = []
    original = ssl.SSLContext.load_default_certs

    def counted(self: ssl.SSLContext, *args: Any) -> None:
        loads.append(args)
        original(self, *args)

    with server_for(entry_point, certs["good"].context) as server:
        STYLES[entry_point.name]["plain"](Target("localhost", server.port))
        monkeypatch.setattr(ssl.SSLContext, "load_default_certs", counted)
        STYLES[entry_point.name]["plain"](Target("localhost", server.port))
    assert loads == []
