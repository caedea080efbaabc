"""How a long job is asked to stop: Ctrl-C, a signal, or the pipe on its standard input closing.

All of them arrive in the main thread as KeyboardInterrupt, so a job has one thing to handle.
"""

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU),
)


@contextmanager
def stoppable(*, watch_stdin: bool = False) -> Iterator[None]:
    """Within the block a request to stop raises KeyboardInterrupt.

    SIGTERM, SIGUSR1, SIGUSR2 and SIGXCPU (schedulers, before a job's time is up) and SIGHUP (a terminal that
    closes) count as Ctrl-C does; one that follows another, as when both scheduler and launcher send it, does
    not disturb the work of ending. `watch_stdin` also stops when standard input is a pipe and its other end
    closes: a program that started the job has gone. Outside the main thread signals can't be handled, and the
    block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}
    held = watch_stdin and _is_pipe(0)
    asked = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if not asked or number == signal.SIGINT:
            asked = True
            raise KeyboardInterrupt

    for number in _SIGNALS:
        # nohup and the like asked for it to be ignored; a job has that only from the program that holds it.
        if held or signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, interrupt)
    ended = threading.Event()
    if held:
        threading.Thread(target=_watch, args=(0, ended), daemon=True, name="stdin").start()
    try:
        yield
    finally:
        ended.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _watch(descriptor: int, ended: threading.Event) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass
    if not ended.is_set():
        # A real signal, so that it also breaks a wait in the main thread.
        os.kill(os.getpid(), signal.SIGTERM)
