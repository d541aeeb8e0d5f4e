# expect: SD101 definite fixable | state.mail.smtp.starttls()
# expect: SD101 definite fixable | local.connection.starttls()
"""Objects that have nothing but attributes."""

import smtplib
import threading
from types import SimpleNamespace

state = SimpleNamespace(mail=SimpleNamespace(smtp=None))
local = threading.local()


def upgrade():
    local.connection.starttls()


def connect(host):
    state.mail.smtp = smtplib.SMTP(host)
    state.mail.smtp.starttls()
    local.connection = smtplib.SMTP(host)
