# expect: SD401 definite | super().__init__(HOST, "a@example.test", [], "", ("user", "password"), ())
"""An emit() that goes on to the one of logging."""

from logging.handlers import SMTPHandler

HOST = ("mail.example.test", 587)


class Once(SMTPHandler):
    def __init__(self):
        super().__init__(HOST, "a@example.test", [], "", ("user", "password"), ())
        self.seen = set()

    def emit(self, record):
        if record.msg not in self.seen:
            self.seen.add(record.msg)
            super().emit(record)


Once()
