# expect: SD101 definite fixable | cast("Server", smtplib.SMTP("a.example.test")).starttls()
# expect: SD101 possible | cast(smtplib.SMTP).starttls()
# expect: SD101 possible | cast(*unknown).starttls()
import smtplib
from typing import cast

from our_project import unknown

cast("Server", smtplib.SMTP("a.example.test")).starttls()
cast(smtplib.SMTP).starttls()
cast(*unknown).starttls()
