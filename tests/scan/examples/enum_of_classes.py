# expect: SD101 definite fixable | by its name
# expect: SD101 definite fixable | as an attribute
# expect: SD101 definite | one of them
import enum
import smtplib


class Kind(enum.Enum):
    TLS = smtplib.SMTP_SSL
    PLAIN = smtplib.SMTP


def by_name(host):
    Kind["TLS"].value(host)  # by its name


def by_attribute(host):
    Kind.TLS.value(host)  # as an attribute
    Kind["PLAIN"].value(host)


def unknown(host, name):
    Kind[name].value(host)  # one of them
