# expect: nothing
"""Another protocol: not our concern."""

import ssl

from . import smtplib

context = ssl._create_unverified_context()


def wrap(sock):
    smtplib.register(sock)
    return context.wrap_socket(sock)
