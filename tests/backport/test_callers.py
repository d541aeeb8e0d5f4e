"""C8: who cannot be told from an entry point is verified; "native" is what was seen to verify."""

from __future__ import annotations

import smtplib
import ssl
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest
from programs import python

import securedefaults
from native import backport_only, stock
from wire.certs import Certificates
from wire.clients import nntplib
from wire.servers import SECRET, USER, Server

pytestmark = [backport_only("there are no callers to be recognised"), pytest.mark.usefixtures("trust")]


def login(port: int) -> None:
    with smtplib.SMTP_SSL("localhost", port, timeout=10) as smtp:
        smtp.login(USER, SECRET)


def with_the_same_name(original: Any) -> Any:
    """Calls the helper by its own name, as a module that keeps it in a namespace."""
    kept = types.SimpleNamespace(_create_stdlib_context=original)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return kept._create_stdlib_context(*args, **kwargs)

    return wrapper


def without_a_name(original: Any) -> Any:
    return lambda *args, **kwargs: original(*args, **kwargs)


def in_another_thread(original: Any) -> Any:
    """Then not even the stack shows who asks."""
    from concurrent.futures import ThreadPoolExecutor

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(original, *args, **kwargs).result(10)

    return wrapper


@pytest.mark.parametrize("wrap", [with_the_same_name, without_a_name, in_another_thread])
@pytest.mark.parametrize("when", ["before", "after"])
def test_wrappers_around_the_helper(when: str, wrap: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    if when == "after":
        securedefaults.apply()
    monkeypatch.setattr(ssl, "_create_stdlib_context", wrap(ssl._create_stdlib_context))
    if when == "before":
        securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            login(server.port)
    assert not server.credentials()
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        login(server.port)
    assert server.credentials()
    securedefaults.restore()


@stock
@pytest.mark.skipif(nntplib is None, reason="there is no nntplib")
@pytest.mark.filterwarnings("ignore:.*nntplib.*:DeprecationWarning")
@pytest.mark.parametrize("how", ["-m", "script"])
@pytest.mark.parametrize("label", ["good", "unknown CA"])
def test_a_module_of_the_standard_library_as_the_program(label: str, how: str, certs: Certificates) -> None:
    """There it is called `__main__`."""
    if "site-packages" in nntplib.__file__:
        pytest.skip("another distribution's package is no program")
    program = ["-m", "nntplib"] if how == "-m" else [nntplib.__file__]
    with Server("NNTP", certs[label].context, implicit=True) as server:
        options = ["-s", "localhost", "-p", server.port, "-S"]
        result = python("-m", "securedefaults", "run", *program, *options, cwd=str(Path(__file__).parent))
    refused = "CERTIFICATE_VERIFY_FAILED" in result.stderr
    assert refused == (label != "good"), result.stderr[-500:]
    assert any(record.tls for record in server.records) != refused


LATER_PYTHON = '''
"""What a later Python might do: none of the helpers that are known is asked."""
import ssl

class SMTP_SSL:
    def __init__(self, host="", port=0):
        self.context = %s
        self.sock = None

class SMTP:
    def starttls(self, *, context=None):
        pass
'''


@stock
@pytest.mark.parametrize(
    ("made_by", "state"),
    [
        ("ssl.create_default_context()", "native"),
        ("ssl._something_new()", "unverified"),
        ("ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)", "unverified"),
    ],
)
def test_native_is_what_was_seen_to_verify(made_by: str, state: str, tmp_path: Path) -> None:
    (tmp_path / "smtplib.py").write_text(LATER_PYTHON % made_by)
    program = """
        import sys; sys.path.insert(0, sys.argv[1])
        import smtplib, securedefaults
        securedefaults.apply()
        print({entry.name: entry.state for entry in securedefaults.status().entry_points}["smtplib.SMTP_SSL"])
    """
    result = python("-c", textwrap.dedent(program), tmp_path)
    assert (result.stdout.strip(), result.stderr) == (state, "")


@stock
def test_ready_made_callers_ask_for_themselves(certs: Certificates) -> None:
    """Explicit calls of the private helper are the caller's; so is `ssl.get_server_certificate()`."""
    securedefaults.apply()
    assert ssl._create_stdlib_context().verify_mode == ssl.CERT_NONE
    assert without_a_name(ssl._create_stdlib_context)().verify_mode == ssl.CERT_NONE  # by whom is seen further out


@pytest.mark.filterwarnings("ignore::securedefaults.UnverifiedDefaultWarning")
@pytest.mark.filterwarnings("ignore::securedefaults.WouldBeRefusedWarning")
@pytest.mark.parametrize("mode", ["enforce", "warn", "off"])
def test_status_says_what_an_impostor_meets(mode: str) -> None:
    from securedefaults._entrypoints import ENTRY_POINTS
    from securedefaults.cli._drive import drive
    from securedefaults.cli._impostor import REFUSED

    securedefaults.apply(mode)
    states = {entry.name: entry.state for entry in securedefaults.status().entry_points}
    for entry in ENTRY_POINTS:
        met = drive(entry)
        assert (met == REFUSED) == (states[entry.name] in ("protected", "native")), (entry.name, met)
        assert (met is None) == (states[entry.name] == "absent")
