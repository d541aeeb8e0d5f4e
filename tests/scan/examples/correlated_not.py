# expect: SD103 definite | it is another test
# expect: SD103 definite | mode is another one by now
# expect: SD103 definite | the item is another one by now
# expect: SD103 definite | the options are others by now
# expect: SD103 definite | any other mode
# expect: SD103 definite | set again
# expect: SD102 definite | the wrong way round
# expect: SD103 definite | strings and members do not compare
# expect: SD103 definite | the attribute is another one by now
# expect: SD103 definite | one of them
"""What decides whether there is a context has changed, or is not the same, where it is used."""

import smtplib
import ssl

from somewhere import Mode, ask, options


def another(host, tls, verify):
    context = ssl.create_default_context() if verify else None
    connection = smtplib.SMTP(host)
    if tls:
        connection.starttls(context=context)  # it is another test


def reassigned(host, mode):
    context = None if mode == "plain" else ssl.create_default_context()
    mode = ask(mode)
    if mode == "ssl":
        smtplib.SMTP_SSL(host, context=context)  # mode is another one by now


def item(host, config):
    context = ssl.create_default_context() if config["tls"] else None
    config["tls"] = True
    connection = smtplib.SMTP(host)
    if config["tls"]:
        connection.starttls(context=context)  # the item is another one by now


def whole(host, options):
    context = ssl.create_default_context() if options.tls else None
    options = ask(options)
    connection = smtplib.SMTP(host)
    if options.tls:
        connection.starttls(context=context)  # the options are others by now


def narrower(host, mode):
    context = ssl.create_default_context() if mode == "ssl" else None
    if mode != "plain":
        smtplib.SMTP_SSL(host, context=context)  # any other mode


def context_again(host, tls, verify):
    context = ssl.create_default_context() if tls else None
    if not verify:
        context = None
    if tls:
        smtplib.SMTP_SSL(host, context=context)  # set again


def inverted(host, tls):
    context = None if tls else ssl.create_default_context()
    if tls:
        smtplib.SMTP_SSL(host, context=context)  # the wrong way round


def incomparable(host, mode):
    context = None if mode == Mode.PLAIN else ssl.create_default_context()
    if mode == "ssl":
        smtplib.SMTP_SSL(host, context=context)  # strings and members do not compare


def attribute(host):
    context = ssl.create_default_context() if options.tls else None
    options.tls = True
    if options.tls:
        smtplib.SMTP_SSL(host, context=context)  # the attribute is another one by now


def either(host, tls, trusted):
    context = ssl.create_default_context() if tls and not trusted else None
    if tls:
        smtplib.SMTP_SSL(host, context=context)  # one of them
