"""A program for each entry point: it connects without a context, logs in, does some work, and quits."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import io
import poplib
import smtplib
import socket
import ssl
import uuid
from typing import Any, Callable, Dict, Iterator

from wire.clients import TIMEOUT, KeepingHandler, handler_emit, imap_closing, nntp_closing, nntplib, pop_closing
from wire.servers import SECRET, USER

from .servers import TRUSTED, Server, Site

MESSAGE = "Subject: interop\r\n\r\nwork\r\n"
CONTENT = SECRET.encode() + b"\r\n"


def send(smtp: smtplib.SMTP) -> None:
    smtp.login(USER, SECRET)
    assert smtp.sendmail("a@example.test", ["b@example.test"], MESSAGE) == {}
    smtp.quit()


def smtp_starttls(server: Server, site: Site) -> None:
    with contextlib.closing(smtplib.SMTP(site.host, server.ports["SMTP"], timeout=TIMEOUT)) as smtp:
        smtp.starttls()
        send(smtp)


def smtps(server: Server, site: Site) -> None:
    with contextlib.closing(smtplib.SMTP_SSL(site.host, server.ports["SMTPS"], timeout=TIMEOUT)) as smtp:
        send(smtp)


def handler(server: Server, site: Site) -> None:
    address = site.host, server.ports["SMTP"]
    mail = KeepingHandler(address, "a@example.test", ["b@example.test"], "interop", (USER, SECRET), (), TIMEOUT)
    handler_emit(mail)


def lmtp_starttls(server: Server, site: Site) -> None:
    """There is no login in LMTP; the name of the recipient is what nobody else is to know."""
    with contextlib.closing(smtplib.LMTP(site.host, server.ports["LMTP"])) as lmtp:
        lmtp.starttls()
        assert lmtp.sendmail("a@example.test", [USER + "@example.test"], MESSAGE) == {}
        lmtp.quit()


def imap_work(imap: imaplib.IMAP4) -> None:
    imap.login(USER, SECRET)
    assert imap.append("INBOX", "", "", MESSAGE.encode())[0] == "OK"
    status, (count,) = imap.select()
    assert status == "OK"
    assert int(count or 0) > 0
    imap.logout()


def imap_starttls(server: Server, site: Site) -> None:
    with imap_closing(imaplib.IMAP4(site.host, server.ports["IMAP"])) as imap:
        imap.starttls()
        imap_work(imap)


def imaps(server: Server, site: Site) -> None:
    with imap_closing(imaplib.IMAP4_SSL(site.host, server.ports["IMAPS"])) as imap:
        imap_work(imap)


def pop_work(pop: poplib.POP3) -> None:
    pop.user(USER)
    pop.pass_(SECRET)
    assert pop.list()[0].startswith(b"+OK")
    pop.quit()


def pop_stls(server: Server, site: Site) -> None:
    with pop_closing(poplib.POP3(site.host, server.ports["POP3"], timeout=TIMEOUT)) as pop:
        pop.stls()
        pop_work(pop)


def pops(server: Server, site: Site) -> None:
    with pop_closing(poplib.POP3_SSL(site.host, server.ports["POP3S"], timeout=TIMEOUT)) as pop:
        pop_work(pop)


def upload() -> str:
    """The path of a file that is not there yet; servers let nobody replace one."""
    return "incoming/" + uuid.uuid4().hex


def store_and_list(ftp: ftplib.FTP_TLS) -> None:
    path = upload()
    ftp.prot_p()
    ftp.storbinary("STOR " + path, io.BytesIO(CONTENT))
    assert path in ftp.nlst("incoming")
    ftp.quit()


def ftp_auth(server: Server, site: Site) -> None:
    with contextlib.closing(ftplib.FTP_TLS(timeout=TIMEOUT)) as ftp:
        ftp.connect(site.host, server.ports["FTP"])
        ftp.auth()
        ftp.login(server.user, SECRET)
        store_and_list(ftp)


class ResumingFTP(ftplib.FTP_TLS):
    """The recipe for servers that want the session of the control channel resumed, as it is passed around."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:  # type: ignore[attr-defined]
            conn = self.context.wrap_socket(
                conn,
                server_hostname=self.host,
                session=self.sock.session,  # type: ignore[union-attr]
            )
        return conn, size


def ftp_resuming(server: Server, site: Site) -> None:
    with contextlib.closing(ResumingFTP(timeout=TIMEOUT)) as ftp:
        ftp.connect(site.host, server.ports["FTP"])
        ftp.login(server.user, SECRET)
        store_and_list(ftp)


class DivertedFTP(ftplib.FTP_TLS):
    """Its data channels lead to where somebody on the path has put an end of his own."""

    elsewhere: Any = None
    decoy: Any = None

    def makepasv(self) -> Any:
        # its server is given a connection, too: some wait for that before they answer
        self.decoy = socket.create_connection(super().makepasv(), TIMEOUT)
        return self.elsewhere

    def close(self) -> None:
        super().close()
        if self.decoy is not None:
            self.decoy.close()


@contextlib.contextmanager
def waiting_for_data(server: Server, site: Site) -> Iterator[Any]:
    """The address where the site's own server waits for an upload."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.closing(ftplib.FTP_TLS(timeout=TIMEOUT, context=context)) as accomplice:
        accomplice.connect(site.address, server.ports["FTP"])
        accomplice.login(server.user, SECRET)
        accomplice.prot_p()
        address = accomplice.makepasv()
        accomplice.putcmd("STOR " + upload())  # type: ignore[attr-defined]
        yield address


def diverted(server: Server, site: Site) -> None:
    """The control channel is with the trusted site, the data channel with this one."""
    with contextlib.closing(DivertedFTP(timeout=TIMEOUT)) as ftp, waiting_for_data(server, site) as elsewhere:
        ftp.connect(TRUSTED.host, server.ports["FTP"])
        ftp.login(server.user, SECRET)
        ftp.prot_p()
        ftp.elsewhere = elsewhere
        with ftp.transfercmd("STOR " + upload()) as conn:
            conn.sendall(CONTENT)
            conn.unwrap()  # type: ignore[attr-defined]


def nntp_work(nntp: Any) -> None:
    nntp.login(USER, SECRET, usenetrc=False)
    assert nntp.group("test.group")[-1] == "test.group"
    nntp.quit()


def nntp_starttls(server: Server, site: Site) -> None:
    with nntp_closing(nntplib.NNTP(site.host, server.ports["NNTP"], timeout=TIMEOUT)) as nntp:
        nntp.starttls()
        nntp_work(nntp)


def nntps(server: Server, site: Site) -> None:
    with nntp_closing(nntplib.NNTP_SSL(site.host, server.ports["NNTPS"], timeout=TIMEOUT)) as nntp:
        nntp_work(nntp)


Program = Callable[[Server, Site], None]

#: by the name of the entry point
PROGRAMS: Dict[str, Program] = {
    "smtplib.SMTP.starttls": smtp_starttls,
    "smtplib.SMTP_SSL": smtps,
    "smtplib.LMTP.starttls": lmtp_starttls,
    "imaplib.IMAP4.starttls": imap_starttls,
    "imaplib.IMAP4_SSL": imaps,
    "poplib.POP3.stls": pop_stls,
    "poplib.POP3_SSL": pops,
    "ftplib.FTP_TLS.auth": ftp_auth,
    "ftplib.FTP_TLS.ntransfercmd": diverted,
    "nntplib.NNTP.starttls": nntp_starttls,
    "nntplib.NNTP_SSL": nntps,
    "logging.handlers.SMTPHandler.emit": handler,
}
