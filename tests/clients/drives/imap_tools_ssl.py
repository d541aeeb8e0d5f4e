import sys

from imap_tools import MailBox

host, port, user, password = sys.argv[1:]
with MailBox(host, int(port)).login(user, password) as mailbox:
    print(len(list(mailbox.fetch())), "messages")
