"""Files whose path somebody else has chosen, or whose content somebody else may change.

None is waited for, and none is read without an end: to open a pipe waits until somebody writes to it, and to open a
device may do anything; `/dev/zero` has no end.

And here is the one rule for who may change a file that decides who is trusted. Each link, each folder on its way and
the file itself have to belong to root or to this user, and nobody else may write to them; a group of which only these
two are members, as many systems make one for each user, is nobody else. A sticky folder such as
`/tmp` may be writable: others can add to it, but take nothing away and put nothing in its place.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List, NoReturn, Optional, Tuple

#: Bytes of a file with CA certificates; the bundles of systems have less than one megabyte.
LONGEST_CAFILE = 16 << 20
#: of the lists of this machine's users and groups
_LONGEST_LIST = 16 << 20

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_KINDS = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
#: links on the way of a file, as Linux has it
_MOST_LINKS = 40


def absolute(path: str) -> str:
    """The whole path of the same file, from the folder that this process is in.

    `os.path.abspath()` takes away what stands before a `..`, which leads elsewhere where that is a link.
    """
    if os.name != "posix":  # Windows itself takes it away
        return os.path.abspath(path)
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


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
    return _read(path, most, open_file(path))


def read_text(path: str, most: int, encoding: str = "utf-8-sig") -> str:
    """The same as text, with each end of a line as Python reads it.

    Raises:
        OSError: as `read_file()` does.
        UnicodeDecodeError: it is no text.
    """
    return as_text(read_file(path, most), encoding)


def as_text(content: bytes, encoding: str = "utf-8-sig") -> str:
    """The content of a file as text, the same."""
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def read_own(path: str, most: int) -> Tuple[bytes, str]:
    """What is in a file that decides who is trusted, and who else may change that; "" if nobody.

    Raises:
        PermissionError: somebody else may, and this user is root, who has more to lose than others.
        OSError: as `read_file()` does.
    """
    descriptor = open_file(path)
    try:
        problem = who_else(path, descriptor)
        if problem and os.geteuid() == 0:
            _fail("EPERM", "others than root may change it: " + problem, path)
    except BaseException:
        os.close(descriptor)
        raise
    return _read(path, most, descriptor), problem


def who_else(path: str, descriptor: int, *, owners: Optional[Tuple[int, ...]] = None) -> str:
    """Who else may change a file: what is wrong on its way, and what to type; "" if nobody may.

    It is the opened file that is looked at, so nothing can be put in its place between this and the reading.

    Args:
        path: by which it was opened.
        descriptor: of it.
        owners: to whom all of it may belong; None for root and this user.

    Raises:
        OSError: another file is there by now.
    """
    if os.name != "posix":  # Windows has other rules, and its own protection for the files of programs
        return ""
    right = (0, os.geteuid()) if owners is None else owners
    opened, found = os.fstat(descriptor), None
    for step, found in _way(path):
        problem = _wrong(step, found, right)
        if problem:
            return problem
    if found is None or not os.path.samestat(opened, found):
        _fail("EAGAIN", "it was replaced while it was read; try again", path)
    return _wrong(path, opened, right)


def _way(path: str) -> Iterator[Tuple[str, os.stat_result]]:
    """Each folder and each link on the way to a file, and the file: what has to be looked at, as it is now."""
    at, links = "/", 0
    yield at, os.lstat(at)
    left = absolute(path).split("/")[::-1]
    while left:
        name = left.pop()
        if name in ("", "."):
            continue
        if name == "..":
            at = os.path.dirname(at)  # here is no link any more
            continue
        step = os.path.join(at, name)
        status = os.lstat(step)
        yield step, status
        if not stat.S_ISLNK(status.st_mode):
            at = step
            continue
        links += 1
        if links > _MOST_LINKS:
            _fail("ELOOP", "too many links", path)
        target = os.readlink(step)
        at = "/" if target.startswith("/") else at
        left += target.split("/")[::-1]


def _wrong(path: str, status: os.stat_result, owners: Tuple[int, ...]) -> str:
    is_link, mode = stat.S_ISLNK(status.st_mode), stat.S_IMODE(status.st_mode)
    if status.st_uid not in owners and not _is_from_outside(status.st_uid):
        chown = "chown -h root" if is_link else "chown root"
        return "%s belongs to user %d: %s %s" % (path, status.st_uid, chown, quoted(path))
    if is_link or (stat.S_ISDIR(status.st_mode) and mode & stat.S_ISVTX) or not mode & 0o022:
        return ""
    if not mode & 0o002 and any(_is_own_group(path, status.st_gid, owner) for owner in {*owners}):
        return ""
    return "%s can be written to by others (mode %04o): chmod go-w %s" % (path, mode, quoted(path))


def _is_own_group(path: str, group: int, user: int) -> bool:
    """Whether by that group nobody but this user and root may write to a file.

    It has the name of the user and is the one that the user's files are made with. Who else has it is looked up in the
    files of this machine, and nowhere is a list of all users asked for, which may be long. Where there is an access
    control list, the bits of the group are those of all who are in the list.
    """
    try:
        import grp
        import pwd

        own, found = pwd.getpwuid(user), grp.getgrgid(group)
        if own.pw_gid != group or found.gr_name != own.pw_name or group == _number("/proc/sys/kernel/overflowgid"):
            return False
        members = {*found.gr_mem, *_local_members(str(group))}
        return members <= {own.pw_name, "root"} and not _has_list(path)
    except (ImportError, KeyError, IndexError, OSError, ValueError):
        return False


def _local_members(group: str) -> Iterator[str]:
    """Whose first group it is, and who is a member of a group with its number: there may be several."""
    for words in _lines_of("/etc/passwd"):
        if words[3] == group:
            yield words[0]
    for words in _lines_of("/etc/group"):
        if words[2] == group:
            yield from filter(None, words[3].split(","))


def _lines_of(path: str) -> Iterator[List[str]]:
    for line in read_file(path, _LONGEST_LIST).decode("utf-8", "surrogateescape").splitlines():
        words = line.split(":")
        if len(words) > 3 and not line.startswith(("#", "+", "-")):
            yield words


def _has_list(path: str) -> bool:
    """Whether a file has an access control list, as far as this can be known."""
    attributes = getattr(os, "listxattr", None)
    if attributes is None:
        return True
    try:
        return any(name.startswith("system.") and "acl" in name for name in attributes(path, follow_symlinks=False))
    except OSError as exc:
        import errno

        return exc.errno not in (errno.ENOTSUP, errno.EOPNOTSUPP)


def _is_from_outside(owner: int) -> bool:
    """Whether that is nobody's number in the user namespace of a container, but stands for all outside of it.

    The root of the machine is among these, and to whom a file belongs cannot be found out. Whoever has made the
    namespace has put the file there, and has power over all in it.
    """
    overflow = _number("/proc/sys/kernel/overflowuid")
    if owner != overflow:
        return False
    try:
        mapped = [tuple(map(int, line.split())) for line in _kernel("/proc/self/uid_map").splitlines()]
        # where the number is somebody's as well, it counts as his
        return bool(mapped) and not any(first <= owner < first + count for first, _, count in mapped)
    except ValueError:
        return False


def _number(path: str) -> Optional[int]:
    try:
        return int(_kernel(path))
    except ValueError:
        return None


def _kernel(path: str) -> str:
    """What the kernel says in one of its files; "" where it has none."""
    try:
        with open(path, encoding="ascii") as file:
            return file.read(1 << 16)
    except OSError:
        return ""


def why_no_log(path: str) -> str:
    """Why this user cannot append to a log, and what to do; "" if nothing is found.

    There is no mode by which many can write to one file and nobody can forge or remove the lines of others. So it is a
    log for each user that is recommended first.
    """
    remedy = "give each user one (log = ~/securedefaults.jsonl), and `securedefaults report` all of them"
    folder = os.path.dirname(path) or os.curdir
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        if not os.path.isdir(folder):
            return "there is no folder %s" % folder
        return "this user may not make it in %s; %s" % (folder, remedy)
    except OSError:
        return ""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link, and none is followed; give the path that it leads to"
    if not stat.S_ISREG(status.st_mode):
        return "it is no regular file"
    remedy += "; or one to a group whose members trust each other: chgrp GROUP %s; chmod 660 %s"
    text = "it belongs to user %d and has mode %04o; " + remedy
    return text % (status.st_uid, stat.S_IMODE(status.st_mode), quoted(path), quoted(path))


def quoted(path: str) -> str:
    """A path as one word of a shell."""
    import shlex

    return shlex.quote(path)


def _read(path: str, most: int, descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        found = file.read(most + 1)
    if found is None or len(found) > most:  # None: one of the kernel's, which would have to be waited for
        _fail("EFBIG", "it has more than %d bytes, which no such file needs" % most, path)
    return found


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
