# expect: SD101 definite fixable | each.starttls()
# expect: SD101 definite fixable | server.starttls()
"""Objects that are gone through."""

import smtplib


class Pool:
    def __init__(self, hosts):
        self.hosts = hosts

    def __iter__(self):
        for host in self.hosts:
            yield smtplib.SMTP(host)


class Pushed:
    def __init__(self, hosts):
        self.hosts = hosts

    def __iter__(self):
        return self

    def __next__(self):
        return smtplib.SMTP(self.hosts.pop())


def upgrade(hosts):
    for each in Pool(hosts):
        each.starttls()
    for server in Pushed(hosts):
        server.starttls()
