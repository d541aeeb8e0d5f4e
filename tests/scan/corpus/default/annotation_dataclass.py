# kind: default
# level: inference
# run: pop-stls

import poplib
import sys
from dataclasses import dataclass
from typing import Union


@dataclass
class Job:
    box: Union[poplib.POP3, None]
    user: str
    password: str

    def run(self):
        self.box.stls()  # <- SD101
        self.box.user(self.user)
        self.box.pass_(self.password)
        self.box.quit()


Job(poplib.POP3(sys.argv[1], int(sys.argv[2])), sys.argv[3], sys.argv[4]).run()
