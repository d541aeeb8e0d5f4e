"""apply() and restore(): what is replaced, exactly, and that it is put back."""

from __future__ import annotations

import ftplib
import imaplib
import importlib
import inspect
import pickle
import poplib
import smtplib
import ssl
import sys
import textwrap
import threading
import traceback
import warnings
from types import ModuleType
from typing import Any, Dict, Iterator, List, Tuple
from unittest import mock

import pytest
from programs import python, run

import securedefaults
from securedefaults._entrypoints import ENTRY_POINTS, MODULES, SENDERS
from securedefaults._install import hooks
from securedefaults._install.imports import Watcher
from securedefaults._tls.context import DefaultContext
from securedefaults._tls.trust import trust_for
from wire.certs import Certificates
from wire.clients import nntplib
from wire.servers import SECRET, USER, Server

LOADED: List[ModuleType] = [smtplib, imaplib, poplib, ftplib] + ([nntplib] if nntplib else [])


def everything() -> Dict[Tuple[str, str], Any]:
    """Every function and class attribute of `ssl` and of the modules with entry points, by name."""
    found: Dict[Tuple[str, str], Any] = {}
    for module in [ssl, importlib.import_module("logging.handlers"), *LOADED]:
        for name, value in vars(module).items():
            found[module.__name__, name] = value
            if isinstance(value, type):
                for attribute, function in vars(value).items():
                    found[module.__name__, "%s.%s" % (name, attribute)] = function
    return found


def differences(before: Dict[Tuple[str, str], Any], after: Dict[Tuple[str, str], Any]) -> List[str]:
    names = sorted(set(before) | set(after))
    return ["%s.%s" % key for key in names if before.get(key, names) is not after.get(key, names)]


def expected_differences() -> List[str]:
    names = ["ssl._create_stdlib_context", "ftplib.FTP.__exit__", "ftplib.FTP_TLS.auth", "imaplib.IMAP4.starttls"]
    names += ["poplib.POP3.stls", "smtplib.SMTP.starttls", "poplib.POP3.close", "imaplib.IMAP4.shutdown"]
    names += ["ftplib.FTP_TLS.ntransfercmd", "smtplib.SMTP._get_socket", "smtplib.SMTP_SSL._get_socket"]
    names += ["%s._create_socket" % name for name in ("imaplib.IMAP4", "imaplib.IMAP4_SSL", "poplib.POP3")]
    names += ["poplib.POP3_SSL._create_socket"]
    if nntplib:
        created = hasattr(nntplib.NNTP, "_create_socket")
        names += ["nntplib.NNTP._create_socket", "nntplib.NNTP_SSL._create_socket"] if created else []
        names += [] if created else ["nntplib.NNTP_SSL.__init__"]
    hooked = [(sender.module, sender.cls, sender.method) for sender in SENDERS] + [("nntplib", "NNTP", "_post")]
    for module, name, method in hooked:
        cls = getattr(nntplib if module == "nntplib" else importlib.import_module(module), name, None)
        owner = next((owner for owner in getattr(cls, "__mro__", ()) if method in vars(owner)), None)
        names += ["%s.%s.%s" % (module, owner.__name__, method)] if owner else []
    native = "_host" in inspect.unwrap(smtplib.SMTP.connect).__code__.co_names
    names += ["smtplib.SMTP.connect", "smtplib.LMTP.connect"] + ["smtplib.SMTP._host"] * native
    names.append("imaplib.IMAP4._simple_command")
    if nntplib:
        names.append("nntplib.%s.starttls" % ("NNTP" if "starttls" in vars(nntplib.NNTP) else "_NNTPBase"))
    return sorted(names)


def test_what_is_replaced_is_put_back() -> None:
    before = everything()
    finders = list(sys.meta_path)
    securedefaults.apply()
    assert differences(before, everything()) == expected_differences()
    securedefaults.restore()
    assert differences(before, everything()) == []
    assert sys.meta_path == finders


def test_twice_is_once() -> None:
    before = everything()
    securedefaults.apply()
    once = everything()
    finders = list(sys.meta_path)
    securedefaults.apply()
    assert differences(once, everything()) == []
    assert sys.meta_path == finders
    securedefaults.restore()
    assert differences(before, everything()) == []
    securedefaults.restore()
    assert differences(before, everything()) == []
    securedefaults.apply()
    assert differences(once, everything()) == []


def test_signatures_names_and_pickles_stay() -> None:
    functions = {
        name: getattr(importlib.import_module(e.module), e.cls).__dict__.get(e.method)
        for e in ENTRY_POINTS
        if e.module != "nntplib" or nntplib
        for name in [e.name]
    }
    before = {name: (inspect.signature(f), f.__qualname__, f.__doc__) for name, f in functions.items() if f}
    securedefaults.apply()
    for entry_point in ENTRY_POINTS:
        if entry_point.name in before:
            cls = getattr(sys.modules[entry_point.module], entry_point.cls)
            function = vars(cls)[entry_point.method]
            assert (inspect.signature(function), function.__qualname__, function.__doc__) == before[entry_point.name]
            assert pickle.loads(pickle.dumps(function)) is function
            assert pickle.loads(pickle.dumps(cls)) is cls


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somebody else who replaces things after us; undone at the end, whatever became of them."""
    originals = {
        (owner, name): vars(owner)[name]
        for owner, name in [(smtplib.SMTP, "starttls"), (ssl, "_create_stdlib_context")]
    }

    def patch(owner: Any, name: str) -> Any:
        below = getattr(owner, name)

        def theirs(*args: Any, **kwargs: Any) -> Any:
            theirs.calls += 1  # type: ignore[attr-defined]
            return below(*args, **kwargs)

        theirs.calls = 0  # type: ignore[attr-defined]
        setattr(owner, name, theirs)
        return theirs

    yield patch
    securedefaults.restore()
    for (owner, name), original in originals.items():
        setattr(owner, name, original)


def test_a_later_patch_is_not_trampled(patched: Any, certs: Certificates) -> None:
    securedefaults.apply()
    theirs = patched(smtplib.SMTP, "starttls")
    securedefaults.restore()
    assert smtplib.SMTP.starttls is theirs
    with Server("SMTP", certs["wrong host"].context) as server, smtplib.SMTP("localhost", server.port) as smtp:
        smtp.starttls()  # ours below theirs does nothing any more
    assert theirs.calls == 1
    securedefaults.apply()
    with Server("SMTP", certs["wrong host"].context) as server, smtplib.SMTP("localhost", server.port) as smtp:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls()
    assert theirs.calls == 2
    securedefaults.restore()
    assert smtplib.SMTP.starttls is theirs


def test_apply_again_after_somebody_replaced_the_helper(patched: Any, certs: Certificates) -> None:
    securedefaults.apply()
    ssl._create_stdlib_context = ssl._create_unverified_context
    assert securedefaults.status().entry_points[0].state == "unverified"
    securedefaults.apply()
    assert securedefaults.status().entry_points[0].state == "protected"
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", server.port)


def test_a_wrapper_around_our_hook(patched: Any, certs: Certificates) -> None:
    """As tracing tools make them: the entry point is no longer the direct caller, and is recognised all the same."""
    securedefaults.apply()
    theirs = patched(ssl, "_create_stdlib_context")
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", server.port)
    assert theirs.calls == 1
    assert ssl._create_stdlib_context().verify_mode == ssl.CERT_NONE


def test_who_cannot_be_found_out_is_verified(applied: None) -> None:
    helper = ssl._create_stdlib_context
    assert threading_call(helper).verify_mode == ssl.CERT_REQUIRED


def test_https_has_what_the_program_says(applied: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client

    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_stdlib_context)
    assert http.client.HTTPSConnection("localhost")._context.verify_mode == ssl.CERT_NONE  # type: ignore[attr-defined]


def threading_call(function: Any) -> Any:
    """Call it from the bottom of a stack."""
    results: List[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join(10)
    return results[0]


def test_others_get_the_original(certs: Certificates, applied: None) -> None:
    """`ssl.get_server_certificate()` and private calls of the helper go on as they were."""
    assert ssl._create_stdlib_context().verify_mode == ssl.CERT_NONE
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        assert ssl.get_server_certificate(("127.0.0.1", server.port)).startswith("-----BEGIN CERTIFICATE")


def test_an_entry_point_that_says_how_to_verify(applied: None) -> None:
    """It does not ask for the default, so it gets what it asks for."""
    namespace = {"__name__": "smtplib", "ssl": ssl}
    exec("def make(**kwargs): return ssl._create_stdlib_context(**kwargs)", namespace)
    make: Any = namespace["make"]
    assert isinstance(make(), DefaultContext)
    assert make(cert_reqs=ssl.CERT_REQUIRED).verify_mode == ssl.CERT_REQUIRED
    assert type(make(cert_reqs=ssl.CERT_REQUIRED)) is ssl.SSLContext


def test_off_is_restore(certs: Certificates) -> None:
    before = everything()
    securedefaults.apply("off")
    assert differences(before, everything()) == []
    securedefaults.apply("enforce")
    securedefaults.apply("off")
    assert differences(before, everything()) == []
    assert securedefaults.status().mode is None


def test_the_last_arguments_count(certs: Certificates) -> None:
    securedefaults.apply(context_factory=lambda: ssl.create_default_context(cadata=certs.unknown.pem.decode()))
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", server.port)


def test_with_a_dead_connection_in_hand(certs: Certificates) -> None:
    """restore() while a connection is open: what is in force at the handshake counts."""
    securedefaults.apply()
    with Server("FTP", certs["unknown CA"].context) as server:
        ftp = ftplib.FTP_TLS(timeout=10)
        ftp.connect("localhost", server.port)
        assert ftp.context.verify_mode == ssl.CERT_REQUIRED
        securedefaults.restore()
        assert ftp.context.verify_mode == ssl.CERT_NONE
        ftp.login(USER, SECRET)
        ftp.close()
    assert server.credentials()


def test_apply_and_restore_while_others_connect(certs: Certificates) -> None:
    """Every connection is either stock or protected, and nothing breaks."""
    stop = threading.Event()
    errors: List[BaseException] = []

    def toggle() -> None:
        try:
            while not stop.is_set():
                securedefaults.apply()
                stop.wait(0.001)  # the others are to get on: they share the GIL
                securedefaults.restore()
                stop.wait(0.001)
        except BaseException as exc:
            errors.append(exc)

    def connect(port: int) -> None:
        try:
            for _ in range(25):
                with smtplib.SMTP("localhost", port, timeout=10) as smtp:
                    smtp.starttls()
                    smtp.login(USER, SECRET)
        except BaseException as exc:
            errors.append(exc)

    before = everything()
    with Server("SMTP", certs["good"].context) as server:
        togglers = [threading.Thread(target=toggle, daemon=True) for _ in range(2)]
        clients = [threading.Thread(target=connect, args=(server.port,), daemon=True) for _ in range(4)]
        try:
            for thread in togglers + clients:
                thread.start()
            for thread in clients:
                thread.join(60)
        finally:
            stop.set()
            for thread in togglers:
                thread.join(10)
    assert errors == []
    assert len([1 for where, _ in server.credentials() if where == "inside"]) >= 100
    securedefaults.restore()
    assert differences(before, everything()) == []


# laziness


def test_nothing_is_imported() -> None:
    modules = ["ssl", "socket", "typing", "smtplib", "imaplib", "poplib", "ftplib", "logging"]
    result = run(
        "import sys, securedefaults; securedefaults.apply(); print([m for m in sys.argv[1:] if m in sys.modules])",
        *modules,
    )
    allowed = run("import sys, securedefaults; print([m for m in sys.argv[1:] if m in sys.modules])", *modules)
    plain = run("import sys; print([m for m in sys.argv[1:] if m in sys.modules])", *modules)
    assert result.stdout == allowed.stdout == plain.stdout, result.stderr


PRINT_HOOKED = """
    for module, cls, method in (("smtplib", "SMTP", "starttls"), ("imaplib", "IMAP4", "starttls")):
        module = __import__(module)
        print(hasattr(vars(getattr(module, cls))[method], "__wrapped__"))
"""


@pytest.mark.parametrize("first", ["", "import ssl", "import smtplib", "import smtplib, imaplib"])
def test_import_orders(first: str) -> None:
    result = run("    %s\n    import securedefaults; securedefaults.apply()" % (first or "pass") + PRINT_HOOKED)
    assert result.stdout == "True\nTrue\n", result.stderr


def test_modules_do_not_show_that_they_were_watched() -> None:
    source = """
        import securedefaults; securedefaults.apply()
        import smtplib, ssl, inspect, importlib
        for module in (smtplib, ssl):
            assert module.__loader__ is module.__spec__.loader
            assert type(module.__loader__).__name__ == "SourceFileLoader", module.__loader__
            assert inspect.getsource(module)
        importlib.reload(smtplib)
        assert hasattr(smtplib.SMTP.starttls, "__wrapped__")
        assert type(smtplib.__loader__).__name__ == "SourceFileLoader"
        securedefaults.restore()
        import poplib
        assert not hasattr(poplib.POP3.stls, "__wrapped__")
    """
    result = run(source)
    assert result.returncode == 0, result.stderr


def test_an_import_that_fails_fails_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: List[ModuleType] = []
    watcher = Watcher({"no_such_module_at_all": calls.append})
    watcher.install()
    try:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("no_such_module_at_all")
    finally:
        watcher.remove()
        watcher.remove()
    assert calls == []


def test_watchers_that_ask_each_other(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As two tools that hook imports in the same way do."""
    (tmp_path / "watched_by_two.py").write_text("value = 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    calls: List[str] = []
    first = Watcher({"watched_by_two": lambda module: calls.append("first")})
    second = Watcher({"watched_by_two": lambda module: calls.append("second")})
    first.install()
    second.install()
    try:
        module = importlib.import_module("watched_by_two")
    finally:
        first.remove()
        second.remove()
    assert module.value == 1
    assert calls == ["first", "second"]


def watched_half_way(folder: Any, monkeypatch: pytest.MonkeyPatch, name: str, end: str) -> List[bool]:
    """Whether the module was complete whenever it was called back; it has itself watched while it is imported."""
    calls: List[bool] = []
    watchers = [Watcher({name: lambda module: calls.append(hasattr(module, "Client"))}) for _ in range(2)]
    (folder / (name + ".py")).write_text("import sys\nsys.watch()\nassert not sys.calls\n" + end)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "watch", lambda: [watcher.install() for watcher in watchers], raising=False)
    monkeypatch.setattr(sys, "calls", calls, raising=False)
    try:
        importlib.import_module(name)
    finally:
        for watcher in watchers:
            watcher.remove()
        sys.modules.pop(name, None)
    return calls


def test_a_module_that_is_just_being_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`import smtplib` imports `ssl`; who has waited for that comes when there is nothing in `smtplib` yet."""
    assert watched_half_way(tmp_path, monkeypatch, "half_way", "class Client: pass") == [True, True]
    seen: List[Any] = []
    end = "class Client: pass\nsys.specs.append(__spec__)"
    monkeypatch.setattr(sys, "specs", seen, raising=False)
    watched_half_way(tmp_path, monkeypatch, "half_way_spec", end)
    assert type(seen[0]) is importlib.machinery.ModuleSpec
    assert "_callbacks" not in vars(seen[0])


def test_a_module_that_cannot_be_imported_to_the_end(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        watched_half_way(tmp_path, monkeypatch, "half_way_and_no_further", "1 / 0")
    assert sys.calls == []  # type: ignore[attr-defined]


def test_other_modules_are_none_of_our_business(applied: None) -> None:
    assert hooks.watcher.find_spec("json") is None


def test_a_namespace_package_of_that_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "only_a_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    calls: List[str] = []
    watcher = Watcher({"only_a_folder": lambda module: calls.append(module.__name__)})
    watcher.install()
    try:
        importlib.import_module("only_a_folder")
    finally:
        watcher.remove()
    assert calls in (["only_a_folder"], [])  # before 3.11 it has no loader that could tell


def test_a_loader_keeps_its_other_methods() -> None:
    result = run(
        """
        import importlib.util, securedefaults; securedefaults.apply()
        assert "SMTP" in importlib.util.find_spec("smtplib").loader.get_source("smtplib")
        """
    )
    assert result.returncode == 0, result.stderr


# bad surroundings


def test_without_ssl() -> None:
    for block in ("sys.modules['_ssl'] = None", "sys.modules['ssl'] = None"):
        result = run("import sys; %s; import securedefaults; securedefaults.apply()" % block)
        assert "ImportError: securedefaults.apply(): this Python has no ssl module" in result.stderr
        assert "install Python with OpenSSL" in result.stderr


def test_without_ssl_on_the_path() -> None:
    source = """
        import sys
        class Blocker:
            @staticmethod
            def find_spec(name, path=None, target=None):
                return None
        sys.modules.pop("_ssl", None)
        sys.meta_path[:] = [Blocker, object()]
        import_error = None
        try:
            securedefaults.apply()
        except ImportError as exc:
            print(exc.name)
    """
    result = run("import securedefaults; securedefaults.apply\n" + textwrap.dedent(source))
    assert result.stdout == "ssl\n", result.stderr


@pytest.mark.parametrize("flag", ["-E", "-I"])
def test_isolated_mode_ignores_the_environment(flag: str) -> None:
    source = "import securedefaults; securedefaults.apply(); print(securedefaults.status().mode)"
    result = python(flag, "-c", source, SECUREDEFAULTS_MODE="off")
    assert (result.stdout, result.stderr) == ("enforce\n", "")
    result = python(flag, "-c", source, SECUREDEFAULTS_MODE="nonsense")
    assert (result.stdout, result.stderr) == ("enforce\n", "")


def test_the_environment_can_switch_off_but_not_silently() -> None:
    source = "import securedefaults; securedefaults.apply(); print(securedefaults.status().mode)"
    result = python("-c", source, SECUREDEFAULTS_MODE="off")
    assert result.stdout == "None\n"
    assert result.stderr.startswith("<string>:1: ")
    assert (
        "RuntimeWarning: SECUREDEFAULTS_MODE=off: the certificates of mail, FTP and news servers are not"
        in result.stderr
    )
    explicit = python("-c", source.replace("apply()", "apply('enforce')"), SECUREDEFAULTS_MODE="off")
    assert (explicit.stdout, explicit.stderr) == ("enforce\n", "")


@pytest.mark.parametrize("way", ["apply", "run"])
@pytest.mark.parametrize("strange", ["errors", "showwarning raises", "no stderr"])
def test_switching_off_breaks_no_program(strange: str, way: str) -> None:
    """It is said by the logger where a warning would be an exception."""
    set_up = {
        "errors": "",
        "showwarning raises": "import warnings; warnings.showwarning = None; ",
        "no stderr": "import sys; del sys.stderr; ",
    }[strange]
    program = set_up + "import securedefaults; securedefaults.apply(); print(securedefaults.status().mode)"
    command = ["-c", program] if way == "apply" else ["-m", "securedefaults", "run", "-c", program]
    result = python(*(["-W", "error"] if strange == "errors" else []), *command, SECUREDEFAULTS_MODE="off")
    assert (result.returncode, result.stdout) == (0, "None\n"), result.stderr
    assert "Traceback" not in result.stderr
    assert strange != "errors" or "SECUREDEFAULTS_MODE=off: the certificates of mail" in result.stderr


def test_the_environment_has_a_typo() -> None:
    result = run("import securedefaults; securedefaults.apply()", SECUREDEFAULTS_MODE="enfroce")
    said = "the environment variable SECUREDEFAULTS_MODE must be one of 'enforce', 'warn', 'off', not 'enfroce'"
    assert "ConfigurationError: " + said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mode": "yes"}, ValueError, "mode must be one of 'enforce', 'warn', 'off', not 'yes'"),
        ({"mode": True}, TypeError, "mode must be a string, not True"),
        ({"strict": "no"}, TypeError, "strict must be True, False or None, not 'no'"),
        ({"strict": 2}, TypeError, "strict must be True, False or None, not 2"),
        (
            {"context_factory": 1},
            TypeError,
            r"^context_factory must be callable and return an ssl\.SSLContext, not 1$",
        ),
        ({"context_factory": 0}, TypeError, "context_factory must be callable"),
        ({"log": ""}, TypeError, "^log must be the path of a file, not ''$"),
        ({"log": b"seen.jsonl"}, TypeError, "^log must be the path of a file, not b'seen.jsonl'$"),
    ],
)
def test_bad_arguments(arguments: Dict[str, Any], error: Any, message: str) -> None:
    before = everything()
    with pytest.raises(error, match=message):
        securedefaults.apply(**arguments)
    assert differences(before, everything()) == []
    assert securedefaults.status().mode is None


def test_the_public_names() -> None:
    assert set(securedefaults.__all__) <= set(dir(securedefaults))
    for name in securedefaults.__all__:
        assert getattr(securedefaults, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        securedefaults.nothing  # noqa: B018


NEW_MODULES = """
    import importlib, sys
    for name in sys.argv[1:]:
        importlib.import_module(name)
    before = set(sys.modules)
    import securedefaults
    securedefaults.apply()
    print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] != "securedefaults"))
"""


@pytest.mark.parametrize("loaded", [[], ["smtplib", "imaplib", "poplib", "ftplib"]], ids=["nothing", "clients"])
def test_apply_loads_nothing_of_the_standard_library(loaded: List[str]) -> None:
    result = run(NEW_MODULES, *loaded)
    assert not result.stderr
    # the modules for the methods of clients have annotations that are not evaluated
    assert set(result.stdout.split()) <= ({"__future__"} if loaded else set())


@pytest.mark.parametrize(
    "name", [name for name in securedefaults.__all__ if name.endswith(("Error", "Warning"))], ids=lambda name: name
)
def test_exceptions_have_their_public_name(name: str) -> None:
    """Tracebacks show it, and `-W` and pickles of other processes find it, wherever the module is."""
    cls = getattr(securedefaults, name)
    assert "".join(traceback.format_exception_only(cls, cls("what"))) == "securedefaults.%s: what\n" % name
    assert type(pickle.loads(pickle.dumps(cls("what")))) is cls


def test_policies_compare_by_what_they_say() -> None:
    policy = securedefaults.Policy("enforce", strict=True)
    assert policy == securedefaults.Policy("enforce", strict=True)
    assert policy != securedefaults.Policy("enforce")
    assert policy != "enforce"
    assert policy == mock.ANY  # the other side decides
    for other in ({"mode": "warn"}, {"context_factory": ssl.create_default_context}, {"log": "seen.jsonl"}):
        assert securedefaults.Policy(**other) != securedefaults.Policy()
    assert policy == securedefaults.Policy(mode="enforce", strict=True)
    with pytest.raises(TypeError, match="positional"):
        securedefaults.Policy("enforce", ssl.create_default_context)  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(policy)


def test_the_plain_policy_listens_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for the start of an interpreter whose configuration is wrong."""
    plain = securedefaults.Policy()
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "off")
    monkeypatch.setenv("SECUREDEFAULTS_LOG", "seen.jsonl")
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", "no such file")
    assert securedefaults.Policy.plain() == plain
    assert securedefaults.Policy.plain().context_factory is None
    assert trust_for(securedefaults.Policy.plain()).private_context().verify_mode == ssl.CERT_REQUIRED


@pytest.mark.filterwarnings("error")
def test_off_needs_no_warning_where_nobody_asked_for_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "off")
    assert securedefaults.Policy(otherwise="off").mode == "off"
    assert caplog.messages == []
    assert securedefaults.Policy().mode == "off"
    assert [text.partition(": ")[0] for text in caplog.messages] == ["SECUREDEFAULTS_MODE=off"]
    monkeypatch.delenv("SECUREDEFAULTS_MODE")
    assert securedefaults.Policy(otherwise="off").mode == "off"
    assert securedefaults.Policy().mode == "enforce"


def test_a_trust_is_made_once_for_a_policy(certs: Certificates, tmp_path: Any) -> None:
    """It holds a parsed store, or knows which contexts of a factory were handed out, and sessions go on with it."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    private = securedefaults.HostRule("a", cafile=tmp_path / "ca.pem")
    exempt, another = (securedefaults.HostRule(host, verify=False) for host in "ab")
    platform = securedefaults.Policy()
    factory, again = (securedefaults.Policy(context_factory=ssl.create_default_context) for _ in range(2))

    def trusts(policy: Any) -> List[Any]:
        unverified = [trust_for(policy, rule, verify=False) for rule in (exempt, another)]
        return [trust_for(policy), trust_for(policy, private), *unverified]

    for policy in (platform, factory):
        found = trusts(policy)
        assert len(set(found)) == 4
        trusts(again)  # another policy that was used meanwhile
        assert trusts(policy) == found
    assert trust_for(platform, private) is trust_for(factory, private)
    assert trust_for(factory) is not trust_for(again)


def test_the_table_names_what_exists() -> None:
    for entry_point in ENTRY_POINTS:
        assert entry_point.module in MODULES
        if entry_point.module == "nntplib" and nntplib is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cls = getattr(importlib.import_module(entry_point.module), entry_point.cls)
        assert callable(getattr(cls, entry_point.method))
        if entry_point.parameter is not None:
            takes = cls.__init__ if entry_point.module == "ftplib" else getattr(cls, entry_point.method)
            assert entry_point.parameter in inspect.signature(takes).parameters


def test_a_replacement_of_what_was_not_there() -> None:
    class Owner:
        pass

    replacement = hooks.Replacement(Owner, "name", lambda original: "ours")
    assert "name" not in vars(Owner)
    assert replacement.put()
    assert vars(Owner)["name"] == "ours"
    replacement.undo()
    assert "name" not in vars(Owner)
    assert replacement.put()
    assert vars(Owner)["name"] == "ours"
    Owner.name = "theirs"  # type: ignore[attr-defined]
    replacement.undo()
    assert vars(Owner)["name"] == "theirs"


def test_a_module_without_tls_has_nothing_to_hook() -> None:
    """The imaplib of a Python without ssl has no IMAP4_SSL, and may have less one day."""
    from securedefaults._install.methods import hooks

    assert list(hooks(ModuleType("imaplib"))) == []


def test_the_environment_can_say_enforce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "enforce")
    securedefaults.apply()
    assert securedefaults.status().mode == "enforce"


def test_an_absent_module(monkeypatch: pytest.MonkeyPatch) -> None:
    from securedefaults._entrypoints import EntryPoint
    from securedefaults._install import status

    absent = EntryPoint("no_such_module", "NNTP", "starttls", "context", "NNTP", "upgrade")
    monkeypatch.setattr(status, "ENTRY_POINTS", (absent,))
    assert securedefaults.status().as_dict()["entry_points"] == {"no_such_module.NNTP.starttls": "absent"}


def test_a_child_gets_a_lock_of_its_own() -> None:
    from securedefaults import _locks

    lock, turns = _locks.ReentrantLock(), _locks.Turns(1)
    turn = turns.taken()
    thread = threading.Thread(target=lambda: (lock.held.acquire(), turn.__enter__()))
    thread.start()
    thread.join()
    assert not lock.held.acquire(blocking=False)
    assert turns._since
    _locks._renew_all()  # as in a child, which does not have that thread
    assert lock.held.acquire(blocking=False)
    assert not turns._since
