"""Findings in the source of one file."""

from __future__ import annotations

import ast
import re
import warnings
from typing import List, NamedTuple, Optional, Set, Tuple

from ._by_default import promote
from ._checks import compares_certificates, has_sockets_checked
from ._flow import Flow
from ._judge import Raw
from ._rules import DEFINITE, NONE, OMITTED, RULES, SIGNATURES, remedy
from ._syntax import Key, is_none, key_of, last_name


class Finding(NamedTuple):
    """One finding.

    Attributes:
        id: of the rule.
        path: of the file, as it was given or found.
        line: first line of the call, from 1.
        column: of its first character, from 1.
        end_line, end_column: where it ends; the column is the one after its last character.
        confidence: `"definite"` or `"possible"`.
        message: what is the matter.
        remedy: what to do.
        fixable: whether `--fix` changes it.
        entry_point: dotted name of what is called.
        not_fixable: why not, if it is not.
        code: the lines of the call.
        cell: of a notebook, from 1; 0 in other files. Lines are those of the cell.
        uses: lines that use the object, where it is not the call itself that starts TLS.
        parameter: what the call names its context; "" if it takes none.
        factory: how `ssl.create_default_context` is written there; "" if ssl has to be imported.
        seen: what was seen of it at run time.
        end_byte: end_column as syntax trees have it.
    """

    id: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    confidence: str
    message: str
    remedy: str
    fixable: bool
    entry_point: str
    not_fixable: str = ""
    code: Tuple[str, ...] = ()
    cell: int = 0
    uses: Tuple[int, ...] = ()
    parameter: str = ""
    factory: str = ""
    seen: Tuple[str, ...] = ()
    end_byte: int = 0

    @property
    def name(self) -> str:
        return RULES[self.id].name

    @property
    def where(self) -> str:
        """`"path:line:column"`, with the cell of a notebook."""
        cell = ":cell %d" % self.cell if self.cell else ""
        return "%s%s:%d:%d" % (self.path, cell, self.line, self.column)


class Unparsed(NamedTuple):
    """A file that could not be read, or a part of one, and why."""

    path: str
    reason: str


NEWLINE = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> List[str]:
    """The lines as Python counts them, without their ends."""
    return NEWLINE.split(text)


def parse(text: str) -> ast.Module:
    """The syntax tree.

    Raises:
        ValueError: with the reason, for whatever makes it impossible.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like are not our concern
            return ast.parse(text)
    except SyntaxError as exc:
        raise ValueError("line %s: %s" % (exc.lineno, exc.msg)) from exc
    except (RecursionError, MemoryError) as exc:
        raise ValueError("nested too deeply") from exc


def find(text: str, path: str) -> Tuple[List[Finding], List[Unparsed]]:
    """All findings in a program's text, definite and possible, in their order.

    Raises:
        ValueError: it cannot be parsed, with the reason.
    """
    tree = parse(text)
    flow = Flow()
    flow.tree = tree
    flow.pins = compares_certificates(tree)
    flow.protected = has_sockets_checked(tree)
    flow.deleted = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)}
    unparsed = []
    try:
        flow.read(tree)
        promote(flow, tree)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    for line in sorted(set(flow.unread)):
        unparsed.append(Unparsed(path, "line %d: nested too deeply; the function was not looked at" % line))
    lines = lines_of(text)
    findings = [_finding(raw, flow, lines, path) for raw in flow.reports.values()]
    return sorted(findings, key=lambda f: (f.line, f.column, f.id)), unparsed


def _finding(raw: Raw, flow: Flow, lines: List[str], path: str) -> Finding:
    place = key_of(raw.node)
    line, column, end_line, end_column = place
    reason = _not_fixable(raw, flow, place)
    message = RULES[raw.rule].summary + (" " + raw.detail if raw.detail else "")
    used: Set[int] = set()
    for made in flow.waiting.get(place, ()):
        used |= flow.uses.get(made, set())
    return Finding(
        raw.rule,
        path,
        line,
        _characters(lines, line, column) + 1,
        end_line,
        _characters(lines, end_line, end_column) + 1,
        raw.confidence,
        message,
        remedy(raw.rule, raw.parameter),
        not reason,
        raw.entry_point,
        reason,
        tuple(lines[line - 1 : end_line]),
        0,
        tuple(sorted(used)),
        raw.parameter or "",
        _factory(flow, place) or "",
        (),
        end_column,
    )


def _characters(lines: List[str], line: int, column: int) -> int:
    """A column in characters, from one in bytes of UTF-8."""
    text = lines[line - 1] if line <= len(lines) else ""
    return column if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _factory(flow: Flow, place: Key) -> Optional[str]:
    names = flow.ssl_names.get(place, {""})
    return next(iter(names)) if len(names) == 1 else None


def _not_fixable(raw: Raw, flow: Flow, place: Key) -> str:
    """Why a finding cannot be fixed by a program; empty if it can."""
    if raw.rule not in (OMITTED, NONE):
        return "it takes a decision"
    if raw.confidence != DEFINITE:
        return "it is not certain"
    if not isinstance(raw.node, ast.Call):
        return "it is no call"
    known = len(flow.targets.get(place, ())) == len(flow.outcomes.get(place, ())) == 1
    if not known or place in flow.shared or len(flow.reached.get(place, ())) > 1:
        return "the same line serves other calls, to which an argument may not be added"
    reason = _arguments_in_the_way(raw.node, raw)
    if reason:
        return reason
    if _factory(flow, place) is None:
        return "the name ssl stands for something else there, or is deleted"
    return ""


def _arguments_in_the_way(node: ast.Call, raw: Raw) -> str:
    signature = SIGNATURES[raw.entry_point]
    for keyword in node.keywords:
        if keyword.arg in ("keyfile", "certfile") and not is_none(keyword.value):
            return "a context with a client certificate takes more than one expression (load_cert_chain)"
        if keyword.arg == signature.parameter and not is_none(keyword.value):
            return "what is passed is None only because of code elsewhere"
    if any(isinstance(arg, ast.GeneratorExp) for arg in node.args) and len(node.args) == 1:
        return "its only argument is a generator"
    starred = any(isinstance(arg, ast.Starred) for arg in node.args)
    offset = offset_of(node, raw.entry_point)
    for index in signature.files:
        if index + offset < len(node.args) and not starred and not is_none(node.args[index + offset]):
            return "a context with a client certificate takes more than one expression (load_cert_chain)"
    if raw.rule == NONE and not any(keyword.arg == signature.parameter for keyword in node.keywords):
        if starred or signature.position + offset >= len(node.args):
            return "what is passed is None only because of code elsewhere"
        if not is_none(node.args[signature.position + offset]):
            return "what is passed is None only because of code elsewhere"
    return ""


def offset_of(node: ast.Call, entry_point: str) -> int:
    """How many arguments come before those of the entry point itself: 1 in submit(SMTP_SSL, ...)."""
    func = node.func
    last = last_name(func)
    own = entry_point.rpartition(".")[2]
    return 1 if last in ("partial", "submit", "to_thread", "run_sync", "raises", "assertRaises") and last != own else 0
