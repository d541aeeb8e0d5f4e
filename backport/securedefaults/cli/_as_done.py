"""Many pieces of work at once, and what comes of each as soon as it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterator, Sequence, Tuple, Type, TypeVar

if TYPE_CHECKING:
    from queue import SimpleQueue

_WORKERS = 16
#: seconds; where a wait cannot be interrupted (Windows), Ctrl-C counts after this
_PATIENCE = 0.2

Item = TypeVar("Item")
Found = TypeVar("Found")


def as_done(function: Callable[[Item], Found], items: Sequence[Item]) -> Iterator[Tuple[int, Found]]:
    """The index of each item and what the function returned for it, in the order in which they are done.

    Whoever goes on no longer, as after Ctrl-C, waits for nothing: what is at work ends with the process, at the latest.
    The threads of `concurrent.futures` would be waited for at the end of the interpreter, and a server can be slow.
    """
    # Here, for the commands are imported also by `run`, whose program should find Python untouched.
    import queue
    import threading
    from collections import deque

    waiting = deque(enumerate(items))
    done: SimpleQueue[Tuple[int, Callable[[], Found]]] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                index, item = waiting.popleft()
            except IndexError:
                return
            done.put((index, _outcome(function, item)))

    started = 0
    try:
        while started < min(_WORKERS, len(items)):
            threading.Thread(target=work, daemon=True).start()
            started += 1
    except RuntimeError:  # there may be no more threads
        if not started:
            work()
    try:
        for _ in items:
            index, found = _next(done, queue.Empty)
            yield index, found()
    finally:
        waiting.clear()  # what has not begun is not to begin


def _outcome(function: Callable[[Item], Found], item: Item) -> Callable[[], Found]:
    """What returns the function's result, or raises its exception, in the thread that asks."""
    try:
        found = function(item)
    except BaseException as exc:  # else it would be waited for, and never come
        error = exc

        def fail() -> Found:
            raise error

        return fail
    return lambda: found


def _next(done: SimpleQueue[Found], empty: Type[Exception]) -> Found:
    while True:
        try:
            return done.get(timeout=_PATIENCE)
        except empty:
            continue
