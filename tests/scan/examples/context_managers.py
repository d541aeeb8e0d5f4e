# expect: SD101 definite fixable | one.starttls()
# expect: SD101 definite fixable | two.starttls()
# expect: SD101 definite fixable | three.starttls()
# expect: SD101 definite fixable | stack.enter_context(smtplib.SMTP_SSL
import smtplib
from contextlib import ExitStack, closing, contextmanager


@contextmanager
def connection(host):
    smtp = smtplib.SMTP(host)
    try:
        yield smtp
    finally:
        smtp.quit()


with closing(smtplib.SMTP("mail.example.test")) as one:
    one.starttls()
with ExitStack() as stack:
    two = stack.enter_context(smtplib.SMTP("mail.example.test"))
    two.starttls()
    stack.enter_context(smtplib.SMTP_SSL("mail.example.test"))
with connection("mail.example.test") as three:
    three.starttls()
