# expect: SD101 definite fixable | smtp.starttls()
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import smtplib


def upgrade(smtp: smtplib.SMTP) -> None:
    smtp.starttls()
