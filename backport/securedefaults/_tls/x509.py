"""What is to be known of a certificate beside OpenSSL's verdict: names, dates, key (RFC 5280 section 4.1).

`ssl` tells none of that of a certificate that it did not verify. Nothing is decided by what is read here, except
that the pin of a key is compared; every malformed certificate is a ValueError.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
from typing import NamedTuple

from .._policy.rules import KEY_PIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, FrozenSet, Iterator, List, Optional, Tuple

_SEQUENCE, _OID, _OCTETS, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # [0] and [3] of TBSCertificate
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87  # [2] and [7] of GeneralName

_SUBJECT_ALT_NAME, _AUTHORITY_KEY_IDENTIFIER = bytes.fromhex("551d11"), bytes.fromhex("551d23")
_COMMON_NAME, _ORGANIZATION = bytes.fromhex("550403"), bytes.fromhex("55040a")

# A server sends what it likes, 100 KB of it, so there is an end to what is looked at. Certificates that are issued have
# some ten extensions; of general names some have more than are looked at.
_MOST_FIELDS, _MOST_EXTENSIONS, MOST_NAMES = 10, 100, 100
_LONGEST_NAME = 255
#: characters of all names that are told: there are as many Descriptions as there are leaves
_LONGEST_TOLD = 200


class _Element(NamedTuple):
    """Where a DER element is: nothing of it is copied, so reading takes no longer than there are elements."""

    tag: int
    start: int
    content: int
    end: int


class Leaf:
    """The fields of a certificate.

    Args:
        der: the certificate.

    Attributes:
        signature_algorithm: the AlgorithmIdentifier, DER.
        issuer: its Name, DER.
        subject: the same.
        not_after: `"YYYY-MM-DDTHH:MM:SSZ"`.
        not_before: the same; None if it cannot be read.
        public_key: the SubjectPublicKeyInfo, DER.
        names: DNS names and IP addresses of the subjectAltName.
        subject_alt_name: the whole extension, DER; empty if there is none.
        issuer_key: what identifies the issuer's key in the authorityKeyIdentifier; None if nothing does.
        issuer_serial: the content of the issuer's serial number there; None if there is none.

    Raises:
        ValueError: it is none.
    """

    def __init__(self, der: bytes) -> None:
        certificate = _only(der, 0, len(der), _SEQUENCE)
        tbs = next(_elements(der, certificate.content, certificate.end), None)
        if tbs is None or tbs.tag != _SEQUENCE:
            raise ValueError("no TBSCertificate")
        fields = _parts(der, tbs, _MOST_FIELDS)
        if fields and fields[0].tag == _VERSION:
            del fields[0]
        # serial number, signature, issuer, validity, subject, public key
        if len(fields) < 6 or fields[3].tag != _SEQUENCE or fields[5].tag != _SEQUENCE:
            raise ValueError("no Certificate of X.509")
        times = _parts(der, fields[3], 2)
        if len(times) != 2:
            raise ValueError("no Validity")
        self.signature_algorithm = der[fields[1].start : fields[1].end]
        self.not_after = _time(times[1].tag, der[times[1].content : times[1].end])
        self.not_before: Optional[str] = None
        self.issuer_key: Optional[bytes] = None
        self.issuer_serial: Optional[bytes] = None
        self.issuer, self.subject, self.public_key = (der[fields[at].start : fields[at].end] for at in (2, 4, 5))
        found = _extensions(der, fields[6:], (_SUBJECT_ALT_NAME, _AUTHORITY_KEY_IDENTIFIER))
        whole, value = found.get(_SUBJECT_ALT_NAME, (None, None))
        self.subject_alt_name = b"" if whole is None else der[whole.start : whole.end]
        self.names = () if value is None else tuple(_general_names(der, value))
        # Nobody is to lose a pin by what nothing depends on.
        with contextlib.suppress(ValueError):
            self.not_before = _time(times[0].tag, der[times[0].content : times[0].end])
        with contextlib.suppress(ValueError):
            self.issuer_key, self.issuer_serial = _key_identifier(der, found.get(_AUTHORITY_KEY_IDENTIFIER))


def common_name(name: bytes) -> Optional[str]:
    """The common name in a Name, DER, or else the organization; None if there is neither, or if it is not ASCII."""
    try:
        values = dict(_attributes(name))
        value = values.get(_COMMON_NAME, values.get(_ORGANIZATION))
        return None if value is None else value.decode("ascii")
    except ValueError:  # UnicodeDecodeError is one
        return None


def _attributes(name: bytes) -> Iterator[Tuple[bytes, bytes]]:
    """Type and value of the attributes of a Name; of two of a type the last, the most specific one, counts."""
    for each in _parts(name, _only(name, 0, len(name), _SEQUENCE), _MOST_EXTENSIONS):
        for attribute in _parts(name, each, _MOST_FIELDS):
            kind, value = _parts(name, attribute, 2)
            yield name[kind.content : kind.end], name[value.content : min(value.end, value.content + _LONGEST_NAME)]


class Description(NamedTuple):
    """What is told of a leaf.

    Attributes:
        fingerprint: `"sha256:1f:..."`; None if there is no leaf.
        not_after: as `Leaf` has it; None if it cannot be read.
        names: the first of them, some 200 characters in all; empty if they cannot be read.
        fitting: the pins that fit it, of the certificate and of its key.
    """

    fingerprint: Optional[str] = None
    not_after: Optional[str] = None
    names: Tuple[str, ...] = ()
    fitting: FrozenSet[str] = frozenset()


#: by SHA-256 of the leaf: a program meets few servers, and each of them often
_known: Dict[bytes, Description] = {}
_MOST_KNOWN = 256


def described(der: Optional[bytes]) -> Description:
    """What is to be told of a leaf, also of one that cannot be read.

    Args:
        der: the certificate; None if there is none.
    """
    if der is None:
        return Description()
    digest = hashlib.sha256(der).digest()
    found = _known.get(digest)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[digest] = _description(der)
    return found


def _description(der: bytes) -> Description:
    mark = fingerprint(der)
    try:
        leaf = Leaf(der)
    except ValueError:
        return Description(mark, fitting=frozenset([mark]))
    return Description(mark, leaf.not_after, told_names(leaf.names), frozenset([mark, key_pin(leaf.public_key)]))


def told_names(names: Tuple[str, ...]) -> Tuple[str, ...]:
    """The first of them, and as many more as are no longer in all than what is kept."""
    total = 0
    for number, name in enumerate(names):
        total += len(name)
        if total > _LONGEST_TOLD:
            return names[: max(number, 1)]
    return names


def fingerprint(der: bytes) -> str:
    """SHA-256 of a whole certificate, as in `openssl x509 -fingerprint -sha256` but for the case: `"sha256:1f:..."`."""
    digest = hashlib.sha256(der).hexdigest()
    return "sha256:" + ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def key_pin(public_key: bytes) -> str:
    """The pin of a public key, given as SubjectPublicKeyInfo in DER."""
    return KEY_PIN + base64.b64encode(hashlib.sha256(public_key).digest()).decode()


def _elements(data: bytes, at: int, end: int) -> Iterator[_Element]:
    """The DER elements between these positions, one after the other."""
    while at < end:
        found = element(data, at, end)
        yield found
        at = found.end


def element(data: bytes, at: int, end: int) -> _Element:
    """The DER element at a position, which goes no further than `end`."""
    if end - at < 2 or data[at] & 0x1F == 0x1F:
        raise ValueError("truncated, or a tag of more than one byte")
    content, length = at + 2, data[at + 1]
    if length & 0x80:
        bytes_of_length = length & 0x7F
        if not 0 < bytes_of_length <= 4 or end < content + bytes_of_length:
            raise ValueError("bad length")
        length = int.from_bytes(data[content : content + bytes_of_length], "big")
        content += bytes_of_length
    if end < content + length:
        raise ValueError("truncated")
    return _Element(data[at], at, content, content + length)


def _only(data: bytes, at: int, end: int, tag: int) -> _Element:
    """The one element between these positions."""
    found = element(data, at, end)
    if found.tag != tag or found.end != end:
        raise ValueError("not one element of the expected kind")
    return found


def _parts(data: bytes, whole: _Element, most: int) -> List[_Element]:
    """The elements in an element, of which there are to be no more than so many."""
    found: List[_Element] = []
    for element in _elements(data, whole.content, whole.end):
        if len(found) == most:
            raise ValueError("more elements than there can be")
        found.append(element)
    return found


def _time(tag: int, content: bytes) -> str:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280 section 4.1.2.5.1: 50 and above is the twentieth century
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    if len(text) != 15 or not text[:14].isdigit() or text[14] != "Z":
        raise ValueError("no time in the form of RFC 5280")
    return "%s-%s-%sT%s:%s:%sZ" % (text[:4], text[4:6], text[6:8], text[8:10], text[10:12], text[12:14])


def _extensions(
    data: bytes, fields: List[_Element], wanted: Tuple[bytes, ...]
) -> Dict[bytes, Tuple[_Element, _Element]]:
    """The extensions with these OIDs, and the value of each."""
    found: Dict[bytes, Tuple[_Element, _Element]] = {}
    for field in fields:
        if field.tag != _EXTENSIONS:
            continue
        for extension in _parts(data, _only(data, field.content, field.end, _SEQUENCE), _MOST_EXTENSIONS):
            parts = _parts(data, extension, 3)  # which, whether critical, and its value
            if len(parts) >= 2 and parts[0].tag == _OID and parts[-1].tag == _OCTETS:
                oid = data[parts[0].content : parts[0].end]
                if oid in wanted:
                    found.setdefault(oid, (extension, parts[-1]))  # there is but one of a kind, RFC 5280 section 4.2
    return found


def _key_identifier(data: bytes, found: Optional[Tuple[_Element, _Element]]) -> Tuple[Optional[bytes], Optional[bytes]]:
    """Key identifier and serial number of an authorityKeyIdentifier."""
    if found is None:
        return None, None
    value = found[1]
    parts = _parts(data, _only(data, value.content, value.end, _SEQUENCE), 3)
    key, serial = (
        next((data[part.content : part.end] for part in parts if part.tag == tag), None) for tag in (0x80, 0x82)
    )
    return key, serial


def _general_names(data: bytes, value: _Element) -> Iterator[str]:
    """The names that we can tell, of the first general names in the value of a subjectAltName."""
    names = _only(data, value.content, value.end, _SEQUENCE)
    for number, general in enumerate(_elements(data, names.content, names.end), 1):
        name = _name(data, general)
        if name:
            yield name
        if number == MOST_NAMES:
            return


def _name(data: bytes, general: _Element) -> Optional[str]:
    if general.tag == _DNS_NAME:
        content = data[general.content : min(general.end, general.content + _LONGEST_NAME)]
        return content.decode("ascii", "backslashreplace")
    size = general.end - general.content
    if general.tag == _IP_ADDRESS and size in (4, 16):
        family = socket.AF_INET if size == 4 else socket.AF_INET6
        return socket.inet_ntop(family, data[general.content : general.end])
    return None
