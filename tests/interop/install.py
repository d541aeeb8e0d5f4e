#!/usr/bin/env python3
"""Install the real servers that `tests/interop` drives, on Debian 12, as root; start none of them.

    python3 tests/interop/install.py

Dovecot and Postfix are installed, for they need the users and folders that their packages make. The others are only
unpacked into .cache/interop: the FTP servers conflict with each other, so do the MTAs, and inn2's own set-up fails on a
machine without a full domain name. What is there already is not fetched again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

ROOT = Path(__file__).resolve().parent.parent.parent / ".cache" / "interop"
#: where the unpacked packages are
UNPACKED = ROOT / "root"

INSTALLED = ["dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "postfix"]
#: shared libraries of the unpacked ones
LIBRARIES = ["libcap2", "libwrap0", "libhiredis0.14", "libmemcached11", "libmemcachedutil2", "libpcre2-posix3"]
LIBRARIES += ["libacl1", "libsodium23", "libcanlock3", "libidn12", "libgnutls-dane0", "libperl5.36", "libpython3.11"]
LIBRARIES += ["libsasl2-2", "libpam0g", "libcrypt1", "openssl"]
ONLY_UNPACKED = ["vsftpd", "proftpd-core", "proftpd-mod-crypto", "inn2", "inn2-inews", "exim4-daemon-light"]

PROGRAMS = [
    Path("/usr/sbin/dovecot"),
    Path("/usr/lib/dovecot/lmtp"),
    Path("/usr/sbin/postfix"),
    UNPACKED / "usr/sbin/vsftpd",
    UNPACKED / "usr/sbin/proftpd",
    UNPACKED / "usr/lib/proftpd/mod_tls.so",
    UNPACKED / "usr/lib/news/bin/nnrpd",
    UNPACKED / "usr/sbin/exim4",
]
#: users that the unpacked packages would have made, with their home
USERS = {"news": "/var/spool/news", "Debian-exim": "/var/spool/exim4"}

POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> List[str]:
    """What `tests/interop` cannot do without and is not here."""
    lacking = [str(program) for program in PROGRAMS if not program.exists()]
    return lacking + ["user " + user for user in USERS if _run("id", user, check=False).returncode]


def _run(*command: str, check: bool = True, cwd: Path = Path("/"), text: str = "") -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(
        command, check=False, cwd=cwd, env=environment, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    if check and done.returncode:
        sys.exit("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stdout[-2000:]))
    return done


def install() -> None:
    """All of it; packages that start a daemon of their own are kept from it."""
    forbids = not POLICY.exists()
    if forbids:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        _run("apt-get", "update", "-q")
        _run("debconf-set-selections", text="postfix postfix/main_mailer_type select No configuration\n")
        # the libraries of the machine, and so those of its Pythons, stay as they are if they will do
        options = ["-y", "-q", "--no-install-recommends", "--no-upgrade"]
        _run("apt-get", "install", *options, *INSTALLED, *LIBRARIES)
    finally:
        if forbids:
            POLICY.unlink()
    for user, home in USERS.items():
        if _run("id", user, check=False).returncode:
            _run("useradd", "--system", "--no-create-home", "--home", home, "--shell", "/usr/sbin/nologin", user)
    unpack()


def unpack() -> None:
    packages = ROOT / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    shutil.rmtree(UNPACKED, ignore_errors=True)
    packages.mkdir(parents=True)
    packages.chmod(0o777)  # apt fetches as a user of its own
    _run("apt-get", "download", "-q", *ONLY_UNPACKED, cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(UNPACKED))
    shutil.rmtree(packages)


def main() -> int:
    """Returns the exit status."""
    if not missing():
        print("the servers are here")
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print("needs root and apt-get; missing: %s" % ", ".join(missing()), file=sys.stderr)
        return 1
    install()
    if missing():
        print("installed, but there is still no %s" % ", ".join(missing()), file=sys.stderr)
        return 1
    print("installed, and unpacked into %s" % UNPACKED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
