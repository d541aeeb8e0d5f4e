"""The packages on clean roots: do they work, do they change only what they are to, are they gone afterwards?"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

from . import deb, rpm
from .base import DEBIAN, LIBRARY, LOADER, SCANNER, Problem, only
from .roots import BUILD_SUITE, SUITES, Root, build_root, clean, give

#: Where the packages and the test are put; not part of the root.
PACKAGES = "/packages"

CONFIGURATION = "etc/python/securedefaults.cfg"

#: A package for rpm's database, which knows nothing of the Python and the certificates that dpkg has installed.
STAND_IN = """\
Name: stand-in-for-debian
Version: 1
Release: 1
Summary: What dpkg has installed
License: PSF-2.0
BuildArch: noarch
Provides: python3 = {python}
Provides: python(abi) = {abi}
Provides: ca-certificates
Provides: /usr/bin/python3
%description
%{{summary}}
%files
"""


def debian(result: Dict[str, Any]) -> None:
    """The .debs, by dpkg, which checks what they depend on."""
    if not list(deb.OUT.glob("*.deb")):
        raise Problem("there are no packages yet: python3 tests/packaging deb")
    for suite in SUITES:
        with clean(suite) as root:
            library = root.put(only(deb.OUT, LIBRARY + "_*.deb"), PACKAGES)
            scanner = root.put(only(deb.OUT, SCANNER + "_*.deb"), PACKAGES)
            loader = root.put(only(deb.OUT, LOADER + "_*.deb"), PACKAGES)
            seen = _stages(
                root,
                lambda root=root, library=library: root.run("dpkg", "--install", library),
                lambda root=root, scanner=scanner: root.run("dpkg", "--install", scanner),
                lambda root=root, loader=loader: root.run("dpkg", "--install", loader),
                lambda root=root: root.run("dpkg", "--purge", LIBRARY, LOADER, SCANNER),
            )
            result.setdefault("roots", {})["Debian %s, .deb" % suite] = seen


def fedora(result: Dict[str, Any]) -> None:
    """The .rpms, by rpm, into a root of Debian, for no other can be made here."""
    if not list(rpm.OUT.glob("*.noarch.rpm")):
        raise Problem("there are no packages yet: python3 tests/packaging rpm")
    outer = build_root()
    with clean(BUILD_SUITE) as root, _bound(outer, root) as target:
        python = root.run("python3", "-c", "import platform; print(platform.python_version())").strip()
        stand_in = _stand_in(outer, python)
        library = outer.put(only(rpm.OUT, LIBRARY + "-[0-9]*.noarch.rpm"), "/build")
        scanner = outer.put(only(rpm.OUT, SCANNER + "-[0-9]*.noarch.rpm"), "/build")
        loader = outer.put(only(rpm.OUT, LOADER + "-[0-9]*.noarch.rpm"), "/build")

        def command(*arguments: str) -> str:
            return outer.run("rpm", "--root", target, "--dbpath", "/var/lib/rpm", *arguments, bind=str(root.path))

        with_nothing = _fails(lambda: command("--install", library))
        if "python3 >= 3.8 is needed" not in with_nothing:
            raise Problem("rpm installs the package where there is no Python: " + with_nothing)
        command("--install", stand_in)
        seen = _stages(
            root,
            lambda: command("--install", library) + command("--verify", LIBRARY),
            lambda: command("--install", scanner) + command("--verify", SCANNER),
            lambda: command("--install", loader) + command("--verify", LOADER),
            lambda: command("--erase", LIBRARY, LOADER, SCANNER),
        )
        result.setdefault("roots", {})["Debian %s, .rpm" % root.suite] = seen


@contextlib.contextmanager
def _bound(outer: Root, root: Root) -> Iterator[str]:
    """The folder where `outer` sees the other root when it runs something with bind=."""
    (outer.path / "target").mkdir(exist_ok=True)
    yield "/target"


def _fails(action: Any) -> str:
    try:
        action()
    except Problem as exc:
        return str(exc)
    return "it does not fail"


def _stand_in(outer: Root, python: str) -> str:
    top = outer.path / "build" / "stand-in" / "rpmbuild"
    (top / "SPECS").mkdir(parents=True)
    abi = ".".join(python.split(".")[:2])
    (top / "SPECS" / "stand-in.spec").write_text(STAND_IN.format(python=python, abi=abi), encoding="utf-8")
    give(outer, "build")
    rpm.rpmbuild(outer, top, ["-bb"])
    return outer.inner(only(top, "RPMS/noarch/*.rpm"))


def _stages(root: Root, library: Any, scanner: Any, loader: Any, remove: Any) -> Dict[str, Any]:
    """Install one after the other, try each; returns what was seen."""
    script = root.put(DEBIAN / "tests" / "installed.py", PACKAGES)
    before = _files(root)
    library()
    seen = {
        "python": root.run("python3", "--version").strip(),
        "command": root.run("securedefaults", "--version").strip(),
        "doctor": _last_line(root.run("python3", "-m", "securedefaults", "doctor")),
        "inert": _count(root.run("python3", script, "inert")),
        "no scan": _count(root.run("python3", script, "no-scan")),
    }
    unverified = _fails(lambda: root.run("securedefaults", "status", "--stock"))
    if "unverified" not in unverified:
        raise Problem("%s: the library alone is not inert: %s" % (root.suite, unverified))
    scanner()
    seen["scan"] = _count(root.run("python3", script, "scan"))
    loader()
    seen["autoload"] = _count(root.run("python3", script, "autoload", "--machine"))
    configuration = root.path / CONFIGURATION
    configuration.parent.mkdir(exist_ok=True)
    configuration.write_text("[securedefaults]\nmode = enforce\n", encoding="utf-8")
    # Fails if an entry point is unverified.
    root.run("securedefaults", "status", "--stock")
    seen["doctor, autoload enforced"] = _last_line(root.run("python3", "-m", "securedefaults", "doctor"))
    configuration.unlink()
    remove()
    left = sorted(name for name in _files(root) - before if "securedefaults" in name)
    if left:
        raise Problem("%s: left behind: %s" % (root.suite, ", ".join(left)))
    seen["left behind"] = "nothing"
    return seen


def _files(root: Root) -> Set[str]:
    """All names there, but for what dpkg and we keep."""
    names = (str(path.relative_to(root.path)) for path in _walk(root.path))
    return {name for name in names if not name.startswith(("packages/", "proc/", "var/log/", "var/lib/dpkg/"))}


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def _count(text: str) -> str:
    lines: List[str] = text.strip().splitlines()
    right = [line for line in lines if line.endswith(" ok")]
    return "%d of %d as expected" % (len(right), len(lines))
