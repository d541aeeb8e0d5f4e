"""An argument that a later Python adds to a method reaches it, although ours stands before it."""

from __future__ import annotations

import ftplib
import imaplib
import poplib
import smtplib
from typing import Any

import pytest

import securedefaults
from securedefaults._install import methods

HOOKS = {
    "%s.%s" % (owner.__name__, name): make
    for module in (smtplib, imaplib, poplib, ftplib)
    for owner, name, make in methods.hooks(module)
    if callable(vars(owner).get(name))
}


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("name", HOOKS)
def test_what_a_later_python_adds_is_passed_on(name: str, mode: str) -> None:
    def later(self: object, *args: Any, **kwargs: Any) -> Any:
        return args, kwargs

    class Connection:
        sock = None
        method = HOOKS[name](later)

    securedefaults.apply(mode)
    host = ("host", 25) if name == "SMTP.connect" else ("NOOP",)
    assert Connection().method(*host, "positional", added=1) == ((*host, "positional"), {"added": 1})
