"""C8: on an interpreter whose own default verifies, or warns, step aside; told by feature, not by version.

The interpreters are simulated: the standard library's own modules, with a factory of the name that the patch series
of this project gives it.
"""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import ssl
import textwrap
from pathlib import Path
from typing import Any, Dict

import pytest
from programs import run

from securedefaults._tls.x509 import fingerprint
from wire.certs import Certificates
from wire.clients import nntplib
from wire.servers import SECRET, USER, Server

#: the first phase: the factory is silent, and each client warns where it chooses
WARNS = """
import warnings
def _create_default_client_context():
    return _create_stdlib_context()
def _warn_unverified_client(*, _default=_create_default_client_context):
    if _create_default_client_context is _default and _create_stdlib_context is _create_unverified_context:
        warnings.warn("the default context will verify", DeprecationWarning, stacklevel=3)
"""

#: the second one
VERIFIES = """
def _warn_unverified_client():
    pass
_create_default_client_context = create_default_context
"""


def interpreter(folder: Path, factory: str) -> Dict[str, str]:
    """Patched copies of the modules, and the environment in which they are found first."""
    for name in ["ssl", "smtplib", "imaplib", "poplib", "ftplib"]:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin).read_text(encoding="utf-8")
        if name == "ssl":
            source += factory
        else:
            # Before 3.12 there are arguments that the factory does not take.
            source = re.sub(
                r"^( +)(\w+) = ssl\._create_stdlib_context\([^)]*\)$",
                r"\1ssl._warn_unverified_client()\n\1\2 = ssl._create_default_client_context()",
                source,
                flags=re.MULTILINE,
            )
        (folder / (name + ".py")).write_text(source, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


STATUS = """
    import json, sys, ssl, securedefaults
    if sys.argv[1] == "loaded":
        import smtplib, imaplib, poplib, ftplib
    before = {name: getattr(ssl, name) for name in dir(ssl)}
    securedefaults.apply()
    replaced = [name for name in before if getattr(ssl, name) is not before[name]]
    hooked = [
        "%s.%s" % (cls, method)
        for module, cls, method in (("smtplib", "SMTP", "starttls"), ("imaplib", "IMAP4", "starttls"))
        if hasattr(vars(getattr(__import__(module), cls))[method], "__wrapped__")
    ]
    print(json.dumps({"replaced": replaced, "hooked": hooked, **securedefaults.status().as_dict()}))
"""

LOGIN = """
    import sys, warnings, securedefaults
    securedefaults.apply()
    import smtplib
    smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").login(*sys.argv[2:])
"""


def states(status: Dict[str, Any]) -> Dict[str, str]:
    """Those of the patched modules."""
    return {name: state for name, state in status["entry_points"].items() if not name.startswith("nntplib")}


@pytest.mark.parametrize("loaded", ["loaded", "later"])
def test_native(loaded: str, tmp_path: Path, certs: Certificates) -> None:
    environ = interpreter(tmp_path, VERIFIES)
    result = run(STATUS, loaded, **environ)
    assert not result.stderr
    status = json.loads(result.stdout)
    assert set(states(status).values()) == {"native"}
    assert status["hooked"] == []
    # the helper that none of them asks; standard-nntplib, or the nntplib of before 3.13, still does
    assert status["replaced"] == ["_create_stdlib_context"]
    if nntplib is not None:
        assert status["entry_points"]["nntplib.NNTP_SSL"] in ("protected", "native")
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = run(LOGIN, server.port, USER, SECRET, **environ)
    assert "certificate verify failed" in result.stderr
    assert not server.credentials()


@pytest.mark.parametrize("loaded", ["loaded", "later"])
def test_warning(loaded: str, tmp_path: Path, certs: Certificates) -> None:
    """The first phase of the patch series: still unverified, and so protected, without its warning."""
    environ = interpreter(tmp_path, WARNS)
    status = json.loads(run(STATUS, loaded, **environ).stdout)
    assert set(states(status).values()) == {"protected"}
    assert status["replaced"] == ["_create_default_client_context", "_create_stdlib_context"]
    for label in ("unknown CA", "good"):
        with Server("SMTP", certs[label].context, implicit=True) as server:
            result = run(
                "import warnings; warnings.simplefilter('error')\n" + textwrap.dedent(LOGIN),
                server.port,
                USER,
                SECRET,
                **environ,
            )
        assert "DeprecationWarning" not in result.stderr
        assert ("certificate verify failed" in result.stderr) == (label != "good")
        assert bool(server.credentials()) == (label == "good")


RULES = """
    import sys, securedefaults
    pin = securedefaults.HostRule("localhost", fingerprint=sys.argv[2])
    securedefaults.apply(sys.argv[1], rules=[pin])
    import smtplib
    print(securedefaults.status().entry_points[1].state)
    smtplib.SMTP_SSL("localhost", int(sys.argv[3]), "localhost").login(*sys.argv[4:])
"""


@pytest.mark.parametrize("label", ["self-signed", "good", "expired"])
def test_native_with_rules(label: str, tmp_path: Path, certs: Certificates) -> None:
    """Of the rules an interpreter that verifies by itself knows nothing. Warn mode takes nothing away from it."""
    environ = interpreter(tmp_path, VERIFIES)
    pem = certs["self-signed"].pem.decode()
    pin = fingerprint(ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERT") :]))
    accepted = {"enforce": "self-signed", "warn": "good"}
    for mode in accepted:
        with Server("SMTP", certs[label].context, implicit=True) as server:
            result = run(RULES, mode, pin, server.port, USER, SECRET, **environ)
        assert result.stdout == "native\n", result.stderr
        assert bool(server.credentials()) == (label == accepted[mode])
        assert ("certificate verify failed" in result.stderr) == (label != accepted[mode])


def test_the_simulation_is_red_without_apply(tmp_path: Path, certs: Certificates) -> None:
    stock = "import smtplib, sys; smtplib.SMTP_SSL('localhost', int(sys.argv[1]), 'localhost').login(*sys.argv[2:])"
    for number, (factory, leaks) in enumerate([(WARNS, True), (VERIFIES, False)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
            run(stock, server.port, USER, SECRET, **interpreter(folder, factory))
        assert bool(server.credentials()) == leaks


NOTES_HOST = """
    import sys, smtplib, securedefaults
    if sys.argv[1] == "apply":
        securedefaults.apply()
        securedefaults.apply()
        securedefaults.restore()
        assert not hasattr(smtplib.SMTP, "_host")
        securedefaults.apply()
    lmtp = smtplib.LMTP(sys.argv[2])
    if sys.argv[1] == "explicit":
        securedefaults.apply()
        context = __import__("ssl")._create_unverified_context()
        lmtp.starttls(context=context)
    else:
        lmtp.starttls()
    lmtp.login(*sys.argv[3:])
"""


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_smtplib_that_notes_the_host_in_connect(tmp_path: Path, certs: Certificates) -> None:
    """As of 3.13.14 and 3.14.5: then LMTP over a Unix socket has no `_host`, and stock fails for want of it."""
    spec = importlib.util.find_spec("smtplib")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    if "self._host = host\n        self.timeout" in source:
        source = source.replace("self._host = host\n        self.timeout", "self.timeout")
        source = source.replace(
            "            port = self.default_port\n",
            "            port = self.default_port\n        self._host = host\n",
            1,
        )
    (tmp_path / "smtplib.py").write_text(source, encoding="utf-8")
    path = str(tmp_path / "socket")
    for how, label in (("stock", "good"), ("apply", "good"), ("apply", "wrong host"), ("explicit", "wrong host")):
        with Server("LMTP", certs[label].context, address=path) as server:
            result = run(NOTES_HOST, how, path, USER, SECRET, PYTHONPATH=str(tmp_path))
        sent = how == "explicit" or (how == "apply" and label == "good")
        assert bool(server.credentials()) == sent, result.stderr
        expected = {"stock good": "has no attribute '_host'", "apply wrong host": "Hostname mismatch"}
        error = expected.get("%s %s" % (how, label), "")
        assert error in result.stderr
