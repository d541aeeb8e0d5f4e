"""One handshake, from top to bottom: who is asked for, what was decided, the handshake, and what is told about it.

`verified()` is what enforcement does. `watched()` is warn mode: the connection is made as the standard library makes
it, and then it is said what enforcement would have done.
"""

from __future__ import annotations

import ssl

from .._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from .._observe import advice, events
from .._observe.caller import calling_line
from .._observe.errors import OTHER_PIN, explain
from .._observe.warnings import UnverifiedDefaultWarning, WouldBeRefusedWarning, warn
from . import guard
from .chain import handshake_and_chain, sent_chain
from .refusal import LONGEST_CHAIN, PRESENTED, certificate_error, explains_itself
from .remedies import advise
from .sockets import reset_before_tls, shut_down
from .stdlib import is_of_program
from .trust import verdict_of
from .verdict import Verdict, refused_by
from .x509 import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import FrameType
    from typing import Any, Dict, Hashable, Optional, Sequence, Type, Union

    from .._observe.advice import Advice
    from .._policy.policy import Policy
    from .client import Client, Name
    from .trust import Contexts
    from .x509 import Description


class Handshake:
    """All that is known before it begins.

    Args:
        policy: what was asked for by `apply()`.
        client: what is known of the client that the context was made for.
        frame: that calls the context.
        server_hostname: the name that the client gave.
        sock: its socket, if there is one.
        at_once: whether the end of the handshake can be seen, and so a pin be compared.

    Attributes:
        server: that is asked for.
        line: of the program that led here.
        rule: the HostRule that counts, if there is one.
        exempt: whether it switches verification off now.
        name: that the certificate has to carry, and that the server is asked for: the host, or the rule's.
        shown: the same for people; None if there is none.
        pins: that are to be compared, in the place of all that OpenSSL verifies.
        verify: whether OpenSSL is to verify.
    """

    def __init__(
        self,
        policy: Policy,
        client: Client,
        frame: FrameType,
        server_hostname: Name,
        sock: Optional[socket.socket],
        *,
        at_once: bool = True,
    ) -> None:
        self._policy = policy
        self._leaf: Optional[Description] = None
        self._chain: Sequence[bytes] = ()
        self.server = client.server(server_hostname, sock, frame)
        self.line = calling_line()
        server = self.server
        self.rule, self.exempt = policy.decision(server.key, server.port, self.line.module, server.is_asked_port)
        self.name: Name = self.server.host
        self.shown = self.server.name
        self.pins: Sequence[str] = ()
        if self.rule is not None:
            if self.rule.server_hostname is not None:
                self.name = self.shown = self.rule.server_hostname
            # Without an end there is no comparing: then the certificate is verified as if there were no pin.
            self.pins = self.rule.fingerprint if at_once else ()
        self.verify = not self.exempt and not self.pins

    def succeeded(self, context: ssl.SSLContext, tls: ssl.SSLSocket) -> None:
        """Compare the pins, where there are any, and tell of the end.

        Raises:
            SSLCertVerificationError: no pin fits.
            Exception: what an audit hook raises.
        """
        self._leaf = described(tls.getpeercert(True))
        if self.pins and not self._leaf.fitting.intersection(self.pins):
            self._chain = sent_chain(tls, LONGEST_CHAIN)
            raise certificate_error(*OTHER_PIN)
        if self.rule is not None and self.exempt:
            self.record(Verdict(EXEMPT, message=self.rule.reason or ""), tls, self._leaf)
        elif self.pins or (context.verify_mode != ssl.CERT_NONE and context.check_hostname):
            self.record(Verdict(ACCEPTED), tls, self._leaf)
        # else the holder of this context has switched verification off, and that is no use of the default

    def failed(self, exc: BaseException) -> None:
        """Explain a refusal, and tell of it; any other failure is the platform's to explain.

        Raises:
            Exception: what an audit hook raises.
        """
        if not isinstance(exc, ssl.SSLCertVerificationError):
            return
        # taken away, for a server may send 100 KB, and an exception may be kept
        host, der, presented, chain = vars(exc).pop(PRESENTED, (self.name, None, None, self._chain))
        verdict = refused_by(exc)
        found = self.advised(verdict, chain)
        unseen = explain(exc, host, presented, rule=self.rule, found=found, ask=self.command)
        self.record(verdict, None, self._leaf or described(der), unseen, found)
        setattr(exc, guard.NOTED, True)

    def advised(self, verdict: Verdict, chain: Sequence[bytes]) -> Advice:
        """All that is wrong with the chain that was sent, and all that helps, if it was refused."""
        server = self.server
        return advise(self._policy, self.rule, chain, self.shown or "", server.name, server.port, verdict, server.key)

    @property
    def command(self) -> Optional[str]:
        """The command that asks the server itself."""
        server = self.server
        if server.entry_point is None:
            return None
        return advice.command(server.entry_point.name, server.entry_point.protocol, server.name, server.port)

    def record(
        self,
        verdict: Verdict,
        tls: Optional[ssl.SSLSocket],
        leaf: Description,
        note: str = "",
        found: Advice = advice.NOTHING,
    ) -> Hashable:
        """Record how it ended, for all who are told.

        Args:
            verdict: of enforcement.
            tls: the connection, if it was made.
            leaf: the server's certificate.
            note: that the log is to have as well.
            found: what is wrong, and what helps.

        Returns:
            what it was about: equal for equal servers and verdicts.

        Raises:
            Exception: what an audit hook raises.
        """
        server, line = self.server, self.line
        guard.note_verdict(server, verdict, leaf.fitting)
        observation = events.Observation(
            time="",
            mode=self._policy.mode,
            protocol=server.entry_point.protocol if server.entry_point else "TLS",
            entry_point=server.entry_point.name if server.entry_point else "",
            host=server.name,
            port=server.port,
            verdict=verdict.state,
            code=verdict.code,
            message=verdict.message,
            strict_only=verdict.strict_only,
            rule=self.rule.source if self.rule is not None else None,
            tls=tls.version() if tls is not None else None,
            fingerprint=leaf.fingerprint,
            not_after=leaf.not_after,
            names=leaf.names[:_NAMES],
            advice=found,
            file=line.file,
            line=line.number,
            module=line.module,
            count=0,
        )
        until = self.rule.until if self.rule is not None else None
        return events.observe(observation, self._policy.log, note, until=until)


#: of a leaf that are told
_NAMES = 8

explains_itself(__name__)


def verified(
    policy: Policy,
    client: Client,
    frame: FrameType,
    contexts: Contexts,
    sock: socket.socket,
    *,
    server_hostname: Name,
    session: Optional[ssl.SSLSession],
    do_handshake_on_connect: bool,
    suppress_ragged_eofs: bool,
) -> ssl.SSLSocket:
    """What `SSLContext.wrap_socket()` returns to an entry point, if the server's certificate is accepted.

    Args:
        policy: what was asked for by `apply()`.
        client: for which the context was made.
        frame: that calls the context.
        contexts: to make the handshake with.
        sock: and all that follow: as `SSLContext.wrap_socket()` has them.
        server_hostname: see there.
        session: see there.
        do_handshake_on_connect: see there.
        suppress_ragged_eofs: see there.

    Raises:
        Exception: whatever goes wrong; then nothing more can be sent over `sock`.
    """
    ours: Optional[Handshake] = None
    tls: Optional[ssl.SSLSocket] = None
    try:
        at_once = do_handshake_on_connect and _is_still_connected(client, sock)
        ours = Handshake(policy, client, frame, server_hostname, sock, at_once=at_once)
        context, session = contexts.for_handshake(policy, ours.rule, verify=ours.verify, session=session)
        tls = context.wrap_socket(
            sock,
            do_handshake_on_connect=do_handshake_on_connect,
            suppress_ragged_eofs=suppress_ragged_eofs,
            server_hostname=ours.name,
            session=session,
        )
        if at_once:
            ours.succeeded(context, tls)
    except BaseException as exc:
        shut_down(sock, tls)
        if ours is not None:
            ours.failed(exc)
        raise
    return tls


def _is_still_connected(client: Client, sock: socket.socket) -> bool:
    """Whether a handshake can be made now; else it is made when the socket is connected.

    Raises:
        ConnectionResetError: it was connected, and is not any more.
    """
    connected = _is_connected(sock)
    if not connected and client.module is not None:
        # An entry point has just talked to the server, which has reset the connection since. `ssl` would make no
        # handshake, say nothing, and let what the server sent be read as if it had come by TLS (CVE-2023-40217).
        raise reset_before_tls()
    return connected


def _is_connected(sock: socket.socket) -> bool:
    """Whether a socket is connected to anything."""
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def watched(
    policy: Policy,
    client: Client,
    frame: FrameType,
    contexts: Contexts,
    sock: socket.socket,
    options: Dict[str, Any],
) -> ssl.SSLSocket:
    """What the standard library's default returns, after it was said what enforcement would have done.

    Args:
        policy: that would be enforced.
        client: for which the context was made.
        frame: that calls the context.
        contexts: to make the handshake with.
        sock: to be wrapped; of one that is not connected yet the handshake cannot be seen.
        options: the keyword arguments of `SSLContext.wrap_socket()`.

    Raises:
        Exception: what an audit hook raises, and a Warning that was made an error; then there is no connection.
    """
    context, options["session"] = contexts.for_handshake(None, session=options["session"])
    # Whoever makes it verify has no use for a verdict.
    if context.verify_mode != ssl.CERT_NONE or not _is_connected(sock):
        return context.wrap_socket(sock, **options)
    ours = _known(policy, client, frame, options["server_hostname"], sock)
    tls, chain = handshake_and_chain(context, context.wrap_socket, sock, **options)
    try:
        leaf = described(chain[0] if chain else None)
        verdict = _judged(policy, ours, chain, leaf)
        shown, line, subject, told = None, None, None, ""
        if isinstance(ours, Handshake):
            found = ours.advised(verdict, chain)
            subject = ours.record(verdict, tls, leaf, found=found)
            shown, line = ours.shown, ours.line
            if found.faults:
                told = advice.in_one_line(found, ours.command)
        caller = client.module.name if client.module is not None else "a client of the standard library"
        text = "%s got no SSL context and did not verify %r" % (caller, shown or "a host without a name")
        text += _OUTCOMES[verdict.state] + verdict.reason + told
        warn(text, _CATEGORIES[verdict.state], line or calling_line(), subject)
    except BaseException:
        # Our warning was made an error, or an audit hook objects. Then there is no connection, least of all in clear
        # text.
        tls.close()
        raise
    return tls


def _known(
    policy: Policy, client: Client, frame: FrameType, given: Name, sock: socket.socket
) -> Union[Handshake, Exception]:
    """To be called while `sock` is not yet taken over by TLS."""
    try:
        return Handshake(policy, client, frame, given, sock)
    except Exception as exc:
        return exc  # the program's connection is not to fail because of us


def _judged(policy: Policy, ours: Union[Handshake, Exception], chain: Sequence[bytes], leaf: Description) -> Verdict:
    """What enforcement would say; whatever goes wrong in finding out, that is unknown."""
    try:
        if isinstance(ours, Exception):
            raise ours
        return verdict_of(policy, ours.rule, chain, ours.name, leaf, verify=ours.verify)
    except Exception as exc:
        if is_of_program(exc):
            raise
        return Verdict(UNKNOWN, message="%s: %s" % (type(exc).__name__, exc))


_OUTCOMES = {
    REFUSED: ", whose certificate enforcement would refuse: ",
    UNKNOWN: "; whether enforcement would refuse its certificate is unknown: ",
    EXEMPT: "; a rule exempts it from enforcement. ",
    ACCEPTED: "; enforcement would accept its certificate",
}
_CATEGORIES: Dict[str, Type[Warning]] = {
    REFUSED: WouldBeRefusedWarning,
    UNKNOWN: UnverifiedDefaultWarning,
    EXEMPT: UnverifiedDefaultWarning,
    ACCEPTED: UnverifiedDefaultWarning,
}
