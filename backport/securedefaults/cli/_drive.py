"""For each entry point the shortest program that uses it, without a context and without a credential."""

from __future__ import annotations

import contextlib
import importlib
import logging
import warnings
from typing import Any, Callable, Dict, Iterator, Optional

from .._entrypoints import IMPLICIT, EntryPoint
from ._impostor import TIMEOUT, Impostor

_HOST = "127.0.0.1"


def _smtp(cls: Any, port: int) -> None:
    # The local host name saves a look-up in the DNS.
    with contextlib.closing(cls(_HOST, port, "localhost", timeout=TIMEOUT)) as smtp:
        smtp.starttls()


def _lmtp(cls: Any, port: int) -> None:
    with contextlib.closing(cls(_HOST, port, "localhost")) as lmtp:
        lmtp.starttls()


def _imap(cls: Any, port: int) -> None:
    imap = cls(_HOST, port)
    try:
        imap.starttls()
    finally:
        with contextlib.suppress(OSError):
            imap.shutdown()


def _pop(cls: Any, port: int) -> None:
    pop = cls(_HOST, port, timeout=TIMEOUT)
    try:
        pop.stls()
    finally:
        with contextlib.suppress(OSError):
            pop.close()


def _ftp_control(cls: Any, port: int) -> None:
    with contextlib.closing(cls(timeout=TIMEOUT)) as ftp:
        ftp.connect(_HOST, port)
        ftp.auth()


def _ftp_data(cls: Any, port: int) -> None:
    # Over a clear control channel, for the impostor's TLS never gets as far as a second channel.
    with contextlib.closing(cls(timeout=TIMEOUT)) as ftp:
        ftp.connect(_HOST, port)
        ftp.prot_p()
        ftp.nlst()


def _nntp_starttls(cls: Any, port: int) -> None:
    nntp = cls(_HOST, port, timeout=TIMEOUT)
    with contextlib.closing(nntp.sock):
        nntp.starttls()


def _handler(cls: Any, port: int) -> None:
    handler = cls((_HOST, port), "a@localhost", ["b@localhost"], "subject", ("nobody", "nothing"), (), TIMEOUT)
    handler.handleError = lambda record: None
    handler.handle(logging.LogRecord("securedefaults", logging.INFO, __file__, 0, "nothing", None, None))
    handler.close()


def _implicit(cls: Any, port: int) -> None:
    cls(_HOST, port)


DRIVES: Dict[str, Callable[[Any, int], None]] = {
    "smtplib.SMTP.starttls": _smtp,
    "smtplib.SMTP_SSL": _implicit,
    "smtplib.LMTP.starttls": _lmtp,
    "imaplib.IMAP4.starttls": _imap,
    "imaplib.IMAP4_SSL": _implicit,
    "poplib.POP3.stls": _pop,
    "poplib.POP3_SSL": _implicit,
    "ftplib.FTP_TLS.auth": _ftp_control,
    "ftplib.FTP_TLS.ntransfercmd": _ftp_data,
    "nntplib.NNTP.starttls": _nntp_starttls,
    "nntplib.NNTP_SSL": _implicit,
    "logging.handlers.SMTPHandler.emit": _handler,
}


def drive(entry_point: EntryPoint) -> Optional[str]:
    """Try the entry point against an impostor; returns its verdict, or None where there is no such entry point."""
    cls = _load(entry_point)
    if cls is None:
        return None
    with Impostor(entry_point.protocol, implicit=entry_point.kind == IMPLICIT) as impostor, _silence():
        # Refused or accepted, the impostor has no key to go on with: every drive ends in an exception. Its verdict is
        # what it received.
        with contextlib.suppress(Exception):
            DRIVES[entry_point.name](cls, impostor.port)
    return impostor.verdict


def _load(entry_point: EntryPoint) -> Any:
    with _silence():
        try:
            module = importlib.import_module(entry_point.module)
        except ImportError:
            return None
    return getattr(module, entry_point.cls, None)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Neither nntplib's deprecation nor what is logged of a refusal is news here."""
    logger = logging.getLogger("securedefaults")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before
