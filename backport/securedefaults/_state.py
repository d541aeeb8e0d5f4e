"""What `apply()` decided; read by everything that it hooked."""

from __future__ import annotations

from ._policy import ENFORCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from ._policy import Policy

#: None while nothing is applied: then every hook does what the original does.
policy: Optional[Policy] = None


def enforcing() -> bool:
    """Whether connections are to be refused, as opposed to watched or left alone."""
    return policy is not None and policy.mode == ENFORCE
