"""Virtual environments of the interpreter under test, and a program in them that sends a password."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any, Optional, Set, Tuple

import securedefaults
from wire.servers import SECRET, USER, Server

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "backport" / "autoload"

PROGRAM = """
import logging, smtplib, ssl, sys

logging.getLogger("securedefaults").disabled = True  # before 3.11 refusals are explained there

def main():
    try:
        with smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost", timeout=10) as smtp:
            smtp.login(%r, %r)
    except ssl.SSLCertVerificationError as exc:
        print("refused", exc.verify_code, flush=True)
    else:
        print("sent", flush=True)
""" % (USER, SECRET)

MAIN = "import sys; from program import main; main()"

#: what MAIN says, and whether the server got the password
REFUSED, SENT = ("refused 20", False), ("sent", True)


def build(folder: Path) -> Path:
    """The wheel of securedefaults-autoload."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=SOURCE, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """A venv without pip, with the package and the program.

    Args:
        folder: where to make it.
        wheel: what to unpack into it as well.
    """

    def __init__(self, folder: Path, wheel: Optional[Path] = None) -> None:
        venv.create(folder, symlinks=os.name != "nt", with_pip=False)
        self.scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        (self.site,) = folder.glob("Lib/site-packages" if os.name == "nt" else "lib/py*3*/site-packages")
        package = Path(securedefaults.__file__).parent
        shutil.copytree(package, self.site / "securedefaults", ignore=shutil.ignore_patterns("__pycache__"))
        self.write("program.py", PROGRAM)
        if wheel is not None:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(self.site)

    def write(self, name: str, text: str) -> None:
        """A file in its site-packages."""
        (self.site / name).write_text(text, encoding="utf-8")

    def pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *arguments]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        environ["PYTHONDONTWRITEBYTECODE"] = ""  # so that there are compiled files to uninstall
        subprocess.run(command, check=True, capture_output=True, timeout=60, env=environ)

    def files(self) -> Set[str]:
        """In its site-packages, compiled ones included, but for those that are there anyway."""
        found = (path.relative_to(self.site).as_posix() for path in self.site.rglob("*") if path.is_file())
        return {
            path for path in found if not path.startswith(("securedefaults/", "program.py", "__pycache__/program."))
        }

    def run(self, *arguments: object, **environ: object) -> subprocess.CompletedProcess[str]:
        """`python arguments...`; keyword arguments are environment variables."""
        return self.command(self.python, *arguments, **environ)

    def command(self, *command: object, **environ: object) -> subprocess.CompletedProcess[str]:
        """Any command, with the variables of this process but for those that lead Python elsewhere."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SECUREDEFAULTS_"))}
        given = {name: str(value) for name, value in environ.items()}
        return subprocess.run(
            [str(part) for part in command],
            env={**kept, **given},  # also without PYTHONDONTWRITEBYTECODE: to compile all of it takes a while
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def login(self, context: Any, *arguments: object, stderr: str = "", **environ: object) -> Tuple[str, bool]:
        """What a program printed, and whether the server with that context got a password; nothing else was said.

        The program is Python's `arguments`, and the server's port is the last of them.
        """
        with Server("SMTP", context, implicit=True) as server:
            result = self.run(*arguments, server.port, **environ)
        assert server.records, result.stderr
        assert result.stderr == stderr
        return result.stdout.strip(), bool(server.credentials())
