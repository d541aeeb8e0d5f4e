"""The rules for semgrep, as far as it can express them: `python -m securedefaults_scan._semgrep > rules.yml`.

It has no knowledge of what an object is that comes from elsewhere, of subclasses, or of contexts that flow: what `scan`
finds and these rules do not is most of it. They are for those who run semgrep already.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, List

from ._rules import BASES, HANDLER, HANDLER_NAME, NONE, OMITTED, RULES, SIGNATURES, WEAK, Signature, remedy

_WEAK = (
    "ssl._create_unverified_context(...)",
    "ssl._create_stdlib_context(...)",
    "ssl.SSLContext()",
    "ssl.SSLContext(ssl.PROTOCOL_TLS)",
    "ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)",
    "ssl.SSLContext(ssl.PROTOCOL_SSLv23)",
)


def document() -> Dict[str, Any]:
    """The rule pack; JSON is YAML, too."""
    rules: List[Dict[str, Any]] = []
    for signature in SIGNATURES.values():
        rules += [_omitted(signature), _given(signature, NONE, ["None"]), _given(signature, WEAK, list(_WEAK))]
    rules.append(
        _rule(HANDLER, HANDLER_NAME, None, [{"pattern": HANDLER_NAME + "(..., secure=$SECURE, ...)"}, _NOT_NONE])
    )
    return {"rules": rules}


_NOT_NONE = {"pattern-not": HANDLER_NAME + "(..., secure=None, ...)"}


def _omitted(signature: Signature) -> Dict[str, Any]:
    patterns: List[Any] = [*_of(signature)]
    patterns.append({"pattern": _call(signature, "...")})
    patterns.append({"pattern-not": _call(signature, "..., %s=$CONTEXT, ..." % signature.parameter)})
    patterns.append({"pattern-not": _call(signature, "..., **$OPTIONS")})
    before = ["$A%d" % index for index in range(signature.position)]
    patterns.append({"pattern-not": _call(signature, ", ".join([*before, "$CONTEXT", "..."]))})
    return _rule(OMITTED, signature.name, signature.parameter, patterns)


def _given(signature: Signature, rule: str, values: List[str]) -> Dict[str, Any]:
    calls = [_call(signature, "..., %s=%s, ..." % (signature.parameter, value)) for value in values]
    return _rule(rule, signature.name, signature.parameter, [*_of(signature), {"pattern-either": _each(calls)}])


def _each(patterns: List[str]) -> List[Dict[str, str]]:
    return [{"pattern": pattern} for pattern in patterns]


def _call(signature: Signature, arguments: str) -> str:
    if signature.name in BASES:
        return "%s(%s)" % (signature.name, arguments)
    return "$CLIENT.%s(%s)" % (signature.name.rpartition(".")[2], arguments)


def _of(signature: Signature) -> List[Dict[str, Any]]:
    """Where an object of the class is in sight, for methods."""
    if signature.name in BASES:
        return []
    cls = signature.name.rpartition(".")[0]
    inside = ["$CLIENT = %s(...)\n..." % cls, "with %s(...) as $CLIENT:\n  ..." % cls]
    return [{"pattern-either": [{"pattern-inside": pattern} for pattern in inside]}]


def _rule(rule: str, name: str, parameter: Any, patterns: List[Any]) -> Dict[str, Any]:
    known = RULES[rule]
    return {
        "id": "%s-%s" % (rule.lower(), name.lower().replace(".", "-").replace("_", "-")),
        "languages": ["python"],
        "severity": "ERROR",
        "message": "%s %s" % (known.summary, remedy(rule, parameter)),
        "metadata": {"cwe": "CWE-%d" % known.cwe, "securedefaults": rule},
        "patterns": patterns,
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
    sys.stdout.write("\n")
