"""Other ways to run Python: child processes, sub-interpreters, frozen and zipped programs, flags.

Each program tries to log in to a server whose certificate nobody trusts. What counts is what the server received.
"""

from __future__ import annotations

import multiprocessing
import sys
import textwrap
import zipapp
from pathlib import Path
from typing import Any

import pytest
from programs import python, run

import securedefaults
from native import PYPY, backport_only
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("it is the backport that a process may not have")

LOGIN = """
import smtplib, ssl, sys

def login(port):
    try:
        with smtplib.SMTP_SSL("localhost", port, "localhost", timeout=10) as smtp:
            smtp.login(%r, %r)
    except ssl.SSLCertVerificationError as exc:
        print("refused", exc.verify_code, flush=True)
    else:
        print("sent", flush=True)
""" % (USER, SECRET)

APPLY = "import securedefaults; securedefaults.apply()"


@pytest.fixture
def outcome(certs: Certificates, trust: Path) -> Any:
    """Runs Python with the port as its last argument; returns what it printed and whether the server got a password."""

    def call(*arguments: object, **environ: Any) -> Any:
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            result = python(*arguments, server.port, **environ)
        assert server.records, result.stderr
        return result.stdout.strip(), bool(server.credentials())

    return call


REFUSED, SENT = ("refused 20", False), ("sent", True)


def script(folder: Path, source: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(LOGIN + textwrap.dedent(source), encoding="utf-8")
    return path


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize("where", ["at the top", "under __main__"])
def test_multiprocessing(method: str, where: str, outcome: Any, tmp_path: Path) -> None:
    """Spawn and forkserver run the top of the program again, and nothing else of it, but have what is in force."""
    source = """
        import multiprocessing
        %s
        if __name__ == "__main__":
            %s
            context = multiprocessing.get_context(%r)
            process = context.Process(target=login, args=(int(sys.argv[1]),))
            process.start()
            process.join(30)
    """
    top = where == "at the top"
    program = script(tmp_path, source % (APPLY if top else "", "" if top else APPLY, method))
    assert outcome("-W", "ignore", program) == REFUSED


def test_a_child_process_is_on_its_own(outcome: Any, tmp_path: Path) -> None:
    program = script(tmp_path, "login(int(sys.argv[1]))")
    source = APPLY + "; import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]], timeout=30)"
    assert outcome("-c", source, program) == SENT
    assert outcome("-m", "securedefaults", "run", program) == REFUSED


@pytest.mark.skipif(PYPY, reason="has none")
@pytest.mark.parametrize("inside", ["", APPLY])
def test_a_sub_interpreter_is_on_its_own(inside: str, outcome: Any, tmp_path: Path) -> None:
    program = script(tmp_path, "login(int(sys.argv[1]))")
    source = APPLY + textwrap.dedent(
        """
        import sys
        import _testcapi
        code = %r + "; import sys; sys.argv = %%r; exec(open(%%r).read())" %% (sys.argv, sys.argv[1])
        sys.exit(_testcapi.run_in_subinterp(code))
        """
    )
    source = (source % (inside or "pass")).replace("sys.argv[1]", repr(str(program)))
    pytest.importorskip("_testcapi")
    assert outcome("-c", source) == (REFUSED if inside else SENT)


@pytest.mark.parametrize(
    "flags", [["-O"], ["-OO"], ["-W", "error"], ["-I"], ["-S"], ["-X", "dev"], ["-X", "utf8"], ["-B"]]
)
def test_flags(flags: Any, outcome: Any, tmp_path: Path) -> None:
    package = Path(securedefaults.__file__).parent.parent
    source = "sys.path.insert(0, %r)\n%s\nlogin(int(sys.argv[1]))" % (str(package), APPLY)
    assert outcome(*flags, script(tmp_path, source)) == REFUSED


def test_a_zipped_program(outcome: Any, tmp_path: Path) -> None:
    """The package inside of the archive has no files of its own."""
    content = tmp_path / "content"
    content.mkdir()
    source = APPLY + "\nassert '.pyz' in securedefaults.__file__\nlogin(int(sys.argv[1]))"
    script(content, source, "__main__.py")
    copy_package(content)
    zipapp.create_archive(content, tmp_path / "program.pyz")
    assert outcome(tmp_path / "program.pyz") == REFUSED


def copy_package(folder: Path) -> None:
    import shutil

    package = Path(securedefaults.__file__).parent
    shutil.copytree(package, folder / "securedefaults", ignore=shutil.ignore_patterns("__pycache__"))


FROZEN = """
import sys, importlib.abc, importlib.machinery, types

class Frozen(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    '''As the importers of frozen programs: code from memory, without files.'''

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name in self.sources:
            return importlib.machinery.ModuleSpec(name, self, is_package=self.sources[name][1])

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(self.sources[module.__name__][0], "<frozen program>", "exec"), vars(module))
"""


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_frozen_program(mode: str, outcome: Any, tmp_path: Path) -> None:
    package = Path(securedefaults.__file__).parent
    sources = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        sources[".".join(parts[:-1] if is_package else parts)] = path.read_text(encoding="utf-8"), is_package
    source = FROZEN + textwrap.dedent(
        """
        sys.path[:] = [path for path in sys.path if "securedefaults" not in path]
        sys.meta_path.insert(0, Frozen(%r))
        import securedefaults
        assert not hasattr(securedefaults, "__file__")
        securedefaults.apply(%r)
        login(int(sys.argv[1]))
        """
        % (sources, mode)
    )
    program = script(tmp_path, source)
    assert outcome("-W", "ignore", program) == (REFUSED if mode == "enforce" else SENT)


def test_asyncio_and_ours_share_a_context(certs: Certificates, trust: Path) -> None:
    """Asyncio's own TLS takes any context, ours as well; a coroutine that uses smtplib in a thread is protected."""
    source = LOGIN + textwrap.dedent(
        """
        import asyncio, securedefaults
        securedefaults.apply()

        async def main(port):
            await asyncio.get_running_loop().run_in_executor(None, login, port)
            try:
                await asyncio.open_connection("localhost", port, ssl=securedefaults.create_default_context())
            except ssl.SSLCertVerificationError as exc:
                print("refused", exc.verify_code)

        asyncio.run(main(int(sys.argv[1])))
        """
    )
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = run(source, server.port)
    assert result.stdout.split("\n")[:2] == ["refused 20"] * 2, result.stderr
    assert len(server.records) == 2
    assert not server.credentials()


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_fork_while_a_lock_is_held(outcome: Any, tmp_path: Path) -> None:
    """Another thread loads the trust store, or judges, while this one forks; the child does not wait for it."""
    source = APPLY + textwrap.dedent(
        """
        import os, threading
        from securedefaults import _locks
        from securedefaults._tls import context
        held = threading.Event()
        def hold():
            for lock in _locks._locks:
                (lock.held if hasattr(lock, "held") else lock.taken()).__enter__()
            held.set()
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        child = os.fork()
        if not child:
            login(int(sys.argv[1]))
            os._exit(0)
        os.waitpid(child, 0)
        """
    )
    assert outcome("-W", "ignore", script(tmp_path, source)) == REFUSED
