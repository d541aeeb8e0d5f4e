"""gevent, eventlet and truststore, in every order; code that cannot be reached is named."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
import textwrap
from typing import Any, Dict, List, Sequence

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
import json, sys, smtplib, ssl

def login(client, port, user, secret):
    if client == "starttls":
        smtp = smtplib.SMTP("localhost", port, "localhost", timeout=10)
        smtp.starttls()
    else:
        smtp = smtplib.SMTP_SSL(local_hostname="localhost", timeout=10)
        assert "truststore" in sys.modules or isinstance(smtp.context, ssl.SSLContext)
        if client == "mutated":
            smtp.context.minimum_version = ssl.TLSVersion.TLSv1_2
        smtp._host = "localhost"
        smtp.connect("localhost", port)
    smtp.login(user, secret)
    smtp.quit()

for client, port in json.loads(sys.argv[1]):
    try:
        login(client, port, *sys.argv[2:])
    except ssl.SSLError as exc:
        print(type(exc).__name__, exc.verify_code)
    else:
        print("sent")
"""
CLIENTS = ("starttls", "SMTP_SSL", "mutated")


def program_for(order: str) -> str:
    """The steps and then the client."""
    for step in order.split():
        if step in ("gevent", "eventlet", "truststore") and importlib.util.find_spec(step) is None:
            pytest.skip("%s is not installed" % step)
    return "\n".join(STEPS[step] for step in order.split()) + CLIENT


def log_in_to_all(program: str, labels: Sequence[str], certs: Certificates, **environ: str) -> Any:
    """What the program prints for each client and server, where each has got the password, and what it warned of."""
    logins = [(label, client) for label in labels for client in CLIENTS]
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(Server("SMTP", certs[label].context, implicit=client != "starttls"))
            for label, client in logins
        ]
        ports = [(client, server.port) for (_, client), server in zip(logins, servers)]
        result = run(program, json.dumps(ports), USER, SECRET, **environ)
    printed = result.stdout.splitlines()
    assert len(printed) == len(logins), result.stderr
    told = [{where for where, _ in server.credentials()} for server in servers]
    return dict(zip(logins, zip(printed, told))), result.stderr


@pytest.mark.parametrize("order", ORDERS)
def test_orders(order: str, certs: Certificates) -> None:
    found, _ = log_in_to_all(program_for(order), ("good", "wrong host", "unknown CA"), certs, PYTHONWARNINGS="ignore")
    for (label, client), outcome in found.items():
        refusal = "SSLCertVerificationError %d" % (certs[label].codes or [0])[0]
        assert outcome == (("sent", {"inside"}) if label == "good" else (refusal, set())), (label, client)


@pytest.mark.parametrize("order", ORDERS)
def test_orders_in_warn_mode(order: str, certs: Certificates) -> None:
    """It connects as before, and gets the verdict."""
    program = program_for(order).replace("securedefaults.apply()", 'securedefaults.apply("warn")')
    found, warned = log_in_to_all(program, ("wrong host",), certs, PYTHONWARNINGS="always")
    assert set(map(str, found.values())) == {str(("sent", {"inside"}))}
    assert warned.count("WouldBeRefusedWarning: smtplib got no SSL context") == len(CLIENTS)
    assert warned.count("Hostname mismatch") >= len(CLIENTS)


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
