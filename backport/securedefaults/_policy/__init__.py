"""What was asked for, and is in force: read by everything that was hooked."""

from .._kept import kept
from .._names import ENFORCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from .policy import Policy

#: What `apply()` decided. None while nothing is applied: then every hook does what the original does.
in_force: "Optional[Policy]" = kept(__name__).get("in_force")


def put_in_force(policy: "Optional[Policy]") -> None:
    """That is what counts from now on, whenever modules are reloaded."""
    global in_force
    in_force = kept(__name__)["in_force"] = policy


def enforcing() -> bool:
    """Whether connections are to be refused, as opposed to watched or left alone."""
    return in_force is not None and in_force.mode == ENFORCE
