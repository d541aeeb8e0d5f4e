"""Neither CPython nor PyPy: that is said in one sentence, and nothing is touched. Played, by another name."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List

import pytest
from programs import run

from native import backport_only

pytestmark = backport_only("they are CPython")

ROOT = Path(__file__).resolve().parent.parent.parent
PLAY = "import sys; sys.implementation.name = 'graalpy'\n"
SENTENCE = (
    "securedefaults works on CPython and PyPy, and this is 'graalpy': nothing was changed, so the default of its mail, "
    "FTP and news clients is what it was; pass a verified context in each call"
)
#: What somebody could have touched.
SEEN = """
def seen():
    import smtplib, ssl
    return [
        list(sys.meta_path), ssl._create_stdlib_context, dict(vars(smtplib.SMTP)), type(ssl._create_stdlib_context()),
    ]
"""


@pytest.mark.parametrize("mode", ["None", "'enforce'", "'warn'"])
def test_apply_says_so_and_touches_nothing(mode: str) -> None:
    result = run(
        PLAY
        + SEEN
        + "import securedefaults\n"
        + "before = seen()\n"
        + "try:\n    securedefaults.apply(%s)\n" % mode
        + "except NotImplementedError as exc:\n    print(exc)\n"
        + "assert seen() == before\n"
        + "assert securedefaults.status().mode is None\n"
        + "assert {entry.state for entry in securedefaults.status().entry_points} <= {'unverified', 'absent'}\n"
        + "securedefaults.restore(); securedefaults.apply('off'); assert seen() == before\n"
    )
    assert result.stdout == SENTENCE + "\n", result.stderr
    assert not result.stderr


@pytest.mark.parametrize(
    "command", [["doctor"], ["status"], ["run", "-m", "this"], ["run", "--mode", "warn", "-m", "this"]], ids=" ".join
)
def test_commands_say_so_in_one_line(command: List[str]) -> None:
    result = run(PLAY + "from securedefaults.cli import main; sys.exit(main(%r))" % command)
    assert result.returncode == 2
    assert result.stderr == "securedefaults %s: error: %s\n" % (command[0], SENTENCE)
    assert not result.stdout


@pytest.mark.parametrize("loaded", ["", "import ssl\n"])
def test_the_start_of_an_interpreter(loaded: str) -> None:
    paths = [str(ROOT / "backport" / "autoload"), os.environ.get("PYTHONPATH", "")]
    result = run(
        PLAY
        + loaded
        + SEEN
        + "before = list(sys.meta_path)\n"
        + "import securedefaults_autoload\n"
        + "securedefaults_autoload.start()\n"
        + "assert sys.meta_path == before\n"
        + "import ssl\n"
        + "assert 'securedefaults._install.hooks' not in sys.modules\n"
        + "assert ssl._create_stdlib_context is ssl._create_unverified_context\n",
        SECUREDEFAULTS_MODE="enforce",
        PYTHONPATH=os.pathsep.join(filter(None, paths)),
    )
    assert result.returncode == 0, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.endswith("(UnsupportedImplementation: %s)" % SENTENCE)
    assert line.startswith("securedefaults-autoload: ")


def test_this_one_is_supported() -> None:
    assert sys.implementation.name in ("cpython", "pypy")
    assert not run("import securedefaults; securedefaults.apply()").returncode
