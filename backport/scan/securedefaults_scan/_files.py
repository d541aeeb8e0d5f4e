"""Which files are read, and their text."""

from __future__ import annotations

import codecs
import fnmatch
import io
import os
import re
import stat
import tokenize
from typing import Iterator, NamedTuple, Optional, Sequence, Set

from ._rules import BASES, CLIENTS, SIGNATURES, TELLING

#: Bytes of a file that is still read.
LARGEST = 10 << 20
_SKIPPED = frozenset(
    [
        *(".git", ".hg", ".svn", ".bzr", "CVS", "node_modules", "__pycache__", "__pypackages__", "bower_components"),
        *(".tox", ".nox", ".venv", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
        *(".ipynb_checkpoints", ".direnv", ".pixi"),
    ]
)
_PYTHON = (".py", ".pyw", ".pyi")
_NOTEBOOK = ".ipynb"
_DATA = (".ini", ".cfg", ".conf", ".json", ".yaml", ".yml")
#: classes that start TLS, by which a module knows them that has them from somewhere else
_CLASSES = [name.rpartition(".")[2].encode() for name in sorted(SIGNATURES) if name in BASES]
#: What a file has to hold to be worth parsing.
_TELLING = re.compile(
    b"|".join([*(name.encode() for name in sorted(CLIENTS)), b"SMTPHandler", *_CLASSES])
    + b"|[.\"'](?:"
    + b"|".join(sorted(name.encode() for name in TELLING))
    + b")"
)
_SHEBANG = re.compile(rb"#!.*\bpython")

PYTHON, NOTEBOOK, DATA = "python", "notebook", "data"


def kind_of(path: str, given: bool = False) -> Optional[str]:
    """What a file is by its name; None if it is none of ours. One that was named itself is Python if in doubt."""
    name = path.lower()
    if name.endswith(_PYTHON):
        return PYTHON
    if name.endswith(_NOTEBOOK):
        return NOTEBOOK
    if name.endswith(_DATA):
        return DATA
    if given or ("." not in os.path.basename(path) and _is_script(path)):
        return PYTHON
    return None


def _is_script(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return bool(_SHEBANG.match(file.read(80)))
    except OSError:
        return False


def walk(paths: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[str]:
    """The files below `paths`, each once, in a stable order.

    Version control, caches and virtual environments are left out unless they are named themselves; links to folders are
    not followed, and what is no regular file is not opened.
    """
    seen: Set[str] = set()
    for path in paths:
        found = _below(path, exclude) if os.path.isdir(path) else iter([path])
        for each in found:
            real = os.path.realpath(each)
            if real not in seen:
                seen.add(real)
                yield each


def _below(top: str, exclude: Sequence[str]) -> Iterator[str]:
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not _is_left_out(folder, name, exclude))
        for name in sorted(files):
            path = _joined(folder, name)
            if _excluded(path, exclude) or not _is_regular(path):
                continue
            if kind_of(path) is not None:
                yield path


def _joined(folder: str, name: str) -> str:
    """The path as it is shown; before a `..` nothing is left out, for it may be a link."""
    path = os.path.join(folder, name)
    return path if os.pardir in path.split(os.sep) else os.path.normpath(path)


def _is_left_out(folder: str, name: str, exclude: Sequence[str]) -> bool:
    path = _joined(folder, name)
    return name in _SKIPPED or os.path.exists(os.path.join(path, "pyvenv.cfg")) or _excluded(path, exclude)


def _excluded(path: str, patterns: Sequence[str]) -> bool:
    slashed = path.replace(os.sep, "/")
    name = slashed.rpartition("/")[2]
    return any(fnmatch.fnmatch(slashed, pattern) or fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return os.path.islink(path) is False  # it will be said that it cannot be read


class Text(NamedTuple):
    """The text of a program and how it is written: encoding and byte order mark."""

    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """`text` as the file would hold it."""
        return self.mark + text.encode(self.encoding)


def read(path: str) -> Optional[bytes]:
    """The content of a file; None if there is nothing in it for us.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large, or no regular file.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is no regular file")
    if status.st_size > LARGEST:
        raise ValueError("it is larger than %d MB" % (LARGEST >> 20))
    with open(path, "rb") as file:
        data = file.read()
    return data if _TELLING.search(data) else None


def decode(data: bytes) -> Text:
    """The text of a Python program.

    Raises:
        ValueError: it is in no encoding that is known, or not in the one that it says.
    """
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(mark) :]
    try:
        encoding = "utf-8" if mark else tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        return Text(body.decode(encoding), encoding, mark)
    except SyntaxError as exc:
        raise ValueError(exc.msg) from exc
    except LookupError as exc:
        raise ValueError(str(exc)) from exc
    except UnicodeDecodeError as exc:
        raise ValueError("byte %d is not %s" % (exc.start, exc.encoding)) from exc
