# expect: SD102 definite | imaplib.IMAP4_SSL(**ChainMap({"host": host}, NONE))
"""The first of several dicts counts."""

import imaplib
import ssl
from collections import ChainMap

NONE = {"ssl_context": None}
GOOD = {"ssl_context": ssl.create_default_context()}


def connect(host):
    imaplib.IMAP4_SSL(**ChainMap({"host": host}, NONE))
    imaplib.IMAP4_SSL(**ChainMap({"host": host}, GOOD, NONE))
