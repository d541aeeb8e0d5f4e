"""What is looked for: the rules, and where each entry point takes its context.

The entry points themselves are those of `securedefaults.ENTRY_POINTS`; nothing here says again which there are.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

from securedefaults import ENTRY_POINTS

CWE = 295
DEFINITE, POSSIBLE = "definite", "possible"


class Rule(NamedTuple):
    """One thing that is looked for.

    Attributes:
        id: stable; it stands in baselines and in comments that ignore it.
        name: in words, for programs.
        summary: one sentence.
        remedy: what to do.
        cwe: number in the Common Weakness Enumeration.
    """

    id: str
    name: str
    summary: str
    remedy: str
    cwe: int = CWE


_PASS = "pass %s=ssl.create_default_context()"
_RULES = (
    Rule(
        "SD101",
        "context-omitted",
        "No context is passed: neither the certificate nor the host name is verified.",
        "Pass a verifying context: ssl.create_default_context().",
    ),
    Rule(
        "SD102",
        "context-none",
        "None is passed as the context: neither the certificate nor the host name is verified.",
        "Pass a verifying context: ssl.create_default_context().",
    ),
    Rule(
        "SD103",
        "none-as-opt-out",
        "On some paths the context is None, which today means that nobody is verified, and will mean that all are.",
        "Where verification is not wanted, say so with a context of that kind; None is not the way to say it.",
    ),
    Rule(
        "SD201",
        "weak-context",
        "The context that is passed does not verify the server.",
        "Use ssl.create_default_context() as it is; for a private CA, ssl.create_default_context(cafile=...).",
    ),
    Rule(
        "SD202",
        "wrap-without-name",
        "The context is asked for TLS without the name that the certificate has to be for.",
        "Pass server_hostname=, e.g. self.host, to wrap_socket().",
    ),
    Rule(
        "SD301",
        "host-and-port-in-one",
        'In "host:port" the port becomes a part of the name to verify (up to Python 3.14.4), which no certificate has.',
        "Pass the host and the port as two arguments.",
    ),
    Rule(
        "SD302",
        "clear-text-fallback",
        "After TLS has failed, the program connects again without it: whoever disturbs TLS gets to see everything.",
        "Let the error out, or try again with TLS.",
        319,
    ),
    Rule(
        "SD303",
        "upgrade-failure-ignored",
        "A failed upgrade to TLS is ignored, and the connection is used as if nothing had happened.",
        "Let the error out, or close the connection.",
        319,
    ),
    Rule(
        "SD401",
        "smtphandler-secure",
        "SMTPHandler(secure=...) verifies nobody, and takes no context.",
        "Call securedefaults.apply() at the start, or use a subclass whose emit() passes a context to starttls().",
    ),
    Rule(
        "SD402",
        "smtphandler-secure-configuration",
        "A logging configuration with an SMTPHandler and secure: it verifies nobody, and takes no context.",
        "Call securedefaults.apply() at the start, or name a subclass whose emit() passes a context to starttls().",
    ),
)
RULES: Dict[str, Rule] = {rule.id: rule for rule in _RULES}

OMITTED, NONE, OPT_OUT, WEAK, UNNAMED = "SD101", "SD102", "SD103", "SD201", "SD202"
HOST_PORT, CLEAR, IGNORED, HANDLER, HANDLER_DATA = "SD301", "SD302", "SD303", "SD401", "SD402"
#: of these a call has one
CONTEXT_RULES = frozenset([OMITTED, NONE, OPT_OUT, WEAK])


class Signature(NamedTuple):
    """Where a call takes its context.

    Attributes:
        name: of the call, e.g. `"smtplib.SMTP_SSL"` or `"smtplib.SMTP.starttls"`.
        parameter: the keyword.
        position: its index among positional arguments, on the versions that take it so.
        files: indices of keyfile and certfile, up to Python 3.11.
    """

    name: str
    parameter: str
    position: int
    files: Tuple[int, ...]


#: index of the context, and of keyfile and certfile: up to 3.11, later ones take fewer positional arguments
_POSITIONS: Dict[str, Tuple[int, Tuple[int, ...]]] = {
    "smtplib.SMTP.starttls": (2, (0, 1)),
    "smtplib.SMTP_SSL": (7, (3, 4)),
    "smtplib.LMTP.starttls": (2, (0, 1)),
    "imaplib.IMAP4.starttls": (0, ()),
    "imaplib.IMAP4_SSL": (4, (2, 3)),
    "poplib.POP3.stls": (0, ()),
    "poplib.POP3_SSL": (5, (2, 3)),
    "ftplib.FTP_TLS": (6, (4, 5)),
    "nntplib.NNTP.starttls": (0, ()),
    "nntplib.NNTP_SSL": (4, ()),
}
HANDLER_NAME = "logging.handlers.SMTPHandler"


def _signatures() -> Dict[str, Signature]:
    found = {}
    for entry_point in ENTRY_POINTS:
        if entry_point.parameter is None:
            continue
        # FTP_TLS gets its context when it is made, and uses it in auth() and ntransfercmd()
        made = entry_point.module == "ftplib"
        name = "%s.%s" % (entry_point.module, entry_point.cls) if made else entry_point.name
        if name not in _POSITIONS:
            continue  # the table is that of the securedefaults which is installed, and may be newer
        position, files = _POSITIONS[name]
        found[name] = Signature(name, entry_point.parameter, position, files)
    return found


SIGNATURES = _signatures()
#: modules with entry points, but for logging.handlers
CLIENTS = frozenset(entry.module for entry in ENTRY_POINTS if "." not in entry.module)
#: methods that start TLS on a connection
UPGRADES = frozenset(entry.method for entry in ENTRY_POINTS if entry.kind == "upgrade" and entry.parameter) | {"auth"}
#: those whose name alone is a hint
TELLING = frozenset(["starttls", "stls"])

#: the classes of the clients, with the one each is derived from
BASES: Dict[str, Optional[str]] = {
    "smtplib.SMTP": None,
    "smtplib.SMTP_SSL": "smtplib.SMTP",
    "smtplib.LMTP": "smtplib.SMTP",
    "imaplib.IMAP4": None,
    "imaplib.IMAP4_SSL": "imaplib.IMAP4",
    "imaplib.IMAP4_stream": "imaplib.IMAP4",
    "poplib.POP3": None,
    "poplib.POP3_SSL": "poplib.POP3",
    "ftplib.FTP": None,
    "ftplib.FTP_TLS": "ftplib.FTP",
    "nntplib.NNTP": None,
    "nntplib.NNTP_SSL": "nntplib.NNTP",
    HANDLER_NAME: None,
}


def method_signature(cls: str, method: str) -> Optional[Signature]:
    """The signature of `method` on an object of the standard library's class `cls`, if it starts TLS."""
    base: Optional[str] = cls
    while base is not None:
        found = SIGNATURES.get("%s.%s" % (base, method))
        if found is not None:
            return found
        base = BASES.get(base)
    return None


def remedy(rule: str, parameter: Optional[str]) -> str:
    """What to do about a finding; `parameter` is what the call names its context."""
    if rule in (OMITTED, NONE) and parameter:
        return "Pass a verifying context: %s=ssl.create_default_context()." % parameter
    return RULES[rule].remedy
