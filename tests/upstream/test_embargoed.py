"""What is embargoed is true, and is in nothing that is published."""

from __future__ import annotations

import gzip
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Dict, List, Set, Tuple

import figures
import pytest

FOLDER = figures.UPSTREAM / "embargoed"
if not FOLDER.is_dir():
    pytest.skip("not in what is published", allow_module_level=True)
REPORT = (FOLDER / "security-report.md").read_text(encoding="utf-8")


def run(*command: str) -> bytes:
    return subprocess.run(command, cwd=str(figures.ROOT), stdout=subprocess.PIPE, check=True).stdout


#: What is in a report, by its number, and in no entry of NEWS.
SAID = {
    1: re.compile(
        r"_readbuf|untagged_responses|appended.{0,40}go-ahead|read ahead|CVE-2011-0411|injection", re.S | re.I
    ),
    2: re.compile(
        r"IMAP4\((''|\"\")\)|drop one packet|wrap_socket\(\)` (can )?fails?|detached"
        r"|(program|context) without a host name|CWE-636|CVE-2020-28896",
        re.S | re.I,
    ),
}


def fixes() -> Set[str]:
    """The slugs of what the reports name as their fixes."""
    rows = re.findall(r"^\| (?:fix|the same in modules).*", REPORT, re.MULTILINE)
    return {slug for row in rows for slug in re.findall(r"`([a-z]+-[a-z-]+)`", row)}


# It is in nothing that is published


def test_git_archive() -> None:
    """Neither is it in the downloads that forges make of a tag."""
    if not (figures.ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a clone")
    archive = ("git", "archive", "--worktree-attributes", "--format=tar", "HEAD", "Doc", "tests/upstream")
    listed = subprocess.run(["tar", "-t"], input=run(*archive), stdout=subprocess.PIPE, check=True).stdout.decode()
    assert "Doc/upstream/pep-9999.rst" in listed
    assert "embargoed" not in listed


def test_source_distribution() -> None:
    """And so not in the packages for Debian and RPM, which are built from it."""
    names = included("hatchling.builders.sdist", "SdistBuilder", figures.ROOT)
    assert "Doc/upstream/pep-9999.rst" in names
    assert not [name for name in names if "embargoed" in name]


@pytest.mark.parametrize("folder", ["", "backport/autoload", "backport/scan"])
def test_wheel(folder: str) -> None:
    names = included("hatchling.builders.wheel", "WheelBuilder", figures.ROOT / folder)
    assert names
    assert not [name for name in names if "embargoed" in name]


def included(module: str, builder: str, root: Path) -> List[str]:
    """What hatchling would take, without building it."""
    made = getattr(pytest.importorskip(module, reason="needs hatchling"), builder)(str(root))
    return [file.distribution_path for file in made.recurse_included_files()]


def test_documentation() -> None:
    """With the matcher of Sphinx itself; that nothing comes out is tests/docs/test_build.py's."""
    matching = pytest.importorskip("sphinx.util.matching", reason="needs sphinx")
    found = re.search(r"^exclude_patterns = \[(.*)\]", (figures.ROOT / "Doc" / "conf.py").read_text("utf-8"), re.M)
    assert found is not None
    excluded = re.findall(r'"(.*?)"', found.group(1))
    documents = list(matching.get_matching_files(str(figures.ROOT / "Doc"), exclude_patterns=excluded))
    assert "upstream/README.md" in documents
    assert not [name for name in documents if "embargoed" in name]


def test_export(tmp_path: Path) -> None:
    run(sys.executable, "patches/series.py", "export", str(tmp_path))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".gz" for path in written)
    for path in written:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        assert not re.search(b"embargoed/|CVE-2020-14954", content), path


def test_public_texts() -> None:
    """They say no more than an entry in NEWS would."""
    pages = [*figures.ROOT.glob("*.md"), *(figures.ROOT / "Doc").rglob("*.md"), figures.PEP]
    public = [path for path in pages if FOLDER not in path.parents]
    for number, words in SAID.items():
        assert words.search(REPORT.partition("## 2.")[0 if number == 1 else 2])
        assert [path for path in public if words.search(path.read_text("utf-8"))] == []


def test_the_messages_of_the_fixes() -> None:
    """They are in patch queues and changelogs, where nobody reads the code."""
    for slug in fixes():
        for path in (figures.ROOT / "patches").glob("*/[0-9]*-%s.patch" % slug):
            message = path.read_text("utf-8").partition("\n---\n")[0]
            assert not SAID[2].search(message), path


def test_the_post_says_nothing_of_the_fixes() -> None:
    """It is sent while the security team has not answered yet."""
    post = (figures.UPSTREAM / "discussion.md").read_text("utf-8")
    assert not re.search(r"(starttls|stls|auth)(\(\))? (fails|failed)|fail\w*\s+(starttls|stls|auth tls)", post, re.I)


def test_what_is_private_is_not_sent_first() -> None:
    """What submit.md calls free to be sent is in neither report."""
    text = (figures.UPSTREAM / "submit.md").read_text("utf-8")
    said = re.search(r"That leaves four: (.*?)\.\n", text, re.S)
    assert said is not None
    free = re.findall(r"`([\w-]+)`", said.group(1))
    assert len(free) == 4
    assert not fixes() & set(free)
    numbers = [int(number) for number in re.findall(r"series\.py pr (\d+) --onto ~/cpython$", text, re.M)]
    mails = sorted((figures.ROOT / "patches" / "main").glob("[0-9]*.patch"))
    assert numbers
    assert {mails[number - 1].stem[5:] for number in numbers} <= set(free)


# It is true


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    spec = importlib.util.spec_from_file_location("embargoed_measure", FOLDER / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(name: str) -> List[Dict[str, str]]:
    """The rows of the table, by the heading of their columns."""
    text = re.search(r"<!-- measured %s -->\n(.*?)<!-- end" % name, REPORT, re.DOTALL)
    assert text is not None
    heading, *others = figures.rows(text.group(1))
    return [dict(zip(heading, row)) for row in others]


@pytest.mark.parametrize("name", ["injection", "cleartext"])
def test_the_script(name: str, measure: ModuleType) -> None:
    """It says of this interpreter what the table says of its version, and exits as the PSRT asks for."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the command openssl")
    known = {row.pop("Python"): row for row in measured(name)}
    status, found = measure.ran(name, sys.executable)
    assert status == any(value.startswith(("believed", "password")) for value in found.values())
    if platform.python_version() in known and not patched():
        assert found == known[platform.python_version()]


def patched() -> bool:
    import ssl

    return hasattr(ssl, "_create_default_client_context")


def test_versions() -> None:
    """Every branch that the series is for was measured."""
    branches = {path.name for path in (figures.ROOT / "patches").glob("3.*")}
    for name in ("injection", "cleartext"):
        assert {row["Python"].rpartition(".")[0] for row in measured(name)} == branches


def test_fixes() -> None:
    """The slugs are those of the series, in the branches that the report names."""
    settings = (figures.ROOT / "patches" / "series.toml").read_text("utf-8")
    private = re.search(r"^private = \[(.*?)\]", settings, re.M | re.S)
    assert private is not None
    assert fixes() == set(re.findall(r'"(.*?)"', private.group(1)))
    for slug in fixes():
        branches = {path.parent.name for path in (figures.ROOT / "patches").glob("*/[0-9]*-%s.patch" % slug)}
        assert branches >= ({"3.8", "3.12"} if slug.startswith("nntplib") else {"3.8", "3.15", "main"}), slug


#: FIRST's specification of CVSS 3.1, section 7.4, as far as these vectors go.
WEIGHTS = {
    "AV": {"N": 0.85}, "AC": {"L": 0.77, "H": 0.44}, "PR": {"N": 0.85}, "UI": {"N": 0.85, "R": 0.62},
    "C": {"N": 0.0, "L": 0.22, "H": 0.56}, "I": {"N": 0.0, "L": 0.22, "H": 0.56}, "A": {"N": 0.0},
}  # fmt: skip


def score(vector: str) -> float:
    weight = {name: WEIGHTS[name][value] for name, value in pairs(vector) if name != "S"}
    impact = 6.42 * (1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"]))
    total = impact + 8.22 * weight["AV"] * weight["AC"] * weight["PR"] * weight["UI"]
    return -(-round(min(total, 10) * 100000) // 10000) / 10


def pairs(vector: str) -> List[Tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition(":") for part in vector.split("/")[1:])]


def test_scores() -> None:
    assert score("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N") == 7.4  # that of CVE-2026-42246
    given = re.findall(r"`(CVSS:3\.1/\S+)`, (\d\.\d)", REPORT)
    assert len(given) == 3
    for vector, said in given:
        assert score(vector) == float(said), vector
    for vector in re.findall(r"`(CVSS:4\.0/\S+)`", REPORT):
        assert [name for name, _ in pairs(vector)] == ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]
