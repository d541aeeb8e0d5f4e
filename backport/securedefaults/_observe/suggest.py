"""The lines of configuration that would make a refused server pass, the most secure first."""

from __future__ import annotations

import contextlib

from .._names import REFUSED
from .._policy.rules import checked_pin, is_host
from .errors import EXPIRED, OTHER_NAME, SELF_SIGNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List

    from .events import Observation


def rules(observation: Observation) -> List[str]:
    """Sections for the configuration file, each complete with a comment; none if enforcement refuses nothing.

    One of them is enough. What the server itself sent, its names and its fingerprint, is to be checked with whoever
    runs it: the one who answered may have been somebody else. Nothing is taken over that is more than a name or a pin,
    for it is to be copied into a file.
    """
    if observation.verdict != REFUSED or observation.host is None or not is_host(observation.host):
        return []
    head = "[host %s]" % target(observation)
    return ["\n".join([comment, head, *lines]) for comment, lines in _choices(observation)]


def target(observation: Observation) -> str:
    """Host and port as they stand in a section."""
    host = observation.host or ""
    if observation.port is None:
        return host
    return "%s:%d" % ("[%s]" % host if ":" in host else host, observation.port)


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
