"""Leaving when the terminal goes, however it goes.

A terminal that closes sends SIGHUP only to those it controls. A program that ignores it (nohup), or has its
terminal from somebody else (a test, an editor), would continue unseen, reading the end of its input for ever.
"""

import os
import signal
import termios
import threading
import time
from collections.abc import Callable

_LOOK_EVERY_S = 1.0
GONE = 128 + signal.SIGHUP


def leave_with_terminal(descriptor: int = 0) -> None:
    """End this process within a second or two of the terminal behind `descriptor` closing, without a word to
    anybody: there is no one to read it, and the event loop may stand still writing to it. Jobs stop, their
    pipe being closed."""
    threading.Thread(target=_watch, args=(descriptor,), daemon=True, name="terminal").start()


def _watch(descriptor: int) -> None:
    while _there(descriptor):
        time.sleep(_LOOK_EVERY_S)
    os._exit(GONE)


def _there(descriptor: int) -> bool:
    try:
        termios.tcgetattr(descriptor)
    except termios.error:
        return False
    return True


def leave_on_sigterm(leave: Callable[[int], None]) -> None:
    """Let SIGTERM end the running event loop's application in good order, the terminal as it was found."""
    import asyncio

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave, 128 + signal.SIGTERM)
