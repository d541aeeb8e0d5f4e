"""Reads files, one after the other or several at a time."""

from __future__ import annotations

import os
from typing import Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from . import _comments, _data, _files, _find, _notebook
from ._find import Finding, Unparsed, parse

#: fewer files than these are read by one process
_FEW = 400
_AT_ONCE = 200


class Result(NamedTuple):
    """What is in some files.

    Attributes:
        findings: definite and possible.
        unparsed: files, or parts of them, that could not be read.
        files: how many were looked at.
        ignored: findings that a comment ignores.
    """

    findings: List[Finding]
    unparsed: List[Unparsed]
    files: int = 0
    ignored: int = 0


def scan(
    paths: Sequence[str],
    *,
    exclude: Sequence[str] = (),
    jobs: int = 1,
    progress: Optional[Callable[[int], None]] = None,
) -> Result:
    """Look at all files in and below `paths`.

    Args:
        paths: files and folders.
        exclude: patterns of paths or names to leave out.
        jobs: processes to work with.
        progress: told how many files have been looked at.

    Returns:
        The findings, in the order of files and lines.
    """
    given = frozenset(os.path.realpath(path) for path in paths if not os.path.isdir(path))
    files = list(_files.walk(paths, exclude))
    results = []
    done = 0
    for chunk, result in _results(files, given, jobs):
        results.append(result)
        done += chunk
        if progress is not None:
            progress(done)
    return _sum(results)


def _results(files: List[str], given: Iterable[str], jobs: int) -> Iterator[Tuple[int, Result]]:
    chunks = [files[start : start + _AT_ONCE] for start in range(0, len(files), _AT_ONCE)]
    if jobs < 2 or len(files) < _FEW:
        for chunk in chunks:
            yield len(chunk), scan_files(chunk, given)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    with ProcessPoolExecutor(jobs) as pool:
        futures = [(chunk, pool.submit(scan_files, chunk, given)) for chunk in chunks]
        for chunk, future in futures:
            try:
                result = future.result()
            except BrokenProcessPool:
                result = _one_by_one(chunk, given)
            yield len(chunk), result


def _one_by_one(files: List[str], given: Iterable[str]) -> Result:
    """A process died over these files: which one is it?"""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    results = []
    for path in files:
        try:
            with ProcessPoolExecutor(1) as pool:
                results.append(pool.submit(scan_files, [path], given).result())
        except BrokenProcessPool:
            results.append(Result([], [Unparsed(path, "Python itself crashes over it")], 1))
    return _sum(results)


def scan_files(files: Sequence[str], given: Iterable[str] = ()) -> Result:
    """Look at these files."""
    return _sum([_scan_file(path, os.path.realpath(path) in given) for path in files])


def _sum(results: List[Result]) -> Result:
    return Result(
        [finding for result in results for finding in result.findings],
        [each for result in results for each in result.unparsed],
        sum(result.files for result in results),
        sum(result.ignored for result in results),
    )


def _scan_file(path: str, given: bool) -> Result:
    try:
        data = _files.read(path)
        if data is None:
            return Result([], [], 1)
        return _scan_data(data, path, _files.kind_of(path, given) or _files.PYTHON)
    except OSError as exc:
        return Result([], [Unparsed(path, exc.strerror or str(exc))], 1)
    except ValueError as exc:
        return Result([], [Unparsed(path, str(exc))], 1)
    except Exception as exc:  # a mistake of ours over one file is said, and does not hide what is in the others
        return Result([], [Unparsed(path, "a mistake in securedefaults: %s: %s" % (type(exc).__name__, exc))], 1)


def _scan_data(data: bytes, path: str, kind: str) -> Result:
    if kind == _files.DATA:
        return Result(_data.find(data.decode("utf-8-sig", "replace"), path), [], 1)
    if kind == _files.NOTEBOOK:
        return _scan_notebook(data, path)
    text = _files.decode(data).text
    findings, unparsed = _find.find(text, path)
    findings += _data.find_in_program(text, path)
    kept, ignored = _comments.without(findings, text)
    return Result(kept, unparsed, 1, ignored)


def _scan_notebook(data: bytes, path: str) -> Result:
    unparsed = []
    parts = []
    for number, text in _notebook.cells(data):
        try:
            parse(text)
        except ValueError as exc:
            unparsed.append(Unparsed(path, "cell %d: %s" % (number, exc)))
        else:
            parts.append((number, text))
    program, places = _notebook.together(parts)
    findings, more = _find.find(program, path)
    kept, ignored = _comments.without(findings, program)
    return Result([_in_cell(each, places) for each in kept], unparsed + more, 1, ignored)


def _in_cell(finding: Finding, places: List[Tuple[int, int]]) -> Finding:
    cell, line = places[finding.line - 1]
    return finding._replace(
        cell=cell,
        line=line,
        end_line=line + finding.end_line - finding.line,
        fixable=False,
        not_fixable="it is in a notebook",
        uses=(),
    )
