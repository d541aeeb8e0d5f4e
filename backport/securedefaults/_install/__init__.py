"""The hooks: what is replaced in the standard library, and how it is put back; and where that is not to be tried.

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

import sys

#: `sys.implementation.name` of those on which the tests run.
IMPLEMENTATIONS = ("cpython", "pypy")


class UnsupportedImplementation(NotImplementedError):
    """This is neither CPython nor PyPy."""


def check_implementation() -> None:
    """To be called before anything is replaced.

    Raises:
        UnsupportedImplementation: this is neither CPython nor PyPy.
    """
    name = sys.implementation.name
    if name not in IMPLEMENTATIONS:
        raise UnsupportedImplementation(
            "securedefaults works on CPython and PyPy, and this is %r: nothing was changed, so the default of its "
            "mail, FTP and news clients is what it was; pass a verified context in each call" % name
        )
