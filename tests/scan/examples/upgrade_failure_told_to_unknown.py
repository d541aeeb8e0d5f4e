# expect: SD303 possible | smtp.starttls(context=context)
# expect: SD303 definite | other.starttls(context=context)
import logging
import smtplib
import ssl

from elsewhere import module

context = ssl.create_default_context()


def send(host):
    smtp = smtplib.SMTP(host)
    try:
        smtp.starttls(context=context)
    except ssl.SSLError as exc:
        module.fail_json(msg=str(exc))  # does not return, which cannot be seen here
    smtp.login("user", "secret")


def tell(host):
    other = smtplib.SMTP(host)
    try:
        other.starttls(context=context)
    except ssl.SSLError as exc:
        logging.error("no TLS: %s", repr(exc))
    other.login("user", "secret")
