"""What clients and servers of a protocol say up to TLS: a file for each protocol of the table.

A file has

- `GREETING`, `ANSWERS` and `GO_AHEAD`: what a server says; the answers by the first or the second word of a command,
  with `{tag}` for IMAP's, and of which of them TLS begins. The impostor of `doctor` speaks by these.
- `upgrade(talk)`: what a client says up to the server's go-ahead, for `check`.
- `connected(cls, host, port)`: a context manager, an object of the standard library's class that is connected, without
  TLS, and closed at the end. `doctor` calls a method of it that starts TLS.
- where an entry point is used in another way than that, a function of the name that its line in the table gives, and
  `DATA`, if TLS begins on a second connection: the command that opens it.
"""

from __future__ import annotations

import importlib
from typing import Any


def dialogue(protocol: str) -> Any:
    """The file of a protocol.

    Args:
        protocol: as the table of entry points has it, e.g. `"SMTP"`.

    Raises:
        LookupError: there is none.
    """
    name = "%s.%s" % (__name__, protocol.lower())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name != name:
            raise
        path = name.replace(".", "/") + ".py"
        raise LookupError("the protocol %s has no file %s with its dialogue" % (protocol, path)) from None
