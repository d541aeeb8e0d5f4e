"""The verdict is the one of a real handshake under any openssl.cnf, and with each kind of key.

Which versions and cipher suites OpenSSL is set to speak says nothing about a certificate. The security level does.

`python test_verdict_settings.py` prints what this process's OpenSSL says.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import types
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from programs import python
from test_verdict import CASES, CERTS, handshake, real

from native import PYPY, backport_only
from securedefaults._names import ACCEPTED, REFUSED, UNKNOWN
from securedefaults._policy.policy import Policy
from securedefaults._tls import verdict as verdicts
from securedefaults._tls.trust import FactoryTrust, PlatformTrust, trust_for
from wire.certs import Certificates, chain_of, server_context
from wire.servers import Server

pytestmark = backport_only("they need no verdict")

HERE = Path(__file__).parent
ML_DSA = (HERE / "ml_dsa.pem").read_bytes()

#: lines of openssl.cnf's section for `ssl`
SETTINGS = [
    "MinProtocol = TLSv1.3",
    "MaxProtocol = TLSv1.2",
    "Protocol = -TLSv1.2",
    "CipherString = AES128-SHA",
    "CipherString = ECDHE-RSA-AES128-GCM-SHA256",
    "CipherString = PSK",
    "CipherString = DEFAULT:@SECLEVEL=0",
    "CipherString = DEFAULT:@SECLEVEL=2",
    "CipherString = DEFAULT:@SECLEVEL=3",
    "Ciphersuites = TLS_AES_256_GCM_SHA384",
    "SignatureAlgorithms = ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ed25519",
    "Groups = P-256",
]
#: where an OpenSSL that is set to nothing else can connect to nobody
NO_CONNECTION = ["Protocol = -TLSv1.2"]


def main() -> None:
    """Each kind of certificate: what enforcement says to it, and the verdict."""
    Path(os.environ["SSL_CERT_FILE"]).write_bytes(CERTS.trusted.pem + ML_DSA)
    found = {}
    for case, pem in {**CASES, "ML-DSA": ML_DSA}.items():
        verdict = PlatformTrust.cached().verdict(chain_of(pem), "localhost")
        found[case] = [enforced(pem), [verdict.state, verdict.code, verdict.message]]
    print(json.dumps(found))


def enforced(pem: bytes) -> Any:
    """What a handshake comes to; None if there is none with such a key, or none under these settings."""
    try:
        server = server_context(pem, ciphers="ALL:@SECLEVEL=0")
        server.options &= ~ssl.OP_NO_TLSv1_2
        server.minimum_version = ssl.TLSVersion.TLSv1_2
        server.maximum_version = ssl.TLSVersion.TLSv1_3
        return real(PlatformTrust.cached().shared_context(), server)
    except (ssl.SSLError, AssertionError):
        return None


@pytest.mark.parametrize("setting", SETTINGS)
def test_agrees_with_a_handshake_under_any_openssl_cnf(setting: str, tmp_path: Path) -> None:
    found = judged_under(setting, tmp_path)
    assert len(found) > 30
    wrong = {case: pair for case, pair in found.items() if pair[0] not in (None, pair[1])}
    assert wrong == {}
    judged = [case for case in found if found[case][1][0] != UNKNOWN]
    assert set(found) - set(judged) <= {"ML-DSA"}  # which an OpenSSL before 3.5 does not know
    assert any(enforced is not None for enforced, _ in found.values()) or setting in NO_CONNECTION


def judged_under(setting: str, folder: Path) -> Dict[str, List[Any]]:
    done = under(setting, folder, __file__)
    assert done.returncode == 0, done.stderr
    found: Dict[str, List[Any]] = json.loads(done.stdout)
    return found


def under(setting: str, folder: Path, *arguments: str) -> Any:
    path = folder / "openssl.cnf"
    path.write_text(
        "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = default\n[default]\n%s\n" % setting
    )
    # as here, where pytest and conftest.py have put the folders of the tests into it
    paths = os.pathsep.join(entry for entry in sys.path if entry)
    return python(*arguments, OPENSSL_CONF=str(path), SSL_CERT_FILE=str(folder / "trusted.pem"), PYTHONPATH=paths)


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting not in NO_CONNECTION])
def test_doctor_finds_out_under_any_openssl_cnf(setting: str, tmp_path: Path) -> None:
    (tmp_path / "trusted.pem").write_bytes(CERTS.trusted.pem)
    done = under(setting, tmp_path, "-m", "securedefaults", "doctor", "--json")
    rows = json.loads(done.stdout)["entry_points"]
    assert {(row["stock"], row["protected"]) for row in rows} <= {("accepted", "refused"), (None, None)}, done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("setting", ["MinProtocol = TLSv1.3", "CipherString = AES128-SHA"])
@pytest.mark.parametrize(("case", "status"), [("good", 0), ("expired", 1)])
def test_check_judges_under_any_openssl_cnf(
    case: str, status: int, setting: str, certs: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "trusted.pem").write_bytes(certs.trusted.pem)
    with Server("SMTP", certs[case].context, implicit=True) as server:
        done = under(setting, tmp_path, "-m", "securedefaults", "check", "--json", "smtps://localhost:%d" % server.port)
    assert done.returncode == status, done.stdout


@pytest.fixture
def ml_dsa_is_trusted(trust: Path) -> None:
    trust.write_bytes(ML_DSA)


@pytest.mark.usefixtures("ml_dsa_is_trusted")
@pytest.mark.parametrize(("name", "expected"), [("localhost", (ACCEPTED, None)), ("other.test", (REFUSED, 62))])
def test_a_key_that_no_cipher_suite_of_tls_12_is_for(name: str, expected: Tuple[Any, ...]) -> None:
    """OpenSSL has judged chain and name before it looks at the key. Such servers speak TLS 1.3."""
    try:
        server = server_context(ML_DSA)
    except ssl.SSLError:
        pytest.skip("this OpenSSL has no ML-DSA")
    verdict = PlatformTrust().verdict(chain_of(ML_DSA), name)
    assert (verdict.state, verdict.code) == expected
    assert real(PlatformTrust().shared_context(), server, name)[:2] == expected


@pytest.mark.parametrize("name", ["localhost", "other.test"])
def test_another_library_may_look_at_the_key_first(
    name: str, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one of those a complaint about the key says nothing about the chain."""
    monkeypatch.setattr(verdicts, "_VERIFIES_FIRST", False)
    for case in ("good", "good RSA"):
        verdict = PlatformTrust().verdict(chain_of(certs[case].pem), name)
        assert verdict.state == (ACCEPTED if name == "localhost" else REFUSED)
    monkeypatch.setattr(verdicts, "_ask", complain)
    assert PlatformTrust().verdict(chain_of(certs["good"].pem), "third.test").state == UNKNOWN


def complain(*args: object) -> None:
    raise verdicts._OtherKeyType("wrong certificate type")


@pytest.mark.parametrize("code", [28, 20])
def test_a_refusal_by_pythons_own_list_is_one(code: int, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since 3.14.10 and 3.15.2 a callback refuses compromised CAs (28), in the handshake, as OpenSSL does."""
    refusal = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    refusal.verify_code, refusal.verify_message, refusal.reason = code, "rejected", "CERTIFICATE_VERIFY_FAILED"
    verifying = PlatformTrust().private_context()

    class Client:
        def __init__(self, inner: ssl.SSLObject) -> None:
            self.inner, self.begun = inner, False

        def do_handshake(self) -> None:
            if self.begun:
                raise refusal
            self.begun = True
            self.inner.do_handshake()

    class Rejecting(ssl.SSLContext):
        def wrap_bio(self, *args: Any, **kwargs: Any) -> Any:
            return Client(verifying.wrap_bio(*args, **kwargs))

    verdict = verdicts.judge(chain_of(certs["good"].pem), "localhost", Rejecting(ssl.PROTOCOL_TLS_CLIENT))
    assert (verdict.state, verdict.code, verdict.message) == (REFUSED, code, "rejected")


def tls13_only() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def test_a_factorys_new_contexts_are_made_to_judge(certs: Certificates) -> None:
    states = [
        FactoryTrust(tls13_only).verdict(chain_of(certs[case].pem), "localhost").state for case in ("good", "expired")
    ]
    assert states == ([UNKNOWN, UNKNOWN] if PYPY else [ACCEPTED, REFUSED])


@pytest.mark.parametrize("kept", ["one", "a pool", "by somebody else"])
def test_a_context_that_a_factory_keeps_is_not_changed(kept: str, certs: Certificates) -> None:
    """The program may connect with it."""
    pool = [ssl.create_default_context() for _ in range(1 if kept == "one" else 4)]
    given: List[ssl.SSLContext] = []
    settings = [look(context) for context in pool]

    def factory() -> ssl.SSLContext:
        if kept == "by somebody else":
            given.append(ssl.create_default_context())
            return given[-1]
        pool.append(pool.pop(0))
        return pool[-1]

    trust = trust_for(Policy("warn", context_factory=factory))
    for _ in range(3):
        assert trust.verdict(chain_of(certs["good"].pem), "localhost").state == ACCEPTED
    for context in [*pool, *given]:
        assert look(context) == settings[0]
        handshake(context, certs["good"].context)


class Late(ssl.SSLContext):
    """As truststore's on macOS and Windows: OpenSSL accepts, and somebody else is asked when the handshake is over.

    `inner` is what OpenSSL does meanwhile.
    """

    inner: ssl.SSLContext

    def wrap_bio(self, *args: Any, **kwargs: Any) -> Any:
        return self.inner.wrap_bio(*args, **kwargs)


def late(verifies: str) -> ssl.SSLContext:
    context = Late(ssl.PROTOCOL_TLS_CLIENT)
    context.inner = ssl.create_default_context()
    context.inner.check_hostname = False
    if verifies == "nothing":
        context.inner.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize("source", ["factory", "platform", "injected"])
@pytest.mark.parametrize(
    ("verifies", "unknown"),
    [("nothing", ["good", "expired", "self-signed", "wrong host"]), ("no name", ["good", "wrong host"])],
)
def test_who_verifies_after_the_handshake_gives_no_verdict(
    verifies: str, unknown: List[str], source: str, certs: Certificates
) -> None:
    """What OpenSSL does not refuse it may not have looked at."""
    if source == "factory":
        trust: Any = FactoryTrust(lambda: late(verifies))
    else:
        module = types.ModuleType("ssl")
        module.__dict__.update(vars(ssl), create_default_context=lambda: late(verifies))
        if source == "injected":
            module.__dict__["SSLContext"] = Late
        trust = PlatformTrust(module=module)
    for _ in range(2):
        for case in ("good", "expired", "self-signed", "wrong host"):
            verdict = trust.verdict(chain_of(certs[case].pem), "localhost")
            assert verdict.state == (UNKNOWN if case in unknown else REFUSED), case
            assert "does not verify by OpenSSL" in verdict.message or case not in unknown


def test_a_context_shows_once_that_it_verifies(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    clients: List[str] = []
    make = verdicts._Client.__init__
    monkeypatch.setattr(
        verdicts._Client, "__init__", lambda self, context, name: (clients.append(name), make(self, context, name))[1]
    )
    trust = PlatformTrust()
    for case in ("good", "good RSA", "good intermediate"):
        assert trust.verdict(chain_of(certs[case].pem), "localhost").state == ACCEPTED
    assert len([name for name in clients if name.endswith(".invalid")]) == 1


def look(context: ssl.SSLContext) -> Any:
    return context.minimum_version, context.maximum_version, context.options, context.get_ciphers()


def test_what_connections_are_made_with_is_not_changed(certs: Certificates, trust: Path) -> None:
    one = PlatformTrust()
    before = look(one.shared_context())
    one.verdict(chain_of(certs["good"].pem), "localhost")
    assert look(one.shared_context()) == before == look(ssl.create_default_context())


if __name__ == "__main__":
    main()
