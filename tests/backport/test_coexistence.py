"""gevent, eventlet and truststore, in every order; code that cannot be reached is named."""

from __future__ import annotations

import importlib.util
import json
import sys
import textwrap
from typing import Any, Dict, List

import pytest
from programs import run

from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

STEPS = {
    "apply": "import securedefaults; securedefaults.apply()",
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
    "truststore": "import truststore; truststore.inject_into_ssl()",
    "smtplib": "import smtplib",
}

ORDERS = [
    "apply smtplib",
    "smtplib apply",
    "gevent apply smtplib",
    "apply gevent smtplib",
    "gevent smtplib apply",
    "eventlet apply smtplib",
    "apply eventlet smtplib",
    "eventlet smtplib apply",
    "truststore apply smtplib",
    "apply truststore smtplib",
    "apply smtplib truststore",
]


CLIENT = """
import sys, smtplib, ssl
port, client, user, secret = int(sys.argv[1]), *sys.argv[2:]
try:
    if client == "starttls":
        smtp = smtplib.SMTP("localhost", port, "localhost", timeout=10)
        smtp.starttls()
    else:
        smtp = smtplib.SMTP_SSL(local_hostname="localhost", timeout=10)
        if client == "mutated":
            smtp.context.minimum_version = ssl.TLSVersion.TLSv1_2
        smtp._host = "localhost"
        smtp.connect("localhost", port)
    smtp.login(user, secret)
    smtp.quit()
except ssl.SSLError as exc:
    print(type(exc).__name__, exc.verify_code)
else:
    print("sent")
"""


def program_for(order: str) -> str:
    """The steps and then the client."""
    for step in order.split():
        if step in ("gevent", "eventlet", "truststore") and importlib.util.find_spec(step) is None:
            pytest.skip("%s is not installed" % step)
    return "\n".join(STEPS[step] for step in order.split()) + CLIENT


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("client", ["starttls", "SMTP_SSL", "mutated"])
@pytest.mark.parametrize("label", ["good", "wrong host", "unknown CA"])
def test_orders(order: str, client: str, label: str, certs: Certificates) -> None:
    with Server("SMTP", certs[label].context, implicit=client != "starttls") as server:
        result = run(program_for(order), server.port, client, USER, SECRET, PYTHONWARNINGS="ignore")
    if label == "good":
        assert result.stdout == "sent\n", result.stderr
        assert {where for where, _ in server.credentials()} == {"inside"}
    else:
        assert result.stdout == "SSLCertVerificationError %d\n" % certs[label].codes[0], result.stderr
        assert not server.credentials()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("client", ["starttls", "SMTP_SSL", "mutated"])
def test_orders_in_warn_mode(order: str, client: str, certs: Certificates) -> None:
    """It connects as before, and gets the verdict."""
    program = program_for(order).replace("securedefaults.apply()", 'securedefaults.apply("warn")')
    with Server("SMTP", certs["wrong host"].context, implicit=client != "starttls") as server:
        result = run(program, server.port, client, USER, SECRET, PYTHONWARNINGS="default")
    assert result.stdout == "sent\n", result.stderr
    assert {where for where, _ in server.credentials()} == {"inside"}
    assert "WouldBeRefusedWarning: smtplib got no SSL context" in result.stderr
    assert "Hostname mismatch" in result.stderr


STATUS = "\nimport json, securedefaults; print(json.dumps(securedefaults.status().as_dict()))"


def status_after(source: str) -> Dict[str, Any]:
    result = run(textwrap.dedent(source) + STATUS, PYTHONWARNINGS="ignore")
    assert not result.stderr
    status: Dict[str, Any] = json.loads(result.stdout)
    return status


def not_covered(source: str) -> List[str]:
    found: List[str] = status_after(source)["not_covered"]
    return found


def test_nothing_to_complain_of() -> None:
    assert not_covered("import securedefaults, smtplib, imaplib, ftplib; securedefaults.apply()") == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_eventlets_private_copies(when: str) -> None:
    """`import_patched()` copies a module, and its idea of `ssl`; one made later has the hook in it."""
    if importlib.util.find_spec("eventlet") is None:
        pytest.skip("eventlet is not installed")
    steps = ["import eventlet; green = eventlet.import_patched('ftplib')", STEPS["apply"]]
    found = not_covered("\n".join(steps if when == "before" else reversed(steps)))
    assert found == (["__patched_module_ftplib.FTP_TLS is an implementation of its own"] if when == "before" else [])


def test_vendored_forks_are_named() -> None:
    source = """
        import sys, types, securedefaults
        fork = types.ModuleType("imaplib2")
        exec("class IMAP4: pass\\nclass IMAP4_SSL(IMAP4): pass", vars(fork))
        sys.modules["imaplib2"] = fork
        securedefaults.apply()
    """
    assert not_covered(source) == [
        "imaplib2.IMAP4 is an implementation of its own",
        "imaplib2.IMAP4_SSL is an implementation of its own",
    ]


def test_a_later_replacement_is_named() -> None:
    source = """
        import ssl, smtplib, securedefaults
        securedefaults.apply()
        ssl._create_stdlib_context = ssl._create_unverified_context
    """
    status = status_after(source)
    (sentence,) = status["not_covered"]
    assert sentence.startswith("ssl._create_stdlib_context was replaced after apply(), by <function")
    assert status["entry_points"]["smtplib.SMTP_SSL"] == "unverified"


def test_a_reloaded_ssl_is_hooked_again(certs: Certificates) -> None:
    source = """
        import importlib, sys, ssl, securedefaults, smtplib
        securedefaults.apply()
        importlib.reload(ssl)
        importlib.reload(smtplib)
        assert securedefaults.status().not_covered == ()
        smtplib.SMTP_SSL("localhost", int(sys.argv[1]), "localhost").login(*sys.argv[2:])
    """
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        result = run(source, server.port, USER, SECRET, PYTHONWARNINGS="ignore")
    assert "Hostname mismatch" in result.stderr
    assert not server.credentials()


def test_standard_nntplib(certs: Certificates) -> None:
    """The PyPI package for Python 3.13 and later comes under the same name, and with the same default."""
    if sys.version_info < (3, 13) or importlib.util.find_spec("nntplib") is None:
        pytest.skip("needs standard-nntplib and Python 3.13")
    source = """
        import securedefaults; securedefaults.apply()
        import sys, nntplib
        nntplib.NNTP_SSL("localhost", int(sys.argv[1]), *sys.argv[2:])
    """
    with Server("NNTP", certs["wrong host"].context, implicit=True) as server:
        result = run(source, server.port, USER, SECRET, PYTHONWARNINGS="ignore")
    assert "Hostname mismatch" in result.stderr
    assert not server.credentials()
