"""`check`: does the series apply, to which trees, and is it what git would write?"""

from __future__ import annotations

import hashlib
import re
from typing import Dict, List, Optional, Sequence

from .applying import attempt, available, copy_touched, reexport, scratch, with_git_am
from .model import CODE, DOCS, EVERYWHERE, NEWS, VERIFY, Branch, Patch, added_tests, load, parse_version
from .trees import INSTALLED, Tree


class Checked:
    """What was found out about one series and one tree."""

    def __init__(self, branch: Branch, tree: Tree) -> None:
        self.branch = branch
        self.tree = tree
        self.skipped = [patch.slug for patch in branch.patches if branch.is_upstream(patch.slug, tree.version)]
        self.ways: Dict[str, Optional[str]] = {}
        self.documents: Dict[str, Optional[str]] = {}
        self.is_base = False
        self.drift: List[str] = []

    @property
    def problems(self) -> List[str]:
        """In sentences; documents count only in the tree that they are made for."""
        found = ["%s: %s" % (way, error) for way, error in self.ways.items() if error]
        if parse_version(self.branch.docs_base) == self.tree.version:
            found += self.unfit_documents
        return found + self.drift

    @property
    def unfit_documents(self) -> List[str]:
        """In sentences, whatever tree they are made for."""
        return ["%s: %s" % (role, error) for role, error in self.documents.items() if error]

    def as_dict(self) -> Dict[str, object]:
        """For measured.json."""
        return {
            "applies": sorted(way for way, error in self.ways.items() if not error),
            "skipped": self.skipped,
            "documents": {role: not error for role, error in self.documents.items()},
            "base": self.is_base,
            "drift": None if not self.is_base else not self.drift,
        }


def check(branch: Branch, tree: Tree, stage: str = VERIFY) -> Checked:
    """Code and tests in every way; documents where the tree has them; drift where it is the base."""
    result = Checked(branch, tree)
    everywhere = branch.select(tree.version, EVERYWHERE, stage)
    for way in available():
        result.ways[way] = attempt(tree, everywhere, way)
    if tree.kind != INSTALLED:
        result.documents[DOCS] = attempt(tree, branch.select(tree.version, frozenset((DOCS,)), stage), "patch")
    result.is_base = is_base(branch, tree)
    if result.is_base and not result.ways["git am"]:
        result.drift = drift(tree, branch.select(None, EVERYWHERE, stage))
    return result


def is_base(branch: Branch, tree: Tree) -> bool:
    """Whether the tree has the very files that the series was made on."""
    return bool(branch.sha256) and all(sha256(tree, name) == digest for name, digest in branch.sha256.items())


def sha256(tree: Tree, name: str) -> Optional[str]:
    """Of one file, or None."""
    path = tree.file(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def drift(tree: Tree, patches: Sequence[Patch]) -> List[str]:
    """What `git am` and `git format-patch` would write in another way."""
    with scratch() as folder:
        copy_touched(tree, patches, folder)
        with_git_am(folder, patches)
        again = [path.read_text(encoding="utf-8") for path in reexport(folder)]
    return [
        "drift: %s is not what git would write" % patch.path.name
        for patch, text in zip(patches, again)
        if patch.text != text
    ]


def consistency() -> List[str]:
    """What must hold between the branches, whatever trees there are."""
    branches = load()
    problems = []
    newest = [patch.slug for patch in branches["main"].patches]
    for branch in branches.values():
        slugs = [patch.slug for patch in branch.patches]
        common = [slug for slug in slugs if slug in newest]
        if common != newest:
            problems.append("%s: other slugs, or in another order, than main: %s" % (branch.name, common))
        problems += [
            "%s: %s" % (branch.name, problem) for problem in [*_folder(branch), *_tests(branch, branches["main"])]
        ]
    return problems


def _tests(branch: Branch, newest: Branch) -> List[str]:
    """A test that main's patches add is in every branch, or series.toml says that it is not: none gets lost."""
    own = added_tests(branch.patches)
    missing = {test for file, tests in added_tests(newest.patches).items() for test in tests - own.get(file, set())}
    problems = [
        "does not have the test %s of main, and absent in series.toml does not say so" % test
        for test in sorted(missing - set(branch.absent))
    ]
    problems += [
        "absent in series.toml says %s, which is no test that it lacks" % test
        for test in sorted(set(branch.absent) - missing)
    ]
    return problems


def _folder(branch: Branch) -> List[str]:
    patches = branch.patches
    problems = []
    if sorted(branch.folder.glob("*.patch")) != [patch.path for patch in patches]:
        problems.append("the file series and the patches that are there differ, or the order of their names does")
    if (branch.folder / "BASE").read_text(encoding="utf-8") != branch.base + "\n":
        problems.append("the file BASE does not say %s, which series.toml says" % branch.base)
    written = {path.name: path.read_text(encoding="utf-8") for path in branch.folder.glob("series*")}
    if written != branch.series_files():
        problems.append("its series files are not what series.toml asks for; `refresh` writes them")
    prefix = "" if branch.name == "main" else "[%s] " % branch.name
    for patch in patches:
        if not re.search(r"^Subject: %sgh-\d+: [A-Z]" % re.escape(prefix), patch.text, re.MULTILINE):
            problems.append("%s: its subject is not '%sgh-NNNNN: Summary'" % (patch.path.name, prefix))
        problems += misplaced(patch)
    return problems


def misplaced(patch: Patch) -> List[str]:
    """A sentence for each file that is not for a patch of its role."""
    roots = {CODE: ("Lib/", NEWS), DOCS: ("Doc/",)}.get(patch.role, ("Lib/",))
    return [
        "%s: touches %s, which is not for a patch of %s" % (patch.path.name, name, patch.role)
        for name in patch.files()
        if not name.startswith(roots)
    ]
