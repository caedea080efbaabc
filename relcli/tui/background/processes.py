"""Jobs: child processes that run what a person would type, `relcli ... --display jsonl`.

A child has its own session, so Ctrl-C in the terminal is not its affair; SIGINT cancels it. Its standard
input is a pipe that nobody writes to: when this process goes, however it goes, the pipe closes and the job
stops, resumable (`relcli.jobs.stopping`).
"""

import asyncio
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from relcli.errors import RelcliError
from relcli.progress.events import (
    Advanced,
    Event,
    Failed,
    Finished,
    Metric,
    Note,
    PhaseStarted,
    RunStarted,
    from_record,
)
from relcli.tui.background.probed import probed_sentence

if TYPE_CHECKING:
    from relcli.results.question import QuestionView

State = Literal["running", "stopping", "done", "stopped", "failed"]
_LINE_LIMIT = 1 << 24  # bytes; an answer brings its heat maps in one line
_TAIL = 40
_INTERRUPTED = 130


@dataclass(eq=False, slots=True)
class Job:
    """One job, from start to end.

    done/total/unit/rate/eta_s/phase: the latest progress; metrics: the latest value of each; history: every
    metric event; notes: sentences it said; run: the run it makes; result: the fields of `finish`; records:
    JSON lines that are not progress (what `ask --format jsonl` answers); answer: those as a question's view
    and the picture asked about, kept here to be looked at later; tail: last lines of its standard error;
    task: what does it in this process, where no child process of its own does.
    """

    title: str
    arguments: tuple[str, ...]
    state: State = "running"
    started: float = field(default_factory=time.monotonic)
    phase: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    rate: float | None = None
    eta_s: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    run: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    records: list[Any] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    error: str | None = None
    exit_code: int | None = None
    answer: "tuple[QuestionView, str] | None" = None
    seen: bool = False
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        return self.state in ("running", "stopping")

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None when the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def sentence(self) -> str:
        """How it ended, or what it does now."""
        if self.state == "failed":
            return self.error or (self.tail[-1] if self.tail else _ending(self.exit_code))
        if self.state == "stopped":
            return self.error or "stopped"
        if self.state == "done" and self.answer is not None:
            question, variant = self.answer
            return f"“{question.answers[variant].answer}” (J, then enter, shows it)"
        if self.state == "done" and isinstance(probes := self.result.get("probes"), int):
            return probed_sentence(probes, self.total, self.notes)
        if self.state == "done":
            return ", ".join(f"{name} {value}" for name, value in self.result.items()) or "finished"
        return self.phase or (self.notes[-1] if self.notes else "starting")

    def take(self, line: str) -> None:
        """One line of its standard output."""
        try:
            record = json.loads(line)
        except ValueError:
            self.tail.append(line)
            return
        event = from_record(record)
        if event is not None:
            self.hear(event)
        elif not (isinstance(record, dict) and "event" in record):  # one of a later version is left out
            self.records.append(record)

    def hear(self, event: Event) -> None:
        """What it says of its progress."""
        match event:
            case PhaseStarted(total=total, unit=unit, message=message):
                self.phase, self.total, self.unit = message or "", total, unit or ""
                self.done, self.rate, self.eta_s = 0, None, None
            case Advanced(done=done, total=total, rate=rate, eta_s=eta_s):
                self.done, self.total, self.rate, self.eta_s = done or 0, total, rate, eta_s
            case RunStarted(run=run):
                self.run = run
            case Note(message=message):
                self.notes.append(message)
            case Metric(values=values):
                self.metrics.update(values)
                self.history.append(dict(values))
            case Failed(message=message):
                self.error = message
            case Finished(values=values):
                self.result = dict(values)

    def end(self, code: int) -> None:
        self.exit_code = code
        if code == 0:
            self.state = "done"
        elif self.state == "stopping" or code in (_INTERRUPTED, -signal.SIGINT, -signal.SIGTERM):
            self.state = "stopped"
        else:
            self.state = "failed"


def _ending(code: int | None) -> str:
    """The end of a process that said nothing."""
    if code is None or code >= 0:
        return f"ended with code {code}"
    if code == -signal.SIGKILL:
        return "killed from outside, perhaps for want of memory; what was finished is kept"
    return f"crashed ({signal.strsignal(-code) or f'signal {-code}'}); what was finished is kept"


class JobRunner:
    """Starts jobs and follows them. `changed` hears of every line of every job, in the event loop."""

    GRACE_S = 3.0

    def __init__(self, changed: Callable[[Job], None]) -> None:
        self.jobs: list[Job] = []
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> list[Job]:
        return [job for job in self.jobs if job.active]

    def start(
        self,
        title: str,
        arguments: Sequence[str],
        on_end: Callable[[Job], None] | None = None,
        *,
        listed: bool = True,
    ) -> Job:
        """Start `relcli ARGUMENTS --display jsonl`. `on_end` hears when it is over, well or not. A job that
        is not `listed` stays out of the bar and the list."""
        job = Job(title, tuple(arguments))
        if listed:
            self.jobs.append(job)
        task = asyncio.create_task(self._follow(job, on_end), name=f"job {title}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._changed(job)
        return job

    def start_work(
        self,
        title: str,
        arguments: Sequence[str],
        work: Callable[[Job], Awaitable[None]],
        on_end: Callable[[Job], None] | None = None,
    ) -> Job:
        """A job that `work` does in this process: what waits for the resident model. `arguments` are what a
        person would type for it; RelcliError is how it fails."""
        job = Job(title, tuple(arguments))
        self.jobs.append(job)
        job.task = asyncio.create_task(self._work(job, work, on_end), name=f"job {title}")
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)
        self._changed(job)
        return job

    async def _work(
        self, job: Job, work: Callable[[Job], Awaitable[None]], on_end: Callable[[Job], None] | None
    ) -> None:
        try:
            await work(job)
            job.state = "done"
        except asyncio.CancelledError:
            job.state = "stopped"
        except RelcliError as problem:
            job.error, job.state = problem.message, "failed"
        self._changed(job)
        if on_end is not None:
            on_end(job)

    def cancel(self, job: Job) -> None:
        """Ask it to stop; asked again, it is terminated, and then killed."""
        if job.active and job.task is not None:
            job.state = "stopping"
            job.task.cancel()
            self._changed(job)
        if not job.active or job.process is None:
            return
        if job.state == "running":
            number, job.state = signal.SIGINT, "stopping"
        else:
            number = signal.SIGKILL if job.error == "terminated" else signal.SIGTERM
            job.error = "terminated"
        with suppress(ProcessLookupError):
            job.process.send_signal(number)
        self._changed(job)

    async def close(self) -> None:
        """Stop what runs and wait a little; what needs longer ends by itself, its pipe being closed."""
        for job in self.active:
            if job.process and job.process.stdin:
                job.process.stdin.close()
            if job.state == "running":
                self.cancel(job)
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self.GRACE_S)

    async def _follow(self, job: Job, on_end: Callable[[Job], None] | None) -> None:
        try:
            job.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "relcli",
                *job.arguments,
                "--display",
                "jsonl",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=_LINE_LIMIT,
            )
        except OSError as problem:
            job.error, job.state = f"It can't be started: {problem.strerror or problem}.", "failed"
        else:
            await asyncio.gather(
                self._listen(job, job.process.stdout), self._overhear(job, job.process.stderr)
            )
            job.end(await job.process.wait())
        self._changed(job)
        if on_end is not None:
            on_end(job)

    async def _listen(self, job: Job, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        async for line in stream:
            job.take(line.decode(errors="replace").rstrip("\n"))
            self._changed(job)

    async def _overhear(self, job: Job, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        async for line in stream:
            job.tail.append(line.decode(errors="replace").rstrip("\n"))
