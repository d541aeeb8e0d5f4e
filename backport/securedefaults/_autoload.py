"""What the distribution securedefaults-autoload has called at the start of each interpreter (PEP 829).

Without it nobody calls this, and with it nothing happens unless the environment or a configuration file asks for it.
"""

from __future__ import annotations

from ._policy import MODE_VARIABLE, OFF, config_path, environment


def start() -> None:
    """Have what was configured applied when `ssl` is imported. Any number of times: in a venv it is called twice."""
    mode = environment(MODE_VARIABLE)
    if mode == OFF or (mode is None and config_path() is None):
        return
    from ._hooks import apply_later

    apply_later()
