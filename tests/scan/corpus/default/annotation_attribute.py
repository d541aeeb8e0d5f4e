# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys
from typing import Any, Callable, Optional


class Outbox:
    _smtp: Optional[smtplib.SMTP] = None

    def __init__(self, opener: Callable[[], Any]) -> None:
        self._smtp = opener()

    def flush(self, user: str, password: str) -> None:
        assert self._smtp
        self._smtp.starttls()  # <- SD101
        self._smtp.login(user, password)
        self._smtp.quit()


Outbox(lambda: smtplib.SMTP(sys.argv[1], int(sys.argv[2]))).flush(sys.argv[3], sys.argv[4])
