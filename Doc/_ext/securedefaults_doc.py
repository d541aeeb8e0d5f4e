"""Directives that show what the code itself says: the commands' options, the configuration's keys, the table of
entry points, the names of the environment. And pages that runs write are found, not listed.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Match, Set

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from securedefaults import cli
from securedefaults._entrypoints import ENTRY_POINTS
from securedefaults._policy import config, environment, policy, rules
from securedefaults_scan import command as scan
from securedefaults_scan._rules import RULES

WIDTH = 100


class Command(SphinxDirective):
    """`{command} check`: description, usage, options and the end of `securedefaults check --help`."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> List[nodes.Node]:
        parser = cli._parser("scan", scan)
        for name in self.arguments[0].split():
            parser = next(_commands(parser))[name]
        parser.formatter_class = lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=WIDTH)
        usage = parser.format_usage().partition("usage: ")[2]
        parts: List[nodes.Node] = [nodes.paragraph("", " ".join(text.split())) for text in [parser.description] if text]
        parts.append(_literal(usage))
        parts.append(_options(parser))
        if parser.epilog:
            parts.append(_literal(parser.epilog.replace("%(prog)s", parser.prog)))
        return parts


def _commands(parser: argparse.ArgumentParser) -> Iterator[Dict[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield action.choices


def _literal(text: str) -> nodes.Node:
    text = text.strip("\n")
    return nodes.literal_block(text, text, language="none")


def _options(parser: argparse.ArgumentParser) -> nodes.Node:
    found = nodes.option_list()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or not action.help:
            continue
        value = action.metavar or (action.choices and "{%s}" % ",".join(action.choices)) or action.dest.upper()
        group = nodes.option_group()
        for name in action.option_strings or [value]:
            option = nodes.option("", nodes.option_string("", name))
            if action.option_strings and action.nargs != 0:
                option += nodes.option_argument("", value, delimiter=" ")
            group += option
        description = nodes.description("", nodes.paragraph("", action.help % {"prog": parser.prog}))
        found += nodes.option_list_item("", group, description)
    return found


class RuleKeys(SphinxDirective):
    """The keys of a rule in the configuration file, in the words of HostRule's arguments of the same names."""

    def run(self) -> List[nodes.Node]:
        said = _arguments(rules.HostRule)
        return _definitions(self, {key: said[key] for key in (*config._KEYS, config._MODULE)})


class GeneralKeys(SphinxDirective):
    """The keys of the section [securedefaults], in the words of Policy's arguments of the same names."""

    def run(self) -> List[nodes.Node]:
        said = _arguments(policy.Policy)
        return _definitions(self, {key: said[key] for key in config._GENERAL_KEYS})


class Variables(SphinxDirective):
    """The environment variables, in the words of the comments where their names stand."""

    def run(self) -> List[nodes.Node]:
        analyzer = ModuleAnalyzer.for_module(environment.__name__)
        comments = {name: " ".join(lines).strip() for (_, name), lines in analyzer.find_attr_docs().items()}
        names = [name for name in vars(environment) if name.endswith("_VARIABLE")]
        return _definitions(self, {getattr(environment, name): comments[name] for name in names})


def _arguments(cls: type) -> Dict[str, str]:
    """What the docstring says of each argument."""
    text = inspect.cleandoc(cls.__doc__ or "")
    section = text.partition("Args:\n")[2].partition("\n\n")[0]
    found: Dict[str, str] = {}
    for name, said in re.findall(r"^    (\w+): (.*(?:\n     .*)*)", section, re.M):
        found[name] = " ".join(said.split())
    return found


def _definitions(directive: SphinxDirective, entries: Dict[str, str]) -> List[nodes.Node]:
    found = nodes.definition_list()
    for name, said in entries.items():
        inlines, messages = directive.parse_inline(said)
        term = nodes.term("", "", nodes.literal("", name))
        found += nodes.definition_list_item(
            "", term, nodes.definition("", nodes.paragraph("", "", *inlines), *messages)
        )
    return [found]


class EntryPoints(SphinxDirective):
    """The table of entry points."""

    def run(self) -> List[nodes.Node]:
        rows = [("protocol", "entry point", "kind", "a context is passed as")]
        rows += [(e.protocol, e.name, e.kind, e.parameter or "secure=(), which takes none") for e in ENTRY_POINTS]
        group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in rows[0]], cols=len(rows[0]))
        group += nodes.thead("", _row(rows[0]))
        group += nodes.tbody("", *map(_row, rows[1:]))
        return [nodes.table("", group)]


class ScanRules(SphinxDirective):
    """What `securedefaults scan` looks for."""

    def run(self) -> List[nodes.Node]:
        entries = {"%s %s" % (rule.id, rule.name): "%s %s" % (rule.summary, rule.remedy) for rule in RULES.values()}
        return _definitions(self, entries)


def _row(cells: Any) -> nodes.Node:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", cell)) for cell in cells])


# Pages


def add_generated(app: Sphinx, docname: str, content: List[str]) -> None:
    """In the index, every page that no list names takes the place of the line `@others@`."""
    if docname != "index":
        return
    named = set(re.findall(r"^([\w/-]+)$", content[0], re.M))
    listed = {name for pattern in re.findall(r"^([\w/-]+/)\*$", content[0], re.M) for name in _below(app, pattern)}
    others = sorted(app.env.found_docs - named - listed - {"index"})
    content[0] = content[0].replace("@others@", "\n".join(others))


def _below(app: Sphinx, folder: str) -> Set[str]:
    return {name for name in app.env.found_docs if name.startswith(folder)}


def links_out(app: Sphinx, docname: str, content: List[str]) -> None:
    """A link to a file of the repository that is no page becomes its text and its path; one to nothing is an error."""
    folder, root = Path(app.env.doc2path(docname)).parent, Path(app.srcdir).parent

    def replace(match: Match[str]) -> str:
        text, target = match.group(1), Path(os.path.normpath(folder / match.group(2)))
        outside = root not in target.parents or not target.exists()
        if outside or (target.suffix == ".md" and app.env.path2doc(target) in app.env.found_docs):
            return match.group(0)
        if target.is_file() and Path(app.srcdir) in target.parents and target.suffix != ".md":
            return match.group(0)  # a download
        return "%s (`%s`)" % (text, target.relative_to(root).as_posix())

    content[0] = re.sub(r"(?<!!)\[([^\[\]]+)\]\(([^()\s:#]+)(?:#[^()\s]*)?\)", replace, content[0])


def setup(app: Sphinx) -> Dict[str, Any]:
    """See Sphinx."""
    app.add_directive("command", Command)
    app.add_directive("scan-rules", ScanRules)
    app.add_directive("rule-keys", RuleKeys)
    app.add_directive("general-keys", GeneralKeys)
    app.add_directive("variables", Variables)
    app.add_directive("entry-points", EntryPoints)
    app.connect("source-read", add_generated)
    app.connect("source-read", links_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
