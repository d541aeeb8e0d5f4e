"""A patched copy of an installed interpreter.

CPython finds its prefix from the path of its executable, so a copy of the prefix is an interpreter of its own, also
in subprocesses with -I and -E. The copy consists of hard links: patch and we replace files, never write into them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Iterator, Sequence

from .applying import Touching, patch_program, run, scratch
from .model import Problem
from .trees import Tree

#: What is not needed, and may be large; of an interpreter in the tree that it was built in, too.
_LEFT_OUT = shutil.ignore_patterns(
    *("site-packages", "dist-packages", "share", "include", "locale", "doc"),
    *(".git", "Doc", "Misc", "Objects", "PCbuild", "Mac", "*.o", "*.a"),
)


@contextlib.contextmanager
def patched(tree: Tree, patches: Sequence[Touching], *, only_tests: Sequence[Touching] = ()) -> Iterator[Path]:
    """The executable of a copy with these patches.

    Args:
        tree: an installed one; it is not changed.
        patches: in order.
        only_tests: after them; of these leave out what they do outside Lib/test: the red side.
    """
    assert tree.python is not None
    with scratch() as folder:
        copy = folder / "prefix"
        shutil.copytree(tree.path, copy, symlinks=True, copy_function=_link, ignore=_LEFT_OUT)
        lib = copy / tree.lib.relative_to(tree.path)
        for patch in [*patches, *only_tests]:
            below = "Lib/test/" if patch in only_tests else "Lib/"
            text = "".join(part for name, part in patch.parts().items() if name.startswith(below))
            if text:
                patch_program(lib, text, strip=2)
            for name in patch.files():
                if name.startswith(below):
                    _forget(lib / name[4:])
        python = copy / tree.python.relative_to(tree.path)
        found = run([str(python), "-I", "-c", "import smtplib; print(smtplib.__file__)"], folder).strip()
        if Path(found).resolve() != (lib / "smtplib.py").resolve():
            raise Problem("the copy of %s imports %s, not its own modules" % (tree.label, found))
        yield python


def _link(source: str, destination: str) -> None:
    try:
        os.link(source, destination)
    except OSError:  # another file system
        shutil.copy2(source, destination)


def _forget(module: Path) -> None:
    """Its compiled copies: they would be found stale one by one, at every start."""
    for compiled in module.parent.glob("__pycache__/%s.*.pyc" % module.stem):
        compiled.unlink()
