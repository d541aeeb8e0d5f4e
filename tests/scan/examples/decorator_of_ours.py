# expect: SD101 definite | server.starttls()  # by a function
# expect: SD101 definite | server.starttls()  # by a method
# expect: SD102 possible | return smtplib.SMTP_SSL(host, context=context)
"""What a decorator of this file passes is what the function gets; a decorator of others changes nothing."""

import functools
import smtplib
import ssl

from retrying import retry


def with_server(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with smtplib.SMTP("mail.example.test") as server:
            return function(server, *args, **kwargs)

    return wrapper


def with_context(function):
    def wrapper(*args):
        return function(*args, context=ssl.create_default_context())

    return functools.update_wrapper(wrapper, function)


def logged(function):
    print(function.__name__)
    return function


@with_server
def welcome(server, user):
    server.starttls()  # by a function
    server.sendmail("we@example.test", [user], "Welcome")


class Mailer:
    @logged
    def unknown(self):
        pass

    @with_context
    def open(self, host, context=None):
        return smtplib.SMTP_SSL(host, context=context)


class Sender:
    def with_own(method):
        def wrapper(self, *args):
            return method(self, smtplib.SMTP("mail.example.test"), *args)

        return wrapper

    @retry
    @with_own
    def send(self, server, text):
        server.starttls()  # by a method
        server.sendmail("we@example.test", [self.user], text)
