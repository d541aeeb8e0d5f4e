"""The texts for CPython are complete, and say what was measured."""

from __future__ import annotations

import asyncio.sslproto
import ftplib
import http.client
import imaplib
import io
import logging.handlers
import poplib
import re
import smtplib
import ssl
import subprocess
import sys
import xmlrpc.client
from pathlib import Path
from typing import Dict, List

import exposure
import figures
import pytest

import marks

PATCHES = figures.ROOT / "patches"
if not PATCHES.is_dir():
    pytest.skip("the patches are not in the source distribution", allow_module_level=True)
sys.path.insert(0, str(PATCHES))
from seriestool import model, pulls  # noqa: E402

#: PEP 12 and PEP 1, 2026.
HEADERS = {
    "PEP": r"9999",
    "Title": r".{1,44}",
    "Author": r"<REQUIRED: .*>",  # nobody is named before they say so
    "Sponsor": r"<real name of sponsor>",
    "Discussions-To": r"Pending",
    "Status": r"Draft",
    "Type": r"Standards Track",
    "Created": r"\d\d-[A-Z][a-z]{2}-20\d\d",
    "Python-Version": r"3\.\d+",
    "Post-History": r"Pending",
}
SECTIONS = [
    "Abstract",
    "Motivation",
    "Specification",
    "Rationale",
    "Backwards Compatibility",
    "Security Implications",
    "How to Teach This",
    "Reference Implementation",
    "Rejected Ideas",
    "Open Issues",
    "Acknowledgements",
    "Footnotes",
    "Change History",
    "Copyright",
]
#: What was objected before, and where it is answered: a section of the PEP, or a paragraph behind the post.
OBJECTIONS = {
    "checks push people to clear text": "Do Nothing, Since Verification Pushes People to Clear Text",
    "FTP hardware, exotic FTPS, FTP_TLS": "Leave FTP Out",
    "STRICT breaks valid providers": "Relax Strict Verification for Mail",
    "an environment variable is a downgrade": "An Environment Variable to Switch It Off",
    "just document it": "Documentation Alone",
    "self-signed is common for mail": "Self-signed certificates are common for mail.",
    "a migration plan is needed": "There is no migration plan.",
    "needs a PEP, or not": "Does this need a PEP?",
    "breaks code between releases": "It breaks working code.",
    "noise": "The warning is noise.",
    "invisible": "The warning will not be seen.",
    "server_hostname first": "A parameter for the server's name should come first.",
    "the private helper is replaced": "Programs replace the private function.",
    "no maintainer has time": "Nobody has time to maintain it.",
    "generated": "Generated pull requests cost reviewers time.",
}
#: Documents of which each pull request of code takes those of its module; `series.py pr` does.
PARTS = {"docs-deprecate-unverified-default", "docs-verify-by-default", "docs-close-refused-upgrades"}
#: Where names are that the texts mention and no mail does.
HOLDERS = (
    logging.handlers.SMTPHandler,
    ssl,
    ssl.SSLContext,
    smtplib,
    smtplib.SMTP,
    imaplib.IMAP4,
    poplib.POP3,
    ftplib,
    ftplib.FTP_TLS,
)

#: All of them in one test each: there are many, and a test costs more than a page.
PAGES = {
    str(path.relative_to(figures.UPSTREAM)): path.read_text(encoding="utf-8")
    for path in sorted(figures.UPSTREAM.rglob("*.*"))
}


@pytest.fixture(scope="module")
def pep() -> str:
    return figures.PEP.read_text(encoding="utf-8")


def titles(text: str, adornment: str) -> List[str]:
    return re.findall(r"^(\S.*)\n%s{4,}$" % adornment, text, flags=re.MULTILINE)


def test_headers(pep: str) -> None:
    found: Dict[str, str] = dict(re.findall(r"^([\w-]+): (.*)$", pep.partition("\n\n")[0], flags=re.MULTILINE))
    assert list(found) == list(HEADERS)
    for name, value in found.items():
        assert re.fullmatch(HEADERS[name], value), name


def test_sections(pep: str) -> None:
    assert titles(pep, "=") == SECTIONS
    assert pep.endswith(
        "This document is placed in the public domain or under the\n"
        "CC0-1.0-Universal license, whichever is more permissive.\n"
    )


def test_it_is_short(pep: str) -> None:
    """A reviewer reads it in one sitting."""
    assert len(pep.split()) <= 3000
    rejected = pep[pep.index("\nRejected Ideas\n") : pep.index("Open Issues\n===")]
    assert len(titles(rejected, "-")) <= 8


def test_each_objection_is_answered(pep: str) -> None:
    answers = dict(re.findall(r"^(\S[^\n]*)\n-{4,}\n\n(.*?)\n\n\n", pep, flags=re.MULTILINE | re.DOTALL))
    answers.update(
        re.findall(r"^\*\*(.*?)\*\* (.*?)\n(?:\n|\Z)", PAGES["discussion.md"], flags=re.MULTILINE | re.DOTALL)
    )
    for title in OBJECTIONS.values():
        assert len(answers[title].split()) > 14, title


def test_the_release_stands_in_one_place(pep: str) -> None:
    """Of each text. The patches have a constant."""
    (release,) = re.findall(r"^\.\. \|flip\| replace:: (3\.\d+)$", pep, flags=re.MULTILINE)
    assert pep.count(release) == 1
    assert [name for name, text in PAGES.items() if name.startswith(("pr/", "disc", "sub")) and release in text] == []


def test_these_verify_already() -> None:
    """As the PEP says of the other clients."""
    handler = logging.handlers.HTTPHandler("localhost", "/", secure=True)
    required = {
        "http.client": http.client.HTTPSConnection("localhost")._context,
        "xmlrpc.client": xmlrpc.client.SafeTransport().make_connection("localhost")._context,
        "HTTPHandler": http.client.HTTPSConnection("localhost", context=handler.context)._context,
        "asyncio": asyncio.sslproto._create_transport_context(False, "localhost"),
    }
    for name, context in required.items():
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True), name


def test_it_renders(pep: str) -> None:
    core = pytest.importorskip("docutils.core", reason="docutils is not installed, so the PEP is not rendered")
    from docutils.parsers.rst import Parser

    said = io.StringIO()
    settings = {"report_level": 2, "halt_level": 5, "warning_stream": said}
    core.publish_string(pep, writer=html(), parser=Parser(rfc2822=True), settings_overrides=settings)
    assert said.getvalue() == ""


def html() -> object:
    from docutils.writers.html5_polyglot import Writer

    return Writer()


def test_it_is_in_the_style_of_peps(pep: str) -> None:
    """What the hooks of python/peps look for."""
    assert "\t" not in pep
    assert not re.search(r"peps\.python\.org|rfc-editor\.org|ietf\.org", pep)
    long = [line for line in pep.splitlines() if len(line) > 79 and "https://" not in line]
    assert not long
    assert not re.search(r"[^\n]\n\n(?!.. _)[^\n]+\n=+\n", pep.partition("\n\n\n")[2]), (
        "two blank lines before a section"
    )


def test_sphinx_lint() -> None:
    pytest.importorskip("sphinxlint", reason="sphinx-lint is not installed")
    command = [sys.executable, "-m", "sphinxlint", str(figures.PEP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No problems found.")


def test_figures() -> None:
    """`python tests/upstream --write` mends them."""
    known = figures.values()
    assert [name for name, text in PAGES.items() if figures.updated(text, known) != text] == []


def test_tables() -> None:
    """`python tests/upstream --write` mends them."""
    for name, table in figures.tables().items():
        assert marks.read(figures.EVIDENCE, name) == table + "\n"


def test_a_wrong_figure_is_mended(pep: str) -> None:
    known = figures.values()
    explicit, servers = known["explicit"], known["servers"]
    for right, wrong in ((explicit, "1.5 to 2.75"), (servers, "Dovecot and Exim"), (known["red"], "1 to 2")):
        # its lines may be broken in another place
        found = re.search(r"\s+".join(map(re.escape, right.split())), pep)
        assert found is not None, right
        changed = pep[: found.start()] + wrong + pep[found.end() :]
        assert figures.updated(changed, known).split() == pep.split()


def test_no_figure_without_a_source(pep: str) -> None:
    """What a footnote says was measured is one of the sentences that are compared; and so is each that is measured."""
    for footnote, sentences in figures.SENTENCES.items():
        for sentence in sentences:
            assert figures.pattern(sentence).search(pep), sentence
        reference = re.escape("[#%s]_" % footnote)
        said = "|".join("(?:%s)" % re.sub(r"\?P<\w+>", "?:", figures.pattern(text).pattern) for text in sentences)
        compared = re.findall(r"(?:%s)\s+%s" % (said, reference), pep)
        assert len(compared) == len(re.findall(reference, pep)) > 0, footnote


def test_no_other_figure() -> None:
    unit = re.compile(r"\d+(?:\.\d+)?\s+(?:times|ms|tests|calls|combinations|packages|per ?cent|%)\b")
    for name, text in PAGES.items():
        for sentence in (sentence for sentences in figures.SENTENCES.values() for sentence in sentences):
            text = figures.pattern(sentence).sub("", text)
        text = re.sub(r"<!-- exposure -->.*?<!-- end", "", text, flags=re.DOTALL)
        assert not unit.search(text), name


def test_the_command() -> None:
    command = [sys.executable, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_packages_that_are_shown() -> None:
    """Which have not been downloaded here."""
    rows = figures.calls()
    assert {row[0] for row in rows} == {"%s %s" % package[:2] for package in exposure.PACKAGES}
    assert {(row[0].partition(" ")[0], row[1]) for row in rows} <= {
        (name, path) for name, _, paths in exposure.PACKAGES for path in paths
    }


def test_calls_without_a_context() -> None:
    source = """
smtplib.SMTP_SSL("host", 465)
smtplib.SMTP_SSL("host", context=context)
smtp.starttls()
imap.starttls(context)
imaplib.IMAP4_SSL(
    "host", ssl_context=context)
imaplib.IMAP4_SSL("host", 993, *more)
pop.stls(**options)
FTP_TLS("host", "user", "password", "", context)
FTP_TLS()
"""
    assert exposure.unverified(source) == [
        (2, 'smtplib.SMTP_SSL("host", 465)'),
        (4, "smtp.starttls()"),
        (11, "FTP_TLS()"),
    ]


def requests() -> Dict[str, str]:
    """The text for each pull request, by its slug."""
    pages = sorted((figures.UPSTREAM / "pr").glob("*.md"))
    return {page.stem: page.read_text(encoding="utf-8") for page in pages}


def mails() -> Dict[str, str]:
    """The mails for main, by their slugs."""
    return {path.stem[5:]: path.read_text(encoding="utf-8") for path in sorted((PATCHES / "main").glob("[0-9]*.patch"))}


def field(text: str, name: str) -> str:
    found = re.search(r"^\| %s \| (.*) \|$" % name, text, flags=re.MULTILINE)
    assert found is not None, name
    return found.group(1)


def subject(mail: str) -> str:
    """Of the commit, in one line and without the branch."""
    found = re.search(r"^Subject: (?:\[[^\]]*\] )?(.*(?:\n .*)*)", mail, flags=re.MULTILINE)
    assert found is not None
    return found.group(1).replace("\n", "")


def test_each_patch_has_a_pull_request() -> None:
    """But for documents that by file belong to the pull requests of the code."""
    assert set(requests()) == set(mails()) - PARTS


def test_titles_are_the_subjects() -> None:
    subjects = {slug: subject(mail) for slug, mail in mails().items()}
    assert {slug: field(text, "title") for slug, text in requests().items()} == {
        slug: subjects[slug] for slug in requests()
    }


def test_labels() -> None:
    """Backports are those of `series.py pr`; what has no entry in NEWS needs the label that says so."""
    for step in pulls.steps(model.load()["main"]):
        text = requests()[step.slug]
        assert field(text, "backport") == (", ".join(step.backports()) or "no"), step.slug
        has_news = any(name.startswith(pulls.NEWS) for name in step.change.files())
        assert ("| label | skip news |\n" in text) == (not has_news), step.slug


def test_what_can_be_sent_first_needs_nothing_private() -> None:
    """Of what submit.md calls free, as `series.py pr` computes it."""
    command = [sys.executable, str(PATCHES / "series.py"), "pr"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    rows = {slug: (number, notes) for number, slug, notes in re.findall(r"^ +(\d+) (\S+) +(.*)$", listed, re.MULTILINE)}
    private = {number for number, notes in rows.values() if "private" in notes}
    needs = {
        slug: set(re.findall(r"\d+", notes.partition("; needs ")[2].partition(";")[0]))
        for slug, (_, notes) in rows.items()
    }
    if not any(needs.values()):
        pytest.skip("no tree that tells what is needed")
    assert private & needs["tls-server-hostname"]
    said = re.search(r"That leaves four: (.*?)\.\n", PAGES["submit.md"], re.DOTALL)
    assert said is not None
    for slug in re.findall(r"`([\w-]+)`", said.group(1)):
        assert not private & {rows[slug][0], *needs[slug]}, slug


def test_names_exist() -> None:
    """What a text has between backticks is in the mails, or in the modules as they are."""
    known = "".join(mails().values())
    for slug, text in requests().items():
        for name in re.findall(r"`(\w+(?:\.\w+)*)(?:\(\))?`", text.partition("## Text")[2]):
            last = name.rpartition(".")[2]
            assert last in known or any(hasattr(holder, last) for holder in HOLDERS), (slug, name)


def test_each_pull_request() -> None:
    for slug, text in requests().items():
        title = field(text, "title")
        assert re.fullmatch(r"gh-\d+: [A-Z].*[^.]", title), slug
        assert text.startswith("# %s\n" % title.partition(": ")[2]), slug
        assert re.fullmatch(r"no|3\.15(, 3\.1[1-4])*", field(text, "backport")), slug
        for part in re.split(r"^## \w+\n", text, flags=re.MULTILINE)[1:]:
            assert 10 < len(part.split()) <= 120, slug


def test_issues_that_are_cited() -> None:
    """Where somebody has said something on the same lines before."""
    texts = requests()
    for slug, numbers in {
        "tls-server-hostname": ["gh-76178", "gh-84486"],
        "logging-default-client-context": ["gh-155946", "#155950"],
        "docs-client-context-note": ["gh-72507", "#154712"],
    }.items():
        assert [number for number in numbers if number not in texts[slug]] == [], slug


def test_links() -> None:
    """Those of the PEP are docutils' business."""
    for name, text in PAGES.items():
        for link in re.findall(r"\]\(([^()\s]+)\)", text if name.endswith(".md") else ""):
            if not link.startswith("https://"):
                check_link(figures.UPSTREAM / name, link)


def check_link(page: Path, link: str) -> None:
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if target == figures.ROOT / "Doc" / "clients.md" and not (figures.ROOT / "tests" / "clients").is_dir():
        return  # the page comes with those tests
    assert target.exists(), (page, link)
    if heading:
        headings = re.findall(r"^#+ (.*)", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
        anchors = [re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in headings]
        assert heading in anchors, (page, link)
