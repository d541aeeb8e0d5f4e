# expect: SD101 possible | unknown.starttls()
import aiosmtplib
from our_project import Server


def upgrade(client: aiosmtplib.SMTP, unknown: Server):
    client.starttls()
    unknown.starttls()
