# expect: SD101 definite fixable | one.starttls()
# expect: SD101 definite fixable | two.starttls()
from __future__ import annotations

import smtplib
from typing import Union


def upgrade(one: smtplib.SMTP | None, two: Union[str, smtplib.SMTP]):
    one.starttls()
    two.starttls()
