"""The standard library's modules compiled by Cython and by Nuitka: their functions show no names, or no frames either.

Every entry point is verified all the same, judged by what the servers received.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from native import stock
from securedefaults._entrypoints import DATA, UPGRADE
from wire.certs import Certificates
from wire.clients import HERE, STYLES, nntplib, server_for
from wire.servers import Server

pytestmark = [
    stock,
    pytest.mark.skipif(os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere", reason="is tried on another Python"),
    pytest.mark.skipif(shutil.which("cc") is None or sys.platform == "win32", reason="needs a C compiler"),
]

TESTS = Path(__file__).resolve().parent.parent

NAMES = ["smtplib", "imaplib", "poplib", "ftplib"] + ["nntplib"] * (nntplib is not None)

CYTHON = [sys.executable, "-m", "Cython.Build.Cythonize", "-3", "-i"]
NUITKA = [sys.executable, "-m", "nuitka", "--module", "--quiet", "--no-pyi-file"]


def compiled(compiler: str, folder: Path) -> Path:
    """A folder with the modules as extensions, and nothing else."""
    source = folder / "source"
    source.mkdir()
    for name in NAMES:
        shutil.copy(str(importlib.import_module(name).__file__), source)
    if compiler == "Cython":
        commands = [[*CYTHON, *(str(source / (name + ".py")) for name in NAMES)]]
    else:
        commands = [[*NUITKA, "--output-dir=%s" % folder, str(source / (name + ".py"))] for name in NAMES]
    environ = {**os.environ, "CFLAGS": "-O0 -w", "CCFLAGS": "-O0 -w"}
    options: Any = {"cwd": source, "env": environ, "capture_output": True, "text": True, "timeout": 600}
    for command in commands:
        made = subprocess.run(command, check=False, **options)
        assert made.returncode == 0, made.stderr[-2000:]
    extensions = folder / "extensions"
    extensions.mkdir()
    for path in [*folder.glob("*.so"), *source.glob("*.so")]:
        path.rename(extensions / path.name)
    assert len(list(extensions.iterdir())) == len(NAMES)
    return extensions


PROGRAM = """
import contextlib, json, sys, warnings
plan = json.loads(sys.argv[1])
sys.path[:0] = plan["path"]
import securedefaults
if plan["when"] == "before":
    securedefaults.apply(plan["mode"])
import ftplib, imaplib, poplib, smtplib
assert smtplib.__file__.startswith(plan["path"][0]), smtplib.__file__
import wire.clients as clients
if plan["when"] == "after":
    securedefaults.apply(plan["mode"])
unseen = {entry.name: entry.state for entry in securedefaults.status().entry_points}
warnings.simplefilter("always")
outcomes = {}
for name, style, port in plan["connections"]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            clients.STYLES[name][style](clients.Target("localhost", port))
            outcome = "connected"
        except Exception as exc:
            outcome = type(exc).__name__
    told = [str(each.message) for each in caught if "got no SSL context" in str(each.message)]
    outcomes["%s, %d" % (name, port)] = outcome, told
states = {entry.name: entry.state for entry in securedefaults.status().entry_points}
print(json.dumps([unseen, outcomes, states]))
"""


def connected(compiled: Path, mode: str, when: str, connections: List[Any], **options: Any) -> Any:
    path = [str(compiled), str(TESTS)]
    plan = json.dumps({"path": path, "mode": mode, "when": when, "connections": connections, **options})
    optimized = ["-O"] * (when == "after")  # then there are no assertions
    command = [sys.executable, *optimized, "-c", PROGRAM, plan]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


@pytest.mark.timeout(900)  # the C compiler takes most of it
@pytest.mark.parametrize("compiler", ["Cython", "nuitka"])
def test_every_entry_point(compiler: str, certs: Certificates, trust: Path, tmp_path: Path) -> None:
    pytest.importorskip(compiler)
    extensions = compiled(compiler, tmp_path)
    for mode in ("enforce", "warn"):
        for when in ("before", "after"):
            check(extensions, mode, when, certs)
    entry = next(entry for entry in HERE if entry.name == "smtplib.SMTP_SSL")
    with server_for(entry, certs["unknown CA"].context) as server:
        unseen, _, states = connected(extensions, "off", "after", [(entry.name, "plain", server.port)])
    assert server.credentials()  # so it was red without protection
    assert unseen[entry.name] == states[entry.name] == "unverified"


def check(extensions: Path, mode: str, when: str, certs: Certificates) -> None:
    cells = [(entry, label) for entry in HERE for label in ("good", "wrong host", "unknown CA")]
    with contextlib.ExitStack() as stack:
        servers: Dict[Any, Server] = {
            (entry.name, label): stack.enter_context(server_for(entry, certs[label].context)) for entry, label in cells
        }
        connections = [(entry.name, "plain", servers[entry.name, label].port) for entry, label in cells]
        # Careless programs go on after a failed upgrade; they are cut off, as the methods are hooked, too.
        careless = [entry for entry in HERE if entry.kind == UPGRADE and "swallow" in STYLES[entry.name]]
        cut = [stack.enter_context(server_for(entry, certs["unknown CA"].context)) for entry in careless]
        connections += [(entry.name, "swallow", server.port) for entry, server in zip(careless, cut)]
        unseen, outcomes, states = connected(extensions, mode, when, connections)
    for entry, label in cells:
        server = servers[entry.name, label]
        outcome, told = outcomes["%s, %d" % (entry.name, server.port)]
        accepted = label == "good" or mode == "warn"
        received = server.data() if entry.kind == DATA else server.credentials()
        assert bool(received) == accepted, (entry.name, label, outcome)
        assert outcome == ("connected" if accepted else "SSLCertVerificationError")
        if mode == "warn":
            assert told, entry.name
            assert all(("would refuse" in text) == (label != "good") for text in told), told
    assert careless
    assert [bool(server.credentials()) for server in cut] == [mode == "warn"] * len(cut)
    # Where the code cannot be read, it is said to be protected when it was seen to be.
    protected = "protected" if mode == "enforce" else "watched"
    assert {unseen[entry.name] for entry in HERE if entry.through == entry.module} <= {"unverified", protected}
    assert {states[entry.name] for entry in HERE} == {protected}
