import sys

from imapclient import IMAPClient

host, port, user, password = sys.argv[1:]
with IMAPClient(host, int(port)) as client:
    client.login(user, password)
