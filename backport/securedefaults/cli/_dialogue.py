"""A dialogue with a server by lines, up to TLS; with an end to what it may say, and to how long it may take."""

from __future__ import annotations

import socket
import time
from typing import Any, List

#: seconds that a client of the standard library waits for the impostor
TIMEOUT = 10.0

#: Bytes of a line, and of all that is said before TLS, after which we listen no longer.
LONGEST_LINE, MOST = 8192, 65536
#: characters of an answer that are shown
_SHOWN = 200


class Problem(Exception):
    """Why there is nothing to judge. What a server said is in it as it came."""


class Deadline:
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


class Dialogue:
    """Lines to and from the server."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
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


def check_offer(words: Any, wanted: str = "STARTTLS") -> None:
    """Raises Problem if the command that starts TLS is not among the words that a server offers."""
    if not any(word.upper() == wanted for word in words):
        raise Problem("the server does not offer %s, or somebody on the path takes the offer away" % wanted)
