"""Somebody has put a class of their own into `ssl.SSLContext`: each kind of rule, at each kind of entry point.

truststore does it when asked, and pip-system-certs has it asked at the start of Python; gevent and eventlet do it, too.
A rule has the same meaning with each of them, and whenever they come or go. What counts is what the servers received.
"""

from __future__ import annotations

import collections
import contextlib
import importlib.util
import json
import ssl
from pathlib import Path
from typing import Dict, List, NamedTuple, Set, Tuple

import pytest
from programs import run
from test_matrix import received_secret

from native import stock
from securedefaults._entrypoints import EntryPoint
from securedefaults._tls.x509 import described
from wire.certs import Certificates, chain_of
from wire.clients import HERE, server_for

pytestmark = stock

TESTS = Path(__file__).resolve().parent.parent


class Kind(NamedTuple):
    """A kind of rule: its arguments, a certificate that it accepts, and one that it does not, if there is one."""

    arguments: str
    accepted: str
    refused: str


#: "{port}" is the server's, "{ca}" the file with the unknown CA, "{own}" that with its leaf, "{leaf}" and "{key}" pins
#: of the leaf.
KINDS = {
    "no rule": Kind("", "good", "unknown CA"),
    "cafile": Kind("'localhost', {port}, cafile={ca}", "unknown CA", "good"),
    "the server's own certificate": Kind("'localhost', {port}, cafile={own}", "unknown CA", "good"),
    "strict": Kind("'localhost', {port}, strict=True", "good", "no authority key identifier"),
    "pin of the certificate": Kind("'localhost', {port}, fingerprint={leaf}", "unknown CA", "good"),
    "pin of the key": Kind("'localhost', {port}, fingerprint={key}", "unknown CA", "good"),
    "another name": Kind("'localhost', {port}, server_hostname='other.example.test'", "wrong host", "good"),
    "exempt": Kind("'localhost', {port}, verify=False", "expired", ""),
    "no longer exempt": Kind("'localhost', {port}, verify=False, until='2021-01-01'", "good", "expired"),
    "of the module": Kind("'localhost', {port}, module='wire', verify=False", "wrong host", ""),
    "of another module": Kind("'localhost', {port}, module='hire', verify=False", "good", "wrong host"),
    "of another port": Kind("'localhost', {port} - 1, verify=False", "good", "unknown CA"),
}

STEPS = {
    "enforce": "securedefaults.apply('enforce', rules=rules())",
    "warn": "securedefaults.apply('warn', rules=rules())",
    "inject": "import truststore; truststore.inject_into_ssl()",
    "extract": "truststore.extract_from_ssl()",
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
    "connect": "connect()",
}

#: "apply" is to enforce or to warn.
ORDERS = (
    "apply connect",
    "inject apply connect",
    "apply inject connect",
    "apply connect inject connect",
    "apply connect inject connect extract connect inject connect",
    "inject apply connect extract connect",
    "gevent apply connect",
    "eventlet apply connect",
    "apply connect eventlet connect",
)

PROGRAM = '''
import json, ssl, sys
__name__ = "wire.program"  # for the rules of modules
plan = json.loads(open(sys.argv[1]).read())
sys.path.insert(0, plan["tests"])
import securedefaults

def rules():
    return [eval("securedefaults.HostRule(%s)" % rule) for rule in plan["rules"]]

def change(context, flag):
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= flag
    context.verify_flags |= ssl.VERIFY_X509_TRUSTED_FIRST

clients = {}

def with_changed_contexts(target):
    """Clients whose holder has changed the context, also before anything happened to `ssl`, and changes it again."""
    import smtplib
    from wire.clients import send
    if not plan["again"]:
        clients.clear()
    clients.setdefault(target.port, []).append(smtplib.SMTP_SSL(timeout=10))
    change(clients[target.port][-1].context, ssl.OP_NO_TICKET)
    for smtp in clients[target.port]:
        change(smtp.context, ssl.OP_NO_COMPRESSION)
        smtp._host = target.host
        smtp.connect(target.host, target.port)
        send(smtp)

def connect():
    from wire.clients import STYLES, Target
    outcomes = []
    for name, port in plan["connections"]:
        outcome = set()
        for style in [STYLES[name]["plain"]] + [with_changed_contexts] * (name == "smtplib.SMTP_SSL"):
            try:
                style(Target("localhost", port))
            except Exception as exc:
                outcome.add(type(exc).__name__)
            else:
                outcome.add("sent")
        outcomes.append(" ".join(sorted(outcome)))
    print(json.dumps(outcomes))
'''
TELL = """
print(json.dumps([(seen.port, seen.verdict) for seen in securedefaults.report().observations]))
"""


def program_for(order: str, mode: str) -> str:
    for name, step in (("truststore", "inject"), ("gevent", "gevent"), ("eventlet", "eventlet")):
        if step in order and importlib.util.find_spec(name) is None:
            pytest.skip("%s is not installed" % name)
    steps = [mode if step == "apply" else step for step in order.split()]
    return PROGRAM + "\n".join(STEPS[step] for step in steps) + TELL


#: by entry point, kind of rule and certificate
Table = Dict[Tuple[str, str, str], Tuple[Set[str], bool, Set[str]]]


def found(order: str, mode: str, certs: Certificates, folder: Path) -> Table:
    """How the connections ended, whether the server has the password, and the verdicts."""
    (folder / "ca.pem").write_bytes(certs.unknown.pem)
    fitting = described(chain_of(certs["unknown CA"].pem)[0]).fitting
    (leaf,) = (pin for pin in fitting if pin.startswith("sha256:"))
    (key,) = (pin for pin in fitting if pin.startswith("sha256//"))
    (folder / "own.pem").write_text(ssl.DER_cert_to_PEM_cert(chain_of(certs["unknown CA"].pem)[0]))
    values = {
        "ca": repr(str(folder / "ca.pem")),
        "own": repr(str(folder / "own.pem")),
        "leaf": repr(leaf),
        "key": repr(key),
    }
    cells: List[Tuple[EntryPoint, str, str]] = [
        (entry_point, name, label)
        for entry_point in HERE
        for name, kind in KINDS.items()
        for label in (kind.accepted, kind.refused)
        if label
    ]
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(server_for(entry_point, certs[label].context)) for entry_point, _, label in cells
        ]
        plan = {
            "tests": str(TESTS),
            # The standard library's own context cannot be changed once truststore is there, nor used once eventlet is.
            "again": mode == "enforce" and "eventlet" not in order,
            "connections": [(entry_point.name, server.port) for (entry_point, _, _), server in zip(cells, servers)],
            "rules": [
                KINDS[name].arguments.format(port=server.port, **values)
                for (_, name, _), server in zip(cells, servers)
                if KINDS[name].arguments
            ],
        }
        (folder / "plan.json").write_text(json.dumps(plan))
        result = run(program_for(order, mode), folder / "plan.json", PYTHONWARNINGS="ignore")
    assert result.returncode == 0, result.stderr
    *outcomes, seen = map(json.loads, result.stdout.splitlines())
    verdicts: Dict[int, Set[str]] = collections.defaultdict(set)
    for port, verdict in seen:
        verdicts[port].add(verdict)
    table: Table = {}
    for number, (cell, server) in enumerate(zip(cells, servers)):
        seen_by_client = {outcome[number] for outcome in outcomes}
        table[(cell[0].name, *cell[1:])] = seen_by_client, received_secret(cell[0], server), verdicts[server.port]
    return table


@pytest.mark.parametrize("order", ORDERS)
def test_enforced(order: str, certs: Certificates, tmp_path: Path) -> None:
    table = found(order, "enforce", certs, tmp_path)
    wrong = {}
    for (entry_point, name, label), outcome in table.items():
        exempt = not KINDS[name].refused
        if label == KINDS[name].accepted:
            expected = {"sent"}, True, {"exempt" if exempt else "accepted"}
        else:
            expected = {"SSLCertVerificationError"}, False, {"refused"}
        if outcome != expected:
            wrong[entry_point, name, label] = outcome
    assert not wrong


@pytest.mark.parametrize("order", ORDERS)
def test_watched(order: str, certs: Certificates, tmp_path: Path) -> None:
    """Everybody is connected to, and the verdict is what enforcement would have said."""
    table = found(order, "warn", certs, tmp_path)
    wrong = {}
    for (entry_point, name, label), outcome in table.items():
        exempt = not KINDS[name].refused
        verdict = "exempt" if exempt else "accepted" if label == KINDS[name].accepted else "refused"
        if outcome != ({"sent"}, True, {verdict}):
            wrong[entry_point, name, label] = outcome
    assert not wrong
