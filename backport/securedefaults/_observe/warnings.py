"""The categories of warnings in warn mode, and how they are given."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Type

    from .caller import Line


class UnverifiedDefaultWarning(DeprecationWarning):
    """A connection was made without a context, and so without verification; enforcement would not have refused it,
    or it is unknown whether it would. Shown where Python shows a DeprecationWarning.
    """

    __module__ = "securedefaults"  # as filters name it


class WouldBeRefusedWarning(UserWarning):
    """A connection was made without a context, to a server whose certificate enforcement would have refused."""

    __module__ = "securedefaults"


def warn(message: str, category: Type[Warning], line: Line) -> None:
    """Warn at a line of the program.

    Raises:
        Warning: the program has made it an error.
    """
    import warnings

    warnings.warn_explicit(
        message,
        category,
        line.file,
        line.number,
        line.namespace.get("__name__"),
        line.namespace.setdefault("__warningregistry__", {}),
    )
