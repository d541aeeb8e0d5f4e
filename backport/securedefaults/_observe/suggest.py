"""The lines of configuration that would make a refused server pass, the most secure first."""

from __future__ import annotations

import contextlib

from .._entrypoints import ENTRY_POINTS, IMPLICIT, PROTOCOLS
from .._names import REFUSED
from .._policy.files import quoted
from .._policy.rules import as_ascii, checked_pin, is_host
from .errors import EXPIRED, OTHER_NAME, SELF_SIGNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List, Optional

    from .events import Observation


def rules(observation: Observation) -> List[str]:
    """Sections for the configuration file, each complete with a comment; none if enforcement refuses nothing.

    One of them is enough. What the server itself sent, its names and its fingerprint, is to be checked with whoever
    runs it: the one who answered may have been somebody else. Nothing is taken over that is more than a name or a pin,
    for it is to be copied into a file.
    """
    where = target(observation)
    if observation.verdict != REFUSED or where is None:
        return []
    return ["\n".join([comment, "[host %s]" % where, *lines]) for comment, lines in _choices(observation)]


def command(observation: Observation) -> Optional[str]:
    """The command that asks the server itself, and prints such sections; None if it is not refused, or cannot be asked.

    For whoever has only a log that others may write to: what it says of the server may be theirs.
    """
    where = target(observation)
    kinds = [each.kind for each in ENTRY_POINTS if each.name == observation.entry_point]
    protocol = PROTOCOLS.get(observation.protocol)
    if observation.verdict != REFUSED or where is None or not kinds or protocol is None:
        return None
    service = protocol.implicit if kinds[0] == IMPLICIT else protocol.upgrade
    if service is None:
        return None
    if observation.port is None and ":" in where:
        where = "[%s]" % where
    return "securedefaults check " + quoted("%s://%s" % (service.schemes[0], where))


def target(observation: Observation) -> Optional[str]:
    """Host and port as they stand in a section; None if they cannot stand there."""
    host, port = as_ascii(observation.host or ""), observation.port
    if host is None or not (port is None or 0 < port < 65536):
        return None
    if port is None:
        return host
    return "%s:%d" % ("[%s]" % host if ":" in host else host, port)


def _choices(observation: Observation) -> Iterator[tuple[str, List[str]]]:
    if observation.code in OTHER_NAME:
        for name in observation.names:
            if is_host(name):  # no wildcard is
                yield (
                    "# the certificate is for this name; better still, connect by it",
                    ["server_hostname = " + name],
                )
                break
    elif observation.code not in (*EXPIRED, SELF_SIGNED) and not observation.strict_only:
        yield "# if a private CA issued the certificate: its file", ["cafile = /path/to/the-ca.pem"]
    with contextlib.suppress(ValueError):
        yield (
            "# this very certificate, until it is renewed: check the fingerprint with the server's operator",
            ["fingerprint = " + checked_pin(observation.fingerprint or "")],
        )
