"""The mails themselves: what a reviewer, a packager and their tools expect of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, List, Tuple

import pytest
from seriestool import checks, model

EVERY = [(branch, patch) for branch in model.load().values() for patch in branch.patches]
every_patch = pytest.mark.parametrize(
    ("branch", "patch"), EVERY, ids=["%s-%s" % (branch.name, patch.slug) for branch, patch in EVERY]
)


def added(patch: Any) -> List[Tuple[str, str]]:
    """(file, line) of every line that the patch adds."""
    found = []
    file = ""
    for line in patch.text.splitlines():
        if line.startswith("+++ "):
            file = line[6:]
        elif line.startswith("+"):
            found.append((file, line[1:]))
    return found


def message(patch: Any) -> str:
    text: str = patch.text.partition("\n---\n")[0]
    return text


def test_the_branches_agree() -> None:
    assert checks.consistency() == []


def test_every_branch_is_there() -> None:
    assert list(model.load()) == ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "main"]


@every_patch
def test_style(branch: Any, patch: Any) -> None:
    """PEP 8, as far as it can be told from a diff."""
    for file, line in added(patch):
        assert line == line.rstrip(), (file, line)
        assert "\t" not in line, (file, line)
        if not re.search(r"https?://\S{20}", line):
            assert len(line) <= 79, (file, line)


@every_patch
def test_message(branch: Any, patch: Any) -> None:
    text = message(patch)
    for line in text.splitlines():
        assert len(line) <= 79 or line.startswith(("Subject:", "Upstream-Status:")), line
    body = text.partition("\n\n")[2]
    assert len(body.partition("\nBug: ")[0]) > 20


@every_patch
def test_trailers(branch: Any, patch: Any) -> None:
    """They are DEP-3, and git reads them too."""
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=message(patch) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    trailers = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert trailers["Bug"].startswith("https://github.com/python/cpython/issues/")
    assert trailers["Origin"].startswith(("other", "backport, https://"))
    assert trailers["Forwarded"] in ("no", "not-needed")
    assert re.match(r"\d{4}-\d\d-\d\d$", trailers["Last-Update"])


#: The fields of DEP-3, what a mail has in place of some of them, and OpenEmbedded's one.
DEP3 = {"Description", "Origin", "Bug", "Forwarded", "Author", "Reviewed-by", "Last-Update", "Applied-Upstream"}
MAIL = {"From", "Date", "Subject", "Upstream-Status"}


@every_patch
def test_dep3(branch: Any, patch: Any) -> None:
    """As python-debian, the parser of Debian's tools, reads it: a paragraph of fields, prose, a paragraph of fields."""
    deb822 = pytest.importorskip("debian.deb822")
    paragraphs = message(patch).partition("\n")[2].split("\n\n")
    fields = {**deb822.Deb822(paragraphs[0]), **deb822.Deb822(paragraphs[-1])}
    assert set(fields) <= DEP3 | MAIL
    assert re.match(r"\S.* <\S+@\S+>$", fields["From"])
    assert re.match(r"(upstream|backport|vendor|other)(, https://\S+)?$", fields["Origin"])
    assert re.match(r"https://\S+$", fields["Bug"])
    assert re.match(r"(no|not-needed|https://\S+)$", fields["Forwarded"])
    assert re.match(r"\d{4}-\d\d-\d\d$", fields["Last-Update"])


BACKPORTS = [(branch, patch) for branch, patch in EVERY if "\nOrigin: backport" in patch.text]


def test_what_upstream_has_is_a_backport() -> None:
    backports = {(branch.name, patch.slug) for branch, patch in BACKPORTS}
    assert {(branch.name, slug) for branch in model.load().values() for slug in branch.upstream} <= backports


@pytest.mark.parametrize(
    ("branch", "patch"), BACKPORTS, ids=["%s-%s" % (branch.name, patch.slug) for branch, patch in BACKPORTS]
)
def test_a_backport_names_the_commit_and_its_author(branch: Any, patch: Any) -> None:
    text = message(patch)
    assert re.search(
        r"^Origin: backport, https://github\.com/python/cpython/(commit/[0-9a-f]{40}|pull/\d+)$", text, re.MULTILINE
    )
    assert re.search(r"^Forwarded: not-needed$", text, re.MULTILINE)
    author = re.findall(r"^From: (.*)$", text, re.MULTILINE)[0]
    assert "securedefaults" not in author


@every_patch
def test_no_binary_no_rename_no_mode(branch: Any, patch: Any) -> None:
    for word in ("GIT binary patch", "rename from", "old mode", "new file mode 100755", "deleted file mode 100755"):
        assert word not in patch.text


def test_the_new_tests_are_one_file() -> None:
    """New files in Lib: this one and no other."""
    for _, patch in EVERY:
        new = re.findall(r"^diff --git a/(\S+) .*\nnew file mode", patch.text, re.MULTILINE)
        assert all(
            name == "Lib/test/%s.py" % model.NEW_TESTS or name.startswith("Misc/NEWS.d/next/") for name in new
        ), new


def test_code_that_is_the_same_is_the_same() -> None:
    """A patch differs between two branches only where the files do."""
    for one, other in (("3.9", "3.10"), ("3.10", "3.11")):
        branches = model.load()
        slug = "smtplib-failed-starttls"
        texts = [next(patch for patch in branches[name].patches if patch.slug == slug).text for name in (one, other)]
        hunks = [[line for line in text.splitlines() if re.match(r"[-+][^-+]", line)] for text in texts]
        assert hunks[0] == hunks[1]


@pytest.mark.skipif(sys.version_info < (3, 9), reason="blurb needs Python 3.9")
@pytest.mark.parametrize("name", list(model.load()))
def test_news(name: str, tmp_path: Path) -> None:
    """Every fragment is one that blurb reads."""
    pytest.importorskip("blurb")
    from seriestool import applying

    for patch in model.load()[name].patches:
        fragments = "".join(part for path, part in patch.parts().items() if path.startswith("Misc/"))
        if fragments:
            applying.patch_program(tmp_path, fragments, strip=1)
    fragments_there = sorted(tmp_path.glob("Misc/NEWS.d/next/*/*.rst"))
    assert len(fragments_there) >= 5
    for fragment in fragments_there:
        program = "import sys, blurb; from blurb._blurb_file import Blurbs; Blurbs().load_next(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", program, str(fragment)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert re.match(r"2026-\d\d-\d\d-\d\d-\d\d-\d\d\.gh-issue-\d+\.[-\w]{6}\.rst$", fragment.name)
