"""A file gets another content at once: whoever reads it, and whatever happens, it is the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import Optional

from .._policy.files import absolute, quoted, read_own, who_else

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
#: of a file that is new, everybody may read it, as far as the umask allows that; of one that takes another's place,
#: nobody else until it has the permissions of that
_NEW, _OWN = 0o644, 0o600


#: by that other name one would go on to read the old content
_LINKED = (
    "%s has another name as well (it is a hard link), where nothing would change; part the two: cp -p %s %s; mv %s %s"
)


class Refused(Exception):
    """Why the file is not written; it is as it was."""


def read_for_change(path: str, most: int) -> Optional[bytes]:
    """What is in the file; None if there is none.

    Raises:
        Refused: it is none that is to be changed; the text says what to do.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        problem = who_may_make(path)
        if problem and os.geteuid() == 0:
            # it could not be read, and nor could programs of root
            raise Refused("%s would be a file that others than root may change: %s" % (path, problem)) from None
        return None
    except OSError as exc:
        raise Refused("%s cannot be read: %s" % (path, exc.strerror)) from exc
    if stat.S_ISLNK(status.st_mode):
        target = os.path.realpath(path)
        raise Refused("%s is a symbolic link, and none is followed here; name the file itself: %s" % (path, target))
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        raise Refused(_LINKED % (path, quoted(path), quoted(path + ".new"), quoted(path + ".new"), quoted(path)))
    try:
        content, _ = read_own(path, most)  # root is told here if others may change it
    except OSError as exc:
        raise Refused("%s cannot be read: %s" % (path, exc.strerror)) from exc
    return content


def who_may_make(path: str) -> str:
    """Who else may put something in the place of a file that is not there yet, and what to do; empty if nobody."""
    if os.name != "posix":  # as in `who_else()`
        return ""
    folder = os.path.dirname(absolute(path))
    try:
        descriptor = os.open(folder, os.O_RDONLY | _FLAGS & ~getattr(os, "O_NOFOLLOW", 0))
        try:
            return who_else(folder, descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise Refused("%s cannot be read: %s" % (folder, exc.strerror)) from exc


def replace(path: str, old: Optional[bytes], new: bytes, most: int) -> None:
    """Put the new content in the place of the old one; permissions and owner stay.

    Args:
        path: of the file.
        old: what was read; None if there was no file.
        new: what it is to contain.
        most: bytes that it may have.

    Raises:
        Refused: it cannot be done, or the file has changed since it was read. It is as it was.
    """
    folder, name = os.path.split(absolute(path))
    # In the same folder, for only there it can be put into its place at once; and by a name that nobody knows.
    beside = os.path.join(folder, ".%s.%s.new" % (name, os.urandom(8).hex()))
    try:
        try:
            _write(beside, new, _NEW if old is None else _OWN)
            _take_over(path, beside, old)
            if read_for_change(path, most) != old:
                raise Refused("%s was changed by somebody else meanwhile; begin again" % path)
            os.replace(beside, path)
        finally:
            with contextlib.suppress(OSError):  # after the replacement it is there no more
                os.unlink(beside)
        _sync_folder(folder)
    except OSError as exc:
        raise Refused("%s cannot be written: %s" % (path, exc.strerror or exc)) from exc


def _write(path: str, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _take_over(path: str, beside: str, old: Optional[bytes]) -> None:
    """Owner, permissions and attributes of the file that is replaced."""
    if old is None:
        return
    before, after = os.lstat(path), os.lstat(beside)
    if (before.st_uid, before.st_gid) != (after.st_uid, after.st_gid):
        try:
            os.chown(beside, before.st_uid, before.st_gid)
        except OSError as exc:
            text = "%s belongs to user %d and group %d, and would not any more; run this as that user"
            raise Refused(text % (path, before.st_uid, before.st_gid)) from exc
    shutil.copystat(path, beside, follow_symlinks=False)
    os.utime(beside)  # it is new


def _sync_folder(folder: str) -> None:
    """The new name is to outlast a loss of power; where folders cannot be opened, that is the system's business."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
