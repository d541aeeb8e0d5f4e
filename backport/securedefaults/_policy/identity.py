"""The reference identifier (RFC 9525 section 6.1): which name must the certificate carry?

It is what the caller asked to connect to, brought into the form in which certificates carry names. Nothing here
asks the DNS: a name learnt from there is the attacker's to choose.
"""

from __future__ import annotations

import re
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple, Union

#: What the resolver reads as a number and not as a name: "127.1", "2130706433", "0x7f.1". The last label decides.
_numeric = re.compile(r"(?:.*\.)?(?:0[xX][0-9a-fA-F]+|[0-9]+)").fullmatch


def without_port(host: str) -> str:
    """`host` without a ":port" at its end, by smtplib's rule: there is exactly one colon, so it is no IPv6 address."""
    return host.partition(":")[0] if host.count(":") == 1 else host


def reference_identifier(host: Union[str, bytes], *, strip_port: bool = False) -> str:
    """`host` as certificates carry it: no trailing dot, brackets or scope id, and IPv4 addresses in four parts.

    Args:
        host: a host name or an IP address, as given to a standard library client.
        strip_port: whether that client takes "host:port" as well.

    Raises:
        UnicodeDecodeError: `host` is bytes and not ASCII.
    """
    name = host.decode("ascii") if isinstance(host, bytes) else host
    if strip_port:
        name = without_port(name)
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    if ":" in name:
        return name.partition("%")[0]  # the scope of an IPv6 address (RFC 4007) means nothing outside this machine
    if name.endswith("."):
        name = name[:-1]  # the root's dot; RFC 6066 section 3 has none in SNI either
    return _dotted_quad(name) if _numeric(name) else name


def host_key(host: Union[str, bytes]) -> str:
    """A host in the form in which two spellings of it are equal.

    That of a link-local address has its scope: on another link it is another host.
    """
    return _key(reference_identifier(host)) + _scope(host)


def identified(host: Union[str, bytes], *, strip_port: bool = False) -> Tuple[str, Optional[str]]:
    """Reference identifier and key of a host, both at once; no key if nothing is left of the name.

    Args:
        host: as for `reference_identifier()`.
        strip_port: the same.

    Raises:
        UnicodeDecodeError: `host` is bytes and not ASCII.
    """
    name = reference_identifier(host, strip_port=strip_port)
    return name, _key(name) + _scope(host) if name else None


def _scope(host: Union[str, bytes]) -> str:
    name = host.decode("ascii") if isinstance(host, bytes) else host
    return "%" + name.partition("%")[2].rstrip("]") if ":" in name and "%" in name else ""


def without_scope(key: str) -> str:
    """The key of a host without a scope."""
    return key.partition("%")[0]


def _key(identifier: str) -> str:
    name = identifier.lower()
    if ":" in name:
        try:
            return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, name))
        except OSError:
            return name
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _dotted_quad(name: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return name
