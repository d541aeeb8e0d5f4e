"""`pr`: the pull requests that the series consists of, and the branch for each of them in a checkout of CPython."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import re
from email import message_from_string
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import needs
from .applying import copy_touched, patch_files, run, scratch, take_back
from .checks import misplaced
from .measure import FAILED, PASSED, run_tests, test_files
from .model import CODE, DOCS, FIXES, NEWS, Branch, Patch, Problem, load, settings
from .needs import Change
from .prefix import patched
from .trees import GIT, SOURCE, Tree

#: How blurb names a fragment.
_FRAGMENT = re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.gh-issue-\d+\.[-\w]{6}\.rst$")

_TRAILERS = re.compile(r"^(Bug|Origin|Forwarded|Upstream-Status|Last-Update): ")

#: Values of the table [documents] beside the slug of the patch that the documents go with.
ALONE, BY_MODULE = "alone", "by module"


class Step(NamedTuple):
    """One pull request, or a patch that only an older branch has: then without a number."""

    number: Optional[int]
    patch: Patch
    change: Change

    @property
    def slug(self) -> str:
        return self.patch.slug

    @property
    def message(self) -> str:
        """Subject and body, without the trailers that are for distributions."""
        mail = message_from_string(self.patch.text)
        subject = " ".join(str(make_header(decode_header(mail["Subject"]))).split())
        body = self.patch.text.partition("\n\n")[2].partition("\n---\n")[0]
        lines = [line for line in body.split("\n") if not _TRAILERS.match(line)]
        return "%s\n\n%s\n" % (subject, "\n".join(lines).strip())

    @property
    def issue(self) -> str:
        """Its number."""
        return self.patch.issue

    @property
    def is_security(self) -> bool:
        """Whether its news are in the section Security."""
        return any(name.startswith(NEWS + "Security/") for name in self.change.files())

    @property
    def is_optional(self) -> bool:
        """Whether it is not in the default proposal."""
        return self.slug in settings()["pulls"]["optional"]

    @property
    def is_private(self) -> bool:
        """Whether it goes to the security team before it is public."""
        return self.slug in settings()["pulls"]["private"]

    def backports(self) -> List[str]:
        """The maintenance branches that take such a change, the newest first."""
        if self.patch.stage != FIXES:
            return []
        taking = ("bug fixes", "security fixes") if self.is_security else ("bug fixes",)
        return [
            branch.name
            for branch in reversed(list(load().values()))
            if branch.state.startswith(taking) and any(patch.slug == self.slug for patch in branch.patches)
        ]


def steps(branch: Branch, version: Optional[Tuple[int, ...]] = None) -> List[Step]:
    """Those of a branch in order, numbered as in main.

    Args:
        branch: whose mails.
        version: leave out what that version has already.
    """
    numbers = {slug: number for number, slug in enumerate(_slugs(load()["main"]), 1)}
    patches = branch.select(version)
    own = [patch for patch in patches if _is_step(patch)]
    diffs = {patch.slug: patch.parts() for patch in own}
    for document in (patch for patch in patches if not _is_step(patch)):
        for name, part in document.parts().items():
            slug = _goes_with(document, name, own)
            if name in diffs[slug]:
                raise Problem("%s: %s is changed by %s too" % (document.path.name, name, slug))
            diffs[slug][name] = part
    return [Step(numbers.get(patch.slug), patch, Change(patch.slug, diffs[patch.slug])) for patch in own]


def _slugs(branch: Branch) -> List[str]:
    return [patch.slug for patch in branch.patches if _is_step(patch)]


def _is_step(patch: Patch) -> bool:
    return patch.role != DOCS or _where(patch) == ALONE


def _where(patch: Patch) -> str:
    """What series.toml says about a patch of the documents."""
    table: Dict[str, str] = settings()["documents"]
    if patch.slug not in table:
        raise Problem("series.toml: [documents] does not say which pull request %s belongs to" % patch.slug)
    return table[patch.slug]


def _goes_with(document: Patch, name: str, own: Sequence[Patch]) -> str:
    """The slug of the patch whose pull request that file of documents is part of."""
    where = _where(document)
    if where != BY_MODULE:
        if where not in [patch.slug for patch in own]:
            raise Problem("series.toml: [documents] %s: there is no pull request %s" % (document.slug, where))
        return where
    candidates = [patch for patch in own if patch.stage == document.stage and patch.role == CODE]
    found = re.match(r"Doc/library/([\w.]+)\.rst$", name)
    module = "Lib/%s.py" % found.group(1).replace(".", "/") if found else None
    fitting = [patch for patch in candidates if module in patch.files()]
    # A page about the whole stage, such as What's New, is not true before its last patch.
    return fitting[0].slug if fitting else candidates[-1].slug


class Pulls:
    """The pull requests, and a tree to apply them to.

    Args:
        branch: whose mails.
        tree: it may have some of them already.
        merged: numbers or slugs of those that it has in other words: they cannot be told by their text.

    Attributes:
        steps: all of them.
        present: the slugs of those that the tree has.
        needs: by slug, the slugs of the earlier ones that it needs.
        unfit: by slug, the files at which one does not apply to the tree.
    """

    def __init__(self, branch: Branch, tree: Tree, merged: Sequence[str] = ()) -> None:
        self.branch = branch
        self.tree = tree
        self.steps = steps(branch, tree.version)
        known = {self.find(name).slug for name in merged}
        with scratch() as folder:
            copy_touched(tree, self.changes, folder)
            found = {*[step.slug for step in take_back(folder, self.steps, self._told_by)], *known}
            self.present = [step.slug for step in self.steps if step.slug in found]
            bare = Tree(SOURCE, folder, tree.version, tree.label, folder / "Lib")
            changes = [each.limited(tree) for each in self.changes]
            self.needs = needs.computed(bare, changes)
            self.unfit = needs.unfit(bare, changes)

    @property
    def changes(self) -> List[Change]:
        """What they do."""
        return [step.change for step in self.steps]

    def _told_by(self, step: Step) -> str:
        """The part of a step by which it can be told that the tree has it: a release has no fragments of news."""
        parts = step.change.limited(self.tree).parts()
        return "".join(part for name, part in parts.items() if not name.startswith(NEWS))

    def find(self, name: str) -> Step:
        """By number or slug."""
        for step in self.steps:
            if name in (str(step.number), step.slug):
                return step
        numbered = ["%d %s" % (step.number, step.slug) for step in self.steps if step.number]
        raise Problem("no pull request %s for %s; there are: %s" % (name, self.branch.name, ", ".join(numbered)))

    def before(self, step: Step) -> List[Step]:
        """Those that it needs."""
        return [other for other in self.steps if other.slug in self.needs[step.slug]]

    def line(self, step: Step) -> str:
        """About one of them, for people."""
        needed = [str(other.number or other.slug) for other in self.before(step)]
        notes = ["gh-" + step.issue, step.patch.stage]
        if not any(map(self.tree.takes, step.change.files())):
            notes += ["this tree has no documents to tell what it needs"]
        else:
            notes += ["needs " + ", ".join(needed)] if needed else ["stands alone"]
        notes += ["backport to " + ", ".join(step.backports())] if step.backports() else []
        notes += ["optional"] if step.is_optional else []
        lacking = [other for other in self.before(step) if other.slug not in self.present]
        secret = [str(other.number or other.slug) for other in lacking if other.is_private]
        if step.is_private:
            notes += ["private: to the security team first"]
        elif secret and any(map(self.tree.takes, step.change.files())):
            notes += [
                "not public before %s, which %s private" % (", ".join(secret), "is" if len(secret) == 1 else "are")
            ]
        notes += ["does not fit: " + ", ".join(self.unfit[step.slug])] if step.slug in self.unfit else []
        notes += ["is there already"] if step.slug in self.present else []
        return "%4s %-34s %s" % (step.number or "-", step.slug, "; ".join(notes))


def make(pulls: Pulls, step: Step, *, name: str = "", issue: str = "", private: bool = False) -> List[str]:
    """Make the branch for a pull request in the checkout; returns the subjects of its commits.

    What it needs and the tree does not have comes first, a commit each; the last commit is the step alone. The
    checkout stays where it is: a branch that was made before is not below the next one.

    Args:
        pulls: of the checkout.
        step: which one.
        name: of the branch; default: gh-NNNNN-slug.
        issue: its number, in place of that in the mail.
        private: whether a private one, among them those that are needed, may be made.

    Raises:
        Problem: the tree is no checkout, is not clean, has such a branch, or a step does not fit. Then nothing has
            been changed there.
    """
    repository = pulls.tree.path
    name = name or branch_name(step, issue)
    _ready(pulls.tree, name)
    if step.slug in pulls.present:
        raise Problem("%s: has %s already" % (repository, step.slug))
    wanted = [other for other in pulls.before(step) if other.slug not in pulls.present] + [step]
    secret = [other.slug for other in wanted if other.is_private and other != step]
    if not private and (secret or step.is_private):
        raise Problem(_secrecy(step, secret) + ": do not push it to a public fork; --private makes the branch")
    commits = [_commit(other, issue if other == step else "") for other in wanted]
    _untracked(repository, sorted({file for each, _ in commits for file in each.files()}))
    with scratch() as folder:
        copy_touched(pulls.tree, [each for each, _ in commits], folder)
        states = []
        for each, _ in commits:
            try:
                patch_files(folder, each.parts())
            except Problem as exc:
                raise Problem("%s does not fit %s: %s" % (each.slug, pulls.tree.label, exc)) from exc
            states.append({file: _content(folder / file) for file in each.files()})
    _write(repository, name, list(zip(states, [message for _, message in commits])))
    return [message.partition("\n")[0] for _, message in commits]


def _secrecy(step: Step, secret: Sequence[str]) -> str:
    """Why the pull request is not for the public yet: by itself, or by what it needs."""
    sentences = ["%s is to be reported in private first" % step.slug] if step.is_private else []
    if secret:
        is_ = "is" if len(secret) == 1 else "are"
        what = "%s needs %s, which %s to be reported in private first"
        sentences.append(what % (step.slug, ", ".join(secret), is_))
    return "; ".join(sentences)


def branch_name(step: Step, issue: str = "") -> str:
    """Of the branch, if nobody chooses another one."""
    return "gh-%s-%s" % (issue or step.issue, step.slug)


def _ready(tree: Tree, name: str) -> None:
    """Raises Problem if no branch can be made there."""
    path = tree.path
    if tree.kind != GIT:
        raise Problem(
            "%s: not a git checkout; make it one: cd %s && git init && git add -A && git commit -m base" % (path, path)
        )
    try:
        _git(path, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    except Problem as exc:
        remedy = "git config --global user.name 'Your Name'; git config --global user.email you@example.org"
        raise Problem("git does not know who you are; type: " + remedy) from exc
    changed = _git(path, "status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        raise Problem("%s: has changes that are not committed: %s" % (path, changed[0].strip()))
    if _git(path, "branch", "--list", name).strip():
        raise Problem("%s: has a branch %s already; --branch-name chooses another name" % (path, name))


def _untracked(repository: Path, files: Sequence[str]) -> None:
    """Raises Problem if one of the files is there and git does not know it: it would be overwritten."""
    there = [file for file in files if (repository / file).exists()]
    known = _git(repository, "ls-files", "--", *there).splitlines() if there else []
    for file in there:
        if file not in known:
            raise Problem("%s: %s is there and git does not know it; move it away" % (repository, file))


def _git(repository: Path, *arguments: str) -> str:
    """With the settings of whoever calls it: the commits are theirs."""
    return run(["git", "-c", "core.autocrlf=false", *arguments], repository)


def _content(path: Path) -> Optional[bytes]:
    return path.read_bytes() if path.exists() else None


def _write(repository: Path, name: str, commits: Sequence[Tuple[Dict[str, Optional[bytes]], str]]) -> None:
    """All the commits on a new branch, or no branch; then the checkout is where it was: the next one starts there."""
    head = _git(repository, "rev-parse", "--abbrev-ref", "HEAD").strip()
    if head == "HEAD":
        head = _git(repository, "rev-parse", "HEAD").strip()
    new = {file for files, _ in commits for file in files if not (repository / file).exists()}
    _git(repository, "checkout", "-q", "-b", name)
    try:
        for files, message in commits:
            for file, content in files.items():
                _put(repository / file, content)
            _git(repository, "add", "-A", "-f", "--", *files)
            run(["git", "commit", "-q", "-F", "-"], repository, message)
        _git(repository, "checkout", "-q", head)
    except BaseException:  # also of the keyboard: half a branch is of no use
        _git(repository, "reset", "-q", "--hard")
        _git(repository, "checkout", "-q", head)
        _git(repository, "branch", "-q", "-D", name)
        for file in new:
            with contextlib.suppress(FileNotFoundError):
                (repository / file).unlink()
        raise


def _put(path: Path, content: Optional[bytes]) -> None:
    if content is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _commit(step: Step, issue: str) -> Tuple[Change, str]:
    """What the commit does and says, with another issue number if one is given."""
    message = step.message
    diffs = {}
    for name, part in step.change.parts().items():
        new = _fragment(name, part)
        diffs[new] = part.replace(name, new)
    if issue:
        message = _renumbered(message, step.issue, issue)
        diffs = {
            _renumbered(name, step.issue, issue) if name.startswith(NEWS) else name: "\n".join(
                _renumbered(line, step.issue, issue) if line.startswith("+") or NEWS in line else line
                for line in part.split("\n")
            )
            for name, part in diffs.items()
        }
    return Change(step.slug, diffs), message


def _renumbered(text: str, old: str, new: str) -> str:
    return re.sub(r"(\bgh-(?:issue-)?|:gh:`|issues/)%s\b" % old, r"\g<1>" + new, text)


def _fragment(name: str, part: str) -> str:
    """The name of a fragment of news as blurb would give it; one that has such a name, and any other file, keeps it."""
    folder, _, last = name.rpartition("/")
    if not name.startswith(NEWS) or _FRAGMENT.match(last):
        return name
    issue = re.search(r"\d{4,}", last.partition(".")[2])
    body = "".join(line[1:] + "\n" for line in part.split("\n") if re.match(r"\+(?!\+\+ )", line))
    nonce = base64.urlsafe_b64encode(hashlib.sha256(body.encode("utf-8")).digest())[:6].decode("ascii")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d-%H-%M-%S")
    if issue is None:
        raise Problem("%s: the name of the fragment has no issue number" % name)
    return "%s/%s.gh-issue-%s.%s.rst" % (folder, now, issue.group(), nonce)


class Row(NamedTuple):
    """What was found out about one pull request. `problems` is empty if it is as it should be."""

    step: Step
    needs: List[str]
    passed: Optional[int]
    red: Optional[int]
    problems: List[str]
    skipped: str = ""

    def as_dict(self) -> Dict[str, Any]:
        """For measured.json."""
        return {
            "number": self.step.number,
            "needs": self.needs,
            "passed": self.passed,
            "red": self.red,
            "problems": self.problems,
            "checked": not self.skipped,
        }


def check(pulls: Pulls, interpreter: Optional[Tree], step: Step) -> Row:
    """Apply a step with what it needs and no more; then run its tests, with its code and without.

    Args:
        pulls: the tree is the one to apply it to.
        interpreter: what to run the tests on: a patched copy of it.
        step: which one.
    """
    before = pulls.before(step)
    needed = [str(other.number or other.slug) for other in before]
    problems = []
    bare = [other.change for other in before if other.slug not in pulls.present]
    if step.slug in pulls.present:
        return Row(step, needed, None, None, [], skipped="the tree has it already")
    error = needs.problem(pulls.tree, [*bare, step.change])
    problems += ["does not apply: " + error] if error else []
    files = step.change.files()
    if step.patch.role == DOCS:
        problems += misplaced(step.patch)
    if not problems and not any(map(pulls.tree.takes, files)):
        return Row(step, needed, None, None, [], skipped="the tree has no documents")
    names = test_files([step.change])
    if problems or not names or interpreter is None:
        return Row(step, needed, None, None, problems)
    # An interpreter that was built in the tree has what the tree has.
    changes = bare if interpreter.lib == pulls.tree.lib else [other.change for other in before]
    with patched(interpreter, [*changes, step.change]) as python:
        outcomes = run_tests(python, names)
    failed = sorted(name for name, outcome in outcomes.items() if outcome == FAILED)
    if failed:
        brought = test_files(changes)
        there = [name for name in names if name in brought or interpreter.file("Lib/test/%s.py" % name).exists()]
        with patched(interpreter, changes) as python:
            known = run_tests(python, there) if there else {}
        problems += ["%s fails" % name for name in failed if known.get(name) != FAILED]
    passed = sum(outcome == PASSED for outcome in outcomes.values())
    if not any(name.startswith("Lib/") and not name.startswith("Lib/test/") for name in files):
        return Row(step, needed, passed, None, problems)
    with patched(interpreter, changes, only_tests=[step.change]) as python:
        outcomes = run_tests(python, names)
    red = sum(outcome == FAILED for outcome in outcomes.values()) - len(failed)
    problems += [] if red > 0 else ["its tests pass without its code"]
    return Row(step, needed, passed, red, problems)
