"""The default context: to its holder a context of one's own, inside shared trust."""

from __future__ import annotations

import copy
import ftplib
import gc
import inspect
import os
import pickle
import shutil
import smtplib
import socket
import ssl
import sys
import threading
import time
import warnings
import weakref
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

import securedefaults
from native import PYPY, backport_only
from securedefaults._policy.policy import Policy
from securedefaults._tls.context import DefaultContext
from securedefaults._tls.sockets import shut_down
from securedefaults._tls.store import HARMLESS
from securedefaults._tls.trust import PlatformTrust, checked
from wire.certs import Authority, Certificates, server_context
from wire.servers import SECRET, USER, Server

new = securedefaults.create_default_context


def handshake(context: ssl.SSLContext, server: Server, host: str = "localhost") -> ssl.SSLSocket:
    """Connect, and leave it to the caller to close."""
    return context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10), server_hostname=host)


def accepts(context: ssl.SSLContext, server: Server, host: str = "localhost") -> bool:
    try:
        handshake(context, server, host).close()
    except ssl.SSLCertVerificationError:
        return False
    return True


@pytest.fixture
def good(certs: Certificates) -> Any:
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        yield server


@pytest.fixture
def impostor(certs: Certificates) -> Any:
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        yield server


SETTINGS = [
    name
    for name in dir(ssl.SSLContext)
    if not name.startswith("_")
    and not callable(getattr(ssl.SSLContext, name))
    and name not in ("session_stats", "ctx")  # what PyPy has below, another pointer each
    and hasattr(ssl.create_default_context(), name)  # PyPy has names of which nothing is set
]


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_those_of_create_default_context(name: str) -> None:
    assert getattr(new(), name) == getattr(ssl.create_default_context(), name)


def test_it_looks_like_a_context() -> None:
    context = new()
    assert isinstance(context, ssl.SSLContext)
    assert context.cert_store_stats() == ssl.create_default_context().cert_store_stats()
    assert context.get_ca_certs() == ssl.create_default_context().get_ca_certs()
    for certificates in (context.get_ca_certs(True), context.get_ca_certs(binary_form=True)):
        assert certificates == ssl.create_default_context().get_ca_certs(True)
        assert isinstance(certificates[0], bytes)
    assert context.get_ciphers() == ssl.create_default_context().get_ciphers()
    for name in ("wrap_socket", "wrap_bio", "load_cert_chain", "load_verify_locations", "set_ciphers"):
        ours, theirs = getattr(context, name), getattr(ssl.create_default_context(), name)
        assert inspect.signature(ours) == inspect.signature(theirs)
        assert ours.__doc__ == theirs.__doc__
    if not PYPY:  # which can copy its own as well
        with pytest.raises(TypeError):
            pickle.dumps(context)
        with pytest.raises(TypeError):
            copy.copy(context)


def verify_nothing(context: Any) -> None:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


CHANGES: Dict[str, Callable[[Any], object]] = {
    "check_hostname": lambda c: setattr(c, "check_hostname", False),
    "verify_mode": lambda c: (setattr(c, "check_hostname", False), setattr(c, "verify_mode", ssl.CERT_NONE)),
    "verify_flags": lambda c: setattr(c, "verify_flags", c.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF),
    "minimum_version": lambda c: setattr(c, "minimum_version", ssl.TLSVersion.TLSv1_3),
    "maximum_version": lambda c: setattr(c, "maximum_version", ssl.TLSVersion.TLSv1_2),
    "options": lambda c: setattr(c, "options", c.options | ssl.OP_NO_TICKET),
    "hostname_checks_common_name": lambda c: setattr(c, "hostname_checks_common_name", False),
    "post_handshake_auth": lambda c: setattr(c, "post_handshake_auth", True),
    "keylog_filename": lambda c: setattr(c, "keylog_filename", os.devnull),
    "sni_callback": lambda c: setattr(c, "sni_callback", lambda *args: None),
    "_msg_callback": lambda c: setattr(c, "_msg_callback", lambda *args: None),
    "sslsocket_class": lambda c: setattr(c, "sslsocket_class", type("Mine", (ssl.SSLSocket,), {})),
    "sslobject_class": lambda c: setattr(c, "sslobject_class", type("Mine", (ssl.SSLObject,), {})),
    "set_ciphers": lambda c: c.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384"),
    "set_alpn_protocols": lambda c: c.set_alpn_protocols(["imap"]),
    "set_ecdh_curve": lambda c: c.set_ecdh_curve("prime256v1"),
    "set_servername_callback": lambda c: c.set_servername_callback(lambda *args: None),
    "set_default_verify_paths": lambda c: c.set_default_verify_paths(),
    "load_default_certs": lambda c: c.load_default_certs(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reaches_no_other_connection(name: str, good: Server, impostor: Server) -> None:
    if not hasattr(ssl.SSLContext, name):
        pytest.skip("this Python has no " + name)
    before, changed = new(), new()
    handshake(before, good).close()
    handshake(changed, good).close()
    try:
        CHANGES[name](changed)
    except ValueError as exc:  # from 3.10 on
        assert "cannot be set on TLS_CLIENT context" in str(exc)  # noqa: PT017
    after = new()
    reference = ssl.create_default_context()
    for other in (before, after):
        for setting in SETTINGS:
            if setting != "sslsocket_class":
                assert getattr(other, setting) == getattr(reference, setting)
        assert other.get_ciphers() == reference.get_ciphers()
        with handshake(other, good) as sock:
            assert sock.version() == "TLSv1.3"
            assert sock.selected_alpn_protocol() is None
            assert type(sock).__name__ == "SSLSocket"
        assert not accepts(other, impostor)


def test_a_change_is_kept(good: Server, impostor: Server, certs: Certificates) -> None:
    context = new()
    context.check_hostname = False
    assert not context.check_hostname
    assert accepts(context, good, "wrong.example.test")
    assert not accepts(context, impostor)
    context.verify_mode = ssl.CERT_NONE
    assert context.verify_mode == ssl.CERT_NONE
    assert accepts(context, impostor)

    context = new()
    context.load_verify_locations(cadata=certs.unknown.pem.decode())
    assert accepts(context, impostor)
    assert accepts(context, good)
    assert not accepts(new(), impostor)

    context = new()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with handshake(context, good) as sock:
        assert sock.version() == "TLSv1.2"


def test_one_librarys_change_of_ftp_context(applied: None, impostor: Server) -> None:
    mine, theirs = ftplib.FTP_TLS(), ftplib.FTP_TLS()
    verify_nothing(theirs.context)
    assert accepts(theirs.context, impostor)
    assert not accepts(mine.context, impostor)
    assert not accepts(ftplib.FTP_TLS().context, impostor)


SEALED = [name for name in CHANGES if hasattr(ssl.SSLContext, name)]


@pytest.mark.parametrize("name", SEALED)
def test_the_shared_context_is_sealed(name: str, good: Server) -> None:
    with handshake(new(), good) as sock:
        shared = sock.context
        assert isinstance(shared, ssl.SSLContext)
        with pytest.raises(AttributeError, match="shared by all connections"):
            CHANGES[name](shared)
    with pytest.raises(AttributeError, match="shared by all connections"):
        del shared.check_hostname


def test_everything_that_changes_a_context_is_sealed(good: Server) -> None:
    """By default, not by a list: so it is for what a later Python adds."""
    with handshake(new(), good) as sock:
        shared = sock.context
    for name in dir(ssl.SSLContext):
        attribute = getattr(ssl.SSLContext, name)
        if name.startswith("__") or name in HARMLESS or not callable(attribute) or isinstance(attribute, type):
            continue
        with pytest.raises(AttributeError, match="shared by all connections"):
            getattr(shared, name)()


def test_a_shared_context_still_works(good: Server) -> None:
    with handshake(new(), good) as sock:
        handshake(sock.context, good).close()


def test_wrap_bio(good: Server, impostor: Server) -> None:
    def bio(context: ssl.SSLContext, server: Server, host: Any) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
        with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    sock.sendall(outgoing.read())
                    incoming.write(sock.recv(65536))

    bio(new(), good, "localhost.")
    with pytest.raises(ssl.SSLCertVerificationError):
        bio(new(), impostor, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        bio(new(), good, "wrong.example.test")
    for nobody in ("", None):
        with pytest.raises(ValueError, match="server_hostname"):
            bio(new(), good, nobody)


def test_a_later_handshake(good: Server, impostor: Server) -> None:
    """do_handshake_on_connect=False, and a socket that is connected after it was wrapped."""
    for server, refused in ((good, False), (impostor, True)):
        context = new()
        sock = socket.create_connection(("127.0.0.1", server.port), 10)
        tls = context.wrap_socket(sock, server_hostname="localhost", do_handshake_on_connect=False)
        unconnected = context.wrap_socket(socket.socket(), server_hostname="localhost")
        with tls, unconnected:
            if refused:
                with pytest.raises(ssl.SSLCertVerificationError):
                    tls.do_handshake()
                with pytest.raises(ssl.SSLCertVerificationError):
                    unconnected.connect(("127.0.0.1", server.port))
            else:
                tls.do_handshake()
                unconnected.connect(("127.0.0.1", server.port))


def test_wrap_bio_without_a_name_once_it_need_not_fit() -> None:
    context = new()
    verify_nothing(context)
    assert context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).server_hostname is None


def test_a_session_of_another_context_is_refused_as_ever(good: Server) -> None:
    changed = new()
    changed.options |= ssl.OP_NO_TICKET
    with handshake(new(), good) as tls, socket.create_connection(("127.0.0.1", good.port), 10) as sock:
        with pytest.raises(ValueError, match="different SSLContext"):
            changed.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost", session=tls.session)
        with pytest.raises(ValueError, match="different SSLContext"):
            changed.wrap_socket(sock, server_hostname="localhost", session=tls.session)
        assert sock.fileno() == -1


def test_what_else_wrap_socket_takes(good: Server) -> None:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return new().wrap_socket(socket.create_connection(("127.0.0.1", good.port), 10), *args, **kwargs)

    with wrapped(server_hostname="localhost") as tls:
        assert tls.suppress_ragged_eofs
        assert tls.do_handshake_on_connect
        assert tls.version() is not None
    with wrapped(False, False, False, "localhost") as tls:  # in the platform's order
        assert not tls.suppress_ragged_eofs
        assert not tls.do_handshake_on_connect
        assert tls.version() is None or PYPY  # which names the version before there is one
        assert tls.server_hostname == "localhost"


def test_the_environment_does_not_switch_it_off(monkeypatch: pytest.MonkeyPatch, impostor: Server) -> None:
    """Nor warns: who calls it asks for a verified context."""
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "off")
    assert not accepts(new(), impostor)


def test_settings_are_documented_as_the_platforms() -> None:
    for name in SETTINGS:
        assert getattr(type(new()), name).__doc__ == getattr(ssl.SSLContext, name).__doc__


def test_as_a_server_it_says_what_the_platform_says() -> None:
    def said(call: Callable[[], object]) -> str:
        try:
            call()
        except (ValueError, ssl.SSLError) as exc:
            return str(exc)
        return "nothing"  # 3.8 does so until the handshake

    def all_ways(context: ssl.SSLContext) -> List[str]:
        found = []
        for _ in range(2):
            ours, theirs = socket.socketpair()
            with ours, theirs:
                found.append(said(lambda sock=ours: context.wrap_socket(sock, True, do_handshake_on_connect=False)))
            found.append(said(lambda: context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)))
            verify_nothing(context)
        return found

    assert all_ways(new()) == all_ways(ssl.create_default_context())


def test_who_switches_verification_off_is_not_said_to_be_verified(good: Server, impostor: Server) -> None:
    context = new()
    assert accepts(context, good)
    verify_nothing(context)
    assert accepts(context, impostor)
    assert [(one.port, one.verdict) for one in securedefaults.report().observations] == [(good.port, "accepted")]


@pytest.mark.parametrize("reason", [None, "ticket 17"])
def test_what_is_said_of_a_refusal_and_of_an_exemption(reason: Any, impostor: Server) -> None:
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        handshake(new(), impostor)
    securedefaults.apply(rules=[securedefaults.HostRule("localhost", verify=False, reason=reason)])
    assert accepts(new(), impostor)
    said = [(one.verdict, one.code, one.message) for one in securedefaults.report().observations]
    assert said == [
        ("refused", caught.value.verify_code, caught.value.verify_message),
        ("exempt", None, reason or ""),
    ]


def test_the_socket_is_closed_whatever_happens() -> None:
    def interrupted() -> ssl.SSLContext:
        raise KeyboardInterrupt

    ours, theirs = socket.socketpair()
    with theirs, pytest.raises(KeyboardInterrupt):
        DefaultContext(Policy(context_factory=interrupted)).wrap_socket(ours, server_hostname="localhost")
    assert ours.fileno() == -1


def test_refusals_leak_no_descriptors(impostor: Server, applied: None) -> None:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")

    def refused() -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", impostor.port)
        impostor.wait()

    refused()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    gc.disable()  # by counting references alone
    try:
        for _ in range(5):
            refused()
    finally:
        gc.enable()
    assert len(os.listdir("/proc/self/fd")) == before


# the trust store


def test_the_store_is_loaded_once(good: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    original = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: loads.append(1) or original())
    for _ in range(5):
        assert accepts(new(), good)
    assert len(loads) == 1


def test_threads_load_it_once(good: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    original = ssl.create_default_context

    def slow() -> ssl.SSLContext:
        loads.append(1)
        time.sleep(0.1)
        return original()

    monkeypatch.setattr(ssl, "create_default_context", slow)
    barrier = threading.Barrier(8)
    outcomes: List[bool] = []

    def connect() -> None:
        barrier.wait(10)
        outcomes.append(accepts(new(), good))

    threads = [threading.Thread(target=connect) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert outcomes == [True] * 8
    assert len(loads) == 1


def test_a_replaced_bundle_is_noticed(good: Server, impostor: Server, certs: Certificates, trust: Path) -> None:
    old = new()
    assert accepts(old, good)
    assert not accepts(old, impostor)
    replacement = trust.with_suffix(".new")
    replacement.write_bytes(certs.unknown.pem)
    os.replace(replacement, trust)
    roots = ssl.create_default_context().get_ca_certs()
    assert old.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").context.get_ca_certs() == roots
    assert old.get_ca_certs() == roots
    for context in (new(), old):
        assert accepts(context, impostor)
        assert not accepts(context, good)


def test_a_changed_folder_is_noticed(good: Server, certs: Certificates, trust: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    import subprocess

    folder = trust.parent / "empty"
    trust.write_bytes(certs.unknown.pem)
    assert not accepts(new(), good)
    (folder / "ca.pem").write_bytes(certs.trusted.pem)
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    assert accepts(new(), good)
    for path in folder.iterdir():
        path.unlink()
    assert not accepts(new(), good)


def test_a_changed_environment_is_noticed(
    good: Server, impostor: Server, certs: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not accepts(new(), impostor)
    other = tmp_path / "other.pem"
    other.write_bytes(certs.unknown.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert accepts(new(), impostor)
    assert not accepts(new(), good)


@pytest.mark.parametrize("broken", ["garbage", "empty", "missing"])
def test_a_broken_bundle_refuses_and_says_so(broken: str, good: Server, trust: Path, caplog: Any) -> None:
    if broken == "missing":
        trust.unlink()
    else:
        trust.write_bytes(b"garbage" if broken == "garbage" else b"")
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        handshake(new(), good)
    (note,) = caught.value.__notes__  # type: ignore[attr-defined]
    assert "The CA bundle %s cannot be read: " % trust in note
    assert not good.credentials()


def test_an_unverifying_create_default_context_is_found_out(good: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folk recipe `ssl.create_default_context = ssl._create_unverified_context` does not reach the entry points."""
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    with pytest.raises(ValueError, match=r"ssl\.create_default_context\(\) returned a context that does not verify"):
        handshake(new(), good)
    good.wait()
    assert not good.credentials()


@pytest.mark.parametrize("strict", [True, False, None])
def test_strict(strict: Any, certs: Certificates) -> None:
    securedefaults.apply(strict=strict)
    default = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)
    expected = default if strict is None else strict
    assert bool(new().verify_flags & ssl.VERIFY_X509_STRICT) == expected
    with Server("SMTP", certs["no authority key identifier"].context, implicit=True) as server:
        if expected:
            with pytest.raises(ssl.SSLCertVerificationError) as caught:
                smtplib.SMTP_SSL("localhost", server.port)
            assert caught.value.verify_code == 85
            assert "strict = no" in caught.value.__notes__[0]  # type: ignore[attr-defined]
        else:
            smtplib.SMTP_SSL("localhost", server.port).login(USER, SECRET)
    assert bool(server.credentials()) != expected


# client certificates


@pytest.fixture
def client_certificate(certs: Certificates, tmp_path: Path) -> Path:
    path = tmp_path / "client.pem"
    usage = ExtendedKeyUsageOID.CLIENT_AUTH
    path.write_bytes(certs.trusted.issue(("client.example.test",), usage=usage))
    return path


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="keyfile and certfile are gone")
@pytest.mark.parametrize("label", ["good", "wrong host"])
@pytest.mark.parametrize("way", ["starttls", "SMTP_SSL", "IMAP4_SSL", "POP3_SSL", "FTP_TLS", "SMTPHandler"])
def test_client_certificates(
    way: str, label: str, certs: Certificates, client_certificate: Path, applied: None
) -> None:
    import imaplib
    import poplib

    from wire.clients import KeepingHandler, handler_emit

    context = server_context(certs[label].pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(cadata=certs.trusted.pem.decode())
    protocol = {"IMAP4_SSL": "IMAP", "POP3_SSL": "POP3", "FTP_TLS": "FTP"}.get(way, "SMTP")
    files = {"keyfile": str(client_certificate), "certfile": str(client_certificate)}
    client: Any = None
    with Server(protocol, context, implicit=way.endswith("_SSL")) as server:
        try:
            if way == "starttls":
                client = smtplib.SMTP("localhost", server.port)
                client.starttls(**files)
            elif way == "SMTP_SSL":
                client = smtplib.SMTP_SSL("localhost", server.port, **files)
                assert (client.keyfile, client.certfile) == (str(client_certificate),) * 2
            elif way == "IMAP4_SSL":
                client = imaplib.IMAP4_SSL("localhost", server.port, **files)
            elif way == "POP3_SSL":
                client = poplib.POP3_SSL("localhost", server.port, **files)
            elif way == "FTP_TLS":
                client = ftplib.FTP_TLS(**files)
                client.connect("localhost", server.port)
                client.auth()
            else:
                arguments = ("localhost", server.port), "a@example.test", ["b@example.test"], "subject"
                secure = files["keyfile"], files["certfile"]
                handler_emit(KeepingHandler(*arguments, credentials=(USER, SECRET), secure=secure))
        except ssl.SSLCertVerificationError:
            assert label == "wrong host"
        if client is not None:
            shut_down(client.sock)
            if client.file is not None:
                client.file.close()
    assert bool(server.records[0].client_certificate) == (label == "good")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="keyfile and certfile are gone")
def test_a_client_key_in_a_file_of_its_own(certs: Certificates, client_certificate: Path, applied: None) -> None:
    pem = client_certificate.read_bytes()
    at = pem.index(b"-----BEGIN CERTIFICATE")
    key, certificate = client_certificate.with_suffix(".key"), client_certificate.with_suffix(".crt")
    key.write_bytes(pem[:at])
    certificate.write_bytes(pem[at:])
    context = server_context(certs["good"].pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=certs.trusted.pem.decode())
    with Server("SMTP", context, implicit=True) as server:
        files: Any = {"keyfile": str(key), "certfile": str(certificate)}
        smtplib.SMTP_SSL("localhost", server.port, **files).quit()
    assert server.records[0].client_certificate


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="keyfile and certfile are gone")
def test_a_key_without_a_certificate(applied: None) -> None:
    with pytest.raises(ValueError, match="certfile must be specified"):
        smtplib.SMTP_SSL("localhost", keyfile="key.pem")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="ssl_version is gone")
def test_ftp_ssl_version(applied: None, certs: Certificates) -> None:
    class Tls12(ftplib.FTP_TLS):
        ssl_version = ssl.PROTOCOL_TLSv1_2

    with Server("FTP", certs["good"].context) as server:
        ftp = Tls12(timeout=10)
        ftp.connect("localhost", server.port)
        ftp.login(USER, SECRET)
        assert ftp.sock.version() == "TLSv1.2"  # type: ignore[union-attr]
        ftp.quit()
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp = Tls12(timeout=10)
        ftp.connect("localhost", server.port)
        with pytest.raises(ssl.SSLCertVerificationError):
            ftp.login(USER, SECRET)
    assert not server.credentials()


# factories


def test_a_factory_replaces_the_trust(certs: Certificates, good: Server, impostor: Server) -> None:
    made = []

    def factory() -> ssl.SSLContext:
        made.append(ssl.create_default_context(cadata=certs.unknown.pem.decode()))
        return made[-1]

    securedefaults.apply(context_factory=factory)
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        smtplib.SMTP_SSL("localhost", good.port)
    assert "refused" in caught.value.__notes__[0]  # type: ignore[attr-defined]
    assert not good.credentials()
    smtplib.SMTP_SSL("localhost", impostor.port).login(USER, SECRET)
    assert len(made) == 2
    context = new()
    assert len(made) == 2
    verify_nothing(context)
    assert not made[-1].check_hostname
    assert accepts(context, good)
    assert not accepts(new(), good)


def test_a_factory_is_asked_once_for_a_connection(good: Server) -> None:
    """Both channels of FTP, say."""
    made = []
    securedefaults.apply(context_factory=lambda: made.append(ssl.create_default_context()) or made[-1])
    context = new()
    assert accepts(context, good)
    assert accepts(context, good)
    assert len(made) == 1


def test_a_factory_with_strict(certs: Certificates) -> None:
    securedefaults.apply(context_factory=ssl.create_default_context, strict=True)
    assert new().verify_flags & ssl.VERIFY_X509_STRICT
    context = new()
    context.check_hostname = False
    assert context.verify_flags & ssl.VERIFY_X509_STRICT


def test_a_factory_that_returns_one_object(good: Server, impostor: Server) -> None:
    shared = ssl.create_default_context()
    securedefaults.apply(context_factory=lambda: shared)
    assert accepts(new(), good)
    assert not accepts(new(), impostor)
    with pytest.raises(AttributeError, match="context_factory returns the same object"):
        verify_nothing(new())
    assert shared.check_hostname
    assert shared.verify_mode == ssl.CERT_REQUIRED


def test_a_factory_that_returns_a_changed_object(good: Server) -> None:
    shared = ssl.create_default_context()
    securedefaults.apply(context_factory=lambda: shared)
    context = new()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # the first to ask gets it for its own
    with pytest.raises(ValueError, match="one connection has changed for itself"):
        accepts(new(), good)


def test_a_factory_keeps_sessions(certs: Certificates) -> None:
    from test_hosts import ReusingFTP

    securedefaults.apply(context_factory=ssl.create_default_context)
    with Server("FTP", certs["good"].context) as server, ReusingFTP(timeout=10) as ftp:
        ftp.connect("localhost", server.port)
        ftp.login(USER, SECRET)
        ftp.prot_p()
        ftp.nlst()
        # and by way of a context of its own
        ftp.context.minimum_version = ssl.TLSVersion.TLSv1_2
    assert server.records[0].session_reused


@pytest.mark.parametrize("factory", [ssl._create_unverified_context, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)])
def test_a_factory_that_does_not_verify(factory: Any, good: Server) -> None:
    securedefaults.apply(context_factory=factory)
    with pytest.raises(ValueError, match="context_factory returned a context that does not verify"):
        smtplib.SMTP_SSL("localhost", good.port)
    good.wait()
    assert not good.credentials()


def test_a_factory_that_returns_no_context(good: Server) -> None:
    securedefaults.apply(context_factory=lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match=r"context_factory returned None, which is no ssl\.SSLContext"):
        smtplib.SMTP_SSL("localhost", good.port)


def test_checked_gives_back_what_verifies() -> None:
    context = ssl.create_default_context()
    assert checked(context, "it") is context


def test_truststore_as_a_factory(good: Server, impostor: Server) -> None:
    truststore = pytest.importorskip("truststore")
    securedefaults.apply(context_factory=lambda: truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert accepts(new(), good)
    assert not accepts(new(), impostor)


def test_platform_trust_is_cached() -> None:
    assert PlatformTrust.cached(None) is PlatformTrust.cached(None)
    assert PlatformTrust.cached(None) is not PlatformTrust.cached(False)


def test_contexts_are_collected() -> None:
    context = new()
    assert context.check_hostname
    reference = weakref.ref(context)
    del context
    if PYPY:  # which counts no references
        gc.collect()
    assert reference() is None


def test_own_is_made_once_by_many_threads() -> None:
    context = new()
    assert isinstance(context, DefaultContext)
    owned: List[ssl.SSLContext] = []
    policy = Policy()
    barrier = threading.Barrier(8)

    def own() -> None:
        barrier.wait(10)
        owned.append(context._contexts.change(policy, lambda own: own))

    threads = [threading.Thread(target=own) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({id(one) for one in owned}) == 1
    assert isinstance(owned[0], ssl.SSLContext)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_while_the_store_is_loaded(good: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child must not wait for a lock that a thread of its parent held."""
    original = ssl.create_default_context
    loading, forked = threading.Event(), threading.Event()

    def slow() -> ssl.SSLContext:
        loading.set()
        forked.wait(10)
        return original()

    monkeypatch.setattr(ssl, "create_default_context", slow)
    thread = threading.Thread(target=accepts, args=(new(), good))
    thread.start()
    assert loading.wait(10)
    pid = os.fork()
    if pid == 0:  # pragma: no cover - in the child
        ssl.create_default_context = original
        outcome = 1
        try:
            threading.Timer(8, os._exit, [3]).start()
            outcome = 0 if accepts(new(), good) and not accepts(new(), good, "wrong.example.test") else 2
        finally:
            os._exit(outcome)
    _, status = os.waitpid(pid, 0)
    forked.set()
    thread.join(10)
    assert status == 0


def test_an_authority_made_on_the_way(certs: Certificates, trust: Path) -> None:
    """A whole story: a new CA is refused, added to the bundle, and then accepted without a restart."""
    authority = Authority()
    with Server("SMTP", server_context(authority.issue()), implicit=True) as server:
        assert not accepts(new(), server)
        trust.write_bytes(certs.trusted.pem + authority.pem)
        assert accepts(new(), server)


@backport_only("they have no warn mode of this kind")
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_refusal_is_no_error_of_another_connection(mode: str, good: Server, impostor: Server) -> None:
    """PyPy leaves it in OpenSSL's queue, where whatever next waits for its server would find it."""
    explicit = ssl.create_default_context()
    explicit.maximum_version = ssl.TLSVersion.TLSv1_2  # no session ticket comes after the handshake
    with handshake(explicit, good) as tls:
        while not tls.recv(1).endswith(b"\n"):  # the greeting
            pass
        securedefaults.apply(mode)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                smtplib.SMTP_SSL("localhost", impostor.port, timeout=10).close()
            except ssl.SSLCertVerificationError:
                assert mode == "enforce"
        tls.setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            tls.recv(1)
