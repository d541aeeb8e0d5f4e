"""Unmodified programs and libraries of PyPI, against the scripted servers of `tests/wire`.

    SECUREDEFAULTS_CLIENTS=1 pytest tests/clients      # or: tox -e clients
    python tests/clients --write Doc/clients.md        # the same, and what came out as a table

Each has an environment of its own, with the versions of `pins/`, below `.cache/clients`; making them needs PyPI.
"""
