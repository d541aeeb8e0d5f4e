# expect: SD101 definite | proto.cls(host, proto.port)
# expect: SD101 definite fixable | pair[1](host)
# expect: SD101 definite | cls("a.example.test", port)
# expect: SD102 definite | smtplib.SMTP_SSL(host, context=made.context)
"""Fields of named tuples, however they are made."""

import collections
import poplib
import smtplib
import ssl
import typing

Proto = collections.namedtuple("Proto", "name cls port")
Pair = typing.NamedTuple("Pair", [("name", str), ("cls", type)])
PROTOS = [Proto("smtps", smtplib.SMTP_SSL, 465), Proto("pop", poplib.POP3, 110)]


class Options(typing.NamedTuple):
    host: str
    context: object = None


def probe(host):
    for proto in PROTOS:
        proto.cls(host, proto.port)
    pair = Pair("pops", poplib.POP3_SSL)
    pair[1](host)
    for _, cls, port in PROTOS:
        cls("a.example.test", port)
    made = Options(host, None)
    smtplib.SMTP_SSL(host, context=made.context)
    host, context = Options(host, ssl.create_default_context())
    smtplib.SMTP_SSL(host, context=context)
