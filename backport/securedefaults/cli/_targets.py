"""What `securedefaults check` is asked to look at: HOST:PORT, URLs, and files of both."""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from .._entrypoints import PROTOCOLS
from .._policy.files import as_text, read_file
from .._policy.identity import host_key
from .._policy.rules import checked_host, split_port
from ._output import standard_input

#: bytes of a file with targets
_LONGEST = 1 << 20
#: where standard input is meant
STDIN = "-"


class Kind(NamedTuple):
    """A protocol and its way to TLS.

    Attributes:
        schemes: of its URLs; the first one is shown.
        protocol: SMTP, LMTP, IMAP, POP3, FTP or NNTP.
        implicit: TLS from the first byte, and not by an upgrade.
        ports: that mean it where there is no scheme; the first one is meant by a URL without a port.
    """

    schemes: Tuple[str, ...]
    protocol: str
    implicit: bool
    ports: Tuple[int, ...]


KINDS = tuple(
    Kind(service.schemes, protocol.name, implicit, service.ports)
    for protocol in PROTOCOLS.values()
    for implicit, service in ((False, protocol.upgrade), (True, protocol.implicit))
    if service is not None
)
_BY_SCHEME = {scheme: kind for kind in KINDS for scheme in kind.schemes}
_BY_PORT = {port: kind for kind in KINDS for port in kind.ports}

#: The table for people, one line for each kind.
TABLE = "\n".join(
    "  %-10s %-44s %s"
    % (
        ", ".join(map(str, kind.ports)),
        ", ".join(scheme + "://" for scheme in kind.schemes),
        kind.protocol + (", TLS from the first byte" if kind.implicit else ", upgraded to TLS"),
    )
    for kind in KINDS
)


class Target(NamedTuple):
    """What is to be checked, and where it was asked for."""

    where: str
    kind: Kind
    host: str
    port: int

    @property
    def url(self) -> str:
        """The one spelling."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s://%s:%d" % (self.kind.schemes[0], host, self.port)


class Bad(NamedTuple):
    """A target that is none."""

    where: str
    message: str


AnyTarget = Union[Target, Bad]


def all_targets(arguments: Sequence[str], files: Sequence[str]) -> List[AnyTarget]:
    """Those of the command line, and then those of the files."""
    found: List[AnyTarget] = []
    for number, text in enumerate(arguments, 1):
        found += _from_file(STDIN) if text == STDIN else [_target(text, "target %d" % number)]
    for path in files:
        found += _from_file(path)
    return found


def firsts(targets: Sequence[AnyTarget]) -> List[int]:
    """For each target the index of the first one that means the same server, also in another spelling."""
    seen: Dict[object, int] = {}
    return [seen.setdefault(_identity(target, index), index) for index, target in enumerate(targets)]


def _identity(target: AnyTarget, index: int) -> object:
    if isinstance(target, Bad):
        return index
    return target.kind, host_key(target.host), target.port


def _from_file(path: str) -> List[AnyTarget]:
    name = "<stdin>" if path == STDIN else path
    content = b""
    try:
        content = _input() if path == STDIN else read_file(path, _LONGEST)
        lines = as_text(content).split("\n")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        return [Bad(name, "cannot be read: line %d is not in UTF-8; save the file in UTF-8" % line)]
    except (OSError, ValueError) as exc:
        reason = (exc.strerror if isinstance(exc, OSError) else None) or exc
        hint = "" if path == STDIN else " (- is standard input)"
        return [Bad(name, "cannot be read: %s%s" % (reason, hint))]
    return [*_from_lines(lines, name)]


def _input() -> bytes:
    stream = standard_input()
    binary = getattr(stream, "buffer", None)
    found = stream.read(_LONGEST + 1).encode() if binary is None else binary.read(_LONGEST + 1)
    if len(found) > _LONGEST:
        raise ValueError("there are more than %d bytes, which no list of servers needs" % _LONGEST)
    return bytes(found)


def _from_lines(lines: Sequence[str], name: str) -> Iterator[AnyTarget]:
    for number, line in enumerate(lines, 1):
        text = re.split(r"(?:^|\s)#", line)[0].strip()
        if text:
            yield _target(text, "%s:%d" % (name, number))


def _target(text: str, where: str) -> AnyTarget:
    try:
        return parse(text, where)
    except ValueError as exc:
        return Bad(where, str(exc))


def parse(text: str, where: str = "") -> Target:
    """What a target means.

    Args:
        text: HOST:PORT or a URL.
        where: it stands, for messages.

    Raises:
        ValueError: it is neither. The message has nothing of it that could be a part of a password.
    """
    scheme, separator, rest = text.partition("://") if "://" in text else ("", "", text)
    if "@" in rest:  # and then what stands before :// may be a part of a password as well
        raise ValueError("no user name and no password, please: they are not needed here, and nobody is to see them")
    kind = _kind(scheme) if separator else None
    if re.search(r"[/?#]", rest):
        raise ValueError("a path or a query means nothing here: SCHEME://HOST:PORT is all")
    host, port = _host_and_port(rest)
    if kind is not None:
        return Target(where, kind, host, port or kind.ports[0])
    shown = "[%s]" % host if ":" in host else host
    if port is None:
        raise ValueError("%s is not enough: add a port (%s:993), or write a URL (imaps://%s)" % (shown, shown, shown))
    if port not in _BY_PORT:
        raise ValueError("port %d does not say which protocol: write a URL, e.g. imaps://%s:%d" % (port, shown, port))
    return Target(where, _BY_PORT[port], host, port)


def _kind(scheme: str) -> Kind:
    kind = _BY_SCHEME.get(scheme.lower())
    if kind is None:
        shown = " " + scheme if re.fullmatch(r"[a-z][a-z0-9+.-]{0,20}", scheme, re.ASCII | re.IGNORECASE) else ""
        raise ValueError("no such scheme%s; there are %s" % (shown, ", ".join(_BY_SCHEME)))
    return kind


def _host_and_port(text: str) -> Tuple[str, Optional[int]]:
    if text.count(":") > 1 and not text.startswith("["):
        raise ValueError("an IPv6 address has to stand in brackets: [::1]:993")
    try:
        host, port = split_port(text)
        return checked_host(host, "host"), port
    except ValueError:
        # its text would show what may be a password
        raise ValueError("no HOST:PORT (a number from 1 to 65535), and no URL") from None
