"""Who may change what is obeyed: the configuration, the CA files of its rules, and what is said of it.

Root obeys nothing that others may change; everybody else does, and it is said once.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List

import pytest

import securedefaults
from native import backport_only
from securedefaults import ConfigurationError, HostRule, _policy, cli
from securedefaults._install import doubts
from securedefaults._observe import events
from securedefaults._policy import config, files
from securedefaults._policy.policy import Policy
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = [
    backport_only("the files are the backport's"),
    pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rules"),
]

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
root_only = pytest.mark.skipif(not ROOT, reason="only root can give files away, and become somebody else")

#: nobody that there is, and somebody else
USER_ID, OTHER_ID = 54321, 54322

EXEMPT = "[host localhost]\nverify = no\n"
ON, OFF = ("[securedefaults]\nmode = %s\n" % mode for mode in ("enforce", "off"))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of ours that everybody may enter, in one where everybody may write: nobody's way is barred."""
    folder = tempfile.mkdtemp(dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _nothing_was_said() -> None:
    doubts._said.clear()
    events._complained.clear()


_is_own_group = files._is_own_group


@pytest.fixture(autouse=True)
def _groups_have_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever group it is that our files have."""
    monkeypatch.setattr(files, "_is_own_group", lambda path, group, user: False)


def who_else(path: Path) -> str:
    descriptor = os.open(str(path), os.O_RDONLY)
    try:
        return files.who_else(str(path), descriptor)
    finally:
        os.close(descriptor)


def written(path: Path, text: str = "", mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


# What is right


def plain(place: Path) -> Path:
    return written(place / "file")


def private(place: Path) -> Path:
    return written(place / "file", mode=0o600)


def in_a_sticky_folder(place: Path) -> Path:
    path = written(place / "sticky" / "file")
    path.parent.chmod(0o1777)
    return path


def links(place: Path) -> Path:
    """As CA files are installed: of a folder, of a file, by whole and by relative paths, one behind the other."""
    written(place / "real" / "deep" / "file")
    (place / "folder").symlink_to(place / "real")
    (place / "real" / "one").symlink_to("../folder/deep/../two")
    (place / "real" / "two").symlink_to(place / "real" / "deep" / "file")
    return place / "folder" / "." / "one"


def a_link_out_of_a_sticky_folder(place: Path) -> Path:
    target = plain(place)
    (place / "sticky").mkdir()
    (place / "sticky").chmod(0o1777)
    (place / "sticky" / "link").symlink_to(target)
    return place / "sticky" / "link"


@pytest.mark.parametrize("make", [plain, private, in_a_sticky_folder, links, a_link_out_of_a_sticky_folder])
def test_what_nobody_else_may_change(make: Callable[[Path], Path], place: Path) -> None:
    assert who_else(make(place)) == ""


def test_a_relative_path(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(place)
    (place / "below").mkdir()
    monkeypatch.chdir(place / "below")
    assert who_else(Path("../file")) == ""
    place.chmod(0o777)
    assert who_else(Path("../file")).startswith("%s can be written to by others" % place)


# What is wrong: how it is made, and what is said


def by_mode(mode: int, *names: str) -> Callable[[Path], str]:
    def make(place: Path) -> str:
        written(place / "a" / "b" / "file", EXEMPT)
        path = place.joinpath(*names)
        path.chmod(mode)
        return "%s can be written to by others (mode %04o): chmod go-w %s" % (path, mode, path)

    return make


def by_owner(*names: str, mode: int = 0) -> Callable[[Path], str]:
    def make(place: Path) -> str:
        written(place / "a" / "b" / "file", EXEMPT)
        path = place.joinpath(*names)
        os.chown(path, OTHER_ID, -1)
        if mode:
            path.chmod(mode)
        return "%s belongs to user %d: chown root %s" % (path, OTHER_ID, path)

    return make


def by_a_link(place: Path) -> str:
    """In a folder where everybody may put one; and where it leads to is right."""
    target = written(place / "real", EXEMPT)
    link = place / "a" / "b" / "file"
    link.parent.mkdir(parents=True)
    link.parent.chmod(0o1777)
    link.symlink_to(target)
    os.chown(link, OTHER_ID, -1, follow_symlinks=False)
    return "%s belongs to user %d: chown -h root %s" % (link, OTHER_ID, link)


def by_the_folder_of_a_link(place: Path) -> str:
    """Where it leads to is right, but others may have it lead elsewhere."""
    target = written(place / "real", EXEMPT)
    link = place / "a" / "b" / "file"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    link.parent.chmod(0o777)
    return "%s can be written to by others (mode 0777): chmod go-w %s" % (link.parent, link.parent)


def by_the_target_of_a_link(place: Path) -> str:
    target = written(place / "open" / "real", EXEMPT)
    target.parent.chmod(0o775)
    link = place / "a" / "b" / "file"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../open/real")
    return "%s can be written to by others (mode 0775): chmod go-w %s" % (target.parent, target.parent)


def by_a_name_with_spaces(place: Path) -> str:
    target = written(place / "a b; rm" / "real", EXEMPT, 0o666)
    link = place / "a" / "b" / "file"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    return "%s can be written to by others (mode 0666): chmod go-w '%s'" % (target, target)


WRONG: Dict[str, Callable[[Path], str]] = {
    "the file: group": by_mode(0o664, "a", "b", "file"),
    "the file: others": by_mode(0o646, "a", "b", "file"),
    "the file: sticky": by_mode(0o1666, "a", "b", "file"),
    "its folder: group": by_mode(0o775, "a", "b"),
    "its folder: others": by_mode(0o757, "a", "b"),
    "the folder above": by_mode(0o777, "a"),
    "the folder of a link": by_the_folder_of_a_link,
    "the target of a link": by_the_target_of_a_link,
    "a name with spaces": by_a_name_with_spaces,
}
FOREIGN: Dict[str, Callable[[Path], str]] = {
    "the file": by_owner("a", "b", "file"),
    "the file, unwritable": by_owner("a", "b", "file", mode=0o444),
    "its folder": by_owner("a", "b"),
    "its folder, sticky": by_owner("a", "b", mode=0o1777),
    "the folder above": by_owner("a"),
    "a link": by_a_link,
}
ALL = {**{"mode of " + name: make for name, make in WRONG.items()}, **{"owner of " + n: m for n, m in FOREIGN.items()}}
cases = pytest.mark.parametrize(
    "make", [pytest.param(make, marks=root_only if name[:5] == "owner" else [], id=name) for name, make in ALL.items()]
)


@cases
def test_what_others_may_change_is_named_with_what_to_type(make: Callable[[Path], str], place: Path) -> None:
    said = make(place)
    assert who_else(place / "a" / "b" / "file") == said


def test_what_is_typed_mends_it(place: Path) -> None:
    """One after the other, until nothing is wrong."""
    written(place / "a b" / "file", mode=0o666)
    (place / "a b").chmod(0o777)
    for _ in range(2):
        problem = who_else(place / "a b" / "file")
        subprocess.run(problem.partition("): ")[2], shell=True, check=True, timeout=60)
    assert who_else(place / "a b" / "file") == ""


def test_what_is_replaced_meanwhile_is_not_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at is what was opened, not what has its name by now."""
    path = written(place / "file", EXEMPT)
    way = files._way

    def late(name: str) -> Any:
        path.rename(place / "old")
        written(path, "")
        return way(name)

    monkeypatch.setattr(files, "_way", late)
    with pytest.raises(OSError, match="it was replaced while it was read; try again"):
        files.read_own(str(path), 100)


def test_links_in_a_circle(place: Path) -> None:
    (place / "link").symlink_to("link")
    with pytest.raises(OSError, match="links"):
        list(files._way(str(place / "link")))


# The group of one user

GROUP = 54323


class Accounts:
    """Users and groups, as the system knows them and as its files have them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user, self.group, self.members, self.first = "me", "me", [], GROUP  # type: str, str, List[str], int
        self.passwd, self.groups = "root:x:0:0::/:/bin/sh\n", "root:x:0:\nme:x:%d:\n" % GROUP
        self.list: List[str] = ["user.comment"]
        grp, pwd = pytest.importorskip("grp"), pytest.importorskip("pwd")
        read = files.read_file
        monkeypatch.setattr(files, "_is_own_group", _is_own_group)
        monkeypatch.setattr(pwd, "getpwuid", self.user_of)
        monkeypatch.setattr(grp, "getgrgid", self.group_of)
        monkeypatch.setattr(pwd, "getpwall", None)
        monkeypatch.setattr(grp, "getgrall", None)
        monkeypatch.setattr(os, "listxattr", lambda path, follow_symlinks: self.list, raising=False)
        monkeypatch.setattr(files, "read_file", lambda path, most: self.file(path) or read(path, most))

    def user_of(self, number: int) -> Any:
        if number != USER_ID:
            raise KeyError(number)
        return SimpleNamespace(pw_name=self.user, pw_gid=self.first)

    def group_of(self, number: int) -> Any:
        if number != GROUP:
            raise KeyError(number)
        return SimpleNamespace(gr_name=self.group, gr_mem=self.members)

    def file(self, path: str) -> bytes:
        return {"/etc/passwd": self.passwd, "/etc/group": self.groups}.get(path, "").encode()


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(monkeypatch)


def wrong(path: Path, mode: int, *owners: int, group: int = GROUP, owner: int = USER_ID) -> str:
    path.chmod(mode)
    status = list(os.stat(str(path)))
    status[stat.ST_UID], status[stat.ST_GID] = owner, group
    return files._wrong(str(path), os.stat_result(status), owners or (0, USER_ID))


@pytest.mark.parametrize("members", [[], ["me"], ["root", "me"]])
def test_a_group_of_one_user_is_nobody_else(members: List[str], accounts: Accounts, place: Path) -> None:
    """As with umask 002."""
    accounts.members = members
    accounts.passwd += "me:x:%d:%d::/:/bin/sh\nyou:x:5:5::/:/bin/sh\n# a comment\n+::::::\n\n" % (USER_ID, GROUP)
    accounts.groups += "me-too:x:%d:%s\n" % (GROUP, ",".join(members))
    path = written(place / "a" / "file")
    assert wrong(path, 0o664) == ""
    assert wrong(path, 0o664, owner=0) == ""
    assert wrong(path.parent, 0o775) == ""
    assert wrong(path.parent, 0o2775) == ""


SHARED: Dict[str, Dict[str, Any]] = {
    "it has another member": {"members": ["you"]},
    "it has another member, too": {"members": ["me", "you"]},
    "it is another's first group": {"passwd": "you:x:5:%d::/:/bin/sh\n" % GROUP},
    "a second one of that number has another member": {"groups": "me:x:%d:\nus:x:%d:me,you\n" % (GROUP, GROUP)},
    "it is not the user's first": {"first": 100},
    "it has another name": {"group": "users"},
    "there is an access control list": {"list": ["system.posix_acl_access"]},
    "there is one of a network": {"list": ["system.nfs4_acl"]},
}


@pytest.mark.parametrize("case", SHARED)
def test_a_group_of_several_is_somebody_else(case: str, accounts: Accounts, place: Path) -> None:
    vars(accounts).update(SHARED[case])
    assert "can be written to by others (mode 0664)" in wrong(written(place / "file"), 0o664)


def test_a_group_of_one_user_is_somebody_else_to_others(accounts: Accounts, place: Path) -> None:
    """To root; and the group of nobody that is known; and where all others may write as well."""
    path = written(place / "file")
    said = "can be written to by others (mode 0664)"
    assert said in wrong(path, 0o664, 0, owner=0)
    assert said in wrong(path, 0o664, group=GROUP + 1)
    assert "(mode 0666)" in wrong(path, 0o666)
    assert "(mode 0646)" in wrong(path, 0o646)


@pytest.mark.parametrize("error", [OSError(5, "no answer"), ValueError("what"), ImportError("no grp"), KeyError(1)])
@pytest.mark.parametrize("module", ["grp.getgrgid", "pwd.getpwuid"])
def test_a_group_that_cannot_be_looked_up_is_somebody_else(
    module: str, error: Exception, accounts: Accounts, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(number: int) -> Any:
        raise error

    monkeypatch.setattr(module, fails)
    assert "can be written to by others" in wrong(written(place / "file"), 0o664)


def test_no_group_is_looked_up_where_none_may_write(
    accounts: Accounts, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That may take long."""
    monkeypatch.setattr(files, "_is_own_group", None)
    assert wrong(written(place / "file"), 0o644) == ""
    assert "(mode 0666)" in wrong(place / "file", 0o666)


@root_only
def test_roots_own_group_is_nobody_else(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it is, on this machine."""
    import grp

    monkeypatch.setattr(files, "_is_own_group", _is_own_group)
    in_passwd = [line.split(":") for line in Path("/etc/passwd").read_text().splitlines()]
    others = {*grp.getgrgid(0).gr_mem, *(words[0] for words in in_passwd if words[3] == "0")} - {"root"}
    path = written(place / "file", mode=0o664)
    os.chown(str(path), 0, 0)
    assert (who_else(path) == "") == (not others)
    os.chown(str(path), 0, GROUP)
    assert "can be written to by others" in who_else(path)


# Users of elsewhere


@pytest.mark.parametrize(
    ("mapped", "owner", "right"),
    [
        ("         0          0 4294967295\n", 65534, False),  # no namespace: it is nobody
        ("         0       1000          1\n", 65534, True),
        ("      1000       1000          1\n", 65534, True),
        ("         0       1000          1\n", 65533, False),
        ("         0       1000          1\n         1     100000      65536\n", 65534, False),  # somebody's in there
        ("", 65534, False),
        ("not a number", 65534, False),
    ],
)
def test_nobody_in_a_container(
    mapped: str, owner: int, right: bool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = {"/proc/sys/kernel/overflowuid": "65534\n", "/proc/self/uid_map": mapped}
    monkeypatch.setattr(files, "_kernel", kernel.__getitem__)
    path = plain(place)
    status = list(os.stat(str(path)))
    status[stat.ST_UID] = owner
    said = files._wrong(str(path), os.stat_result(status), (0, 1000))
    assert said == ("" if right else "%s belongs to user %d: chown root %s" % (path, owner, path))


# What comes of it, for root and for others


@pytest.fixture(params=["root", "somebody"])
def user(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who we are in this process: the one that we are, or, for the other, what we are told that we are."""
    is_root: bool = request.param == "root"
    if is_root != ROOT:
        mine = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: 0 if is_root else USER_ID)
        if is_root:
            wrong = files._wrong
            # what is ours is root's
            monkeypatch.setattr(files, "_wrong", lambda path, status, owners: wrong(path, status, (*owners, mine)))
    return str(request.param)


@cases
def test_as_the_configuration(
    make: Callable[[Path], str],
    user: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said, path = make(place), place / "a" / "b" / "file"
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(path))
    if user == "root":
        with pytest.raises(ConfigurationError) as caught:
            securedefaults.apply()
        assert said in str(caught.value)
        assert str(path) in str(caught.value)
        assert _policy.in_force is None
    else:
        for _ in range(3):
            securedefaults.apply()
        assert [rule.exempt for rule in _policy.in_force.rules] == [True]  # type: ignore[union-attr]
        (record,) = caplog.records
        assert said in record.getMessage()
        assert str(path) in record.getMessage()
    status = cli.main(["config", "check"])
    out, err = capsys.readouterr()
    assert status == (2 if user == "root" else 1)
    assert said in (err if user == "root" else out)


@cases
def test_as_a_ca_file(
    make: Callable[[Path], str], user: str, place: Path, certs: Certificates, capsys: pytest.CaptureFixture[str]
) -> None:
    said, path = make(place), place / "a" / "b" / "file"
    mode = os.stat(str(path)).st_mode
    path.write_bytes(certs.unknown.pem)
    path.chmod(mode & 0o7777)
    file = written(place / "right.cfg", "[host a]\ncafile = %s\n" % path)
    if user == "root":
        with pytest.raises(PermissionError) as refused:
            HostRule("a", cafile=path)
        assert said in str(refused.value).replace('\\"', '"').replace("\\'", "'")
        with pytest.raises(ConfigurationError, match=r"right\.cfg:2: \[host a\] cafile") as caught:
            config.read(str(file))
        assert said in str(caught.value)
    else:
        rule = HostRule("a", cafile=path)
        assert Policy(rules=[rule]).doubts == (rule.doubt,)
        assert rule.doubt == "others may change the CA file %s: %s" % (path, said)
    status = cli.main(["config", "check", str(file)])
    out, err = capsys.readouterr()
    assert status == (2 if user == "root" else 1)
    assert said in (err if user == "root" else out)


def test_the_machines_file_is_roots(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its owner may think that it counts for all."""
    path = written(place / "machine.cfg")
    monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(path))
    if ROOT:
        assert cli.main(["config", "check"]) == 0
        os.chown(str(path), USER_ID, -1)
        monkeypatch.setattr(os, "geteuid", lambda: USER_ID)
    assert cli.main(["config", "check"]) == 1
    assert "programs of root refuse it, for others may change it" in capsys.readouterr().out


# In processes of their own

PACKAGE = str(Path(securedefaults.__file__).parent.parent)
AUTOLOAD = str(Path(__file__).resolve().parents[2] / "backport" / "autoload")

PROGRAM = """
import os, sys
sys.path[:0] = [%r, %r]
if %r and os.geteuid() == 0:
    os.setgroups([]); os.setgid(%s); os.setuid(%s)
if "autoload" in sys.argv:
    import securedefaults_autoload; securedefaults_autoload.start()
else:
    import securedefaults
    for _ in range(3): securedefaults.apply()
import smtplib
for _ in range(2 if "twice" in sys.argv else 1):
    smtplib.SMTP_SSL("localhost", int(sys.argv[1])).login(sys.argv[2], sys.argv[3])
"""


def login(
    server: Server, way: str, file: Path, user: Any, *flags: str, executable: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    source = PROGRAM % (PACKAGE, AUTOLOAD, user, user, user)
    words = [executable, *flags, "-c", source, str(server.port), USER, SECRET, way]
    environ = {**os.environ, "SECUREDEFAULTS_CONFIG": str(file)}
    del environ["SSL_CERT_FILE"], environ["SSL_CERT_DIR"]  # which only we may read
    return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False, cwd="/")


def as_user() -> List[Any]:
    """With our own rights, and, if we are root, with those of somebody else."""
    return [pytest.param(None, id="as we are"), pytest.param(USER_ID, id="as somebody", marks=root_only)]


def executable_of(user: Any) -> str:
    """A Python that this user can start: this one, if it is not in somebody's home."""
    source = "import os; os.setgroups([]); os.setgid(%s); os.setuid(%s); import json, ssl; open(%r)"
    for executable in (sys.executable, "/usr/bin/python3"):
        line = [executable, "-c", source % (user, user, securedefaults.__file__)]
        if user is None or subprocess.run(line, capture_output=True, check=False, timeout=60).returncode == 0:
            return executable
    pytest.skip("nobody else can start Python here")


@pytest.mark.parametrize("flags", [(), ("-W", "error")], ids=["", "-W error"])
@pytest.mark.parametrize("way", ["apply", "autoload"])
@pytest.mark.parametrize("user", as_user())
@pytest.mark.parametrize("mode", [0o644, 0o666])
@pytest.mark.parametrize("text", [ON + EXEMPT, OFF], ids=["a rule", "off"])
def test_what_the_server_sees(
    text: str, mode: int, user: Any, way: str, flags: Any, place: Path, certs: Certificates
) -> None:
    """A file that exempts the server, or all: root refuses it, and sends nothing; others obey it, and are told."""
    executable = executable_of(user)
    file = written(place / "file", text, mode)
    if flags and way == "apply" and text == OFF:
        pytest.skip("a bare apply() that is switched off gives a warning anyhow")
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        result = login(server, way, file, user, *flags, executable=executable)
    refused = mode == 0o666 and user is None and ROOT
    assert bool(server.credentials()) == (not refused), result.stderr
    assert (result.returncode != 0) == refused
    lines = [line for line in result.stderr.splitlines() if "chmod go-w %s" % file in line]
    assert len(lines) == (2 if refused and way == "apply" else 1 if mode == 0o666 else 0)  # the error, and its cause
    if refused and way == "autoload":
        assert "enforcing without any configuration" in result.stderr


@pytest.mark.parametrize("way", ["apply", "autoload"])
def test_a_relative_path_is_obeyed_by_nobody(way: str, certs: Certificates) -> None:
    """From `/`, where the file is found by it."""
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(EXEMPT)
        file.flush()
        with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
            result = login(server, way, Path(file.name[1:]), None)
    assert not server.credentials()
    assert result.returncode != 0
    said = "SECUREDEFAULTS_CONFIG=%s is a relative path, which leads elsewhere in each folder: give the whole one"
    assert said % file.name[1:] in result.stderr


WORKERS = """
import multiprocessing, sys
import securedefaults

if sys.argv[1] == "everywhere":
    securedefaults.apply()

def work(number):
    return securedefaults.status().mode

if __name__ == "__main__":
    securedefaults.apply()
    with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
        print(pool.map(work, range(4), 1))
"""


@pytest.mark.parametrize("where", ["everywhere", "in the program"])
@pytest.mark.parametrize("start", ["spawn", "forkserver", "fork"])
def test_worker_processes_do_not_say_it_again(start: str, where: str, place: Path) -> None:
    program = written(place / "program.py", WORKERS)
    file = written(place / "file", ON, 0o666)
    user = USER_ID if ROOT else None
    source = "import os, sys, runpy\nif %r: os.setgroups([]); os.setgid(%r); os.setuid(%r)\n" % (user, user, user)
    source += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    words = [executable_of(user), "-c", source, str(program), where, start]
    environ = {**os.environ, "SECUREDEFAULTS_CONFIG": str(file), "PYTHONPATH": PACKAGE, "TMPDIR": "/tmp"}
    result = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert result.stdout == "%r\n" % (["enforce"] * 4), result.stderr
    # The fork server executes the main module before it is handed anything, in the versions that have it do so.
    most = 2 if (start, where) == ("forkserver", "everywhere") else 1
    assert 1 <= result.stderr.count("chmod go-w") <= most, result.stderr


def test_a_relative_path_where_the_package_is_missing(place: Path) -> None:
    """`mode = off` in it does not silence what is to be said."""
    written(place / "off.cfg", "[securedefaults]\nmode = off\n")
    source = "import sys; sys.path.insert(0, %r); sys.modules['securedefaults'] = None\n" % AUTOLOAD
    source += "import securedefaults_autoload; securedefaults_autoload.start()"
    for name, said in (("off.cfg", True), (str(place / "off.cfg"), False)):
        environ = {**os.environ, "SECUREDEFAULTS_CONFIG": name}
        line = [sys.executable, "-c", source]
        result = subprocess.run(
            line, env=environ, capture_output=True, text=True, timeout=60, check=True, cwd=str(place)
        )
        assert ("NOT verified" in result.stderr) == said


# A log for several users


@root_only
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("a private one", "it belongs to user 0 and has mode 0600; give each user one (log = ~/securedefaults.jsonl)"),
        ("none", "this user may not make it in {folder}; give each user one (log = ~/securedefaults.jsonl)"),
        ("no folder", "there is no folder {folder}"),
        ("a link", "it is a link, and none is followed"),
        ("an open one", None),
    ],
)
@pytest.mark.parametrize("flags", [(), ("-W", "error")], ids=["", "-W error"])
def test_the_log_of_somebody_else(made: str, said: Any, flags: Any, place: Path, certs: Certificates) -> None:
    """The program goes on, and one line says what is not written and what to do, also where no logging is set up."""
    executable, path = executable_of(USER_ID), place / "logs" / "seen.jsonl"
    if made != "no folder":
        path.parent.mkdir(mode=0o755)
    if made in ("a private one", "an open one"):
        written(path, mode=0o600 if made == "a private one" else 0o666)
    elif made == "a link":
        path.symlink_to(written(place / "elsewhere", mode=0o666))
    file = written(place / "file", "[securedefaults]\nlog = %s\n%s" % (path, EXEMPT))
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        result = login(server, "twice", file, USER_ID, *flags, executable=executable)
    assert result.returncode == 0, result.stderr
    assert server.credentials()
    found = [line for line in result.stderr.splitlines() if "cannot write to the log" in line]
    if said is None:
        assert found == []
        assert len(path.read_text().splitlines()) == 2
        return
    (line,) = found
    assert line.startswith("securedefaults cannot write to the log %s: " % path)
    assert said.format(folder=path.parent) in line


def shared(place: Path, log: str) -> Path:
    """A configuration that programs of all users may read."""
    return written(place / "machine.cfg", "[securedefaults]\nlog = %s\n" % log)


@pytest.mark.parametrize("machine", [True, pytest.param(False, marks=root_only)], ids=["the machine's", "another"])
@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (None, "the program that writes first makes {log}, and others cannot write to it; give each user one"),
        (0o600, "only one user may write to {log} (mode 0600); give each user one (log = ~/securedefaults.jsonl)"),
        (0o644, "only one user may write to {log} (mode 0644); give each user one"),
        (0o660, None),
        (0o622, None),
    ],
)
def test_check_foresees_a_log_that_others_cannot_write(
    mode: Any,
    said: Any,
    machine: bool,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = place / "seen.jsonl"
    if mode is not None:
        written(log, mode=mode)
    path = shared(place, str(log))
    if machine:
        monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(path))
    cli.main(["config", "check", str(path)])
    out = capsys.readouterr().out
    assert ("log: " in out.partition("\n\n")[2]) == (said is not None)
    assert (said or "").format(log=log) in out


def test_check_says_nothing_of_a_log_for_each_user(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared(place, "~/seen.jsonl")
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(path))
    cli.main(["config", "check", str(path)])
    assert "log: " not in capsys.readouterr().out.partition("\n\n")[2]


def test_check_says_nothing_of_a_log_of_ones_own(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody else can read this configuration."""
    path = shared(place, "seen.jsonl")
    place.chmod(0o700)
    assert cli.main(["config", "check", str(path)]) == 0
