"""Roots of Debian below .cache, made by debootstrap from the archive that this machine uses; root's work."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Iterator, List, Optional

from .base import CACHE, DEBIAN, Environ, Problem, run

INSIDE = Path(__file__).resolve().parent / "inside.py"

#: The suite that is built on: the first with a hatchling that knows PEP 639.
BUILD_SUITE = "trixie"

#: What packages are installed on: the one before as well, with another Python.
SUITES = ("bookworm", "trixie")

#: Who builds; root would not notice what needs root.
BUILDER = "builder"

#: Beside the build dependencies of debian/control.
TOOLS = ("build-essential", "fakeroot", "lintian", "rpm", "python3-build", "python3-installer", "python3-wheel")

PROGRAMS = ("debootstrap", "unshare", "chroot", "tar", "zstd", "mount")


def check_machine() -> None:
    """Raise Problem if roots cannot be made here."""
    if os.name != "posix" or os.geteuid() != 0:
        raise Problem("needs root, to make and enter a root of Debian")
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise Problem("needs these programs, from packages of Debian with such names: " + ", ".join(missing))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Raises Problem if another run is at work: they would share a root to build in."""
    import fcntl

    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem("another run is at work here") from None
        yield


class Root:
    """One of them.

    Args:
        path: where it is.
        suite: of Debian.
    """

    def __init__(self, path: Path, suite: str) -> None:
        self.path = path
        self.suite = suite

    def run(
        self,
        *command: str,
        cwd: str = "/",
        user: str = "root",
        network: bool = False,
        bind: str = "",
        environ: Optional[Environ] = None,
    ) -> str:
        """The output of a command in there, which leaves no process behind.

        Args:
            command: and its arguments.
            cwd: where to start it.
            user: who starts it.
            network: whether it sees more of it than a loopback interface of its own.
            bind: a folder of this machine that it sees as /target.
            environ: in addition, of `inside.PASSED_ON`.
        """
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc"]
        if not network:
            unshare.append("--net")
        where = [str(self.path), user, "on" if network else "off", cwd]
        return run([*unshare, "python3", str(INSIDE), *where, *command], environ={**(environ or {}), "BIND": bind})

    def install(self, *packages: str) -> None:
        """Packages by name, from the archive."""
        self.run("apt-get", "update", "-q", network=True)
        self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages, network=True)

    def put(self, source: Path, folder: str) -> str:
        """Copy a file or tree into a folder there, for everybody; returns its path as seen from there."""
        target = self.path / folder.lstrip("/") / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
        return self.inner(target)

    def inner(self, path: Path) -> str:
        """A path as seen from there."""
        return "/" + str(path.relative_to(self.path))

    def version(self, package: str) -> str:
        """Which one is installed there."""
        return self.run("dpkg-query", "-W", "-f", "${Version}", package).strip()


def archive() -> str:
    """Where apt gets Debian itself on this machine; it may be anywhere, and is written down nowhere."""
    lines = run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"])
    for line in lines.splitlines():
        origin, label, uri = line.split("|", 2)
        if (origin, label) == ("Debian", "Debian"):
            return uri
    raise Problem("apt of this machine knows no archive of Debian; is there an apt-get update to do?")


def base(suite: str) -> Path:
    """A tarball: the smallest Debian with Python and certificates. Made once; remove it to have it anew."""
    tarball = CACHE / "roots" / (suite + ".tar.zst")
    if tarball.exists():
        return tarball
    with scratch() as folder:
        root = folder / "root"
        command = ["debootstrap", "--variant=minbase", "--include=python3,ca-certificates", suite, str(root), archive()]
        run(command)
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")  # starts no service
        (root / "usr/sbin/policy-rc.d").chmod(0o755)
        tarball.parent.mkdir(parents=True, exist_ok=True)
        partial = tarball.with_suffix(".partial")
        run(["tar", "--zstd", "--one-file-system", "-C", str(root), "-cf", str(partial), "."])
        partial.rename(tarball)
    return tarball


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder below .cache that is gone afterwards."""
    work = CACHE / "work"
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        os.chmod(folder, 0o755)  # other users look into it
        yield Path(folder)


@contextlib.contextmanager
def clean(suite: str) -> Iterator[Root]:
    """A root with nothing but the base, gone afterwards."""
    tarball = base(suite)
    with scratch() as folder:
        yield Root(_unpack(tarball, folder / suite), suite)


def _unpack(tarball: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    run(["tar", "--zstd", "-C", str(target), "-xpf", str(tarball)])
    shutil.copyfile("/etc/resolv.conf", target / "etc" / "resolv.conf")
    return target


def build_root() -> Root:
    """A root with the build dependencies, and an empty /build; kept, and made anew when those change."""
    wanted = build_dependencies() + list(TOOLS)
    key = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    root = Root(CACHE / "roots" / ("build-" + BUILD_SUITE), BUILD_SUITE)
    ready = root.path / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != key:
        shutil.rmtree(root.path, ignore_errors=True)
        _unpack(base(BUILD_SUITE), root.path)
        root.install(*wanted)
        root.run("useradd", "--create-home", BUILDER)
        ready.write_text(key, encoding="utf-8")
    shutil.rmtree(root.path / "build", ignore_errors=True)
    (root.path / "build").mkdir()
    give(root, "build")
    return root


def give(root: Root, folder: str) -> None:
    """Have all of it belong to the builder."""
    root.run("chown", "-R", "%s:%s" % (BUILDER, BUILDER), "/" + folder.lstrip("/"))


def build_dependencies() -> List[str]:
    """The names in Build-Depends of debian/control; which versions is for dpkg-buildpackage to check."""
    control = (DEBIAN / "control").read_text(encoding="utf-8")
    field = re.search(r"^Build-Depends:((?:\n .+)+)", control, re.MULTILINE)
    if field is None:
        raise Problem("debian/control has no field Build-Depends")
    names = [re.split(r"[\s(<,]", line.strip())[0] for line in field.group(1).strip().splitlines()]
    return sorted("debhelper" if name == "debhelper-compat" else name for name in names if "dh-sequence" not in name)
