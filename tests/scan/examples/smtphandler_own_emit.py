# expect: nothing
import logging.handlers


class Verifying(logging.handlers.SMTPHandler):
    def emit(self, record):
        pass


Verifying("mail.example.test", "a", ["b"], "subject", ("user", "secret"), ())
