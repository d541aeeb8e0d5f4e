# expect: SD101 definite fixable | server.starttls()
import smtplib
from typing import Annotated

from our_project import IMAP4, Depends, get_server


def upgrade(server: Annotated[smtplib.SMTP, Depends(get_server), IMAP4]):
    server.starttls()
