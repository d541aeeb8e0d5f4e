"""What is in a file that was given as a rule's `cafile`, if it is not what it should be; and the command that mends it.

What it should be is certificates in PEM. People have them as DER, in PKCS#12 and in other forms, or have saved
something else under that name.
"""

from __future__ import annotations

import contextlib
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: what a block of PEM is for
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_CERTIFICATES = ("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE")
_JAVA = b"\xfe\xed\xfe\xed"
#: the beginning of each, behind the head of the outer sequence
_PKCS12 = b"\x02\x01\x03\x30"
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_KEYS = b"\x02\x01\x00", b"\x02\x01\x01\x04"

_PRIVATE_KEY = "a private key, which is for the server alone; give the certificate of the CA that issued the server's"
_DER = "convert it: openssl x509 -inform der -in %s -out %s"


def check_certificates(path: str, content: bytes) -> None:
    """Whether OpenSSL can load certificates from a file.

    Args:
        path: of the file.
        content: of it.

    Raises:
        ValueError: it cannot; the text begins with `cafile`, and says what the file is and what to type.
    """
    import ssl

    said = ""
    try:
        number = _loaded(cafile=path)
    except ssl.SSLError as exc:
        number, said = 0, str(exc)
    if not number:  # a revocation list can be loaded, too
        raise ValueError("cafile %s %s" % (path, _description(path, content) or "holds no certificate in PEM: " + said))


def _description(path: str, content: bytes) -> str:
    """What is there, in words with a verb; empty if that is not known."""
    if not content.strip():
        return "is empty"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is text in UTF-16; " + _command(path, "convert it: iconv -f utf-16 -t utf-8 %s > %s")
    label = _LABEL.search(content)
    if label is not None:
        return _of_pem(path, content, label.group(1).decode("ascii"))
    if content.startswith(_JAVA):
        return "is a keystore of Java; " + _command(path, "convert it: keytool -list -rfc -keystore %s > %s")
    found = _of_der(path, content) if content[:1] == b"\x30" else _of_text(path, content)
    return found and "holds no certificate in PEM, but " + found


def _of_pem(path: str, content: bytes, label: str) -> str:
    every = {found.decode("ascii") for found in _LABEL.findall(content)}
    if every.intersection(_CERTIFICATES):
        return _of_damaged(path, content)
    if label in ("PKCS7", "CMS"):
        found = "PKCS#7; " + _command(path, "convert it: openssl pkcs7 -in %s -print_certs -out %s")
    elif label.endswith("PRIVATE KEY"):
        found = _PRIVATE_KEY
    elif label.endswith("CERTIFICATE REQUEST"):
        found = "a request for a certificate; give the certificate of the CA that answers it"
    elif label == "X509 CRL":
        found = "a list of revoked certificates; give the certificate of the CA that issued it"
    else:
        found = "a block of another kind, %s" % label
    return "holds no certificate, but " + found


def _of_damaged(path: str, content: bytes) -> str:
    """Of a file in which a certificate begins, and cannot be loaded."""
    if content.startswith(b"\xef\xbb\xbf-"):
        how = "a byte order mark stands before it; " + _command(path, "remove that: tail -c +4 %s > %s")
    elif re.search(rb"(?m)^-----BEGIN [A-Z0-9 ]{0,40}CERTIFICATE-----(\\r)?\\n", content):
        how = r"its lines end with the two characters \n; " + _command(path, 'convert it: printf %%b "$(cat %s)" > %s')
    elif not re.search(rb"(?m)^-----BEGIN [A-Z0-9 ]{0,40}CERTIFICATE-----[ \t\r]*$", content):
        how = "-----BEGIN CERTIFICATE----- has to be a line of its own, with nothing before it and behind it"
    else:
        how = "it is damaged; get the file anew"
    return "holds a certificate that OpenSSL cannot load: " + how


def _of_der(path: str, content: bytes) -> str:
    if _is_certificate(content):
        return "one in DER; " + _command(path, _DER)
    head = 2 + (content[1] & 0x7F if content[1:2] >= b"\x80" else 0)  # of the sequence: its tag and its length
    inside = content[head:]
    if inside.startswith(_PKCS12):
        return "PKCS#12; " + _command(
            path, "convert it: openssl pkcs12 -in %s -nokeys -out %s (with -legacy if it is of the old kind)"
        )
    if inside.startswith(_PKCS7):
        return "PKCS#7; " + _command(path, "convert it: openssl pkcs7 -inform der -in %s -print_certs -out %s")
    if inside.startswith(_KEYS):
        return _PRIVATE_KEY
    return "something else in DER"


def _of_text(path: str, content: bytes) -> str:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "a web page; get the file itself"
    if _is_base64_of_certificate(content):
        one_line = "-A " if len(content.split()) == 1 else ""
        return "the base64 of one alone; " + _command(
            path, "convert it: openssl base64 -d " + one_line + "-in %s | openssl x509 -inform der -out %s"
        )
    return ""


def _is_certificate(content: bytes) -> bool:
    import ssl

    with contextlib.suppress(ssl.SSLError, ValueError):
        return _loaded(cadata=content) > 0
    return False


def _loaded(**source: Any) -> int:
    """How many certificates OpenSSL loads; `source` is as in `SSLContext.load_verify_locations()`."""
    import ssl

    # Others' classes that stand in the place of the standard library's own may not say what was loaded.
    own = next(cls for cls in ssl.SSLContext.__mro__ if cls.__module__ == "ssl")
    context = own(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(**source)
    number: int = context.cert_store_stats()["x509"]
    return number


def _is_base64_of_certificate(content: bytes) -> bool:
    import binascii

    if re.fullmatch(rb"[A-Za-z0-9+/=\s]+", content) is None:
        return False
    with contextlib.suppress(binascii.Error):
        return _is_certificate(binascii.a2b_base64(content))
    return False


def _command(path: str, text: str) -> str:
    """What is to be typed; nothing where the path would come out as another one."""
    import shlex

    file: Optional[str] = path if path.isprintable() else None
    if file is None:
        return text.partition(":")[0]
    return text % (shlex.quote(file), shlex.quote(file + ".pem"))
