"""--fix: what it writes, what it leaves alone, and that what it writes verifies when it runs."""

from __future__ import annotations

import ast
import codecs
import os
import re
import ssl
import sys
import textwrap
import tokenize
import warnings
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from native import ALONE
from securedefaults import cli
from securedefaults_scan import _files, _fix
from securedefaults_scan._find import find
from securedefaults_scan._fix import change, changes, fixed, write
from securedefaults_scan._scan import scan
from wire.certs import Certificates
from wire.servers import Server

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.py"))
SECRET = "tanstaaf1"


def fix(text: str) -> str:
    return fixed(text, find(text, "example.py")[0])


# Nothing to do comes first


@pytest.mark.parametrize(
    "text",
    [
        "import smtplib\n",
        'import smtplib\nsmtplib.SMTP_SSL("h", context=context)\n',
        "import smtplib\ndef f(host, context=None):\n    smtplib.SMTP_SSL(host, context=context)\n",
        "import smtplib\ndef f(**kwargs):\n    smtplib.SMTP_SSL(**kwargs)\n",
        'import smtplib\nsmtplib.SMTP_SSL("h", keyfile="k", certfile="c")\n',
        'import smtplib\nssl = True\nsmtplib.SMTP_SSL("h")\n',
        'import smtplib, ssl\ndel ssl\nsmtplib.SMTP_SSL("h")\n',
        'import smtplib, ssl\ndef f():\n    smtplib.SMTP_SSL("h")\ndel ssl\nf()\n',
        'import smtplib\ndef f(ssl):\n    return smtplib.SMTP_SSL("h")\n',
        'import smtplib\n(smtplib.SMTP_SSL if x else smtplib.SMTP)("h")\n',
        "def f(smtp):\n    smtp.starttls()\n",
        "import smtplib\nsmtplib.SMTP_SSL(host for host in hosts)\n",
        "import smtplib\ncontext = None\nsmtplib.SMTP_SSL('h', 0, None, None, None, 3, None, context)\n",
        "import smtplib\nfor smtp in map(smtplib.SMTP_SSL, hosts):\n    pass\n",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert fix(text) == text


def test_a_name_that_is_deleted_is_not_written() -> None:
    text = "import smtplib, ssl\nimport ssl as tls\ndel ssl\nsmtplib.SMTP_SSL(%s)\n"
    assert fix(text % "'h'") == text % "'h', context=tls.create_default_context()"


CHANGES: Dict[str, Tuple[str, str]] = {
    "no argument": ("s.starttls()", "s.starttls(context=ssl.create_default_context())"),
    "arguments": ('smtplib.SMTP_SSL("h", 1)', 'smtplib.SMTP_SSL("h", 1, context=ssl.create_default_context())'),
    "None by name": ("s.starttls(context=None)", "s.starttls(context=ssl.create_default_context())"),
    "None by position": ("s.starttls(None, None, None)", "s.starttls(None, None, ssl.create_default_context())"),
    "a comma at the end": ('smtplib.SMTP_SSL("h",)', 'smtplib.SMTP_SSL("h", context=ssl.create_default_context(),)'),
    "stars": ("smtplib.SMTP_SSL(*('h',))", "smtplib.SMTP_SSL(*('h',), context=ssl.create_default_context())"),
    "parentheses": ('smtplib.SMTP_SSL(("h"))', 'smtplib.SMTP_SSL(("h"), context=ssl.create_default_context())'),
    "two in a line": (
        "s.starttls(); s.starttls()",
        "s.starttls(context=ssl.create_default_context()); s.starttls(context=ssl.create_default_context())",
    ),
    "a chain": ('smtplib.SMTP("h").starttls()', 'smtplib.SMTP("h").starttls(context=ssl.create_default_context())'),
    "not ASCII": (
        'print("äöü", smtplib.SMTP_SSL("ü"))',
        'print("äöü", smtplib.SMTP_SSL("ü", context=ssl.create_default_context()))',
    ),
    "one a line": (
        'smtplib.SMTP_SSL(\n    "h",  # host, (really)\n    port=1,  # port\n)',
        'smtplib.SMTP_SSL(\n    "h",  # host, (really)\n    port=1,  # port\n'
        "    context=ssl.create_default_context(),\n)",
    ),
    "one a line, no comma": (
        'smtplib.SMTP_SSL(\n\t"h",\n\t1  # port\n\t)',
        'smtplib.SMTP_SSL(\n\t"h",\n\t1,  # port\n\tcontext=ssl.create_default_context()\n\t)',
    ),
    "hanging": (
        'smtplib.SMTP_SSL("h",\n                 1)',
        'smtplib.SMTP_SSL("h",\n                 1, context=ssl.create_default_context())',
    ),
    "a comment in an empty call": (
        "s.starttls(  # now\n)",
        "s.starttls(context=ssl.create_default_context()  # now\n)",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_writes(name: str, newline: str) -> None:
    head = 'import smtplib\n%ss = smtplib.SMTP("h")\n'
    before, after = (text.replace("\n", newline) + newline for text in CHANGES[name])
    result = fix((head % "").replace("\n", newline) + before)
    assert result == (head % "import ssl\n").replace("\n", newline) + after
    assert fix(result) == result


IMPORTS = {
    "after the module's own": (
        "import os\nimport smtplib\nimport sys\n",
        "import os\nimport smtplib\nimport ssl\nimport sys\n",
    ),
    "after from": ("from smtplib import SMTP_SSL\n", "from smtplib import SMTP_SSL\nimport ssl\n"),
    "it is there": ("import ssl\nimport smtplib\n", "import ssl\nimport smtplib\n"),
    "docstring": ('"""Doc."""\nimport smtplib\n', '"""Doc."""\nimport smtplib\nimport ssl\n'),
    "future": (
        "from __future__ import annotations\nimport smtplib\n",
        "from __future__ import annotations\nimport smtplib\nimport ssl\n",
    ),
    "a comment": ("import smtplib  # mail\n", "import smtplib  # mail\nimport ssl\n"),
    "in a try": (
        "import os\ntry:\n    import smtplib\nexcept ImportError:\n    raise\n",
        "import os\nimport ssl\ntry:\n    import smtplib\nexcept ImportError:\n    raise\n",
    ),
    "only for types": (
        "import smtplib\nif TYPE_CHECKING:\n    import ssl\n",
        "import smtplib\nimport ssl\nif TYPE_CHECKING:\n    import ssl\n",
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_import(name: str) -> None:
    before, after = IMPORTS[name]
    call = "SMTP_SSL('h')\n" if "from smtplib" in before else "smtplib.SMTP_SSL('h')\n"
    fixed_call = call.replace(")", ", context=ssl.create_default_context())")
    assert fix(before + call) == after + fixed_call


def test_import_on_a_shared_line() -> None:
    result = fix("import os; import smtplib; s = smtplib.SMTP_SSL('h')\n")
    assert result == (
        "import ssl\nimport os; import smtplib; s = smtplib.SMTP_SSL('h', context=ssl.create_default_context())\n"
    )


@pytest.mark.parametrize(
    ("imports", "value"),
    [
        ("import ssl as tls", "tls.create_default_context()"),
        ("from ssl import create_default_context", "create_default_context()"),
        ("from ssl import create_default_context as make", "make()"),
        ("import smtplib, ssl", "ssl.create_default_context()"),
    ],
)
def test_uses_the_name_that_is_there(imports: str, value: str) -> None:
    text = "import smtplib\n%s\n\n\ndef f():\n    return smtplib.SMTP_SSL('h'%s)\n"
    assert fix(text % (imports, "")) == text % (imports, ", context=" + value)


@pytest.mark.parametrize(
    "text",
    [
        "@decorated\ndef f():\n    import smtplib\n    return smtplib.SMTP_SSL('h')\n",
        "def f():\n    import smtplib\n    return smtplib.SMTP_SSL('h')\n",
    ],
)
def test_import_where_nothing_is_imported(text: str) -> None:
    assert fix(text) == "import ssl\n" + text.replace("'h'", "'h', context=ssl.create_default_context()")


def test_no_line_for_the_import() -> None:
    text = '"""Doc."""; import smtplib; smtplib.SMTP_SSL("h")\n'
    with pytest.raises(ValueError, match="no line for `import ssl`"):
        fix(text)


# What goes wrong is said, and nothing is written


def test_another_text_than_was_looked_at() -> None:
    text = "import smtplib\nsmtplib.SMTP_SSL('h')\n"
    with pytest.raises(ValueError, match="line 2: there is no call"):
        fixed("import smtplib\nsmtplib.SMTP_SSL['h']\n", find(text, "example.py")[0])


@pytest.mark.parametrize(
    ("edits", "message"),
    [([], "would not have the effect"), ([_fix._Edit(0, 0, "(")], "would not be a program any more")],
    ids=["no argument", "a parenthesis"],
)
def test_a_mistake_of_ours_is_not_written(edits: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fix, "_append", lambda source, node, argument: edits)
    with pytest.raises(ValueError, match=message):
        fix("import smtplib\nsmtplib.SMTP_SSL('h')\n")


def test_a_program_that_tokenize_does_not_understand(monkeypatch: pytest.MonkeyPatch) -> None:
    def generate_tokens(readline: Any) -> Any:
        raise tokenize.TokenError("EOF in multi-line statement", (1, 0))

    monkeypatch.setattr(tokenize, "generate_tokens", generate_tokens)
    with pytest.raises(ValueError, match="cannot be taken apart"):
        fix("import smtplib\nsmtplib.SMTP_SSL('h')\n")


def test_import_in_another_function_is_not_there() -> None:
    text = "import smtplib\ndef f():\n    import ssl\ndef g():\n    smtplib.SMTP_SSL('h')\n"
    assert fix(text).startswith("import smtplib\nimport ssl\n")


# Files


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "import smtplib\r\nsmtplib.SMTP_SSL('ü')\r\n".encode(),
        "# -*- coding: latin-1 -*-\nimport smtplib\nsmtplib.SMTP_SSL('ü')\n".encode("latin-1"),
        "# coding: cp1252\nimport smtplib\nif 1:\n\tsmtplib.SMTP_SSL('€')".encode("cp1252"),
        b"import smtplib\n\x0c\nsmtplib.SMTP_SSL('h')",
    ],
)
def test_bytes_that_are_not_edited_stay(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(data)
    changed = change(str(path), scan([str(path)]).findings)
    assert changed is not None
    without = re.sub(rb"(\r?\n)import ssl(?=\r?\n)|, context=ssl\.create_default_context\(\)", b"", changed.after)
    assert without == data
    write(changed)
    assert path.read_bytes() == changed.after
    assert scan([str(path)]).findings == []


def test_mode_and_link_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "program.py", tmp_path / "link.py"
    path.write_text("import smtplib\nsmtplib.SMTP_SSL('h')\n")
    path.chmod(0o750)
    link.symlink_to(path)
    for _, changed, reason in changes(scan([str(link)]).findings):
        assert changed is not None, reason
        write(changed)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o750
    assert "import ssl\n" in path.read_text()
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["link.py", "program.py"]


def test_a_file_that_changed_meanwhile_is_left(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import smtplib\nsmtplib.SMTP_SSL('h')\n")
    changed = change(str(path), scan([str(path)]).findings)
    assert changed is not None
    path.write_text("something else\n")
    with pytest.raises(ValueError, match="changed meanwhile"):
        write(changed)
    assert path.read_text() == "something else\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_examples_stay_programs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        findings = find(text, str(path))[0]
    except ValueError:
        pytest.skip("syntax of a later version")
    result = fixed(text, [each for each in findings if "ignore[" not in text])
    ast.parse(result)
    assert result == text or not any(each.fixable for each in find(result, str(path))[0])


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import smtplib\nsmtplib.SMTP_SSL('h')\n")
    findings = scan([str(path)]).findings
    path.unlink()
    assert list(changes(findings)) == [(str(path), None, "No such file or directory")]


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "program.py"
    path.write_text("import smtplib\nsmtplib.SMTP_SSL('h')")
    ((_, changed, _),) = changes(scan([str(path)]).findings)
    assert changed is not None
    assert "".join(changed.diff()).count("\\ No newline at end of file\n") == 2

    def replace(source: str, target: str) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="disk full"):
        write(changed)
    assert path.read_bytes() == changed.before
    assert list(tmp_path.iterdir()) == [path], "nothing is left behind"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import smtplib\nsmtplib.SMTP_SSL('h')\n")
    os.chown(path, 12345, 23456)
    ((_, changed, _),) = changes(scan([str(path)]).findings)
    assert changed is not None
    write(changed)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


# Properties

_SPACE = st.sampled_from(["", " ", "  ", "\n    ", "  # a comment, (with) 'marks'\n    ", " \\\n    "])
_ARGUMENTS = st.lists(
    st.sampled_from(["timeout=3", "source_address=None", "local_hostname='ä'", "port=465", "**{}"]), unique=True
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    arguments=_ARGUMENTS,
    spaces=st.lists(_SPACE, min_size=13, max_size=13),
    comma=st.booleans(),
    indent=st.sampled_from(["", "    ", "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    last=st.sampled_from(["", "\n", "  # end\n"]),
)
def test_only_adds(arguments: List[str], spaces: List[str], comma: bool, indent: str, newline: str, last: str) -> None:
    parts = ["'h'", *arguments]
    space = iter(spaces)
    inner = ",".join(next(space) + part + next(space) for part in parts)
    inner += "," + next(space) if comma else ""
    text = "import smtplib\n%s%ssmtplib.SMTP_SSL(%s)%s" % ("if 1:\n" if indent else "", indent, inner, last)
    text = text.replace("\n", newline)
    ast.parse(text)
    result = fix(text)
    ast.parse(result)
    assert fix(result) == result
    assert "context=ssl.create_default_context()" in result
    left = iter(result)
    assert all(char in left for char in text), "a character of the program is gone"


# The fixed programs are run

RUN = {
    "SMTP_SSL": ("SMTP", True, "s = smtplib.SMTP_SSL(HOST, PORT)\ns.login(USER, SECRET)\ns.quit()"),
    "starttls": ("SMTP", False, "s = smtplib.SMTP(HOST, PORT)\ns.starttls()\ns.login(USER, SECRET)\ns.quit()"),
    "starttls(None)": (
        "SMTP",
        False,
        "s = smtplib.SMTP(HOST, PORT)\ns.starttls(context=None)\ns.login(USER, SECRET)\ns.quit()",
    ),
    "with": ("SMTP", True, "with smtplib.SMTP_SSL(\n    HOST,\n    PORT,  # port\n) as s:\n    s.login(USER, SECRET)"),
    "subclass": (
        "SMTP",
        True,
        "class S(smtplib.SMTP_SSL):\n    def __init__(self, host):\n        super().__init__(host, PORT)\n"
        "s = S(HOST)\ns.login(USER, SECRET)\ns.quit()",
    ),
    "partial": (
        "SMTP",
        True,
        "import functools\nmake = functools.partial(smtplib.SMTP_SSL, HOST)\ns = make(PORT)\n"
        "s.login(USER, SECRET)\ns.quit()",
    ),
    "submit": (
        "SMTP",
        True,
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(1) as pool:\n"
        "    s = pool.submit(smtplib.SMTP_SSL, HOST, PORT).result()\ns.login(USER, SECRET)\ns.quit()",
    ),
    "factory": (
        "SMTP",
        False,
        "class M:\n    def connect(self):\n        self.s = smtplib.SMTP(HOST, PORT)\n    def run(self):\n"
        "        self.connect()\n        self.s.starttls()\n        self.s.login(USER, SECRET)\n"
        "        self.s.quit()\nM().run()",
    ),
    "options": (
        "SMTP",
        True,
        "options = dict(host=HOST, port=PORT)\ns = smtplib.SMTP_SSL(**options)\ns.login(USER, SECRET)\ns.quit()",
    ),
    "IMAP4_SSL": ("IMAP", True, "s = imaplib.IMAP4_SSL(HOST, PORT)\ns.login(USER, SECRET)\ns.logout()"),
    "IMAP4": ("IMAP", False, "s = imaplib.IMAP4(HOST, PORT)\ns.starttls()\ns.login(USER, SECRET)\ns.logout()"),
    "POP3_SSL": ("POP3", True, "s = poplib.POP3_SSL(HOST, PORT)\ns.user(USER)\ns.pass_(SECRET)\ns.quit()"),
    "POP3": ("POP3", False, "s = poplib.POP3(HOST, PORT)\ns.stls()\ns.user(USER)\ns.pass_(SECRET)\ns.quit()"),
    "FTP_TLS": (
        "FTP",
        False,
        "s = ftplib.FTP_TLS()\ns.connect(HOST, PORT)\ns.login(USER, SECRET)\ns.prot_p()\n"
        "s.retrlines('LIST', len)\ns.quit()",
    ),
}


def _run(name: str, host: str, port: int) -> None:
    protocol, _, body = RUN[name]
    module = {"SMTP": "smtplib", "IMAP": "imaplib", "POP3": "poplib", "FTP": "ftplib"}[protocol]
    text = "import %s\n%s\n" % (module, body)
    findings = find(text, "program.py")[0]
    assert [each.fixable for each in findings] == [True], findings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        names: Dict[str, Any] = {"HOST": host, "PORT": port, "USER": "user", "SECRET": SECRET, "__name__": "program"}
        exec(compile(fixed(text, findings), "program.py", "exec"), names)


@pytest.mark.parametrize("name", RUN)
def test_fixed_programs_log_in(name: str, certs: Certificates) -> None:
    protocol, implicit, _ = RUN[name]
    with Server(protocol, certs["good"].context, implicit=implicit) as server:
        _run(name, "localhost", server.port)
    inside = [secret for where, secret in server.credentials() if where == "inside"]
    assert any(SECRET.encode() in secret or b"AUTH" in secret.upper() for secret in inside)


@pytest.mark.parametrize("fault", ["unknown CA", "wrong host"])
@pytest.mark.parametrize("name", RUN)
def test_fixed_programs_tell_an_impostor_nothing(name: str, fault: str, certs: Certificates) -> None:
    protocol, implicit, _ = RUN[name]
    with Server(protocol, certs[fault].context, implicit=implicit) as server:
        with pytest.raises((ssl.SSLCertVerificationError, OSError, ValueError)) as caught:
            _run(name, "localhost", server.port)
    seen: List[BaseException] = [caught.value]
    while seen[-1].__context__ is not None:
        seen.append(seen[-1].__context__)
    assert any(isinstance(exc, ssl.SSLCertVerificationError) for exc in seen)
    assert server.credentials() == []


@pytest.mark.skipif(ALONE, reason="this interpreter's own default verifies")
def test_without_the_fix_an_impostor_gets_the_password(certs: Certificates) -> None:
    text = "import smtplib\n" + RUN["SMTP_SSL"][2]
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        names: Dict[str, Any] = {"HOST": "localhost", "PORT": server.port, "USER": "user", "SECRET": SECRET}
        exec(compile(text, "program.py", "exec"), names)
    assert server.credentials() != []


# The command


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = Path("program.py")
    before = textwrap.dedent(
        """\
        import smtplib

        smtplib.SMTP_SSL("h")
        smtplib.SMTP_SSL("h", context=make() if verify else None)
        """
    )
    program.write_text(before)
    assert cli.main(["scan", "--diff", "program.py"]) == 1
    assert program.read_text() == before
    out, _ = capsys.readouterr()
    assert '+smtplib.SMTP_SSL("h", context=ssl.create_default_context())\n' in out
    assert "\n+import ssl\n" in out
    assert cli.main(["scan", "--fix", "program.py"]) == 1, "the other finding is left"
    out, err = capsys.readouterr()
    assert "1 fixed in 1 file" in err
    assert "SD103" in out
    assert "SD101" not in out
    after = program.read_text()
    assert after.count("create_default_context") == 1
    assert cli.main(["scan", "--fix", "program.py"]) == 1
    assert program.read_text() == after


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root may write anywhere")
def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    program = folder / "program.py"
    program.write_text("import smtplib\nsmtplib.SMTP_SSL('h')\n")
    folder.chmod(0o500)
    try:
        assert cli.main(["scan", "--fix", str(program)]) == 1
    finally:
        folder.chmod(0o700)
    assert "is left as it is" in capsys.readouterr().err


def test_what_cannot_be_encoded_again_is_left(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(b"# coding: utf-7\nimport smtplib\nsmtplib.SMTP_SSL('+AGg-')\n")
    assert _files.decode(path.read_bytes()).encoding == "utf-7"
    with pytest.raises(ValueError, match="utf-7"):
        change(str(path), scan([str(path)]).findings)
