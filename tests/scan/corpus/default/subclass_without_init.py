# kind: default
# level: inference
# run: pop-tls

import poplib
import sys


class Mailbox(poplib.POP3_SSL):
    """Adds what we need."""

    def sign_in(self, user, password):
        self.user(user)
        self.pass_(password)


box = Mailbox(sys.argv[1], int(sys.argv[2]))  # <- SD101
box.sign_in(sys.argv[3], sys.argv[4])
box.quit()
