"""The entry points that securedefaults protects: one table for the code, the tests and the documents.

An entry point is a place where the standard library starts TLS as a client and, when the caller passes no
context, verifies nobody (https://github.com/python/cpython/issues/91826).
"""

TYPE_CHECKING = False  # `typing` is not imported at run time: interpreters start with this module loaded
if TYPE_CHECKING:
    from typing import Optional, Tuple


class Module:
    """A module of the standard library that has entry points, and what a host name means to it."""

    __slots__ = ("host_attribute", "name", "port_attribute", "strips_port", "this_machine")

    def __init__(
        self,
        name: str,
        host_attribute: str,
        port_attribute: "Optional[str]",
        *,
        this_machine: "Tuple[Optional[str], ...]" = (None,),
        strips_port: bool = False,
    ) -> None:
        self.name = name
        #: where its objects keep the host that they were asked to connect to
        self.host_attribute = host_attribute
        #: the same for the port; None if they do not keep it
        self.port_attribute = port_attribute
        #: hosts that it connects to the loopback address
        self.this_machine = this_machine
        #: whether it takes "host:port" in one string
        self.strips_port = strips_port


MODULES = {
    module.name: module
    for module in (
        # no host at all means that somebody else connected its socket, and to where is not known
        Module("smtplib", "_host", None, this_machine=(), strips_port=True),
        Module("imaplib", "host", "port", this_machine=(None, "")),
        Module("poplib", "host", "port"),
        Module("ftplib", "host", "port"),
        Module("nntplib", "host", "port"),
        Module("logging.handlers", "mailhost", "mailport"),
    )
}

IMPLICIT, UPGRADE, DATA = "implicit TLS", "upgrade", "data channel"


class EntryPoint:
    """One way into TLS: `module.cls.method`, and the name of the parameter that takes a context."""

    __slots__ = ("cls", "kind", "method", "module", "parameter", "protocol", "through")

    def __init__(
        self,
        module: str,
        cls: str,
        method: str,
        parameter: "Optional[str]",
        protocol: str,
        kind: str,
        through: "Optional[str]" = None,
    ) -> None:
        self.module = module
        self.cls = cls
        self.method = method
        self.parameter = parameter
        self.protocol = protocol
        self.kind = kind
        #: the module that asks for the default context in its stead, on versions where it does not ask itself
        self.through = through or module

    @property
    def name(self) -> str:
        """The dotted name that people write, e.g. `smtplib.SMTP.starttls` or `imaplib.IMAP4_SSL`."""
        dotted = "%s.%s" % (self.module, self.cls)
        return dotted if self.method == "__init__" else "%s.%s" % (dotted, self.method)


ENTRY_POINTS = (
    EntryPoint("smtplib", "SMTP", "starttls", "context", "SMTP", UPGRADE),
    EntryPoint("smtplib", "SMTP_SSL", "__init__", "context", "SMTP", IMPLICIT),
    EntryPoint("smtplib", "LMTP", "starttls", "context", "LMTP", UPGRADE),
    EntryPoint("imaplib", "IMAP4", "starttls", "ssl_context", "IMAP", UPGRADE),
    EntryPoint("imaplib", "IMAP4_SSL", "__init__", "ssl_context", "IMAP", IMPLICIT),
    EntryPoint("poplib", "POP3", "stls", "context", "POP3", UPGRADE),
    EntryPoint("poplib", "POP3_SSL", "__init__", "context", "POP3", IMPLICIT),
    EntryPoint("ftplib", "FTP_TLS", "auth", "context", "FTP", UPGRADE),
    EntryPoint("ftplib", "FTP_TLS", "ntransfercmd", "context", "FTP", DATA),
    EntryPoint("nntplib", "NNTP", "starttls", "context", "NNTP", UPGRADE),
    EntryPoint("nntplib", "NNTP_SSL", "__init__", "ssl_context", "NNTP", IMPLICIT),
    EntryPoint("logging.handlers", "SMTPHandler", "emit", None, "SMTP", UPGRADE, through="smtplib"),
)


class Login:
    """A method that hands over a password in whatever the connection is: `module.cls.method`."""

    __slots__ = ("cls", "method", "module")

    def __init__(self, module: str, cls: str, method: str) -> None:
        self.module = module
        self.cls = cls
        self.method = method


LOGINS = (
    Login("smtplib", "SMTP", "auth"),  # login() calls it
    Login("imaplib", "IMAP4", "login"),
    Login("imaplib", "IMAP4", "authenticate"),
    Login("poplib", "POP3", "user"),
    Login("poplib", "POP3", "pass_"),
    Login("poplib", "POP3", "apop"),
    Login("poplib", "POP3", "rpop"),
    Login("ftplib", "FTP", "login"),
    Login("nntplib", "NNTP", "login"),
)
