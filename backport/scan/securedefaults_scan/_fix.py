"""Edits that make a call verify. What is not part of an edit stays as it is, to the byte."""

from __future__ import annotations

import ast
import difflib
import io
import os
import stat
import tempfile
import tokenize
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from . import _files
from ._find import NEWLINE, Finding, find, offset_of, parse
from ._rules import SIGNATURES
from ._syntax import key_of

_IMPORT = "import ssl"
_LAYOUT = frozenset(
    [tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER]
)


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


class _Token(NamedTuple):
    kind: int
    string: str
    start: int
    end: int


class _Source:
    """A text, with positions as indices into it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = parse(text)
        self.starts = [0, *(match.end() for match in NEWLINE.finditer(text))]
        self.tokens = list(self._tokens())

    def _tokens(self) -> Iterator[_Token]:
        for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
            start = self.starts[token.start[0] - 1] + token.start[1] if token.start[0] <= len(self.starts) else -1
            yield _Token(token.type, token.string, start, start + len(token.string))

    def index(self, line: int, column: int) -> int:
        """Of a position that counts bytes of UTF-8, as syntax trees do."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        before = self.text[start:end].encode("utf-8", "surrogatepass")[:column]
        return start + len(before.decode("utf-8", "surrogatepass"))

    def end_of_line(self, index: int) -> int:
        """Of the line that `index` is in, before its newline."""
        match = NEWLINE.search(self.text, index)
        return len(self.text) if match is None else match.start()

    def newline(self, index: int) -> str:
        """What ends the line, or lines in general."""
        match = NEWLINE.search(self.text, index) or NEWLINE.search(self.text)
        return "\n" if match is None else match.group()

    def start_of_line(self, index: int) -> int:
        return max(start for start in self.starts if start <= index)

    def indent(self, index: int) -> Optional[str]:
        """What stands before `index` in its line, if that is only space."""
        before = self.text[self.start_of_line(index) : index]
        return before if not before.strip() else None


def fixed(text: str, findings: Sequence[Finding]) -> str:
    """`text` with all that are fixable fixed.

    Raises:
        ValueError: that cannot be done, with the reason; nothing is wrong with `text`.
    """
    wanted = [finding for finding in findings if finding.fixable]
    if not wanted:
        return text
    try:
        source = _Source(text)
    except (tokenize.TokenError, SyntaxError) as exc:
        raise ValueError("it cannot be taken apart: %s" % exc) from exc
    edits: List[_Edit] = []
    imports = ""
    for finding in wanted:
        line = source.starts[finding.line - 1]
        column = len(text[line : line + finding.column - 1].encode("utf-8", "surrogatepass"))
        node = _call_at(source.tree, finding, column)
        if node is None:
            raise ValueError("line %d: there is no call" % finding.line)
        if not finding.factory:
            imports = imports or finding.entry_point.partition(".")[0]
        edits += _edit_call(source, node, finding)
    if imports:
        edits.append(_edit_import(source, imports))
    result = _applied(text, edits)
    _check(text, result, wanted)
    return result


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node


def _call_at(tree: ast.AST, finding: Finding, column: int) -> Optional[ast.Call]:
    place = finding.line, column, finding.end_line, finding.end_byte
    return next((node for node in _calls(tree) if key_of(node) == place), None)


def _applied(text: str, edits: List[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _check(before: str, after: str, wanted: List[Finding]) -> None:
    """The result is a program, and what was to be fixed is no longer found in it."""
    try:
        left = _fixable(after, wanted[0].path)
    except ValueError as exc:
        raise ValueError("the result would not be a program any more: %s" % exc) from exc
    if left > _fixable(before, wanted[0].path) - len(wanted):
        raise ValueError("it would not have the effect that it is to have")


def _fixable(text: str, path: str) -> int:
    return sum(finding.fixable for finding in find(text, path)[0])


# A call


def _edit_call(source: _Source, node: ast.Call, finding: Finding) -> List[_Edit]:
    value = (finding.factory or "ssl.create_default_context") + "()"
    present = _present(node, finding)
    if present is not None:
        return [_replace(source, present, value)]
    return _append(source, node, "%s=%s" % (finding.parameter, value))


def _present(node: ast.Call, finding: Finding) -> Optional[ast.expr]:
    """The None that is passed."""
    for keyword in node.keywords:
        if keyword.arg == finding.parameter:
            return keyword.value
    index = SIGNATURES[finding.entry_point].position + offset_of(node, finding.entry_point)
    if finding.id == "SD102" and index < len(node.args):
        return node.args[index]
    return None


def _replace(source: _Source, node: ast.expr, value: str) -> _Edit:
    line, column, end_line, end_column = key_of(node)
    return _Edit(source.index(line, column), source.index(end_line, end_column), value)


def _append(source: _Source, node: ast.Call, argument: str) -> List[_Edit]:
    """Add an argument to a call, in the way its other arguments are laid out."""
    _, _, end_line, end_column = key_of(node)
    close = source.index(end_line, end_column) - 1
    significant = [token for token in source.tokens if token.kind not in _LAYOUT and token.end <= close]
    last = significant[-1]
    if last.string == "(" and not node.args and not node.keywords:
        return [_Edit(last.end, last.end, argument)]
    trailing = last.string == ","
    rest = source.text[last.end : source.end_of_line(last.end)].rstrip()
    continued = rest.endswith("\\") and "#" not in rest
    own_line = NEWLINE.search(source.text, last.end, close) is not None and not continued
    indent = source.indent(_last_argument(source, node))
    if own_line and indent is not None:
        end = source.end_of_line(last.end)
        line = source.newline(last.end) + indent + argument + ("," if trailing else "")
        if trailing:
            return [_Edit(end, end, line)]
        if end == last.end:
            return [_Edit(end, end, "," + line)]
        return [_Edit(last.end, last.end, ","), _Edit(end, end, line)]
    if trailing:
        return [_Edit(last.end, last.end, " %s," % argument)]
    return [_Edit(last.end, last.end, ", " + argument)]


def _last_argument(source: _Source, node: ast.Call) -> int:
    """Where the last argument starts, with its name or stars."""
    starts = [source.index(*key_of(arg)[:2]) for arg in node.args]
    for keyword in node.keywords:
        start = source.index(*key_of(keyword.value)[:2])
        before = [token for token in source.tokens if token.kind not in _LAYOUT and token.end <= start]
        starts.append(before[-2].start if keyword.arg else before[-1].start)
    return max(starts)


# The import


def _edit_import(source: _Source, module: str) -> _Edit:
    body = source.tree.body
    after = _import_of(body, module) or _last_of_head(body)
    if after is None:
        first = body[0]
        lines = [first.lineno, *(node.lineno for node in getattr(first, "decorator_list", ()))]
        start = source.starts[min(lines) - 1]
        return _Edit(start, start, _IMPORT + source.newline(start))
    line, column, end_line, end_column = key_of(after)
    start, end = source.index(line, column), source.index(end_line, end_column)
    rest = source.text[end : source.end_of_line(end)].strip()
    if source.indent(start) is not None and (not rest or rest.startswith("#")):
        end = source.end_of_line(end)
        return _Edit(end, end, source.newline(end) + _IMPORT)
    first_of_line = source.start_of_line(start)
    if not any(_is_head(node) for node in body if node.lineno == line):
        return _Edit(first_of_line, first_of_line, _IMPORT + source.newline(start))
    raise ValueError("there is no line for `import ssl`")


def _import_of(body: List[ast.stmt], module: str) -> Optional[ast.stmt]:
    """The statement that imports the module: from there on ssl is imported anyway."""
    for node in body:
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == module for alias in node.names):
            return node
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").partition(".")[0] == module:
            return node
    return None


def _last_of_head(body: List[ast.stmt]) -> Optional[ast.stmt]:
    """The last of docstring, __future__ imports and the imports that follow them."""
    last = None
    for node in body:
        if not _is_head(node) and not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        last = node
    return last


def _is_head(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


# Files


class Change(NamedTuple):
    """A file before and after."""

    path: str
    before: bytes
    after: bytes
    encoding: str

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff."""
        old = _lines(self.before.decode(self.encoding))
        new = _lines(self.after.decode(self.encoding))
        for line in difflib.unified_diff(old, new, "a/" + self.path, "b/" + self.path):
            yield line
            if not line.endswith(("\n", "\r")):
                yield "\n\\ No newline at end of file\n"


def _lines(text: str) -> List[str]:
    return io.StringIO(text, newline="").readlines()


def change(path: str, findings: Sequence[Finding]) -> Optional[Change]:
    """What fixing the findings of a file makes of it; None if there is nothing to be done.

    Raises:
        OSError: it cannot be read.
        ValueError: it cannot be fixed, with the reason.
    """
    with open(path, "rb") as file:
        before = file.read()
    source = _files.decode(before)
    if source.encode(source.text) != before:
        raise ValueError("its encoding %s cannot be written as it was read" % source.encoding)
    after = source.encode(fixed(source.text, findings))
    return None if after == before else Change(path, before, after, source.encoding)


def write(changed: Change) -> None:
    """Replace the file, at once or not at all; owner, mode and links stay.

    Raises:
        OSError: it cannot be written.
        ValueError: somebody else has changed it.
    """
    path = os.path.realpath(changed.path)
    with open(path, "rb") as file:
        if file.read() != changed.before:
            raise ValueError("it has changed meanwhile")
    status = os.stat(path)
    descriptor, name = tempfile.mkstemp(prefix=".securedefaults-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(changed.after)
        os.chmod(name, stat.S_IMODE(status.st_mode))
        if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
            os.chown(name, status.st_uid, status.st_gid)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def by_file(findings: Sequence[Finding]) -> Dict[str, List[Finding]]:
    """The fixable ones, by file."""
    found: Dict[str, List[Finding]] = {}
    for finding in findings:
        if finding.fixable:
            found.setdefault(finding.path, []).append(finding)
    return found


def changes(findings: Sequence[Finding]) -> Iterator[Tuple[str, Optional[Change], str]]:
    """For each file that is to be fixed: path, change, or why there is none."""
    for path, wanted in by_file(findings).items():
        try:
            yield path, change(path, wanted), ""
        except OSError as exc:
            yield path, None, exc.strerror or str(exc)
        except ValueError as exc:
            yield path, None, str(exc)
