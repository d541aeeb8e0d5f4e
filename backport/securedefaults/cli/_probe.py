"""One connection to a server, up to the end of the TLS handshake: what did it send?

The dialogues are written out here, and not left to smtplib and the like: nntplib is gone since Python 3.13, and none of
them bounds the time that a server may take altogether. No credential is ever sent, and nothing inside TLS.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .._tls.chain import handshake_and_chain
from .._tls.trust import NoTrust

#: Bytes of a line, and of all that is said before TLS, after which we listen no longer.
LONGEST_LINE, MOST = 8192, 65536
#: characters of an answer that are shown
_SHOWN = 200

#: What OpenSSL says if what came was no TLS at all.
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


class Problem(Exception):
    """Why there is nothing to judge. What a server said is in it as it came."""


class Sent(NamedTuple):
    """What came of a handshake in which nothing was verified.

    Attributes:
        tls: the version, e.g. `"TLSv1.3"`.
        chain: the certificates as sent, DER, the leaf first.
        described: subject and issuer of each, as `SSLSocket.getpeercert()` has them; empty before Python 3.10.
    """

    tls: Optional[str]
    chain: Tuple[bytes, ...]
    described: Tuple[Dict[str, Any], ...]


def probe(protocol: str, *, implicit: bool, host: str, port: int, name: str, timeout: float) -> Sent:
    """Connect, ask for TLS, and make the handshake.

    Args:
        protocol: SMTP, LMTP, IMAP, POP3, FTP or NNTP.
        implicit: TLS from the first byte.
        host: to connect to.
        port: to connect to.
        name: to ask for by SNI.
        timeout: seconds for all of it, but for the resolution of the name, which nobody can interrupt.

    Raises:
        Problem: it did not come so far.
    """
    addresses = _resolve(host, port)
    deadline = _Deadline(timeout)
    try:
        with _connect(addresses, deadline) as sock:
            if not implicit:
                _upgrade(protocol, sock, deadline)
            return _handshake(sock, name, deadline, implicit=implicit)
    except socket.timeout:
        raise deadline.passed() from None
    except OSError as exc:
        raise Problem("the connection broke: %s" % _words(exc)) from exc


class _Deadline:
    """The moment until which everything has to be done."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        #: what we are waiting for
        self.expected = "a connection"

    def left(self) -> float:
        """Seconds, more than none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> Problem:
        """The error."""
        return Problem("%s did not come within %g seconds" % (self.expected, self._seconds))


def _resolve(host: str, port: int) -> List[Any]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise Problem("the name cannot be resolved: %s" % _words(exc)) from exc


def _connect(addresses: List[Any], deadline: _Deadline) -> socket.socket:
    """To the first address that answers; none of them may use up the time of the others."""
    failure: Optional[OSError] = None
    for index, (family, kind, number, _, address) in enumerate(addresses):
        try:
            sock = socket.socket(family, kind, number)
        except OSError as exc:  # this machine has no IPv6, for example
            failure = exc
            continue
        try:
            sock.settimeout(deadline.left() / (len(addresses) - index))
            sock.connect(address)
        except OSError as exc:
            sock.close()
            failure = exc
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    if failure is None or isinstance(failure, socket.timeout):
        raise deadline.passed()
    raise Problem("no connection: %s" % _words(failure))


def _words(exc: BaseException) -> str:
    text = exc.strerror if isinstance(exc, OSError) and not isinstance(exc, ssl.SSLError) else str(exc)
    return text or str(exc) or type(exc).__name__


# Before TLS


class _Dialogue:
    """Lines to and from the server."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._buffer = b""
        self._received = 0
        deadline.expected = "the server's greeting"

    def line(self) -> str:
        """The next line."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise self._problem("the server sent a line of more than %d bytes" % LONGEST_LINE)
            if self._received > MOST:
                raise self._problem("the server sent more than %d bytes" % MOST)
            self._sock.settimeout(self._deadline.left())
            received = self._sock.recv(4096)
            if not received:
                raise self._problem("the server closed the connection")
            self._received += len(received)
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("latin-1").rstrip("\r")

    def reply(self) -> List[str]:
        """The lines of an answer of SMTP or FTP."""
        lines = [self.line()]
        if lines[0][3:4] == "-":
            ends = (lines[0][:3], lines[0][:3] + " ")
            while lines[-1][:4] not in ends:
                lines.append(self.line())
        return lines

    def send(self, command: str, tag: str = "") -> None:
        """Send a command; the tag is IMAP's."""
        self._deadline.expected = "an answer to %s" % command.split(" ")[0]
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall((tag + command + "\r\n").encode("ascii"))

    def need(self, lines: List[str], *beginnings: str) -> List[str]:
        """The same lines, if the last one begins like that."""
        if not lines[-1].upper().startswith(beginnings):
            raise Problem("%s was expected, and what came is '%s'" % (self._deadline.expected, lines[-1][:_SHOWN]))
        return lines

    def address(self) -> str:
        """Our own, as SMTP has it where there is no name (RFC 5321 section 4.1.3)."""
        own: str = self._sock.getsockname()[0].partition("%")[0]
        return "[IPv6:%s]" % own if ":" in own else "[%s]" % own

    def end(self) -> None:
        """Raises Problem if more came than the go-ahead: inside TLS it would pass for what the server said there."""
        pending = self._buffer
        if not pending:
            self._sock.setblocking(False)
            try:
                pending = self._sock.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return
        if pending:
            raise Problem("the server sent more in clear text after its go-ahead (injection)")
        raise Problem("the server closed the connection after its go-ahead")

    def _problem(self, text: str) -> Problem:
        return Problem("%s; expected was %s" % (text, self._deadline.expected))


def _upgrade(protocol: str, sock: socket.socket, deadline: _Deadline) -> None:
    """As far as the server's go-ahead."""
    talk = _Dialogue(sock, deadline)
    _UPGRADES[protocol](talk)
    talk.end()


def _smtp(talk: _Dialogue, hello: str = "EHLO") -> None:
    talk.need(talk.reply(), "220")
    talk.send("%s %s" % (hello, talk.address()))
    offered = talk.need(talk.reply(), "250")
    _check_offer(word for line in offered for word in line[4:].split()[:1])
    talk.send("STARTTLS")
    talk.need(talk.reply(), "220")


def _lmtp(talk: _Dialogue) -> None:
    _smtp(talk, "LHLO")


def _imap(talk: _Dialogue) -> None:
    talk.need([talk.line()], "* OK")
    offered = _tagged(talk, "a1", "CAPABILITY")
    _check_offer(word for line in offered for word in line.split())
    _tagged(talk, "a2", "STARTTLS")


def _tagged(talk: _Dialogue, tag: str, command: str) -> List[str]:
    talk.send(command, tag + " ")
    lines = [talk.line()]
    while lines[-1].startswith("* "):
        lines.append(talk.line())
    return talk.need(lines, tag.upper() + " OK")


def _pop3(talk: _Dialogue) -> None:
    talk.need([talk.line()], "+OK")
    talk.send("CAPA")
    offered = talk.need([talk.line()], "+OK")
    while offered[-1] != ".":
        offered.append(talk.line())
    _check_offer((word for line in offered for word in line.split()[:1]), "STLS")
    talk.send("STLS")
    talk.need([talk.line()], "+OK")


def _ftp(talk: _Dialogue) -> None:
    talk.need(talk.reply(), "220")
    talk.send("AUTH TLS")
    talk.need(talk.reply(), "234")


def _nntp(talk: _Dialogue) -> None:
    talk.need([talk.line()], "200", "201")
    talk.send("STARTTLS")
    talk.need([talk.line()], "382")


_UPGRADES: Dict[str, Callable[[_Dialogue], None]] = {
    "SMTP": _smtp,
    "LMTP": _lmtp,
    "IMAP": _imap,
    "POP3": _pop3,
    "FTP": _ftp,
    "NNTP": _nntp,
}


def _check_offer(words: Any, wanted: str = "STARTTLS") -> None:
    if not any(word.upper() == wanted for word in words):
        raise Problem("the server does not offer %s, or somebody on the path takes the offer away" % wanted)


# TLS


def _handshake(sock: socket.socket, name: str, deadline: _Deadline, *, implicit: bool) -> Sent:
    deadline.expected = "the end of the TLS handshake"
    # One context for each: the recording belongs to it.
    context = NoTrust().private_context()
    # A handshake as a whole is bounded by this, unlike any other dialogue.
    sock.settimeout(deadline.left())
    try:
        tls, chain = handshake_and_chain(context, context.wrap_socket, sock, server_hostname=name)
    except ssl.SSLError as exc:
        hint = ""
        if implicit and exc.reason in _NO_TLS:
            hint = "; perhaps it does not begin with TLS, but is to be asked for it"
        raise Problem("the TLS handshake failed: %s%s" % (_words(exc), hint)) from exc
    with tls:
        return Sent(tls.version(), tuple(chain), _described(tls))


def _described(tls: ssl.SSLSocket) -> Tuple[Dict[str, Any], ...]:
    sslobj: Any = getattr(tls, "_sslobj", None)
    try:
        return tuple(entry.get_info() for entry in sslobj.get_unverified_chain() or ())
    except Exception:  # before 3.10 there is none; and who knows what a server puts into a certificate
        return ()
