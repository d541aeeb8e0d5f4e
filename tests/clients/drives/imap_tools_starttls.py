import sys

from imap_tools import MailBoxStartTls

host, port, user, password = sys.argv[1:]
with MailBoxStartTls(host, int(port)).login(user, password) as mailbox:
    print(len(list(mailbox.fetch())), "messages")
