# expect: SD101 definite | made(host, 993)
"""The class that takes no TLS is the only one that is called in one of the branches."""

import imaplib


def connect(options, host):
    if options.process:
        made = imaplib.IMAP4_stream
    elif options.ssl:
        made = imaplib.IMAP4_SSL
    else:
        made = imaplib.IMAP4
    if options.process:
        return made(options.process)
    return made(host, 993)
