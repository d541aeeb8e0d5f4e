"""Which change needs which earlier one: computed from what applies and from the names that are used."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Collection, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from .model import Branch, Patch
from .trees import Tree

_DEFINITIONS = re.compile(r"(?:^\s*(?:async )?(?:def|class) |^|\bself\.)(\w+)(?=\s*[(:]|\s*=[^=])")
_WORDS = re.compile(r"\w+")


class Change(NamedTuple):
    """One mail, or a mail and those parts of others that go with it in a pull request."""

    slug: str
    diffs: Dict[str, str]

    def parts(self) -> Dict[str, str]:
        """The diff of each file, by its path."""
        return self.diffs

    def files(self) -> List[str]:
        """The paths that it touches."""
        return list(self.diffs)

    def limited(self, tree: Tree) -> Change:
        """The same with those files that the tree takes."""
        return self._replace(diffs={name: part for name, part in self.diffs.items() if tree.takes(name)})

    def without(self, names: Collection[str]) -> Change:
        """The same without those files."""
        return self._replace(diffs={name: part for name, part in self.diffs.items() if name not in names})


def change(patch: Patch) -> Change:
    """Of one mail."""
    return Change(patch.slug, patch.parts())


def defined(each: Change) -> Set[str]:
    """The names of functions, classes, attributes and globals that its added lines define."""
    return {name for path, part in each.diffs.items() if path.endswith(".py") for name in _added(part)[0]}


def used(each: Change) -> Set[str]:
    """The words of its added lines, without those of comments."""
    return {word for path, part in each.diffs.items() if path.endswith(".py") for word in _added(part)[1]}


@functools.lru_cache(maxsize=1024)
def _added(part: str) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """What the lines that a diff adds define, and their words."""
    lines = [line[1:] for line in part.splitlines() if re.match(r"\+(?!\+\+ )", line)]
    names = {name for line in lines for name in _DEFINITIONS.findall(line)}
    words = {word for line in lines for word in _WORDS.findall(line.partition("# ")[0])}
    return frozenset(names), frozenset(words)


def by_name(each: Change, earlier: Sequence[Change], tree: Tree) -> List[Change]:
    """Those of the earlier changes that alone define a name which this one uses and the tree does not have."""
    names = used(each) - defined(each)
    definitions = [defined(other) for other in earlier]
    needed = []
    for candidate, own in zip(earlier, definitions):
        others: Set[str] = set().union(*[other for other in definitions if other is not own])
        new = (names & own) - others
        if new and new - _known(tree, [*earlier, each]):
            needed.append(candidate)
    return needed


def by_test(each: Change, earlier: Sequence[Change]) -> List[Change]:
    """Those of the earlier changes that make tests ready: of modules that this one changes, and nothing but tests.

    A new file of tests that comes alone is about what its clients do by then: it needs all the code before it.
    """
    tests = [name for name, part in each.diffs.items() if name.startswith("Lib/test/") and "\nnew file mode" in part]
    if tests and len(tests) == len(each.diffs):
        return [other for other in earlier if any(re.match("Lib/(?!test/)", name) for name in other.diffs)]
    modules = [Path(name).stem for name in each.diffs if re.match(r"Lib/(?!test/).*\.py$", name)]
    prefixes = tuple("test_" + (module[:-3] if module.endswith("lib") else module) for module in modules)
    return [
        other
        for other in earlier
        if modules
        and all(name.startswith("Lib/test/") for name in other.diffs)
        and any(Path(name).stem.startswith(prefixes) for name in other.diffs)
    ]


def _wanted(tree: Tree, each: Change, earlier: Sequence[Change]) -> List[str]:
    """The slugs of those that it needs whatever applies."""
    return [other.slug for other in [*by_name(each, earlier, tree), *by_test(each, earlier)]]


def _known(tree: Tree, changes: Iterable[Change]) -> Set[str]:
    """Every word of those files of the tree that they touch."""
    paths = [tree.file(name) for each in changes for name in each.diffs if name.endswith(".py")]
    return set().union(*[_words(path, path.stat().st_mtime_ns) for path in set(paths) if path.exists()])


@functools.lru_cache(maxsize=256)
def _words(path: Path, _stamp: int) -> FrozenSet[str]:
    return frozenset(_WORDS.findall(path.read_text(encoding="utf-8")))


def problem(tree: Tree, changes: Sequence[Change]) -> Optional[str]:
    """Why they do not apply one after the other, or None: as `patch -F0` would find, in memory, for there are many."""
    for slug, names in unfit(tree, changes).items():
        return "%s: %s does not apply" % (slug, names[0])
    return None


def unfit(tree: Tree, changes: Sequence[Change]) -> Dict[str, List[str]]:
    """By slug, the files at which a change does not apply after the earlier ones, as far as these do."""
    found: Dict[str, List[str]] = {}
    texts: Dict[str, List[str]] = {}
    for each in changes:
        for name, part in each.diffs.items():
            if not tree.takes(name):
                continue
            if name not in texts:
                texts[name] = _lines(tree.file(name))
            result = _patched(texts[name], part)
            if result is None:
                found.setdefault(each.slug, []).append(name)
            else:
                texts[name] = result
    return found


@functools.lru_cache(maxsize=256)
def _read(path: Path, _stamp: int) -> Tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").split("\n"))


def _lines(path: Path) -> List[str]:
    return list(_read(path, path.stat().st_mtime_ns)) if path.exists() else []


def _patched(lines: List[str], part: str) -> Optional[List[str]]:
    """The lines with that diff of one file, or None if a hunk is not to be found."""
    result = list(lines)
    shift, least = 0, 0
    for start, hunk in _hunks(part):
        old = [line[1:] for line in hunk if line[:1] in (" ", "-")]
        new = [line[1:] for line in hunk if line[:1] in (" ", "+")]
        if not old:
            if result:
                return None  # a new file that is there
            result = [*new, ""]
            continue
        places = [at for at in range(least, len(result) - len(old) + 1) if result[at : at + len(old)] == old]
        if not places:
            return None
        expected = start - 1 + shift
        at = min(places, key=lambda place: abs(place - expected))
        result[at : at + len(old)] = new
        shift, least = at - (start - 1) + len(new) - len(old), at + len(new)
    return result


@functools.lru_cache(maxsize=1024)
def _hunks(part: str) -> List[Tuple[int, List[str]]]:
    found = re.split(r"^(@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@.*)\n", part, flags=re.MULTILINE)
    heads, bodies = found[1::2], found[2::2]
    return [
        (int(head[4:].split(",")[0].split()[0]), body.rstrip("\n").split("\n")) for head, body in zip(heads, bodies)
    ]


def computed(tree: Tree, changes: Sequence[Change]) -> Dict[str, List[str]]:
    """By slug, the slugs of the earlier changes without which it does not apply, misses a name, or breaks old tests.

    A file at which a change does not apply to the tree at all tells nothing of what applies: it is not looked at.

    Args:
        tree: without any of them.
        changes: in the order of the series.
    """
    found: Dict[str, List[str]] = {}
    bad = unfit(tree, changes)
    fitting = [each.without(bad.get(each.slug, ())) for each in changes]
    for number, each in enumerate(changes):
        wanted = _wanted(tree, each, changes[:number])
        found[each.slug] = _of_one(tree, fitting[number], fitting[:number], wanted, found)
    return found


def _of_one(
    tree: Tree, each: Change, earlier: Sequence[Change], wanted: Sequence[str], found: Dict[str, List[str]]
) -> List[str]:
    """Leave the earlier ones out one by one, the last first: a change that is needed keeps what it needs itself."""
    kept = list(earlier)
    for candidate in reversed(earlier):
        dependents = [other.slug for other in kept if candidate.slug in found[other.slug]]
        if candidate.slug in wanted or dependents:
            continue
        fewer = [other for other in kept if other != candidate]
        elsewhere = not set(candidate.diffs) & {name for other in [*fewer, each] for name in other.diffs}
        if elsewhere or not problem(tree, [*fewer, each]):
            kept = fewer
    return [other.slug for other in kept]


def missing(tree: Tree, branch: Branch, patches: Sequence[Patch], without: Sequence[str]) -> Optional[str]:
    """A sentence if one of the patches needs one that was left out, by what applies or by a name."""
    order = [patch for patch in branch.select(tree.version) if patch in patches or patch.slug in without]
    changes = [change(patch) for patch in order if any(map(tree.takes, patch.files()))]
    for number, each in enumerate(changes):
        if each.slug in without:
            continue
        left = [other for other in changes[:number] if other.slug in without]
        needed = [slug for slug in _wanted(tree, each, changes[:number]) if slug in without]
        needed = needed or _by_text(tree, changes[: number + 1], left)
        if needed:
            return "%s needs %s, which --without leaves out" % (each.slug, ", ".join(needed))
    return None


def _by_text(tree: Tree, changes: Sequence[Change], left: Sequence[Change]) -> List[str]:
    """Which of those that were left out the last of the changes needs to apply."""
    if not problem(tree, [each for each in changes if each not in left]) or problem(tree, changes):
        return []
    return [each.slug for each in left if problem(tree, [other for other in changes if other != each])]
