"""Servers for SMTP, LMTP, IMAP, POP3, FTP and NNTP that know just enough to take a password.

What counts is what they *received*: `server.credentials()` are the passwords that reached them, in clear text or
inside TLS, and `server.records` has the bytes.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import socket
import ssl
import threading
from typing import List, Optional, Sequence, Tuple

from securedefaults.cli.protocols import dialogue

USER, SECRET = "gwendolyn", "swordfish-7f3a"

TIMEOUT = 10.0  # seconds that a server waits for its client

#: What a server does instead of completing the upgrade, for the attacker on the path.
STRIP, REFUSE, HANG, CLOSE, GARBAGE, INJECT = "strip", "refuse", "hang", "close", "garbage", "inject"
#: No answer, one that is none, one without an end; IMAP's greeting for those who are logged in; and answers to the
#: client's next commands in the packet of the go-ahead.
SILENT, NONSENSE, HUGE, PREAUTH, FORGE = "silent", "nonsense", "huge", "preauth", "forge"
#: What nobody asked for, before the go-ahead and in one packet with it, and behind it.
EARLY, LATE = "early", "late"


class Record:
    """One connection, seen from the server."""

    def __init__(self) -> None:
        self.clear = bytearray()
        self.inside = bytearray()
        self.data: List[bytes] = []
        self.tls: Optional[str] = None  # the version, once the handshake is complete
        self.alert: Optional[str] = None  # why it was not
        self.session_reused = False
        self.client_certificate: Optional[bytes] = None


class Stop(Exception):
    """The session is over."""


class Session:
    """A dialogue by lines; the protocols are subclasses."""

    greeting = b""

    def __init__(self, server: Server, sock: socket.socket, record: Record) -> None:
        self.server = server
        self.sock = sock
        self.record = record
        self.buffer = b""

    @property
    def offers_upgrade(self) -> bool:
        return self.record.tls is None and self.server.attack != STRIP

    def send(self, *lines: str) -> None:
        self.sock.sendall("".join(line + "\r\n" for line in lines).encode())

    def line(self) -> str:
        while b"\n" not in self.buffer:
            received = self.sock.recv(65536)
            if not received:
                raise Stop
            (self.record.inside if self.record.tls else self.record.clear).extend(received)
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("latin-1").rstrip("\r")

    def upgrade(self, go_ahead: str, refusal: str) -> None:
        attack = self.server.attack
        if attack in (STRIP, REFUSE):
            self.send(refusal)
        elif attack == SILENT:
            raise Stop
        elif attack in (NONSENSE, HUGE):
            self.sock.sendall(b"\0what?\r\n" * 3 if attack == NONSENSE else b"a" * (4 << 20))
            self.drain()
        elif attack == FORGE:
            self.send(go_ahead, *self.forged(go_ahead))
            self.start_tls()
        elif attack in (EARLY, LATE):
            untagged = self.server.untagged
            self.send(*((*untagged, go_ahead) if attack == EARLY else (go_ahead, *untagged)))
            self.start_tls()
        elif attack == INJECT:
            self.send(go_ahead, "250 injected", "+OK injected", "* OK injected")
            self.start_tls()
        else:
            self.send(go_ahead)
            if attack == CLOSE:
                raise Stop
            if attack == GARBAGE:
                self.sock.sendall(b"\x15 this is no TLS record \r\n" * 4)
                self.drain()
            elif attack == HANG:
                self.drain()
            # A client that goes on in clear text has not noticed, or does not mind: listen to it.
            if self.sock.recv(1, socket.MSG_PEEK) in (b"\x16", b""):
                self.start_tls()

    def forged(self, go_ahead: str) -> List[str]:
        """Refusals of the commands that the client will give after the upgrade."""
        return ["554 forged"] * 3

    def drain(self) -> None:
        """Take whatever comes as clear text until the client gives up."""
        with contextlib.suppress(OSError):
            while True:
                received = self.sock.recv(65536)
                if not received:
                    break
                self.record.clear.extend(received)
        raise Stop

    def start_tls(self) -> None:
        self.sock = self.wrap(self.sock)
        self.buffer = b""

    def wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        try:
            tls = self.server.context.wrap_socket(sock, server_side=True)
        except OSError as exc:
            self.record.alert = str(exc)
            raise Stop from exc
        self.record.tls = tls.version()
        self.record.session_reused = bool(tls.session_reused)
        self.record.client_certificate = tls.getpeercert(True)
        return tls

    def run(self) -> None:
        if self.server.implicit:
            self.start_tls()
        self.send(self.greeting.decode())
        while True:
            self.answer(self.line())

    def answer(self, line: str) -> None:
        raise NotImplementedError


class Smtp(Session):
    greeting = b"220 wire ESMTP"

    def answer(self, line: str) -> None:
        verb = line[:4].upper()
        if verb in ("EHLO", "LHLO", "HELO"):
            lines = ["250-wire", "250-AUTH PLAIN"] + (["250-STARTTLS"] if self.offers_upgrade else []) + ["250 OK"]
            self.send(*lines)
        elif verb == "STAR":
            self.upgrade("220 go ahead", "454 not now")
        elif verb == "AUTH":
            self.send("235 welcome")
        elif verb == "DATA":
            self.send("354 go on")
            while self.line() != ".":
                pass
            self.send("250 taken")
        elif verb == "QUIT":
            self.send("221 bye")
            raise Stop
        else:
            self.send("250 OK")


class Imap(Session):
    @property
    def greeting(self) -> bytes:  # type: ignore[override]
        return b"* PREAUTH wire" if self.server.attack == PREAUTH else b"* OK wire"

    def forged(self, go_ahead: str) -> List[str]:
        tag = go_ahead.split(" ")[0]
        number = re.findall(r"\d+$", tag)[0]
        return ["%s%d NO forged" % (tag[: -len(number)], int(number) + more) for more in (1, 2, 3)]

    def answer(self, line: str) -> None:
        tag, _, command = line.partition(" ")
        verb = command.split(" ")[0].upper()
        if verb == "CAPABILITY":
            self.send("* CAPABILITY IMAP4rev1" + (" STARTTLS" if self.offers_upgrade else ""), tag + " OK done")
        elif verb == "STARTTLS":
            self.upgrade(tag + " OK go ahead", tag + " NO not now")
        elif verb == "AUTHENTICATE":
            self.send("+ go on")
            self.line()
            self.send(tag + " OK done")
        elif verb == "LIST":
            self.send('* LIST () "/" inbox', tag + " OK done")
        elif verb == "LOGOUT":
            self.send("* BYE", tag + " OK bye")
            raise Stop
        else:
            self.send(tag + " OK done")


class Pop(Session):
    greeting = b"+OK wire"

    def forged(self, go_ahead: str) -> List[str]:
        return ["-ERR forged"] * 3

    def answer(self, line: str) -> None:
        verb = line.split(" ")[0].upper()
        if verb == "CAPA":
            self.send("+OK", "USER", *(["STLS"] if self.offers_upgrade else []), ".")
        elif verb == "STLS":
            self.upgrade("+OK go ahead", "-ERR not now")
        elif verb == "QUIT":
            self.send("+OK bye")
            raise Stop
        else:
            self.send("+OK 0 0")


class Ftp(Session):
    greeting = b"220 wire"
    listener: Optional[socket.socket] = None
    protect = False

    def answer(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        if verb == "AUTH":
            self.upgrade("234 go ahead", "431 not now")
        elif verb == "USER":
            self.send("331 password?")
        elif verb == "PASS":
            self.send("230 welcome")
        elif verb == "PROT":
            self.protect = argument == "P"
            self.send("200 OK")
        elif verb in ("PASV", "EPSV"):
            self.listener = socket.create_server((self.sock.getsockname()[0], 0), family=self.sock.family)
            port = self.listener.getsockname()[1]
            if verb == "EPSV":
                self.send("229 here (|||%d|)" % port)
            else:
                self.send("227 here (127,0,0,1,%d,%d)" % divmod(port, 256))
        elif verb in ("RETR", "LIST", "NLST", "STOR"):
            self.transfer(verb)
        elif verb == "QUIT":
            self.send("221 bye")
            raise Stop
        else:
            self.send("200 OK")

    def transfer(self, verb: str) -> None:
        assert self.listener is not None
        self.send("150 here it comes")
        with self.listener:
            self.listener.settimeout(TIMEOUT)
            data, _ = self.listener.accept()
        data.settimeout(TIMEOUT)
        received = b""
        try:
            if self.protect:
                data = (self.server.data_context or self.server.context).wrap_socket(data, server_side=True)
                self.record.session_reused = bool(data.session_reused)  # type: ignore[attr-defined]
            if verb == "STOR":
                while True:
                    chunk = data.recv(65536)
                    if not chunk:
                        break
                    received += chunk
            else:
                data.sendall(b"a line\r\n")
            if self.protect:
                data = data.unwrap()  # type: ignore[attr-defined]
        except OSError as exc:
            self.record.alert = str(exc)
            self.send("522 data channel: " + type(exc).__name__)
        else:
            self.send("226 done")
        finally:
            data.close()
            self.record.data.append(received)


class Nntp(Session):
    greeting = b"200 wire"

    def answer(self, line: str) -> None:
        verb = line.split(" ")[0].upper()
        if verb == "CAPABILITIES":
            self.send("101 these", "VERSION 2", "READER", *(["STARTTLS"] if self.offers_upgrade else []), ".")
        elif verb == "STARTTLS":
            self.upgrade("382 go ahead", "580 not now")
        elif line.upper().startswith("AUTHINFO USER"):
            self.send("381 password?")
        elif line.upper().startswith("AUTHINFO PASS"):
            self.send("281 welcome")
        elif verb == "QUIT":
            self.send("205 bye")
            raise Stop
        else:
            self.send("200 OK")


class Scripted(Session):
    """For a protocol without a class here: it answers by the script in the protocol's own file."""

    def __init__(self, server: Server, sock: socket.socket, record: Record) -> None:
        super().__init__(server, sock, record)
        self.script = dialogue(server.protocol)
        self.greeting = "\r\n".join(self.lines(self.script.GREETING)).encode()

    def lines(self, text: str) -> List[str]:
        """Without the offer of an upgrade where there is none."""
        upgrades = () if self.offers_upgrade else self.script.GO_AHEAD
        return [line for line in text.split("\n") if not any(verb in line for verb in upgrades)]

    def answer(self, line: str) -> None:
        words = line.upper().split()
        verb = next((word for word in words[:2] if word in self.script.ANSWERS), "")
        said = self.script.ANSWERS.get(verb, "OK").format(tag=words[0] if words else "")
        if verb in self.script.GO_AHEAD and self.record.tls is None:
            self.upgrade(said, "NO not now")
        else:
            self.send(*self.lines(said))


SESSIONS = {"SMTP": Smtp, "LMTP": Smtp, "IMAP": Imap, "POP3": Pop, "FTP": Ftp, "NNTP": Nntp}


class Server:
    """A server on a free loopback port; a context manager.

    Args:
        protocol: of the table of entry points.
        context: for its side of TLS.
        implicit: TLS from the first byte.
        attack: what to do instead of the upgrade.
        data_context: for FTP's data channel, if it is another one.
        address: where to listen; a path makes it a Unix socket.
        untagged: the lines of an EARLY or LATE attack.
    """

    def __init__(
        self,
        protocol: str,
        context: ssl.SSLContext,
        *,
        implicit: bool = False,
        attack: Optional[str] = None,
        data_context: Optional[ssl.SSLContext] = None,
        address: str = "127.0.0.1",
        untagged: Sequence[str] = (),
    ) -> None:
        self.untagged = untagged
        self.protocol = protocol
        self.session = SESSIONS.get(protocol, Scripted)
        self.context = context
        self.data_context = data_context
        self.implicit = implicit
        self.attack = attack
        self.records: List[Record] = []
        self._threads: List[threading.Thread] = []
        self._lock = threading.Lock()
        if address.startswith("/"):
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(address)
            self._listener.listen()
            self.host, self.port = address, 0
        else:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self._listener = socket.create_server((address, 0), family=family, backlog=128)
            self.host, self.port = self._listener.getsockname()[:2]

    def __enter__(self) -> Server:
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *args: object) -> None:
        # shutdown() wakes the accept(); closing alone would leave it waiting
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(TIMEOUT)
        self.wait()
        if self.host.startswith("/"):
            os.unlink(self.host)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if sock.family != getattr(socket, "AF_UNIX", None):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            record = Record()
            self.records.append(record)
            thread = threading.Thread(target=self._serve, args=(sock, record), daemon=True)
            with self._lock:  # a client may be through with it before the next line
                thread.start()
                self._threads.append(thread)

    def _serve(self, sock: socket.socket, record: Record) -> None:
        sock.settimeout(TIMEOUT)
        session = self.session(self, sock, record)
        try:
            session.run()
        except (OSError, Stop):
            pass
        finally:
            session.sock.close()

    def wait(self) -> None:
        """Until every session is over."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(TIMEOUT + 1)

    def credentials(self) -> List[Tuple[str, bytes]]:
        """What was received of a credential, with where: "clear" or "inside"."""
        return [
            (where, secret)
            for record in self.records
            for where, log in (("clear", bytes(record.clear)), ("inside", bytes(record.inside)))
            for secret in _credentials(log)
        ]

    def data(self) -> bytes:
        """What was received over FTP's data channels."""
        return b"".join(chunk for record in self.records for chunk in record.data)


_VERBS = re.compile(rb"^(?:\S+ LOGIN|AUTH \S+|USER|PASS|APOP|AUTHINFO) .*$", re.MULTILINE | re.IGNORECASE)


def _credentials(log: bytes) -> List[bytes]:
    """Every line that hands over a name or a password, and the password itself in any disguise."""
    found = _VERBS.findall(log)
    found = [line for line in found if line.strip() != b"AUTH TLS"]
    for secret in (USER.encode(), SECRET.encode(), base64.b64encode(("\0%s\0%s" % (USER, SECRET)).encode())):
        if secret in log:
            found.append(secret)
    return found
