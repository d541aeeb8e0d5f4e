"""What an imported name stands for."""

from __future__ import annotations

import re
from typing import Iterator, List, Tuple

from ._rules import BASES, CLIENTS, HANDLER_NAME
from ._values import ENUMS, FOREIGN, TUPLES, UNKNOWN, Symbol, Value

#: libraries with methods of the same names that are none of ours
LOOK_ALIKES = frozenset(
    [
        *("aioftp", "aioimaplib", "aiosmtplib", "aiosmtpd", "anyio", "asyncio", "asyncssh", "asynctest", "curio"),
        *("exchangelib", "imapclient", "imaplib2", "ldap", "ldap3", "mock", "OpenSSL", "paramiko", "pymysql", "pysftp"),
        *("bonsai", "slixmpp", "sleekxmpp", "smtpdfix", "smtpd", "trio", "twisted", "unittest", "websockets", "xmpp"),
        *("aioxmpp", "ftputil_mock", "nntp", "psycopg", "psycopg2", "redis", "sievelib", "managesieve", "tornado"),
    ]
)

#: modules that are the standard library's own under another name
_SAME = re.compile(r"^(?:eventlet\.green|gevent|six\.moves|future\.backports)\.(?=(?:%s|ssl)\b)" % "|".join(CLIENTS))
#: `smtplib.ssl` is ssl
_THROUGH = re.compile(r"^(?:%s|urllib\.request|http\.client|urllib3\.util\.ssl_)\.ssl\b" % "|".join(CLIENTS))
#: what a class for one of the protocols has in its name, or in that of its module
_PROTOCOL = re.compile(r"smtp|imap|pop3?(?![a-z])|ftp|nntp|mail", re.IGNORECASE)
#: attributes that are further mocks
OF_MOCKS = frozenset(["return_value", "side_effect", "mock_calls", "call_args"])
_PLAIN = TUPLES | ENUMS | {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
_STAR = {
    **{module: [name.rpartition(".")[2] for name in BASES if name.startswith(module + ".")] for module in CLIENTS},
    "logging.handlers": [HANDLER_NAME.rpartition(".")[2]],
    "ssl": [
        *(
            "SSLContext",
            "create_default_context",
            "CERT_NONE",
            "CERT_OPTIONAL",
            "CERT_REQUIRED",
            "Purpose",
            "VerifyMode",
        ),
        *("PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1"),
        *("PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1_2", "wrap_socket", "SSLError", "SSLCertVerificationError", "OP_NO_SSLv2"),
    ],
    "functools": ["partial"],
    "contextlib": ["closing", "contextmanager", "ExitStack", "suppress"],
}


def symbol(dotted: str) -> Symbol:
    """A dotted name, as the standard library has it."""
    return Symbol(_THROUGH.sub("ssl", _SAME.sub("", dotted)))


def outcome(name: str) -> Value:
    """What calling this comes to, if nothing else is known."""
    parts = name.split(".")
    # a module of somebody else's with the name of one of ours is no other door to ours
    return FOREIGN if parts[0] in LOOK_ALIKES or CLIENTS & set(parts[1:-1]) else UNKNOWN


def is_plain(base: Value) -> bool:
    """Whether a base that is not in this file does nothing with what an object is made with."""
    return isinstance(base, Symbol) and base.name in _PLAIN


def may_be_client(base: Value) -> bool:
    """Whether a class that is not in this file may be derived from a client."""
    if isinstance(base, Symbol):
        return outcome(base.name) == UNKNOWN and bool(_PROTOCOL.search(base.name))
    return base == UNKNOWN


def imported(names: List[Tuple[str, str]]) -> Iterator[Tuple[str, Symbol]]:
    """What `import a.b` and `import a.b as c` bind; names are (dotted, alias or "")."""
    for dotted, alias in names:
        if alias:
            yield alias, symbol(dotted)
        else:
            root = dotted.partition(".")[0]
            yield root, symbol(root)


def imported_from(module: str, level: int, names: List[Tuple[str, str]]) -> Iterator[Tuple[str, Symbol]]:
    """The same for `from module import a as b`."""
    prefix = "." * level + module
    for name, alias in names:
        if name == "*":
            for each in _STAR.get(prefix, ()):
                yield each, symbol("%s.%s" % (prefix, each))
        else:
            yield alias or name, symbol("%s.%s" % (prefix, name))
