"""Execute the examples of a page; and `python tests/docs` writes what they print into it."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from blocks import Block
from sandbox import Sandbox

#: whose import examples that are a few lines long need not say again
KNOWN = ("ftplib", "imaplib", "poplib", "smtplib", "ssl", "securedefaults")


class Run(NamedTuple):
    """One command, or one program."""

    what: str
    status: int
    expected: int
    printed: str
    shown: str
    contains: str = ""


def execute(block: Block, box: Sandbox) -> Iterator[Run]:
    """Do what the block says."""
    if "not run" in block.marks or ("shape" in block.marks and "file" not in block.marks):
        return
    raises = block.marks.get("raises", "")
    expected = int(block.marks.get("status", 1 if raises else 0))
    if "file" in block.marks:
        path = box.folder / block.marks["file"]
        path.write_text(block.text, encoding="utf-8")
        path.chmod(0o644)
    elif block.language == "{doctest}":
        (box.folder / "session.txt").write_text(block.text, encoding="utf-8")
        result = box.start(["python", "-m", "doctest", "session.txt"])
        yield Run("the session", result.returncode, expected, result.stdout, "")
    elif block.language == "python":
        imports = "".join("import %s\n" % name for name in KNOWN if name + "." in block.text)
        result = box.start(["python", "-W", "ignore::DeprecationWarning", "-c", imports + block.text])
        yield Run("the program", result.returncode, expected, result.stdout, "", raises)
    elif block.language == "console":
        commands = block.commands()
        for number, (command, shown) in enumerate(commands, 1):
            result = box.run(command)
            printed = "".join(line.rstrip() + "\n" for line in clean(result.stdout, box).splitlines())
            yield Run(command, result.returncode, expected if number == len(commands) else 0, printed, shown)


def clean(text: str, box: Sandbox) -> str:
    """Without what no reader wants to see: where the sandbox is, long fingerprints."""
    text = text.replace(str(box.folder) + "/", "").replace(str(box.folder), ".")
    text = re.sub(r'  File "[^"]*[/\\](\w+\.py)"', r'  File "\1"', text)
    return re.sub(r"((?:[0-9a-f]{2}:){3})(?:[0-9a-f]{2}:){26}[0-9a-f]{2}:[0-9a-f]{2}", r"\1...", text)


def told(text: str, box: Sandbox) -> str:
    """Without what is another in each run, to compare."""
    text = clean(text, box)
    text = re.sub(r"sha256:[0-9a-f:.]+|sha256//[\w+/=]+", "PIN", text)
    text = re.sub(r"Python 3\.\d+\.\d+|OpenSSL [\d.]+\w* +\d+ \w+ \d+|\(_ssl\.c:\d+\)|trustme v[\d.]+", "", text)
    text = re.sub(r"CA certificates: \d+", "", text)
    text = re.sub(r"trustme, organizationalUnitName=[^,]*|Testing C[AN] #\S+", "", text)
    text = re.sub(r'days left: -?\d+|\d{4}-\d\d-\d\d(T[\d:]+Z)?|"pid": ?\d+|in [\d.]+s|\d+ days ago', "", text)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())
