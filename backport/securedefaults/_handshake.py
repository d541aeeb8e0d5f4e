"""One handshake: who is asked for, by which line of the program, what was decided for that, and what came of it."""

from __future__ import annotations

import functools

from . import _events, _guard
from ._caller import caller, module_of
from ._verdict import ACCEPTED, REFUSED
from ._x509 import Leaf, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from typing import Any, Optional, Tuple

    from ._asked import Asked, Name
    from ._policy import Policy
    from ._verdict import Verdict


class Handshake:
    """What is known before it begins.

    Args:
        policy: what was asked for by `apply()`.
        asked: what is known of the client.
        server_hostname: the name that the client gave.
        sock: its socket, if there is one.
        at_once: whether the end of the handshake can be seen, and so a pin be compared.

    Attributes:
        host: the reference identifier of the host that was asked for.
        port: of the server; None if it has none.
        rule: the HostRule that counts, if there is one.
        name: the name that the certificate has to carry, and that the server is asked for: the host, or the rule's.
        trust: what makes the contexts for this host.
    """

    def __init__(
        self,
        policy: Policy,
        asked: Asked,
        server_hostname: Name,
        sock: Optional[socket.socket],
        *,
        at_once: bool = True,
    ) -> None:
        self._mode = policy.mode
        self._log = policy.log
        self.host = asked.identifier(server_hostname, sock)
        self.port = asked.port(sock)
        self._entry_point = asked.entry_point(sock)
        frame = caller()
        self._line = frame.f_code.co_filename, frame.f_lineno, module_of(frame)
        self.rule = policy.rule(self.host, self.port, self._line[-1])
        self.name = self.rule.server_hostname if self.rule is not None and self.rule.server_hostname else self.host
        # Without an end there is no comparing: then the certificate is verified as if there were no pin.
        comparable = at_once or self.rule is None or not self.rule.fingerprint
        self.trust = policy.trust_for(self.rule if comparable else None)

    def ended(self, verdict: Verdict, tls: Optional[ssl.SSLSocket], leaf: Optional[bytes]) -> None:
        """Tell everybody.

        Args:
            verdict: of enforcement.
            tls: the connection, if it was made.
            leaf: the server's certificate, DER, if it is known.

        Raises:
            Exception: what an audit hook raises.
        """
        host = as_text(self.host)
        if verdict.state == REFUSED:
            _guard.refused(host, verdict)
        elif verdict.state == ACCEPTED:
            _guard.verified(host)
        entry_point = self._entry_point
        # What the server presents may be as long as OpenSSL takes it, 100 KB; of such ones none is kept.
        kind_of = _kind if leaf is None or len(leaf) <= _LONGEST else _kind.__wrapped__
        kind = kind_of(
            self._mode,
            entry_point.protocol if entry_point else "TLS",
            entry_point.name if entry_point else "",
            host,
            self.port,
            verdict.state,
            verdict.code,
            verdict.message,
            verdict.strict_only,
            self.rule.source if self.rule is not None else None,
            tls.version() if tls is not None else None,
            leaf,
            *self._line,
        )
        _events.observe(kind, self._log)


#: length in bytes of certificates that are kept
_LONGEST = 8192


@functools.lru_cache(maxsize=1024)  # a program meets few servers, and each of them often
def _kind(*facts: Any) -> _events.Observation:
    """The Observation, but for its time and count."""
    *first, leaf, file, line, module = facts
    mark, not_after, names = _described(leaf) if leaf else (None, None, ())
    return _events.Observation._make(["", *first, mark, not_after, names, file, line, module, 0])


def as_text(host: Name) -> Optional[str]:
    """A host for people; None if it is empty."""
    return host.decode("ascii", "replace") if isinstance(host, bytes) else host or None


def _described(leaf: bytes) -> Tuple[str, Optional[str], Tuple[str, ...]]:
    """Fingerprint, last moment and first names of a leaf."""
    try:
        read = Leaf(leaf)
    except ValueError:
        return fingerprint(leaf), None, ()
    return fingerprint(leaf), read.not_after, read.names[:8]
