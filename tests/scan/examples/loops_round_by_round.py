# expect: SD101 definite | connection = cls("a.example.test")
"""Loops over what is known: with break, continue, else, and over a dict."""

import imaplib
import smtplib
import ssl


def tuned(**options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    for key in sorted(options, reverse=True):
        setattr(context, key, options[key])
    context.load_default_certs()
    return context


def connect():
    for cls in [smtplib.SMTP, smtplib.SMTP_SSL]:
        if cls is None:
            continue
        try:
            connection = cls("a.example.test")
            break
        except OSError:
            print("another one")
    else:
        connection = None
    context = None
    for mode, made in {"none": None, "tls": ssl.create_default_context()}.items():
        if mode == "none":
            continue
        context = made
    smtplib.SMTP_SSL("b.example.test", context=context)
    for value in {"context": ssl.create_default_context()}.values():
        smtplib.SMTP_SSL("c.example.test", context=value)
    imaplib.IMAP4_SSL("d.example.test", ssl_context=tuned(verify_mode=ssl.CERT_REQUIRED, check_hostname=True))
    return connection
