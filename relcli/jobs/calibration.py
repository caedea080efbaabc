"""Before a run whose heads or tokens are kept: its sinks are found, and its regions laid out."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.captures import attention_modes
from relcli.errors import UsageError
from relcli.jobs.capture_cost import ModelShape, full_bytes, hidden_bytes, in_words, size
from relcli.jobs.inference_loop import ask_item, picture
from relcli.jobs.plan import RunPlan
from relcli.jobs.request import RunRequest
from relcli.jobs.run_regions import (
    CALIBRATED,
    RunRegions,
    find_sinks,
    layouts_by_size,
    sink_rows,
    sinks_of,
    spread_out,
)
from relcli.models.answer_engine import AnswerEngine, EngineDescription
from relcli.progress import Progress
from relcli.warehouse.runs import RunRecord
from relcli.warehouse.sinks import load_sinks, save_sinks

_ON_REGIONS = {"heads", "tokens"}


def calibrate(
    database: Path, engine: AnswerEngine, plan: RunPlan, record: RunRecord, progress: Progress
) -> None:
    """Find the sinks of a run over a few of its questions and store them, where it keeps heads or tokens."""
    if not _ON_REGIONS & set(attention_modes(record.attention or "none")):
        return
    tasks = spread_out(plan, CALIBRATED)
    progress.start(len(tasks), "questions", "Finding sinks")
    answers = engine.answer([ask_item(task) for task in tasks])
    summaries = [answer.attention for answer in answers if answer.attention is not None]
    save_sinks(database, record.run, sink_rows(find_sinks(summaries)), len(summaries))
    progress.advance(len(tasks))


def regions_of_run(
    database: Path, engine: AnswerEngine, plan: RunPlan, record: RunRecord, described: EngineDescription
) -> RunRegions | None:
    """The regions of all questions of a plan, with the sinks stored for the run; None where it keeps neither
    heads nor tokens. plan: the whole run, whatever is left of it."""
    if described.layout is None or not _ON_REGIONS & set(attention_modes(record.attention or "none")):
        return None
    layout_of = layouts_by_size(described.layout, lambda image: engine.describe(image).layout, picture)
    sinks: Mapping[str, NDArray[np.bool_]] = sinks_of(load_sinks(database, record.run))
    return RunRegions(plan, layout_of, sinks)


def say_cost(
    database: Path, request: RunRequest, described: EngineDescription, n_answers: int, progress: Progress
) -> None:
    """Say what is kept and what it costs with the model at hand. Raises UsageError where full maps would take
    more than is allowed, or hidden states more than the disk has free."""
    modes = request.attention if described.layout is not None else ("none",)
    if modes == ("none",) and not request.hidden:
        return
    guess = ModelShape()
    shape = ModelShape(
        described.n_layers or guess.layers,
        described.layout.n_tokens if described.layout else 0,
        described.n_heads or guess.heads,
        width=described.width or guess.width,
    )
    progress.note(in_words(modes, request.rows, shape, n_answers, request.hidden))
    if request.hidden:
        _refuse_too_many_states(database, hidden_bytes(request.hidden, shape) * n_answers)
    if "full" in modes:
        total = full_bytes(request.rows, shape) * n_answers
        if total > request.max_full_bytes:
            raise UsageError(
                f"The full maps of {n_answers:,} answers would take about {size(total)}, and "
                f"--max-full-bytes allows {size(request.max_full_bytes)}: raise it, ask fewer questions, or "
                "omit full."
            )


def _refuse_too_many_states(database: Path, n_bytes: int) -> None:
    folder = next(place for place in database.absolute().parents if place.is_dir())
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise UsageError(
            f"The hidden states would take about {size(n_bytes)}, and {folder} has {size(free)} free: ask "
            "fewer questions (--max-samples), keep fewer rows (--hidden), or put the warehouse elsewhere "
            "(--db)."
        )
