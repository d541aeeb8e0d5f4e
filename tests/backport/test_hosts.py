"""C3: the certificate must be for the host that the caller asked for, in whatever way that was said."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import poplib
import smtplib
import ssl
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

import securedefaults
from native import ALONE, backport_only
from securedefaults._entrypoints import DATA, EntryPoint
from securedefaults._policy.identity import reference_identifier, without_port
from wire.certs import NAMES, Certificates, server_context
from wire.clients import HERE, STYLES, Target, nntplib, server_for
from wire.servers import SECRET, USER, Server

old_smtplib = pytest.mark.skipif(
    "_host" in smtplib.SMTP.connect.__code__.co_names, reason="this smtplib notes the host itself"
)
needs_nntplib = pytest.mark.skipif(nntplib is None, reason="this Python has no nntplib")


@pytest.mark.parametrize(
    ("asked", "identifier"),
    [
        ("mail.example.test", "mail.example.test"),
        ("MAIL.Example.TEST", "MAIL.Example.TEST"),
        (b"mail.example.test", "mail.example.test"),
        ("mail.example.test.", "mail.example.test"),
        ("mail.example.test..", "mail.example.test."),
        ("bücher.example.test", "bücher.example.test"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("1.2.3.4.5", "1.2.3.4.5"),
        ("mail.example.1und1", "mail.example.1und1"),
        ("163", "0.0.0.163"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::1", "[::1"),
        ("mail.example.test]", "mail.example.test]"),
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::1%1", "fe80::1"),
        ("", ""),
        (".", ""),
    ],
)
def test_reference_identifier(asked: Any, identifier: str) -> None:
    assert reference_identifier(asked) == identifier


@pytest.mark.parametrize(
    ("asked", "identifier"),
    [("mail.example.test:587", "mail.example.test"), ("mail.example.test.:587", "mail.example.test"), ("::1", "::1")],
)
def test_reference_identifier_with_port(asked: str, identifier: str) -> None:
    assert reference_identifier(asked, strip_port=True) == identifier


def test_reference_identifier_keeps_a_colon_that_is_no_port() -> None:
    assert reference_identifier("mail.example.test:587") == "mail.example.test:587"


def test_reference_identifier_of_strange_bytes() -> None:
    with pytest.raises(UnicodeDecodeError):
        reference_identifier("bücher".encode())


@pytest.mark.parametrize(
    ("host", "name"), [("a:1", "a"), ("a", "a"), ("::1", "::1"), ("a:", "a"), ("[::1]:25", "[::1]:25")]
)
def test_without_port_is_smtplibs_rule(host: str, name: str) -> None:
    assert without_port(host) == name


HOSTS = [
    ("localhost", "127.0.0.1"),
    ("127.0.0.1", "127.0.0.1"),
    pytest.param("127.1", "127.0.0.1", marks=backport_only("they leave ways to write an address alone")),
    ("::1", "::1"),
    ("0:0:0:0:0:0:0:1", "::1"),
    ("fe80::1%lo", "::1"),
    ("mail.example.test", "127.0.0.1"),
    ("mail.example.test.", "127.0.0.1"),
    ("MAIL.Example.TEST", "127.0.0.1"),
    ("bücher.example.test", "127.0.0.1"),
    ("xn--bcher-kva.example.test", "127.0.0.1"),
]

NAMES_TO_ASK = [getattr(case, "values", case)[0] for case in HOSTS]

connecting = [
    entry_point
    for entry_point in HERE
    # the handler takes what SMTP takes; the data channel goes where the control channel went
    if entry_point.kind != DATA and entry_point.through == entry_point.module
]


@pytest.fixture(scope="module")
def contexts(certs: Certificates) -> Dict[str, ssl.SSLContext]:
    """For each host a certificate for it alone, and one for all the others."""
    made = {}
    for host in NAMES_TO_ASK:
        name = reference_identifier(host).lower().encode("idna").decode()
        name = {"0:0:0:0:0:0:0:1": "::1"}.get(name, name)
        made[host] = server_context(certs.trusted.issue([name]))
        made["not " + host] = server_context(certs.trusted.issue([other for other in NAMES if other != name]))
    return made


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", connecting, ids=lambda e: e.name)
@pytest.mark.parametrize(("host", "address"), HOSTS)
def test_hosts(entry_point: EntryPoint, host: str, address: str, contexts: Dict[str, ssl.SSLContext]) -> None:
    style = STYLES[entry_point.name]["plain"]
    with server_for(entry_point, contexts[host], address=address) as good:
        style(Target(host, good.port))
    assert good.credentials()
    with server_for(entry_point, contexts["not " + host], address=address) as bad:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            style(Target(host, bad.port))
    assert caught.value.verify_code in (62, 64)
    assert not bad.credentials()


def this_machine(port: int) -> List[Callable[[], object]]:
    """Each client asked for "this machine" in the ways that its module knows."""
    ways: List[Callable[[], object]] = [
        lambda: poplib.POP3_SSL(None, port).user(USER),
        lambda: ftp_of(None, port).login(USER, SECRET),
        lambda: imaplib.IMAP4_SSL(None, port).login(USER, SECRET),
        lambda: imaplib.IMAP4_SSL("", port).login(USER, SECRET),
    ]
    if nntplib is not None:
        ways.append(lambda: nntplib.NNTP_SSL(None, port, USER, SECRET))
    return ways


def ftp_of(host: Any, port: int, **kwargs: Any) -> ftplib.FTP_TLS:
    ftp = ftplib.FTP_TLS(timeout=10, **kwargs)
    ftp.connect(host, port)
    return ftp


@pytest.mark.usefixtures("applied")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("number", range(5 if nntplib else 4))
@pytest.mark.parametrize("label", ["good", "wrong host"])
def test_no_host_is_localhost(number: int, label: str, certs: Certificates) -> None:
    protocol = ["POP3", "FTP", "IMAP", "IMAP", "NNTP"][number]
    with Server(protocol, certs[label].context, implicit=protocol != "FTP") as server:
        connect = this_machine(server.port)[number]
        if label == "good":
            connect()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                connect()
    assert bool(server.credentials()) == (label == "good")


@pytest.fixture
def smtp_server(certs: Certificates) -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda *names: stack.enter_context(Server("SMTP", server_context(certs.trusted.issue(names))))


@pytest.mark.usefixtures("applied")
@old_smtplib
@pytest.mark.parametrize("asked", ["mail.example.test", "127.0.0.1"])
def test_smtp_host_set_by_hand(smtp_server: Callable[..., Server], asked: str) -> None:
    """`SMTP._host = name` is the known recipe for a server that is reached by another name, or by its address."""
    server = smtp_server("other.example.test")
    with smtplib.SMTP(timeout=10) as smtp:
        smtp._host = "other.example.test"
        smtp.connect(asked, server.port)
        smtp.starttls()
        smtp.login(USER, SECRET)


@pytest.mark.usefixtures("applied")
def test_smtp_host_set_by_hand_after_connect(smtp_server: Callable[..., Server]) -> None:
    server = smtp_server("other.example.test")
    with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as smtp:
        smtp._host = "other.example.test"
        smtp.starttls()


@pytest.mark.usefixtures("applied")
def test_smtp_follows_the_last_connect(smtp_server: Callable[..., Server]) -> None:
    first, second = smtp_server("mail.example.test"), smtp_server("other.example.test")
    with smtplib.SMTP("mail.example.test", first.port, timeout=10) as smtp:
        smtp.starttls()
        smtp.quit()
        smtp.connect("other.example.test", second.port)
        smtp.starttls()
        smtp.quit()
        smtp.connect("mail.example.test", second.port)
        with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'mail\.example\.test'"):
            smtp.starttls()


@pytest.mark.usefixtures("applied")
def test_smtp_host_port_with_an_explicit_context(smtp_server: Callable[..., Server], trust: Path) -> None:
    """The caller's own context gets the name without the port too, and so does SNI."""
    server = smtp_server("mail.example.test")
    context = ssl.create_default_context(cafile=str(trust))
    with smtplib.SMTP("mail.example.test:%d" % server.port, timeout=10) as smtp:
        smtp.starttls(context=context)
        assert smtp.sock.server_hostname == "mail.example.test"  # type: ignore[union-attr]


def test_smtp_connected_before_apply(smtp_server: Callable[..., Server]) -> None:
    server = smtp_server("mail.example.test")
    with smtplib.SMTP("mail.example.test:%d" % server.port, timeout=10) as smtp:
        if not ALONE:
            securedefaults.apply()
        smtp.starttls()
        smtp.login(USER, SECRET)


@pytest.mark.usefixtures("applied")
def test_smtp_bytes(smtp_server: Callable[..., Server]) -> None:
    server = smtp_server("mail.example.test")
    with smtplib.SMTP(b"mail.example.test", server.port, timeout=10) as smtp:  # type: ignore[arg-type]
        smtp.starttls()


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("label", ["good", "wrong host"])
def test_smtp_subclass_with_a_connect_of_its_own(label: str, certs: Certificates) -> None:
    """Through a tunnel, say: super().connect() is never called."""
    import socket

    class Tunnelled(smtplib.SMTP):
        def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> Tuple[int, bytes]:
            self.sock = socket.create_connection(("127.0.0.1", port), 10)
            self.file = None
            return self.getreply()

    with Server("SMTP", certs[label].context) as server:
        smtp = Tunnelled("localhost", server.port)
        with smtp:
            if label == "good" and getattr(smtp, "_host", None):
                smtp.starttls()
                smtp.login(USER, SECRET)
            else:
                # 3.13.14, 3.14.5 and later do not know the host here
                with pytest.raises(ValueError, match=r"certificate verify failed|check_hostname requires"):
                    smtp.starttls()
                with pytest.raises(smtplib.SMTPServerDisconnected):
                    smtp.login(USER, SECRET)
    assert bool(server.credentials()) == (label == "good" and bool(getattr(smtp, "_host", None)))


@pytest.mark.usefixtures("applied")
def test_smtp_with_an_assigned_socket(certs: Certificates) -> None:
    """Nobody knows the host here; then nothing can be verified and nothing is sent."""
    import socket

    with Server("SMTP", certs["good"].context) as server:
        smtp = smtplib.SMTP()
        smtp.sock = socket.create_connection(("127.0.0.1", server.port), 10)
        smtp.file = None  # type: ignore[assignment]
        smtp.getreply()
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            smtp.starttls()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.login(USER, SECRET)
    assert not server.credentials()


@pytest.mark.usefixtures("applied")
@pytest.mark.skipif(sys.platform == "win32", reason="needs Unix sockets")
@pytest.mark.parametrize("label", ["good", "wrong host", "unknown CA"])
@pytest.mark.parametrize("later", [False, True])
def test_lmtp_over_a_unix_socket_is_localhost(label: str, later: bool, certs: Certificates, tmp_path: Path) -> None:
    path = str(tmp_path / "lmtp")
    with Server("LMTP", certs[label].context, address=path) as server:
        lmtp = smtplib.LMTP() if later else smtplib.LMTP(path)
        if later:
            lmtp.connect(path)
        with lmtp:
            if label == "good":
                lmtp.starttls()
                lmtp.login(USER, SECRET)
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    lmtp.starttls()
                with pytest.raises(smtplib.SMTPServerDisconnected):
                    lmtp.login(USER, SECRET)
    assert bool(server.credentials()) == (label == "good")


class ImplicitFTP(ftplib.FTP_TLS):
    """FTPS on port 990, as fsspec and many snippets do it: without a server_hostname."""

    _sock: Any = None

    @property
    def sock(self) -> Any:  # type: ignore[override]
        return self._sock

    @sock.setter
    def sock(self, value: Any) -> None:
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value)
        self._sock = value


@backport_only("wrap_socket() without a name is an error")
@pytest.mark.usefixtures("applied")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("label", ["good", "wrong host", "unknown CA"])
def test_ftp_subclass_that_leaves_out_the_name(label: str, certs: Certificates) -> None:
    with Server("FTP", certs[label].context, implicit=True) as server:
        ftp = ImplicitFTP(timeout=10)
        if label == "good":
            ftp.connect("localhost", server.port)
            ftp.login(USER, SECRET)
            ftp.close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                ftp.connect("localhost", server.port)
    assert bool(server.credentials()) == (label == "good")


@backport_only("the context is nothing special")
def test_a_context_whose_connection_is_gone_knows_no_name(applied: None, certs: Certificates) -> None:
    import gc
    import socket

    context = ftplib.FTP_TLS().context
    gc.collect()
    with Server("FTP", certs["good"].context, implicit=True) as server:
        sock = socket.create_connection(("127.0.0.1", server.port), 10)
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            context.wrap_socket(sock)
        assert sock.fileno() == -1


class ReusingFTP(ftplib.FTP_TLS):
    """The recipe for servers that insist on the control channel's session."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:  # type: ignore[attr-defined]
            conn = self.context.wrap_socket(conn, server_hostname=self.host, session=self.sock.session)  # type: ignore[union-attr]
        return conn, size


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("renewed", [False, True])
def test_ftp_session_reuse(renewed: bool, certs: Certificates, trust: Path) -> None:
    """Also if the CA bundle is replaced between the two channels."""
    with Server("FTP", certs["good"].context) as server:
        with ReusingFTP(timeout=10) as ftp:
            ftp.connect("localhost", server.port)
            ftp.login(USER, SECRET)
            ftp.prot_p()
            if renewed:
                trust.write_bytes(certs.trusted.pem + certs.unknown.pem)
            assert ftp.nlst() == ["a line"]
    assert server.records[0].session_reused


@pytest.mark.usefixtures("applied")
def test_ftp_data_channel_of_another(certs: Certificates) -> None:
    """A good control channel does not vouch for the data channel."""
    with Server("FTP", certs["good"].context, data_context=certs["wrong host"].context) as server:
        with pytest.raises(ssl.SSLCertVerificationError), ftp_of("localhost", server.port) as ftp:
            ftp.login(USER, SECRET)
            ftp.prot_p()
            import io

            ftp.storbinary("STOR x", io.BytesIO(b"content"))
    assert server.data() == b""


@needs_nntplib
@pytest.mark.usefixtures("applied")
def test_nntp_login_in_the_constructor(certs: Certificates) -> None:
    with Server("NNTP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            nntplib.NNTP_SSL("localhost", server.port, USER, SECRET)
    assert not server.credentials()
