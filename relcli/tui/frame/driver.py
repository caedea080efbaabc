"""Keys from the terminal without the tenth of a second that Textual waits after Esc.

A lone ESC byte is either the key or the beginning of a sequence whose other bytes are still on their way.
Terminals write a sequence at once, so that what isn't there some hundredths of a second later doesn't come.
A sequence that has begun is waited for as long as Textual does: then the connection splits them.
"""

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any

from textual.driver import Driver

LONE_ESC_S = 0.015
_LOOK_EVERY_S = 0.1  # whether the application ends
_NEEDED = ("feed", "tick", "_timeout_time")


def with_quick_esc(driver: type[Driver]) -> type[Driver]:
    """That driver, delivering a lone Esc after `LONE_ESC_S`, or after what ESCDELAY says; the driver as it is
    where it isn't Textual's own for Linux and macOS, or a version of Textual makes it differently."""
    try:
        from textual._time import get_time
        from textual._xterm_parser import XTermParser
        from textual.drivers.linux_driver import LinuxDriver
    except ImportError:
        return driver
    parser = XTermParser()
    if driver is not LinuxDriver or not all(hasattr(parser, name) for name in _NEEDED):
        return driver
    if not hasattr(driver, "run_input_thread"):
        return driver

    class QuickEscDriver(LinuxDriver):
        def run_input_thread(self) -> None:
            """As Textual's, but it wakes when the wait for the rest of a sequence is over."""
            lone_s = None if "ESCDELAY" in os.environ else LONE_ESC_S
            read_keys(self, XTermParser(self._debug), get_time, lone_s)

    return QuickEscDriver


def read_keys(driver: Any, parser: Any, clock: Callable[[], float], lone_s: float | None) -> None:
    """Give what comes from `driver.fileno` to the parser, and its messages to the driver, until the driver's
    `exit_event`. clock: the parser's. lone_s: seconds after which a lone ESC is a key; None: the parser's."""
    decode = getincrementaldecoder("utf-8")().decode
    with selectors.SelectSelector() as selector:  # the one kind that knows terminals on macOS, too
        selector.register(driver.fileno, selectors.EVENT_READ)
        while not driver.exit_event.is_set():
            wait = _LOOK_EVERY_S
            if parser._timeout_time is not None:
                wait = min(wait, max(0.0, parser._timeout_time - clock()))
            if selector.select(wait):
                text = decode(os.read(driver.fileno, 4096))
                for message in parser.feed(text) if text else ():  # an empty one would end it
                    driver.process_message(message)
                if lone_s is not None and text == "\x1b" and parser._timeout_time is not None:
                    parser._timeout_time = min(parser._timeout_time, clock() + lone_s)
            for message in parser.tick():
                driver.process_message(message)
