"""Files whose path somebody else has chosen: none is waited for, and none is read without an end.

To open a pipe waits until somebody writes to it, and to open a device may do anything; `/dev/zero` has no end.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: Bytes of a file with CA certificates; the bundles of systems have less than one megabyte.
LONGEST_CAFILE = 16 << 20

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_KINDS = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def open_file(path: str, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a regular file; `flags` are for `os.open()`.

    Raises:
        OSError: it cannot be opened, or is something else; the text names the file and says what it should be.
    """
    try:
        _check(path, os.stat(path))  # nothing but a file is so much as opened
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    descriptor = os.open(path, flags | _FLAGS, 0o666)
    try:
        _check(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_file(path: str, most: int) -> bytes:
    """What is in a regular file.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        OSError: it cannot be read, is something else, or longer.
    """
    with os.fdopen(open_file(path), "rb") as file:
        found = file.read(most + 1)
    if found is None or len(found) > most:  # None: one of the kernel's, which would have to be waited for
        _fail("EFBIG", "it has more than %d bytes, which no such file needs" % most, path)
    return found


def read_text(path: str, most: int, encoding: str = "utf-8-sig") -> str:
    """The same as text, with each end of a line as Python reads it.

    Raises:
        OSError: as `read_file()` does.
        UnicodeDecodeError: it is no text.
    """
    return read_file(path, most).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _check(path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISDIR(status.st_mode):
        _fail("EISDIR", "Is a directory; give the path of a file", path)
    kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "a device")
    _fail("EINVAL", "it is %s; give the path of a regular file" % kind, path)


def _fail(code: str, text: str, path: str) -> NoReturn:
    import errno

    raise OSError(getattr(errno, code), text, path)
