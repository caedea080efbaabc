"""The line that shows on every screen what runs in the background, or how the last job ended, and whether a
model is held."""

from textual import events
from textual.app import RenderResult
from textual.widget import Widget

from relcli.progress import duration
from relcli.tui.background.processes import Job
from relcli.tui.context import context_of
from relcli.tui.widgets.cells import bar, cut, tones
from relcli.tui.widgets.safe_text import Text

_ROOMY = 100  # columns; below, the jobs need them all


def job_line(job: Job, tone: dict[str, str], width: int) -> Text:
    """One job as one line: sign, title, progress, rate and time left; or how it ended."""
    signs = {"running": "▶", "stopping": "◼", "done": "✓", "stopped": "◼", "failed": "✗"}
    styles = {"running": "accent", "stopping": "warn", "done": "good", "stopped": "warn", "failed": "bad"}
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{signs[job.state]} {job.title} ", style=f"bold {tone[styles[job.state]]}")
    if not job.active:
        line.append(f"{job.state}: " if job.state == "failed" else "", style=tone["bad"])
        line.append(cut(job.sentence, max(20, width - len(line) - 2)))
        return line
    if job.state == "stopping":
        line.append("stopping, what is finished is kept")
        return line
    line.append(f"{cut(job.sentence, max(12, width // 4))}  ")
    if job.share is not None:
        line.append_text(bar(job.share, max(6, min(24, width // 6)), tone["accent"]))
        line.append(f" {job.done:,}/{job.total:,} {job.unit}")
    if job.rate:
        line.append(f", {job.rate:,.0f}/s" if job.rate >= 10 else f", {job.rate:.2g}/s")
    if job.eta_s is not None:
        line.append(f", {duration(job.eta_s)} left")
    return line


class StatusBar(Widget):
    """Hidden until the first job, or until a model is held. A click, or the key J, opens the list of all
    jobs."""

    DEFAULT_CSS = """
    StatusBar { height: 1; width: 100%; background: $surface; color: $foreground; padding: 0 1;
             text-wrap: nowrap; text-overflow: ellipsis; display: none; }
    StatusBar.-shown { display: block; }
    StatusBar:hover { background: $boost; }
    """

    def on_mount(self) -> None:
        context_of(self).jobs_changed.subscribe(self, self._changed)
        context_of(self).model_changed.subscribe(self, self._changed)
        self._changed(None)

    def _changed(self, _: Job | str | None) -> None:
        self.set_class(bool(self._shown() or context_of(self).model.text), "-shown")
        self.refresh()

    def _shown(self) -> list[Job]:
        """Running jobs, newest first; without any, the last one that ended, until it was looked at."""
        jobs = context_of(self).jobs.jobs
        active = [job for job in reversed(jobs) if job.active]
        return active or [job for job in jobs[-1:] if not job.seen]

    def render(self) -> RenderResult:
        jobs, held = self._shown(), context_of(self).model.text
        if not jobs:
            return Text(held, style="dim", justify="right", no_wrap=True)
        hint = f"  +{len(jobs) - 1} more" if len(jobs) > 1 else ""
        hint += f"  j jobs{'  ' + held if held and self.size.width >= _ROOMY else ''}"
        line = job_line(jobs[0], tones(self.app.theme_variables), self.size.width - len(hint))
        line.truncate(max(1, self.size.width - len(hint)), overflow="ellipsis", pad=True)
        line.append(hint, style="dim")
        return line

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.app.run_worker(self.app.run_action("jobs"))
