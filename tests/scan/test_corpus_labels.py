"""The labels of the corpus are proven by execution, on the standard library as it is.

A program that is labelled vulnerable hands its password to a server that it must not trust; one that is labelled safe
does not, and does hand it to the right one.
"""

from __future__ import annotations

import collections
import sys
from pathlib import Path

import pytest
from compare.cases import CORPUS, Case, corpus, read
from compare.execution import execute, server_context

from wire.certs import Certificates

CASES = corpus()
RUNNABLE = [case for case in CASES if case.server]

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="what the programs do is the same everywhere: once, on Python 3.11"
)


def fits(case: Case) -> None:
    if not case.fits(sys.version_info[:2]):
        pytest.skip("needs Python %s" % case.labels["python"])


@pytest.mark.parametrize("case", [case for case in RUNNABLE if case.kind != "safe"], ids=lambda case: case.name)
def test_vulnerable(case: Case, certs: Certificates, trust: Path) -> None:
    fits(case)
    outcome = execute(case.path, case, server_context(case, certs), trust)
    effect = case.labels.get("effect", "inside")
    if effect == "broken":
        assert outcome.received == []
        assert execute(case.path, case, certs["good"].context, trust).received == [], "it works, so what is wrong?"
    else:
        assert outcome.received == [effect], outcome.output
        assert outcome.status == 0, outcome.output


@pytest.mark.parametrize("case", [case for case in RUNNABLE if case.kind == "safe"], ids=lambda case: case.name)
def test_safe(case: Case, certs: Certificates, trust: Path) -> None:
    fits(case)
    impostor = execute(case.path, case, server_context(case, certs), trust)
    assert impostor.received == [], impostor.output
    good = execute(case.path, case, certs["good"].context, trust)
    assert good.received == ["inside"], good.output
    assert good.status == 0, good.output


def test_corpus_is_what_it_should_be() -> None:
    kinds = collections.Counter(case.kind for case in CASES)
    assert len(CASES) >= 120
    assert kinds["default"] >= 62
    assert kinds["explicit"] >= 20
    assert kinds["safe"] >= 50
    assert {case.level for case in CASES if case.kind == "default"} == {"plain", "inference", "flow"}
    for case in CASES:
        assert bool(case.sites) == (case.kind != "safe"), case.name


def test_most_labels_are_proven() -> None:
    assert len(RUNNABLE) >= 0.85 * len(CASES)
    assert all(case.reason for case in CASES if not case.server)


def test_odd_files_are_odd() -> None:
    """No editor and no checkout has tidied them up."""
    assert b"\r\n" in (CORPUS / "default/crlf.py").read_bytes()
    assert b"\t" in (CORPUS / "default/tabs.py").read_bytes()
    assert (CORPUS / "default/bom_crlf.py").read_bytes().startswith(b"\xef\xbb\xbf#")
    with pytest.raises(UnicodeDecodeError):
        (CORPUS / "default/latin1.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "import smtplib\n",
        "# kind: safe\n# level: plain\n# run: gopher\n",
        "# kind: safe\n# level: plain\n# run: none\n",
        "# kind: default\n# level: plain\n# run: smtp-tls\n",
    ],
)
def test_labels_are_checked(text: str, tmp_path: Path) -> None:
    path = tmp_path / "safe" / "x.py"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ValueError, match=r"x\.py"):
        read(path)
