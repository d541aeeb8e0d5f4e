# expect: SD101 definite fixable | from another generator
# expect: SD101 definite | in a lambda
# expect: SD102 possible | CHECKED may be set
# expect: SD101 definite fixable | it was awaited
import smtplib
import ssl


def several(hosts):
    for host in hosts:
        yield smtplib.SMTP(host)


def all_of_them(hosts):
    yield from several(hosts)


for smtp in all_of_them(["a", "b"]):
    smtp.starttls()  # from another generator

make = lambda host, *, cls=smtplib.SMTP_SSL: cls(host)  # noqa: E731  # in a lambda
make("mail.example.test")
CHECKED = not False


def f(context=None):
    if CHECKED:
        context = ssl.create_default_context()
    smtplib.SMTP_SSL("mail.example.test", context=context)  # CHECKED may be set


async def awaited(connect):
    smtp = await asynchronous()
    smtp.starttls()  # it was awaited


async def asynchronous():
    return smtplib.SMTP("mail.example.test")
