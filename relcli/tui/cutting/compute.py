"""A cut or steering of the question on screen, answered by the resident model: no widgets here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from relcli.analysis.grounding import Coverage
from relcli.errors import UsageError
from relcli.jobs.worker_protocol import Answered, Cut, Describe, Described
from relcli.results.question import QuestionView
from relcli.tui.background.replies import attention_maps, in_base64, variant_answer
from relcli.tui.context import Context

if TYPE_CHECKING:
    from relcli.jobs.experiment_regions import Place, Regions
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_edits import EditAnswer, Planned
    from relcli.jobs.worker_steer import Drawing

# What is particular to jobs is imported where it is needed: they bring numpy and the warehouse along.
_REGIONS = (
    ("target", "entity"),
    ("distractor", "distractor"),
    ("arrow", "arrow"),
    ("removed", "masked_place"),
)


@dataclass(frozen=True, slots=True)
class EditView:
    """The question as it is answered while its attention is cut or steered, to be shown in its place.

    question: with the answer and the attention of `variant` replaced. plain: as it was. edited: what `keep`
    stores. seconds: what the answers took.
    """

    question: QuestionView
    plain: QuestionView
    variant: str
    edited: "EditAnswer"
    seconds: float


def regions_of(coverage: Coverage | None) -> dict[str, list[int]]:
    """The cells of each region that a question has on a picture: those of any coverage."""
    found = {}
    for region, name in _REGIONS:
        covered: Sequence[float] | None = getattr(coverage, name) if coverage is not None else None
        if covered is not None and (cells := [at for at, share in enumerate(covered) if share > 0]):
            found[region] = cells
    return found


async def compute_edit(
    context: Context, question: QuestionView, variant: str, asked: "Cutting | Drawing"
) -> EditView:
    """Ask the run's model the question again under an edit of its attention and beside its controls.

    Raises RelcliError for what can't be done, a model that is another one than the run's, and as the worker.
    """
    from relcli.jobs.experiment_regions import Regions
    from relcli.jobs.worker_edits import EditAnswer, as_edit, effect, refuse_another_model
    from relcli.jobs.worker_load import load_of_run

    png = question.pictures.get(variant)
    if question.run is None or png is None:
        raise UsageError("Only a question of a run, on a picture that was kept, can be cut or steered.")
    record, load = await context.store.call(load_of_run, context.database, question.run, as_run=True)
    image = in_base64(png)
    found = await context.model.call(load, Describe(id=0, image=image))
    assert isinstance(found, Described)
    refuse_another_model(record, found)
    if found.grid_height is None or found.grid_width is None or found.layout is None:
        raise UsageError("This model's image tokens are no grid over the picture: use relcli cut or steer.")
    assert found.n_layers is not None and found.n_heads is not None
    place = (*question.key, variant)
    sinks = {}
    if _needs_sinks(asked):
        grid = {"grid_height": found.grid_height, "grid_width": found.grid_width}
        sinks = dict((await context.store.read("cut_sinks", run=question.run, **grid)).rows)
    regions = Regions(
        found.grid_height, found.grid_width, {place: regions_of(question.coverage.get(variant))}, sinks
    )
    planned = _planned(asked, question.run, place, regions, found.n_layers, found.n_heads)
    reply = await context.model.call(
        load,
        Cut(
            id=0,
            image=image,
            text=question.text,
            options=tuple(question.options),
            layout=found.layout,
            edits=tuple(as_edit(edit) for _, edit in planned),
        ),
    )
    assert isinstance(reply, Answered)
    before = question.answers[variant]
    letters = [letter for letter, _ in question.lettered]
    right = letters.index(before.truth) if before.truth in letters else None
    logprobs = [math.log(max(p, 1e-300)) for p in before.probabilities]
    did = effect(before.choice, logprobs, right, planned, reply.answers)
    edited = EditAnswer(planned, reply.answers, did)
    return EditView(_shown(question, variant, reply), question, variant, edited, reply.seconds)


def _needs_sinks(asked: "Cutting | Drawing") -> bool:
    return getattr(asked, "region", None) == "sink"


async def reads_unfilled(context: "Context", question: QuestionView, asked: "Cutting | Drawing") -> bool:
    """Whether `compute_edit` works out anew what a fill would give: where a run's sinks are. Raises
    RelcliError."""
    if not _needs_sinks(asked):
        return False
    filled = (await context.store.read("filled_parts", run=question.run)).rows
    return "mean" not in [part for part, _ in filled]


def _planned(
    asked: "Cutting | Drawing", run: str, place: "Place", regions: "Regions", n_layers: int, n_heads: int
) -> "list[Planned]":
    from relcli.jobs.worker_cut import Cutting, plan_cut
    from relcli.jobs.worker_steer import plan_steering

    if isinstance(asked, Cutting):
        return plan_cut(asked, run, place, regions, n_layers, n_heads)
    return plan_steering(asked, run, place, regions, n_layers, n_heads)


def _shown(question: QuestionView, variant: str, reply: Answered) -> QuestionView:
    answer = reply.answers[0]
    answers = question.answers | {variant: variant_answer(answer, question.answers[variant].truth)}
    maps = attention_maps(answer)
    return replace(
        question, answers=answers, maps=question.maps if maps is None else question.maps | {variant: maps}
    )


async def keep(context: Context, view: EditView) -> int:
    """Store what is shown as an intervention, as `relcli cut` or `relcli steer` would; returns how many
    answers are new. Raises RelcliError."""
    from relcli.jobs.worker_edits import keep_edit

    place = (*view.plain.key, view.variant)
    return await context.store.write(
        keep_edit, context.database, view.plain.run or "", place, view.edited
    )
