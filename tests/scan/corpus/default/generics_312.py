# kind: default
# level: plain
# run: none (syntax of 3.12)
# python: 3.12

import smtplib
import sys

type Address = tuple[str, int]


class Pool[T]:
    def __init__(self, address: Address) -> None:
        self.address = address

    def first[S](self, default: S) -> S | smtplib.SMTP_SSL:
        return smtplib.SMTP_SSL(*self.address) or default  # <- SD101


server = Pool[smtplib.SMTP_SSL]((sys.argv[1], int(sys.argv[2]))).first(None)
server.login(sys.argv[3], f"{"".join(sys.argv[4:])}")
server.quit()
