"""A test run under protection: `pytest --securedefaults=warn`, or `=enforce`.

pytest loads this wherever the package is installed. Until it is asked for, it imports nothing and changes nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

#: spelled out: their own module is not to be imported in a run that does without
_MODES = ("warn", "enforce", "off")

_MARKER = (
    "securedefaults_refused: the test expects that a certificate is refused; with --securedefaults=enforce a refusal "
    "in any other test fails the run."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and its line in the ini file."""
    parser.getgroup("securedefaults").addoption(
        "--securedefaults",
        choices=_MODES,
        help="warn: say at the end which TLS connections of the clients in the standard library enforcement would "
        "refuse; enforce: refuse them, and fail the run even if the program swallows that",
    )
    parser.addini("securedefaults", "the same, unless the command line says something: warn, enforce or off")


def pytest_configure(config: pytest.Config) -> None:
    """Apply what was asked for."""
    config.addinivalue_line("markers", _MARKER)
    mode = config.getoption("securedefaults") or config.getini("securedefaults") or "off"
    if mode == "off":
        return
    from ._pytest_run import begin

    begin(config, mode)
