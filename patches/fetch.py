#!/usr/bin/env python3
"""Get interpreters and source trees of CPython from Debian's archive, for `series.py check` and `test`.

    patches/fetch.py interpreters    Python 3.14 and 3.15, with their tests, from Debian unstable
    patches/fetch.py debug           Debian's Python 3.15 compiled with --with-pydebug, for `series.py test --thorough`
    patches/fetch.py older           the newest micro version of Python 3.13 there
    patches/fetch.py sources         the source packages of the Debian releases, as upstream's tree and with
                                     Debian's patches: .cache/sources/SUITE-X.Y-upstream and -debian
    patches/fetch.py unstable        the same of Python 3.14 and 3.15 in Debian unstable
    patches/fetch.py free-threaded   Python 3.13 without the global interpreter lock, which Debian does not build:
                                     compiled from the source above; takes some minutes and a C compiler

All of it goes into .cache; nothing is installed, and no package of this machine is touched. Needs a machine with
apt-get, dpkg-dev, patchelf and the package debian-archive-keyring. What the archive does not have (any more) is said,
and the rest is fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Tuple

CACHE = Path(__file__).resolve().parent.parent / ".cache"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MIRROR = "http://deb.debian.org/debian"

INTERPRETERS = ("3.14", "3.15")
FREE_THREADED = "3.13"
PACKAGES = ("python%s-minimal", "libpython%s-stdlib", "libpython%s-testsuite")

OLDER = "3.13"
DEBUG = "3.15"
DEBUG_PACKAGES = ("python%s-dbg", "libpython%s-dbg", "libpython%s-testsuite")

#: Which source packages are wanted: the suite, and the version of Python.
SOURCES = (
    ("bullseye", "3.9"),
    ("bookworm", "3.11"),
    ("trixie", "3.13"),
    ("forky", "3.13"),
)
UNSTABLE_SOURCES = (("sid", "3.14"), ("sid", "3.15"))

#: The suites that get their updates from the suite before them, and have no archive of security updates.
WITHOUT_SECURITY = ("forky", "sid")

#: Where the security updates of a suite are.
SECURITY = "http://deb.debian.org/debian-security"


def apt(name: str, lines: Sequence[str]) -> List[str]:
    """The beginning of an apt-get command that knows these lines of sources.list and nothing of this machine."""
    root = CACHE / "apt" / name
    for folder in ("lists/partial", "archives/partial"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "status").write_text("", encoding="utf-8")
    (root / "sources.list").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings: Dict[str, object] = {
        "Dir::Etc::sourcelist": root / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": root / "lists",
        "Dir::State::status": root / "status",
        "Dir::Cache": root,
        "Dir::Cache::archives": root / "archives",
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "true",
    }
    command = ["apt-get", "-q"]
    for key, value in settings.items():
        command += ["-o", "%s=%s" % (key, value)]
    run([*command, "update"])
    return command


def run(command: Sequence[str], cwd: Path = CACHE, *, timeout: int = 600) -> None:
    """Run it, for so many seconds at most; what it says is shown only if it fails."""
    cwd.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        raise RuntimeError("%s: exit status %d\n%s" % (" ".join(command[:1]), done.returncode, done.stdout[-1500:]))


def interpreters() -> bool:
    """Unpack them below .cache/debian; returns whether all are there."""
    return binaries("unstable", "debian", INTERPRETERS, PACKAGES, "python%s")


def older() -> bool:
    """Unpack it below .cache/debian-3.13, apart: that of this machine is another one; returns whether it is there."""
    return binaries("older", "debian-" + OLDER, (OLDER,), PACKAGES, "python%s")


def debug() -> bool:
    """Unpack it below .cache/debian-debug; returns whether it is there."""
    return binaries("debug", "debian-debug", (DEBUG,), DEBUG_PACKAGES, "python%sd")


def binaries(name: str, folder: str, versions: Sequence[str], packages: Sequence[str], program: str) -> bool:
    """Unpack these packages of unstable below .cache/`folder`; returns whether the program of each version runs."""
    root = CACHE / folder
    command = apt(name, ["deb [signed-by=%s] %s sid main" % (KEYRING, MIRROR)])
    archives = CACHE / "apt" / name / "archives"
    complete = True
    for version in versions:
        names = [package % version for package in packages]
        try:
            # With an empty status file, that is with everything they depend on, down to the C library.
            run([*command, "install", "--download-only", "--yes", "--no-install-recommends", *names])
        except RuntimeError as exc:
            print("Python %s: %s" % (version, exc))
            complete = False
    shutil.rmtree(root, ignore_errors=True)
    for package in sorted(archives.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(root)])
    for version in versions:
        python = root / "usr" / "bin" / (program % version)
        if python.exists():
            relocate(python, root)
            run([str(python), "-c", "import ssl, test.support"])
            print("Python %s: %s" % (version, python.relative_to(CACHE.parent)))
    return complete


def relocate(python: Path, root: Path) -> None:
    """Make it use the C library, OpenSSL and so on that were unpacked with it."""
    folders = sorted({path.parent for path in root.rglob("*.so.*") if path.parent.name.endswith("-linux-gnu")})
    loader = next(path for path in sorted(root.rglob("ld-linux*.so.*")) if path.is_file())
    run(["patchelf", "--set-interpreter", str(loader), str(python)])
    # RPATH, which also holds for the libraries that extension modules load; RUNPATH would not.
    run(["patchelf", "--force-rpath", "--set-rpath", os.pathsep.join(map(str, folders)), str(python)])


def sources(wanted: Sequence[Tuple[str, str]] = SOURCES) -> bool:
    """Unpack them below .cache/sources; returns whether all are there."""
    lines = []
    for suite in sorted({suite for suite, _ in wanted}):
        lines.append("deb-src [signed-by=%s] %s %s main" % (KEYRING, MIRROR, suite))
        if suite not in WITHOUT_SECURITY:
            lines.append("deb-src [signed-by=%s] %s %s-security main" % (KEYRING, SECURITY, suite))
    command = apt("deb-src", lines)
    there = [source(command, suite, version) for suite, version in wanted]
    return all(there)


def source(command: Sequence[str], suite: str, version: str) -> bool:
    """Unpack one, as upstream's tree and with Debian's patches; returns whether it is there."""
    name = "%s-%s" % (suite, version)
    target = CACHE / "sources" / (name + "-debian")
    upstream = CACHE / "sources" / (name + "-upstream")
    work = CACHE / "apt" / "deb-src" / name
    try:
        for folder in (target, upstream, work):
            shutil.rmtree(folder, ignore_errors=True)
        fetch_source(command, suite, "python" + version, work)
        target.parent.mkdir(parents=True, exist_ok=True)
        run(["dpkg-source", "--no-check", "-x", str(next(work.glob("*.dsc"))), str(target)], work)
        upstream.mkdir(parents=True)
        original = next(path for path in work.glob("*.orig.tar.*") if path.suffix != ".asc")
        run(["tar", "-xf", str(original), "-C", str(upstream), "--strip-components=1"])
    except (RuntimeError, StopIteration) as exc:
        shutil.rmtree(target, ignore_errors=True)
        print("Python %s of %s: %s" % (version, suite, exc))
        return False
    print("Python %s of %s: .cache/sources/%s-*" % (version, suite, name))
    return True


def fetch_source(command: Sequence[str], suite: str, package: str, work: Path) -> None:
    """The security update if it can be had, else the release's own."""
    releases = [suite] if suite in WITHOUT_SECURITY else ["%s-security" % suite, suite]
    for release in releases:
        try:
            run([*command, "source", "--download-only", "%s/%s" % (package, release)], work)
        except RuntimeError:
            if release == suite:
                raise
            shutil.rmtree(work, ignore_errors=True)
        else:
            return


def free_threaded() -> bool:
    """Compile it into .cache/free-threaded; returns whether it is there."""
    root = CACHE / "free-threaded"
    tree = CACHE / "free-threaded-build"
    for folder in (root, tree):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        shutil.copytree(CACHE / "sources" / "forky-3.13-upstream", tree, symlinks=True)
        run(["./configure", "-q", "--disable-gil", "--without-ensurepip", "--prefix=%s" % root], tree)
        run(["make", "-s", "-j%d" % (os.cpu_count() or 1)], tree, timeout=3600)
        run(["make", "-s", "altinstall"], tree)
        python = root / "bin" / ("python%st" % FREE_THREADED)
        run([str(python), "-c", "import ssl, sys; assert not sys._is_gil_enabled()"])
    except (RuntimeError, OSError) as exc:
        print("Python %s without the lock: %s" % (FREE_THREADED, exc))
        return False
    print("Python %s without the lock: %s" % (FREE_THREADED, python.relative_to(CACHE.parent)))
    return True


def main(arguments: List[str]) -> int:
    """Returns the exit status."""
    commands: Dict[str, Callable[[], bool]] = {
        "interpreters": interpreters,
        "older": older,
        "debug": debug,
        "sources": sources,
        "unstable": lambda: sources(UNSTABLE_SOURCES),
        "free-threaded": free_threaded,
    }
    if not arguments or not set(arguments).issubset(commands):
        print(__doc__.strip())
        return 2
    complete = [commands[name]() for name in arguments]
    return 0 if all(complete) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
