# expect: SD302 definite | smtp = smtplib.SMTP(host)
import smtplib
import ssl


def connect(host):
    try:
        smtp = smtplib.SMTP_SSL(host, context=ssl.create_default_context())
    except ssl.SSLError:
        smtp = smtplib.SMTP(host)
    return smtp
