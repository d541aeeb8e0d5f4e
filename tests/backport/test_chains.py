"""Chains with faults get the code that is expected, and the remedies that are expected of them work: judged by `ssl`.

Nothing of ours takes part in what is expected: see wire/faults.py.
"""

from __future__ import annotations

import itertools
import re
import ssl
from pathlib import Path
from typing import Optional, Tuple, Union

import pytest

from native import backport_only, with_four
from securedefaults._observe import codes
from securedefaults._tls import verdict as verdicts
from wire import faults
from wire.certs import server_context
from wire.faults import Chain, Rule, chains, distrusted_by_python

pytestmark = [backport_only("it is about the advice"), with_four]

PARTIAL = 0x80000  # ssl.VERIFY_X509_PARTIAL_CHAIN, since 3.10
LISTED = distrusted_by_python()
BY_NAME = {chain.name: chain for chain in (*chains(), *([LISTED] if LISTED else []))}
each = pytest.mark.parametrize("name", BY_NAME)
modes = pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])


def context_for(chain: Chain, strict: bool, rule: Rule, folder: Path) -> ssl.SSLContext:
    """What the platform makes, changed by a rule of these keys."""
    trust = folder / "trust.pem"
    trust.write_bytes(chain.cafile if "cafile" in rule else chain.platform or faults.pem(_stranger()))
    context = ssl.create_default_context(cafile=str(trust))
    if "cafile" in rule:
        context.verify_flags |= PARTIAL
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if strict and "strict" not in rule:
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    if "fingerprint" in rule:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _stranger() -> bytes:
    return faults.Certificate("Stranger", ca=True).der


def shake_hands(chain: Chain, client: ssl.SSLContext, name: str) -> Optional[Union[int, str]]:
    """What the client says to the chain: its verify code, another error, or nothing."""
    server = server_context(chain.pem, ciphers="DEFAULT:@SECLEVEL=0")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(down, up, server_hostname=name), server.wrap_bio(up, down, server_side=True)
    for end in ends * 4:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError as exc:
            return exc.verify_code if _is_known(exc) else "%d: %s" % (exc.verify_code, exc.verify_message)
        except ssl.SSLError as exc:
            return str(exc)
    return None


def _is_known(exc: ssl.SSLCertVerificationError) -> bool:
    """Whether the table has this message at this code."""
    return re.sub("'.*'", "'...'", exc.verify_message) in codes.CODES[exc.verify_code].messages


def passes(chain: Chain, strict: bool, rule: Rule, folder: Path) -> bool:
    name = chain.known_as if "server_hostname" in rule else chain.asked
    return shake_hands(chain, context_for(chain, strict, rule, folder), name) is None


@each
@modes
def test_a_chain_gets_its_code(name: str, strict: bool, tmp_path: Path) -> None:
    chain = BY_NAME[name]
    context = context_for(chain, strict, faults.NOTHING, tmp_path)
    assert shake_hands(chain, context, chain.asked) == chain.code(strict)
    verdict = verdicts.judge(chain.chain, chain.asked, verdicts.made_to_judge(context))
    assert (verdict.state, verdict.code) == ("refused" if chain.code(strict) else "accepted", chain.code(strict))


@each
@modes
def test_the_first_remedy_works(name: str, strict: bool, tmp_path: Path) -> None:
    """And no part of it alone does."""
    chain = BY_NAME[name]
    remedy = chain.remedy(strict)
    assert bool(remedy) == (chain.code(strict) is not None)
    assert passes(chain, strict, remedy, tmp_path)
    for fewer in _parts(remedy):
        assert not passes(chain, strict, fewer, tmp_path), sorted(fewer)


@each
@modes
def test_a_pin_stands_only_where_nothing_stronger_helps(name: str, strict: bool, tmp_path: Path) -> None:
    chain = BY_NAME[name]
    if chain.remedy(strict) == faults.PIN and chain.code(strict) not in _NO_RULE_HELPS:
        assert not passes(chain, strict, faults.LAX_AND_BOTH, tmp_path)


#: A CA that the platform rejects is not to be trusted by a rule instead.
_NO_RULE_HELPS = {28}


def _parts(rule: Rule) -> Tuple[Rule, ...]:
    return tuple(frozenset(keys) for size in range(len(rule)) for keys in itertools.combinations(sorted(rule), size))


@pytest.mark.parametrize(
    ("key", "words"), [("cafile", "cafile"), ("server_hostname", "server_hostname"), ("strict", "strict = no")]
)
def test_no_text_promises_what_does_not_help(key: str, words: str) -> None:
    """What the table of codes says is to be done here does help, where a chain has that code."""
    cases = [(chain.code(strict), chain.remedy(strict)) for chain in chains() for strict in (False, True)]
    helped = {code for code, remedy in cases if key in remedy}
    for code in {code for code, _ in cases if code is not None}:
        assert words not in codes.CODES[code].here or code in helped, code


def test_there_are_enough_of_them() -> None:
    found = {chain.code(strict) for chain in chains() for strict in (False, True)} - {None}
    assert len(found) >= 40
    assert len(BY_NAME) == len(chains()) + bool(LISTED)
