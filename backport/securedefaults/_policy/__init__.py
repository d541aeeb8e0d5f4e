"""What was asked for, and is in force: read by everything that was hooked."""

from .._names import ENFORCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from .policy import Policy

#: What `apply()` decided. None while nothing is applied: then every hook does what the original does.
in_force: "Optional[Policy]" = None


def enforcing() -> bool:
    """Whether connections are to be refused, as opposed to watched or left alone."""
    return in_force is not None and in_force.mode == ENFORCE
