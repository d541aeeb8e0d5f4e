"""C12: telling cannot loop. A log that is mailed connects through an entry point, and that is told as well.

One record of the program is one connection; where a handler hands it on so that nobody can see where it came from,
there is one more at most. And nothing is kept back: who only writes is told each refusal once, and so are the memory
and the audit hooks.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Dict

import pytest
from programs import run

from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

PROGRAM = """
    import asyncio, io, json, logging, logging.config, logging.handlers, queue, smtplib, sys, threading, time, warnings
    import securedefaults

    arrangement, mode, USER, SECRET = sys.argv[1:5]
    logging.raiseExceptions = False
    warnings.simplefilter("always")
    app = logging.getLogger("app")

    def mailing(port, cls=logging.handlers.SMTPHandler):
        return cls(("localhost", port), "a@b.c", ["d@e.f"], "log", (USER, SECRET), secure=())

    def mail(port):
        with smtplib.SMTP("localhost", port) as smtp:
            smtp.starttls()
            smtp.login(USER, SECRET)
            smtp.sendmail("a@b.c", ["d@e.f"], "Subject: log")

    class Own(logging.Handler):
        "Hands what it gets to others, who mail it."

        def __init__(self, port):
            super().__init__()
            self.port = port

        def emit(self, record):
            self.hand_on(record)

    class Thread(Own):
        def hand_on(self, record):
            def work():
                try:
                    mail(self.port)
                except Exception:
                    pass
            threading.Thread(target=work, daemon=True).start()

    class Asyncio(Own):
        def __init__(self, port):
            super().__init__(port)
            self.loop = asyncio.new_event_loop()
            threading.Thread(target=self.loop.run_forever, daemon=True).start()

        def hand_on(self, record):
            async def work():
                await asyncio.get_running_loop().run_in_executor(None, mail, self.port)
            asyncio.run_coroutine_threadsafe(work(), self.loop)

    class Retrying(logging.handlers.SMTPHandler):
        def handleError(self, record):
            record.tries = getattr(record, "tries", 1) + 1
            if record.tries <= 3:
                self.emit(record)

    class Formatter(logging.Formatter):
        "Of a handler that only writes."

        def __init__(self, port):
            super().__init__()
            self.port = port

        def format(self, record):
            try:
                mail(self.port)
            except Exception:
                pass
            return super().format(record)

    def plain(port):
        return mailing(port)

    def retrying(port):
        return mailing(port, Retrying)

    def subclass_without_logging(port):
        class Mailing(Own):
            def hand_on(self, record):
                mail(self.port)
        return Mailing(port)

    def memory(port):
        return logging.handlers.MemoryHandler(1, logging.DEBUG, mailing(port))

    def flushed_later(port):
        handler = logging.handlers.MemoryHandler(100, logging.CRITICAL, mailing(port))
        threading.Timer(0.05, handler.flush).start()
        return handler

    def queued(port):
        waiting = queue.Queue()
        logging.handlers.QueueListener(waiting, mailing(port)).start()
        return logging.handlers.QueueHandler(waiting)

    def queued_for_loggers(port):
        waiting, out = queue.Queue(), logging.getLogger("out")
        out.propagate = False
        out.handlers[:] = [mailing(port)]
        def work():
            while True:
                record = waiting.get()
                out.handle(record)
        threading.Thread(target=work, daemon=True).start()
        return logging.handlers.QueueHandler(waiting)

    def formatted(port):
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(Formatter(port))
        return handler

    def two(port):
        outer = mailing(port)
        inner = mailing(port)
        inner.setLevel(logging.CRITICAL + 1)  # is not reached
        app.handlers[:] = [inner]
        return outer

    def configured(port):
        logging.config.dictConfig({
            "version": 1, "disable_existing_loggers": False,
            "handlers": {"mail": {
                "class": "logging.handlers.SMTPHandler", "mailhost": ("localhost", port), "fromaddr": "a@b.c",
                "toaddrs": ["d@e.f"], "subject": "log", "credentials": (USER, SECRET), "secure": ()}},
            "root": {"handlers": ["mail"]}})
        return logging.getLogger().handlers[0]

    def thread(port):
        return Thread(port)

    def by_asyncio(port):
        return Asyncio(port)

    def thread_behind_a_stream(port):
        class Stream(io.StringIO):
            def write(self, text):
                Thread(port).hand_on(None)
        return logging.StreamHandler(Stream())

    def shown(port):
        "Warnings are mailed."
        def show(*args):
            mail(port)
        warnings.showwarning = show
        return logging.NullHandler()

    def shown_by_a_thread(port):
        def show(*args):
            Thread(port).hand_on(None)
        warnings.showwarning = show
        return logging.NullHandler()

    def shown_on_a_stream_that_logs(port):
        "As programs redirect what is printed."
        class Stream:
            def write(self, text):
                if text.strip():
                    logging.getLogger("printed").warning(text)
            def flush(self):
                pass
        sys.stderr = Stream()
        return queued(port)

    def act(port):
        "What the program does once."
        try:
            if arrangement.startswith("shown"):
                mail(port)
            else:
                app.error("once")
        except Exception:
            pass

    def settle():
        before, end = 0, time.monotonic() + 20
        while not before or before != len(audited) or threading.active_count() > THREADS.get(arrangement, 1):
            if time.monotonic() > end:
                return  # what is missing is seen by the test
            before = len(audited)
            time.sleep(0.1)

    # that stay
    THREADS = {"queued": 99, "shown_on_a_stream_that_logs": 99, "queued_for_loggers": 99, "by_asyncio": 99}

    audited = []
    sys.addaudithook(lambda event, args: audited.append(args) if event == "securedefaults.handshake" else None)
    securedefaults.apply(mode)
    root = logging.getLogger()
    out = []
    for port, level, handler_level, capture in json.loads(sys.argv[5]):
        del audited[:]
        written = io.StringIO()
        writer = logging.StreamHandler(written)
        writer.setFormatter(logging.Formatter("%(name)s %(message)s"))
        root.setLevel(level)
        logging.captureWarnings(capture)
        handler = globals()[arrangement](port)
        handler.setLevel(handler_level)
        if handler not in root.handlers:
            root.addHandler(handler)
        root.addHandler(writer)
        act(port)
        settle()
        seen = [one for one in securedefaults.report().observations if one.port == port]
        lines = [line for line in written.getvalue().splitlines() if line.startswith("securedefaults ")]
        out.append({
            "lines": sum(":%d" % port in line for line in lines),
            "audited": len(audited),
            "reported": sum(one.count for one in seen),
        })
        sys.stderr = sys.__stderr__
        root.handlers[:], app.handlers[:] = [], []
        logging.captureWarnings(False)
    print(json.dumps(out))
"""

#: one combination of levels is enough where all of them are tried on another Python
ELSEWHERE = os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere"

#: how many connections one record of the program is; None: where it goes to is not to be seen, so one more at most
ARRANGEMENTS: Dict[str, Any] = {
    "plain": 1,
    "retrying": 1,  # three if it is refused
    "subclass_without_logging": 1,
    "memory": 1,
    "flushed_later": 1,
    "queued": 1,
    "queued_for_loggers": 1,
    "formatted": 1,
    "two": 1,
    "configured": 1,
    "thread": None,
    "by_asyncio": None,
    "thread_behind_a_stream": None,
    "shown": None,
    "shown_by_a_thread": None,
    "shown_on_a_stream_that_logs": None,
}


@pytest.mark.parametrize("label", ["good", "unknown CA"])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_one_record_is_one_connection(arrangement: str, mode: str, label: str, certs: Certificates) -> None:
    ways = [
        (level, handler_level, capture)
        for level, handler_level in (("DEBUG", "DEBUG"), ("WARNING", "WARNING"), ("DEBUG", "ERROR"))
        for capture in (False, True)
    ]
    if ELSEWHERE:
        ways = ways[1:2]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server("SMTP", certs[label].context)) for _ in ways]
        asked = [(server.port, *way) for server, way in zip(servers, ways)]
        result = run(PROGRAM, arrangement, mode, USER, SECRET, json.dumps(asked))
        seen = json.loads(result.stdout or "[]")
        assert len(seen) == len(ways), result.stderr
    refused = label == "unknown CA" and mode == "enforce"
    for server, way, said in zip(servers, ways, seen):
        connections = len(server.records)
        expected = ARRANGEMENTS[arrangement]
        if arrangement == "retrying" and refused:
            expected = 3
        most = 3 if "stream_that_logs" in arrangement else 2  # the program's own, the record, and what is shown
        assert connections == expected if expected else 1 <= connections <= most, (way, said)
        assert said["audited"] == said["reported"] == connections, way
        # "at every level" includes that of the root: it wants no INFO
        told = connections if label != "good" or way[0] == "DEBUG" else 0
        assert said["lines"] == told, way
        assert not (refused and server.credentials())
