"""`pr`: the pull requests, what they need, and the branches that it makes of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from seriestool import cli, measure, model, needs, pulls, status, trees
from test_series import source_tree

ME = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_COUNT": "0",
}


def git(tree: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=str(tree), capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def checkout(here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git checkout of what the series touches, of the version that runs this."""
    for name in ("AUTHOR", "COMMITTER"):
        for what in ("NAME", "EMAIL"):
            monkeypatch.delenv("GIT_%s_%s" % (name, what), raising=False)
    for name, value in ME.items():
        monkeypatch.setenv(name, value)
    tree = source_tree(model.branch_of(here.version), here, tmp_path)
    git(tree, "init", "-q")
    git(tree, "config", "user.name", "A Developer")
    git(tree, "config", "user.email", "developer@example.org")
    git(tree, "add", "-A", "-f")
    git(tree, "commit", "-q", "-m", "base")
    return tree


@pytest.fixture
def listed(checkout: Path) -> Any:
    tree = trees.tree(checkout)
    return pulls.Pulls(model.branch_of(tree.version), tree)


def code_step(listed: Any) -> Any:
    """One without documents that needs no other but brings code and tests."""
    return next(
        step
        for step in listed.steps
        if step.number
        and step.patch.role == model.CODE
        and measure.test_files([step.change])
        and not step.is_private
        and not any(name.startswith("Doc/") for name in step.change.files())
    )


def test_each_code_and_tests_patch_is_one(branches: Any) -> None:
    steps = pulls.steps(branches["main"])
    slugs = [step.slug for step in steps]
    wanted = [patch.slug for patch in branches["main"].patches if patch.role != model.DOCS]
    assert [slug for slug in slugs if slug in wanted] == wanted
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))


def test_nothing_is_lost(branches: Any) -> None:
    """Every file of every mail is in just one pull request, the documents distributed over them."""
    for branch in branches.values():
        whole = sorted((name, part) for patch in branch.patches for name, part in patch.parts().items())
        split = sorted((name, part) for step in pulls.steps(branch) for name, part in step.change.parts().items())
        assert split == whole


def test_only_what_main_has_has_a_number(branches: Any) -> None:
    steps = pulls.steps(branches["3.13"])
    unnumbered = {step.slug for step in steps if step.number is None}
    newest = {patch.slug for patch in branches["main"].patches}
    assert unnumbered == {step.slug for step in steps} - newest
    assert "smtplib-connected-host" in unnumbered


def test_documents_go_with_their_module(branches: Any) -> None:
    steps = {step.slug: step for step in pulls.steps(branches["main"])}
    for module in ("smtplib", "imaplib", "poplib", "ftplib"):
        found = [slug for slug, step in steps.items() if slug == module + "-default-client-context"]
        assert "Doc/library/%s.rst" % module in steps[found[0]].change.files()
    assert "Doc/library/logging.handlers.rst" in steps["logging-default-client-context"].change.files()
    assert "Doc/library/ssl.rst" in steps["ssl-default-client-context"].change.files()
    assert "Doc/library/ssl.rst" in steps["ssl-verify-by-default"].change.files()


def test_what_belongs_to_no_module_goes_with_the_last(branches: Any) -> None:
    """What's New tells of all the clients, which do it only then."""
    for branch in branches.values():
        document = next(patch for patch in branch.patches if patch.slug == "docs-deprecate-unverified-default")
        general = [name for name in document.files() if not name.startswith("Doc/library/")]
        last = next(step for step in pulls.steps(branch) if step.slug == "logging-default-client-context")
        assert set(general) <= set(last.change.files())
    assert "Doc/whatsnew/3.16.rst" in last.change.files()


def test_documents_that_nobody_placed(series: Any) -> None:
    text = series.TOML.read_text(encoding="utf-8")
    series.TOML.write_text(text.replace('docs-verify-by-default = "ssl-verify', 'x = "y', 1), encoding="utf-8")
    with pytest.raises(model.Problem, match="does not say which pull request docs-verify-by-default belongs to"):
        pulls.steps(series.load()["main"])
    series.TOML.write_text(text.replace('default = "ssl-verify-by-default"', 'default = "no-such"'), encoding="utf-8")
    with pytest.raises(model.Problem, match="there is no pull request no-such"):
        pulls.steps(series.load()["main"])


def made(path: str, *lines: str, slug: str = "one") -> needs.Change:
    diff = "diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -0,0 +1 @@\n" % (path, path, path, path)
    return needs.Change(slug, {path: diff + "".join(line + "\n" for line in lines)})


def test_needs_by_name(here: Any) -> None:
    """What only an earlier change defines; not what the tree has, not what the change defines itself."""
    first = made("Lib/ssl.py", "+def _brand_new_thing(context):", "+    self._fresh_thing = 1", slug="first")
    other = made("Lib/ssl.py", "+def create_default_context(x):", slug="other")
    use = made("Lib/smtplib.py", "+        ssl._brand_new_thing()", slug="use")
    attribute = made("Lib/smtplib.py", "+        print(x._fresh_thing)", slug="attribute")
    known = made("Lib/smtplib.py", "+        ssl.create_default_context()", slug="known")
    own = made("Lib/smtplib.py", "+def _brand_new_thing():", "+    _brand_new_thing()", slug="own")
    comment = made("Lib/smtplib.py", "+    pass  # unlike _brand_new_thing", slug="comment")
    assert [each.slug for each in needs.by_name(use, [first, other], here)] == ["first"]
    assert [each.slug for each in needs.by_name(attribute, [first, other], here)] == ["first"]
    for each in (known, own, comment):
        assert needs.by_name(each, [first, other], here) == []


def test_new_tests_need_the_code_before_them(here: Any, listed: Any) -> None:
    """What they test is not there without it, although they apply; an old file that is changed says itself what."""
    first, old = made("Lib/ssl.py", "+x = 1", slug="first"), made("Lib/test/test_ssl.py", "+y = 1", slug="old")
    diffs = {"Lib/test/test_new.py": "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n+z = 1\n"}
    new = needs.Change("new", diffs)
    assert [each.slug for each in needs.by_test(new, [first, old])] == ["first"]
    assert needs.by_test(old, [first]) == []
    assert needs.by_test(new._replace(diffs={**diffs, **old.diffs}), [first]) == []
    step = listed.find("tests-mail-tls")
    code = [other for other in listed.steps if other.patch.role == model.CODE and other.patch.stage == model.FIXES]
    assert set(listed.needs[step.slug]) >= {other.slug for other in code}


def test_needs_are_computed(listed: Any) -> None:
    """Each applies with what it needs, and with nothing less than that."""
    step = next(step for step in listed.steps if step.slug == "smtplib-default-client-context")
    needed = listed.needs[step.slug]
    assert "ssl-default-client-context" in needed
    before = [other.change.limited(listed_lib(listed)) for other in listed.before(step)]
    change = step.change.limited(listed_lib(listed))
    assert needs.problem(listed.tree, [*before, change]) is None
    by_name = {other.slug for other in [*needs.by_name(change, before, listed.tree), *needs.by_test(change, before)]}
    assert "tests-explicit-contexts" in by_name
    for left in before:
        dependents = [other for other in before if left.slug in listed.needs[other.slug]]
        if not dependents and left.slug not in by_name:
            assert needs.problem(listed.tree, [other for other in [*before, change] if other != left])


def test_a_line_of_drift_spoils_one_alone(listed: Any, checkout: Path) -> None:
    """The others need what they needed; the one that does not fit says at which file."""
    step = code_step(listed)
    path = next(name for name in step.change.files() if name.startswith("Lib/") and "test" not in name)
    context = re.findall(r"^ (.*\S.*)$", step.change.diffs[path], re.MULTILINE)[0]
    text = (checkout / path).read_text(encoding="utf-8")
    (checkout / path).write_text(text.replace(context, context + "  # drift"), encoding="utf-8")
    again = pulls.Pulls(listed.branch, trees.tree(checkout))
    assert again.unfit[step.slug] == [path]
    assert "; does not fit: " + path in again.line(step)
    assert step.slug not in listed.unfit
    others = [other for other in listed.steps if path not in other.change.files()]
    assert len(others) > 5
    for other in others:
        if not set(again.unfit) & set(listed.needs[other.slug]):
            assert again.needs[other.slug] == listed.needs[other.slug], other.slug


def listed_lib(listed: Any) -> Any:
    """What the checkout, which has no documents, can be given."""
    return listed.tree._replace(kind=trees.INSTALLED)


def test_backports(series: Any) -> None:
    """Bug fixes go to the branches that take bug fixes; what is about security also to those that take only that."""
    steps = {step.slug: step for step in pulls.steps(series.load()["main"])}
    diffs = {"Lib/poplib.py": "", "Misc/NEWS.d/next/Library/x.rst": ""}
    fix = steps["poplib-failed-stls"]._replace(change=needs.Change("poplib-failed-stls", diffs))
    assert not fix.is_security
    assert fix.backports() == ["3.15", "3.14"]
    assert steps["ssl-verify-by-default"].backports() == []
    diffs = {**diffs, "Misc/NEWS.d/next/Security/x.rst": ""}
    security = fix._replace(change=needs.Change(fix.slug, diffs))
    assert security.backports() == ["3.15", "3.14", "3.13", "3.12", "3.11"]
    text = series.TOML.read_text(encoding="utf-8")
    series.TOML.write_text(text.replace('state = "bug fixes"', 'state = "end of life"', 1), encoding="utf-8")
    assert fix.backports() == ["3.15"]


def test_the_list(checkout: Path, capsys: Any) -> None:
    assert cli.main(["pr", "--onto", str(checkout)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +\d+ close-refused-upgrades .*; optional(;|$)", out, re.MULTILINE)
    assert re.search(r"ssl-default-client-context +gh-91826; warn; ", out)
    assert len(out.splitlines()) == 1 + len(pulls.steps(model.branch_of(trees.tree(checkout).version)))


def commits(tree: Path) -> List[str]:
    return git(tree, "log", "--format=%s").splitlines()


def test_make(listed: Any, checkout: Path, capsys: Any) -> None:
    """A branch with what it needs, a commit each, and then the step alone."""
    step = code_step(listed)
    name = "gh-%s-%s" % (step.issue, step.slug)
    assert cli.main(["pr", str(step.number), "--onto", str(checkout)]) == 0
    needed = listed.before(step)
    assert commits(checkout) == ["base"]
    git(checkout, "switch", "-q", name)
    *subjects, last = capsys.readouterr().out.splitlines()
    assert subjects == list(reversed(commits(checkout)))[1:]
    assert last == "branch %s is made: git switch %s" % (name, name)
    assert len(commits(checkout)) == 1 + len(needed) + 1
    prefix = "[%s] " % listed.branch.name if listed.branch.name != "main" else ""
    assert commits(checkout)[0].startswith(prefix + "gh-%s: " % step.issue)
    assert sorted(git(checkout, "show", "--format=", "--name-only").split()) == sorted(step.change.files())
    about = git(checkout, "log", "-1", "--format=%an <%ae>%n%B")
    assert about.startswith("A Developer <developer@example.org>\n")
    assert not re.search(r"^(Bug|Origin|Forwarded|Upstream-Status|Last-Update):", about, re.MULTILINE)
    assert git(checkout, "status", "--porcelain") == ""
    # What is there already is not made again.
    assert cli.main(["pr", str(step.number), "--onto", str(checkout)]) == 2
    assert "already" in capsys.readouterr().err
    again = pulls.Pulls(listed.branch, trees.tree(checkout))
    assert set(again.present) == {step.slug, *[other.slug for other in needed]}
    assert again.needs == listed.needs


@pytest.mark.parametrize("detached", [False, True], ids=["branch", "detached"])
def test_two_in_a_row(detached: bool, listed: Any, checkout: Path) -> None:
    """The second one does not begin with the first."""
    if detached:
        git(checkout, "checkout", "-q", "--detach")
    where = git(checkout, "rev-parse", "--abbrev-ref", "HEAD")
    for slug in ("poplib-failed-stls", "ftplib-failed-auth-tls"):
        assert cli.main(["pr", slug, "--onto", str(checkout), "--private"]) == 0
        assert git(checkout, "rev-parse", "--abbrev-ref", "HEAD") == where
        branch = pulls.branch_name(listed.find(slug))
        needed = listed.before(listed.find(slug))
        assert len(git(checkout, "log", "--format=%s", branch).splitlines()) == 1 + len(needed) + 1
    assert git(checkout, "status", "--porcelain") == ""


def test_merged_in_other_words(listed: Any, checkout: Path, capsys: Any) -> None:
    """It cannot be told by its text, and whoever knows it says so; what needs it no longer begins with it."""
    first, later = listed.find("ftplib-failed-auth-tls"), listed.find("tests-mail-tls")
    assert first.slug in listed.needs[later.slug]
    pulls.make(listed, first, name="merged", private=True)
    git(checkout, "switch", "-q", "merged")
    path = checkout / "Lib" / "test" / "test_ftplib.py"
    added = re.findall(r"^\+( +def test_.*)$", first.change.diffs["Lib/test/test_ftplib.py"], re.MULTILINE)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(added[0], added[0] + "  # in other words", 1), encoding="utf-8")
    git(checkout, "commit", "-q", "-a", "-m", "other words")
    assert first.slug in refused(checkout, capsys, later.slug)
    assert first.slug not in refused(checkout, capsys, later.slug, "--merged", first.slug)
    assert cli.main(["pr", later.slug, "--onto", str(checkout), "--merged", str(first.number), "--private"]) == 0
    made = git(checkout, "log", "--format=%s", "merged.." + pulls.branch_name(later)).splitlines()
    assert first.message.partition("\n")[0] not in made
    assert len(made) == len(listed.needs[later.slug])  # one less, and itself
    assert "no pull request no-such" in refused(checkout, capsys, later.slug, "--merged", "no-such")


def test_another_issue(listed: Any, checkout: Path) -> None:
    step = code_step(listed)
    pulls.make(listed, step, issue="123456", name="mine")
    git(checkout, "switch", "-q", "mine")
    assert "gh-123456: " in commits(checkout)[0]
    shown = git(checkout, "show", "--format=%B")
    assert "gh-%s" % step.issue not in shown
    for name in git(checkout, "show", "--format=", "--name-only").split():
        assert not name.startswith(pulls.NEWS) or ".gh-issue-123456." in name


def test_fragments() -> None:
    """A valid name is kept; any other gets one as blurb would give it."""
    folder = "Misc/NEWS.d/next/Library/"
    valid = folder + "2026-11-24-00-03-00.gh-issue-91826.UuEmOH.rst"
    assert pulls._fragment(valid, "") == valid
    assert pulls._fragment("Lib/ssl.py", "") == "Lib/ssl.py"
    new = pulls._fragment(folder + "short.gh-issue-91826.rst", "+What is new.\n")
    assert re.match(re.escape(folder) + r"\d{4}(-\d\d){5}\.gh-issue-91826\.[-\w]{6}\.rst$", new)
    with pytest.raises(model.Problem, match="no issue number"):
        pulls._fragment(folder + "short.rst", "")
    text = "gh-91826 gh-issue-91826 :gh:`91826` issues/91826 gh-918260 91826"
    changed = pulls._renumbered(text, "91826", "7")
    assert changed == "gh-7 gh-issue-7 :gh:`7` issues/7 gh-918260 91826"


def fragment_step(name: str) -> Any:
    """A pull request with code and a fragment of news of that name."""
    patch = next(patch for patch in model.load()["main"].patches if patch.slug == "poplib-failed-stls")
    news = "diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+See gh-91826.\n"
    code = "diff --git a/Lib/x.py b/Lib/x.py\n--- a/Lib/x.py\n+++ b/Lib/x.py\n@@ -1 +1,2 @@\n # gh-91826\n+# gh-91826\n"
    change = needs.Change(patch.slug, {name: news % (name, name, name), "Lib/x.py": code})
    return pulls.Step(1, patch, change)


def test_the_issue_in_news_and_comments() -> None:
    """In what is added, also in the name; not in what is there."""
    step = fragment_step("Misc/NEWS.d/next/Library/2026-11-24-00-03-00.gh-issue-91826.UuEmOH.rst")
    change, message = pulls._commit(step, "7")
    new = "Misc/NEWS.d/next/Library/2026-11-24-00-03-00.gh-issue-7.UuEmOH.rst"
    assert list(change.diffs) == [new, "Lib/x.py"]
    assert change.diffs[new].count(new) == 3
    assert "+See gh-7.\n" in change.diffs[new]
    assert change.diffs["Lib/x.py"].endswith(" # gh-91826\n+# gh-7\n")
    assert "gh-7: " in message
    assert "91826" not in message
    assert pulls._commit(step, "")[0] == step.change


def test_a_fragment_gets_its_name_on_the_way() -> None:
    step = fragment_step("Misc/NEWS.d/next/Library/poplib.gh-issue-91826.rst")
    change, _ = pulls._commit(step, "")
    name = next(iter(change.diffs))
    assert re.match(r"Misc/NEWS\.d/next/Library/\d{4}(-\d\d){5}\.gh-issue-91826\.[-\w]{6}\.rst$", name)
    assert change.diffs[name].count(name) == 3


def refused(checkout: Path, capsys: Any, *arguments: str) -> str:
    """What it says; nothing has changed."""
    before = (git(checkout, "rev-parse", "HEAD"), git(checkout, "branch"), git(checkout, "status", "--porcelain"))
    assert cli.main(["pr", *arguments, "--onto", str(checkout)]) == 2
    assert before == (
        git(checkout, "rev-parse", "HEAD"),
        git(checkout, "branch"),
        git(checkout, "status", "--porcelain"),
    )
    said: str = capsys.readouterr().err
    return said


def test_refusals(listed: Any, checkout: Path, capsys: Any, monkeypatch: Any) -> None:
    step = code_step(listed)
    number = str(step.number)
    assert "no pull request 99" in refused(checkout, capsys, "99")
    assert "x is not a number" in refused(checkout, capsys, number, "--issue", "x")
    (checkout / "Lib" / "ssl.py").write_text("# changed\n", encoding="utf-8")
    assert "not committed: M Lib/ssl.py" in refused(checkout, capsys, number)
    git(checkout, "checkout", "-q", ".")
    git(checkout, "branch", "mine")
    assert "has a branch mine already" in refused(checkout, capsys, number, "--branch-name", "mine")
    (checkout / step_file(step)).parent.mkdir(parents=True, exist_ok=True)
    (checkout / step_file(step)).write_text("mine", encoding="utf-8")
    assert "%s is there and git does not know it" % step_file(step) in refused(checkout, capsys, number)
    (checkout / step_file(step)).unlink()
    git(checkout, "config", "--unset", "user.name")
    assert "git config --global user.name 'Your Name'" in refused(checkout, capsys, number)
    # git takes it from the environment too; and a file that nobody asked for is in nobody's way
    for name, value in (("NAME", "A Developer"), ("EMAIL", "developer@example.org")):
        monkeypatch.setenv("GIT_AUTHOR_" + name, value)
        monkeypatch.setenv("GIT_COMMITTER_" + name, value)
    (checkout / "notes.txt").write_text("mine", encoding="utf-8")
    assert cli.main(["pr", number, "--onto", str(checkout)]) == 0
    assert (checkout / "notes.txt").exists()


def step_file(step: Any) -> str:
    """The fragment of news that it brings."""
    return next(name for name in step.change.files() if name.startswith(pulls.NEWS))


def test_a_step_that_does_not_fit(listed: Any, checkout: Path, capsys: Any) -> None:
    """The file is named, and the checkout is as it was."""
    step = code_step(listed)
    path = next(name for name in step.change.files() if name.startswith("Lib/") and "test" not in name)
    # a line of context: it need not take any away
    removed = re.findall(r"^ (.*\S.*)$", step.change.diffs[path], re.MULTILINE)[0]
    text = (checkout / path).read_text(encoding="utf-8")
    (checkout / path).write_text(text.replace(removed, removed + "  # changed"), encoding="utf-8")
    git(checkout, "commit", "-q", "-a", "-m", "in the way")
    said = refused(checkout, capsys, str(step.number))
    assert step.slug in said
    assert path in said


def test_a_hook_that_refuses(listed: Any, checkout: Path, capsys: Any) -> None:
    """Also what was begun is taken back."""
    hook = checkout / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho hook says no\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    step = code_step(listed)
    assert "hook says no" in refused(checkout, capsys, str(step.number))


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left"), 2)])
def test_what_is_interrupted(
    error: BaseException, status: int, listed: Any, checkout: Path, monkeypatch: Any, capsys: Any
) -> None:
    """In the middle of the second file: no branch is left, nor a new file, and no traceback."""
    put, written = pulls._put, []

    def interrupted(path: Path, content: Any) -> None:
        put(path, content)
        written.append(path)
        if any(not git(checkout, "ls-files", str(path)) for path in written):
            raise error

    monkeypatch.setattr(pulls, "_put", interrupted)
    before = (git(checkout, "branch"), git(checkout, "status", "--porcelain"))
    assert cli.main(["pr", code_step(listed).slug, "--onto", str(checkout)]) == status
    assert (git(checkout, "branch"), git(checkout, "status", "--porcelain")) == before
    assert written
    assert ("No space left" in capsys.readouterr().err) == (status == 2)


def test_what_is_no_checkout(here: Any, tmp_path: Path, capsys: Any) -> None:
    tree = source_tree(model.branch_of(here.version), here, tmp_path)
    assert cli.main(["pr", "poplib-failed-stls", "--onto", str(tree)]) == 2
    assert "git init && git add -A && git commit" in capsys.readouterr().err


def test_private(listed: Any, checkout: Path, capsys: Any, monkeypatch: Any) -> None:
    """Neither it, nor what needs it, without the option."""
    step, later = listed.find("ftplib-failed-auth-tls"), listed.find("ftplib-failed-data-channel")
    assert step.slug in listed.needs[later.slug]
    table = {**model.settings(), "pulls": {"optional": [], "private": [step.slug]}}
    monkeypatch.setattr(pulls, "settings", lambda: table)
    for each in (step, later):
        said = refused(checkout, capsys, each.slug)
        assert "do not push it to a public fork; --private makes the branch" in said
        needing = "" if each == step else later.slug + " needs "
        assert needing + step.slug + (", which" if needing else "") + " is to be reported in private first" in said
    assert "not public before %d, which is private" % step.number in listed.line(later)
    assert cli.main(["pr", step.slug, "--onto", str(checkout), "--private"]) == 0


def test_what_needs_a_private_one_says_so(listed: Any) -> None:
    """Also where it is private itself."""
    injection = "imaplib-failed-starttls needs imaplib-starttls-injection, which is to be reported in private first"
    with pytest.raises(model.Problem, match="imaplib-failed-starttls is to be .*; %s: do not push" % injection):
        pulls.make(listed, listed.find("imaplib-failed-starttls"))
    with pytest.raises(model.Problem, match=r"tls-server-hostname needs .*, .*, which are to be reported in private"):
        pulls.make(listed, listed.find("tls-server-hostname"))


def check_with(listed: Any, here: Any, monkeypatch: Any, outcomes: List[Dict[str, str]]) -> Any:
    """Check one, with these results of the runs of its tests."""
    remaining = list(outcomes)
    monkeypatch.setattr(pulls, "run_tests", lambda python, names: remaining.pop(0))
    row = pulls.check(listed, here, code_step(listed))
    assert not remaining
    return row


def test_check(listed: Any, here: Any, monkeypatch: Any) -> None:
    """Green with the code, red without it; a failure that was there before is not counted."""
    good, bad = {"a": "passed", "b": "passed"}, {"a": "passed", "b": "failed"}
    row = check_with(listed, here, monkeypatch, [good, bad])
    assert (row.passed, row.red, row.problems) == (2, 1, [])
    assert check_with(listed, here, monkeypatch, [good, good]).problems == ["its tests pass without its code"]
    assert check_with(listed, here, monkeypatch, [bad, good, bad]).problems[0] == "b fails"
    row = check_with(listed, here, monkeypatch, [bad, bad, {"a": "failed", "b": "failed"}])
    assert (row.passed, row.red, row.problems) == (1, 1, [])


def test_check_by_command(checkout: Path, here: Any, monkeypatch: Any, capsys: Any) -> None:
    """A row for each; with the tree alone, no test is run."""
    branch = model.branch_of(here.version)
    documents = [step.slug for step in pulls.steps(branch, here.version) if step.patch.role == model.DOCS]
    cli.main(["pr", "--check", str(checkout)])
    out = capsys.readouterr().out
    assert "without an interpreter the tests are not run" in out
    rows = [line.split("|")[2].strip() for line in out.splitlines() if line.startswith("| ")][1:]
    assert rows == [step.slug for step in pulls.steps(branch, here.version)]
    assert set(documents) <= set(rows)
    runs = iter([{"a": "passed"}, {"a": "failed"}])
    monkeypatch.setattr(pulls, "run_tests", lambda python, names: next(runs))
    step = code_step(pulls.Pulls(branch, here))
    assert cli.main(["pr", step.slug, "--check", str(here.python)]) == 0
    assert re.search(
        r"\| +%d \| %s .*\| +1 \| +1 \|$" % (step.number, step.slug), capsys.readouterr().out, re.MULTILINE
    )
    assert cli.main(["pr", step.slug, "--check", str(here.python), "--record"]) == 2
    assert "--record needs all of them" in capsys.readouterr().err


def test_the_variable_records_the_whole_alone(here: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """One of them is checked all the same, and nothing is recorded of it."""
    record = tmp_path / "record.json"
    monkeypatch.setenv(status.VARIABLE, str(record))
    runs = iter([{"a": "passed"}, {"a": "failed"}])
    monkeypatch.setattr(pulls, "run_tests", lambda python, names: next(runs))
    step = code_step(pulls.Pulls(model.branch_of(here.version), here))
    assert cli.main(["pr", step.slug, "--check", str(here.python)]) == 0
    assert not record.exists()


def test_check_of_what_is_there(listed: Any, checkout: Path, here: Any) -> None:
    step = code_step(listed)
    pulls.make(listed, step, name="mine")
    git(checkout, "switch", "-q", "mine")
    again = pulls.Pulls(listed.branch, trees.tree(checkout))
    row = pulls.check(again, here, again.find(step.slug))
    assert (row.skipped, row.problems, row.passed) == ("the tree has it already", [], None)


def test_check_finds_what_does_not_apply(listed: Any, here: Any, monkeypatch: Any) -> None:
    step = code_step(listed)
    path = next(name for name in step.change.files() if name.startswith("Lib/") and "test" not in name)
    diffs = {**step.change.diffs, path: step.change.diffs[path].replace("\n ", "\n x", 1)}
    row = pulls.check(listed, None, step._replace(change=needs.Change(step.slug, diffs)))
    assert row.problems[0].startswith("does not apply: ")


def test_recorded(series: Any) -> None:
    """The table of STATUS.md."""
    row = {"number": 3, "needs": ["1"], "passed": 7, "red": 2, "problems": [], "checked": True}
    outcome: Dict[str, Any] = {"python": "x", "rows": {"one": row, "two": {**row, "problems": ["no"], "red": None}}}
    status.record(series.load()["main"], "a tree", "pulls", outcome)
    outcome["rows"]["three"] = {**row, "passed": None, "red": None, "checked": False}
    status.record(series.load()["main"], "a tree", "pulls", outcome)
    text = status.render()
    assert "| main | a tree | 3 | three | 1 | - | - | not checked |" in text
    assert "| main | a tree | 3 | one | 1 | 7 | 2 | passed |" in text
    assert "| main | a tree | 3 | two | 1 | 7 | - | **failed** |" in text


def test_arguments(here: Any, capsys: Any) -> None:
    python = str(here.python)
    checks: List[Tuple[List[str], str]] = [
        (["--branch", "2.7"], "no branch 2.7"),
        (["--check", python, python, python], "--check"),
        (["--onto", "/nowhere"], "/nowhere: does not exist"),
    ]
    for arguments, said in checks:
        assert cli.main(["pr", *arguments]) == 2
        assert said in capsys.readouterr().err
