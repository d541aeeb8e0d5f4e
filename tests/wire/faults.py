"""Chains with one fault each, or two: what OpenSSL says to them, and by which rule the server is to pass.

The certificates are put together here, element by element, for many of these faults no library would issue. What is
expected of each chain stands in the table `_chains()`, written by hand: it is not to be found out from what the code
under test does.
"""

from __future__ import annotations

import datetime
import functools
import ipaddress
import ssl
import sysconfig
import zipfile
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple, Union

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .certs import FUTURE, PAST, chain_of

Key = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey]
#: Whether it is critical, and its value, DER; None leaves it out.
Extension = Optional[Tuple[bool, bytes]]
Rule = FrozenSet[str]

#: The name that is asked for, and another one.
ASKED, OTHER = "localhost", "mail.example.test"
LONG_AGO = datetime.datetime(2021, 1, 1)
FAR_AWAY = datetime.datetime(2098, 1, 1)


def rule(*keys: str) -> Rule:
    """The keys of a rule."""
    return frozenset(keys)


#: What helps; the most secure first.
NOTHING = rule()
NAME, CA, CA_AND_NAME = rule("server_hostname"), rule("cafile"), rule("cafile", "server_hostname")
LAX, LAX_AND_NAME, LAX_AND_CA = rule("strict"), rule("strict", "server_hostname"), rule("strict", "cafile")
LAX_AND_BOTH = rule("strict", "cafile", "server_hostname")
PIN = rule("fingerprint")
EXEMPTION = rule("verify", "until", "reason")


class Chain(NamedTuple):
    """A chain, and what is expected of it.

    Attributes:
        name: of the fault.
        key: the server's private key, PEM.
        chain: what the server sends, DER, its own certificate first.
        cafile: the file that its operator would hand out, PEM.
        platform: what the platform's trust store is to hold, PEM; empty where it does not know the CA.
        asked: the name that the program asks for.
        known_as: a name that it has: what a rule's server_hostname is to say.
        lenient: the verify code without VERIFY_X509_STRICT; None if the chain is accepted.
        strict: the same with it.
        first: the keys of the rule that is the first remedy without VERIFY_X509_STRICT; empty if none is needed.
        first_strict: the same with it.
        unseen: a fault is in a certificate that is not sent: it can be found only when the CA file is there.
    """

    name: str
    key: bytes
    chain: Tuple[bytes, ...]
    cafile: bytes
    platform: bytes
    asked: str
    known_as: str
    lenient: Optional[int]
    strict: Optional[int]
    first: Rule
    first_strict: Rule
    unseen: bool = False

    @property
    def pem(self) -> bytes:
        """Key and chain, for `server_context()`; some need ciphers of `@SECLEVEL=0`, and some are loaded by none."""
        return self.key + pem(*self.chain)

    def code(self, strict: bool) -> Optional[int]:
        return self.strict if strict else self.lenient

    def remedy(self, strict: bool) -> Rule:
        return self.first_strict if strict else self.first


def pem(*certificates: bytes) -> bytes:
    return "".join(map(ssl.DER_cert_to_PEM_cert, certificates)).encode()


# Elements of DER

SEQUENCE, BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x30, 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
NULL = b"\x05\0"
TRUE = b"\x01\x01\xff"


def element(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def number(value: int) -> bytes:
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    encoded = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc >> 7:
            arc >>= 7
            groups.insert(0, 0x80 | arc & 0x7F)
        encoded += bytes(groups)
    return element(OID, encoded)


def time(when: Union[datetime.datetime, bytes]) -> bytes:
    """A time as RFC 5280 has it; bytes are a UTCTime that may be none."""
    if isinstance(when, bytes):
        return element(UTC_TIME, when)
    if when.year < 2050:
        return element(UTC_TIME, when.strftime("%y%m%d%H%M%SZ").encode())
    return element(GENERALIZED_TIME, when.strftime("%Y%m%d%H%M%SZ").encode())


def distinguished(common_name: str) -> bytes:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    return x509.Name(attributes).public_bytes()


# Keys

RSA_SIGNATURES = {"sha256": "1.2.840.113549.1.1.11", "sha1": "1.2.840.113549.1.1.5", "md5": "1.2.840.113549.1.1.4"}
EC_SIGNATURES = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha1": "1.2.840.10045.4.1"}
HASHES: Dict[str, Any] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha1": hashes.SHA1,
    "md5": hashes.MD5,
}


@functools.lru_cache(maxsize=None)
def key_of(owner: str, bits: int = 0) -> Key:
    """The key of somebody, always the same; RSA of that many bits, or P-256."""
    if bits:
        return rsa.generate_private_key(65537, bits)
    return ec.generate_private_key(ec.SECP256R1())


def private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public(key: Key) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def with_explicit_curve(key: Key) -> bytes:
    """The public key, with P-256 written out instead of named."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    x = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
    y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    curve = element(
        SEQUENCE,
        number(1),
        element(SEQUENCE, oid("1.2.840.10045.1.1"), number(prime)),
        element(SEQUENCE, *(element(OCTET_STRING, value.to_bytes(32, "big")) for value in (prime - 3, b))),
        element(OCTET_STRING, b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")),
        number(order),
        number(1),
    )
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return element(SEQUENCE, element(SEQUENCE, oid("1.2.840.10045.2.1"), curve), element(BIT_STRING, b"\0", point))


# Extensions

OIDS = {
    "ski": "2.5.29.14",
    "ku": "2.5.29.15",
    "san": "2.5.29.17",
    "bc": "2.5.29.19",
    "nc": "2.5.29.30",
    "aki": "2.5.29.35",
    "eku": "2.5.29.37",
    "addresses": "1.3.6.1.5.5.7.1.7",
    "proxy": "1.3.6.1.5.5.7.1.14",
    "riddle": "1.3.6.1.4.1.99999.1",
}

CA_TRUE, CA_FALSE = element(SEQUENCE, TRUE), element(SEQUENCE)
SIGNS_CERTIFICATES, SIGNS, SIGNS_BOTH = b"\x03\x02\x01\x06", b"\x03\x02\x07\x80", b"\x03\x02\x02\x84"
ENCIPHERS_DATA = b"\x03\x02\x04\x10"
#: policyLanguage: inherit all
PROXY = element(SEQUENCE, element(SEQUENCE, oid("1.3.6.1.5.5.7.21.1")))


def identifier(key: Key) -> bytes:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest


def usage(*purposes: x509.ObjectIdentifier) -> bytes:
    return x509.ExtendedKeyUsage(purposes).public_bytes()


def general(name: str) -> bytes:
    """A GeneralName; what has a sign of email in it is one."""
    try:
        return element(0x87, ipaddress.ip_address(name).packed)
    except ValueError:
        return element(0x81 if "@" in name else 0x82, name.encode())


def names(*general_names: str) -> bytes:
    return element(SEQUENCE, *map(general, general_names))


def constraints(*subtrees: bytes, excluded: bool = False) -> bytes:
    return element(SEQUENCE, element(0xA1 if excluded else 0xA0, *(element(SEQUENCE, tree) for tree in subtrees)))


def addresses(*blocks: bytes) -> bytes:
    """RFC 3779: these blocks of IPv4 addresses, each without its trailing bits."""
    family = element(OCTET_STRING, b"\0\1")
    return element(SEQUENCE, element(SEQUENCE, family, element(SEQUENCE, *blocks)))


# Certificates


class Certificate:
    """A certificate, and the key that belongs to it.

    Args:
        subject: its common name; empty for none at all.
        issuer: who signs it; None for itself.
        ca: whether it gets the extensions of a CA.
        named: its names in subjectAltName.
        extensions: by the names in `OIDS`, those that are others than a good CA would write.
        since: the first day.
        until: the last day.
        owner: of the key, if it is not the one of everybody with this subject.
        bits: of an RSA key; 0 for P-256.
        digest: that it is signed with.
        version: of X.509, less one.
        spki: in the place of the public key.
        spoil: change the signature.
        inconsistent: name another signature algorithm inside.
    """

    def __init__(
        self,
        subject: str,
        issuer: Optional[Certificate] = None,
        *,
        ca: bool = False,
        named: Iterable[str] = (),
        extensions: Optional[Dict[str, Extension]] = None,
        since: Union[datetime.datetime, bytes] = PAST,
        until: Union[datetime.datetime, bytes] = FUTURE,
        owner: str = "",
        bits: int = 0,
        digest: str = "sha256",
        version: int = 2,
        spki: Optional[bytes] = None,
        spoil: bool = False,
        inconsistent: bool = False,
    ) -> None:
        self.subject = subject
        self.key = key_of(owner or (subject if ca else "server"), bits)
        signer = self.key if issuer is None else issuer.key
        contents: Dict[str, Extension] = {
            "bc": (True, CA_TRUE if ca else CA_FALSE),
            "ku": (True, SIGNS_CERTIFICATES if ca else SIGNS),
            "ski": (False, element(OCTET_STRING, identifier(self.key))),
        }
        if not ca:
            contents["eku"] = (False, usage(ExtendedKeyUsageOID.SERVER_AUTH))
        if issuer is not None:
            contents["aki"] = (False, element(SEQUENCE, element(0x80, identifier(signer))))
        if named:
            contents["san"] = (not subject, names(*named))
        contents.update(extensions or {})
        algorithm = _algorithm(signer, digest)
        tbs = element(
            SEQUENCE,
            element(0xA0, number(version)) if version else b"",
            number(x509.random_serial_number()),
            _algorithm(signer, "sha384") if inconsistent else algorithm,
            distinguished(subject if issuer is None else issuer.subject),
            element(SEQUENCE, time(since), time(until)),
            distinguished(subject),
            spki or public(self.key),
            _extensions(contents),
        )
        signature = _signature(signer, digest, tbs)
        if spoil:
            signature = _signature(signer, digest, tbs + b"!")
        self.der = element(SEQUENCE, tbs, algorithm, element(BIT_STRING, b"\0", signature))


def _extensions(contents: Dict[str, Extension]) -> bytes:
    encoded = [
        element(SEQUENCE, oid(OIDS[name]), TRUE if content[0] else b"", element(OCTET_STRING, content[1]))
        for name, content in contents.items()
        if content is not None
    ]
    return element(0xA3, element(SEQUENCE, *encoded)) if encoded else b""


def _algorithm(signer: Key, digest: str) -> bytes:
    if isinstance(signer, rsa.RSAPrivateKey):
        return element(SEQUENCE, oid(RSA_SIGNATURES[digest]), NULL)
    return element(SEQUENCE, oid(EC_SIGNATURES[digest]))


def _signature(signer: Key, digest: str, data: bytes) -> bytes:
    if isinstance(signer, rsa.RSAPrivateKey):
        return signer.sign(data, padding.PKCS1v15(), HASHES[digest]())
    return signer.sign(data, ec.ECDSA(HASHES[digest]()))


def rejected_for_servers(certificate: bytes) -> bytes:
    """The entry of a trust store that says that this CA must not be trusted for TLS servers, PEM."""
    settings = element(SEQUENCE, element(0xA0, oid(ExtendedKeyUsageOID.SERVER_AUTH.dotted_string)))
    text = ssl.DER_cert_to_PEM_cert(certificate + settings)
    return text.replace(" CERTIFICATE-", " TRUSTED CERTIFICATE-").encode()


# The list of Python itself


def distrusted_by_python() -> Optional[Chain]:
    """A chain with a CA key that is on Python's list of compromised ones; None where this Python has no such list.

    It is that of CPython's own tests, which not every installation has.
    """
    archive = Path(sysconfig.get_paths()["stdlib"], "test", "certdata", "distrusted.zip")
    if not archive.exists():
        return None
    with zipfile.ZipFile(archive) as files:
        # Not a secret: test_ssl.py says it, and that scanners for private keys are to be kept out.
        files.setpassword(b"Brave Sir Robin")
        keycert, root = (files.read("distrusted/distrusted_%s.pem" % name) for name in ("keycert", "root"))
    key = keycert[: keycert.index(b"-----BEGIN CERTIFICATE-----")]
    sent = tuple(chain_of(keycert))
    return Chain("a CA on Python's list", key, sent, root, root, ASKED, ASKED, 28, 28, PIN, PIN)


# The table


class _Maker:
    """Puts chains together; what they have in common is made once."""

    def __init__(self) -> None:
        self.root = Certificate("Root", ca=True)
        self.middle = self.ca()
        self.made: List[Chain] = []

    def ca(self, subject: str = "Middle", issuer: Optional[Certificate] = None, **what: Any) -> Certificate:
        """An intermediate CA."""
        return Certificate(subject, issuer or self.root, ca=True, **what)

    def leaf(self, issuer: Optional[Certificate] = None, subject: str = "server", **what: Any) -> Certificate:
        """A server's certificate."""
        what.setdefault("named", (ASKED,))
        return Certificate(subject, issuer or self.middle, **what)

    def add(
        self,
        name: str,
        sent: Tuple[Certificate, ...],
        codes: Tuple[Optional[int], Optional[int]],
        *first: Rule,
        root: Optional[Certificate] = None,
        private_ca: bool = False,
        asked: str = ASKED,
        known_as: str = "",
        **more: Any,
    ) -> None:
        """A chain of the table.

        Args:
            name: of its fault.
            sent: the certificates, the server's own first.
            codes: without and with VERIFY_X509_STRICT.
            first: the first remedy without and with it, where they differ.
            root: the CA file; that of "Root" if there is none.
            private_ca: whether the platform does not know the root.
            asked: see `Chain`.
            known_as: see there.
            more: see there.
        """
        cafile = more.pop("cafile", pem((root or self.root).der))
        platform = more.pop("platform", b"" if private_ca else cafile)
        chain = tuple(certificate.der for certificate in sent)
        names = (asked, known_as or asked)
        key = private(sent[0].key)
        self.made.append(Chain(name, key, chain, cafile, platform, *names, *codes, first[0], first[-1], **more))


@functools.lru_cache(maxsize=None)
def chains() -> Tuple[Chain, ...]:
    """All of them, made once for a test run."""
    maker = _Maker()
    for table in (_good, _chain_faults, _names_and_dates, _strict_faults, _ca_faults, _keys, _pairs):
        table(maker)
    return tuple(maker.made)


def _good(maker: _Maker) -> None:
    add, leaf, middle, root = maker.add, maker.leaf, maker.middle, maker.root
    fine = (None, None)
    add("good", (leaf(), middle), fine, NOTHING)
    add("good, sends its root", (leaf(), middle, root), fine, NOTHING)
    add("good, sends more than it has to", (leaf(), maker.ca("Another"), middle), fine, NOTHING)
    add("good, in the wrong order", (leaf(), root, middle), fine, NOTHING)
    add("good, with the right common name alone", (leaf(subject=ASKED, named=()), middle), fine, NOTHING)
    add("good, with a wildcard", (leaf(named=("*.example.test",)), middle), fine, NOTHING, asked=OTHER)


def _chain_faults(maker: _Maker) -> None:
    add, leaf, ca, middle, root = maker.add, maker.leaf, maker.ca, maker.middle, maker.root
    add("private CA", (leaf(root),), (20, 20), CA, private_ca=True)
    add("private CA with an intermediate", (leaf(), middle), (20, 20), CA, private_ca=True)
    add("private CA, sends its root", (leaf(), middle, root), (19, 19), CA, private_ca=True)
    add("private CA, right common name alone", (leaf(subject=ASKED, named=()), middle), (20, 20), CA, private_ca=True)
    both = pem(middle.der, root.der)
    known = pem(root.der)
    add("half a chain", (leaf(),), (20, 20), CA, cafile=both, platform=known)
    add("half a chain of a private CA", (leaf(),), (20, 20), CA, cafile=both, private_ca=True)
    own = Certificate("server", named=(ASKED,))
    add("self-signed", (own,), (18, 18), CA, root=own, private_ca=True)
    plain = Certificate("server", ca=True, named=(ASKED,), extensions={"ku": None})
    add("self-signed CA of openssl req -x509", (plain,), (18, 18), CA, root=plain, private_ca=True)
    by_name = Certificate(ASKED, ca=True, extensions={"ku": None})
    add("self-signed, right common name alone", (by_name,), (18, 18), CA, root=by_name, private_ca=True)
    old = Certificate(ASKED, version=0, extensions=dict.fromkeys(("bc", "ku", "ski", "eku")))
    add("self-signed, of version 1", (old,), (18, 18), CA, LAX_AND_CA, root=old, private_ca=True)
    # Python 3.13 and later trust an intermediate without its root by themselves.
    partial = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0) & ssl.create_default_context().verify_flags
    add(
        "the platform has the intermediate without its root",
        (leaf(), middle),
        (None, None) if partial else (2, 2),
        NOTHING if partial else CA,
        platform=pem(middle.der),
    )
    add("the signature is wrong", (leaf(spoil=True), middle), (7, 7), PIN)
    former = Certificate("Root", ca=True, owner="Former Root", extensions={"ski": None})
    add("the platform has another CA of that name", (leaf(), middle), (7, 86), CA, platform=pem(former.der))
    add("the platform rejects the root", (leaf(), middle), (28, 28), PIN, platform=rejected_for_servers(root.der))
    long = [root]
    for index in range(104):
        long.append(ca("CA %d" % index, long[-1]))
    add("too long", (leaf(long[-1]), *long[:0:-1]), (22, 22), PIN)


def _names_and_dates(maker: _Maker) -> None:
    add, leaf, ca, middle = maker.add, maker.leaf, maker.ca, maker.middle
    other = {"known_as": OTHER}
    add("other name", (leaf(named=(OTHER,)), middle), (62, 62), NAME, **other)
    add("other name, a common name alone", (leaf(subject=OTHER, named=()), middle), (62, 62), NAME, **other)
    add("other name, a wildcard", (leaf(named=("*.example.test",)), middle), (62, 62), NAME, **other)
    add(
        "the right name as a common name beside another",
        (leaf(None, ASKED, named=(OTHER,)), middle),
        (62, 62),
        NAME,
        **other,
    )
    add("names that no host has", (leaf(named=("*", "local*", "*.*")), middle), (62, 62), PIN)
    add("no name at all", (leaf(named=()), middle), (62, 62), NAME, known_as="server")
    add("a common name that no host has", (leaf(subject="Printer 2000", named=()), middle), (62, 62), PIN)
    add("an IP address", (leaf(named=(OTHER,)), middle), (64, 64), NAME, asked="127.0.0.1", **other)
    add(
        "another IP address",
        (leaf(named=("127.0.0.2",)), middle),
        (64, 64),
        NAME,
        asked="127.0.0.1",
        known_as="127.0.0.2",
    )
    add(
        "an IP address as a DNS name",
        (leaf(named=(OTHER, "127.0.0.1.")), middle),
        (64, 64),
        NAME,
        asked="127.0.0.1",
        **other,
    )
    add("a name, for an IP address", (leaf(named=("127.0.0.1",)), middle), (62, 62), NAME, known_as="127.0.0.1")
    add("expired", (leaf(until=LONG_AGO), middle), (10, 10), PIN)
    add("not yet valid", (leaf(since=FAR_AWAY), middle), (9, 9), PIN)
    add("no date to begin with", (leaf(since=b"201301000000Z"), middle), (13, 13), PIN)
    add("no date to end with", (leaf(until=b"341301000000Z"), middle), (14, 14), PIN)
    aged = ca("Aged", until=LONG_AGO)
    add("an intermediate expired", (leaf(aged), aged), (10, 10), PIN)
    ancient = Certificate("Ancient", ca=True, until=LONG_AGO)
    add("the root expired", (leaf(ancient), ancient), (10, 10), PIN, root=ancient)


def _strict_faults(maker: _Maker) -> None:
    """What RFC 5280 demands, and OpenSSL only if it is told to be strict."""
    add, leaf, ca, middle = maker.add, maker.leaf, maker.ca, maker.middle

    def server(name: str, code: int, lenient: Optional[int] = None, **what: Any) -> None:
        first = (NOTHING, LAX) if lenient is None else (PIN,)
        add(name, (leaf(**what), middle), (lenient, code), *first)

    def issuer(name: str, code: int, **extensions: Extension) -> None:
        odd = ca(name, extensions=extensions)
        add(name, (leaf(odd), odd), (None, code), NOTHING, LAX)

    server("a path length for a server", 80, extensions={"bc": (True, element(SEQUENCE, number(0)))})
    server("a server that signs certificates", 82, extensions={"ku": (True, SIGNS_BOTH)})
    server("no authority key identifier", 85, extensions={"aki": None})
    server("a name that is not critical", 88, subject="", extensions={"san": (False, names(ASKED))})
    server("extensions of version 1", 93, version=0)
    server("extensions of version 2", 93, version=1)
    server("two signature algorithms", 78, lenient=7, inconsistent=True)
    server("neither a subject nor a name", 84, lenient=62, subject="", named=())
    server("a list of no names", 87, lenient=62, subject="", extensions={"san": (True, element(SEQUENCE))})
    issuer("a path length without keyCertSign", 81, bc=(True, element(SEQUENCE, TRUE, number(3))), ku=None)
    issuer("no authority key identifier of a CA", 85, aki=None)
    issuer("no subject key identifier of a CA", 86, ski=None)
    issuer("basic constraints that are not critical", 89, bc=(False, CA_TRUE))
    issuer("no key usage of a CA", 92, ku=None)
    nobody = Certificate("", ca=True)
    nameless = ca("Of Nobody", nobody)
    add("an issuer without a name", (leaf(nameless), nameless), (None, 83), NOTHING, LAX, root=nobody)
    first = Certificate("Version 1", ca=True, version=0, extensions=dict.fromkeys(("bc", "ku", "ski")))
    add("a root of version 1", (leaf(first), first), (None, 79), NOTHING, LAX, root=first)
    plain = Certificate("Plain", ca=True, extensions={"ku": None})
    add("a trusted root of openssl req -x509", (leaf(plain),), (None, 92), NOTHING, LAX, root=plain)


def _ca_faults(maker: _Maker) -> None:
    """What a CA may do, and for what a certificate is."""
    add, leaf, ca, middle = maker.add, maker.leaf, maker.ca, maker.middle
    clients = (False, usage(ExtendedKeyUsageOID.CLIENT_AUTH))

    def issuer(name: str, code: int, named: Iterable[str] = (ASKED,), **extensions: Extension) -> None:
        odd = ca(name, extensions=extensions)
        add(name, (leaf(odd, named=named), odd), (code, code), PIN)

    add("a client's certificate", (leaf(extensions={"eku": clients}), middle), (26, 26), PIN)
    add("a key usage without a signature", (leaf(extensions={"ku": (True, ENCIPHERS_DATA)}), middle), (26, 26), PIN)
    issuer("a CA for clients", 26, eku=clients)
    issuer(
        "issued by a server",
        79,
        bc=(True, CA_FALSE),
        ku=(True, SIGNS),
        eku=(False, usage(ExtendedKeyUsageOID.SERVER_AUTH)),
    )
    issuer("a CA that may not sign", 79, ku=(True, SIGNS))
    issuer("a CA that does not say that it is one", 79, bc=None, ku=None)
    short = ca("Short", extensions={"bc": (True, element(SEQUENCE, TRUE, number(0)))})
    below = ca("Below", short)
    add("more CAs than the path length allows", (leaf(below), below, short), (25, 25), PIN)
    issuer("a CA for other names", 47, nc=(True, constraints(general("example.test"))))
    issuer("a CA not for this name", 48, nc=(True, constraints(general(ASKED), excluded=True)))
    issuer("constraints with a minimum", 49, nc=(True, constraints(general(ASKED) + element(0x80, b"\1"))))
    issuer(
        "constraints of addresses that are none",
        53,
        (ASKED, "127.0.0.1"),
        nc=(True, constraints(element(0x87, b"\1\2\3"))),
    )
    registered = element(0x88, b"\x2a\3")
    numbers = ca("Numbers", extensions={"nc": (True, constraints(registered))})
    both = element(SEQUENCE, general(ASKED), registered)
    add(
        "constraints of a kind nobody knows", (leaf(numbers, extensions={"san": (False, both)}), numbers), (51, 51), PIN
    )
    ten = (True, addresses(element(BIT_STRING, b"\0\x0a")))
    add("addresses of somebody else", (leaf(extensions={"addresses": ten}), middle), (46, 46), PIN)
    add("a riddle that is critical", (leaf(extensions={"riddle": (True, NULL)}), middle), (34, 34), PIN)
    proxy = leaf(leaf(), "proxy", extensions={"proxy": (True, PROXY)}, named=())
    add("a proxy certificate", (proxy, leaf(), middle), (40, 40), PIN)


def _keys(maker: _Maker) -> None:
    add, leaf, ca, middle = maker.add, maker.leaf, maker.ca, maker.middle
    add("a weak key", (leaf(bits=1024), middle), (66, 66), PIN)
    weak = ca("Weak", bits=1024)
    add("a weak key of a CA", (leaf(weak), weak), (67, 67), PIN)
    strong = ca("Strong", bits=2048)
    add("signed with SHA-1", (leaf(digest="sha1"), middle), (68, 68), PIN)
    add("signed with RSA and SHA-1", (leaf(strong, digest="sha1"), strong), (68, 68), PIN)
    add("signed with RSA and MD5", (leaf(strong, digest="md5"), strong), (68, 68), PIN)
    explicit = ca(spki=with_explicit_curve(middle.key))
    add("a curve that is written out", (leaf(explicit), explicit), (94, 94), PIN)


def _pairs(maker: _Maker) -> None:
    """Two faults or more; OpenSSL says the first one that it finds."""
    add, leaf, ca, middle, root = maker.add, maker.leaf, maker.ca, maker.middle, maker.root
    other: Dict[str, Any] = {"known_as": OTHER}
    strange: Dict[str, Any] = {"known_as": OTHER, "private_ca": True}
    both = pem(middle.der, root.der)
    clients = {"eku": (False, usage(ExtendedKeyUsageOID.CLIENT_AUTH))}

    add("private CA, other name", (leaf(named=(OTHER,)), middle), (20, 20), CA_AND_NAME, **strange)
    add("private CA, other name, root sent", (leaf(named=(OTHER,)), middle, root), (19, 19), CA_AND_NAME, **strange)
    add("private CA, other common name", (leaf(root, OTHER, named=()),), (20, 20), CA_AND_NAME, **strange)
    add("private CA, IP address", (leaf(root, named=(OTHER,)),), (20, 20), CA_AND_NAME, asked="127.0.0.1", **strange)
    add("private CA, expired", (leaf(until=LONG_AGO), middle), (20, 20), PIN, private_ca=True)
    add("private CA, other name, expired", (leaf(named=(OTHER,), until=LONG_AGO), middle), (20, 20), PIN, **strange)
    add("private CA, a client's certificate", (leaf(extensions=clients), middle), (20, 20), PIN, private_ca=True)
    add("private CA, a weak key", (leaf(bits=1024), middle), (66, 66), PIN, private_ca=True)
    add(
        "half a chain, other name",
        (leaf(named=(OTHER,)),),
        (20, 20),
        CA_AND_NAME,
        cafile=both,
        platform=pem(root.der),
        **other,
    )
    add("half a chain, expired", (leaf(until=LONG_AGO),), (20, 20), PIN, cafile=both, platform=pem(root.der))
    add("other name, expired", (leaf(named=(OTHER,), until=LONG_AGO), middle), (62, 62), PIN, **other)
    add(
        "other name, a client's certificate", (leaf(named=(OTHER,), extensions=clients), middle), (26, 26), PIN, **other
    )
    add(
        "other name, not strict",
        (leaf(named=(OTHER,), extensions={"aki": None}), middle),
        (62, 85),
        NAME,
        LAX_AND_NAME,
        **other,
    )

    plain = Certificate("Plain", ca=True, extensions={"ku": None})
    add(
        "private CA of openssl req -x509",
        (leaf(plain),),
        (20, 20),
        CA,
        LAX_AND_CA,
        root=plain,
        private_ca=True,
        unseen=True,
    )
    add(
        "private CA of openssl req -x509, sent",
        (leaf(plain), plain),
        (19, 19),
        CA,
        LAX_AND_CA,
        root=plain,
        private_ca=True,
    )
    add(
        "private CA of openssl req -x509, sent, other name",
        (leaf(plain, named=(OTHER,)), plain),
        (19, 19),
        CA_AND_NAME,
        LAX_AND_BOTH,
        root=plain,
        **strange,
    )
    add(
        "private CA, no authority key identifier",
        (leaf(root, extensions={"aki": None}),),
        (20, 20),
        CA,
        LAX_AND_CA,
        private_ca=True,
    )
    odd = ca("Odd", extensions={"bc": (False, CA_TRUE)})
    add("private CA, basic constraints not critical", (leaf(odd), odd), (20, 20), CA, LAX_AND_CA, private_ca=True)

    own = Certificate("server", named=(OTHER,))
    add("self-signed, other name", (own,), (18, 18), CA_AND_NAME, root=own, **strange)
    named = Certificate("printer.example.test", ca=True, extensions={"ku": None})
    add(
        "self-signed, other common name",
        (named,),
        (18, 18),
        CA_AND_NAME,
        root=named,
        private_ca=True,
        known_as="printer.example.test",
    )
    nobody = Certificate("Printer 2000", ca=True, extensions={"ku": None})
    add("self-signed, no name", (nobody,), (18, 18), PIN, root=nobody, private_ca=True)
    past = Certificate("server", named=(ASKED,), until=LONG_AGO)
    add("self-signed, expired", (past,), (18, 18), PIN, root=past, private_ca=True)
    weak = Certificate("server", named=(ASKED,), bits=1024)
    add("self-signed, a weak key", (weak,), (66, 66), PIN, root=weak, private_ca=True)
    address = Certificate("server", named=(OTHER,))
    add("self-signed, IP address", (address,), (18, 18), CA_AND_NAME, root=address, asked="127.0.0.1", **strange)

    narrow = ca("Narrow", extensions={"nc": (True, constraints(general("example.org")))})
    add("other name, which its CA may not issue for", (leaf(narrow, named=(OTHER,)), narrow), (62, 62), PIN, **other)
    add("private CA, for other names", (leaf(narrow), narrow), (20, 20), PIN, private_ca=True)
    aged = ca("Aged", until=LONG_AGO)
    add("an intermediate expired, other name", (leaf(aged, named=(OTHER,)), aged), (62, 62), PIN, **other)

    add("expired, not strict", (leaf(until=LONG_AGO, extensions={"aki": None}), middle), (10, 85), PIN)
    add("private CA, a wildcard", (leaf(root, named=("*.example.test",)),), (20, 20), CA_AND_NAME, **strange)
    add(
        "private CA, the right IP address",
        (leaf(root, named=("127.0.0.1",)),),
        (20, 20),
        CA,
        asked="127.0.0.1",
        private_ca=True,
    )
    add(
        "private CA, another IP address",
        (leaf(root, named=("::1",)),),
        (20, 20),
        CA_AND_NAME,
        known_as="::1",
        private_ca=True,
    )
    below = ca("Below Plain", plain)
    add(
        "private CA of openssl req -x509, intermediate sent",
        (leaf(below), below),
        (20, 20),
        CA,
        LAX_AND_CA,
        root=plain,
        private_ca=True,
        unseen=True,
    )
    client = Certificate("server", named=(ASKED,), extensions=clients)
    add("self-signed, a client's certificate", (client,), (18, 18), PIN, root=client, private_ca=True)
    signing = Certificate("server", ca=True, named=(ASKED,))
    add("self-signed CA with the key usage of a CA", (signing,), (18, 18), PIN, root=signing, private_ca=True)
    unlucky = Certificate("Unlucky", ca=True, extensions={"ku": None}, until=LONG_AGO)
    add(
        "private CA of openssl req -x509, sent, expired",
        (leaf(unlucky), unlucky),
        (19, 19),
        PIN,
        root=unlucky,
        private_ca=True,
    )
    add(
        "half a chain, not strict",
        (leaf(extensions={"aki": None}),),
        (20, 20),
        CA,
        LAX_AND_CA,
        cafile=both,
        platform=pem(root.der),
    )
