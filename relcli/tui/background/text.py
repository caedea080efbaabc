"""One job, or one run that stopped on its way, in full."""

from collections.abc import Sequence
from typing import Any

from relcli.progress import duration
from relcli.tui.background.processes import Job
from relcli.tui.widgets.cells import (
    Tones,
    bar,
    cut,
    share,
    state_mark,
)
from relcli.tui.widgets.safe_text import Text

_SHOWN_TAIL = 12


def percent(done: int, total: int | None) -> str:
    """How far something is; empty when nobody knows."""
    return f"{done / total * 100:.0f}%" if total else ""


def job_detail(job: Job, by_category: Sequence[dict[str, Any]], tone: Tones, width: int) -> Text:
    """Everything there is to say about a job: where it stands, its figures, how it ended."""
    text = Text()
    text.append_text(state_mark(job.state, tone))
    text.append(f"  {job.title}\n", style="bold")
    if job.active:
        _progress(text, job, tone, width)
    elif job.state != "failed":
        text.append(f"{job.sentence}\n")
    figures = [(name, value) for name, value in job.metrics.items() if name != "done"]
    for name, value in figures:
        words = name.replace("accuracy_", "right on ")
        if isinstance(value, float) and name.startswith("accuracy"):
            text.append(f"{words:<16} ").append_text(bar(value, 12, tone["primary"]))
            text.append(f" {value * 100:.1f}%\n")
        else:
            text.append(
                f"{words:<16} {value:.4g}\n" if isinstance(value, float) else f"{words:<16} {value}\n"
            )
    if by_category:
        _categories(text, by_category, tone, width)
    if job.state == "failed":
        text.append(f"{job.sentence}\n", style=tone["bad"])
        lines = [line for line in job.tail if job.error is None or job.error not in line]
        if lines:
            text.append("Its last lines:\n", style="bold")
            text.append("\n".join(lines[-_SHOWN_TAIL:]) + "\n", style="dim")
    for note in list(job.notes)[-4:]:
        text.append(f"{note}\n", style="dim")
    return text


def _progress(text: Text, job: Job, tone: Tones, width: int) -> None:
    if job.state == "stopping":
        text.append("Stopping: what is finished is kept.\n")
    text.append(f"{job.sentence}\n" if job.state == "running" else "")
    if job.share is not None:
        text.append_text(bar(job.share, max(10, min(32, width - 16)), tone["accent"]))
        text.append(f" {job.share * 100:.0f}%\n")
        text.append(f"{job.done:,} of {job.total:,} {job.unit}\n")
    if job.rate:
        text.append(f"{job.rate:,.0f} a second" if job.rate >= 10 else f"{job.rate:.2g} a second")
        text.append(f", {duration(job.eta_s)} left\n" if job.eta_s is not None else "\n")


def _categories(text: Text, rows: Sequence[dict[str, Any]], tone: Tones, width: int) -> None:
    """Shares of right answers by category, as far as they are in the warehouse."""
    name = max(14, min(27, width - 16))
    text.append(f"\n{'right so far, %':<{name}} {'raw':>6} {'masked':>7}\n", style="dim")
    for row in rows:
        text.append(f"{cut(row['category'], name):<{name}} ")
        for variant, room in (("raw", 6), ("masked", 7)):
            text.append(f"{share(row[variant]).plain:>{room}}" + " " * (variant == "raw"))
        text.append("\n")


def stopped_detail(row: dict[str, Any]) -> Text:
    """What is known of a run that stopped on its way."""
    text = Text()
    text.append(f"{row['run']}\n", style="bold")
    planned = f" of {row['n_planned']:,}" if row["n_planned"] else ""
    text.append(f"{row['model'] or ''} on {row['dataset']}\n{row['n_answers']:,}{planned} answers\n")
    text.append("R resumes it, enter opens what there is.\n", style="dim")
    if row["message"]:
        text.append(f"{row['message']}\n", style="dim")
    return text
