# kind: safe
# level: plain
# run: none (a library of others that verifies)

from imapclient import IMAPClient

with IMAPClient("mail.example.test", ssl=False) as client:
    client.starttls()
    client.login("me", "secret")
