"""Whatever a freezer or an archive takes away from a program, its connections are as good as ever."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any, Dict

import pytest

from native import backport_only
from wire.certs import Certificates

from .trial import PROGRAM, assert_it_holds

pytestmark = backport_only("they are no package that could be frozen")

#: As cx_Freeze, PyInstaller, PyOxidizer and the like do it: no files, no specs, paths that lead nowhere.
FROZEN = """
    import importlib.machinery, os, sys
    folder = %r

    class Frozen:
        def find_spec(self, name, path=None, target=None):
            source = os.path.join(folder, *name.split("."))
            package = os.path.isdir(source)
            if name.partition(".")[0] != "securedefaults" or not (package or os.path.exists(source + ".py")):
                return None
            return importlib.machinery.ModuleSpec(name, self, is_package=package)

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            source = os.path.join(folder, *module.__name__.split("."))
            source = os.path.join(source, "__init__.py") if os.path.isdir(source) else source + ".py"
            with open(source, encoding="utf-8") as file:
                code = compile(file.read(), %r, "exec")
            exec(code, vars(module))
            module.__spec__ = None
            assert not hasattr(module, "__file__")

    sys.meta_path.insert(0, Frozen())
"""
TAKEN_AWAY: Dict[str, str] = {
    "os.__file__": "import os; del os.__file__",
    "os.__file__ is relative": "import os; os.__file__ = 'os.pyc'",
    "sys.__spec__": "import sys; sys.__spec__ = None",
    "sys.executable": "import sys; sys.executable = None",
    "the working directory": "import os, tempfile; os.chdir(tempfile.mkdtemp()); os.rmdir(os.getcwd())",
    "sources": "import inspect, linecache\n"
    "inspect.getsource = inspect.getsourcefile = inspect.getsourcelines = linecache.getlines = None",
    "files and specs of ours": FROZEN,
    "files and specs of ours, frozen paths": FROZEN,
}


def platform_environment() -> Dict[str, str]:
    """Without a path to the package: it is to be found where it was put."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_what_a_freezer_takes_away(what: str, root: Path, certs: Certificates, tmp_path: Path) -> None:
    prelude = textwrap.dedent(TAKEN_AWAY[what])
    if TAKEN_AWAY[what] is FROZEN:
        prelude %= str(root / "backport"), "<frozen it>" if "paths" in what else "it.py"
    else:
        prelude = "import sys; sys.path.insert(0, %r)\n%s" % (str(root / "backport"), prelude)
    program = PROGRAM.read_text(encoding="utf-8")
    script = tmp_path / "script.py"
    # compiled by hand, for the same path that leads nowhere
    script.write_text(
        "%s\nimport sys\nexec(compile(%r, 'program.py', 'exec'), {'__name__': '__main__'})\n" % (prelude, program),
        encoding="utf-8",
    )
    # of our own code, not of the installed one
    assert_it_holds([sys.executable, "-S", script], certs, platform_environment())


def test_a_zip_archive(root: Path, certs: Certificates, tmp_path: Path) -> None:
    folder = tmp_path / "program"
    shutil.copytree(root / "backport" / "securedefaults", folder / "securedefaults")
    shutil.copy(PROGRAM, folder / "__main__.py")
    command = [sys.executable, "-m", "zipapp", str(folder), "-o", str(tmp_path / "program.pyz")]
    subprocess.run(command, check=True)
    assert_it_holds([sys.executable, "-S", tmp_path / "program.pyz"], certs, platform_environment())


def test_a_standard_library_in_an_archive(root: Path, certs: Certificates, tmp_path: Path) -> None:
    """As in Python's embeddable package for Windows; the loader of archives is of the old kind before 3.10."""
    import ssl

    library = Path(ssl.__file__).parent
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("ssl", "smtplib", "imaplib", "poplib", "ftplib", "warnings"):
            file.write(library / (name + ".py"), name + ".py")
    environ = {**platform_environment(), "PYTHONPATH": os.pathsep.join([str(archive), str(root / "backport")])}
    where = "import smtplib, ssl; print(smtplib.__file__, ssl.__file__)"
    shown = subprocess.run([sys.executable, "-c", where], env=environ, capture_output=True, text=True, check=True)
    assert shown.stdout.count(str(archive)) == 2
    first = "import securedefaults; securedefaults.apply(); "  # before there is any of these modules
    program = "exec(compile(open(%r).read(), 'program.py', 'exec'))" % str(PROGRAM)
    assert_it_holds([sys.executable, "-c", first + program], certs, environ)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="does not know the names of its modules")
@pytest.mark.parametrize("path", ["threading.py", "<frozen threading>"])
def test_a_frozen_standard_library_is_nobodys_line(path: str) -> None:
    """And is not told by its path, which is relative, but by its name."""
    from securedefaults._observe.caller import calling_line

    namespace: Any = {"__name__": "threading", "calling_line": calling_line}
    exec(compile("def run(): return calling_line()", path, "exec"), namespace)
    assert namespace["run"]().module == __name__


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="asks no finders of the old kind")
def test_a_finder_of_the_old_kind(certs: Certificates, root: Path, tmp_path: Path) -> None:
    """Whoever finds a module, it is hooked; else it would be there without protection, silently."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import importlib.machinery, sys, warnings
            warnings.simplefilter("ignore", ImportWarning)
            sys.path.insert(0, %r)

            class Old:
                def find_module(self, name, path=None):
                    spec = importlib.machinery.PathFinder.find_spec(name, path)
                    return spec and spec.loader

            sys.meta_path[:] = [Old()] + [each for each in sys.meta_path if "Path" not in str(each)]
            import securedefaults
            securedefaults.apply()
            exec(compile(open(%r).read(), "program.py", "exec"), {"__name__": "__main__"})
            """
            % (str(root / "backport"), str(PROGRAM))
        ),
        encoding="utf-8",
    )
    assert_it_holds([sys.executable, "-S", script], certs, platform_environment())
