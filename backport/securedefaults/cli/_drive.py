"""For each entry point the shortest program that uses it, without a context and without a credential."""

from __future__ import annotations

import contextlib
import importlib
import logging
import warnings
from typing import Any, Iterator, Optional

from .._entrypoints import IMPLICIT, EntryPoint
from ._impostor import Impostor
from .protocols import dialogue

_HOST = "127.0.0.1"


def drive(entry_point: EntryPoint) -> Optional[str]:
    """Try the entry point against an impostor; returns its verdict, or None where there is no such entry point."""
    cls = _load(entry_point)
    if cls is None:
        return None
    with Impostor(entry_point.protocol, implicit=entry_point.kind == IMPLICIT) as impostor, _silence():
        # Refused or accepted, the impostor has no key to go on with: every use ends in an exception. Its verdict is
        # what it received.
        with contextlib.suppress(Exception):
            _use(entry_point, cls, impostor.port)
    return impostor.verdict


def _use(entry_point: EntryPoint, cls: Any, port: int) -> None:
    spoken = dialogue(entry_point.protocol)
    if entry_point.drive is not None:
        getattr(spoken, entry_point.drive)(cls, _HOST, port)
    elif entry_point.kind == IMPLICIT:
        cls(_HOST, port)
    else:
        with spoken.connected(cls, _HOST, port) as client:
            getattr(client, entry_point.method)()


def _load(entry_point: EntryPoint) -> Any:
    with _silence():
        try:
            module = importlib.import_module(entry_point.module)
        except ImportError:
            return None
    return getattr(module, entry_point.cls, None)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Neither nntplib's deprecation nor what is logged of a refusal is news here."""
    logger = logging.getLogger("securedefaults")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before
