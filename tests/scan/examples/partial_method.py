# expect: SD102 definite | return self.starttls(context=context)
"""partialmethod() gets the object first."""

import functools
import smtplib
import ssl


class Probe(smtplib.SMTP):
    def _secure(self, context):
        return self.starttls(context=context)

    secure_strict = functools.partialmethod(_secure, ssl.create_default_context())
    secure_lax = functools.partialmethod(_secure, None)


def probe(host):
    with Probe(host) as server:
        return server.secure_strict() if host else server.secure_lax()
