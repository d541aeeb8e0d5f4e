"""`securedefaults doctor`: try every entry point against an impostor, before and after `apply()`."""

from __future__ import annotations

import argparse
import platform
import ssl
from typing import Any, Dict, List, Optional

from .. import _policy
from .._entrypoints import ENTRY_POINTS
from .._install import check_implementation, hooks
from .._names import ENFORCE
from .._observe import roots
from .._policy.policy import Policy
from .._text import printable
from ._drive import drive
from ._impostor import ACCEPTED, REFUSED
from ._output import print_json, print_table, say

HELP = "try every entry point of this Python against an impostor, without and with securedefaults"

DESCRIPTION = """\
Starts servers on the loopback interface that present a certificate which nobody should trust, and lets every
entry point of this Python connect to them: first as the standard library is, then after securedefaults.apply().
Nothing leaves this machine, and no password is used. And counts the CA certificates that this Python trusts by default:
without any it would refuse every server.
"""

EPILOG = """\
exit status: 0 all that exists is verified; 1 something accepted the impostor although protected;
2 something could not be tried, or there is no CA certificate
"""

_WORDS = {ACCEPTED: "ACCEPTS ANY CERTIFICATE", REFUSED: "verified", None: "not in this Python"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This command has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    check_implementation()
    rows = diagnose()
    store = trust_store()
    if args.json:
        versions = {"python": platform.python_version(), "openssl": ssl.OPENSSL_VERSION}
        print_json({**versions, "entry_points": rows, "trust_store": store})
    else:
        say("Python %s, %s, %s\n" % (platform.python_version(), ssl.OPENSSL_VERSION, _number(store)))
        print_table(
            ["protocol", "entry point", "stock", "protected"],
            [[row["protocol"], row["entry_point"], _word(row["stock"]), _word(row["protected"])] for row in rows],
        )
        say("\n" + "\n".join([_summary(rows), *_about_the_store(store)]))
    return _exit_status(rows) or (2 if store["certificates"] == 0 else 0)


def trust_store() -> Dict[str, Any]:
    """How many CA certificates there are, and what is wrong with that."""
    number = roots.count()
    problems = roots.problems()
    if number == 0 and not problems:
        problems = ["This Python found no CA certificates at all: %s." % roots.remedy()]
    return {"certificates": number, "problems": problems}


def _number(store: Dict[str, Any]) -> str:
    number = store["certificates"]
    if number is None:
        return "CA certificates: the system's"
    return "CA certificates: %d" % number


def _about_the_store(store: Dict[str, Any]) -> List[str]:
    found = [*map(printable, store["problems"])]
    if store["certificates"] == 0:
        found.insert(0, "NO CA CERTIFICATE IS TRUSTED, so every server would be refused.")
    return found


def diagnose() -> List[Dict[str, Any]]:
    """The table: for each entry point the impostor's verdict before and after `apply()`."""
    policy = _policy.in_force
    hooks.restore()
    try:
        stock = [drive(entry_point) for entry_point in ENTRY_POINTS]
        hooks.install(policy or Policy(ENFORCE))
        protected = [drive(entry_point) for entry_point in ENTRY_POINTS]
    finally:
        if policy is None:
            hooks.restore()
    return [
        {
            "protocol": entry_point.protocol,
            "entry_point": entry_point.name,
            "kind": entry_point.kind,
            "stock": before,
            "protected": after,
        }
        for entry_point, before, after in zip(ENTRY_POINTS, stock, protected)
    ]


def _word(verdict: Optional[str]) -> str:
    return _WORDS.get(verdict) or "unknown: %s" % verdict


def _summary(rows: List[Dict[str, Any]]) -> str:
    present = [row for row in rows if row["protected"] is not None]
    native = sum(row["stock"] == REFUSED for row in present)
    verified = sum(row["protected"] == REFUSED for row in present)
    return "%d of %d entry points verify by themselves, %d with securedefaults." % (native, len(present), verified)


def _exit_status(rows: List[Dict[str, Any]]) -> int:
    verdicts = {row["protected"] for row in rows} - {None, REFUSED}
    if ACCEPTED in verdicts:
        return 1
    return 2 if verdicts else 0
