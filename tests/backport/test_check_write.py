"""`securedefaults check --write-config`: what is written, what is not, and what is asked before."""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import select
import signal
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
from test_check import SOON, Checked, leaf_of, serving

from native import backport_only
from securedefaults import cli
from securedefaults._policy import config
from securedefaults._policy.identity import host_key
from securedefaults._tls.x509 import fingerprint
from securedefaults.cli import _replace_file
from securedefaults.cli._sections import Taken, place_of, section_of, with_section
from wire.certs import Certificates, chain_of, server_context

pty = pytest.importorskip("pty", reason="a terminal of Unix")
pytestmark = backport_only("the command judges for the backport")


# The text of the file

PLACE = "host mail.lan:587"
VALUES = {"cafile": "/ca.pem", "server_hostname": "lan.example.test"}
SECTION = "[host mail.lan:587]\ncafile = /ca.pem\nserver_hostname = lan.example.test\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", SECTION),
        ("# ours\n", "# ours\n\n" + SECTION),
        ("[securedefaults]\nstrict = no", "[securedefaults]\nstrict = no\n\n" + SECTION),
        ("[securedefaults]\nstrict = no\n\n", "[securedefaults]\nstrict = no\n\n" + SECTION),
        # another spelling is the same section
        ("[host MAIL.lan.:587]\nverify = no\n", "[host MAIL.lan.:587]\n" + SECTION.partition("\n")[2]),
        # other ones are not
        ("[host mail.lan]\nverify = no\n", "[host mail.lan]\nverify = no\n\n" + SECTION),
        ("[host mail.lan:25]\nverify = no\n", "[host mail.lan:25]\nverify = no\n\n" + SECTION),
        (
            "[host  mail.lan:587]\nmodule = backup\nverify = no\n",
            "[host  mail.lan:587]\nmodule = backup\nverify = no\n\n" + SECTION,
        ),
        # as they are indented, else a line would go on with the one before it
        (
            "[host mail.lan:587]\n    verify = no\n    cafile = /old.pem\n\n[host x]\nverify = no\n",
            "[host mail.lan:587]\n    cafile = /ca.pem\n    server_hostname = lan.example.test\n\n"
            "[host x]\nverify = no\n",
        ),
        # comments stay, and what is right already
        (
            "# 1\n[host mail.lan:587]  # 2\n# 3\nCAFILE: /ca.pem\n; 4\nverify=no\n# 5\nuntil = 2030-01-01\n\n# 6\n"
            "[host x]\nverify = no\n",
            "# 1\n[host mail.lan:587]  # 2\n# 3\nCAFILE: /ca.pem\n; 4\n# 5\nserver_hostname = lan.example.test\n\n# 6\n"
            "[host x]\nverify = no\n",
        ),
        # a list in several lines
        (
            "[host mail.lan:587]\nfingerprint =\n  sha256:00\n  # why\n  sha256:01\n\n[host x]\nverify = no\n",
            "[host mail.lan:587]\n  # why\n" + SECTION.partition("\n")[2] + "\n[host x]\nverify = no\n",
        ),
        ("[host mail.lan:587]\ncafile = /old.pem", SECTION),
        ("[host mail.lan:587]", SECTION),
        ("# [host mail.lan:587]\n", "# [host mail.lan:587]\n\n" + SECTION),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_sections(before: str, after: str, end: str) -> None:
    if end not in before.replace("\n", end):
        end = "\n"
    found = with_section(before.replace("\n", end), PLACE, VALUES)
    assert found == after.replace("\n", end)
    assert with_section(found, PLACE, VALUES) == found
    assert section_of(found, PLACE)[-1].strip() in SECTION.splitlines()
    text = found.replace("\r\n", "\n").replace("\r", "\n")
    assert config.parse(re.sub("(?i)cafile", "reason", text), "/x.cfg").rules


def test_a_key_that_does_not_change_stays_as_it_is_spelled() -> None:
    before = "[host mail.lan:587]\nCAFILE: ca.pem\nstrict = OFF\nserver_hostname = x\nreason:\t y\n"
    values = {"cafile": "/etc/ca.pem", "strict": "no", "server_hostname": "new.example.test", "reason": "y"}
    found = with_section(before, PLACE, values, ("server_hostname",))
    assert found == before.replace("server_hostname = x", "server_hostname = new.example.test")


def test_a_section_of_the_same_name_for_a_module() -> None:
    before = "[host mail.lan:587]\nmodule = backup\nverify = no\n"
    with pytest.raises(Taken) as caught:
        with_section(before, PLACE, VALUES)
    # what it says to do by hand is right
    match = re.search(r"two spaces in its name, (\[.*\])$", str(caught.value))
    assert match is not None
    by_hand = "%s\n%s\nserver_hostname = lan.example.test\n" % (before, match.group(1))
    assert [rule.module for rule in config.parse(by_hand, "/x.cfg").rules] == ["backup", None]
    assert with_section(by_hand, PLACE, {"server_hostname": "lan.example.test"}) == by_hand


#: of files that can be read: what may stand before, between and after the keys of a section
BETWEEN = ("", "\n", "# [host mail.lan:587]\n", "; x = y\n", "  # indented\n", "\n\n# two\n")
KEYS = (
    "server_hostname = a.example.test\n",
    "    server_hostname = a.example.test\n    strict = no\n",
    "\treason = x\n  strict: no\n verify = yes\n",
    "Server_Hostname: b.example.test\n",
    "reason = [host mail.lan:587]\n",
    "verify=no\nuntil  =  2030-01-01\n",
    "fingerprint =\n  sha256:%s\n\tsha256:%s\n" % ("00" * 32, "11" * 32),
    "fingerprint = sha256:%s,\n# why\n sha256:%s\n" % ("00" * 32, "11" * 32),
    "strict = yes\nserver_hostname = c\n",
)
HEADERS = (
    "host mail.lan",
    "host MAIL.LAN.:587",
    "host [::1]:587",
    "host ::1",
    "host mail.lan:25",
    "module backup.mail",
)


@pytest.mark.parametrize("header", ["host mail.lan:587", "host [0::1]:587", "host mail.lan", "host other"])
def test_sections_of_any_file(header: str) -> None:
    """All other rules, and all other lines, stay."""
    chosen = random.Random(header)
    values = {"server_hostname": "new.example.test", "reason": "why"}
    for _ in range(300):
        text = chosen.choice(BETWEEN) + chosen.choice(("", "[securedefaults]\nmode = warn\n"))
        for each in chosen.sample(HEADERS, chosen.randrange(len(HEADERS))):
            comment = chosen.choice(("", " # x", "\t; y"))
            text += "[%s]%s\n" % (each, comment) + chosen.choice(BETWEEN) + chosen.choice(KEYS) + chosen.choice(BETWEEN)
        text = text.rstrip("\n") if chosen.random() < 0.2 else text
        found = with_section(text, header, values)
        try:
            old = config.parse(text, "/x.cfg")
        except config.ConfigurationError:  # two of these keys are about the same
            continue
        new = config.parse(found, "/x.cfg")
        (wanted,) = config.parse("[%s]\nserver_hostname = new.example.test\nreason = why\n" % header, "/x.cfg").rules
        others = [rule for rule in old.rules if (rule.host and host_key(rule.host), rule.port) != place_of(header)]
        assert [rule for rule in new.rules if rule in others] == others, text
        (own,) = [rule for rule in new.rules if rule not in others]
        assert (own.server_hostname, own.reason, own.fingerprint, own.verify) == (*_told(wanted), (), True), text
        comments = re.findall(r"(?m)^[ \t]*[#;].*$", text)
        assert re.findall(r"(?m)^[ \t]*[#;].*$", found) == comments, text
        assert with_section(found, header, values) == found


def _told(rule: config.HostRule) -> Tuple[Any, Any]:
    return rule.server_hostname, rule.reason


# Talking to it


class Person(io.StringIO):
    """A terminal with somebody at it who has decided what to answer."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self._answers = [*answers]

    def isatty(self) -> bool:
        return True

    def readline(self, *_: Any) -> str:
        return self._answers.pop(0) + "\n" if self._answers else ""

    @property
    def left(self) -> int:
        return len(self._answers)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Checked]:
    """The command with somebody who gives these answers, all of them, unless some may be left."""

    def call(answers: List[str], *arguments: object, left: bool = False) -> Checked:
        person = Person(*answers)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", person)
            patched.setattr(sys, "stderr", person)
            status = cli.main(["check", *map(str, arguments)])
        assert left or not person.left, person.getvalue()
        return Checked(status, capsys.readouterr().out, person.getvalue())

    return call


@pytest.fixture
def cfg(tmp_path: Path) -> Path:
    return tmp_path / "securedefaults.cfg"


@pytest.fixture
def ca(certs: Certificates, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(certs.unknown.pem)
    return path


@pytest.fixture
def lan(certs: Certificates) -> ssl.SSLContext:
    """A server of a private CA, for another name."""
    return server_context(certs.unknown.issue(("lan.example.test",)))


#: that the certificate is for, as its operator says
OTHER = "other.example.test"


def ends(pin: str) -> str:
    digits = pin.partition(":")[2].replace(":", "")
    return digits[:8] + " " + digits[-8:]


def passes(cfg: Path, url: str) -> bool:
    return cli.main(["check", "--config", str(cfg), url]) == 0


def test_a_private_ca_and_another_name(ask: Any, lan: ssl.SSLContext, cfg: Path, ca: Path) -> None:
    with serving(lan) as (server, url):
        said = ask([str(ca), "lan.example.test"], "--write-config", cfg, url)
        assert passes(cfg, url)
    assert cfg.read_text() == "[host localhost:%d]\ncafile = %s\nserver_hostname = lan.example.test\n" % (
        server.port,
        ca,
    )
    assert said.status == 0
    assert "\n  chain: unable to get local issuer certificate" in said.err
    assert "\n  + cafile = %s\n  + server_hostname = lan.example.test\n" % ca in said.err
    assert said.out.endswith("targets: 1, passed: 1, failed: 0, not judged: 0\n")
    assert list(cfg.parent.glob(".*")) == []


def test_a_ca_that_does_not_help(
    ask: Any, lan: ssl.SSLContext, cfg: Path, ca: Path, certs: Certificates, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(certs.trusted.pem)
    with serving(lan) as (_, url):
        said = ask(["/nowhere.pem", str(other), str(ca), "LAN.example.test."], "--write-config", cfg, url)
        assert passes(cfg, url)
        cfg.unlink()
        never = ask([__file__, "x\x1b[2J", "/nowhere.pem", "", "no"][:4], "--write-config", cfg, url)
    assert said.err.count("That file does not help: ") == 2
    assert "That file does not help: [Errno 2] No such file or directory: '/nowhere.pem'\n" in said.err
    assert "That file does not help: refused: unable to get local issuer certificate (verify code 20)\n" in said.err
    assert "\x1b" not in never.err
    assert not cfg.exists()
    assert never.status == 1


@pytest.mark.parametrize(
    "spelled",
    [
        ends,
        lambda pin: ends(pin).upper(),
        lambda pin: pin,
        lambda pin: pin.upper(),
        lambda pin: pin.partition(":")[2].replace(":", " "),
        lambda pin: "SHA256 Fingerprint=" + pin.partition(":")[2].upper(),
    ],
)
def test_a_pin(ask: Any, certs: Certificates, cfg: Path, spelled: Callable[[str], str]) -> None:
    pin = fingerprint(leaf_of(certs["expired"].pem))
    with serving(certs["expired"].context) as (server, url):
        assert ask([spelled(pin)], "--write-config", cfg, url).status == 0
    assert cfg.read_text() == "[host localhost:%d]\nfingerprint = %s\n" % (server.port, pin)


@pytest.mark.parametrize("answer", ["yes", "y", "sha256", "0" * 64, "0" * 16, "first8", "last8"])
def test_a_pin_that_is_not_read_from_the_operator(ask: Any, certs: Certificates, cfg: Path, answer: str) -> None:
    digits = ends(fingerprint(leaf_of(certs["expired"].pem)))
    answer = {"first8": digits[:8], "last8": digits[-8:]}.get(answer, answer)
    with serving(certs["expired"].context) as (_, url):
        said = ask([answer] * 3, "--write-config", cfg, url)
    assert (said.status, cfg.exists()) == (1, False)
    assert said.err.count("That is not this fingerprint.") == 3


def test_a_renewed_pin(ask: Any, certs: Certificates, cfg: Path) -> None:
    """Only the one that is new is asked for."""
    old, new = (fingerprint(leaf_of(certs[name].pem)) for name in ("self-signed", "expired"))
    with serving(certs["expired"].context) as (server, url):
        cfg.write_text("# why\n[host localhost:%d]\nfingerprint = %s\n# more\n" % (server.port, old))
        said = ask([ends(new)], "--write-config", cfg, url)
    assert said.status == 0
    assert cfg.read_text() == "# why\n[host localhost:%d]\nfingerprint = %s %s\n# more\n" % (server.port, old, new)
    assert "\n  - fingerprint = %s\n  + fingerprint = %s %s\n" % (old, old, new) in said.err


def test_everything_else_stays(ask: Any, certs: Certificates, cfg: Path) -> None:
    text = "\ufeff# b\xfcro\r\n[securedefaults]\r\nstrict=no\r\n;x\r\n[HOST]\r\n".replace("[HOST]", "[host %s]")
    with serving(certs["wrong host"].context) as (server, url):
        content = (
            text % ("LOCALHOST:%d" % server.port) + "# 1\r\nverify = no\r\nuntil=2020-01-01\r\n\r\n# end"
        ).encode()
        cfg.write_bytes(content)
        cfg.chmod(0o640)
        before = cfg.stat()
        assert ask([OTHER], "--write-config", cfg, url).status == 0
        assert passes(cfg, url)
    wanted = content.replace(b"verify = no\r\nuntil=2020-01-01\r\n", b"server_hostname = other.example.test\r\n")
    assert cfg.read_bytes() == wanted
    after = cfg.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


@pytest.mark.parametrize("answer", ["yes", "y", "localhost", "evil.example.test", "other.example.test.evil.test"])
def test_a_name_that_is_not_known(ask: Any, certs: Certificates, cfg: Path, answer: str) -> None:
    """Anybody can have a certificate for a name of his own."""
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([answer] * 3 + [""], "--write-config", cfg, url)
    assert (said.status, cfg.exists()) == (1, False)
    assert said.err.count("That is another name.") == 3


def test_what_the_server_did_not_say_takes_a_yes(ask: Any, certs: Certificates, cfg: Path, ca: Path) -> None:
    with serving(certs["unknown CA"].context) as (_, url):
        cfg.write_text("[host localhost]\nserver_hostname = mail.example.test\nreason = x\n")
        said = ask([str(ca), "what", "yes"], "--write-config", cfg, url)
    assert said.status == 0
    assert cfg.read_text() == ("[host localhost]\nserver_hostname = mail.example.test\nreason = x\ncafile = %s\n" % ca)


def test_no_is_no(ask: Any, certs: Certificates, cfg: Path) -> None:
    cfg.write_text("# mine\n")
    with serving(certs["wrong host"].context) as (_, url):
        for answers in (["", ""], ["what", "what", "what", ""], []):
            said = ask(answers, "--write-config", cfg, url)
            assert (said.status, cfg.read_text()) == (1, "# mine\n")
    assert "No more answers: nothing else is written." in said.err


@pytest.mark.parametrize("anchor", ["fingerprint", "cafile"])
@pytest.mark.parametrize("fault", ["good", "unknown CA", "expired", "wrong host"])
def test_a_rule_that_is_violated_loses_no_anchor(
    ask: Any, certs: Certificates, cfg: Path, tmp_path: Path, anchor: str, fault: str
) -> None:
    """Whoever has a certificate of a public CA would pass without it."""
    own = tmp_path / "own.pem"
    own.write_text(ssl.DER_cert_to_PEM_cert(leaf_of(certs["self-signed"].pem)))
    value = str(own) if anchor == "cafile" else fingerprint(leaf_of(certs["self-signed"].pem))
    with serving(certs[fault].context) as (_, url):
        text = "[host localhost]\n%s = %s\n" % (anchor, value)
        cfg.write_text(text)
        said = ask(["yes"] * 9, "--write-config", cfg, url, left=True)
    assert (said.status, cfg.read_text()) == (1, text)
    if fault == "good":
        assert "The rule at %s:1: [host localhost] is violated: it may be somebody else who answers. " % cfg in said.err
    assert "\n  - %s" % anchor not in said.err.replace("- fingerprint = %s\n  + fingerprint = %s" % (value, value), "")


def test_the_comment_is_shown(ask: Any, certs: Certificates, cfg: Path) -> None:
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([""], "--write-config", cfg, url)
    assert "\nRemedy 1 of 2, the most secure first:\n  # The certificate is for this name. " in said.err
    assert "\nRemedy 2 of 2, the most secure first:\n  # This certificate alone, until it is renewed: " in said.err


@pytest.mark.parametrize("armour", ["CERTIFICATE", "X509 CERTIFICATE"])
@pytest.mark.parametrize("what", ["self-signed", "sent with it"])
def test_a_file_with_what_the_server_sent(
    ask: Any, certs: Certificates, cfg: Path, tmp_path: Path, armour: str, what: str
) -> None:
    """It may have come by this connection, and is compared as a pin is."""
    own = chain_of(certs.unknown.pem)[0]
    pem = certs["self-signed"].pem
    if what == "sent with it":
        pem = certs.unknown.issue() + ssl.DER_cert_to_PEM_cert(own).encode()
    else:
        own = leaf_of(pem)
    path = tmp_path / "sent.pem"
    path.write_text("# ours\n" + ssl.DER_cert_to_PEM_cert(own).replace("CERTIFICATE", armour))
    with serving(server_context(pem)) as (_, url):
        refused = ask([str(path), "yes", "yes", "0" * 16, "", ""][:5], "--write-config", cfg, url, left=True)
        assert not cfg.exists()
        said = ask([str(path), ends(fingerprint(own))], "--write-config", cfg, url)
    assert (refused.status, said.status) == (1, 0)
    assert "Get it from the server's operator, not by this connection (nothing: there is none): " in said.err
    assert "The file holds certificate %d of those that the server sent" % (1 + (what == "sent with it")) in said.err
    assert "cafile = %s\n" % path in cfg.read_text()


def test_a_name_in_other_letters_is_one(ask: Any, certs: Certificates, cfg: Path, ca: Path) -> None:
    text = "[host localhost]\nserver_hostname = b\xfccher.example.test\n"
    cfg.write_text(text, encoding="utf-8")
    with serving(server_context(certs.unknown.issue(("xn--bcher-kva.example.test",)))) as (_, url):
        said = ask([str(ca), "yes"], "--write-config", cfg, url)
    assert "is no host name" not in said.err
    assert (said.status, cfg.read_text(encoding="utf-8")) == (0, "%scafile = %s\n" % (text, ca))


def test_never_an_exemption(ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from securedefaults.cli import _examine

    original = _examine.advise

    def advise(*args: Any) -> Any:
        found = original(*args)
        return found._replace(remedies=found.remedies[-1:])

    monkeypatch.setattr(_examine, "advise", advise)
    with serving(certs["expired"].context) as (_, url):
        said = ask([], "--write-config", cfg, url)
    assert "it writes no exemption" in said.err
    assert not cfg.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"server_hostname": "x\n[host y]\nverify = no"},
        {"server_hostname": "*.example.test"},
        {"fingerprint": "sha256:00"},
        {"cafile": "/ca.pem\nverify = no"},
        {"strict": "no\x1b"},
    ],
)
def test_nothing_else_of_the_peers(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch, values: Dict[str, str]
) -> None:
    """Whatever the engine would hand on."""
    from securedefaults._observe.advice import Remedy
    from securedefaults.cli import _examine

    original = _examine.advise
    remedy = Remedy(tuple(values.items()), tuple(values))
    monkeypatch.setattr(_examine, "advise", lambda *args: original(*args)._replace(remedies=(remedy,)))
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([], "--write-config", cfg, url)
    assert "Not written: " in said.err
    assert "\x1b" not in said.err
    assert not cfg.exists()


def test_nothing_to_write(ask: Any, certs: Certificates, cfg: Path) -> None:
    with serving(certs["good"].context) as (_, url):
        said = ask([], "--write-config", cfg, url, "nonsense")
    assert (said.status, cfg.exists()) == (2, False)
    assert said.err.endswith("No server was refused, so there is nothing to write.\n")


def test_several_servers(ask: Any, certs: Certificates, cfg: Path, lan: ssl.SSLContext, ca: Path) -> None:
    with serving(certs["wrong host"].context) as (first, url), serving(certs["good"].context) as (_, good):
        with serving(certs["wrong host"].context, "smtps") as (second, other):
            said = ask([OTHER, OTHER], "--write-config", cfg, url, url.replace("localhost", "LOCALHOST"), good, other)
    assert said.status == 0
    assert {rule.port for rule in config.read(str(cfg)).rules} == {first.port, second.port}
    assert said.out.endswith("targets: 4, passed: 4, failed: 0, not judged: 0\n")


def test_what_need_not_change_stays(ask: Any, lan: ssl.SSLContext, cfg: Path, ca: Path) -> None:
    """A path that is relative to the file, and a word for no."""
    text = "[host localhost]\n  cafile = %s\n  strict = OFF\n  server_hostname = mail.example.test\n" % ca.name
    cfg.write_text(text)
    with serving(lan) as (_, url):
        assert ask(["lan.example.test"], "--write-config", cfg, url).status == 0
        assert passes(cfg, url)
    assert cfg.read_text() == text.replace("mail.example.test", "lan.example.test")


def test_no_question_where_no_section_can_be(ask: Any, certs: Certificates, cfg: Path) -> None:
    with serving(certs["wrong host"].context) as (server, url):
        text = "[host localhost:%d]\nmodule = backup\nverify = no\n" % server.port
        cfg.write_text(text)
        said = ask([], "--write-config", cfg, url)
    assert (said.status, cfg.read_text()) == (1, text)
    assert (
        "Not written: %s: there is a section [host localhost:%d] for one module alone" % (cfg, server.port) in said.err
    )


def test_a_rule_for_every_port(ask: Any, certs: Certificates, cfg: Path) -> None:
    """A remedy is a change of the rule in place."""
    with serving(certs["wrong host"].context) as (_, url):
        cfg.write_text("[host localhost]\nstrict = no\nserver_hostname = mail.example.test\n")
        assert ask([OTHER], "--write-config", cfg, url).status == 0
    assert cfg.read_text() == "[host localhost]\nstrict = no\nserver_hostname = other.example.test\n"


def test_strict_of_the_command_line_is_not_in_the_file(ask: Any, certs: Certificates, cfg: Path) -> None:
    """What would pass only by an option is judged, and written, as without it."""
    cfg.write_text("[securedefaults]\nstrict = yes\n")
    pem = certs.trusted.issue(("other.example.test",), authority_key_identifier=False)
    with serving(server_context(pem)) as (server, url):
        said = ask([OTHER], "--no-strict", "--write-config", cfg, url)
    assert "was refused, and by %s alone, without the options (--no-strict), it is, too:\n" % cfg in said.err
    assert "\n  strict: Missing Authority Key Identifier" in said.err
    assert cfg.read_text() == (
        "[securedefaults]\nstrict = yes\n\n"
        "[host localhost:%d]\nserver_hostname = other.example.test\nstrict = no\n" % server.port
    )


def test_what_is_refused_by_the_options_alone(ask: Any, certs: Certificates, cfg: Path) -> None:
    with serving(certs["good"].context) as (_, url):
        said = ask([], "--servername", "mail.lan", "--write-config", cfg, url)
    assert "passes by %s as it is, and was refused by the options alone (--servername mail.lan).\n" % cfg in said.err
    assert (said.status, cfg.exists()) == (1, False)


def test_what_passes_only_by_the_options(ask: Any, lan: ssl.SSLContext, cfg: Path, ca: Path) -> None:
    """It is offered, after the questions that it takes."""
    options = ["--cafile", ca, "--servername", "lan.example.test"]
    with serving(lan) as (server, url):
        no = ask([""] + [""] * 3, *options, "--write-config", cfg, url, left=True)
        assert not cfg.exists()
        said = ask(["lan.example.test"], *options, "--write-config", cfg, url)
        assert passes(cfg, url)
        nothing = ask([], *options, "--write-config", cfg, url)
    wanted = "[host localhost:%d]\ncafile = %s\nserver_hostname = lan.example.test\n" % (server.port, ca)
    assert (said.status, cfg.read_text()) == (0, wanted)
    words = " ".join(map(str, options))
    for each in (no, said):
        assert "passes only by the options (%s), which are not in %s. Without them it is refused:" % (words, cfg) in (
            each.err
        )
    assert said.out.endswith("targets: 1, passed: 1, failed: 0, not judged: 0\n")
    assert nothing.err.endswith("No server was refused, so there is nothing to write.\n")


@pytest.mark.parametrize("words", ["verify=no", "cafile='%s'", "fingerprint=%s"])
def test_a_rule_of_the_command_line_is_offered(ask: Any, certs: Certificates, cfg: Path, ca: Path, words: str) -> None:
    """But for an exemption."""
    pin = fingerprint(leaf_of(certs["unknown CA"].pem))
    words = words % (ca if "cafile" in words else pin) if "%" in words else words
    answers = {"cafile": ["yes"], "fingerprint": [ends(pin)]}.get(words.partition("=")[0], ["", ""])
    with serving(certs["unknown CA"].context) as (_, url):
        said = ask(answers, "--rule", "localhost " + words, "--write-config", cfg, url, left=True)
    assert ("\nWhat the options say:\n" in said.err) == (answers != ["", ""])
    assert "passes only by the options (--rule 'localhost" in said.err
    assert cfg.exists() == (answers != ["", ""])
    assert "verify = no" not in said.err


def test_the_options_say_nothing_of_other_ports(ask: Any, lan: ssl.SSLContext, cfg: Path, ca: Path) -> None:
    text = "[host localhost]\nserver_hostname = lan.example.test\n"
    cfg.write_text(text)
    with serving(lan) as (server, url):
        assert ask(["yes"], "--cafile", ca, "--write-config", cfg, url).status == 0
    own = "\n[host localhost:%d]\ncafile = %s\nserver_hostname = lan.example.test\n" % (server.port, ca)
    assert cfg.read_text() == text + own


def test_a_rule_of_which_an_option_leaves_nothing(ask: Any, certs: Certificates, cfg: Path) -> None:
    cfg.write_text("[host localhost]\nstrict = yes\nreason = x\n")
    with serving(certs["no authority key identifier"].context) as (_, url):
        said = ask(["yes"], "--no-strict", "--write-config", cfg, url)
    assert "passes only by the options (--no-strict, on top of %s:1: [host localhost])" % cfg in said.err
    assert cfg.read_text() == "[host localhost]\nstrict = no\nreason = x\n"


# Other targets of the same run


@pytest.fixture
def pair(certs: Certificates, lan: ssl.SSLContext) -> Iterator[Tuple[Any, ...]]:
    """Two servers of one host: one passes by a private CA, and the other is for another name."""
    with serving(server_context(certs.unknown.issue()), "smtps") as one, serving(lan) as other:
        yield one[1], other[1], other[0].port


def test_a_rule_of_several_ports_is_not_changed_for_one(ask: Any, pair: Tuple[Any, ...], cfg: Path, ca: Path) -> None:
    """Where that would break another one that was asked for; it gets a rule of its own."""
    passing, url, port = pair
    text = "[host localhost]\ncafile = %s\n" % ca
    cfg.write_text(text)
    said = ask(["lan.example.test"], "--write-config", cfg, passing, url)
    own = "\n[host localhost:%d]\ncafile = %s\nserver_hostname = lan.example.test\n" % (port, ca)
    assert (said.status, cfg.read_text()) == (0, text + own)
    assert "It gets a rule of its own, or others would not pass any more: %s.\n" % passing in said.err
    assert "is violated" not in said.err  # only what is not offered takes the CA file away
    assert passes(cfg, passing)
    assert passes(cfg, url)


def test_no_other_target_is_broken(ask: Any, pair: Tuple[Any, ...], cfg: Path, ca: Path) -> None:
    passing, url, port = pair
    text = "[host localhost]\ncafile = %s\n[host localhost:%d]\nmodule = x\ncafile = %s\n" % (ca, port, ca)
    cfg.write_text(text)
    said = ask([], "--write-config", cfg, passing, url)
    assert (said.status, cfg.read_text()) == (1, text)
    assert "Not written: %s: there is a section [host localhost:%d] for one module alone" % (cfg, port) in said.err
    assert "or others would not pass any more: %s" % passing in said.err
    assert said.out.endswith("targets: 2, passed: 1, failed: 1, not judged: 0\n")


def test_one_rule_for_two_targets(ask: Any, certs: Certificates, cfg: Path) -> None:
    """What was written for the first helps the second, too, about which nobody is asked."""
    cfg.write_text("[host localhost]\nstrict = no\nserver_hostname = mail.example.test\n")
    with serving(certs["wrong host"].context) as (_, one), serving(certs["wrong host"].context, "smtps") as (_, two):
        said = ask([OTHER], "--write-config", cfg, one, two)
    assert said.err.count(" passes by what was written.\n") == 1
    assert said.out.endswith("targets: 2, passed: 2, failed: 0, not judged: 0\n")


# What is no file to write to


def test_a_link_is_not_followed(ask: Any, certs: Certificates, cfg: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.cfg"
    real.write_text("# mine\n")
    cfg.symlink_to(real)
    with serving(certs["good"].context) as (_, url):
        said = ask([], "--write-config", cfg, url)
        assert passes(cfg, url)  # to make the servers see somebody
    assert said.status == 2
    assert "%s is a symbolic link, and none is followed here; name the file itself: %s" % (cfg, real) in said.err
    assert real.read_text() == "# mine\n"


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be no root; and whatever belongs to the one who runs the tests is fine."""
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr("securedefaults._policy.files._is_from_outside", lambda owner: True)


@pytest.fixture
def open_cfg(tmp_path: Path) -> Path:
    """A file that is not there yet, in a folder of everybody."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    return folder / "securedefaults.cfg"


def test_others_may_make_the_file_of_root(ask: Any, open_cfg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not be read again."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said = ask([], "--write-config", open_cfg, "imaps://localhost:1")
    assert (said.status, open_cfg.exists(), said.out) == (2, False, "")
    assert "%s would be a file that others than root may change: " % open_cfg in said.err
    with pytest.raises(_replace_file.Refused, match="others than root"):
        _replace_file.replace(str(open_cfg), None, b"", 1)
    assert os.listdir(open_cfg.parent) == []


@pytest.mark.usefixtures("somebody")
def test_others_may_make_the_file(ask: Any, wrong: Tuple[Any, str], open_cfg: Path) -> None:
    """Who is no root is told once, of a file that is there, too."""
    folder = open_cfg.parent
    hint = "%s: %s can be written to by others (mode 0777): chmod go-w %s\n" % (open_cfg, folder, folder)
    for answers in ([OTHER], []):
        said = ask(answers, "--write-config", open_cfg, wrong[1])
        assert said.status == 0
        assert said.err.count("securedefaults check: warning: others may change the configuration file " + hint) == 1


@pytest.mark.usefixtures("somebody")
def test_others_may_change_a_ca_file(ask: Any, certs: Certificates, cfg: Path, tmp_path: Path) -> None:
    open_ca = tmp_path / "open.pem"
    open_ca.write_bytes(certs.unknown.pem)
    open_ca.chmod(0o666)
    with serving(certs["unknown CA"].context) as (_, url):
        for answers, options in (
            ([], ["--cafile", open_ca]),
            ([], ["--rule", "localhost cafile=%s" % open_ca]),
            ([str(open_ca), "yes"], ["--write-config", cfg]),
            ([], ["--config", cfg]),
        ):
            said = ask(answers, *options, url)
            assert said.status == 0
            assert said.err.count("warning: others may change the CA file %s: " % open_ca) == 1, options


def test_a_hard_link(ask: Any, cfg: Path, tmp_path: Path) -> None:
    cfg.write_text("# mine\n")
    os.link(cfg, tmp_path / "other.cfg")
    said = ask([], "--write-config", cfg, "imaps://localhost:1")
    assert (said.status, said.out) == (2, "")
    assert "%s has another name as well (it is a hard link)" % cfg in said.err
    subprocess.run(said.err.partition("part the two: ")[2], shell=True, check=True)
    assert "hard link" not in ask([], "--write-config", cfg, "imaps://localhost:1").err
    assert (cfg.read_text(), cfg.stat().st_nlink) == ("# mine\n", 1)


def test_a_link_that_comes_later(
    ask: Any, certs: Certificates, cfg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real.cfg"
    real.write_text("# theirs\n")
    original = os.fsync

    def fsync(descriptor: int) -> None:
        original(descriptor)
        cfg.symlink_to(real)

    monkeypatch.setattr(os, "fsync", fsync)
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([OTHER], "--write-config", cfg, url)
    assert "is a symbolic link" in said.err
    assert (real.read_text(), said.status) == ("# theirs\n", 1)


def test_a_file_that_was_changed_meanwhile(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg.write_text("# mine\n")
    original = os.fsync

    def fsync(descriptor: int) -> None:
        original(descriptor)
        cfg.write_text("# theirs\n")

    monkeypatch.setattr(os, "fsync", fsync)
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([OTHER], "--write-config", cfg, url)
    assert "was changed by somebody else meanwhile; begin again" in said.err
    assert "Remedy 2" not in said.err  # a less secure one is no way out
    assert (said.status, cfg.read_text()) == (1, "# theirs\n")


def test_it_is_said_to_be_written_whatever_comes_then(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(*args: Any) -> None:
        original(*args)
        cfg.write_text("nonsense")

    original = _replace_file.replace
    monkeypatch.setattr("securedefaults.cli._file.replace", replace)
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([OTHER], "--write-config", cfg, url)
    assert "Written to %s; but %s:1: no section begins here" % (cfg, cfg) in said.err
    assert "Not written" not in said.err
    assert said.status == 1


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_an_error_of_the_file_ends_the_questions_about_a_server(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """About the next one somebody is asked all the same."""

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, at, fail)
    with serving(certs["wrong host"].context) as (_, url), serving(certs["wrong host"].context, "smtps") as (_, other):
        said = ask([OTHER, OTHER], "--write-config", cfg, url, other)
    assert said.err.count("Not written: %s cannot be written: No space left on device\n" % cfg) == 2
    assert said.err.count("\nRemedy 1 of 2, ") == 2
    assert "Remedy 2" not in said.err
    assert (said.status, os.listdir(cfg.parent)) == (1, [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[host x]\nnonsense\n", ":2: neither a section nor a key with a value"),
        (b"\xff", "is not in UTF-8"),
    ],
)
def test_a_file_that_does_not_parse(ask: Any, cfg: Path, content: bytes, message: str) -> None:
    cfg.write_bytes(content)
    said = ask([], "--write-config", cfg, "imaps://localhost:1")
    assert said.status == 2
    assert str(cfg) in said.err
    assert message in said.err
    assert cfg.read_bytes() == content


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--write-config", "/nowhere/at.cfg"], "there is no folder /nowhere; make it first"),
        (["--write-config", "/"], "/ cannot be read: Is a directory; give the path of a file"),
        (["--write-config", "a", "--config", "b"], "leave --config out, or name the same file"),
        (["--write-config", "a", "-"], "no targets can come from there: put them into a file"),
        (["--write-config", "a", "--file", "-"], "no targets can come from there: put them into a file"),
    ],
)
def test_options_that_make_no_sense(ask: Any, options: List[str], message: str) -> None:
    said = ask([], *options, *([] if "-" in options[2:3] else ["imaps://localhost:1"]))
    assert (said.status, said.out) == (2, "")
    assert message in said.err


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_not_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cfg: Path, stream: str
) -> None:
    for name in {"stdin", "stderr"} - {stream}:
        monkeypatch.setattr(sys, name, Person())
    monkeypatch.setattr(sys, stream, io.StringIO())
    assert cli.main(["check", "--write-config", str(cfg), "imaps://localhost:1"]) == 2
    said = capsys.readouterr().err + getattr(sys.stderr, "getvalue", str)()
    assert "is no terminal: run it in one, or run it without this option, and copy one of the sections" in said


# Interrupted


@pytest.mark.parametrize("at", ["open", "fdopen", "fsync", "lstat", "utime", "replace", "unlink"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), MemoryError])
def test_interrupted_anywhere(cfg: Path, monkeypatch: pytest.MonkeyPatch, at: str, error: Any) -> None:
    """The old file or the new one, and nothing else in the folder."""
    cfg.write_bytes(b"old")
    original = getattr(os, at)

    def fail(*args: Any, **kwargs: Any) -> Any:
        if at in ("fdopen", "unlink"):  # what is open is closed, what is there is taken away
            found = original(*args, **kwargs)
            with contextlib.suppress(AttributeError):
                found.close()
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, at, fail)
        with pytest.raises((KeyboardInterrupt, MemoryError, _replace_file.Refused, OSError)):
            _replace_file.replace(str(cfg), b"old", b"new", 1000)
            if at == "unlink":
                raise OSError  # nothing else was left to do
    assert cfg.read_bytes() == (b"new" if at == "unlink" else b"old")
    assert os.listdir(cfg.parent) == [cfg.name]


def test_killed_anywhere(cfg: Path) -> None:
    """Readers see one of the two, whole, at any time; also if it ends by SIGKILL."""
    program = (
        "import sys\nfrom securedefaults.cli._replace_file import replace\n"
        "old, new = b'a' * 300000, b'b' * 300000\nprint(flush=True)\n"
        "while True:\n    replace(sys.argv[1], old, new, 1 << 20)\n    old, new = new, old\n"
    )
    whole = (b"a" * 300000, b"b" * 300000)
    cfg.write_bytes(whole[0])
    with subprocess.Popen([sys.executable, "-c", program, str(cfg)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(100):
            assert cfg.read_bytes() in whole
        process.kill()
    assert cfg.read_bytes() in whole


def test_interrupted_after_it_was_written(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(*args: Any) -> None:
        original(*args)
        raise KeyboardInterrupt

    original = _replace_file.replace
    monkeypatch.setattr("securedefaults.cli._file.replace", replace)
    with serving(certs["wrong host"].context) as (_, url), serving(certs["wrong host"].context, "smtps") as (_, other):
        said = ask([OTHER], "--write-config", cfg, url, other)
    assert said.status == 130
    assert "Written to %s; the server passes by it.\n" % cfg in said.err
    assert said.out.endswith("interrupted, 2 of 2; passed: 1, failed: 1, not judged: 0\n")


def test_interrupted_before_it_was_written(
    ask: Any, certs: Certificates, cfg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("securedefaults.cli._file.replace", replace)
    with serving(certs["wrong host"].context) as (_, url):
        said = ask([OTHER], "--write-config", cfg, url)
    assert (said.status, cfg.exists()) == (130, False)
    assert "Written" not in said.err
    assert said.out.endswith("interrupted, 1 of 1; passed: 0, failed: 1, not judged: 0\n")


# A real terminal


class Terminal:
    """The command on a pseudo-terminal."""

    def __init__(self, *arguments: object) -> None:
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "securedefaults", "check", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.said = ""
        self._end = time.monotonic() + SOON

    def expect(self, text: str) -> None:
        """Read until that was said."""
        at = len(self.said)
        while text not in self.said[at:]:
            if not self._read():
                raise AssertionError("%r did not come; what came: %r" % (text, self.said))

    def _read(self) -> bool:
        left = self._end - time.monotonic()
        if left <= 0 or not select.select([self._master], [], [], left)[0]:
            return False
        try:
            found = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.said += found.decode("utf-8", "replace")
        return bool(found)

    def type(self, text: str) -> None:
        """As a person does."""
        os.write(self._master, text.encode())

    def end(self) -> int:
        """All the rest, and the exit status."""
        while self._read():
            pass
        return self.process.wait(max(self._end - time.monotonic(), 1))

    def close(self) -> None:
        """Nothing stays."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@contextlib.contextmanager
def terminal(*arguments: object) -> Iterator[Terminal]:
    found = Terminal(*arguments)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def wrong(certs: Certificates) -> Iterator[Tuple[Any, str]]:
    with serving(certs["wrong host"].context) as found:
        yield found


def test_on_a_terminal(wrong: Tuple[Any, str], cfg: Path) -> None:
    server, url = wrong
    with terminal("--write-config", cfg, url) as term:
        term.expect("(nothing: do not write it): ")
        assert not cfg.exists()
        term.type(OTHER + "\n")
        assert term.end() == 0
    assert cfg.read_text() == "[host localhost:%d]\nserver_hostname = other.example.test\n" % server.port
    assert "; the server passes by it." in term.said
    assert re.search(r"targets: 1, passed: 1, failed: 0, not judged: 0\r\n$", term.said)


def test_ctrl_d_on_a_terminal(wrong: Tuple[Any, str], cfg: Path) -> None:
    with terminal("--write-config", cfg, wrong[1]) as term:
        term.expect("(nothing: do not write it): ")
        term.type("\x04")
        assert term.end() == 1
    assert not cfg.exists()
    assert "No more answers: nothing else is written." in term.said


def test_ctrl_c_on_a_terminal(wrong: Tuple[Any, str], cfg: Path) -> None:
    with terminal("--write-config", cfg, wrong[1]) as term:
        term.expect("(nothing: do not write it): ")
        os.kill(term.process.pid, signal.SIGINT)
        assert term.end() == 130
    assert not cfg.exists()
    assert "Traceback" not in term.said
    assert "interrupted, 1 of 1; passed: 0, failed: 1, not judged: 0" in term.said
