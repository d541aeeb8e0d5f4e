"""What was asked for, and is in force: read by everything that was hooked."""

from .._kept import kept
from .._names import ENFORCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Optional

    from .policy import Policy

#: What `apply()` decided. None while nothing is applied: then every hook does what the original does.
in_force: "Optional[Policy]" = kept(__name__).get("in_force")


#: How often it was decided that nothing is. What was noted before may be out of date.
ended: int = kept(__name__).get("ended", 0)

#: Whether the hooks are in place while nothing is: in a fork server, whose children are told what is in force, but have
#: what it has imported. The default contexts that are made there ask at each handshake.
prepared: bool = kept(__name__).get("prepared", False)

#: The copy of this module that was asked after this one. Contexts that were made by this one follow it.
followed_by: "Optional[ModuleType]" = kept(__name__).get("followed_by")


def put_in_force(policy: "Optional[Policy]") -> None:
    """That is what counts from now on, whenever modules are reloaded."""
    global in_force, ended, followed_by
    in_force = kept(__name__)["in_force"] = policy
    prepare(False)
    if policy is None:
        ended = kept(__name__)["ended"] = ended + 1
    else:
        followed_by = kept(__name__)["followed_by"] = None


def prepare(value: bool = True) -> None:
    """Whether the hooks are to be in place while nothing is in force; until somebody decides what is."""
    global prepared
    prepared = kept(__name__)["prepared"] = value


def hooked() -> object:
    """What the hooks are in place for; None if they are not to be."""
    return in_force if in_force is not None else prepared or None


def follow(other: "ModuleType") -> None:
    """Another copy of this module says from now on what is in force."""
    global followed_by
    followed_by = kept(__name__)["followed_by"] = other


def enforcing() -> bool:
    """Whether connections are to be refused, as opposed to watched or left alone."""
    return in_force is not None and in_force.mode == ENFORCE
