"""Sphinx: `tox -e docs`, or `sphinx-build -W -n -b html Doc build/html`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "backport"), str(HERE.parent / "backport" / "scan")]

project = "securedefaults"
author = "the securedefaults authors"
copyright = author  # noqa: A001 - Sphinx's name
version = release = re.search(
    r'^__version__ = "(.*)"', (HERE.parent / "backport/securedefaults/__init__.py").read_text(encoding="utf-8"), re.M
).group(1)

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "securedefaults_doc",
]

# What is to be a page is Markdown. Beside pages, upstream/ has texts for other projects, in their formats.
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*", "upstream/[!Rs]*", "upstream/*/**", "upstream/embargoed"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Pages written by runs begin their sections at the level that suits them; what commands print is no shell.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

nitpicky = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# Its address is for the reader; nothing is fetched. See _inventory/README.md.
intersphinx_mapping = {"python": ("https://docs.python.org/3", str(HERE / "_inventory" / "python.inv"))}
# named without their modules, for the type checker alone imports them
nitpick_ignore = [("py:class", "PathLike"), ("py:class", "EntryPointStatus")]
default_role = "code"

doctest_test_doctest_blocks = ""

html_theme = "furo"
html_title = "securedefaults %s" % release
html_static_path = ["_static"]
html_copy_source = False
html_show_sphinx = False

man_pages = [
    ("reference/manpage", "securedefaults", "verify TLS by default in Python's mail, FTP and news clients", author, 1)
]
