"""The freezers that people use, from PyPI, each in an environment of its own.

Takes minutes, and a C compiler for Nuitka.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path
from typing import Callable, Dict, List

import pytest

from native import backport_only
from wire.certs import Certificates

from .trial import PROGRAM, assert_it_holds, thorough

pytestmark = [thorough, backport_only("they are no package that could be frozen"), pytest.mark.timeout(1800)]


class Freezer:
    """A folder with the program and the package, and an environment with a tool."""

    def __init__(self, folder: Path, backport: Path) -> None:
        self.source = folder / "source"
        shutil.copytree(
            backport / "securedefaults",
            self.source / "securedefaults",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(PROGRAM, self.source)
        self.program = self.source / PROGRAM.name
        self.out = folder / "out"
        self.out.mkdir()
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / "bin" / "python"

    def install(self, *packages: str) -> None:
        """From PyPI; the test is left out where that cannot be reached."""
        command = [str(self.python), "-m", "pip", "install", "-q", *packages]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip("cannot be installed: " + done.stderr[-500:])

    def call(self, *command: object) -> None:
        """Run a module of the environment."""
        done = subprocess.run(
            [str(self.python), "-m", *map(str, command)],
            cwd=self.out,
            env={**os.environ, "PYTHONPATH": str(self.source)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=1500,
        )
        assert done.returncode == 0, done.stdout[-3000:]


def pyinstaller(tool: Freezer, *options: str) -> Path:
    tool.install("pyinstaller")
    # The public names are imported when they are used, which no analysis of imports finds.
    tool.call("PyInstaller", "--collect-submodules", "securedefaults", *options, tool.program)
    return tool.out / "dist" / "program"


def pyinstaller_folder(tool: Freezer) -> List[object]:
    return [pyinstaller(tool, "--onedir") / "program"]


def pyinstaller_file(tool: Freezer) -> List[object]:
    return [pyinstaller(tool, "--onefile")]


def cx_freeze(tool: Freezer) -> List[object]:
    tool.install("cx_Freeze")
    target = tool.out / "frozen"
    tool.call("cx_Freeze", "build_exe", "--packages=securedefaults", "--build-exe", target, "--script", tool.program)
    return [target / "program"]


def nuitka_accelerated(tool: Freezer) -> List[object]:
    """Program and package in C, with the installed standard library."""
    tool.install("nuitka")
    tool.call("nuitka", "--include-package=securedefaults", tool.program)
    return [tool.out / "program.bin"]


def nuitka_module(tool: Freezer) -> List[object]:
    """The package alone in C."""
    tool.install("nuitka")
    tool.call("nuitka", "--module", "--include-package=securedefaults", tool.source / "securedefaults")
    shutil.rmtree(tool.source / "securedefaults")
    for library in tool.out.glob("securedefaults*.so"):
        shutil.copy(library, tool.source)
    return [tool.python, tool.program]


def shiv(tool: Freezer) -> List[object]:
    tool.install("shiv")
    archive = tool.out / "program.pyz"
    tool.call("shiv.cli", "-o", archive, "-e", "program:run", "--site-packages", tool.source)
    return [tool.python, archive]


TOOLS: Dict[str, Callable[[Freezer], List[object]]] = {
    tool.__name__: tool
    for tool in (shiv, cx_freeze, pyinstaller_folder, pyinstaller_file, nuitka_module, nuitka_accelerated)
}


@pytest.mark.parametrize("name", TOOLS)
def test_a_frozen_program(name: str, root: Path, certs: Certificates, tmp_path: Path) -> None:
    if name.startswith("nuitka") and not shutil.which("cc"):
        pytest.skip("needs a C compiler: apt-get install gcc")
    command = TOOLS[name](Freezer(tmp_path, root / "backport"))
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    assert_it_holds(command, certs, environ)
