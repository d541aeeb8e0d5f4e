"""The packaging: one fact is the same wherever it has to be written, and what is built is what it has to be.

What needs root and Debian's archive is `python3 tests/packaging`, and here only with SECUREDEFAULTS_PACKAGING=1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set

import pytest

import securedefaults

sys.path.insert(0, str(Path(__file__).parent))
try:
    from kit import base, distributions, sources, status
finally:
    sys.path.remove(str(Path(__file__).parent))

LOADER_FILES = {"securedefaults-autoload.pth", "securedefaults-autoload.start", "securedefaults_autoload.py"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def python(folder: Path, arguments: Sequence[str], environ: base.Environ) -> str:
    return base.run([sys.executable, *arguments], folder, environ)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Path]:
    """The sdist and the three wheels; that two builds are the same is checked by making them."""
    pytest.importorskip("hatchling", reason="needs hatchling to build")
    return distributions.build_twice(python, tmp_path_factory.mktemp("distributions"))


# The same facts


def test_versions() -> None:
    version = securedefaults.__version__
    assert base.version() == version
    assert base.changelog_head()["version"].rpartition("-")[0] == version
    spec = read(base.SPEC)
    assert re.findall(r"^Version:\s+(\S+)$", spec, re.MULTILINE) == [version]
    assert re.findall(r"^%changelog\n\*.* - (\S+)-1$", spec, re.MULTILINE) == [version]
    for folder in (base.AUTOLOAD, base.SCAN):
        project = read(base.TREE / folder / "pyproject.toml")
        assert re.findall(r'^version = "(.+)"$', project, re.MULTILINE) == [version]


def test_dates_of_the_changelogs() -> None:
    """They are the time stamps of all that is built."""
    date = base.changelog_head()["date"].split()
    assert re.findall(r"^%changelog\n\* (.*) The ", read(base.SPEC), re.MULTILINE) == [
        "%s %s %s %s" % (date[0].rstrip(","), date[2], date[1], date[3])
    ]
    for news in base.DEBIAN.glob("*.NEWS"):
        assert date == re.findall(r"^ -- .*>  (.*)$", read(news), re.MULTILINE)[0].split()


def test_package_names() -> None:
    """Three binary packages; the spec file and debian/ call them the same, and two of them need just the library."""
    packages = [base.LIBRARY, base.LOADER, base.SCANNER]
    control = read(base.DEBIAN / "control")
    assert re.findall(r"^Source: (\S+)$", control, re.MULTILINE) == [base.SOURCE]
    assert re.findall(r"^Package: (\S+)$", control, re.MULTILINE) == packages
    for package in packages[1:]:
        section = control.partition("Package: %s\n" % package)[2].partition("\nPackage: ")[0]
        assert "%s (= ${source:Version})" % base.LIBRARY in section
    spec = read(base.SPEC)
    assert re.findall(r"^%package -n (\S+)$", spec, re.MULTILINE) == packages
    assert re.findall(r"^%files -n (\S+)$", spec, re.MULTILINE) == packages
    assert spec.count("Requires:       %s = %%{version}-%%{release}" % base.LIBRARY) == len(packages) - 1
    assert base.changelog_head()["source"] == base.SOURCE


def test_tests_are_what_the_project_needs() -> None:
    """Every test dependency of a Debian build is one of pyproject.toml's."""
    known = set(re.findall(r'^    "([a-z-]+)>=', read(base.TREE / "pyproject.toml"), re.MULTILINE))
    control = read(base.DEBIAN / "control")
    wanted = set(re.findall(r"^ python3-(\S+) <!nocheck>,$", control, re.MULTILINE))
    assert {"pytest", "trustme"} <= wanted <= known


def test_the_licence() -> None:
    """debian/copyright has the words of LICENSE."""
    text = read(base.TREE / "LICENSE")
    licence = text[text.index("PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2") :]
    written = read(base.DEBIAN / "copyright").rpartition("License: PSF-2.0\n")[2]
    lines = ["" if line == " ." else line[1:] for line in written.splitlines()]
    assert lines == licence.rstrip("\n").splitlines()


def test_everything_that_is_deselected_exists() -> None:
    """Else a test that is renamed runs where it cannot pass, or is left out for ever."""
    for name in ("rules", "tests/wire-matrix"):
        named = re.findall(r"(tests/\w+/\w+\.py)(?:::(\w+))?", read(base.DEBIAN / name))
        assert named
        for file, test in named:
            assert "def %s(" % test in read(base.TREE / file) or not test, "%s::%s" % (file, test)


@pytest.mark.parametrize("file", ["rules", "tests/wire-matrix"])
def test_scripts_can_be_run(file: str) -> None:
    assert os.access(base.DEBIAN / file, os.X_OK)


@pytest.mark.parametrize("name", ["NEWS.Debian", "changelog.rpm"])
def test_announcements_of_a_patched_python(name: str) -> None:
    """They name all that changes, and the remedy, and no line is too long for a terminal."""
    text = read(base.PACKAGING / "cpython" / name)
    for word in ("smtplib", "imaplib", "poplib", "ftplib", "nntplib", "SMTPHandler", "ca-certificates"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 100


def test_no_archive_is_written_down() -> None:
    """Which mirror a machine uses is that machine's."""
    for path in [*base.PACKAGING.rglob("*"), *Path(__file__).parent.rglob("*.py")]:
        if path.is_file() and path != Path(__file__):
            assert not re.search(r"https?://[^\s/]*(debian|fedora)[^\s/]*/(debian|pub|linux)\b", read(path)), path


# What is built


def test_sdist_has_what_packagers_need(built: Dict[str, Path]) -> None:
    with tarfile.open(next(path for path in built.values() if path.name.endswith(".tar.gz"))) as archive:
        members = archive.getmembers()
    prefix = "securedefaults-%s/" % securedefaults.__version__
    names = {member.name[len(prefix) :] for member in members}
    assert all(member.name.startswith(prefix) for member in members)
    for name in (
        "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "pyproject.toml", "tox.ini", "PKG-INFO",
        "backport/securedefaults/__init__.py", "backport/autoload/pyproject.toml", "backport/autoload/LICENSE",
        "backport/scan/pyproject.toml", "backport/scan/LICENSE", "backport/scan/README.md",
        "tests/conftest.py", "tests/backport/test_matrix.py", "tests/packaging/__main__.py", "patches/series.py",
        "patches/3.13/series", "Doc/packaging/debian/rules", "Doc/packaging/python-securedefaults.spec",
    ):  # fmt: skip
        assert name in names, name
    assert not [name for name in names if re.search(r"(^|/)(__pycache__|\.cache|\.tox|\.git)/|\.pyc$", name)]
    assert not [name for name in names if "embargoed" in name]
    times: Set[Any] = {member.mtime for member in members}
    assert times == {int(base.epoch())}


def test_wheels(built: Dict[str, Path]) -> None:
    """The library is one package, and the scanner another; the loader three files beside them, of one stem."""
    version = securedefaults.__version__
    library = contents(built["securedefaults-%s-py3-none-any.whl" % version])
    assert {name.split("/")[0] for name in library} == {"securedefaults", "securedefaults-%s.dist-info" % version}
    loader = contents(built["securedefaults_autoload-%s-py3-none-any.whl" % version])
    assert {name for name in loader if "/" not in name} == LOADER_FILES
    for name in LOADER_FILES:
        assert name in read(base.SPEC)
    scanner = contents(built["securedefaults_scan-%s-py3-none-any.whl" % version])
    top = {"securedefaults_scan", "securedefaults_scan-%s.dist-info" % version}
    assert {name.split("/")[0] for name in scanner} == top
    assert "securedefaults_scan-%s.dist-info/licenses/LICENSE" % version in scanner
    for name in top:
        assert "/%s/" % name.replace(version, "%{version}") in read(base.SPEC)


def test_the_wheel_of_the_library_has_nothing_else(built: Dict[str, Path]) -> None:
    """Whoever wants apply() gets no scanner, no document of another distribution, and no list of our tools."""
    wheel = built["securedefaults-%s-py3-none-any.whl" % securedefaults.__version__]
    names = contents(wheel)
    assert "securedefaults/py.typed" in names
    assert not [name for name in names if "scan" in name or name.endswith("README.md")]
    assert not [name for name in names if not name.endswith((".py", "/py.typed")) and ".dist-info/" not in name]
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    assert re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE) == ["autoload", "scan"]
    assert re.findall(r"^Requires-Dist: ([\w-]+); extra == '(.+)'$", metadata, re.MULTILINE) == [
        ("securedefaults-autoload", "autoload"),
        ("securedefaults-scan", "scan"),
    ]
    assert metadata.count("\nRequires-Dist: ") == 2, "no dependency without an extra"


def contents(wheel: Path) -> List[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_builds_that_differ_are_seen(tmp_path: Path) -> None:
    for name, content in (("a", "1"), ("b", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(content, encoding="utf-8")
    with pytest.raises(base.Problem, match="two builds differ: file"):
        distributions.require_same([(tmp_path / "a" / "file", tmp_path / "b" / "file")])


def test_trees_that_differ_are_seen(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / "debian").mkdir(parents=True)
        (tmp_path / name / "same").write_text("same", encoding="utf-8")
        (tmp_path / name / "changed").write_text(name, encoding="utf-8")
        (tmp_path / name / "debian" / "rules").write_text(name, encoding="utf-8")
        (tmp_path / name / name).touch()
    found = set(sources.differences(tmp_path / "one", tmp_path / "other"))
    assert found == {"changed", "one", "other"}


# What an installed package is tried with


@pytest.mark.parametrize(
    ("mode", "expected"), [("inert", 0), ("autoload", 1)], ids=["inert", "autoload is missed where it is not"]
)
def test_installed(mode: str, expected: int) -> None:
    """Of the library as it is here, which is not loaded by itself: the one passes, the other has to fail."""
    import ssl

    if hasattr(ssl, "_create_default_client_context"):
        expected = 77  # it says that it cannot tell
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SECUREDEFAULTS_")}
    package = str(Path(securedefaults.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, str(base.DEBIAN / "tests" / "installed.py"), mode],
        env={**environ, "PYTHONPATH": package},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    assert (
        expected != 1 or "mode enforce                                                 accepted  WRONG" in done.stdout
    )


@pytest.mark.parametrize(("mode", "expected"), [("scan", 0), ("no-scan", 1)])
def test_installed_scanner(mode: str, expected: int) -> None:
    """Of both commands as they are here: the one passes, the other has to fail, for the scanner is not missing."""
    scripts = Path(sys.executable).parent
    if not (scripts / "securedefaults-scan").exists():
        pytest.skip("not installed in an environment of its own")
    done = subprocess.run(
        [sys.executable, str(base.DEBIAN / "tests" / "installed.py"), mode],
        env={**os.environ, "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    assert ("WRONG" in done.stdout) == (expected == 1)


# The real run


def test_status_was_written_by_the_command() -> None:
    text = read(status.PATH)
    assert text.startswith(status.HEAD)
    assert text.endswith(status.LIMITS)
    assert "securedefaults-%s.tar.gz" % securedefaults.__version__ in text


@pytest.mark.skipif(
    os.environ.get("SECUREDEFAULTS_PACKAGING") != "1",
    reason="builds and installs packages as root, for many minutes: only with SECUREDEFAULTS_PACKAGING=1",
)
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("command", ["deb", "rpm", "root", "autopkgtest", "sources"])
def test_for_real(command: str) -> None:
    done = subprocess.run(
        ["python3", str(Path(__file__).parent), command], capture_output=True, text=True, timeout=3600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
