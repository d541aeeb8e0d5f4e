import sys

from imapclient import IMAPClient

host, port, user, password = sys.argv[1:]
with IMAPClient(host, int(port), ssl=False) as client:
    client.starttls()
    client.login(user, password)
