"""The entry points that securedefaults protects: one table for the code, the commands, the tests and the documents.

An entry point is a place where the standard library starts TLS as a client and, when the caller passes no
context, verifies nobody (https://github.com/python/cpython/issues/91826).

(No `from __future__` and no `typing` here: interpreters start with this module, and would import them for it.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple

IMPLICIT, UPGRADE, DATA = "implicit TLS", "upgrade", "data channel"


class Service:
    """A protocol's way to TLS, as servers offer it."""

    __slots__ = ("ports", "schemes")

    def __init__(self, schemes: "Tuple[str, ...]", ports: "Tuple[int, ...]") -> None:
        #: of its URLs; the first one is shown
        self.schemes = schemes
        #: that mean it where there is no scheme; the first one is meant by a URL without a port
        self.ports = ports


class Protocol:
    """A protocol, and how its servers start TLS.

    What is said up to then stands in a file of its own, `cli/protocols/<name in small letters>.py`.
    """

    __slots__ = ("implicit", "name", "upgrade")

    def __init__(self, name: str, upgrade: "Optional[Service]", implicit: "Optional[Service]" = None) -> None:
        self.name = name
        #: where a command starts TLS; None if there is none
        self.upgrade = upgrade
        #: where TLS begins with the first byte; None if it never does
        self.implicit = implicit


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("SMTP", Service(("smtp+starttls", "smtp"), (25, 587)), Service(("smtps",), (465,))),
        Protocol("LMTP", Service(("lmtp+starttls", "lmtp"), (24,))),
        Protocol("IMAP", Service(("imap+starttls", "imap"), (143,)), Service(("imaps",), (993,))),
        Protocol("POP3", Service(("pop3+stls", "pop3+starttls", "pop3"), (110,)), Service(("pop3s",), (995,))),
        Protocol("FTP", Service(("ftp",), (21,)), Service(("ftps",), (990,))),
        Protocol("NNTP", Service(("nntp+starttls", "nntp"), (119,)), Service(("nntps",), (563,))),
    )
}


class EntryPoint:
    """One way into TLS: a method of a class that makes the default context.

    Attributes:
        name: the dotted name that people write, e.g. `"smtplib.SMTP.starttls"` or `"imaplib.IMAP4_SSL"`.
        module: the name of the standard library's module, e.g. `"smtplib"`.
        cls: the name of the class in it.
        method: the name of the method; `"__init__"` if the class does it when it connects.
        parameter: of the method (or of the class, for FTP) that takes a context; None if there is none.
        protocol: SMTP, LMTP, IMAP, POP3, FTP or NNTP.
        kind: `"implicit TLS"`, `"upgrade"`, or `"data channel"` for FTP's second one.
        through: the module that asks for the default context in its stead, on versions where it does not ask itself.
        drive: the function in the protocol's file that uses it, where it is not used like others of its kind.
    """

    __slots__ = ("cls", "drive", "kind", "method", "module", "name", "parameter", "protocol", "through")

    def __init__(
        self,
        module: str,
        cls: str,
        method: str,
        parameter: "Optional[str]",
        protocol: str,
        kind: str,
        through: "Optional[str]" = None,
        drive: "Optional[str]" = None,
    ) -> None:
        self.module = module
        self.cls = cls
        self.method = method
        self.parameter = parameter
        self.protocol = protocol
        self.kind = kind
        self.through = through or module
        self.drive = drive
        self.name = "%s.%s" % (module, cls) if method == "__init__" else "%s.%s.%s" % (module, cls, method)


ENTRY_POINTS = (
    EntryPoint("smtplib", "SMTP", "starttls", "context", "SMTP", UPGRADE),
    EntryPoint("smtplib", "SMTP_SSL", "__init__", "context", "SMTP", IMPLICIT),
    EntryPoint("smtplib", "LMTP", "starttls", "context", "LMTP", UPGRADE),
    EntryPoint("imaplib", "IMAP4", "starttls", "ssl_context", "IMAP", UPGRADE),
    EntryPoint("imaplib", "IMAP4_SSL", "__init__", "ssl_context", "IMAP", IMPLICIT),
    EntryPoint("poplib", "POP3", "stls", "context", "POP3", UPGRADE),
    EntryPoint("poplib", "POP3_SSL", "__init__", "context", "POP3", IMPLICIT),
    EntryPoint("ftplib", "FTP_TLS", "auth", "context", "FTP", UPGRADE),
    EntryPoint("ftplib", "FTP_TLS", "ntransfercmd", "context", "FTP", DATA, drive="data_channel"),
    EntryPoint("nntplib", "NNTP", "starttls", "context", "NNTP", UPGRADE),
    EntryPoint("nntplib", "NNTP_SSL", "__init__", "ssl_context", "NNTP", IMPLICIT),
    EntryPoint("logging.handlers", "SMTPHandler", "emit", None, "SMTP", UPGRADE, through="smtplib", drive="handler"),
)


class Module:
    """A module of the standard library that has entry points, and what a host name means to it."""

    __slots__ = ("host_attribute", "name", "port_attribute", "strips_port", "takes_paths", "this_machine")

    def __init__(
        self,
        name: str,
        host_attribute: str = "host",
        port_attribute: "Optional[str]" = "port",
        *,
        this_machine: "Tuple[Optional[str], ...]" = (None,),
        strips_port: bool = False,
        takes_paths: "Optional[str]" = None,
    ) -> None:
        self.name = name
        #: where its objects keep the host that they were asked to connect to
        self.host_attribute = host_attribute
        #: the same for the port; None if they keep none, and `_tls.asked` has it
        self.port_attribute = port_attribute
        #: hosts that it connects to the loopback address
        self.this_machine = this_machine
        #: whether it takes "host:port" in one string
        self.strips_port = strips_port
        #: the class in it to which "/path" means a Unix socket of this machine
        self.takes_paths = takes_paths


#: The modules of the entry points. Those that are not like most have a line here.
MODULES: "Dict[str, Module]" = {
    **{entry_point.module: Module(entry_point.module) for entry_point in ENTRY_POINTS},
    # no host at all means that somebody else connected its socket, and to where is not known
    "smtplib": Module("smtplib", "_host", None, this_machine=(), strips_port=True, takes_paths="LMTP"),
    "imaplib": Module("imaplib", this_machine=(None, "")),
    "logging.handlers": Module("logging.handlers", "mailhost", "mailport"),
}


#: What a method of a client takes that everything goes out by: the words of a command, a line without its end, or the
#: very bytes.
COMMAND, LINE, BYTES = "command", "line", "bytes"


class Sender:
    """A method that whatever a client says passes through, on every version: `module.cls.method`.

    It is where passwords are found, however a program sends them. A module has several, for a subclass may override
    one of them.

    Attributes:
        module: the name of the standard library's module.
        cls: the name of the class in it.
        method: the name of the method.
        protocol: whose commands these are, of `GRAMMARS` in `_tls/commands.py`.
        takes: COMMAND, LINE or BYTES.
    """

    __slots__ = ("cls", "method", "module", "protocol", "takes")

    def __init__(self, module: str, cls: str, method: str, protocol: str, takes: str) -> None:
        self.module = module
        self.cls = cls
        self.method = method
        self.protocol = protocol
        self.takes = takes


SENDERS = (
    Sender("smtplib", "SMTP", "putcmd", "SMTP", COMMAND),
    Sender("smtplib", "SMTP", "send", "SMTP", BYTES),
    Sender("imaplib", "IMAP4", "_command", "IMAP", COMMAND),
    Sender("imaplib", "IMAP4", "send", "IMAP", BYTES),
    Sender("poplib", "POP3", "_putcmd", "POP3", COMMAND),
    Sender("poplib", "POP3", "_putline", "POP3", LINE),
    Sender("ftplib", "FTP", "putcmd", "FTP", COMMAND),
    Sender("ftplib", "FTP", "putline", "FTP", LINE),
    Sender("nntplib", "NNTP", "_putcmd", "NNTP", COMMAND),
    Sender("nntplib", "NNTP", "_putline", "NNTP", LINE),
)
