"""The series as it lies in the folder: branches, patches, and what series.toml says about them."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any, Collection, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    try:
        import tomli as tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib

FOLDER = Path(__file__).resolve().parent.parent
TOML = FOLDER / "series.toml"

#: How the series files of quilt begin.
HEAD = """\
# quilt series; `git am --keep-non-patch` and `patch -p1` take the same files in this order.
# The word after each name is its role; see ../README.md for what can be left out.
"""

FIXES, WARN, VERIFY = "fixes", "warn", "verify"
#: The series can be taken up to the end of each of them; each contains the ones before it.
STAGES = (FIXES, WARN, VERIFY)
#: The lines at the end of a stage. What is read is how they begin; the rest says what one has who stops there.
MARKERS = {
    FIXES: "# ---- fixes: up to here bugs are fixed; a client without a context connects as before, without a word",
    WARN: "# ---- warn: up to here a client without a context warns, and connects as before; from here on it verifies",
}

CODE, TESTS, DOCS = "code", "tests", "docs"
ROLES = (CODE, TESTS, DOCS)
#: Roles of patches that every tree of a branch takes; documents differ between micro versions.
EVERYWHERE = frozenset((CODE, TESTS))

#: Where fragments of news are.
NEWS = "Misc/NEWS.d/next/"

#: The one new file of tests.
NEW_TESTS = "test_mail_tls_defaults"

Version = Tuple[int, ...]


class Problem(Exception):
    """What the user is told, without a traceback."""


class Patch(NamedTuple):
    """One mail of a series."""

    path: Path
    slug: str
    role: str
    stage: str

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def issue(self) -> str:
        """The number of CPython's issue that it is about.

        Raises:
            Problem: its subject has none.
        """
        found = re.search(r"^Subject: .*?\bgh-(\d+): ", self.text, re.MULTILINE)
        if found is None:
            raise Problem("%s: no issue number in its subject" % self.path.name)
        return found.group(1)

    def files(self) -> List[str]:
        """The paths that it touches, relative to the root of CPython's tree."""
        return re.findall(r"^diff --git a/(\S+) b/\S+$", self.text, re.MULTILINE)

    def parts(self) -> Dict[str, str]:
        """The diff of each file, by its path."""
        found = re.split(r"^(?=diff --git )", self.text, flags=re.MULTILINE)[1:]
        return {part.split(" ", 3)[2][2:]: part for part in found}

    def is_up_to(self, stage: str) -> bool:
        """Whether somebody who stops at the end of that stage has it."""
        return STAGES.index(self.stage) <= STAGES.index(stage)


class Branch:
    """One folder of patches.

    Args:
        name: of the folder, e.g. "3.13" or "main".
        about: its table in series.toml.
        roles: of the slugs that are not code.
    """

    def __init__(self, name: str, about: Dict[str, Any], roles: Dict[str, str]) -> None:
        self.name = name
        self.folder = FOLDER / name
        self.base: str = about["base"]
        self.docs_base: str = about.get("docs", self.base)
        self.state: str = about["state"]
        self.upstream: Dict[str, str] = about.get("upstream", {})
        self.absent: List[str] = about.get("absent", [])
        self.sha256: Dict[str, str] = about["sha256"]
        self._roles = roles

    @property
    def patches(self) -> List[Patch]:
        """All of them, in order."""
        return list(self._patches())

    def _patches(self) -> Iterator[Patch]:
        stage = FIXES
        for line in (self.folder / "series").read_text(encoding="utf-8").splitlines():
            for ended, following in zip(STAGES, STAGES[1:]):
                if line.startswith("# ---- " + ended):
                    stage = following
            name = line.partition("#")[0].strip()
            if name:
                slug = re.sub(r"^\d{4}-(.*)\.patch$", r"\1", name)
                yield Patch(self.folder / name, slug, self.role(slug), stage)

    @property
    def digest(self) -> str:
        """Of its code and tests: what was measured with other mails can be told by it."""
        texts = [patch.text for patch in self.patches if patch.role in EVERYWHERE]
        return hashlib.sha256("".join(texts).encode("utf-8")).hexdigest()[:16]

    def role(self, slug: str) -> str:
        """Which of ROLES the patch has."""
        return self._roles.get(slug, CODE)

    def select(
        self,
        version: Optional[Version],
        roles: FrozenSet[str] = frozenset(ROLES),
        stage: str = VERIFY,
        without: Collection[str] = (),
    ) -> List[Patch]:
        """The patches for a tree of that version: without those that it has already.

        Args:
            version: (3, 13, 5), or None for the base.
            roles: which ones to take.
            stage: stop at its end.
            without: slugs of patches that are left out, with the documents that belong to them.

        Raises:
            Problem: there is no patch of that slug.
        """
        patches = self.patches
        slugs = [patch.slug for patch in patches]
        for slug in without:
            if slug not in slugs:
                raise Problem("no patch %s in the series for %s; there are: %s" % (slug, self.name, ", ".join(slugs)))
        # The documents of what is left out are left out with it.
        placed: Dict[str, str] = settings()["documents"] if without else {}
        without = {*without, *[document for document, slug in placed.items() if slug in without]}
        return [
            patch
            for patch in patches
            if patch.role in roles
            and patch.is_up_to(stage)
            and patch.slug not in without
            and not self.is_upstream(patch.slug, version)
        ]

    def series_files(self) -> Dict[str, str]:
        """What the files for quilt must contain: "series" for the base, "series.3.13.2" for trees since then."""
        files = {"series": self.series(self.patches)}
        for since in sorted(set(self.upstream.values()), key=parse_version):
            files["series." + since] = self.series(self.select(parse_version(since)))
        return files

    @staticmethod
    def series(patches: List[Patch]) -> str:
        """A file for quilt."""
        lines = []
        for stage in STAGES:
            lines += ["%s  # %s" % (patch.path.name, patch.role) for patch in patches if patch.stage == stage]
            lines += [MARKERS[stage]] if stage in MARKERS else []
        return HEAD + "".join(line + "\n" for line in lines)

    def is_upstream(self, slug: str, version: Optional[Version]) -> bool:
        """Whether that version of CPython has the change of that patch."""
        since = self.upstream.get(slug)
        return since is not None and version is not None and version >= parse_version(since)


def added_tests(patches: Sequence[Patch]) -> Dict[str, Set[str]]:
    """By file of tests, the names of the methods that they add, and that no later one takes away."""
    found: Dict[str, Set[str]] = {}
    for patch in patches:
        for path, part in patch.parts().items():
            names = found.setdefault(Path(path).stem, set())
            for sign in ("-", "+"):
                changed = set(re.findall(r"^\%s +(?:async )?def (test_\w+)\(" % sign, part, re.MULTILINE))
                names ^= names & changed if sign == "-" else changed - names
    return {file: names for file, names in found.items() if names}


def parse_version(text: str) -> Version:
    """(3, 13, 5) from "3.13.5", "v3.13.5" or "3.13.5+"."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def settings() -> Dict[str, Any]:
    """What series.toml says."""
    with TOML.open("rb") as file:
        return tomllib.load(file)


def not_public(patches: Sequence[Patch]) -> Optional[str]:
    """A sentence about those of them that are not public yet."""
    private = settings()["pulls"]["private"]
    slugs = [slug for slug in private if slug in [patch.slug for patch in patches]]
    if not slugs:
        return None
    return "under embargo until Python's security team has answered, do not publish: " + ", ".join(slugs)


def load() -> Dict[str, Branch]:
    """All branches, oldest first."""
    data = settings()
    return {name: Branch(name, about, data["roles"]) for name, about in data["branches"].items()}


def branch_named(name: str, version: Optional[Version] = None) -> Branch:
    """Of load().

    Args:
        name: of it.
        version: of a tree that its mails are to be applied to.

    Raises:
        Problem: there is no such branch, or its mails are not for such a tree.
    """
    branches = load()
    if name not in branches:
        raise Problem("no branch %s; there are %s" % (name, ", ".join(branches)))
    if version is not None:
        own = branch_of(version).name
        # main's own tree is not at hand as a rule: others tell how far it goes
        if name not in ("main", own):
            wanted = (name, ".".join(map(str, version)), own)
            raise Problem("the mails of %s are not for a tree of %s; leave out --branch, or name %s or main" % wanted)
    return branches[name]


def branch_of(version: Version) -> Branch:
    """The branch for a tree of that version; main for those after the last numbered one."""
    branches = load()
    name = "%d.%d" % version[:2]
    if name in branches:
        return branches[name]
    numbered = [parse_version(known) for known in branches if known != "main"]
    if version[:2] > max(numbered):
        return branches["main"]
    oldest = ".".join(map(str, min(numbered)))
    raise Problem("there is no series for Python %s; the oldest is for %s" % (name, oldest))
