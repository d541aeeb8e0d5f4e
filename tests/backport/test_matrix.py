"""Every entry point, every fault of a certificate, every style of calling: judged by what the server received."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import ssl
from typing import Any, Callable, Dict

import pytest

import securedefaults
from native import ALONE, stock
from securedefaults._entrypoints import DATA, ENTRY_POINTS, EntryPoint
from wire.certs import Certificates, Fault, certificates
from wire.clients import BROKEN_IN_STOCK, HERE, STYLES, Style, Target, server_for, unwritten
from wire.servers import SECRET, USER, Server

LABELS = [fault.name for fault in certificates().all]
STYLE_CASES = [
    pytest.param(entry_point, name, id="%s-%s" % (entry_point.name, name))
    for entry_point in HERE
    for name in STYLES[entry_point.name]
]


def received_secret(entry_point: EntryPoint, server: Server) -> bool:
    """Whether the server has the secret; a half-told one counts."""
    if entry_point.kind == DATA:
        return bool(server.data())
    return bool(server.credentials())


def run(entry_point: EntryPoint, style: Style, context: ssl.SSLContext, **options: Any) -> Any:
    """The style against a server with this context. Returns the server, and the exception or None."""
    classes = options.pop("classes", None)
    with server_for(entry_point, context, **options) as server:
        outcome = None
        try:
            style(Target("localhost", server.port, classes=classes))
        except Exception as exc:
            outcome = exc
    return server, outcome


def assert_refused(entry_point: EntryPoint, server: Server, outcome: Any, fault: Fault, style: str = "plain") -> None:
    assert not received_secret(entry_point, server)
    assert not server.credentials()
    assert outcome is not None
    if "swallow" not in style:
        assert isinstance(outcome, ssl.SSLCertVerificationError)
        assert outcome.verify_code in fault.codes


def assert_accepted(entry_point: EntryPoint, server: Server, outcome: Any) -> None:
    assert outcome is None
    assert received_secret(entry_point, server)
    assert not any(where == "clear" for where, _ in server.credentials())
    if entry_point.kind != DATA:
        assert server.records[-1].tls


def test_every_entry_point_has_styles() -> None:
    assert set(STYLES) == {entry_point.name for entry_point in ENTRY_POINTS}


@stock
@pytest.mark.parametrize(("entry_point", "style"), STYLE_CASES)
@pytest.mark.parametrize("label", LABELS)
def test_stock(entry_point: EntryPoint, style: str, label: str, certs: Certificates) -> None:
    """The red side: without apply() there is no certificate that does not get the password."""
    server, outcome = run(entry_point, STYLES[entry_point.name][style], certs[label].context)
    if outcome is None:
        assert_accepted(entry_point, server, outcome)
    else:
        # "server_hostname cannot be an empty string": there is no honest server for these either
        assert isinstance(outcome, (ValueError, OSError))
        assert style in BROKEN_IN_STOCK or "later" in style


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize(("entry_point", "style"), STYLE_CASES)
@pytest.mark.parametrize("label", LABELS)
def test_protected(entry_point: EntryPoint, style: str, label: str, certs: Certificates) -> None:
    fault = certs[label]
    server, outcome = run(entry_point, STYLES[entry_point.name][style], fault.context)
    if fault.refused:
        assert_refused(entry_point, server, outcome, fault, style)
    else:
        assert_accepted(entry_point, server, outcome)


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize(
    "entry_point", [e for e in HERE if e.module in ("imaplib", "ftplib", "nntplib")], ids=lambda e: e.name
)
@pytest.mark.parametrize("label", ["good", "wrong host"])
def test_styles_that_nobody_wrote(entry_point: EntryPoint, label: str, certs: Certificates) -> None:
    """What stands in for them does what they do, where a login takes a name and a password."""
    fault = certs[label]
    for name, style in unwritten(entry_point).items():
        server, outcome = run(entry_point, style, fault.context)
        if fault.refused:
            assert_refused(entry_point, server, outcome, fault, name)
        else:
            assert_accepted(entry_point, server, outcome)


def in_thread(style: Style) -> Style:
    def call(target: Target) -> object:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return pool.submit(style, target).result()

    return call


def in_event_loop(style: Style) -> Style:
    async def main(target: Target) -> None:
        # asyncio.to_thread, which 3.8 does not have
        await asyncio.get_running_loop().run_in_executor(None, style, target)

    return lambda target: asyncio.run(main(target))


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)
@pytest.mark.parametrize("label", ["good", "wrong host"])
@pytest.mark.parametrize("runner", [in_thread, in_event_loop])
def test_protected_in_threads(
    entry_point: EntryPoint, label: str, runner: Callable[[Style], Style], certs: Certificates
) -> None:
    fault = certs[label]
    server, outcome = run(entry_point, runner(STYLES[entry_point.name]["plain"]), fault.context)
    if fault.refused:
        assert_refused(entry_point, server, outcome, fault)
    else:
        assert_accepted(entry_point, server, outcome)


def subclasses() -> Dict[str, type]:
    classes = {e.cls: getattr(importlib.import_module(e.module), e.cls) for e in HERE}
    return {name: type("My" + name, (cls,), {}) for name, cls in classes.items()}


@pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)
@pytest.mark.parametrize("label", ["good", "wrong host"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_protected_subclasses(entry_point: EntryPoint, label: str, when: str, certs: Certificates) -> None:
    """Subclasses, made before apply() or after it; and so the names that `from smtplib import SMTP` bound before."""
    classes = subclasses() if when == "before" else {}
    if not ALONE:
        securedefaults.apply()
    classes = classes or subclasses()
    fault = certs[label]
    style = STYLES[entry_point.name]["plain"]
    server, outcome = run(entry_point, style, fault.context, classes=classes)
    if fault.refused:
        assert_refused(entry_point, server, outcome, fault)
    else:
        assert_accepted(entry_point, server, outcome)


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", [e for e in HERE if e.parameter], ids=lambda e: e.name)
@pytest.mark.parametrize("label", LABELS)
def test_an_explicit_context_is_the_callers(entry_point: EntryPoint, label: str, certs: Certificates) -> None:
    """C2: used as it is, and silently; warnings are errors here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with server_for(entry_point, certs[label].context) as server:
        STYLES[entry_point.name]["plain"](Target("localhost", server.port, context))
        server.wait()
        assert_accepted(entry_point, server, None)


def test_the_secrets_are_not_trivial() -> None:
    assert len(USER) > 5
    assert len(SECRET) > 5
