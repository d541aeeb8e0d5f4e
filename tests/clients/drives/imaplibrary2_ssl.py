import sys

from ImapLibrary2 import ImapLibrary2

host, port, user, password = sys.argv[1:]
library = ImapLibrary2()
library.open_mailbox(host=host, port=int(port), user=user, password=password)
library.close_mailbox()
