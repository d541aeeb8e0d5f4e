"""`HostRule`: what was decided for one host, or for one module that calls; and which of several rules counts."""

from __future__ import annotations

import base64
import binascii
import datetime
import os
import re
import socket

from .cafile import check_certificates
from .files import LONGEST_CAFILE, absolute, read_own
from .identity import host_key, without_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional, Sequence, Tuple, Union

_CERTIFICATE_PIN = "sha256:"
#: curl's notation for the pin of a public key
KEY_PIN = "sha256//"
_SIZE = 32  # bytes of a SHA-256


class HostRule:
    """How to verify one host, in the place of the default.

    Args:
        host: the host as the program names it. None: any host, and then `module` must be given.
        port: the port that the program connects to; None: any.
        module: only for connections that this module, or a module inside of this package, makes by its own lines.
        cafile: path of a PEM file with the certificates to trust for this host, in the place of all others: of a root
            CA, of one in between, or the server's own; of the last, too, the name and the dates are verified.
        fingerprint: pins, one of which must fit; a pin replaces the check of chain, name and dates. `"sha256:HEX"`
            is a certificate's, `"sha256//BASE64"` a public key's, which outlives renewals.
        server_hostname: the name that the certificate must be for, and that the server is asked for (SNI).
        strict: verify by the strict rules of RFC 5280 (`VERIFY_X509_STRICT`), or without them, whatever the `strict` of
            the policy and this Python's default are. None: these count. The contexts of a `context_factory` are left
            as they are, unless `cafile` is given, too: the factory may return one context for all hosts.
        verify: False accepts any certificate, and so anybody on the path.
        until: the last day, in UTC, on which `verify=False` holds: a date, or `"YYYY-MM-DD"`. None: no end.
        reason: why; it is logged.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument makes no sense, alone or with the others.
        OSError: `cafile` cannot be read; or this user is root, and others may change it (PermissionError).
    """

    #: who else may change the CA file, if anybody may
    doubt = ""

    def __init__(
        self,
        host: Optional[str] = None,
        port: Optional[int] = None,
        *,
        module: Optional[str] = None,
        cafile: Union[str, os.PathLike[str], None] = None,
        fingerprint: Union[str, Sequence[str]] = (),
        server_hostname: Optional[str] = None,
        strict: Optional[bool] = None,
        verify: bool = True,
        until: Union[datetime.date, str, None] = None,
        reason: Optional[str] = None,
    ) -> None:
        for name, value in (("module", module), ("server_hostname", server_hostname), ("reason", reason)):
            if value is not None and not isinstance(value, str):
                raise TypeError("%s must be a string, not %r" % (name, value))
        if not isinstance(verify, bool):
            raise TypeError("verify must be True or False, not %r" % (verify,))
        if strict is not None and not isinstance(strict, bool):
            raise TypeError("strict must be True, False or None, not %r" % (strict,))
        if host is None and not module:
            raise ValueError("a rule needs a host, or a module")
        self.host = None if host is None else checked_host(host, "host")
        self.port = _checked_port(port, host)
        self.module = _checked_module(module)
        self.cafile = None if cafile is None else self._checked_file(cafile)
        self.fingerprint = tuple(map(checked_pin, _listed(fingerprint)))
        self.server_hostname = None if server_hostname is None else checked_host(server_hostname, "server_hostname")
        self.strict = strict
        self.verify = verify
        self.until = _checked_date(until)
        self.reason = reason
        #: where it is written, for messages
        self.source = "HostRule(%s)" % ", ".join(self._target())
        self._check_sense()

    def _checked_file(self, cafile: Any) -> str:
        """The absolute path of a file with certificates that OpenSSL can read."""
        if not isinstance(cafile, (str, os.PathLike)):
            raise TypeError("cafile must be a path, not %r" % (cafile,))
        path = absolute(os.fspath(cafile))
        content, problem = read_own(path, LONGEST_CAFILE)  # OpenSSL would wait for a pipe; and the errors name the file
        if problem:
            self.doubt = "others may change the CA file %s: %s" % (path, problem)
        check_certificates(path, content)
        return path

    def _target(self) -> Iterable[str]:
        if self.host is not None:
            yield repr(self.host)
        if self.port is not None:
            yield repr(self.port)
        if self.module is not None:
            yield "module=%r" % self.module

    def _check_sense(self) -> None:
        given = [name for name in ("cafile", "fingerprint") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError("a pin replaces the check of a CA: give fingerprint or cafile, not both")
        if not self.verify and given:
            raise ValueError("verify=False accepts any certificate, so %s says nothing: give one of them" % given[0])
        if self.strict is not None and (self.fingerprint or not self.verify):
            other = "verify=False" if not self.verify else "fingerprint"
            raise ValueError("strict says nothing beside %s, which drops all of these rules: give one of them" % other)
        if self.verify and self.until is not None:
            raise ValueError("until is the end of verify=False, which is not given")
        if self._says_nothing():
            raise ValueError("a rule needs one of cafile, fingerprint, server_hostname, strict or verify=False")

    def _says_nothing(self) -> bool:
        changes_trust = self.cafile or self.fingerprint or self.strict is not None
        return self.verify and not changes_trust and self.server_hostname is None

    def __repr__(self) -> str:
        values = [*self._target()]
        for name in ("cafile", "fingerprint", "server_hostname"):
            if getattr(self, name):
                values.append("%s=%r" % (name, getattr(self, name)))
        if self.strict is not None:
            values.append("strict=%r" % self.strict)
        if not self.verify:
            values.append("verify=False")
        for name in ("until", "reason"):
            if getattr(self, name) is not None:
                values.append("%s=%r" % (name, getattr(self, name)))
        return "HostRule(%s)" % ", ".join(values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HostRule):
            return NotImplemented
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    @property
    def host(self) -> Optional[str]:
        """As it was given."""
        return self._host

    @host.setter
    def host(self, host: Optional[str]) -> None:
        self._host = host
        # it is compared in each handshake
        self._key = None if host is None else host_key(host)

    @property
    def exempt(self) -> bool:
        """Whether it switches verification off today."""
        return not self.verify and (self.until is None or utc_today() <= self.until)

    def is_about(self, key: Optional[str], port: Optional[int]) -> bool:
        """Whether it names the host with that key, and if so that link and that port: then all of it counts there."""
        if self._key is None or self.port not in (None, port):
            return False
        return self._key == key or ("%" not in self._key and self._is_of_any_scope(key))

    def part_for(
        self, key: Optional[str], port: Optional[int], module: str, *, any_port: bool = False
    ) -> Optional[HostRule]:
        """What of it counts for a connection to that host and port, made by that module: all, a part, or None.

        Args:
            key: of the host, by `host_key()`; None if it has no name.
            port: that the program connects to.
            module: that the calling line is in.
            any_port: whether the port may be another than its own; then only what narrows counts.
        """
        if self.module is not None and module != self.module and not module.startswith(self.module + "."):
            return None
        is_its_port = self.port is None or self.port == port
        if not is_its_port and not any_port:
            return None
        if self._key is None or self._key == key:
            return self if is_its_port else self._narrowing()
        if not self._is_of_any_scope(key):
            return None
        # What loosens and names a link is for that one.
        return self if is_its_port and "%" not in self._key else self._narrowing()

    def _is_of_any_scope(self, key: Optional[str]) -> bool:
        """Whether the host is that of the rule on whatever link."""
        key_, own = key or "", self._key or ""
        return "%" in key_ + own and without_scope(key_) == without_scope(own)

    def _narrowing(self) -> Optional[HostRule]:
        """Itself without what makes verification looser; None if nothing is left."""
        if not self.verify:
            return None
        if self.strict is not False:
            return self
        # A copy will do: contexts are found by what a rule says, and by its identity only where nothing is verified.
        found = object.__new__(type(self))
        vars(found).update(vars(self), strict=None)
        return None if found._says_nothing() else found

    def precision(self) -> Tuple[bool, bool, int]:
        """The greater, the closer a rule fits what it matches."""
        return self.host is not None, self.port is not None, len(self.module or "")


def find(
    rules: Sequence[HostRule], key: Optional[str], port: Optional[int], module: str, is_asked_port: bool = True
) -> Tuple[Optional[HostRule], bool]:
    """The rule that counts, and whether it switches verification off now.

    It is the one that says most about host, port and module, and of equals the first.

    Args:
        rules: to choose from.
        key: of the host, by `host_key()`; None if it has no name.
        port: that the program connects to.
        module: that the calling line is in.
        is_asked_port: whether it is known that the program asked for that port. If not, a rule for another port of the
            host counts as well, without what makes verification looser, where no other does.
    """
    matching = [part for part in (rule.part_for(key, port, module) for rule in rules) if part]
    if not matching and not is_asked_port:
        parts = (rule.part_for(key, port, module, any_port=True) for rule in rules)
        matching = [part for part in parts if part]
    if not matching:
        return None, False
    rule = max(matching, key=HostRule.precision)
    return rule, rule.exempt


def split_port(target: str) -> Tuple[str, Optional[int]]:
    """Host and port of "host", "host:port", "::1", "[::1]" or "[::1]:port".

    Raises:
        ValueError: it is none of these.
    """
    if target.startswith("["):
        match = re.fullmatch(r"\[([^\[\]]+)\](?::([0-9]{1,5}))?", target, re.ASCII)
    elif target.count(":") > 1:  # an IPv6 address; with a port it needs brackets
        match = re.fullmatch(r"([^\[\]]+)()", target)
    else:
        match = re.fullmatch(r"([^\[\]:]+)(?::([0-9]{1,5}))?", target, re.ASCII)
    if match is None:
        raise ValueError("%r is no host, host:port or [address]:port" % target)
    host, port = match.groups()
    return host, _checked_port(int(port), host) if port else None


def utc_today() -> datetime.date:
    """Today, where "until" ends for everybody at the same time."""
    return datetime.datetime.now(datetime.timezone.utc).date()


def checked_host(host: object, name: str) -> str:
    """A host name or IP address that can stand in a rule.

    Raises:
        TypeError, ValueError: it cannot.
    """
    if not isinstance(host, str):
        raise TypeError("%s must be a string, not %r" % (name, host))
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (is_host(bare) or _is_international(bare)):
        hint = " (a rule is for one host; there are no wildcards)" if "*" in host else ""
        raise ValueError("%s is no host name or IP address: %r%s" % (name, host, hint))
    return host


def _is_international(name: str) -> bool:
    """Whether it is a name with other letters than those of ASCII, which is written in them where it is compared."""
    # Its key leaves out what does not count; that, too, has to be something that a name can have.
    if name.isascii() or not name.isprintable():
        return False
    others = "".join(char for char in name if char.isascii())
    return re.fullmatch(r"[A-Za-z0-9_.-]*", others) is not None and as_ascii(name) is not None


def as_ascii(name: str) -> Optional[str]:
    """A name that can be printed into a configuration, as it is or in the letters of ASCII; None if there is none.

    What is looked at by eye is to be what is compared.
    """
    found = name if name.isascii() else host_key(name)
    return found if is_host(found) and (found == name or ":" not in name) else None


_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.ASCII | re.IGNORECASE)
#: of IPv6, with the scope that it may have on this machine
_ADDRESS = re.compile(r"([0-9a-f:.]{2,45})(%[a-z0-9_.~-]{1,32})?", re.ASCII | re.IGNORECASE)


def is_host(name: str) -> bool:
    """Whether all of it is a host name or IP address in ASCII, which can be printed as it is into a configuration."""
    if ":" not in name:
        return _NAME.fullmatch(name) is not None and len(name) <= 254
    match = _ADDRESS.fullmatch(name)
    try:
        return match is not None and bool(socket.inet_pton(socket.AF_INET6, match.group(1)))
    except OSError:
        return False


def _checked_port(port: object, host: object) -> Optional[int]:
    if port is None:
        return None
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError("port must be an integer, not %r" % (port,))
    if not 0 < port < 65536:
        raise ValueError("port must be between 1 and 65535, not %r" % port)
    if host is None:
        raise ValueError("a port without a host says nothing")
    return port


def _checked_module(module: Optional[str]) -> Optional[str]:
    if module is not None and not all(part.isidentifier() for part in module.split(".")):
        raise ValueError("module is no dotted name of a module: %r" % module)
    return module


def _listed(fingerprint: Any) -> Sequence[str]:
    values = [fingerprint] if isinstance(fingerprint, str) else list(fingerprint)
    for value in values:
        if not isinstance(value, str):
            raise TypeError("fingerprint must be a string or several, not %r" % (fingerprint,))
    return values


def checked_pin(pin: str) -> str:
    """The pin in its one spelling.

    Raises:
        ValueError: it is none.
    """
    try:
        if pin.startswith(KEY_PIN):
            digest = base64.b64decode(pin[len(KEY_PIN) :], validate=True)
            found = KEY_PIN + base64.b64encode(digest).decode()
        elif pin.lower().startswith(_CERTIFICATE_PIN):
            digest = bytes.fromhex(pin[len(_CERTIFICATE_PIN) :].replace(":", ""))
            found = _CERTIFICATE_PIN + ":".join("%02x" % byte for byte in digest)
        else:
            digest, found = b"", ""
    except (ValueError, binascii.Error):
        digest, found = b"", ""
    if len(digest) != _SIZE:
        raise ValueError(
            "fingerprint %r is none: sha256: and 64 hexadecimal digits for a certificate, or sha256// and 44 "
            "characters of base64 for a public key" % pin
        )
    return found


def _checked_date(until: object) -> Optional[datetime.date]:
    if until is None:
        return None
    if isinstance(until, datetime.datetime):
        raise TypeError("until must be a date without a time, not %r" % (until,))
    if isinstance(until, datetime.date):
        return until
    if not isinstance(until, str):
        raise TypeError("until must be a date or 'YYYY-MM-DD', not %r" % (until,))
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", until, re.ASCII):
        raise ValueError("until is no date (YYYY-MM-DD): %r" % until)
    try:
        return datetime.date.fromisoformat(until)
    except ValueError:
        raise ValueError("until is no date (YYYY-MM-DD): %r" % until) from None
