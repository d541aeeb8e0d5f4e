"""What has to be done differently on PyPy."""

from __future__ import annotations

import functools
import ssl
import sys

from .stdlib import own_class

PYPY = sys.implementation.name == "pypy"


def forget_openssl_error() -> None:
    """To be called when OpenSSL may have refused anything.

    PyPy leaves the error in OpenSSL's queue. Another connection of this thread that has to wait for its server finds it
    there, and fails with it.
    """
    # the beginning of any connection clears the queue
    _idle_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


@functools.lru_cache(maxsize=None)
def _idle_context() -> ssl.SSLContext:
    return own_class()(ssl.PROTOCOL_TLS_CLIENT)
