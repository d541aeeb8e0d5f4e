"""What is printed of a refusal is pasted into the configuration file, and the server passes: each chain with faults.

What is expected to be printed first stands in wire/faults.py, and was written before.
"""

from __future__ import annotations

from pathlib import Path
from typing import FrozenSet, List, Optional

import pytest

from native import backport_only
from securedefaults._names import ACCEPTED, REFUSED
from securedefaults._observe import advice as told
from securedefaults._observe.advice import Advice
from securedefaults._policy import config
from securedefaults._policy.policy import Policy
from securedefaults._policy.rules import HostRule
from securedefaults._tls.remedies import advise
from securedefaults._tls.trust import verdict_of
from securedefaults._tls.verdict import Verdict
from securedefaults._tls.x509 import described
from wire import faults
from wire.faults import Chain, chains, distrusted_by_python

pytestmark = backport_only("it is about the advice")

LISTED = distrusted_by_python()
REFUSALS = {chain.name: chain for chain in (*chains(), *([LISTED] if LISTED else []))}
each = pytest.mark.parametrize("name", REFUSALS)
modes = pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])

STRANGER = faults.pem(faults.Certificate("Stranger", ca=True).der)


@pytest.fixture
def trust(trust: Path, name: str) -> Path:
    """The platform's store is the one of the chain."""
    trust.write_bytes(REFUSALS[name].platform or STRANGER)
    return trust


def verdict(chain: Chain, policy: Policy, rule: Optional[HostRule] = None) -> Verdict:
    name = chain.asked if rule is None else rule.server_hostname or chain.asked
    return verdict_of(policy, rule, chain.chain, name, described(chain.chain[0]))


def advice_for(chain: Chain, policy: Policy, rule: Optional[HostRule] = None) -> Advice:
    name = chain.asked if rule is None else rule.server_hostname or chain.asked
    return advise(policy, rule, chain.chain, name, chain.asked, 993, verdict(chain, policy, rule))


def keys(advice: Advice) -> List[FrozenSet[str]]:
    """Those of each rule that is printed."""
    return [frozenset(key for key, _ in remedy.rule) for remedy in advice.remedies]


def pasted(chain: Chain, advice: Advice, number: int, folder: Path) -> HostRule:
    """A section that was printed, as it is read from the file; the CA file is there."""
    needs = advice.remedies[number].needs
    cafile = folder / "ca.pem"
    cafile.write_bytes(faults.pem(chain.chain[0]) if needs == "the server's own certificate" else chain.cafile)
    text = told.sections(advice)[number].replace(told.CAFILE, str(cafile))
    (rule,) = config.parse(text + "\n", str(folder / "securedefaults.cfg")).rules
    return rule


@each
@modes
def test_the_first_rule_is_the_one_that_was_expected(name: str, strict: bool, trust: Path) -> None:
    chain = REFUSALS[name]
    found = keys(advice_for(chain, Policy(strict=strict)))
    if chain.code(strict) is None:
        assert found == []
    elif chain.unseen and strict:
        # Nobody can know it before the CA file is there: it is the second one.
        assert chain.remedy(strict) in found[:2]
    else:
        assert found[0] == chain.remedy(strict)
        assert found[-1] == faults.EXEMPTION


@each
@modes
def test_each_rule_that_is_printed_passes(name: str, strict: bool, trust: Path, tmp_path: Path) -> None:
    chain, policy = REFUSALS[name], Policy(strict=strict)
    advice = advice_for(chain, policy)
    for number, of_rule in enumerate(keys(advice)[:-1]):
        rule = pasted(chain, advice, number, tmp_path)
        found = verdict(chain, policy, rule)
        if chain.unseen and of_rule < chain.remedy(strict):
            assert found.state == REFUSED
            # And the next advice ends it.
            again = advice_for(chain, policy, rule)
            assert chain.remedy(strict) == keys(again)[0]
            found = verdict(chain, policy, pasted(chain, again, 0, tmp_path))
        assert found.state == ACCEPTED, (number, found.reason)
