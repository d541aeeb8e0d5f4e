# expect: SD101 definite fixable | import_string("smtplib.SMTP_SSL")("a.example.test")
# expect: SD101 definite fixable | pydoc.locate("imaplib.IMAP4_SSL")("b.example.test")
# expect: SD101 definite fixable | importlib.import_module(name="poplib").POP3_SSL("d.example.test")
import importlib
import pydoc

from django.utils.module_loading import import_string

from our_project import settings

import_string("smtplib.SMTP_SSL")("a.example.test")
pydoc.locate("imaplib.IMAP4_SSL")("b.example.test")
import_string(settings.MAILER)("c.example.test")
importlib.import_module(name="poplib").POP3_SSL("d.example.test")
importlib.import_module(settings.MODULE).connect("e.example.test")
