"""The scripted servers, with the answers that whole programs want to have before they go on."""

from __future__ import annotations

import ssl
import threading
from typing import Any

from wire import servers


class Imap(servers.Imap):
    """With an empty folder."""

    def answer(self, line: str) -> None:
        verb = line.partition(" ")[2].upper()
        if verb.startswith(("SELECT", "EXAMINE")):
            self.send("* 0 EXISTS", "* OK [UIDVALIDITY 1] valid")
        elif verb.startswith(("SEARCH", "UID SEARCH")):
            self.send("* SEARCH")
        elif verb.startswith("LIST"):
            self.send('* LIST () "/" INBOX')
        super().answer(line)


class Pop(servers.Pop):
    """With an empty mailbox."""

    def answer(self, line: str) -> None:
        if line.upper() in ("LIST", "UIDL"):
            self.send("+OK", ".")
        else:
            super().answer(line)


class Ftp(servers.Ftp):
    """With an empty folder that knows its name."""

    def answer(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        if verb in ("PWD", "MKD"):
            self.send('257 "/"')
        elif verb == "SYST":
            self.send("215 UNIX")
        elif verb == "FEAT":
            self.send("211-these", " UTF8", "211 end")
        elif verb == "MLSD":
            self.send("500 what?")
        else:
            super().answer(line)


class Lenient(servers.Smtp):
    """Somebody on the path: whoever does not like the certificate is welcome in clear text."""

    offers_upgrade = False

    def run(self) -> None:
        self.server.implicit = not self._disliked()
        super().run()

    def _disliked(self) -> bool:
        """Whether a client has refused the certificate, once every connection before this one is over."""
        me = threading.current_thread()
        with self.server._lock:
            earlier = [thread for thread in self.server._threads if thread is not me]
        for thread in earlier:
            thread.join(servers.TIMEOUT)
        return any(record.alert for record in self.server.records)


SESSIONS = {**servers.SESSIONS, "IMAP": Imap, "POP3": Pop, "FTP": Ftp}
LENIENT = "lenient"


class Server(servers.Server):
    """As `wire.servers.Server`, and with one attack more: `LENIENT`."""

    def __init__(self, protocol: str, context: ssl.SSLContext, **kwargs: Any) -> None:
        super().__init__(protocol, context, **kwargs)
        self.session = Lenient if self.attack == LENIENT else SESSIONS[protocol]
