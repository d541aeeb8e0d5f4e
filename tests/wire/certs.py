"""Certificates, good ones and each kind of faulty one."""

from __future__ import annotations

import datetime
import functools
import ipaddress
import os
import re
import ssl
import tempfile
from typing import Any, Dict, List, Optional, Sequence, Union

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: What a good certificate is for. All of it leads to this machine, see `resolve`.
NAMES = ("localhost", "mail.example.test", "xn--bcher-kva.example.test", "127.0.0.1", "::1", "fe80::1")

Key = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey]

# No backdating by hours: the expired one is expired for every time zone, the good one valid in each.
PAST = datetime.datetime(2020, 1, 1)
FUTURE = datetime.datetime(2099, 1, 1)


class Authority:
    """A CA of trustme's that can also be asked for what trustme, rightly, does not issue."""

    def __init__(self, parent: Optional[trustme.CA] = None, *, name: Optional[str] = None) -> None:
        named = {"organization_name": name, "organization_unit_name": "for tests"} if name else {}
        self.ca = parent.create_child_ca() if parent else trustme.CA(key_type=trustme.KeyType.ECDSA, **named)
        self.pem = self.ca.cert_pem.bytes()
        self._certificate = x509.load_pem_x509_certificate(self.pem)
        self._key: Any = serialization.load_pem_private_key(self.ca.private_key_pem.bytes(), None)

    def issue(
        self,
        names: Sequence[str] = NAMES,
        *,
        common_name: Optional[str] = None,
        not_before: datetime.datetime = PAST,
        not_after: datetime.datetime = FUTURE,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        authority_key_identifier: bool = True,
        rsa_key: bool = False,
        self_signed: bool = False,
    ) -> bytes:
        """A private key and a leaf, PEM."""
        key: Key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
        if self_signed:
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name or "self-signed")])
        signing_key = key if self_signed else self._key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if names:
            san = x509.SubjectAlternativeName([_general_name(name) for name in names])
            builder = builder.add_extension(san, critical=not subject.rdns)
        if authority_key_identifier:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
            builder = builder.add_extension(identifier, critical=False)
        certificate = builder.sign(signing_key, hashes.SHA256())
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(pem: bytes, *, ciphers: str = "DEFAULT") -> ssl.SSLContext:
    """A server's context with this private key and chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers != "DEFAULT":
        context.set_ciphers(ciphers)
    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
    return context


def chain_of(pem: bytes) -> List[bytes]:
    """The certificates in it, DER."""
    blocks = re.findall(r"(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", pem.decode())
    return [ssl.PEM_cert_to_DER_cert(block) for block in blocks]


class Fault:
    """A kind of certificate: whether it must be refused for "localhost", and with which of OpenSSL's verify codes."""

    def __init__(self, name: str, pem: bytes, *codes: int) -> None:
        self.name = name
        self.pem = pem
        self.codes = codes

    @functools.cached_property
    def context(self) -> ssl.SSLContext:
        return server_context(self.pem)

    @property
    def refused(self) -> bool:
        return bool(self.codes)


class Certificates:
    """One of each, made once for a test run. `trusted` is the CA that clients are to trust."""

    def __init__(self) -> None:
        self.trusted = Authority()
        self.unknown = Authority()
        intermediate = Authority(self.trusted.ca)
        issue = self.trusted.issue
        strict = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)
        self.all: List[Fault] = [
            Fault("good", issue()),
            Fault("good RSA", issue(rsa_key=True)),
            Fault("good intermediate", intermediate.issue() + intermediate.pem),
            # RFC 9525 forbids it; Python's default contexts still look at the common name if there is no SAN.
            Fault("common name only", issue((), common_name="localhost")),
            Fault("unknown CA", self.unknown.issue(), 20),
            Fault("self-signed", self.trusted.issue(self_signed=True), 18),
            Fault("missing intermediate", intermediate.issue(), 20),
            Fault("expired", issue(not_after=datetime.datetime(2021, 1, 1)), 10),
            Fault("not yet valid", issue(not_before=datetime.datetime(2098, 1, 1)), 9),
            Fault("wrong host", issue(("other.example.test",)), 62),
            Fault("wrong host, right common name", issue(("other.example.test",), common_name="localhost"), 62),
            Fault("bad wildcard", issue(("*",)), 62),
            Fault("partial wildcard", issue(("local*",)), 62),
            Fault("IP address only", issue(("127.0.0.1",)), 62),
            Fault("IP address as a DNS name", issue(("127.0.0.2",)), 62),
            Fault("no name", issue((), common_name="nobody"), 62),
            Fault("client certificate", issue(usage=ExtendedKeyUsageOID.CLIENT_AUTH), 26),
            Fault("no authority key identifier", issue(authority_key_identifier=False), *([85] if strict else [])),
        ]
        self.by_name: Dict[str, Fault] = {fault.name: fault for fault in self.all}

    def __getitem__(self, name: str) -> Fault:
        return self.by_name[name]


@functools.lru_cache(maxsize=None)
def certificates() -> Certificates:
    return Certificates()
