"""The resident model: one `relcli worker`, started when it is first needed and kept with the application.

It is started anew after a crash, and for another model, so that the memory of the one before is given back.
Its standard input is a pipe: when this process goes, however it goes, the worker ends.
"""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from relcli.errors import RelcliError
from relcli.progress.events import Event, from_record

if TYPE_CHECKING:  # what a message is made of is imported with the first one
    from relcli.jobs.worker_protocol import Load, Reply, Request

State = Literal["off", "starting", "loading", "ready", "answering"]
_NAMES = {"starting": "starting", "loading": "loading", "ready": "loaded", "answering": "answering"}
_TAIL = 20
_LABEL = 28


class WorkerEnded(RelcliError):
    """The worker's process has gone while it was waited for."""


class ModelWorker:
    """Asks the worker, one request at a time. `changed` hears of every change of `state`."""

    GRACE_S = 5.0

    def __init__(self, changed: Callable[[], None]) -> None:
        self.state: State = "off"
        self._changed = changed
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._follower: asyncio.Task[None] | None = None
        self._held: Load | None = None
        self._holding: tuple[Load, asyncio.Task[None]] | None = None
        self._pending: dict[int, asyncio.Future[Reply]] = {}
        self._heard: Callable[[Event], None] = _ignore
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._id = 0

    @property
    def text(self) -> str:
        """What it does, in a few words; nothing while there is no worker."""
        if self.state == "off":
            return ""
        model = self._held.model if self._held else self._holding[0].model if self._holding else ""
        return f"{_short(model)} {_NAMES[self.state]}" if model else f"worker {_NAMES[self.state]}"

    @property
    def pid(self) -> int | None:
        """The worker's process, where there is one."""
        return self._process.pid if self._process else None

    async def hold(self, load: "Load") -> None:
        """Start the worker with this model, unless it has it. Raises RelcliError."""
        async with self._turn:
            await self._hold(load)

    async def call(
        self, load: "Load", request: "Request", heard: Callable[[Event], None] | None = None
    ) -> "Reply":
        """The reply of this model to a request, whose id is given here; `heard` hears what goes on.

        Cancelling the caller cancels the request, and leaves the model where it is. Raises RelcliError with
        the worker's sentence, and WorkerEnded if its process goes.
        """
        async with self._turn:
            self._heard = heard or _ignore
            try:
                await self._hold(load)
                self._become("answering")
                return await self._exchange(request)
            finally:
                self._heard = _ignore
                if self.state == "answering":
                    self._become("ready")

    async def close(self) -> None:
        """End the worker."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        follower = self._follower
        if follower is not None:
            await asyncio.wait({follower}, timeout=self.GRACE_S)
            if not follower.done():
                self._kill()
                await asyncio.wait({follower}, timeout=self.GRACE_S)

    async def _hold(self, load: "Load") -> None:
        """A load under way is waited for by whoever comes, and goes on when they are cancelled."""
        while self._holding is not None or self._process is None or self._held != load:
            if self._holding is None:
                task = asyncio.create_task(self._start_and_load(load), name="load model")
                task.add_done_callback(self._loaded)
                self._holding = load, task
            wanted, task = self._holding
            if wanted == load:
                await asyncio.shield(task)
            else:  # nobody waits for the other one any more
                self._kill()
                await asyncio.wait({task})

    def _loaded(self, task: asyncio.Task[None]) -> None:
        self._holding = None
        if not task.cancelled():
            task.exception()  # said to whoever waits
        if self.state in ("starting", "loading"):
            self._become("ready" if self._held is not None else "off")

    async def _start_and_load(self, load: "Load") -> None:
        from relcli.jobs.worker_protocol import is_same_model

        held = self._held
        if self._process is not None and held is not None and not is_same_model(held, load):
            await self.close()
        if self._process is None:
            await self._start()
        self._held = None
        self._become("loading")
        await self._exchange(replace(load, id=0))
        self._held = load
        self._become("ready")

    async def _start(self) -> None:
        from relcli.jobs.worker_protocol import MOST_LINE, PROTOCOL, Hello

        self._become("starting")
        self._tail.clear()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "relcli",
                "worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=MOST_LINE,
                env={**os.environ, "RELCLI_DEBUG": "0"},
            )
        except OSError as problem:
            self._become("off")
            raise RelcliError(f"The worker can't be started: {problem.strerror or problem}.") from None
        self._follower = asyncio.create_task(self._follow(self._process), name="worker")
        await self._exchange(Hello(id=0, protocol=PROTOCOL))

    async def _exchange(self, request: "Request") -> "Reply":
        from relcli.jobs.worker_protocol import Cancelled, Refused

        process = self._process
        if process is None:
            raise WorkerEnded("The worker has ended; ask again to start it anew.")
        self._id += 1
        number = self._id
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        try:
            await self._send(process, replace(request, id=number))
            reply = await asyncio.shield(future)
        except asyncio.CancelledError:
            await self._end(process, number, future)
            raise
        finally:
            self._pending.pop(number, None)
        if isinstance(reply, Refused):
            raise RelcliError(reply.message)
        if isinstance(reply, Cancelled):
            raise RelcliError("The request was cancelled.")
        return reply

    async def _send(self, process: asyncio.subprocess.Process, request: "Request") -> None:
        from relcli.jobs.worker_lines import to_line

        assert process.stdin is not None
        with suppress(OSError):  # its end is heard by whoever follows it
            process.stdin.write(to_line(request))
            await process.stdin.drain()

    async def _end(
        self, process: asyncio.subprocess.Process, number: int, future: "asyncio.Future[Reply]"
    ) -> None:
        """Cancel a request; a worker that does not let go of it in time is ended."""
        from relcli.jobs.worker_protocol import Cancel

        self._id += 1
        try:
            await self._send(process, Cancel(id=self._id, target=number))
            await asyncio.wait({future}, timeout=self.GRACE_S)
        finally:
            if not future.done():
                self._kill()
            elif not future.cancelled():
                future.exception()  # nobody asks any more

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        """Until the process has ended, however it ends."""
        from relcli.jobs.worker_lines import read_reply

        assert process.stdout is not None and process.stderr is not None
        overhear = asyncio.create_task(self._overhear(process.stderr))
        try:
            async for line in process.stdout:
                self._take(await asyncio.to_thread(read_reply, line))
        except (RelcliError, ValueError) as problem:  # not our protocol, or a line too long
            self._tail.append(str(problem))
            self._kill()
        code = await process.wait()
        await overhear
        if self._process is process:
            self._process = self._held = None
            self._become("off")
        for future in list(self._pending.values()):
            if not future.done():
                future.set_exception(WorkerEnded(self._ending(code)))

    def _take(self, reply: "Reply") -> None:
        from relcli.jobs.worker_protocol import Happened

        if isinstance(reply, Happened):
            event = from_record(reply.event)
            if event is not None:
                self._heard(event)
            return
        future = self._pending.get(-1 if reply.id is None else reply.id)
        if future is not None and not future.done():
            future.set_result(reply)

    async def _overhear(self, stream: asyncio.StreamReader) -> None:
        with suppress(ValueError):  # a line without an end
            async for line in stream:
                self._tail.append(line.decode(errors="replace").rstrip("\n"))

    def _ending(self, code: int) -> str:
        if code == -signal.SIGKILL:
            why = "it was killed from outside, perhaps for want of memory"
        elif code < 0:
            why = f"it crashed ({signal.strsignal(-code) or f'signal {-code}'})"
        else:
            why = self._tail[-1].removeprefix("relcli: ") if self._tail else f"code {code}"
        return f"The worker that holds the model ended ({why.rstrip('.')}); ask again to start it anew."

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._changed()


def _ignore(event: Event) -> None:
    pass


def _short(model: str) -> str:
    name = model.rstrip("/").rsplit("/", 1)[-1]
    return name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"
