"""`relcli tui` in a pseudo-terminal, for tests and measurements."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_CONTROL = re.compile(
    r"\x1b(?:\[[0-9;?<>=$]*[a-zA-Z~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|P[^\x1b]*\x1b\\|[=>])"
)
PATIENCE_S = 120.0


def _without_size(environment: Mapping[str, str]) -> dict[str, str]:
    """The terminal tells its size itself; pytest's workers are given one in the environment, too."""
    return {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}


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
            env={**_without_size(os.environ), **settings, "TERM": "xterm-256color"},
        )
        os.close(slave)
        self._seen = ""
        self.reacted = 0.0  # when the first bytes came after the last key

    def drain(self, quiet_s: float = 0.3) -> None:
        """Read until nothing has come for a while."""
        while select.select([self.master], [], [], quiet_s)[0]:
            os.read(self.master, 65536)

    def rest(self, seconds: float) -> None:
        """Press nothing for a while, and take what is written, such as a cursor that blinks."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                os.read(self.master, 65536)

    def press(self, keys: str) -> None:
        self._seen, self.reacted = "", 0.0
        os.write(self.master, keys.encode())

    def wait_for(self, words: str, patience_s: float = PATIENCE_S) -> None:
        """Until these words were written since the last key. AssertionError where they are not, for long."""
        until = time.monotonic() + patience_s
        while words not in _CONTROL.sub("", self._seen):
            assert time.monotonic() < until, f"no {words!r} in {_CONTROL.sub('', self._seen)[-2000:]!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                self._seen += os.read(self.master, 65536).decode(errors="replace")
                self.reacted = self.reacted or time.perf_counter()

    def wait_for_end(self) -> int:
        until = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it did not quit: {_CONTROL.sub('', self._seen)[-2000:]!r}"
            if select.select([self.master], [], [], 0.1)[0]:  # a full pipe would keep it from ending
                try:
                    self._seen += os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    break
        return self.process.wait(timeout=PATIENCE_S)

    @property
    def given_back(self) -> bool:
        """The alternate screen was left since the last key."""
        return "\x1b[?1049l" in self._seen

    def hang_up(self) -> None:
        """Close the terminal. The application has it from us, not as its own, so no signal comes."""
        os.close(self.master)
        self.master = -1

    @property
    def cpu_s(self) -> float:
        """Processor seconds it has used, all threads together (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

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
        if made.master >= 0:
            os.close(made.master)
