"""The worker's two pipes: requests are read in a thread, so that a cancel is heard while a model answers."""

import os
import select
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from relcli.errors import UsageError
from relcli.jobs.worker_lines import id_of, read_request, to_line
from relcli.jobs.worker_protocol import (
    MOST_LINE,
    MOST_WAITING,
    Cancel,
    Cancelled,
    Done,
    Refused,
    Reply,
    Request,
)

_READ = 1 << 16
_NOT_FINITE = "The answer holds numbers that are NaN or infinite: try another dtype, such as float32."
_LOOK_EVERY_S = 1.0  # whether the parent is still there


class Outbox:
    """Writes replies, from any thread. Nobody left to read them ends the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, reply: Reply) -> None:
        try:
            line = memoryview(to_line(reply))
        except ValueError:  # NaN or infinity, which JSON has no word for
            line = memoryview(to_line(Refused(id=reply.id, message=_NOT_FINITE, exit_code=1)))
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:
                os._exit(0)


class Inbox:
    """Requests in order, one at a time to `next`; cancels are settled as they come in.

    When the pipe closes, or the parent has gone while something else holds it open, the process ends at once:
    nothing it holds needs to be kept.
    """

    def __init__(self, descriptor: int, out: Outbox) -> None:
        self._descriptor, self._out = descriptor, out
        self._parent = os.getppid()
        self._waiting: deque[Request] = deque()
        self._running: int | None = None
        self._cancelled = False
        self._change = threading.Condition()

    def listen(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._listen, daemon=True, name="requests").start()

    def next(self) -> Request:
        """The next request, which is now the one that runs."""
        with self._change:
            self._running, self._cancelled = None, False
            while not self._waiting:
                self._change.wait()
            request = self._waiting.popleft()
            self._running = request.id
            return request

    @property
    def is_cancelled(self) -> bool:
        """Whether the request that runs is to end."""
        return self._cancelled

    def _listen(self) -> None:
        for line in self._lines():
            if line is None:
                self._refuse(None, f"A line is longer than {MOST_LINE >> 20} MiB: send a smaller picture.")
            elif line.strip():
                self._take(line)
        os._exit(0)

    def _lines(self) -> Iterator[bytes | None]:
        """Lines as they come; None for one that is too long, of which no more is kept than may be."""
        kept: list[bytes] = []
        length = 0
        while chunk := self._read():
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                whole = length + len(end) <= MOST_LINE
                yield b"".join([*kept, end]) if whole else None
                kept, length = [], 0
            length += len(rest)
            if length > MOST_LINE:
                kept = []
            elif rest:
                kept.append(rest)

    def _read(self) -> bytes:
        """What has come; nothing at the end."""
        while True:
            if os.getppid() != self._parent:
                return b""
            try:
                if select.select([self._descriptor], [], [], _LOOK_EVERY_S)[0]:
                    return os.read(self._descriptor, _READ)
            except OSError:
                return b""

    def _take(self, line: bytes) -> None:
        try:
            request = read_request(line)
        except UsageError as problem:
            self._refuse(id_of(line), problem.message)
            return
        if isinstance(request, Cancel):
            self._cancel(request)
            return
        with self._change:
            if request.id == self._running or any(each.id == request.id for each in self._waiting):
                why = f"A request {request.id} is under way already: give each an id of its own."
            elif len(self._waiting) >= MOST_WAITING:
                why = f"{MOST_WAITING} requests wait already: send more when some are answered."
            else:
                self._waiting.append(request)
                self._change.notify()
                return
        self._refuse(request.id, why)

    def _cancel(self, request: Cancel) -> None:
        dropped = None
        with self._change:
            if self._running == request.target:
                self._cancelled = True
            for each in self._waiting:
                if each.id == request.target:
                    dropped = each
            if dropped is not None:
                self._waiting.remove(dropped)
        if dropped is not None:
            self._out.send(Cancelled(id=dropped.id))
        self._out.send(Done(id=request.id))

    def _refuse(self, request: int | None, sentence: str) -> None:
        self._out.send(Refused(id=request, message=sentence, exit_code=UsageError.exit_code))


def take_pipes() -> tuple[int, int]:
    """Descriptors of standard input and output for the protocol alone. Afterwards whatever else reads
    standard input finds it empty, and whatever else prints writes to standard error."""
    sys.stdout.flush()
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    with suppress(OSError):  # standard error may be closed
        os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, replies
