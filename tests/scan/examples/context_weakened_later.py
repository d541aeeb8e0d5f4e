# expect: SD201 definite | late = ftplib.FTP_TLS(context=context)
# expect: SD201 definite | attribute.context = ssl.create_default_context()
"""An FTP_TLS uses its context when it logs in, not when it is made."""

import ftplib
import ssl


def push(host, user, password):
    context = ssl.create_default_context()
    late = ftplib.FTP_TLS(context=context)
    late.connect(host)
    context.check_hostname = False
    late.login(user, password)
    attribute = ftplib.FTP_TLS(host)
    attribute.context = ssl.create_default_context()
    attribute.context.check_hostname = False
    attribute.context.verify_mode = ssl.CERT_NONE
    attribute.login(user, password)


def too_late(host, user, password):
    context = ssl.create_default_context()
    good = ftplib.FTP_TLS(host, user, password, context=context)
    context.check_hostname = False
    good.quit()
