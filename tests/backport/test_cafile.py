"""The `cafile` of a rule: it means the same on every Python, and what is no such file is told by its kind."""

from __future__ import annotations

import base64
import datetime
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import warnings
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import securedefaults
from native import backport_only
from securedefaults import HostRule, UnverifiedDefaultWarning, WouldBeRefusedWarning
from securedefaults._policy import rules as rules_
from wire.certs import FUTURE, PAST, server_context
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("a patched Python knows no rules of its own")

SERVER, CA = ("digital_signature",), ("key_cert_sign", "crl_sign")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class Made(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def private(self, encoding: Any = serialization.Encoding.PEM, form: str = "PKCS8") -> bytes:
        nothing = serialization.NoEncryption()
        found: bytes = self.key.private_bytes(encoding, getattr(serialization.PrivateFormat, form), nothing)
        return found


def make(
    name: str,
    issuer: Optional[Made] = None,
    *,
    ca: bool = False,
    usage: Tuple[str, ...] = (),
    host: str = "localhost",
    not_after: datetime.datetime = FUTURE,
) -> Made:
    """A certificate with that subject, by which the strict rules have nothing to complain of."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(PAST)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    )
    if usage:
        usages = {each: each in usage for each in _USAGES}
        builder = builder.add_extension(x509.KeyUsage(**usages), critical=True)
    return Made(builder.sign(signing, hashes.SHA256()), key)


class World:
    """A root, a CA below it, and servers of both kinds; twice, one is the impostor with the same names."""

    def __init__(self) -> None:
        self.root = make("root", ca=True, usage=CA)
        self.between = make("between", self.root, ca=True, usage=CA)
        self.leaf = make("server", self.between)
        self.by_root = make("server", self.root)
        self.alone = make("alone")
        self.alone_usage = make("alone", usage=SERVER)
        self.alone_ca = make("alone", ca=True, usage=(*SERVER, *CA))


GENUINE, IMPOSTOR = World(), World()

#: by name: what is in the file, and what the server sends
KINDS: Dict[str, Tuple[List[str], List[str]]] = {
    "root, leaf": (["root"], ["by_root"]),
    "root, leaf and CA": (["root"], ["leaf", "between"]),
    "root, everything": (["root"], ["leaf", "between", "root"]),
    "root and CA, leaf": (["root", "between"], ["leaf"]),
    "CA in between, leaf": (["between"], ["leaf"]),
    "CA in between, leaf and CA": (["between"], ["leaf", "between"]),
    "CA in between, everything": (["between"], ["leaf", "between", "root"]),
    "own of a CA": (["leaf"], ["leaf"]),
    "own of a CA, leaf and CA": (["leaf"], ["leaf", "between"]),
    "own of a CA, everything": (["leaf"], ["leaf", "between", "root"]),
    "own of a root": (["by_root"], ["by_root"]),
    "self-signed": (["alone"], ["alone"]),
    "self-signed, may not sign": (["alone_usage"], ["alone_usage"]),
    "self-signed, a CA": (["alone_ca"], ["alone_ca"]),
    "several, root": (["alone", "root", "leaf"], ["by_root"]),
    "several, self-signed": (["root", "between", "alone"], ["alone"]),
    "several, own": (["alone", "leaf"], ["leaf", "between"]),
}


def sent(world: World, names: List[str]) -> ssl.SSLContext:
    chain = [getattr(world, name) for name in names]
    return server_context(chain[0].private() + b"".join(each.pem for each in chain))


def rule(folder: Path, *made: Made, host: str = "localhost", **options: Any) -> HostRule:
    (folder / "ca.pem").write_bytes(b"".join(each.pem for each in made))
    return HostRule(host, cafile=folder / "ca.pem", **options)


def code(context: ssl.SSLContext, *, changed: bool = False) -> int:
    """The verify code of a refusal, 0 if the server has got the password."""
    with Server("SMTP", context, implicit=True) as server:
        smtp = smtplib.SMTP_SSL(timeout=10)
        if changed:
            smtp.context.verify_flags = ssl.VERIFY_DEFAULT  # not `|=`, as careless people do
        smtp._host = "localhost"  # type: ignore[attr-defined]
        found = 0
        try:
            smtp.connect("localhost", server.port)
            smtp.login(USER, SECRET)
        except ssl.SSLCertVerificationError as exc:
            found = exc.verify_code
        smtp.close()
    assert bool(server.credentials()) == (not found)
    return found


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("strict", [None, True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_each_certificate_of_the_file_is_trusted(kind: str, strict: Any, changed: bool, tmp_path: Path) -> None:
    files, chain = KINDS[kind]
    made = [getattr(GENUINE, name) for name in files]
    securedefaults.apply(rules=[rule(tmp_path, *made, strict=strict)])
    assert code(sent(GENUINE, chain), changed=changed) == 0
    assert code(sent(IMPOSTOR, chain), changed=changed)
    # also if the impostor sends what is trusted, too
    forged = [*(getattr(IMPOSTOR, name) for name in chain), *made]
    private = forged[0].private()
    assert code(server_context(private + b"".join(each.pem for each in forged)), changed=changed)


@pytest.mark.parametrize("kind", KINDS)
def test_warn_mode_says_the_same(kind: str, tmp_path: Path) -> None:
    files, chain = KINDS[kind]
    securedefaults.apply("warn", rules=[rule(tmp_path, *(getattr(GENUINE, name) for name in files))])
    for world, category in ((GENUINE, UnverifiedDefaultWarning), (IMPOSTOR, WouldBeRefusedWarning)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert code(sent(world, chain)) == 0
        assert [each.category for each in caught if "verify" in str(each.message)] == [category]


@pytest.mark.parametrize("signed", [False, True])
def test_name_and_dates_of_the_servers_own_are_verified(signed: bool, tmp_path: Path) -> None:
    issuer = GENUINE.between if signed else None
    for made, expected in (
        (make("server", issuer, host="other.example.test"), 62),
        (make("server", issuer, not_after=datetime.datetime(2021, 1, 1)), 10),
    ):
        securedefaults.apply(rules=[rule(tmp_path, made)])
        assert code(server_context(made.private() + made.pem)) == expected


@pytest.mark.parametrize("issuer", ["leaf", "alone", "alone_usage"])
def test_a_server_is_no_ca(issuer: str, tmp_path: Path) -> None:
    """Whoever has the key of a server's own certificate can issue no others."""
    made = getattr(GENUINE, issuer)
    other = make("other", made)
    securedefaults.apply(rules=[rule(tmp_path, made)])
    for chain in (other.pem, other.pem + made.pem):
        assert code(server_context(other.private() + chain))


def test_other_hosts_have_the_platforms_flags(tmp_path: Path) -> None:
    """What is an anchor there is this Python's to say."""
    securedefaults.apply(rules=[rule(tmp_path, GENUINE.root)])
    flags = ssl.create_default_context().verify_flags
    context = securedefaults.create_default_context()
    assert context.verify_flags == flags
    with Server("SMTP", sent(GENUINE, ["by_root"]), implicit=True) as server:
        with context.wrap_socket(
            socket.create_connection(("127.0.0.1", server.port), 10), server_hostname="localhost"
        ) as tls:
            assert tls.context.verify_flags == flags | 0x80000
    assert context.verify_flags == flags


# What is no such file


def _printed(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(arguments, input=stdin, stdout=subprocess.PIPE, check=True, timeout=60).stdout


OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to convert files by")


def pkcs12(folder: Path) -> bytes:
    (folder / "all.pem").write_bytes(GENUINE.root.private() + GENUINE.root.pem + GENUINE.between.pem)
    return _printed("openssl", "pkcs12", "-export", "-in", str(folder / "all.pem"), "-passout", "pass:secret")


def pkcs7(folder: Path, form: str) -> bytes:
    (folder / "all.pem").write_bytes(GENUINE.root.pem + GENUINE.between.pem)
    return _printed("openssl", "crl2pkcs7", "-nocrl", "-certfile", str(folder / "all.pem"), "-outform", form)


ROOT = GENUINE.root

#: by name: the content, what is said, and how many certificates there are afterwards
CONVERTED: Dict[str, Tuple[Any, str, int]] = {
    "DER": (lambda _: ROOT.der, "no certificate in PEM, but one in DER; convert it: openssl x509 -inform der -in ", 1),
    "PKCS#12": (pkcs12, "no certificate in PEM, but PKCS#12; convert it: openssl pkcs12 -in ", 2),
    "PKCS#7": (lambda folder: pkcs7(folder, "PEM"), "no certificate, but PKCS#7; convert it: openssl pkcs7 -in ", 2),
    "PKCS#7 in DER": (lambda folder: pkcs7(folder, "DER"), "in PEM, but PKCS#7; convert it: openssl pkcs7 -inform", 2),
    "UTF-16": (lambda _: ROOT.pem.decode().encode("utf-16"), "is text in UTF-16; convert it: iconv ", 1),
    "byte order mark": (lambda _: b"\xef\xbb\xbf" + ROOT.pem, "a byte order mark stands before it; remove that: ", 1),
    "escaped": (
        lambda _: b'"' + ROOT.pem.replace(b"\n", b"\\n") + b'"',
        "-----BEGIN CERTIFICATE----- has to be a line of its own",
        0,
    ),
    "escaped, bare": (lambda _: ROOT.pem.replace(b"\n", b"\\n"), r"with the two characters \n; convert it: printf ", 1),
    "base64": (lambda _: base64.encodebytes(ROOT.der), "but the base64 of one alone; convert it: openssl base64", 1),
    "base64 in one line": (lambda _: base64.b64encode(ROOT.der) + b"\n", "convert it: openssl base64 -d -A", 1),
}


@OPENSSL
@pytest.mark.parametrize("name", ["file", "the CA's file.crt"])
@pytest.mark.parametrize("kind", CONVERTED)
def test_the_command_converts_it(kind: str, name: str, tmp_path: Path) -> None:
    content, said, number = CONVERTED[kind]
    path = tmp_path / name
    path.write_bytes(content(tmp_path))
    if kind == "byte order mark" and ssl.OPENSSL_VERSION_INFO >= (3,):
        assert HostRule("a.lan", cafile=path).cafile  # this one skips it
        return
    with pytest.raises(ValueError, match=r"^cafile .* (is|holds) ") as caught:
        HostRule("a.lan", cafile=path)
    assert said in str(caught.value)
    command = re.search(r"(?:convert it|remove that): (.*?)( \(with -legacy .*)?$", str(caught.value))
    if not number:
        assert command is None
        return
    assert command is not None
    text = command.group(1).replace("pkcs12 -in", "pkcs12 -passin pass:secret -in")
    subprocess.run(["sh", "-ec", text], check=True, cwd=str(tmp_path), timeout=60, stdin=subprocess.DEVNULL)
    made = HostRule("a.lan", cafile=str(path) + ".pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(made.cafile)
    assert context.cert_store_stats()["x509"] == number


@pytest.mark.skipif(shutil.which("keytool") is None, reason="there is no Java here")
def test_a_keystore_of_java(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    made = "keytool -importcert -noprompt -storetype JKS -keystore ca.jks -storepass secret -file root.pem -alias a"
    subprocess.run(made.split(), check=True, cwd=str(tmp_path), timeout=60, stderr=subprocess.DEVNULL)
    with pytest.raises(ValueError, match=r"is a keystore of Java; convert it: (.*)") as caught:
        HostRule("a.lan", cafile=tmp_path / "ca.jks")
    command = str(caught.value).partition("convert it: ")[2].replace("-list", "-list -storepass secret")
    subprocess.run(["sh", "-ec", command], check=True, cwd=str(tmp_path), timeout=60, stderr=subprocess.DEVNULL)
    HostRule("a.lan", cafile=tmp_path / "ca.jks.pem")


def request() -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(ROOT.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def revoked() -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(ROOT.certificate.subject)
    signed = builder.last_update(PAST).next_update(FUTURE).sign(ROOT.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def public() -> bytes:
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = ROOT.key.public_key().public_bytes(serialization.Encoding.PEM, info)
    return found


DER = serialization.Encoding.DER
NO_PEM = "holds no certificate in PEM"
OTHERS: Dict[str, Tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \r\n", "is empty"),
    "private key": (ROOT.private(), "holds no certificate, but a private key, which is for the server alone; give the"),
    "private key, old": (ROOT.private(form="TraditionalOpenSSL"), "but a private key"),
    "private key in DER": (ROOT.private(DER), NO_PEM + ", but a private key"),
    "private key, old in DER": (ROOT.private(DER, "TraditionalOpenSSL"), NO_PEM + ", but a private key"),
    "request": (request(), "holds no certificate, but a request for a certificate; give"),
    "CRL": (revoked(), "holds no certificate, but a list of revoked certificates; give"),
    "public key": (public(), "holds no certificate, but a block of another kind, PUBLIC KEY"),
    "web page": (b"\r\n<!DOCTYPE html><html>404</html>", NO_PEM + ", but a web page; get the file itself"),
    "XML": (b"\xef\xbb\xbf<?xml version='1.0'?>", NO_PEM + ", but a web page"),
    "text": (b"-- no certificate --\n", NO_PEM + ": "),
    "base64 of something else": (base64.b64encode(b"x" * 400), NO_PEM + ": "),
    "short": (b"0", NO_PEM + ", but something else in DER"),
    "sequence": (b"\x30\x03\x02\x01\x05", NO_PEM + ", but something else in DER"),
    "half": (ROOT.pem[:300], "holds a certificate that OpenSSL cannot load: it is damaged; get the file anew"),
    "damaged": (ROOT.pem.replace(b"M", b"N", 1), "it is damaged"),
    "the second is damaged": (ROOT.pem + ROOT.pem.replace(b"M", b"N", 1), "it is damaged"),
    "indented": (ROOT.pem.replace(b"-----BEGIN", b"  -----BEGIN"), "has to be a line of its own, with nothing before"),
    "in a web page": (b"<pre>" + ROOT.pem, "has to be a line of its own"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_it_is_instead(kind: str, tmp_path: Path) -> None:
    content, said = OTHERS[kind]
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="^" + re.escape("cafile %s " % path)) as caught:
        HostRule("a.lan", cafile=path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [ROOT.pem.replace(b"\n", b"\r\n"), b"root:\n" + ROOT.pem + b"text\n" + ROOT.pem, ROOT.private() + ROOT.pem],
    ids=["of Windows", "with text", "with its key"],
)
def test_what_openssl_loads_is_taken(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    assert HostRule("a.lan", cafile=tmp_path / "ca.pem").cafile


def test_no_command_for_a_path_that_would_come_out_as_another(tmp_path: Path) -> None:
    path = tmp_path / "a\nrm -r b"
    path.write_bytes(ROOT.der)
    with pytest.raises(ValueError, match=r"one in DER; convert it$"):
        HostRule("a.lan", cafile=path)


def test_hostile_files_cost_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pattern is tried again and again at each place of a long file."""
    monkeypatch.setattr(rules_, "LONGEST_CAFILE", 4 << 20)
    for part in (b"-----BEGIN ", b"-----BEGIN CERTIFICATE", b"A", b"0", b"\n", b"-----BEGIN A CERTIFICATE-----", b"<"):
        (tmp_path / "ca.pem").write_bytes((part * (2 << 20))[: 2 << 20])
        with pytest.raises(ValueError, match="cafile"):
            HostRule("a.lan", cafile=tmp_path / "ca.pem")
