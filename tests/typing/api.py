"""How users write it; checked by mypy --strict, never run."""

from __future__ import annotations

import ssl
from typing import Any, Dict, Optional, Tuple

import securedefaults
from securedefaults import Policy, Status, apply, create_default_context, restore, status


def corporate() -> ssl.SSLContext:
    return ssl.create_default_context(cafile="corporate.pem")


apply()
apply("enforce")
apply(mode="off")
apply(None, context_factory=corporate, strict=False)
securedefaults.restore()
restore()

context: ssl.SSLContext = create_default_context()
found: Status = status()
mode: Optional[str] = found.mode
document: Dict[str, Any] = found.as_dict()
missing: Tuple[str, ...] = found.not_covered
for entry_point in found.entry_points:
    line: str = entry_point.name + entry_point.state

policy = Policy("enforce", context_factory=corporate, strict=True)
strict: Optional[bool] = policy.strict
version: str = securedefaults.__version__

table: Tuple[securedefaults.EntryPoint, ...] = securedefaults.ENTRY_POINTS
for row in table:
    names: Tuple[str, ...] = (row.name, row.module, row.cls, row.method, row.protocol, row.kind, row.through)
    parameter: Optional[str] = row.parameter

apply(context_factory=lambda: "no context")  # type: ignore[arg-type, return-value]
apply(strict="no")  # type: ignore[arg-type]
