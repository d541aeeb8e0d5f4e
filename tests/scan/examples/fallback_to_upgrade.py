# expect: nothing
import smtplib
import ssl


def connect(host):
    try:
        smtp = smtplib.SMTP_SSL(host, context=ssl.create_default_context())
    except OSError:
        smtp = smtplib.SMTP(host)
        smtp.starttls(context=ssl.create_default_context())
    try:
        other = smtplib.SMTP_SSL(host, context=ssl.create_default_context())
    except ConnectionRefusedError:
        other = smtplib.SMTP(host)
    return smtp, other
