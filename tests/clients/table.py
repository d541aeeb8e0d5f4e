"""The results for readers."""

from __future__ import annotations

import platform
import ssl
from typing import Dict, List, Mapping, Tuple

from .clients import CLIENTS, Client
from .runs import REFUSED, STOCK, STOCK_TRUSTED, TRUSTED, WARN, WARN_TRUSTED, Case, Result

Results = Mapping[Tuple[Client, Case], Result]

RELYING = """\
| program | its call | stock | enforce | enforce + CA | warn names |
|---|---|---|---|---|---|
"""
CONTROLS = """\
| program | stock | stock + CA | enforce | enforce + CA | warn |
|---|---|---|---|---|---|
"""


def table(results: Results) -> str:
    """Both tables, Markdown."""
    here = [client for client in CLIENTS if (client, STOCK) in results]
    parts = ["Python %s, %s." % (platform.python_version(), ssl.OPENSSL_VERSION)]
    relying = [_relying(client, _of(client, results)) for client in here if not client.control]
    controls = [_control(client, _of(client, results)) for client in here if client.control]
    parts.append(RELYING + "\n".join(relying))
    parts.append("Those that verify by themselves:")
    parts.append(CONTROLS + "\n".join(controls))
    return "\n\n".join(parts)


def _of(client: Client, results: Results) -> Dict[Case, Result]:
    return {case: result for (other, case), result in results.items() if other is client}


def _name(client: Client) -> str:
    return "[%s](../tests/clients/drives/%s) %s" % (client.package, client.path.name, client.version)


def _relying(client: Client, results: Dict[Case, Result]) -> str:
    warned = results[WARN].observed[0]
    return _row(
        _name(client),
        "%s %s" % (client.protocol, "TLS" if client.implicit else "upgrade"),
        _stock(results[STOCK]),
        _refused([results[case] for case in REFUSED]),
        _works(results[TRUSTED]),
        "`%s:%d`" % (client.file, warned["line"]) if warned["file"].endswith(client.file) else "another line",
    )


def _control(client: Client, results: Dict[Case, Result]) -> str:
    return _row(
        "%s, %s %s" % (_name(client), client.protocol, "TLS" if client.implicit else "upgrade"),
        _stock(results[STOCK]),
        _works(results[STOCK_TRUSTED]),
        _refused([results[case] for case in REFUSED]),
        _works(results[TRUSTED]),
        "silent" if not any(results[case].observed for case in (WARN, WARN_TRUSTED)) else "speaks",
    )


def _row(*cells: str) -> str:
    return "| %s |" % " | ".join(cells)


def _stock(result: Result) -> str:
    return "**gives the password away**" if result.leaked else "refuses"


def _refused(results: List[Result]) -> str:
    """What became of it at each of the three servers."""
    refused = sum(not result.leaked for result in results)
    statuses = sorted({result.status for result in results})
    text = "refuses %d of %d, exit status %s" % (refused, len(results), " and ".join(map(str, statuses)))
    if not all(result.reason for result in results):
        text += ", does not say why"
    return text


def _works(result: Result) -> str:
    return "works" if result.status == 0 and result.leaked else "**fails**"
