"""Files that are odd: each is reported as not looked at, or read; none stops the others."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from securedefaults_scan import _files, _find, _scan
from securedefaults_scan._scan import scan

CALL = b"import smtplib\nsmtplib.SMTP_SSL('h')\n"
LONG = b"import smtplib\nx = " + b" + ".join([b"1"] * 4000) + b"\nsmtplib.SMTP_SSL('h')\n"

#: content, and whether it has to be read; None if that depends on the version
ODD: Dict[str, Tuple[bytes, Optional[bool]]] = {
    "nul": (CALL + b"\0", False),
    "python 2": (CALL + b"print 'x'\n", False),
    "unknown encoding": (b"# coding: klingon\n" + CALL, False),
    "not a text encoding": (b"# coding: hex\n" + CALL, False),
    "not utf-8": (CALL + b"'\xff'\n", False),
    "bom and another cookie": (codecs.BOM_UTF8 + b"# coding: latin-1\n" + CALL, True),
    "latin-1": (b"# coding: latin-1\n" + CALL + b"'\xff'\n", True),
    "crlf": (CALL.replace(b"\n", b"\r\n"), True),
    "bom": (codecs.BOM_UTF8 + CALL, True),
    "no newline": (CALL.rstrip(), True),
    "form feed": (b"\x0c\n" + CALL, True),
    "long sum": (LONG, None),
    "deep parentheses": (CALL + b"x = " + b"(" * 5000 + b")" * 5000, False),
    "deep lists": (CALL + b"x = " + b"[" * 150 + b"]" * 150, None),
    "deep not": (CALL + b"x = " + b"not " * 1500 + b"1", None),
    "many elif": (CALL + b"if a:\n    pass\n" + b"elif b:\n    pass\n" * 400, None),
    "long chain": (CALL + b"x = a" + b".b()" * 900 + b"\n", None),
    "large number": (CALL + b"x = " + b"9" * 5000, None),
    "bad escape": (CALL + b"x = '\\d'\n", True),
}


@pytest.mark.parametrize("name", ODD)
def test_odd(name: str, tmp_path: Path) -> None:
    data, readable = ODD[name]
    (tmp_path / "odd.py").write_bytes(data)
    (tmp_path / "plain.py").write_bytes(CALL)
    result = scan([str(tmp_path)])
    assert result.files == 2
    found = {os.path.basename(each.path): each.line for each in result.findings}
    unparsed = {os.path.basename(each.path) for each in result.unparsed}
    assert found["plain.py"] == 2, "the others are looked at"
    assert "odd.py" in found or "odd.py" in unparsed
    if readable is not None:
        assert ("odd.py" in found) is readable
        assert ("odd.py" in unparsed) is not readable
    assert all(each.reason and "\n" not in each.reason for each in result.unparsed)


def test_empty_and_other_files(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "data.bin").write_bytes(CALL)
    (tmp_path / "script").write_bytes(b"#!/usr/bin/env python3\n" + CALL)
    (tmp_path / "other").write_bytes(CALL)
    result = scan([str(tmp_path)])
    assert [os.path.basename(each.path) for each in result.findings] == ["script"]
    assert result.files == 2
    assert len(scan([str(tmp_path / "other")]).findings) == 1, "a file that is named is read"


def test_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "LARGEST", 100)
    (tmp_path / "huge.py").write_bytes(CALL * 10)
    result = scan([str(tmp_path)])
    assert result.findings == []
    assert "larger" in result.unparsed[0].reason


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_links_and_pipes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.py").write_bytes(CALL)
    (folder / "loop").symlink_to(tmp_path)
    (folder / "self.py").symlink_to(folder / "self.py")
    (folder / "again.py").symlink_to(folder / "a.py")
    os.mkfifo(str(folder / "pipe.py"))
    result = scan([str(tmp_path), str(folder)])
    assert [os.path.basename(each.path) for each in result.findings] == ["a.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows takes a .. away by itself")
def test_a_link_before_two_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read, and would be changed, is below the folder that was named."""
    for folder in ("real/deep", "here"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "here" / "link").symlink_to(tmp_path / "real" / "deep")
    (tmp_path / "real" / "a.py").write_bytes(CALL)
    (tmp_path / "here" / "a.py").write_bytes(b"# another\n" + CALL)
    monkeypatch.chdir(tmp_path / "here")
    (finding,) = scan([os.path.join("link", "..")]).findings
    assert finding.line == 2
    assert os.path.samefile(finding.path, str(tmp_path / "real" / "a.py"))
    assert [each.path for each in scan(["."]).findings] == ["a.py"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read anything")
def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(CALL)
    (tmp_path / "a.py").chmod(0)
    assert [each.path for each in scan([str(tmp_path)]).unparsed] == [str(tmp_path / "a.py")]


@pytest.mark.parametrize("folder", [".git", "node_modules", "__pycache__", ".tox"])
def test_folders_that_are_left_out(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "a.py").write_bytes(CALL)
    assert scan([str(tmp_path)]).files == 0
    assert len(scan([str(tmp_path / folder)]).findings) == 1, "one that is named is looked at"


def test_virtual_environments_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()
    (tmp_path / "any" / "pyvenv.cfg").touch()
    (tmp_path / "any" / "a.py").write_bytes(CALL)
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "a.py").write_bytes(CALL)
    assert [each.path for each in scan([str(tmp_path)]).findings] == [str(tmp_path / "venv" / "a.py")]


def test_a_function_that_is_too_deep_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"import smtplib\ndef f():\n    return x" + b".a(1)" * 700 + b"\nsmtplib.SMTP_SSL('h')\n")
    result = scan([str(path)])
    assert [each.line for each in result.findings] == [4]
    assert [each.reason for each in result.unparsed] == ["line 2: nested too deeply; the function was not looked at"]
    path.write_bytes(b"import smtplib\nx" + b".a(1)" * 700 + b"\nsmtplib.SMTP_SSL('h')\n")
    assert [each.reason for each in scan([str(path)]).unparsed] == ["nested too deeply"]


def test_a_file_that_comes_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone when it is to be read."""
    script = tmp_path / "script"
    script.write_bytes(b"#!/usr/bin/python3\n" + CALL)
    monkeypatch.setattr(_files, "_is_script", lambda path: not script.unlink())  # type: ignore[func-returns-value]
    assert [each.reason for each in scan([str(tmp_path)]).unparsed] == ["No such file or directory"]
    monkeypatch.undo()
    assert _files.kind_of(str(script)) is None


def test_what_would_never_end_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    os.mkfifo(tmp_path / "script")
    assert scan([str(tmp_path)]).files == 0
    (unparsed,) = scan([str(tmp_path / "a.py")]).unparsed
    assert unparsed.reason == "it is no regular file"


def test_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "gone.py")
    assert scan([str(tmp_path)]).files == 0


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "LARGEST", 1 << 20)
    (tmp_path / "a.py").write_bytes(CALL + b"#" * (2 << 20))
    (unparsed,) = scan([str(tmp_path)]).unparsed
    assert unparsed.reason == "it is larger than 1 MB"


def test_progress(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / ("f%d.py" % number)).write_bytes(CALL)
    told: List[int] = []
    scan([str(tmp_path)], progress=told.append)
    assert told[-1] == 3


def test_a_mistake_of_ours_is_told_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(text: str, path: str) -> Any:
        if path.endswith("a.py"):
            raise ZeroDivisionError("oops")
        return original(text, path)

    original = _find.find
    monkeypatch.setattr(_find, "find", find)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_bytes(CALL)
    result = scan([str(tmp_path)])
    assert [each.reason for each in result.unparsed] == ["a mistake in securedefaults: ZeroDivisionError: oops"]
    assert len(result.findings) == 1


@pytest.mark.skipif(sys.platform != "linux" or sys.version_info >= (3, 14), reason="processes have to be forked")
def test_a_file_over_which_python_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that dies takes nobody's findings with it."""

    def find(text: str, path: str) -> Any:
        if path.endswith("f001.py"):
            os._exit(139)
        return original(text, path)

    original = _find.find
    monkeypatch.setattr(_find, "find", find)
    monkeypatch.setattr(_scan, "_FEW", 2)
    monkeypatch.setattr(_scan, "_AT_ONCE", 3)
    for number in range(6):
        (tmp_path / ("f%03d.py" % number)).write_bytes(CALL)
    result = scan([str(tmp_path)], jobs=2)
    assert [each.reason for each in result.unparsed] == ["Python itself crashes over it"]
    assert (len(result.findings), result.files) == (5, 6)


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    for number in range(450):
        (tmp_path / ("f%03d.py" % number)).write_bytes(CALL if number % 90 == 0 else b"x = 1\n")
    assert scan([str(tmp_path)], jobs=2) == scan([str(tmp_path)], jobs=1)
    assert len(scan([str(tmp_path)], jobs=2).findings) == 5
