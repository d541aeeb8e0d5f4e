"""Debian 11's own Python 3.9.2, in a root that debootstrap makes.

Up to 3.9.2 a callback for debugging that is taken away again stops the whole process (bpo-43577), and warn mode reads
the chain by one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import pytest

from wire.certs import Certificates

from .trial import PROGRAM, assert_it_holds, thorough

sys.path.insert(0, str(Path(__file__).parent.parent / "packaging"))
from kit import roots

pytestmark = [
    thorough,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("debootstrap"),
        reason="root makes it: apt-get install debootstrap",
    ),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a Debian 11."""
    root = tmp_path_factory.mktemp("bullseye") / "root"
    command = ["debootstrap", "--variant=minbase", "--include=python3", "bullseye", str(root), roots.archive()]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        pytest.skip("debootstrap could not make it: " + done.stdout[-500:])
    shutil.copy("/etc/hosts", root / "etc" / "hosts")
    return root


def test_it_holds_on_debian_11(python: Path, certs: Certificates, trust: Path, root: Path) -> None:
    shutil.copytree(root / "backport" / "securedefaults", python / "opt" / "securedefaults")
    shutil.copy(PROGRAM, python / "opt" / "program.py")
    shutil.copy(trust, python / "opt" / "bundle.pem")
    env: Dict[str, str] = {
        "SSL_CERT_FILE": "/opt/bundle.pem",
        "SSL_CERT_DIR": "/opt",
        "PATH": "/usr/bin:/bin:/usr/sbin",
    }
    command: List[str] = ["chroot", str(python), "python3", "/opt/program.py"]
    version = subprocess.run([*command[:-1], "-V"], env=env, capture_output=True, text=True, check=True).stdout
    assert version.split() == ["Python", "3.9.2"]
    # A process that has stopped would answer nothing more.
    assert_it_holds(command, certs, env)
