"""Programs as people write them: for each entry point every style of calling it, up to the login and beyond.

A style is a function of a Target. It hands over USER and SECRET at the first opportunity, as a careless program does.
"""

from __future__ import annotations

import contextlib
import ftplib
import functools
import imaplib
import importlib
import inspect
import io
import logging
import logging.config
import logging.handlers
import poplib
import smtplib
import sys
import warnings
from typing import Any, Callable, Dict, Optional

from securedefaults._entrypoints import DATA, ENTRY_POINTS, IMPLICIT, UPGRADE, EntryPoint
from securedefaults.cli.protocols import dialogue

from .servers import SECRET, USER, Server

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nntplib
except ImportError:
    nntplib = None  # type: ignore[assignment]

TIMEOUT = 10

Style = Callable[["Target"], object]


class Target:
    """Where to connect to, and with which classes: those of the standard library, or the test's own."""

    def __init__(self, host: str, port: int, context: Any = None, classes: Optional[Dict[str, type]] = None) -> None:
        self.host = host
        self.port = port
        self.context = context
        self.classes = classes or {}

    def new(self, cls: type, *args: Any, **kwargs: Any) -> Any:
        return self.classes.get(cls.__name__, cls)(*args, **kwargs)

    def options(self, name: str) -> Dict[str, Any]:
        """The context as a keyword argument, if there is one."""
        return {} if self.context is None else {name: self.context}


class KeepingHandler(logging.handlers.SMTPHandler):
    """Raises what the real one only prints."""

    def handleError(self, record: logging.LogRecord) -> None:
        raise sys.exc_info()[1]  # type: ignore[misc]


def swallow(upgrade: Callable[[], object]) -> None:
    """`try: upgrade() except Exception: pass`, the program that everybody is afraid of."""
    with contextlib.suppress(Exception):
        upgrade()


# SMTP


def send(smtp: smtplib.SMTP) -> None:
    smtp.login(USER, SECRET)
    smtp.sendmail("a@example.test", ["b@example.test"], "Subject: x\r\n\r\nx")
    smtp.quit()


def smtp_starttls(target: Target, cls: type = smtplib.SMTP, **kwargs: Any) -> None:
    smtp = target.new(cls, target.host, target.port, timeout=TIMEOUT)
    with contextlib.closing(smtp):
        smtp.starttls(**target.options("context"), **kwargs)
        send(smtp)


def smtp_swallow(target: Target, cls: type = smtplib.SMTP) -> None:
    smtp = target.new(cls, target.host, target.port, timeout=TIMEOUT)
    with contextlib.closing(smtp):
        swallow(lambda: smtp.starttls(**target.options("context")))
        send(smtp)


def smtp_with(target: Target, cls: type = smtplib.SMTP) -> None:
    with target.new(cls, target.host, target.port, timeout=TIMEOUT) as smtp:
        smtp.starttls(**target.options("context"))
        smtp.login(USER, SECRET)


def smtp_connect_later(target: Target, cls: type = smtplib.SMTP) -> None:
    with contextlib.closing(target.new(cls, timeout=TIMEOUT)) as smtp:
        smtp.connect(target.host, target.port)
        smtp.starttls(**target.options("context"))
        send(smtp)


def smtp_connect_later_swallow(target: Target, cls: type = smtplib.SMTP) -> None:
    with contextlib.closing(target.new(cls, timeout=TIMEOUT)) as smtp:
        smtp.connect(target.host, target.port)
        swallow(lambda: smtp.starttls(**target.options("context")))
        send(smtp)


def smtp_host_port(target: Target, cls: type = smtplib.SMTP) -> None:
    with contextlib.closing(target.new(cls, "%s:%d" % (target.host, target.port), timeout=TIMEOUT)) as smtp:
        smtp.starttls(**target.options("context"))
        send(smtp)


def smtp_host_port_later(target: Target, cls: type = smtplib.SMTP) -> None:
    with contextlib.closing(target.new(cls, timeout=TIMEOUT)) as smtp:
        smtp.connect("%s:%d" % (target.host, target.port))
        smtp.starttls(**target.options("context"))
        send(smtp)


def smtp_reconnect(target: Target, cls: type = smtplib.SMTP) -> None:
    """One object, first connected by another name."""
    with contextlib.closing(target.new(cls, "127.0.0.1", target.port, timeout=TIMEOUT)) as smtp:
        smtp.close()
        smtp.connect(target.host, target.port)
        smtp.starttls(**target.options("context"))
        send(smtp)


def smtps(target: Target) -> None:
    send(target.new(smtplib.SMTP_SSL, target.host, target.port, timeout=TIMEOUT, **target.options("context")))


def smtps_with(target: Target) -> None:
    options = target.options("context")
    with target.new(smtplib.SMTP_SSL, target.host, target.port, timeout=TIMEOUT, **options) as smtp:
        smtp.login(USER, SECRET)


def smtps_connect_later(target: Target) -> None:
    smtp = target.new(smtplib.SMTP_SSL, timeout=TIMEOUT, **target.options("context"))
    smtp.connect(target.host, target.port)
    send(smtp)


def smtps_host_port(target: Target) -> None:
    address = "%s:%d" % (target.host, target.port)
    send(target.new(smtplib.SMTP_SSL, address, timeout=TIMEOUT, **target.options("context")))


# IMAP


def imap_use(imap: imaplib.IMAP4) -> None:
    imap.login(USER, SECRET)
    imap.select()
    imap.logout()


@contextlib.contextmanager
def imap_closing(imap: imaplib.IMAP4) -> Any:
    try:
        yield imap
    finally:
        with contextlib.suppress(OSError):
            imap.shutdown()


def imap_starttls(target: Target, *args: Any) -> None:
    with imap_closing(target.new(imaplib.IMAP4, target.host, target.port)) as imap:
        imap.starttls(*args, **target.options("ssl_context"))
        imap_use(imap)


def imap_swallow(target: Target) -> None:
    with imap_closing(target.new(imaplib.IMAP4, target.host, target.port)) as imap:
        swallow(lambda: imap.starttls(**target.options("ssl_context")))
        imap_use(imap)


def imap_with(target: Target) -> None:
    with target.new(imaplib.IMAP4, target.host, target.port) as imap:
        imap.starttls(**target.options("ssl_context"))
        imap.login(USER, SECRET)


def imap_default_host(target: Target) -> None:
    with imap_closing(target.new(imaplib.IMAP4, "", target.port)) as imap:
        imap.starttls(**target.options("ssl_context"))
        imap_use(imap)


def imaps(target: Target) -> None:
    imap_use(target.new(imaplib.IMAP4_SSL, target.host, target.port, **target.options("ssl_context")))


def imaps_with(target: Target) -> None:
    with target.new(imaplib.IMAP4_SSL, target.host, target.port, **target.options("ssl_context")) as imap:
        imap.login(USER, SECRET)


def imaps_default_host(target: Target) -> None:
    imap_use(target.new(imaplib.IMAP4_SSL, port=target.port, **target.options("ssl_context")))


# POP3


def pop_use(pop: poplib.POP3) -> None:
    pop.user(USER)
    pop.pass_(SECRET)
    pop.quit()


@contextlib.contextmanager
def pop_closing(pop: poplib.POP3) -> Any:
    try:
        yield pop
    finally:
        with contextlib.suppress(OSError):
            pop.close()


def pop_stls(target: Target, *args: Any) -> None:
    with pop_closing(target.new(poplib.POP3, target.host, target.port, timeout=TIMEOUT)) as pop:
        pop.stls(*args, **target.options("context"))
        pop_use(pop)


def pop_swallow(target: Target) -> None:
    with pop_closing(target.new(poplib.POP3, target.host, target.port, timeout=TIMEOUT)) as pop:
        swallow(lambda: pop.stls(**target.options("context")))
        pop_use(pop)


def pops(target: Target) -> None:
    pop_use(target.new(poplib.POP3_SSL, target.host, target.port, timeout=TIMEOUT, **target.options("context")))


# FTP


def ftp_new(target: Target, **kwargs: Any) -> ftplib.FTP_TLS:
    ftp: ftplib.FTP_TLS = target.new(ftplib.FTP_TLS, timeout=TIMEOUT, **target.options("context"), **kwargs)
    ftp.connect(target.host, target.port)
    return ftp


def ftp_login(target: Target) -> None:
    with contextlib.closing(ftp_new(target)) as ftp:
        ftp.login(USER, SECRET)
        ftp.prot_p()
        ftp.retrlines("LIST", lambda line: None)
        ftp.quit()


def ftp_auth(target: Target) -> None:
    with contextlib.closing(ftp_new(target)) as ftp:
        ftp.auth()
        ftp.login(USER, SECRET)
        ftp.quit()


def ftp_swallow(target: Target) -> None:
    with contextlib.closing(ftp_new(target)) as ftp:
        swallow(ftp.auth)
        ftp.login(USER, SECRET, secure=False)


def ftp_with(target: Target) -> None:
    with ftp_new(target) as ftp:
        ftp.login(USER, SECRET)


def ftp_none(target: Target) -> None:
    with contextlib.closing(ftp_new(target, context=None)) as ftp:
        ftp.login(USER, SECRET)


def ftp_store(target: Target) -> None:
    """Upload a secret over the data channel alone: the control channel stays clear, so that it is not in the way."""
    with contextlib.closing(ftp_new(target)) as ftp:
        ftp.prot_p()
        ftp.storbinary("STOR x", io.BytesIO(SECRET.encode()))


def ftp_store_with(target: Target) -> None:
    with ftp_new(target) as ftp:
        ftp.prot_p()
        ftp.storbinary("STOR x", io.BytesIO(SECRET.encode()))


# NNTP


def nntp_use(nntp: Any) -> None:
    nntp.login(USER, SECRET, usenetrc=False)
    nntp.quit()


@contextlib.contextmanager
def nntp_closing(nntp: Any) -> Any:
    try:
        yield nntp
    finally:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            nntp._close()


def nntp_starttls(target: Target, *args: Any) -> None:
    with nntp_closing(target.new(nntplib.NNTP, target.host, target.port, timeout=TIMEOUT)) as nntp:
        nntp.starttls(*args, **target.options("context"))
        nntp_use(nntp)


def nntp_swallow(target: Target) -> None:
    with nntp_closing(target.new(nntplib.NNTP, target.host, target.port, timeout=TIMEOUT)) as nntp:
        swallow(lambda: nntp.starttls(**target.options("context")))
        nntp_use(nntp)


def nntp_with(target: Target) -> None:
    with target.new(nntplib.NNTP, target.host, target.port, timeout=TIMEOUT) as nntp:
        nntp.starttls(**target.options("context"))
        nntp.login(USER, SECRET, usenetrc=False)


def nntps(target: Target) -> None:
    options = target.options("ssl_context")
    nntp_use(target.new(nntplib.NNTP_SSL, target.host, target.port, timeout=TIMEOUT, **options))


def nntps_with(target: Target) -> None:
    options = target.options("ssl_context")
    with target.new(nntplib.NNTP_SSL, target.host, target.port, timeout=TIMEOUT, **options) as nntp:
        nntp.login(USER, SECRET, usenetrc=False)


# SMTPHandler


def handler_emit(handler: logging.Handler) -> None:
    try:
        handler.handle(logging.LogRecord("wire", logging.ERROR, __file__, 1, "message", None, None))
    finally:
        handler.close()


def handler(target: Target) -> None:
    arguments = (target.host, target.port), "a@example.test", ["b@example.test"], "subject", (USER, SECRET)
    handler_emit(KeepingHandler(*arguments, secure=(), timeout=TIMEOUT))


def handler_dict_config(target: Target) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {
                "mail": {
                    "()": __name__ + ".KeepingHandler",
                    "mailhost": (target.host, target.port),
                    "fromaddr": "a@example.test",
                    "toaddrs": ["b@example.test"],
                    "subject": "subject",
                    "credentials": (USER, SECRET),
                    "secure": (),
                }
            },
            "loggers": {"wire.mail": {"handlers": ["mail"], "propagate": False}},
        }
    )
    logger = logging.getLogger("wire.mail")
    try:
        logger.error("message")
    finally:
        for mail_handler in logger.handlers[:]:
            logger.removeHandler(mail_handler)
            mail_handler.close()


def positional_none(style: Callable[..., object], count: int = 1) -> Style:
    return lambda target: style(target, *[None] * count)


def lmtp(style: Callable[..., object]) -> Style:
    def call(target: Target) -> object:
        class LMTP(target.classes.get("LMTP", smtplib.LMTP)):  # type: ignore[misc]
            """As the styles of SMTP call it; the real one takes no timeout before 3.9."""

            def __init__(self, host: str = "", port: int = 0, timeout: float = TIMEOUT) -> None:
                super().__init__(host, port)

        return style(Target(target.host, target.port, target.context), cls=LMTP)

    return call


STYLES: Dict[str, Dict[str, Style]] = {
    "smtplib.SMTP.starttls": {
        "plain": smtp_starttls,
        "None": lambda target: smtp_starttls(target, **({"context": None} if target.context is None else {})),
        "swallow": smtp_swallow,
        "with": smtp_with,
        "connect later": smtp_connect_later,
        "connect later, swallow": smtp_connect_later_swallow,
        "host:port": smtp_host_port,
        "host:port later": smtp_host_port_later,
        "reconnect": smtp_reconnect,
    },
    "smtplib.SMTP_SSL": {
        "plain": smtps,
        "with": smtps_with,
        "connect later": smtps_connect_later,
        "host:port": smtps_host_port,
    },
    "smtplib.LMTP.starttls": {
        "plain": lmtp(smtp_starttls),
        "swallow": lmtp(smtp_swallow),
        "with": lmtp(smtp_with),
        "connect later": lmtp(smtp_connect_later),
    },
    "imaplib.IMAP4.starttls": {
        "plain": imap_starttls,
        "None": positional_none(imap_starttls),
        "swallow": imap_swallow,
        "with": imap_with,
        "default host": imap_default_host,
    },
    "imaplib.IMAP4_SSL": {"plain": imaps, "with": imaps_with, "default host": imaps_default_host},
    "poplib.POP3.stls": {"plain": pop_stls, "None": positional_none(pop_stls), "swallow": pop_swallow},
    "poplib.POP3_SSL": {"plain": pops},
    "ftplib.FTP_TLS.auth": {
        "plain": ftp_auth,
        "login": ftp_login,
        "None": ftp_none,
        "swallow": ftp_swallow,
        "with": ftp_with,
    },
    "ftplib.FTP_TLS.ntransfercmd": {"plain": ftp_store, "with": ftp_store_with},
    "nntplib.NNTP.starttls": {
        "plain": nntp_starttls,
        "None": positional_none(nntp_starttls),
        "swallow": nntp_swallow,
        "with": nntp_with,
    },
    "nntplib.NNTP_SSL": {"plain": nntps, "with": nntps_with},
    "logging.handlers.SMTPHandler.emit": {"plain": handler, "dictConfig": handler_dict_config},
}


def unwritten(entry_point: EntryPoint) -> Dict[str, Style]:
    """For an entry point that has no style above: its class is used like any other of its kind, and then logs in."""
    styles: Dict[str, Style] = {"plain": lambda target: use(entry_point, target, lambda upgrade: upgrade())}
    if entry_point.kind == UPGRADE:
        styles["swallow"] = lambda target: use(entry_point, target, swallow)
    return styles


def use(entry_point: EntryPoint, target: Target, call: Callable[[Callable[[], object]], object]) -> None:
    assert entry_point.drive is None or entry_point.kind == DATA, "write a style for %s" % entry_point.name
    cls = getattr(importlib.import_module(entry_point.module), entry_point.cls)
    options = target.options(entry_point.parameter) if entry_point.parameter else {}
    method = inspect.signature(getattr(cls, entry_point.method)).parameters
    # it is the class that takes a context in ftplib
    by_class = {} if entry_point.parameter in method and entry_point.kind != IMPLICIT else options

    def new(*args: Any, **kwargs: Any) -> Any:
        # as impatient as the styles above
        kwargs.update({"timeout": TIMEOUT} if "timeout" in kwargs else {}, **by_class)
        return target.new(cls, *args, **kwargs)

    with contextlib.ExitStack() as stack:
        if entry_point.kind == IMPLICIT:
            client = new(target.host, target.port)
        else:
            client = stack.enter_context(dialogue(entry_point.protocol).connected(new, target.host, target.port))
        if entry_point.kind == DATA:
            client.prot_p()
            client.storbinary("STOR x", io.BytesIO(SECRET.encode()))
            return
        if entry_point.kind == UPGRADE:
            call(functools.partial(getattr(client, entry_point.method), **({} if by_class else options)))
        client.login(USER, SECRET)


for _entry_point in ENTRY_POINTS:
    STYLES.setdefault(_entry_point.name, unwritten(_entry_point))

#: Those that go by the module's own idea of the host, where the stock call fails before it reaches TLS.
BROKEN_IN_STOCK = {"default host"}

#: The entry points of this interpreter.
HERE = [entry_point for entry_point in ENTRY_POINTS if entry_point.module != "nntplib" or nntplib is not None]


def server_for(entry_point: EntryPoint, context: Any, **kwargs: Any) -> Server:
    """A server that the styles of this entry point can talk to."""
    return Server(entry_point.protocol, context, implicit=entry_point.kind == IMPLICIT, **kwargs)
