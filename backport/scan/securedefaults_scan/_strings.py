"""Strings that may be known, and "host:port" among them."""

from __future__ import annotations

import itertools
import re
from typing import Iterator, List, Optional, Tuple

from ._base import constants_of, one
from ._values import (
    ANYTHING,
    NOTHING,
    UNKNOWN,
    Const,
    HostPort,
    Values,
)


def concatenated(parts: List[Values]) -> Values:
    choices = []
    for values in parts:
        constants = constants_of(values)
        if constants is None or not all(isinstance(constant, (str, int)) for constant in constants):
            return NOTHING
        choices.append([str(constant) for constant in constants])
    found: Iterator[Tuple[str, ...]] = itertools.islice(itertools.product(*choices), 16)
    texts = ["".join(combination) for combination in found]
    return frozenset(Const(text) for text in texts) | frozenset(HostPort(text) for text in texts if is_host_port(text))


def formatted(left: Values, right: Values) -> Values:
    found = NOTHING
    for value in left:
        if isinstance(value, Const) and isinstance(value.value, str):
            constants = [v.value for v in right if isinstance(v, Const)]
            if value.value.count("%") == 1 and constants and len(constants) == len(right):
                for constant in constants:
                    try:
                        found |= one(Const(value.value % constant))
                    except (TypeError, ValueError):
                        found |= ANYTHING
            else:
                found |= shaped(re.sub(r"%[sdri]|%\(\w+\)[sdri]", "\0", value.value))
        else:
            found |= ANYTHING
    return found or ANYTHING


_HOST_PORT = re.compile(r"[^\s:/@\\]+:(?:\d+|\0)\Z")


def is_host_port(text: str) -> bool:
    """Whether this is "host:port"; NUL stands for what is put in."""
    return bool(_HOST_PORT.match(text))


def shaped(shape: str) -> Values:
    return frozenset([HostPort(shape), UNKNOWN]) if is_host_port(shape) else ANYTHING


def host_ports(values: Optional[Values]) -> Values:
    """Those that are "host:port"."""
    return frozenset(value for value in values or () if isinstance(value, HostPort))
