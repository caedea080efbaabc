"""The real command in a real pseudo-terminal: a run from start to failure, and a terminal that is killed."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
_CONTROL = re.compile(
    r"\x1b(?:\[[0-9;?<>=$]*[a-zA-Z~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|P[^\x1b]*\x1b\\|[=>])"
)
_PATIENCE_S = 120.0


class Terminal:
    """`relcli tui` at the other end of a pseudo-terminal of 120 x 40."""

    def __init__(self, database: Path, settings: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "relcli", "tui", "--db", str(database)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, **settings, "TERM": "xterm-256color"},
        )
        os.close(slave)
        self._seen = ""

    def press(self, keys: str) -> None:
        self._seen = ""
        os.write(self.master, keys.encode())

    def wait_for(self, words: str) -> None:
        """Until these words were written since the last key."""
        until = time.monotonic() + _PATIENCE_S
        while words not in _CONTROL.sub("", self._seen):
            assert time.monotonic() < until, f"no {words!r} in {_CONTROL.sub('', self._seen)[-2000:]!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                self._seen += os.read(self.master, 65536).decode(errors="replace")

    def wait_for_end(self) -> int:
        until = time.monotonic() + _PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < until, "it did not quit"
            if select.select([self.master], [], [], 0.1)[0]:  # a full pipe would keep it from ending
                try:
                    os.read(self.master, 65536)
                except OSError:
                    break
        return self.process.wait(timeout=_PATIENCE_S)

    @property
    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]


@contextmanager
def terminal(database: Path, **settings: object) -> Iterator[Terminal]:
    made = Terminal(database, {f"RELCLI_RUN_{name.upper()}": str(value) for name, value in settings.items()})
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        os.close(made.master)


def test_a_run_is_started_seen_to_finish_and_looked_into(tmp_path, tiny_model):
    with terminal(tmp_path / "w.duckdb", model=tiny_model, max_samples=2, max_new_tokens=3) as screen:
        screen.wait_for("Ask about colours")
        screen.press("\r")
        screen.wait_for("run, colours")
        screen.wait_for("✓ done")
        screen.press("\r")
        screen.wait_for("recognition_color")
        screen.press("4")
        screen.wait_for("raw · all layers · mean")
        screen.press("q")
        assert screen.wait_for_end() == 0


def test_killing_the_terminal_leaves_no_child(tmp_path, tiny_model):
    with terminal(tmp_path / "w.duckdb", model=tiny_model, max_new_tokens=64) as screen:
        screen.wait_for("Ask about colours")
        screen.press("\r")
        screen.wait_for("run, colours")
        [child] = screen.children
        os.kill(screen.process.pid, signal.SIGKILL)
        until = time.monotonic() + _PATIENCE_S
        while _alive(child):
            assert time.monotonic() < until, "the job outlived its terminal"
            time.sleep(0.2)


def _alive(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")
