"""`run`: what stands before the program is ours, the program and all behind it are as Python itself has them."""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest
from programs import python

from native import PYPY, backport_only
from securedefaults import ConfigurationError, HostRule
from securedefaults._policy.config import read, rule_in_words
from securedefaults._policy.policy import Policy
from securedefaults.cli import run as command
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("the commands are the backport's")

MODE = "import securedefaults, sys; print(securedefaults.status().mode, sys.argv[1:])"


def run(*arguments: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    return python("-m", "securedefaults", "run", *arguments, **kwargs)


# What is ours, and what is the program's


SPLIT = [
    ([], [], []),
    (["a.py"], [], ["a.py"]),
    (["a.py", "--mode", "off"], [], ["a.py", "--mode", "off"]),
    (["--mode", "warn", "a.py", "--mode", "off"], ["--mode", "warn"], ["a.py", "--mode", "off"]),
    (["--mode=warn", "a.py", "--", "-h"], ["--mode=warn"], ["a.py", "--", "-h"]),
    (["-m", "m", "--help"], [], ["-m", "m", "--help"]),
    (["-mm", "--log", "x"], [], ["-mm", "--log", "x"]),
    (["--log", "x", "-m", "m", "--json", "--"], ["--log", "x"], ["-m", "m", "--json", "--"]),
    (["--json", "-c", "1", "-m", "b"], ["--json"], ["-c", "1", "-m", "b"]),
    (["-", "--mode", "off"], [], ["-", "--mode", "off"]),
    (["--", "a.py", "--mode", "off"], [], ["a.py", "--mode", "off"]),
    (["--mode", "warn", "--", "-m", "m", "--mode", "x"], ["--mode", "warn"], ["-m", "m", "--mode", "x"]),
    (["--", "--"], [], ["--"]),
    (["--rule", "a b=c", "--rule", "-m", "a.py"], ["--rule", "a b=c", "--rule", "-m"], ["a.py"]),
    (["--config", "f", "a.py", "--config", "g"], ["--config", "f"], ["a.py", "--config", "g"]),
    (["--mo", "off", "a.py"], ["--mo"], ["off", "a.py"]),
    (["-h", "a.py", "-h"], ["-h"], ["a.py", "-h"]),
]


@pytest.mark.parametrize(("words", "ours", "program"), SPLIT, ids=[" ".join(words) for words, _, _ in SPLIT])
def test_where_the_program_begins(words: List[str], ours: List[str], program: List[str]) -> None:
    assert command.split(words) == (ours, program)


WAYS: Dict[str, List[str]] = {
    "script": ["shown.py"],
    "module": ["-m", "shown"],
    "module in one word": ["-mshown"],
    "code": ["-c", MODE],
    "input": ["-"],
}


@pytest.mark.parametrize("before", [[], ["--mode", "warn"], ["--mode", "warn", "--"], ["--"]])
@pytest.mark.parametrize("way", WAYS)
def test_options_of_the_program_are_its_own(way: str, before: List[str], tmp_path: Path) -> None:
    """None of them switches protection off, or shows our help."""
    (tmp_path / "shown.py").write_text(MODE)
    theirs = ["--mode", "off", "--log", "x", "--help", "--json", "-m", "y", "--", "--rule", "z", "-c", "--config=w"]
    result = run(*before, *WAYS[way], *theirs, cwd=tmp_path, input=MODE)
    mode = "warn" if before[:1] == ["--mode"] else "enforce"
    assert (result.stdout, result.stderr, result.returncode) == ("%s %r\n" % (mode, theirs), "", 0)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == ["shown.py"]


def test_a_password_stays_here_whatever_the_options_of_a_module_are_called(certs: Certificates, tmp_path: Path) -> None:
    source = "import sys, smtplib\nsmtplib.SMTP_SSL('localhost', int(sys.argv[-1])).login(%r, %r)" % (USER, SECRET)
    (tmp_path / "sends.py").write_text(source)
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        result = run("-m", "sends", "--mode", "off", server.port, cwd=tmp_path)
    assert "SSLCertVerificationError" in result.stderr
    assert not server.credentials()


BAD = [
    ([], "error: name a script, or a module after -m"),
    (["--"], "error: name a script"),
    (["-m"], "error: -m needs the name of a module"),
    (["-c"], "error: -c needs lines of Python"),
    (["--mode"], "expected one argument"),
    (["--mode", "--", "x.py"], "--mode"),
    (["--mod", "off", "x.py"], "--mod"),
    (["-u", "x.py"], "-u"),
    (["--", "--mode", "off", "x.py"], "can't open file '--mode'"),
    (["--config", "nowhere.cfg", "x.py"], "nowhere.cfg cannot be read"),
    (["--rule", "a verify=perhaps", "x.py"], "--rule 'a verify=perhaps': verify: must be yes or no, not 'perhaps'"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[" ".join(each) for each, _ in BAD])
def test_what_is_wrong_runs_nothing(arguments: List[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("print('it ran')")
    result = run(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


# The same as Python, side by side

SHOW = """\
import atexit, os, sys
def late():
    print(sorted(globals()) == names)
atexit.register(late)
import __main__
names = None
names = sorted(globals())
print([name for name in names if name != "__builtins__"], __name__, vars(__main__) is globals())
print(sys.argv, sys.path[:1], globals().get("__file__"), globals().get("__cached__"))
print(getattr(__loader__, "__name__", type(__loader__).__name__), __spec__ and __spec__.name, repr(__package__))
print(type(__builtins__).__name__, repr(__doc__), [path for path in sys.path if path.endswith("bin")])
import neighbour
"""

ENDS = {
    "quietly": "",
    "by a status": "import sys; sys.exit(7)",
    "by a text": "import sys; sys.exit('a text')",
    "by an error": "def f():\n    return 1 / 0\n\nf()",
    "by two errors": "try:\n    1 / 0\nexcept ZeroDivisionError as exc:\n    raise KeyError('x') from exc",
    "by no Python": "this is no Python",
    "by an error of ours": "import securedefaults\nraise securedefaults.ConfigurationError('its own')",
    "by a broken pipe": "raise BrokenPipeError('its own')",
    "by a hook of its own": "import sys\nsys.excepthook = lambda *args: print(args[0], args[2].tb_lineno)\n1 / 0",
    "without a hook": "import sys\ndel sys.excepthook\nsys.exit(3)",
    "by a group": "raise BaseException('not an Exception')",
    "with an annotation": "x: int = 1\nprint(__annotations__ if '__annotations__' in globals() else 0)",
    "with a hook that looks back": (
        "import atexit, sys\natexit.register(lambda: print(sys.last_value, sys.last_traceback.tb_lineno))\n1 / 0"
    ),
}


class Ways:
    """A program in each form in which Python takes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def script(self, source: str) -> List[str]:
        (self.folder / "program.py").write_text(source)
        return ["program.py"]

    def whole_path(self, source: str) -> List[str]:
        return [str(self.folder / self.script(source)[0])]

    def link(self, source: str) -> List[str]:
        (self.folder / "elsewhere").mkdir(exist_ok=True)
        (self.folder / "elsewhere" / "neighbour.py").write_text("print('of the link', __name__)")
        path = self.folder / "elsewhere" / "program.py"
        if not path.is_symlink():
            path.symlink_to(self.folder / self.script(source)[0])
        return [os.path.join("elsewhere", "program.py")]

    def compiled(self, source: str) -> List[str]:
        name = self.script(source)[0]
        py_compile.compile(str(self.folder / name), str(self.folder / "program.pyc"), dfile=name, doraise=True)
        return ["program.pyc"]

    def module(self, source: str) -> List[str]:
        return ["-m", self.script(source)[0][: -len(".py")]]

    def package(self, source: str) -> List[str]:
        (self.folder / "package").mkdir(exist_ok=True)
        (self.folder / "package" / "__init__.py").write_text("import sys; print(sys.argv[0])")
        (self.folder / "package" / "__main__.py").write_text(source)
        return ["-m", "package"]

    def directory(self, source: str) -> List[str]:
        (self.folder / "directory").mkdir(exist_ok=True)
        (self.folder / "directory" / "neighbour.py").write_text("print('of the directory', __name__)")
        (self.folder / "directory" / "__main__.py").write_text(source)
        return ["directory"]

    def archive(self, source: str) -> List[str]:
        with zipfile.ZipFile(str(self.folder / "archive.pyz"), "w") as archive:
            archive.writestr("__main__.py", source)
            archive.writestr("neighbour.py", "print('of the archive', __name__)")
        return ["archive.pyz"]

    def code(self, source: str) -> List[str]:
        return ["-c", source]

    def indented_code(self, source: str) -> List[str]:
        return ["-c", "\n".join("  " + line for line in source.splitlines())]

    def standard_input(self, source: str) -> List[str]:
        return ["-"]


FORMS = [name for name in vars(Ways) if not name.startswith("_")]


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    (tmp_path / "neighbour.py").write_text("print(__name__)")
    return Ways(tmp_path)


def same(what: List[str], source: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """What Python does is what `run` does, by the module as by the script that is installed."""
    words = [*what, "a", "--json", "-m", "b", "--"]
    options: Dict[str, Any] = {"cwd": folder, "input": source}
    plain = python(*flags, *words, **options)
    ours = python(*flags, "-m", "securedefaults", "run", *words, **options)
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)
    entry = folder / "bin" / "securedefaults"
    entry.parent.mkdir(exist_ok=True)
    entry.write_text("import sys\nfrom securedefaults.cli import main\nsys.exit(main())")
    script = python(*flags, entry, "run", *words, **options)
    assert (script.stdout, script.stderr, script.returncode) == (plain.stdout, plain.stderr, plain.returncode)
    return plain


@pytest.mark.parametrize("form", FORMS)
def test_it_is_like_python(form: str, ways: Ways, tmp_path: Path) -> None:
    if form == "link" and sys.platform == "win32":
        pytest.skip("Python follows no links there")
    plain = same(getattr(ways, form)(SHOW), SHOW, tmp_path)
    if form != "indented_code" or sys.version_info >= (3, 14):
        assert plain.returncode == 0, plain.stderr
        assert "neighbour" in plain.stdout


@pytest.mark.parametrize("ending", ENDS)
@pytest.mark.parametrize("form", ["script", "module", "directory", "code", "standard_input", "archive"])
def test_it_ends_like_python(form: str, ending: str, ways: Ways, tmp_path: Path) -> None:
    if PYPY and form == "standard_input" and ending == "by no Python":
        pytest.skip("PyPy shows the line that it has read, in this one case")
    same(getattr(ways, form)(ENDS[ending]), ENDS[ending], tmp_path)


@pytest.mark.parametrize("form", ["script", "module", "directory", "code"])
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="one platform will do")
def test_it_is_like_python_where_no_folder_is_searched(form: str, ways: Ways, tmp_path: Path) -> None:
    source = "import sys; print([path for path in sys.path[:2] if 'lib' not in path], 'neighbour' in sys.modules)"
    flags = ["-P"] if sys.version_info >= (3, 11) else ["-s"]
    same(getattr(ways, form)(source), source, tmp_path, *flags)


@pytest.mark.parametrize("what", [["directory"], ["-m", "no_such_module"], ["-m", "no.such"], ["-m", ".x"]])
def test_what_python_cannot_find(what: List[str], tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    assert same(what, "", tmp_path).returncode == 1


def test_children_are_started_with_what_protects_them(tmp_path: Path) -> None:
    """`sys.orig_argv` is what was typed: a program that starts itself again by that is protected again."""
    if not hasattr(sys, "orig_argv"):
        pytest.skip("of 3.10")
    source = "import sys; print('run' in sys.orig_argv)"
    assert run("-c", source).stdout == "True\n"


# A script that is found by its name


@pytest.fixture
def tools(tmp_path: Path) -> Callable[..., Path]:
    """Puts a file on PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()

    def put(name: str, content: str) -> Path:
        path = folder / name
        path.write_text(content)
        path.chmod(0o755)
        return path

    return put


PYTHON_LINES = [
    "#!/usr/bin/python3\n",
    "#!/usr/bin/env python\n",
    "#!/usr/bin/env -S python3.12 -u\n",
    "#! /opt/my pypy/bin/../pypy3\n".replace("my pypy", "my"),
    "#!/usr/local/bin/python3.13t\n",
    "#!/bin/sh\n'''exec' '/a long/path/python3' \"$0\" \"$@\"\n' '''\n".replace("a long", "a-long"),
]


@pytest.mark.skipif(os.name != "posix", reason="scripts have a first line there")
@pytest.mark.parametrize("first", PYTHON_LINES)
def test_a_script_on_path(first: str, tools: Any, tmp_path: Path) -> None:
    path = tools("tool", first + MODE + "; print(sys.argv[0], __file__, sys.path[0])")
    result = run("tool", "--mode", "off", cwd=tmp_path, PATH=str(path.parent))
    assert result.stdout == "enforce ['--mode', 'off']\n%s %s %s\n" % (path, path, path.parent), result.stderr


@pytest.mark.skipif(os.name != "posix", reason="scripts have a first line there")
def test_what_is_here_comes_before_what_is_on_path(tools: Any, tmp_path: Path) -> None:
    path = tools("tool", "#!/usr/bin/python3\nprint('on PATH')")
    (tmp_path / "tool").write_text("print('here')")
    assert run("tool", cwd=tmp_path, PATH=str(path.parent)).stdout == "here\n"


@pytest.mark.skipif(os.name != "posix", reason="scripts have a first line there")
@pytest.mark.parametrize(
    "content",
    [
        "#!/bin/sh\necho it ran\n",
        "#!/bin/sh\n# python\necho it ran\n",
        "#!/usr/bin/env bash\nexec python it\n",
        "#!/usr/bin/perl -w python\n",
        "#!/usr/bin/env\n",
        "#!\n",
        "echo it ran\n",
        "\x7fELF",
        "",
    ],
)
def test_what_is_on_path_and_no_python(content: str, tools: Any, tmp_path: Path) -> None:
    path = tools("tool", content)
    result = run("tool", cwd=tmp_path, PATH=str(path.parent))
    assert (result.returncode, result.stdout) == (2, "")
    assert "tool is %s, which is no Python script" % path in result.stderr
    assert "-m and the name of its module" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-such-tool", "nor is there a command of that name on PATH; give the path of a script, or -m"),
        (os.path.join("no", "such"), "can't open file '%s': No such file or directory" % os.path.join("no", "such")),
    ],
)
def test_what_is_nowhere(name: str, said: str) -> None:
    result = run(name)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr or os.name == "nt"


# Configuration of one run


RULES = [
    ("mail.lan verify=no", HostRule("mail.lan", verify=False)),
    ("mail.lan:25 verify=no until=2099-01-01", HostRule("mail.lan", 25, verify=False, until="2099-01-01")),
    ("[::1]:993 server_hostname=a.b", HostRule("::1", 993, server_hostname="a.b")),
    ("::1 Server_Hostname=a.b", HostRule("::1", server_hostname="a.b")),
    ("a verify=no reason='an old server; #1'", HostRule("a", verify=False, reason="an old server; #1")),
    ('a verify=no reason="ticket=17"', HostRule("a", verify=False, reason="ticket=17")),
    ("a module=airflow verify=no", HostRule("a", module="airflow", verify=False)),
    ("a fingerprint=sha256:" + "1f" * 32, HostRule("a", fingerprint="sha256:" + "1f" * 32)),
]


@pytest.mark.parametrize(("text", "rule"), RULES, ids=[text for text, _ in RULES])
def test_a_rule_in_one_line(text: str, rule: HostRule) -> None:
    found = rule_in_words(text, "--rule")
    assert found == rule
    assert found.source == "--rule '%s'" % text


def test_a_rule_with_a_file(certs: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my ca.pem").write_bytes(certs.unknown.pem)
    monkeypatch.chdir(tmp_path)
    assert rule_in_words("a cafile='my ca.pem'", "--rule").cafile == str(tmp_path / "my ca.pem")


WRONG_RULES: List[Any] = [
    ("", None, "begins with no host"),
    ("verify=no", None, "begins with no host"),
    ("a", None, "a rule needs one of"),
    ("a:b verify=no", None, "'a:b' is no host"),
    ("*.lan verify=no", None, "no wildcards"),
    ("a verify", None, "'verify' is no KEY=VALUE"),
    ("a verify=no verify=no", "verify", "is there twice"),
    ("a verify=no Verify=yes", "Verify", "is there twice"),
    ("a verify=", "verify", "is empty"),
    ("a colour=red", "colour", "no such key; there are cafile, fingerprint"),
    ("a verify=no until=tomorrow", "until", "until is no date"),
    ("a cafile=/no/such.pem", "cafile", "No such file"),
    ("a verify=no reason='open", None, "No closing quotation"),
    ("a server_hostname='x y'", "server_hostname", "is no host name"),
    ("a\x1b[2J verify=no", None, "is no host"),
    ("a\u202e verify=no", None, "is no host name"),
]


@pytest.mark.parametrize(("text", "key", "said"), WRONG_RULES, ids=[repr(each[0]) for each in WRONG_RULES])
def test_a_wrong_rule_is_named_with_its_key(text: str, key: Optional[str], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rule_in_words(text, "--rule")
    shown = text.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert str(caught.value).startswith("--rule '%s': %s" % (shown, key + ": " if key else ""))
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_two_rules_for_one_host(tmp_path: Path) -> None:
    result = run("--rule", "a.b verify=no", "--rule", "A.B. server_hostname=c", "-c", "print('it ran')")
    assert (result.returncode, result.stdout) == (2, "")
    assert "--rule 'A.B. server_hostname=c': --rule 'a.b verify=no' is about the same" in result.stderr


LOGIN = "import sys, smtplib\nsmtplib.SMTP_SSL('localhost', int(sys.argv[1])).login(%r, %r)" % (USER, SECRET)


@pytest.mark.parametrize("by", ["--config", "--rule", "both"])
def test_the_configuration_of_one_run(by: str, certs: Certificates, tmp_path: Path) -> None:
    """In the place of the one that the environment names; and a rule of the command line comes first."""
    (tmp_path / "machine.cfg").write_text("[securedefaults]\nmode = warn\n")
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    file = tmp_path / "run.cfg"
    good, bad = "cafile = ca.pem", "server_hostname = other.test"
    file.write_text("[host localhost]\n%s\n" % (bad if by == "both" else good))
    options: List[object] = []
    if by in ("--config", "both"):
        options += ["--config", "run.cfg"]
    if by in ("--rule", "both"):
        options += ["--rule", "localhost cafile=ca.pem"]
    environ = {"SECUREDEFAULTS_CONFIG": str(tmp_path / "machine.cfg"), "SECUREDEFAULTS_MODE": "enforce"}
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = run(*options, "-c", LOGIN, server.port, cwd=tmp_path, **environ)
    assert result.returncode == 0, result.stderr
    assert server.credentials()


def test_the_configuration_of_one_run_counts_for_its_own_apply_and_for_no_other_program(tmp_path: Path) -> None:
    """The environment of the program stays as it is."""
    (tmp_path / "run.cfg").write_text("[securedefaults]\nmode = warn\n")
    child = "import securedefaults; securedefaults.apply(); print(securedefaults.status().mode, flush=True)"
    source = child + "\nimport subprocess, sys; subprocess.run([sys.executable, '-c', %r])" % child
    result = run("--config", "run.cfg", "-c", source, cwd=tmp_path)
    assert result.stdout.split() == ["warn", "enforce"], result.stderr


def test_the_configuration_of_one_run_counts_where_no_environment_does(tmp_path: Path) -> None:
    (tmp_path / "run.cfg").write_text("[securedefaults]\nmode = warn\n")
    package = str(Path(command.__file__).parent.parent.parent)
    start = "import sys; sys.path.insert(0, %r); from securedefaults import cli; sys.exit(cli.main(%r))"
    result = python("-E", "-c", start % (package, ["run", "--config", "run.cfg", "-c", MODE]), cwd=tmp_path)
    assert result.stdout == "warn []\n", result.stderr


def test_json_comes_at_the_end() -> None:
    result = run("--json", "-c", "print('out')")
    assert result.stdout == "out\n"
    assert json.loads(result.stderr)["mode"] == "enforce"


def test_the_installed_script_is_the_same() -> None:
    script = shutil.which("securedefaults", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("not installed in an environment of its own")
    line = [script, "run", "--mode", "warn", "--", "-c", MODE, "--mode", "off"]
    result = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "warn ['--mode', 'off']\n", result.stderr


# Paths in which a link stands before ..


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    """`here`, in which `link/..` is not `here` but `real`."""
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "real" / "deep")
    for folder in ("here", "real"):
        (tmp_path / folder / "neighbour.py").write_text("print('of', %r)" % folder)
    return tmp_path / "here"


needs_links = pytest.mark.skipif(os.name != "posix", reason="Windows takes a .. away by itself")
UP = os.path.join("link", "..")
NAMES = ["link/../{}", "./{}", "./link/../{}", "../here//{}", "../here/link/../{}", "link/../../here/./{}"]


@needs_links
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["script", "compiled", "directory", "archive"])
def test_it_is_the_file_that_python_itself_would_run(form: str, name: str, crossing: Path) -> None:
    source = SHOW + "print(sys._getframe().f_code.co_filename)\n"
    for folder in (crossing, crossing.parent / "real"):
        (program,) = getattr(Ways(folder), form)(source + "print(%r)\n" % folder.name)
    plain = same([name.format(program)], "", crossing)
    assert plain.returncode == 0, plain.stderr


@needs_links
def test_it_is_the_script_of_that_folder_on_path(crossing: Path) -> None:
    for folder in (crossing, crossing.parent / "real"):
        (folder / "tool-of-ours").write_text("#!/usr/bin/env python\nprint(%r)" % folder.name)
        (folder / "tool-of-ours").chmod(0o755)
    for path in ("here/" + UP, str(crossing / UP)):
        result = run("tool-of-ours", cwd=crossing.parent, PATH=path)
        assert result.stdout == "real\n", result.stderr


def _by_option(at: str) -> List[str]:
    return ["run", "--config", at + "/x.cfg"]


def _by_rule(at: str) -> List[str]:
    return ["run", "--rule", "localhost cafile=%s/ca.pem" % at]


@needs_links
@pytest.mark.parametrize("options", [_by_option, _by_rule])
def test_another_configuration_than_the_named_one_is_not_obeyed(
    options: Callable[[str], List[str]], crossing: Path, certs: Certificates
) -> None:
    """`here` is a folder in which somebody else has put files."""
    (crossing / "ca.pem").write_bytes(certs.unknown.pem)
    (crossing / "x.cfg").write_text("[host localhost]\nverify = no\n")
    (crossing.parent / "real" / "ca.pem").write_bytes(certs.trusted.pem)
    (crossing.parent / "real" / "x.cfg").write_text("[host localhost]\ncafile = ca.pem\n")
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        result = python("-m", "securedefaults", *options(UP), "-c", LOGIN, server.port, cwd=crossing)
    assert "SSLCertVerificationError" in result.stderr
    assert not server.credentials()


@needs_links
def test_each_path_that_somebody_names_is_that_path(
    crossing: Path, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is made absolute leads to the same file."""
    real = crossing.parent / "real"
    for name in ("ca.pem", "x.cfg", "log.jsonl"):
        (real / name).write_bytes(certs.unknown.pem if name == "ca.pem" else b"")
    monkeypatch.chdir(crossing)
    (real / "x.cfg").write_text("[securedefaults]\nlog = deep/../log.jsonl\n[host a]\ncafile = ca.pem\n")
    file = read(UP + "/x.cfg")
    found = [
        (file.log, "log.jsonl"),
        (file.rules[0].cafile, "ca.pem"),
        (HostRule("a", cafile=UP + "/ca.pem").cafile, "ca.pem"),
        (rule_in_words("a cafile=%s/ca.pem" % UP, "--rule").cafile, "ca.pem"),
        (Policy(log=UP + "/log.jsonl").log, "log.jsonl"),
    ]
    for path, name in found:
        assert path is not None
        assert os.path.isabs(path)
        assert os.path.samefile(path, real / name)
    assert not any(each.name == "ca.pem" for each in crossing.iterdir())


@needs_links
def test_a_whole_path_needs_no_folder_to_be_in(
    tmp_path: Path, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may have been removed meanwhile."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert HostRule("a", cafile=tmp_path / "ca.pem").cafile == str(tmp_path / "ca.pem")
