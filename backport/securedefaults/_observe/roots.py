"""The CA certificates that this Python's default contexts have, and what to do if there are none."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import sys

from .._policy.files import LONGEST_CAFILE, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Optional

#: a file in a folder of CA certificates, by the hash of its subject: no others are looked at
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+").fullmatch
#: of these in a folder; the largest stores have some hundreds
_MOST = 5000


def count() -> Optional[int]:
    """How many CA certificates a default context trusts; None if that cannot be counted.

    What OpenSSL would load from folders once it is needed counts as well.
    """
    context = ssl.create_default_context()
    for path in _hashed():
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            read_file(path, LONGEST_CAFILE)  # OpenSSL would wait for a pipe
            context.load_verify_locations(path)
    found: int = context.cert_store_stats()["x509_ca"]
    if not found and type(context).__module__ != "ssl":
        return None  # truststore's, say, which asks the system about each chain, and needs no certificates itself
    return found


def _hashed() -> Iterator[str]:
    paths = ssl.get_default_verify_paths()
    for folder in os.environ.get(paths.openssl_capath_env, paths.openssl_capath).split(os.pathsep):
        with contextlib.suppress(OSError):  # there need not be one
            names = sorted(filter(_HASHED, os.listdir(folder or os.curdir)))
            yield from (os.path.join(folder, name) for name in names[:_MOST])


def problems() -> List[str]:
    """What is wrong with the trust store itself, if anything is."""
    paths = ssl.get_default_verify_paths()
    found = []
    cafile = os.environ.get(paths.openssl_cafile_env) or paths.cafile
    if cafile:
        try:
            _read_bundle(cafile)
        except OSError as problem:  # ssl.SSLError is one
            found.append("The CA bundle %s cannot be read: %s." % (cafile, problem))
    elif not paths.capath and sys.platform != "win32":
        found.append(
            "This Python found no CA certificates at all (neither %s nor %s exists): %s."
            % (paths.openssl_cafile, paths.openssl_capath, remedy())
        )
    return found


def remedy() -> str:
    """How this Python gets CA certificates."""
    variable = ssl.get_default_verify_paths().openssl_cafile_env
    if sys.platform == "win32":
        return "have Windows update its root certificates, or set %s to a bundle of them" % variable
    if "/Python.framework/" in sys.base_prefix:
        place = "/Applications/Python %d.%d/Install Certificates.command" % sys.version_info[:2]
        return "run '%s', or set %s to a bundle, e.g. /etc/ssl/cert.pem" % (place, variable)
    return (
        "install the system's CA bundle (apt-get, dnf or apk: the package ca-certificates), "
        "or set %s to a bundle, e.g. the one that python -m certifi names" % variable
    )


#: The bundles that could be read, as they were then: to parse one takes longer than the handshake that was refused.
_bundles: Dict[str, object] = {}


def _read_bundle(path: str) -> None:
    status = os.stat(path)
    stamp = status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode
    if _bundles.get(path) == stamp:
        return
    read_file(path, LONGEST_CAFILE)  # OpenSSL would wait for a pipe
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    _bundles.clear()  # the last one is enough, and programs may change its name
    _bundles[path] = stamp
