# expect: SD101 definite fixable | after while
# expect: SD101 definite fixable | after for
# expect: SD101 definite fixable | in a loop without an end
# expect: SD101 definite fixable | in an async for
import smtplib
import ssl


def while_none(host):
    smtp = None
    while smtp is None:
        try:
            smtp = smtplib.SMTP(host)
        except OSError:
            continue
    smtp.starttls()  # after while


def for_else(hosts):
    for host in hosts:
        try:
            smtp = smtplib.SMTP(host)
            break
        except OSError:
            continue
    else:
        raise OSError("no host")
    smtp.starttls()  # after for


def forever(host):
    while True:
        smtp = smtplib.SMTP(host)
        smtp.starttls()  # in a loop without an end
        smtp.quit()


async def asynchronously(hosts):
    context = ssl.create_default_context()
    async for host in hosts:
        smtp = smtplib.SMTP(host)
        smtp.starttls(context=context)
        smtp.starttls()  # in an async for
