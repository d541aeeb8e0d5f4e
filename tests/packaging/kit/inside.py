"""Run a command in another root: `unshare ... python3 inside.py ROOT USER NETWORK CWD COMMAND...`

The namespaces are new, and go with the process: nothing stays mounted or running. Without network there still is the
loopback interface. Standard library of any Python 3, because this one is started from a file.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

ENVIRON = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
PASSED_ON = ("SOURCE_DATE_EPOCH", "DEB_BUILD_OPTIONS", "TZ", "HATCH_METADATA_CLASSIFIERS_NO_VERIFY")

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = fcntl.ioctl(sock, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        (flags,) = struct.unpack("16xh14x", request)
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def main() -> None:
    root, user, network, cwd = sys.argv[1:5]
    command = sys.argv[5:]
    if network == "off":
        loopback_up()
    mount("-t", "proc", "proc", root + "/proc")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root + "/dev/shm")
    if os.environ.get("BIND"):
        mount("--bind", os.environ["BIND"], root + "/target")
    os.chroot(root)
    os.chdir("/")
    environ = dict(ENVIRON, HOME="/root", USER="root", LOGNAME="root")
    environ.update({name: os.environ[name] for name in PASSED_ON if name in os.environ})
    if user != "root":
        import pwd

        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        environ.update(HOME=entry.pw_dir, USER=user, LOGNAME=user)
    os.chdir(cwd)
    os.execvpe(command[0], command, environ)


if __name__ == "__main__":
    main()
