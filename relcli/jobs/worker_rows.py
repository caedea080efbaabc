"""The worker's request `attention`: the tokens it names, and the map of their row or of one of its heads."""

import numpy as np

from relcli.errors import RelcliError, UsageError
from relcli.jobs.worker_protocol import Attention, Maps
from relcli.jobs.worker_values import answer_maps, maps_of
from relcli.models.answer_engine import AnswerEngine
from relcli.models.items import Answer, AttentionSummary
from relcli.progress import Progress
from relcli.scenes.spans import Span


def row_spans(request: Attention, role: str) -> tuple[Span, ...]:
    """The pieces of the text whose tokens are read, under the name `role`; none for the answer's row. Raises
    UsageError for characters that the text does not have."""
    pieces = list(request.spans)
    if (request.start is None) != (request.end is None):
        raise UsageError("The fields start and end belong together: give both or none.")
    if request.start is not None and request.end is not None:
        if pieces:
            raise UsageError("The field spans stands in place of start and end: give one of them.")
        pieces = [(request.start, request.end)]
    for start, end in pieces:
        if not 0 <= start < end <= len(request.text):
            raise UsageError(
                f"The text has {len(request.text)} characters, none of them in [{start}, {end})."
            )
    return tuple(Span(role, start, end) for start, end in pieces)


def with_all_heads(engine: AnswerEngine, progress: Progress) -> AnswerEngine:
    """The same model, held once, which keeps the map of every head of an answer. Raises UsageError for a
    model behind a server."""
    from relcli.models.local.engine import Engine

    if not isinstance(engine, Engine):
        raise UsageError("This model tells no attention: load one here, without endpoint.")
    return Engine(
        engine.loaded,
        attention=("summary", "full"),
        max_new_tokens=engine.max_new_tokens,
        on_note=progress.note,
        rows=engine.rows,
    )


def row_maps(answer: Answer, role: str | None, head: int | None) -> Maps:
    """role: of the tokens that were read; None for the answer's row. head: None for the mean over heads.

    Raises UsageError for a head that isn't there, and RelcliError where the tokens could not be found.
    """
    summary = answer.attention
    if summary is None:
        raise UsageError("This model tells no attention: load one here, without endpoint.")
    row = None if role is None else summary.rows.get(role)
    if role is not None and row is None:
        raise RelcliError("The tokens of these characters can't be told apart in the model's prompt.")
    if head is not None:
        step = answer.answer_step or 0
        full = row.full if row is not None else None if summary.full is None else summary.full[step]
        return _head_maps(summary, full, head)
    if row is None:
        return answer_maps(summary)
    return maps_of(summary.layout, row.mean_heads, row.image_mass, row.entropy)


def _head_maps(summary: AttentionSummary, full: np.ndarray | None, head: int) -> Maps:
    """full: float16 [layers, heads, image tokens]."""
    if full is None:
        raise RelcliError("The model's single heads can't be read.")
    if not 0 <= head < full.shape[1]:
        raise UsageError(f"There is no head {head}: they are numbered from 0 to {full.shape[1] - 1}.")
    weights = np.nan_to_num(full[:, head].astype(np.float32))
    mass = weights.sum(axis=1)
    shares = weights / np.where(mass > 0, mass, 1)[:, None]
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)
    return maps_of(summary.layout, weights, mass, entropy)
