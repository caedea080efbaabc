"""An application with jobs in the background: started, told of, cancelled, and waited for before it goes."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from textual.app import App
from textual.signal import Signal

from relcli.tui.background.commands import named_run, run_of
from relcli.tui.background.model_worker import ModelWorker
from relcli.tui.background.processes import Job, JobRunner


class JobsApp(App[None]):
    """Jobs of a warehouse, and the resident model. Derived applications say whether a window covers the
    screen, look at the warehouse's file when a job ends, and show what a question was answered."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self.database = database
        self.jobs_changed: Signal[Job] = Signal(self, "jobs-changed")
        self.jobs = JobRunner(self.jobs_changed.publish)
        self.model_changed: Signal[str] = Signal(self, "model-changed")
        self.model = ModelWorker(lambda: self.model_changed.publish(self.model.text))

    @property
    def is_covered(self) -> bool:
        """Whether a window lies over the screen one works on."""
        raise NotImplementedError

    def look_at_file(self) -> None:
        """The warehouse may have changed."""
        raise NotImplementedError

    def open_answer(self, job: Job) -> None:
        """Show what a job's own question was answered."""
        raise NotImplementedError

    def action_jobs(self) -> None:
        from relcli.tui.background.dialog import JobsDialog

        if not self.is_covered:
            self.push_screen(JobsDialog(), self._saw_jobs)

    def _saw_jobs(self, chosen: Job | None) -> None:
        if chosen is not None:
            self.open_answer(chosen)
        for job in self.jobs.jobs:
            job.seen = job.seen or not job.active
        if self.jobs.jobs:
            self.jobs_changed.publish(self.jobs.jobs[-1])

    def action_cancel_job(self) -> None:
        """The job that was started last."""
        if self.is_covered:
            return
        if active := self.jobs.active:
            self.cancel(active[-1])
        else:
            self.notify("No job is under way.", timeout=3)

    def cancel(self, job: Job) -> None:
        """Ask, and cancel a job if somebody says so."""
        from relcli.tui.widgets.question_dialog import ConfirmDialog

        sentence = f"{job.title}. What is finished is kept."

        def settle(yes: bool | None) -> None:
            if yes and job.active:
                self.jobs.cancel(job)

        self.push_screen(ConfirmDialog("Cancel the job?", sentence, "Cancel it", "Go on"), settle)

    async def on_unmount(self) -> None:
        await self.jobs.close()
        await self.model.close()

    def start_job(
        self, title: str, arguments: list[str], on_end: Callable[[Job], None] | None = None
    ) -> Job:
        """Start a job on this warehouse that tells how it went when it ends. A run that is on its way already
        is not started a second time, whatever asks for it: its job is returned."""
        run = named_run(arguments)
        for job in self.jobs.active:
            if run is not None and job.arguments[0] == "run" and run_of(job) == run:
                self.notify(f"{run} is on its way already (J shows it).", severity="warning")
                return job

        told = [*arguments, "--db", str(self.database)]
        return self.jobs.start(title, told, partial(self._job_ended, on_end))

    def start_work(
        self,
        title: str,
        arguments: list[str],
        work: Callable[[Job], Awaitable[None]],
        on_end: Callable[[Job], None] | None = None,
    ) -> Job:
        """Start a job that `work` does in this process, and tell how it went when it ends."""
        return self.jobs.start_work(title, arguments, work, partial(self._job_ended, on_end))

    def _job_ended(self, on_end: Callable[[Job], None] | None, job: Job) -> None:
        if on_end is not None:
            on_end(job)
        if self.screen_stack:  # else the application is on its way out
            severity = "error" if job.state == "failed" else "information"
            self.notify(job.sentence, title=f"{job.title} {job.state}", severity=severity)
            self.look_at_file()

    async def action_quit(self) -> None:
        from relcli.tui.background.dialog import QuitDialog

        if not self.jobs.active:
            self.exit()
        elif not isinstance(self.screen, QuitDialog):
            self.push_screen(QuitDialog(self.jobs.active), self._quit_if)

    async def _quit_if(self, yes: bool | None) -> None:
        if yes:
            self.exit()
