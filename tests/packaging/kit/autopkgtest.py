"""debian/tests by autopkgtest, on a root of its own, which is the testbed ("null")."""

from __future__ import annotations

from typing import Any, Dict

from . import deb
from .base import Problem, only
from .roots import BUILD_SUITE, Root, clean

TOOLS = ("autopkgtest", "dpkg-dev", "procps")


def run(result: Dict[str, Any]) -> None:
    """Against the .debs that were built; what the tests need comes from the archive."""
    if not list(deb.OUT.glob("*.deb")):
        raise Problem("there are no packages yet: python3 tests/packaging deb")
    with clean(BUILD_SUITE) as root:
        root.install(*TOOLS)
        root.put(deb.OUT, "/packages")
        debs = ["/packages/deb/" + path.name for path in sorted(deb.OUT.glob("*.deb"))]
        source = "/packages/deb/" + only(deb.OUT, "*.dsc").name
        command = ["autopkgtest", "--apt-upgrade", "--output-dir", "/output", *debs, source, "--", "null"]
        try:
            root.run(*command, network=True)
        except Problem as exc:
            raise Problem("%s\n%s" % (exc, _summary(root))) from exc
        result["autopkgtest"] = dict(line.split(None, 1) for line in _summary(root).splitlines())
        result["versions"]["autopkgtest"] = root.version("autopkgtest")
    if not result["autopkgtest"] or set(result["autopkgtest"].values()) != {"PASS"}:
        raise Problem("autopkgtest: not all tests were run: %s" % result["autopkgtest"])


def _summary(root: Root) -> str:
    path = root.path / "output" / "summary"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
