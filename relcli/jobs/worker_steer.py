"""Steering of one question's attention, through the resident worker: which heads are drawn to which cells."""

from dataclasses import dataclass, replace

from relcli.errors import UsageError
from relcli.jobs.experiment_regions import Place, Regions
from relcli.jobs.experiment_steps import chosen_heads, experiment_name, layer_windows
from relcli.jobs.steer_plan import SteerPlan
from relcli.jobs.steer_request import SteerRequest
from relcli.jobs.worker_edits import CELLS, CellsRecord, Planned, cells_name
from relcli.models.edits import Heads
from relcli.models.names import EditedRows

N_CONTROLS = 3


@dataclass(frozen=True, slots=True)
class Drawing:
    """What somebody asks attention to be drawn to; the options of `relcli steer`.

    to: a region of `relcli steer`, or `cells` with the picked ones, numbers of image tokens. source: --from.
    layers: whose heads are meant; the command names their heads instead. control: random sets. name: of the
    intervention; None makes one from the rest.
    """

    to: str = "target"
    cells: frozenset[int] = frozenset()
    strength: float = 3.0
    source: EditedRows = "question"
    layers: str = "all"
    heads: str = "all"
    control: int = N_CONTROLS
    seed: int = 0
    name: str | None = None


def plan_steering(
    drawing: Drawing, run: str, place: Place, regions: Regions, n_layers: int, n_heads: int
) -> list[Planned]:
    """The steering, random sets beside it and all heads, on one question, as `relcli steer` would make them.

    Raises UsageError for a region that the question lacks, for a strength that changes nothing, and for
    layers and heads out of range.
    """
    if drawing.heads.startswith("top:"):
        raise UsageError("Heads by rank are chosen over a whole run, by relcli steer: name some, as 3.0,3.5.")
    heads, said = _heads(drawing, n_layers, n_heads)
    picked, cells = drawing.to == CELLS, tuple(sorted(drawing.cells))
    request = SteerRequest(
        run=run,
        heads=said,
        to="target" if picked else drawing.to,
        strength=drawing.strength,
        source=drawing.source,
        seed=drawing.seed,
        name=drawing.name,
    )
    if picked:
        if not cells:
            raise UsageError("No cell is picked yet: choose some on the picture, or a region.")
        of_cells = request.experiment.replace("steer-target", f"steer-{cells_name(cells)}", 1)
        request = replace(request, name=drawing.name or experiment_name([of_cells]))
        regions = replace(
            regions, of_question={place: {**regions.of_question.get(place, {}), CELLS: cells}}
        )
    n_controls = 0 if drawing.heads.startswith("random:") else drawing.control
    plan = SteerPlan(
        request, heads, n_controls, n_layers, n_heads, regions, (), region=CELLS if picked else None
    )
    planned: list[Planned] = [
        (CellsRecord(record, cells) if picked else record, edit) for record, edit in plan.of_place(place)
    ]
    if not planned:
        raise UsageError(f"This question has no region {drawing.to} on this picture: choose another one.")
    return planned


def _heads(drawing: Drawing, n_layers: int, n_heads: int) -> tuple[Heads | None, str]:
    """The heads that are drawn, None for all, and how --heads would name them."""
    windows = layer_windows(drawing.layers, n_layers)
    if len(windows) != 1:
        raise UsageError("Steering has no sweep over layers: give layers such as 0-5,12 here.")
    [(_, layers)] = windows
    whole = layers is None or len(layers) == n_layers
    within = range(n_layers) if layers is None else layers
    heads = chosen_heads(drawing.heads, n_layers, n_heads, within, drawing.seed)
    assert heads is None or isinstance(heads, tuple)  # none by rank: those are refused
    if whole:
        return heads, drawing.heads  # type: ignore[return-value]
    if heads is None:
        heads = tuple((layer, head) for layer in within for head in range(n_heads))
    return heads, ",".join(f"{layer}.{head}" for layer, head in heads)  # type: ignore[misc, return-value]
