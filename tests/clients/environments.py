"""An environment for each package: made once, with the versions of `pins/`, and kept below `.cache/clients`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import venv
import zipfile
from pathlib import Path
from typing import Dict

import securedefaults

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
AUTOLOAD = ROOT / "backport" / "autoload"
CACHE = ROOT / ".cache" / "clients" / ("%d.%d" % sys.version_info[:2])

#: Of these packages nothing else is unpacked; one has 20,000 files.
PARTS = {"ansible": ("MANIFEST.json", "meta/runtime.yml", "plugins/modules/mail.py")}
COLLECTION = "ansible_collections/community/general/"

#: As it was when the tests began, which set SSL_CERT_FILE.
ENVIRON = dict(os.environ)

_lock = threading.Lock()
_locks: Dict[str, threading.Lock] = {}
_environments: Dict[str, Environment] = {}


def environment(package: str) -> Environment:
    """That of this package, for any number of threads."""
    with _lock:
        lock = _locks.setdefault(package, threading.Lock())
    with lock:
        if package not in _environments:
            _environments[package] = Environment(package)
        return _environments[package]


class Environment:
    """The environment of a package; it is made if it is not there yet.

    Args:
        package: as PyPI calls it.
    """

    def __init__(self, package: str) -> None:
        self._folder = CACHE / package
        self.python = self._folder / "bin" / "python"
        self._made = self._folder / "made-of.txt"
        self._pins = HERE / "pins" / (package + ".txt")
        if not self._made.exists() or self._made.read_bytes() != self._pins.read_bytes():
            self._make()
        self._renew()

    @property
    def site(self) -> Path:
        """Where its packages are."""
        (site,) = self._folder.glob("lib/python3*/site-packages")
        return site

    def _make(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        venv.create(self._folder, with_pip=False)
        whole, parts = [], []
        for pin in self._pins.read_text(encoding="utf-8").split():
            (parts if pin.partition("==")[0] in PARTS else whole).append(pin)
        self._pip("install", "--no-warn-script-location", *whole)
        for pin in parts:
            self._unpack(pin)
        self._made.write_bytes(self._pins.read_bytes())

    def _pip(self, command: str, *arguments: str) -> None:
        full = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check"]
        full += [command, "-q", "--no-deps", *arguments]
        done = subprocess.run(
            full, env=ENVIRON, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError("%s cannot be installed:\n%s" % (self._pins.name, done.stdout))

    def _unpack(self, pin: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self._pip("download", "--only-binary", ":all:", "-d", folder, pin)
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(self.site, [COLLECTION + part for part in PARTS[pin.partition("==")[0]]])

    def _renew(self) -> None:
        """The package under test, as it is now, and the autoload, which does nothing until a variable asks for it."""
        package = Path(securedefaults.__file__).parent
        target = self.site / "securedefaults"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(package, target, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("securedefaults_autoload.py", "securedefaults-autoload.pth"):
            shutil.copy(AUTOLOAD / name, self.site)

    def environ(self, home: Path) -> Dict[str, str]:
        """The variables of this process, but for those that lead Python or a program elsewhere."""
        leading = ("PYTHON", "SECUREDEFAULTS_", "SSL_CERT_", "COVERAGE", "COV_", "GIT_", "XDG_", "ANSIBLE_", "DJANGO_")
        kept = {name: value for name, value in ENVIRON.items() if not name.startswith(leading)}
        path = os.pathsep.join([str(self.python.parent), kept.get("PATH", os.defpath)])
        return {**kept, "PATH": path, "HOME": str(home), "USER": "user", "LC_ALL": "C.UTF-8"}
