"""The script: what it finds, and that it finds it when something is wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Dict

import pytest
from seriestool import applying, checks, cli, debian, export, measure, model, prefix, refresh, status, trees


def spoil(series: Any, branch: str, slug: str, old: str, new: str) -> Any:
    """Change the text of a mail; returns the branch."""
    spoilt = series.load()[branch]
    patch = next(patch for patch in spoilt.patches if patch.slug == slug)
    assert patch.text.count(old) >= 1
    patch.path.write_text(patch.text.replace(old, new, 1), encoding="utf-8")
    return spoilt


def test_applies_to_this_python(here: Any) -> None:
    result = checks.check(model.branch_of(here.version), here)
    assert result.problems == []
    assert set(result.ways) >= {"patch", "git apply", "git am"}


def test_fuzz_is_refused(here: Any, series: Any) -> None:
    """A context line that is no longer so: GNU patch would take it by default."""
    branch = series.branch_of(here.version)
    context = "             raise error_proto('-ERR STLS"
    changed = spoil(series, branch.name, "poplib-failed-stls", context, context.replace("STLS", "stls"))
    result = checks.check(changed, here)
    assert result.ways["patch"]
    assert all(error for error in result.ways.values())


def test_drift_is_found(here: Any, series: Any) -> None:
    branch = series.branch_of(here.version)
    if not checks.is_base(branch, here):
        pytest.skip("not the base of its series")
    changed = spoil(series, branch.name, "poplib-failed-stls", "Subject: ", "Subject:  ")
    assert checks.drift(here, changed.select(None, model.EVERYWHERE)) == [
        "drift: %s is not what git would write"
        % next(patch.path.name for patch in changed.patches if patch.slug == "poplib-failed-stls")
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        ("3.12/series", "0001-", "0009-", "series"),
        ("3.12/BASE", "v3.12", "v3.11", "BASE"),
        ("3.12/0013-tests-mail-tls.patch", "[3.12] gh-", "gh-", "subject"),
        ("3.12/0013-tests-mail-tls.patch", "diff --git a/Lib/test", "diff --git a/Modules/test", "touches"),
    ],
)
def test_inconsistency_is_found(series: Any, file: str, old: str, new: str, found: str) -> None:
    path = series.FOLDER / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    problems = "\n".join(checks.consistency()) if file != "3.12/series" else _consistency_or_error()
    assert found in problems


def _consistency_or_error() -> str:
    try:
        return "\n".join(checks.consistency())
    except OSError as exc:
        return "series: %s" % exc


def test_patched_copy(here: Any) -> None:
    """It is an interpreter of its own, and the original is untouched."""
    before = hashlib.sha256((here.lib / "smtplib.py").read_bytes()).hexdigest()
    branch = model.branch_of(here.version)
    ask = "import ssl; print(hasattr(ssl, '_create_default_client_context'))"
    with prefix.patched(here, branch.select(here.version, model.EVERYWHERE)) as python:
        said = subprocess.run([str(python), "-I", "-c", ask], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "True"
    assert hashlib.sha256((here.lib / "smtplib.py").read_bytes()).hexdigest() == before


def test_only_tests(here: Any) -> None:
    branch = model.branch_of(here.version)
    with prefix.patched(here, (), only_tests=branch.select(here.version, model.EVERYWHERE)) as python:
        lib = next(path for path in python.parent.parent.rglob(model.NEW_TESTS + ".py")).parent.parent
        assert "_create_default_client_context" not in (lib / "ssl.py").read_text(encoding="utf-8")


def outcomes(**more: str) -> Dict[str, str]:
    return {"test.test_smtplib.A.test_a": "passed", "test.test_ssl.B.test_b": "failed", **more}


def compared(before: Dict[str, str], after: Dict[str, str], branch: Any) -> str:
    measured = measure.Measured()
    patches = branch.select(None, model.EVERYWHERE)
    measure._compare(measured, "verify", before, after, patches)
    return "\n".join(measured.problems)


def test_comparison(branches: Any) -> None:
    """What makes a run of CPython's tests a failure."""
    branch = branches["3.12"]
    added = model.added_tests(branch.select(None, model.EVERYWHERE))
    assert model.NEW_TESTS in added
    new = {"test.%s.T.%s" % (file, name): "passed" for file, names in added.items() for name in names}
    good = {**outcomes(), **new}
    assert compared(outcomes(), good, branch) == ""
    assert "test_a fails" in compared(outcomes(), {**good, "test.test_smtplib.A.test_a": "failed"}, branch)
    assert "test_b fails" not in compared(outcomes(), good, branch)
    gone = {name: outcome for name, outcome in good.items() if "test_a" not in name}
    assert "test_a is gone" in compared(outcomes(), gone, branch)
    more = compared(outcomes(), {**good, "test.test_ssl.C.test_c": "passed"}, branch)
    assert "test_c of test_ssl was run, and no patch adds it" in more
    assert "which the patches add, was not run" in compared(outcomes(), dict(list(good.items())[:-1]), branch)


def test_added_tests(tmp_path: Path) -> None:
    """What an earlier patch adds and a later one takes away is not expected."""

    def patch(number: int, *lines: str) -> Any:
        path = tmp_path / ("%04d-x.patch" % number)
        head = "diff --git a/Lib/test/test_x.py b/Lib/test/test_x.py\n"
        path.write_text(head + "".join(line + "\n" for line in lines), encoding="utf-8")
        return model.Patch(path, "x", model.CODE, model.FIXES)

    first = patch(1, "+    def test_one(self):", "+    async def test_two(self):", "+    def helper(self):")
    second = patch(2, "-    def test_one(self):", "+    def test_three(self):", " def test_old(self):")
    moved = patch(3, "-    def test_two(self):", "+    def test_two(self):")
    assert model.added_tests([first]) == {"test_x": {"test_one", "test_two"}}
    assert model.added_tests([first, second, moved]) == {"test_x": {"test_two", "test_three"}}


def test_failures_in_subtests_are_seen() -> None:
    """A report has tests, not subtests; what regrtest prints says which files failed."""
    said = "0:00:07 [1/2/1] test_poplib failed (2 errors, 3 failures)\n[2/2/2] test_ssl failed (uncaught exception)"
    outcomes = {"test.test_poplib.A.test_a": "passed", "test.test_ssl.B.test_b": "passed"}
    assert measure._in_subtests(said, outcomes) == {"test.test_poplib.test_poplib": "failed"}
    assert measure._in_subtests(said, {**outcomes, "test.test_poplib.A.test_c": "failed"}) == {}


def source_tree(branch: Any, here: Any, folder: Path) -> Path:
    """What of CPython's repository the series touches, from the interpreter that runs this."""
    tree = folder / "tree"
    (tree / "Include").mkdir(parents=True)
    version = "%d.%d.%d" % here.version
    (tree / "Include" / "patchlevel.h").write_text('#define PY_VERSION "%s"\n' % version, encoding="utf-8")
    applying.copy_touched(here, branch.patches, tree)
    return tree


def test_apply(here: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    branch = model.branch_of(here.version)
    tree = source_tree(branch, here, tmp_path)
    before = (tree / "Lib" / "smtplib.py").read_bytes()
    assert cli.main(["apply", str(tree), "--dry-run"]) == 0
    assert (tree / "Lib" / "smtplib.py").read_bytes() == before
    assert cli.main(["apply", str(tree), "--warn"]) == 0
    text = (tree / "Lib" / "ssl.py").read_text(encoding="utf-8")
    assert "def _warn_unverified_client(" in text
    capsys.readouterr()
    (tree / "Lib" / "ssl.py").write_text(text.replace("_create_default_client_context", "_other"), encoding="utf-8")
    assert cli.main(["apply", str(tree)]) == 2
    assert "patch" in capsys.readouterr().err
    (tree / "Lib" / "ssl.py").write_text(text, encoding="utf-8")


def test_apply_goes_on_from_a_stage(here: Any, tmp_path: Path, capsys: Any) -> None:
    """What is there is left out, and the result is the same as at once."""
    branch = model.branch_of(here.version)
    one, other = source_tree(branch, here, tmp_path / "one"), source_tree(branch, here, tmp_path / "other")
    for stage in model.STAGES:
        assert cli.main(["apply", str(one), "--" + stage]) == 0
    assert " has already: imaplib-starttls-injection, " in capsys.readouterr().out
    assert cli.main(["apply", str(other)]) == 0
    for path in [path.relative_to(other) for path in other.rglob("*") if path.is_file()]:
        assert (one / path).read_bytes() == (other / path).read_bytes(), path
    capsys.readouterr()
    assert cli.main(["apply", str(one)]) == 0
    assert "\n0 patches for " in capsys.readouterr().out


def test_apply_leaves_out_what_is_there(branches: Any) -> None:
    slugs = [patch.slug for patch in branches["3.13"].select((3, 13, 15))]
    assert "smtplib-connected-host" not in slugs
    assert "logging-smtphandler-secure" not in slugs
    assert "logging-smtphandler-secure" in [patch.slug for patch in branches["3.13"].select((3, 13, 1))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["apply", "/nowhere"], "/nowhere: does not exist"),
        (["apply", "."], "no Include/patchlevel.h"),
        (["apply", sys.executable, "--without", "no-such"], "no patch no-such in the series for"),
        (["check", "--record", "--fixes"], "leave out --fixes"),
        (["refresh", "2.7"], "no branch 2.7"),
        (["check", "--branch", "nosuch"], "no branch nosuch; there are 3.8, "),
        (["refresh", "3.12", "/nowhere"], "/nowhere: does not exist"),
        (["check", "/bin/sh"], "/bin/sh: not a Python"),
        (["apply", sys.executable, "--roles", "code,pictures"], "--roles"),
        (["apply", sys.executable, "--roles", "docs", "--dry-run"], "has nothing that the roles docs change"),
    ],
)
def test_errors(arguments: Any, said: str, tmp_path: Path, monkeypatch: Any, capsys: Any, here: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_no_series_for_an_old_python(branches: Any) -> None:
    with pytest.raises(model.Problem, match=r"no series for Python 3\.7; the oldest is for 3\.8"):
        model.branch_of((3, 7, 17))
    assert model.branch_of((3, 16, 0)).name == "main"


def test_refresh(here: Any, series: Any, tmp_path: Path) -> None:
    """Onto the tree that it is for already: the same mails."""
    branch = series.branch_of(here.version)
    if not checks.is_base(branch, here):
        pytest.skip("not the base of its series")
    code = [patch for patch in branch.patches if patch.role in model.EVERYWHERE]
    for patch in branch.patches:
        if patch not in code:
            patch.path.unlink()
    lines = (branch.folder / "series").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not re.search(r"# (docs|news)$", line)]
    (branch.folder / "series").write_text("".join(kept), encoding="utf-8")
    before = {patch.slug: patch.text for patch in branch.patches}
    refresh.start(branch, here, tmp_path / "work")
    refresh.finish(branch, tmp_path / "work")
    assert {patch.slug: patch.text for patch in branch.patches} == before


def test_refresh_without_a_patch_that_is_there(here: Any, series: Any, tmp_path: Path) -> None:
    branch = series.branch_of(here.version)
    if not checks.is_base(branch, here):
        pytest.skip("not the base of its series")
    work = tmp_path / "work"
    work.mkdir()
    kept = [patch for patch in branch.select(None, model.EVERYWHERE) if patch.slug != "ftplib-failed-data-channel"][:5]
    applying.copy_touched(here, kept, work)
    applying.with_git_am(work, kept)
    assert len(refresh.finish(branch, work)) == 5
    assert [patch.slug for patch in series.load()[branch.name].patches] == [patch.slug for patch in kept]
    (work / "new").write_text("a line\n", encoding="utf-8")
    applying.git(work, "add", "new")
    applying.git(work, "commit", "-q", "-m", "something else")
    with pytest.raises(model.Problem, match="not in the series"):
        refresh.finish(branch, work)


def test_refresh_stops_at_a_conflict(here: Any, series: Any, tmp_path: Path) -> None:
    branch = series.branch_of(here.version)
    changed = spoil(series, branch.name, "poplib-failed-stls", "error_proto('-ERR STLS", "error_proto('-ERR stls")
    with pytest.raises(model.Problem, match="git am --continue"):
        refresh.start(changed, here, tmp_path / "work")
    assert refresh.is_pending(tmp_path / "work")


def test_export(here: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    written = export.export(tmp_path / "out")
    branch = model.branch_of(here.version)
    name = branch.name
    for line in (tmp_path / "out" / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((tmp_path / "out" / path).read_bytes()).hexdigest() == digest
    assert len(written) == len((tmp_path / "out" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()) + 1
    tried = [(kit.name, known, problem) for kit, known, problem in export.trial(tmp_path / "out", [here])]
    assert [problem for _, _, problem in tried if problem] == []
    # Of this version one set of series file fits, at each of the three stages.
    assert [known for _, known, _ in tried if known] == [here] * 3
    names = {path.name[:-6] for path in (tmp_path / "out" / "combined").iterdir() if "-docs" not in path.name}
    assert names == {kit_name for kit_name, _, _ in tried}
    assert {"3.13", "3.13.2-fixes", "3.13.14-warn", "3.13.14"} <= names
    spec = (tmp_path / "out" / "spec" / (name + ".inc")).read_text(encoding="utf-8")
    assert len(re.findall(r"^Patch: ", spec, re.MULTILINE)) == len(branch.select(None, model.EVERYWHERE))
    assert len(re.findall(r"^# git patch-id: [0-9a-f]{40}$", spec, re.MULTILINE)) == spec.count("Patch: ")


def test_the_lines_of_a_spec_file(branches: Any) -> None:
    """Each has the issue of its own subject, and says whether it is a fix."""
    patches = branches["main"].select(None, model.EVERYWHERE)
    text = export.spec(patches)
    for patch in patches:
        kind = "FIX" if patch.stage == model.FIXES else "FEATURE"
        issue = re.findall(r"^Subject: .*?gh-(\d+):", patch.text, re.MULTILINE)[0]
        assert "# PATCH-%s-UPSTREAM %s gh#python/cpython#%s\n" % (kind, patch.path.name, issue) in text
    assert len(set(re.findall(r"cpython#(\d+)$", text, re.MULTILINE))) > 1


def test_the_tarball_is_reproducible(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    one, other = [export.tarball(tmp_path / name).read_bytes() for name in ("one.tar.gz", "two.tar.gz")]
    assert one == other
    with tarfile.open(str(tmp_path / "one.tar.gz")) as archive:
        names = archive.getnames()
    assert "securedefaults-patches/3.12/series" in names
    assert "securedefaults-patches/README.md" in names
    assert gzip.decompress(one)


def test_status_is_what_was_measured() -> None:
    assert cli.main(["status", "--check"]) == 0


def test_status_is_written(series: Any) -> None:
    branch = series.load()["3.12"]
    before = status.render()
    status.record(
        branch, "a tree", "test", {"stages": {"verify": {"passed": 1, "failed": 2, "skipped": 3}}, "problems": ["x"]}
    )
    after = status.render()
    assert "| 3.12 | a tree | - | - | - | - | - | - | 1 / 2 / 3 | - | - | - | - | **failed** |" in after
    assert "a tree" not in before
    assert cli.main(["status", "--check"]) == 1
    assert cli.main(["status"]) == 0
    assert cli.main(["status", "--check"]) == 0


def test_what_older_mails_were_measured_with_is_marked(series: Any) -> None:
    """Whatever kind of measurement; documents do not count; and the page can still be checked."""
    branch = series.load()["3.12"]
    status.record(branch, "a tree", "docs", {"complaints": 7})
    row = r"\| 3.12 \| a tree \| 7 \| \d{4}-\d\d-\d\d%s \|"
    assert re.search(row % "", status.render())
    spoil(series, "3.12", "docs-client-context-note", "Subject: ", "Subject:  ")
    assert re.search(row % "", status.render())
    spoil(series, "3.12", "poplib-failed-stls", "Subject: ", "Subject:  ")
    assert re.search(row % ", older mails", status.render())
    assert cli.main(["status"]) == 0
    assert cli.main(["status", "--check"]) == 0


def test_a_debian_source_tree_is_known(tmp_path: Path) -> None:
    (tmp_path / "Include").mkdir()
    (tmp_path / "Include" / "patchlevel.h").write_text('#define PY_VERSION              "3.13.5"\n', encoding="utf-8")
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian" / "changelog").write_text(
        "python3.13 (3.13.5-2+deb13u5) trixie; urgency=medium\n", encoding="utf-8"
    )
    found = trees.unpacked(tmp_path)
    assert found.label == "Debian 3.13.5-2+deb13u5"
    assert found.version == (3, 13, 5)
    assert shutil.which("git")


def debian_tree(branch: Any, here: Any, folder: Path) -> Path:
    """As much of an unpacked source package as the command looks at."""
    tree = source_tree(branch, here, folder)
    (tree / "debian" / "patches").mkdir(parents=True)
    (tree / "debian" / "changelog").write_text("python3 (%d.%d.%d-1) unstable\n" % here.version, encoding="utf-8")
    (tree / "debian" / "patches" / "series").write_text("# off\nours.diff", encoding="utf-8")
    return Path(tree)


@pytest.mark.parametrize("stage", model.STAGES)
def test_debian(stage: str, here: Any, tmp_path: Path, capsys: Any) -> None:
    """Behind the package's own patches, in order; the documents are left out, for this tree has none."""
    branch = model.branch_of(here.version)
    tree = debian_tree(branch, here, tmp_path)
    code = (tree / "Lib" / "ssl.py").read_bytes()
    assert cli.main(["debian", str(tree), "--" + stage]) == 0
    patches = branch.select(here.version, model.EVERYWHERE, stage)
    left = [patch for patch in branch.select(here.version, stage=stage) if patch not in patches]
    lines = (tree / "debian" / "patches" / "series").read_text(encoding="utf-8").splitlines()
    assert lines == ["# off", "ours.diff", *["securedefaults/" + patch.path.name for patch in patches]]
    said = capsys.readouterr()
    assert said.out.split() == ["debian/patches/" + line for line in lines[2:]]
    assert "left out, for they do not all fit: %s\n" % ", ".join(patch.path.name for patch in left) in said.err
    for patch in patches:
        assert (
            tree / "debian" / "patches" / "securedefaults" / patch.path.name
        ).read_bytes() == patch.path.read_bytes()
    assert (tree / "Lib" / "ssl.py").read_bytes() == code  # dpkg-source applies them
    assert cli.main(["debian", str(tree)]) == 2
    assert "has the series already" in capsys.readouterr().err


def test_debian_takes_all_documents_or_none(here: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """One that does not fit takes the others with it; if all of them fit, all are taken."""
    branch = model.branch_of(here.version)
    monkeypatch.setattr(debian, "fits", lambda tree, patches: None)
    tree = debian_tree(branch, here, tmp_path)
    assert debian.drop(tree) == branch.select(here.version)
    series = tree / "debian" / "patches" / "series"
    series.write_text("", encoding="utf-8")
    last = [patch for patch in branch.select(here.version) if patch.role == model.DOCS][-1]
    monkeypatch.setattr(debian, "fits", lambda tree, patches: "no" if last in patches else None)
    assert debian.drop(tree) == branch.select(here.version, model.EVERYWHERE)
    assert last.path.name in capsys.readouterr().err
    assert "docs" not in series.read_text(encoding="utf-8")


def test_what_is_under_embargo(here: Any, series: Any, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """Each command that gives it away says so, until series.toml has none any more."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    said = "under embargo until Python's security team has answered, do not publish: imaplib-starttls-injection, "
    tree = debian_tree(series.branch_of(here.version), here, tmp_path)
    commands = [["apply", str(tree), "--dry-run"], ["export", str(tmp_path / "out"), "--fixes"], ["debian", str(tree)]]
    for command in commands:
        assert cli.main(command) == 0
        assert capsys.readouterr().err.count(said) == 1, command
    text = series.TOML.read_text(encoding="utf-8")
    series.TOML.write_text(re.sub(r"(?ms)^private = \[.*?\]$", "private = []", text), encoding="utf-8")
    for command in commands[:2]:
        assert cli.main(command) == 0
        assert "embargo" not in capsys.readouterr().err


def test_the_private_ones_exist(branches: Any) -> None:
    private = model.settings()["pulls"]["private"]
    assert set(private) <= {patch.slug for branch in branches.values() for patch in branch.patches}


def test_debian_without(here: Any, tmp_path: Path, capsys: Any) -> None:
    """A patch that no other needs can be left out; else nothing is begun."""
    tree = debian_tree(model.branch_of(here.version), here, tmp_path)
    assert cli.main(["debian", str(tree), "--without", "ssl-default-client-context"]) == 2
    assert "needs ssl-default-client-context, which --without leaves out" in capsys.readouterr().err
    assert [path.name for path in (tree / "debian" / "patches").iterdir()] == ["series"]
    assert cli.main(["debian", str(tree), "--without", "close-refused-upgrades"]) == 0
    assert "close-refused-upgrades" not in (tree / "debian" / "patches" / "series").read_text(encoding="utf-8")


def test_debian_does_not_begin_what_does_not_fit(here: Any, tmp_path: Path, capsys: Any) -> None:
    branch = model.branch_of(here.version)
    tree = debian_tree(branch, here, tmp_path)
    text = (tree / "Lib" / "ssl.py").read_text(encoding="utf-8")
    assert "_create_stdlib_context = _create_unverified_context" in text
    (tree / "Lib" / "ssl.py").write_text(text.replace("_create_stdlib_context", "_other"), encoding="utf-8")
    assert cli.main(["debian", str(tree)]) == 2
    assert "does not apply" in capsys.readouterr().err
    assert [path.name for path in (tree / "debian" / "patches").iterdir()] == ["series"]
    (tree / "debian" / "patches" / "series").unlink()
    assert cli.main(["debian", str(tree)]) == 2
    assert "not a source package of Debian" in capsys.readouterr().err


@pytest.mark.parametrize("have", ["a git checkout", "quilt", "only `patch`"])
def test_the_commands_of_the_page(have: str, here: Any, series: Any, tmp_path: Path) -> None:
    """Without series.py, with the series file that is for this version: the same as `apply`."""
    if have == "quilt" and not shutil.which("quilt"):
        pytest.skip("needs quilt")
    page = (series.FOLDER / "README.md").read_text(encoding="utf-8")
    command = re.findall(r"^\| %s \| `(.*)` \|$" % re.escape(have), page, re.MULTILINE)[0]
    branch = series.branch_of(here.version)
    sinces = [since for since in set(branch.upstream.values()) if model.parse_version(since) <= here.version]
    newest = max(sinces, key=model.parse_version, default=None)
    command = command.replace("3.12/series", branch.name + "/series" + ("." + newest if newest else ""))
    tree = source_tree(branch, here, tmp_path / "one")
    (tree / "patches").symlink_to(series.FOLDER)
    applying.git(tree, "init", "-q")
    applying.git(tree, "add", "-A", "-f", "Lib", "Include")
    applying.git(tree, "commit", "-q", "-m", "base")
    environ = {**applying._GIT_ENVIRON, "PATH": os.environ["PATH"], "QUILT_PC": ".pc", "HOME": str(tmp_path)}
    command = command.replace("patches/3.12", "patches/" + branch.name)
    subprocess.run(["sh", "-e", "-c", command], cwd=str(tree), env=environ, check=True, capture_output=True)
    other = source_tree(branch, here, tmp_path / "two")
    assert cli.main(["apply", str(other)]) == 0
    for path in [path.relative_to(other) for path in other.rglob("*") if path.is_file()]:
        assert (tree / path).read_bytes() == (other / path).read_bytes(), path


def test_series_files_say_the_stage(branches: Any) -> None:
    for branch in branches.values():
        stages = [patch.stage for patch in branch.patches]
        assert stages == sorted(stages, key=model.STAGES.index)
        assert set(stages) == set(model.STAGES)
        text = (branch.folder / "series").read_text(encoding="utf-8")
        assert all(text.count(marker + "\n") == 1 for marker in model.MARKERS.values())


def test_a_missing_marker_is_found(series: Any) -> None:
    path = series.FOLDER / "3.12" / "series"
    path.write_text(path.read_text(encoding="utf-8").replace(series.MARKERS["warn"] + "\n", ""), encoding="utf-8")
    assert any("3.12: its series files" in problem for problem in checks.consistency())


def test_a_stage_contains_the_one_before(branches: Any) -> None:
    for branch in branches.values():
        counts = [len(branch.select(None, stage=stage)) for stage in model.STAGES]
        assert counts[0] < counts[1] < counts[2] == len(branch.patches)


def test_documents_of_what_is_left_out(branches: Any) -> None:
    slugs = [patch.slug for patch in branches["3.12"].select(None, without=["ssl-verify-by-default"])]
    assert "ssl-verify-by-default" not in slugs
    assert "docs-verify-by-default" not in slugs
    assert "docs-deprecate-unverified-default" in slugs


def test_stages_exclude_each_other(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        cli.main(["apply", ".", "--fixes", "--warn"])
    assert "not allowed with" in capsys.readouterr().err


def test_without(here: Any, tmp_path: Path, capsys: Any) -> None:
    """What others need cannot be left out; the error names both."""
    branch = model.branch_of(here.version)
    tree = source_tree(branch, here, tmp_path)
    before = (tree / "Lib" / "ssl.py").read_bytes()
    assert cli.main(["apply", str(tree), "--without", "ssl-default-client-context"]) == 2
    error = capsys.readouterr().err
    assert "needs ssl-default-client-context, which --without leaves out" in error
    assert (tree / "Lib" / "ssl.py").read_bytes() == before
    assert cli.main(["apply", str(tree), "--warn", "--without", "logging-default-client-context", "--dry-run"]) == 0
    assert "logging-default-client-context" not in capsys.readouterr().out


def prefix_copy(here: Any, folder: Path, *, tests: bool) -> Path:
    """As much of an installed prefix as `apply` looks at: modules, and a header that says the version."""
    lib: Path = folder / "lib" / ("python%d.%d" % here.version[:2])
    header = folder / "include" / lib.name / "patchlevel.h"
    header.parent.mkdir(parents=True)
    header.write_text('#define PY_VERSION "%d.%d.%d"\n' % here.version, encoding="utf-8")
    names = {name for patch in model.branch_of(here.version).patches for name in patch.files()}
    if tests:
        names.add("Lib/test/test_smtplib.py")
    for name in sorted(names):
        if here.takes(name) and (tests or not name.startswith("Lib/test/")) and here.file(name).exists():
            (lib / name[4:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(here.file(name)), str(lib / name[4:]))
    return lib


@pytest.mark.parametrize("tests", [True, False], ids=["tests", "no-tests"])
def test_apply_to_an_installed_folder(tests: bool, here: Any, tmp_path: Path, capsys: Any) -> None:
    """Only below Lib: neither news nor documents are put into the prefix, nor tests where there were none."""
    lib = prefix_copy(here, tmp_path, tests=tests)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert cli.main(["apply", str(lib), "--roles", "code,tests,docs"]) == 0
    assert "installed" in capsys.readouterr().out
    assert "_create_default_client_context" in (lib / "ssl.py").read_text(encoding="utf-8")
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert [path.name for path in new] == ([model.NEW_TESTS + ".py"] if tests else [])


def test_code_alone(here: Any, tmp_path: Path) -> None:
    """Without the tests, also those that are in the mails of the code."""
    tree = source_tree(model.branch_of(here.version), here, tmp_path)
    before = {path: path.read_bytes() for path in (tree / "Lib" / "test").rglob("*.py")}
    assert cli.main(["apply", str(tree), "--roles", "code"]) == 0
    assert {path: path.read_bytes() for path in (tree / "Lib" / "test").rglob("*.py")} == before
    assert "_create_default_client_context" in (tree / "Lib" / "ssl.py").read_text(encoding="utf-8")


def test_the_version_of_an_installed_folder(here: Any, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """By the interpreter that uses it; else by what lies beside; else it has to be named."""
    assert trees.tree(here.lib).version == here.version
    assert trees.tree(here.lib).lib == here.lib
    lib = prefix_copy(here, tmp_path, tests=False)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)  # which has another folder of modules
    assert trees.tree(lib, tests=False).version == here.version
    shutil.rmtree(str(tmp_path / "include"))
    assert cli.main(["apply", str(lib)]) == 2
    assert "cannot tell which version" in capsys.readouterr().err
    details = '{"implementation": {"version": {"major": 3, "minor": 15, "micro": 2, "releaselevel": "final"}}}'
    (lib / "build-details.json").write_text(details, encoding="utf-8")
    assert trees.tree(lib, tests=False).version == (3, 15, 2)


def test_the_lib_of_a_source_tree_is_that_tree(here: Any, tmp_path: Path) -> None:
    tree = source_tree(model.branch_of(here.version), here, tmp_path)
    assert trees.tree(tree / "Lib") == trees.tree(tree)


def test_main_is_checked_on_a_checkout(series: Any, here: Any, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """The commit and its date are printed and kept; a checkout of main is looked at once."""
    tree = source_tree(series.branch_of(here.version), here, tmp_path)
    (tree / "Include" / "patchlevel.h").write_text('#define PY_VERSION "3.16.0a2+"\n', encoding="utf-8")
    applying.git(tree, "init", "-q")
    applying.git(tree, "add", "-A", "-f")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-29T12:00:00+00:00")
    applying.git(tree, "commit", "-q", "-m", "base")
    commit = applying.git(tree, "rev-parse", "--short=12", "HEAD").strip()
    cli.main(["check", "--branch", "main", str(tree), "--record"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("main ")]
    assert len(lines) == 1
    assert "commit %s of 2026-11-29" % commit in lines[0]
    assert "| main | 3.16.0a2+ git, commit %s of 2026-11-29 |" % commit in status.render()


def test_a_tree_that_is_named(here: Any, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """Of a source tree, documents that do not fit count; and a branch that is not for it is refused."""
    tree = source_tree(model.branch_of(here.version), here, tmp_path)  # which has no documents
    assert cli.main(["check", str(tree)]) == 1
    assert re.search(r"^ +docs: \S+\.patch: ", capsys.readouterr().out, re.MULTILINE)
    other = next(name for name in model.load() if name not in ("main", model.branch_of(here.version).name))
    assert cli.main(["check", "--branch", other, str(tree)]) == 2
    assert "--branch %s: not for %d.%d.%d source;" % (other, *here.version) in capsys.readouterr().err
    assert cli.main(["pr", "--branch", other, "--onto", str(tree)]) == 2
    said = "the mails of %s are not for a tree of %d.%d.%d; leave out --branch" % (other, *here.version)
    assert said in capsys.readouterr().err
    assert cli.main(["pr", "--branch", "main", "--onto", str(tree)]) == 0


WORKFLOW = model.FOLDER / "workflow-cpython-fork.yml"


def test_the_workflow_is_one() -> None:
    """By GitHub's own schema, as check-jsonschema brings it."""
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_workflow_says_when_it_must_be_private() -> None:
    """As long as there is something under embargo; and the secret that it names is the one that it uses."""
    text = WORKFLOW.read_text(encoding="utf-8")
    head = text.partition("\nname: ")[0]
    assert ("must be private" in head) or not model.settings()["pulls"]["private"]
    secrets = set(re.findall(r"secrets\.(\w+)", text))
    assert secrets == {"SERIES_TOKEN"}
    assert "secret SERIES_TOKEN" in head


def test_the_commands_of_the_workflow(capsys: Any) -> None:
    """Its arguments are those that the script takes."""
    found = re.findall(r"series\.py ([^\n]+)", WORKFLOW.read_text(encoding="utf-8"))
    assert [line.split()[0] for line in found] == ["check", "test", "pr"]
    for line in found:
        cli._parser().parse_args(shlex.split(line))


def test_a_lost_test_is_found(series: Any) -> None:
    """One that main adds and a branch does not; and an excuse that is none."""
    name = sorted(model.added_tests(series.load()["3.12"].patches)[model.NEW_TESTS])[0]
    for patch in series.load()["3.12"].patches:
        patch.path.write_text(patch.text.replace(" def %s(" % name, " def lost("), encoding="utf-8")
    assert any("3.12: does not have the test %s of main" % name in problem for problem in checks.consistency())
    text = series.TOML.read_text(encoding="utf-8")
    text = text.replace('base = "v3.15.2"', 'base = "v3.15.2"\nabsent = ["test_not_at_all"]')
    series.TOML.write_text(text, encoding="utf-8")
    assert any("3.15: absent in series.toml says test_not_at_all" in problem for problem in checks.consistency())


def test_an_interpreter_that_is_not_installed(here: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """As `make` leaves it: beside its modules, whatever prefix it was configured for."""
    tree = source_tree(model.branch_of(here.version), here, tmp_path)
    (tree / "Lib" / "test" / "test_smtplib.py").write_text("", encoding="utf-8")
    said = json.dumps([here.version, "/usr/local", str(tree / "Lib"), "d", str(tree / "python")])
    answer = subprocess.CompletedProcess([], 0, stdout=said)
    monkeypatch.setattr(trees.subprocess, "run", lambda *arguments, **more: answer)
    found = trees.installed(tree / "python")
    assert found is not None
    assert (found.kind, found.path, found.lib, found.python) == (
        trees.INSTALLED,
        tree,
        tree / "Lib",
        tree / "python",
    )
    assert found.label.endswith(", built")
