# kind: default
# level: inference
# run: smtp-starttls

import functools
import smtplib
import sys


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)

    return wrapper


@logged
def send(host, port, *, user, password):
    smtp = smtplib.SMTP(host, port)
    smtp.starttls()  # <- SD101
    smtp.login(user, password)
    smtp.quit()


send(sys.argv[1], int(sys.argv[2]), user=sys.argv[3], password=sys.argv[4])
