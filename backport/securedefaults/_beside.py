"""Values kept beside objects of the program, which may have no room for them and may be pickled.

(`_kept` does the same for modules of ours by itself: interpreters start with it, and would import this one for it.)
"""

from __future__ import annotations

from weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

    #: by id of the object: the object, which is not kept alive, and the value
    Entries = Dict[int, Tuple[ref[Any], Any]]


class Beside:
    """A value for an object, as long as the object lives.

    Args:
        entries: that it keeps them in; it may be kept by others over a reload.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def get(self, thing: object) -> Any:
        """The value; None if there is none."""
        entry = self._entries.get(id(thing))
        return entry[1] if entry is not None and entry[0]() is thing else None

    def put(self, thing: object, value: Any) -> None:
        """Keep that value, in the place of any other; none of what cannot be followed by a weak reference."""
        key, entries = id(thing), self._entries

        def forget(gone: ref[Any]) -> None:
            # without any global name, for at the end of the interpreter there is none
            if key in entries and entries[key][0] is gone:
                del entries[key]

        try:
            entries[key] = ref(thing, forget), value
        except TypeError:
            entries.pop(key, None)

    def drop(self, thing: object) -> None:
        """Keep none."""
        self._entries.pop(id(thing), None)
