"""The commands of series.py."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence, Set, Tuple

from . import checks, debian, documents, export, measure, needs, pulls, rdeps, refresh, status, thorough
from .applying import fit, present, scratch
from .model import (
    FIXES,
    FOLDER,
    ROLES,
    STAGES,
    TESTS,
    VERIFY,
    WARN,
    Branch,
    Patch,
    Problem,
    branch_named,
    branch_of,
    load,
    not_public,
)
from .trees import CACHE, INSTALLED, Tree, find, head, tree


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status: 1 if something was found wrong, 2 if it could not be found out."""
    options = _parser().parse_args(arguments)
    if status.VARIABLE in os.environ and _is_whole(options):
        options.record = True
    try:
        result: int = options.run(options)
    except (Problem, OSError) as exc:
        print("series.py: %s" % exc, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="series.py", description="The patch series for CPython.")
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: object, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    command = add("check", check, "Apply the series to copies of every tree that is found, without fuzz.")
    command.add_argument("trees", nargs="*", type=Path, help="instead of what is found: executables, source trees")
    _stages(command)
    command.add_argument("--branch", action="append", help="only these; main is checked on the newest tree")
    command.add_argument("--record", action="store_true", help="remember the result for `status`")

    command = add("test", test, "Run CPython's own tests and the new ones on a patched copy of an interpreter.")
    command.add_argument("python", nargs="*", type=Path, help="executables (default: the one that runs this)")
    _stages(command)
    command.add_argument("--wire", action="store_true", help="run this project's test matrix on it as well")
    command.add_argument(
        "--thorough",
        action="store_true",
        help="only, by hand: warnings as errors, leaks (with a debug build), test_asyncio, test_smtpnet; half an hour",
    )
    command.add_argument("--each", action="store_true", help="only: do the tests of each patch fail without its code?")
    command.add_argument("--record", action="store_true", help="remember the result for `status`")

    command = add("docs", docs, "Build CPython's documentation with the series, warnings being errors.")
    command.add_argument("tree", type=Path, help="a source tree")
    command.add_argument("--sphinx", default="sphinx-build", help="the program (default: %(default)s)")
    command.add_argument("--record", action="store_true", help="remember the result for `status`")

    command = add("apply", apply, "Apply the series to a source tree, or to the Lib of an installed interpreter.")
    command.add_argument("tree", type=Path, help="a source tree, an executable, or an installed folder of modules")
    _stages(command)
    _without(command)
    command.add_argument("--roles", default="code,tests", help="comma-separated, of: " + ", ".join(ROLES))
    command.add_argument("--dry-run", action="store_true", help="only say what would be done")

    command = add("debian", debian_, "Put the series into debian/patches of an unpacked source package of Debian.")
    command.add_argument("tree", type=Path, help="as `dpkg-source -x` leaves it")
    _stages(command)
    _without(command)

    command = add("pr", pr, "List the pull requests; make the branch for one; check them all.")
    command.add_argument("number", nargs="?", help="of the list, or the slug; without one: the list")
    command.add_argument("--onto", type=Path, metavar="TREE", help="a git checkout of CPython, main or another branch")
    command.add_argument(
        "--merged", action="append", default=[], metavar="SLUG", help="the tree has it in other words; can be repeated"
    )
    command.add_argument("--branch-name", default="", help="default: gh-NNNNN-slug")
    command.add_argument("--issue", default="", help="another issue number, in its subject, news and comments")
    command.add_argument("--private", action="store_true", help="also one that is to be reported in private first")
    command.add_argument(
        "--check",
        nargs="+",
        type=Path,
        metavar=("TREE", "PYTHON"),
        help="a source tree and an interpreter, or that alone",
    )
    command.add_argument("--branch", help="whose mails (default: as the tree's version says)")
    command.add_argument("--record", action="store_true", help="remember the result of --check for `status`")

    command = add("refresh", refresh_, "Move a series to another tree and write its mails anew.")
    command.add_argument("branch")
    command.add_argument("tree", nargs="?", type=Path, help="without one, only the series files are written")
    command.add_argument("--continue", dest="resume", action="store_true", help="after mending what did not apply")

    command = add("export", export_, "Combined files, -p0, spec lines, tarball and checksums.")
    command.add_argument("out", type=Path)
    _stages(command)
    command.add_argument("--try", dest="trial", action="store_true", help="each on the newest tree here that it is for")

    command = add("rdeps", rdeps_, "List packages of Debian whose tests may run servers with TLS of their own.")
    command.add_argument("files", nargs="+", type=Path, help="Sources and Packages of an archive; also .gz and .xz")

    command = add("status", status_, "Write STATUS.md from what was recorded.")
    command.add_argument("--check", action="store_true", help="only say whether it is what would be written")
    return parser


def _stages(command: argparse.ArgumentParser) -> None:
    """Where to stop: three options, one of which may be given."""
    about = {
        FIXES: "only the bug fixes: clients without a context connect as before, without a word",
        WARN: "these, and clients without a context warn",
        VERIFY: "these, and clients without a context verify the server (this is the default)",
    }
    group = command.add_mutually_exclusive_group()
    for stage in STAGES:
        group.add_argument("--" + stage, dest="stage", action="store_const", const=stage, help=about[stage])
    command.set_defaults(stage=VERIFY)


def _without(command: argparse.ArgumentParser) -> None:
    command.add_argument("--without", action="append", default=[], metavar="SLUG", help="leave it out; can be repeated")


def _is_whole(options: argparse.Namespace) -> bool:
    """Whether what is found out is about the whole series; nothing else is recorded."""
    return getattr(options, "stage", VERIFY) == VERIFY and not getattr(options, "number", None)


def _warn_not_public(patches: Sequence[Patch]) -> None:
    sentence = not_public(patches)
    if sentence:
        print("series.py: " + sentence, file=sys.stderr)


def _recorded_whole(options: argparse.Namespace) -> None:
    if options.record and not _is_whole(options):
        raise Problem("--record needs the whole series; leave out --%s" % options.stage)


def _trees(options: argparse.Namespace) -> Iterator[Tuple[Branch, Tree]]:
    found = [tree(path) for path in options.trees] or find()
    branches = load()
    for known in found:
        yield branch_of(known.version), known
    # main's own tree is not at hand as a rule: the newest one tells how far it goes
    newest = max((known.version[:2] for known in found), default=(0, 0))
    if found and found[-1].version[:2] == newest >= (3, 15) and branch_of(newest).name != "main":
        yield branches["main"], found[-1]


def check(options: argparse.Namespace) -> int:
    """Print a line for each tree."""
    _recorded_whole(options)
    for name in options.branch or ():
        branch_named(name)
    problems = checks.consistency()
    for problem in problems:
        print(problem)
    seen = 0
    for branch, known in _trees(options):
        if options.branch and branch.name not in options.branch:
            continue
        seen += 1
        result = checks.check(branch, known, options.stage)
        ways = [way for way, error in result.ways.items() if not error]
        notes = ["%s: %s" % (role, "no" if error else "yes") for role, error in result.documents.items()]
        commit = head(known)
        notes += ["commit " + commit] if commit else []
        notes += ["base, no drift"] if result.is_base and not result.drift else []
        notes += ["left out: " + ", ".join(result.skipped)] if result.skipped else []
        print("%-5s %-24s %s%s" % (branch.name, known.label, ", ".join(ways), "".join("; " + note for note in notes)))
        found = result.problems
        if options.trees:  # of a tree that somebody names, they want to know it all
            found += [text for text in result.unfit_documents if text not in found]
        for problem in found:
            print("      " + problem.replace("\n", "\n      "))
        problems += found
        if options.record:
            status.record(branch, known.label, "check", {**result.as_dict(), **({"commit": commit} if commit else {})})
    if not seen:
        if options.branch and options.trees:
            raise Problem("--branch %s: %s" % (", ".join(options.branch), _no_tree_for(options.trees)))
        raise Problem("no tree was found; name one, or fetch some with fetch.py")
    return 1 if problems else 0


def _no_tree_for(paths: Sequence[Path]) -> str:
    versions = ", ".join(tree(path).label for path in paths)
    return "not for %s; a branch is checked on trees of its own, and main on those of 3.15 and later" % versions


def test(options: argparse.Namespace) -> int:
    """Print the counts of each stage."""
    _recorded_whole(options)
    failed = False
    for path in options.python or [Path(sys.executable)]:
        known = tree(path)
        if known.kind != INSTALLED:
            raise Problem("%s: `test` needs an interpreter; `check` takes source trees" % path)
        branch = branch_of(known.version)
        print("%s on %s" % (branch.name, known.label), flush=True)
        if options.thorough:
            failed = _thorough(options, branch, known) or failed
            continue
        if options.each:
            result = measure.each(branch, known, options.stage)
        else:
            result = measure.measure(branch, known, options.stage, wire=options.wire)
        for stage, counts in result.stages.items():
            print("  %-18s" % stage, ", ".join("%5d %s" % (number, kind) for kind, number in counts.items()))
        for problem in result.problems:
            print("  " + problem)
        failed = failed or bool(result.problems)
        if options.record:
            outcome = {"stages": result.stages, "problems": result.problems}
            status.record(branch, known.label, "each" if options.each else "test", outcome)
    return 1 if failed else 0


def _thorough(options: argparse.Namespace, branch: Branch, known: Tree) -> bool:
    """Returns whether something was wrong."""
    result = thorough.thorough(branch, known, lambda line: print(line, flush=True))
    for stage, counts in result.stages.items():
        print("  %-18s" % stage, ", ".join("%5d files %s" % (number, kind) for kind, number in counts.items()))
    for problem in result.problems:
        print("  " + problem)
    if options.record:
        outcome: Dict[str, Any] = {"stages": result.stages, "problems": result.problems}
        outcome["commit"] = thorough.commit()
        outcome["leaks"] = thorough.counts_references(known)
        status.record(branch, known.label, "thorough", outcome)
    return bool(result.problems)


def docs(options: argparse.Namespace) -> int:
    """Print what Sphinx complains about."""
    known = tree(options.tree)
    branch = branch_of(known.version)
    complaints = documents.build(branch, known, options.sphinx)
    print("%s on %s: %s" % (branch.name, known.label, "built" if not complaints else "\n".join(complaints)))
    if options.record:
        status.record(branch, known.label, "docs", {"complaints": len(complaints)})
    return 1 if complaints else 0


def apply(options: argparse.Namespace) -> int:
    """All or nothing: on a copy first."""
    roles = frozenset(options.roles.split(","))
    if not roles.issubset(ROLES):
        raise Problem("--roles: %s; there are %s" % (options.roles, ", ".join(ROLES)))
    target = tree(options.tree, tests=False)
    branch = branch_of(target.version)
    patches = branch.select(target.version, roles, options.stage, options.without)
    patches = [patch for patch in patches if any(map(target.takes, patch.files()))]
    if not patches:
        raise Problem("%s: has nothing that the roles %s change" % (options.tree, options.roles))
    missing = needs.missing(target, branch, patches, options.without)
    if missing:
        raise Problem(missing)
    there = present(target, patches, tests=TESTS in roles)
    patches = [patch for patch in patches if patch not in there]
    if there:
        print("%s has already: %s" % (target.label, ", ".join(patch.slug for patch in there)))
    with scratch() as folder:
        fit(folder, target, patches, tests=TESTS in roles)
        _warn_not_public(patches)
        for patch in patches:
            print(patch.path.name)
        if not options.dry_run:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                destination = target.file(str(file.relative_to(folder)))
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, destination)
    print("%d patches for %s %s %s" % (len(patches), branch.name, "fit" if options.dry_run else "are in", target.label))
    return 0


def pr(options: argparse.Namespace) -> int:
    """Print the list, the subjects of the new commits, or a row for each pull request."""
    if options.check:
        return _pr_check(options)
    if options.number is None or options.onto is None:
        listed = pulls.Pulls(*_pr_tree(options, options.onto), options.merged)
        print("The pull requests for %s, computed on %s:" % (listed.branch.name, listed.tree.label))
        for step in listed.steps if options.number is None else [listed.find(options.number)]:
            print(listed.line(step))
        return 0
    if not re.match(r"\d*$", options.issue):
        raise Problem("--issue: %s is not a number" % options.issue)
    made = pulls.Pulls(*_pr_tree(options, options.onto), options.merged)
    step = made.find(options.number)
    subjects = pulls.make(made, step, name=options.branch_name, issue=options.issue, private=options.private)
    print("\n".join(subjects))
    name = options.branch_name or pulls.branch_name(step, options.issue)
    print("branch %s is made: git switch %s" % (name, name))
    return 0


def _pr_tree(options: argparse.Namespace, path: Optional[Path]) -> Tuple[Branch, Tree]:
    """The tree, or the newest one here, and the branch whose mails are for it."""
    if options.branch:
        branch_named(options.branch)
    if path is not None:
        target = tree(path)
        return branch_named(options.branch, target.version) if options.branch else branch_of(target.version), target
    found = find()
    if not found:
        raise Problem("no tree was found; name one with --onto, or fetch some with fetch.py")
    # main's own tree is not at hand as a rule: the newest one tells how far it goes
    name = options.branch or ("main" if found[-1].version >= (3, 15) else branch_of(found[-1].version).name)
    fitting = [known for known in found if name in ("main", "%d.%d" % known.version[:2])]
    if not fitting:
        raise Problem("there is no tree of %s here; name one with --onto" % name)
    return branch_named(name), fitting[-1]


def _pr_check(options: argparse.Namespace) -> int:
    if len(options.check) > 2:
        raise Problem("--check: takes a tree and an interpreter")
    if options.record and options.number:
        raise Problem("--record needs all of them; leave out %s" % options.number)
    branch, target = _pr_tree(options, options.check[0])
    python = tree(options.check[-1])
    interpreter = python if python.kind == INSTALLED else None
    if len(options.check) == 2 and interpreter is None:
        raise Problem("%s: not an interpreter" % options.check[1])
    if interpreter and branch.name not in ("main", branch_of(interpreter.version).name):
        raise Problem("%s: the pull requests are for %s" % (interpreter.label, branch.name))
    if interpreter is None:
        print("without an interpreter the tests are not run; name one after the tree")
    checked = pulls.Pulls(branch, target, options.merged)
    chosen = [checked.find(options.number)] if options.number else checked.steps
    rows = {}
    print("| %4s | %-34s | %-30s | %6s | %6s |" % ("", "pull request", "needs", "passed", "red"))
    for step in chosen:
        row = pulls.check(checked, interpreter, step)
        cells = ["-" if count is None else str(count) for count in (row.passed, row.red)]
        needed = ", ".join(row.needs) or "-"
        print("| %4s | %-34s | %-30s | %6s | %6s |" % (step.number or "-", step.slug, needed, *cells), flush=True)
        if row.skipped:
            print("      %s: not checked: %s" % (step.slug, row.skipped))
        for problem in row.problems:
            print("      %s: %s" % (step.slug, problem))
        rows[step.slug] = row
    if options.record:
        outcome: Dict[str, Any] = {"python": interpreter.label if interpreter else None}
        outcome["rows"] = {slug: row.as_dict() for slug, row in rows.items()}
        status.record(branch, target.label, "pulls", outcome)
    return 1 if any(row.problems for row in rows.values()) else 0


def refresh_(options: argparse.Namespace) -> int:
    """Start, or go on after a conflict."""
    branch = branch_named(options.branch)
    work = CACHE / "refresh" / branch.name
    if not options.resume:
        if options.tree is None:
            refresh.write_series(branch, branch.patches)
            return 0
        target = tree(options.tree)
        refresh.start(branch, target, work)
        print("[branches.%r.sha256] of series.toml, if %s is the new base:" % (branch.name, target.label))
        print(refresh.hashes(branch, target))
    elif refresh.is_pending(work):
        raise Problem("%s: `git am` is not through there" % work)
    for path in refresh.finish(branch, work):
        print(path.relative_to(FOLDER))
    shutil.rmtree(work)
    return 0


def debian_(options: argparse.Namespace) -> int:
    """Print the names."""
    patches = debian.drop(options.tree, options.stage, options.without)
    _warn_not_public(patches)
    for patch in patches:
        print("debian/patches/%s/%s" % (debian.FOLDER, patch.path.name))
    return 0


def export_(options: argparse.Namespace) -> int:
    """Print how many files there are."""
    written = export.export(options.out, options.stage)
    _warn_not_public([patch for branch in load().values() for patch in branch.patches])
    print("%d files in %s" % (len(written), options.out))
    problems = 0
    for kit, known, problem in export.trial(options.out, find(), options.stage) if options.trial else ():
        said = "fits %s" % known.label if known else "there is no tree here that it is for"
        print("%-14s %s" % (kit.name, problem or said))
        problems += bool(problem)
    return 1 if problems else 0


def rdeps_(options: argparse.Namespace) -> int:
    """Print a line for each, and what the servers are."""
    found = rdeps.candidates(options.files)
    servers: Set[str] = set()
    for candidate in found:
        named = ["%s: %s" % (field, ", ".join(names)) for field, names in candidate.servers.items()]
        print("%-32s %s" % (candidate.source, "; ".join(named)))
        servers.update(name for names in candidate.servers.values() for name in names)
    print()
    for server in sorted(servers):
        print("%-32s %s" % (server, rdeps.about(server)))
    print()
    print("%d candidates to look at: they use Python, and such a server is installed for their tests." % len(found))
    print("Whether a test connects to it without a context, the index does not say.")
    return 0


def status_(options: argparse.Namespace) -> int:
    """Write it, or compare."""
    text = status.render()
    if not options.check:
        status.STATUS.write_text(text, encoding="utf-8")
        return 0
    if status.STATUS.exists() and status.STATUS.read_text(encoding="utf-8") == text:
        return 0
    print("STATUS.md is not what `series.py status` writes")
    return 1
