"""Before a run whose heads or tokens are kept: its sinks are found, and its regions laid out."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.captures import attention_modes
from relcli.errors import UsageError
from relcli.jobs.capture_cost import ModelShape, full_bytes, in_words, size
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


def say_cost(request: RunRequest, described: EngineDescription, n_answers: int, progress: Progress) -> None:
    """Say what is kept and what it costs with the model at hand. Raises UsageError where full maps would take
    more than is allowed."""
    if described.layout is None or request.attention == ("none",):
        return
    guess = ModelShape()
    shape = ModelShape(
        described.n_layers or guess.layers, described.layout.n_tokens, described.n_heads or guess.heads
    )
    progress.note(in_words(request.attention, request.rows, shape, n_answers))
    if "full" in request.attention:
        total = full_bytes(request.rows, shape) * n_answers
        if total > request.max_full_bytes:
            raise UsageError(
                f"The full maps of {n_answers:,} answers would take about {size(total)}, and "
                f"--max-full-bytes allows {size(request.max_full_bytes)}: raise it, ask fewer questions, or "
                "omit full."
            )
