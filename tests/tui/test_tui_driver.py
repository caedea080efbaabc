"""Keys as they come from a terminal: Esc at once, sequences whole however they arrive."""

import os
import pty
import queue
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from textual import constants, events
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from relcli.tui.app import RelcliApp
from relcli.tui.frame.driver import LONE_ESC_S, read_keys, with_quick_esc

_PATIENCE_S = 30.0


class _Keys:
    """The other end of a terminal: `type` writes bytes, `next` is what came of them."""

    def __init__(self, master: int, slave: int) -> None:
        self.fileno, self._master = slave, master
        self.exit_event = threading.Event()
        self._came: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def process_message(self, message: Message) -> None:
        self._came.put(message)

    def type(self, text: bytes) -> None:
        os.write(self._master, text)

    def next(self) -> str:
        found = self._came.get(timeout=_PATIENCE_S)
        return found.key if isinstance(found, events.Key) else type(found).__name__


@contextmanager
def _keys(lone_s: float | None) -> Iterator[_Keys]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    keys = _Keys(master, slave)
    reads = threading.Thread(target=read_keys, args=(keys, XTermParser(), get_time, lone_s))
    reads.start()
    try:
        yield keys
    finally:
        keys.exit_event.set()
        reads.join()
        os.close(master)
        os.close(slave)


def _least_wait(lone_s: float | None) -> float:
    took = []
    with _keys(lone_s) as keys:
        for _ in range(4):
            began = time.perf_counter()
            keys.type(b"\x1b")
            assert keys.next() == "escape"
            took.append(time.perf_counter() - began)
    return min(took)


def test_a_lone_esc_is_a_key_soon_and_waits_as_long_as_somebody_wants():
    assert LONE_ESC_S <= _least_wait(LONE_ESC_S) < constants.ESCAPE_DELAY
    assert _least_wait(None) >= constants.ESCAPE_DELAY


@pytest.mark.parametrize(
    ("pieces", "key"),
    [
        ((b"\x1b[A",), "up"),
        ((b"\x1b", b"[A"), "up"),
        ((b"\x1b[", b"A"), "up"),
        ((b"\x1b", b"O", b"P"), "f1"),
        ((b"\x1b[1;", b"5C"), "ctrl+right"),
        ((b"\x1b[27", b"u"), "escape"),  # terminals that say which key it was
        ((b"\x1b[<35;1", b"0;5M"), "MouseMove"),
        ((b"\x1b[200~a b\x1b", b"[201~"), "Paste"),
        ((b"\xc3", b"\xa9"), "é"),
    ],
)
def test_a_sequence_in_pieces_is_one_key(pieces: Sequence[bytes], key: str, monkeypatch):
    monkeypatch.setattr(constants, "ESCAPE_DELAY", _PATIENCE_S)
    with _keys(lone_s=_PATIENCE_S) as keys:
        for piece in pieces:
            keys.type(piece)
            time.sleep(0.02)  # else the pieces are read at once
        keys.type(b"j")
        assert [keys.next(), keys.next()] == [key, "j"]


def test_a_sequence_that_has_begun_is_waited_for_as_long_as_ever(monkeypatch):
    monkeypatch.setattr(constants, "ESCAPE_DELAY", _PATIENCE_S)
    with _keys(LONE_ESC_S) as keys:
        keys.type(b"\x1b[")
        time.sleep(4 * LONE_ESC_S)
        keys.type(b"B")
        assert keys.next() == "down"


def test_keys_around_esc_keep_their_order():
    with _keys(LONE_ESC_S) as keys:
        keys.type(b"j\x1b")
        assert [keys.next(), keys.next()] == ["j", "escape"]
        keys.type(b"\x1b\x1b[B")
        assert keys.next() in ("escape", "circumflex_accent")  # as Textual reads it
        assert keys.next() == "down"


def test_the_application_reads_its_keys_so_and_leaves_other_drivers_alone(tmp_path):
    assert issubclass(RelcliApp(tmp_path / "w.duckdb").driver_class, LinuxDriver)
    assert with_quick_esc(LinuxDriver) is not LinuxDriver
    assert with_quick_esc(HeadlessDriver) is HeadlessDriver


def test_a_textual_that_reads_keys_differently_keeps_its_driver(monkeypatch):
    monkeypatch.delattr("textual._parser.Parser.tick")
    assert with_quick_esc(LinuxDriver) is LinuxDriver
