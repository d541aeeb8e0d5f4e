"""What is remembered of handshakes: it has an end in bytes, loses no count, and waits for nobody."""

from __future__ import annotations

import collections
import gc
import os
import sys
import threading
from typing import Any, Dict, Iterable

import pytest
from programs import run

import securedefaults
from native import backport_only
from securedefaults import Observation
from securedefaults._observe import advice, events

pytestmark = backport_only("observations are the backport's")

SEEN = Observation(
    "", "warn", "SMTP", "smtplib.SMTP.starttls", "mail.lan", 587, "refused", 18, "x", file="f.py", line=3, count=0
)
MANY = 10_000


def leaf(number: int) -> Observation:
    """Another leaf of the same server, with texts that nobody else has."""
    text = "%064d" % number
    return SEEN._replace(
        fingerprint="sha256:" + ":".join(text[at : at + 2] for at in range(0, 64, 2)),
        not_after="%04d-01-01T00:00:00Z" % number,
        names=tuple("%d.%d.example.test" % (number, at) for at in range(8)),
    )


def server(number: int) -> Observation:
    return leaf(number)._replace(host="host%d.example.test" % number)


def reason(number: int) -> Observation:
    return SEEN._replace(verdict="unknown", code=None, message="position %d: " % number + "x" * 5000)


def code(number: int) -> Observation:
    return leaf(number)._replace(code=number)


KINDS: Dict[str, Any] = {
    "the same": lambda number: SEEN,
    "leaves of one server": leaf,
    "leaves and codes of one server": code,
    "reasons of one server": reason,
    "lines of the program": lambda number: leaf(number)._replace(line=number),
    "servers": server,
    "leaves of some servers": lambda number: server(number)._replace(host="host%d.test" % (number % 50)),
    "verdicts": lambda number: leaf(number)._replace(verdict=("refused", "accepted", "unknown")[number % 3]),
}


def remember(kinds: Iterable[Observation]) -> None:
    for kind in kinds:
        events._remember(kind)


@pytest.mark.parametrize("label", KINDS)
def test_no_handshake_is_lost(label: str) -> None:
    kinds = [KINDS[label](number) for number in range(MANY)]
    remember(kinds)
    report = securedefaults.report()
    assert report.handshakes == MANY
    for verdict in ("refused", "accepted", "unknown"):
        expected = sum(kind.verdict == verdict for kind in kinds)
        assert sum(row.counts[verdict] for row in report.servers) == expected
    if label != "servers" and label != "lines of the program":
        assert report.forgotten == 0
        assert {row.name: row.handshakes for row in report.servers} == collections.Counter(k.server for k in kinds)
    else:
        assert sum(seen.count for seen in report.observations if not seen.host) == report.forgotten


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="nobody tells there what is allocated")
@pytest.mark.parametrize("label", KINDS)
def test_memory_is_bounded_in_bytes(label: str) -> None:
    import tracemalloc

    events.forget()
    gc.collect()
    tracemalloc.start()
    try:
        remember(KINDS[label](number) for number in range(MANY))
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < 1.5 * events._ROOM
    if label.endswith("of one server"):
        assert kept < 100_000
    assert kept < 2000 * len(events._seen) + 20_000


def test_a_hostile_server_takes_no_room_from_others() -> None:
    remember(map(code, range(MANY)))
    remember(map(reason, range(MANY)))
    other = SEEN._replace(host="other.lan")
    events._remember(other)
    report = securedefaults.report()
    assert report.forgotten == 0
    assert other in [seen._replace(time="", count=0) for seen in report.observations]


def test_what_was_seen_first_is_told_in_full() -> None:
    remember(map(leaf, range(100)))
    found = [seen._replace(time="", count=0) for seen in securedefaults.report().observations]
    assert found[:3] == [leaf(0), leaf(1), leaf(2)]
    assert found[-1] == SEEN  # what the others have in common
    assert "securedefaults check" in str(securedefaults.report())


def test_each_is_numbered() -> None:
    assert [events._remember(SEEN) for _ in range(5)] == [1, 2, 3, 4, 5]
    securedefaults.report()
    assert events._remember(SEEN) == 6


def test_whoever_was_not_told_apart_is_said() -> None:
    remember(map(server, range(MANY)))
    text = str(securedefaults.report())
    assert "%d of these without server and line" % securedefaults.report().forgotten in text
    assert "smtp a host without a name" in text


def test_the_summary_at_exit_thinks_of_no_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows a line for each of a few servers, and Python waits for it."""
    remember(map(server, range(MANY)))
    monkeypatch.setattr(advice, "sections", lambda found: pytest.fail("nobody is shown this"))
    text = securedefaults.report().summary()
    assert len(text.splitlines()) < 30
    assert text.startswith("0 of %d TLS connections would pass enforcement" % MANY)


# Whoever comes between

BETWEEN = """
    import faulthandler, sys
    faulthandler.dump_traceback_later(30, exit=True)
    from securedefaults._observe import events
    from securedefaults._observe.events import Observation

    SEEN = Observation("", "warn", "SMTP", "e", "mail.lan", 587, "refused", 18, "x", count=0)
    inside = False
    calls = 0

    def remember(kind):
        global calls
        calls += 1
        events._remember(kind)

    def interrupt(frame, event, argument):
        # as a signal handler that connects may, between any two steps
        global inside
        frame.f_trace_opcodes = True
        if not inside:
            inside = True
            remember(SEEN._replace(port=calls % 7 + 1))
            if WHAT == "ask":
                events.seen()
            inside = False
        return interrupt

    WHAT = sys.argv[1]
    sys.settrace(lambda frame, event, argument: interrupt(frame, event, argument) if frame.f_code.co_filename == events.__file__ else None)
    for number in range(40):
        remember(SEEN._replace(port=number % 5 + 1))
        events.seen()
    sys.settrace(None)
    print(sum(seen.count for seen in events.seen()[0]) - calls, calls > 1000)
"""  # noqa: E501


@pytest.mark.parametrize("what", ["count", "ask"])
def test_a_signal_handler_between_any_two_steps(what: str) -> None:
    """It neither waits for the lock that its own thread holds nor takes a count away."""
    result = run(BETWEEN, what)
    assert result.stdout == "0 True\n", result.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    result = run(
        """
        import os, signal, threading
        signal.alarm(30)
        from securedefaults._observe import events
        from securedefaults._observe.events import Observation

        kind = Observation("", "warn", "SMTP", "e", "mail.lan", 587, "refused", 18, "x", count=0)
        held, done = threading.Event(), threading.Event()
        def hold():
            with events._lock.held:
                held.set()
                done.wait()
        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        child = os.fork()
        if not child:
            signal.alarm(10)
            events.forget()
            events._remember(kind)
            os._exit(len(events.seen()[0]))
        done.set()
        print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
        """
    )
    assert result.stdout == "1\n", result.stderr


def test_threads_that_count_and_one_that_asks() -> None:
    events.forget()
    problems = []
    stop = threading.Event()

    def count(offset: int) -> None:
        for number in range(2000):
            events._remember(server(number + offset) if number % 2 else SEEN)

    def ask() -> None:
        while not stop.is_set():
            try:
                events.seen()
            except Exception as exc:
                problems.append(exc)
                return

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        asking = threading.Thread(target=ask)
        counting = [threading.Thread(target=count, args=(at * 1000,)) for at in range(4)]
        for thread in (asking, *counting):
            thread.start()
        for thread in counting:
            thread.join()
        stop.set()
        asking.join()
    finally:
        sys.setswitchinterval(interval)
    assert problems == []
    assert sum(seen.count for seen in events.seen()[0]) == 4 * 2000
