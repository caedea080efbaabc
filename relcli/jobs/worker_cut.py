"""A cut of one question's attention, through the resident worker: which cells, and the controls beside it."""

from dataclasses import dataclass
from typing import cast

from relcli.analysis.matching import matched_cells
from relcli.errors import UsageError
from relcli.jobs.cut_plan import CutPlan
from relcli.jobs.cut_request import CutRequest, Step, control_draws, steps
from relcli.jobs.experiment_regions import Place, Regions
from relcli.jobs.experiment_steps import experiment_name
from relcli.jobs.worker_edits import CELLS, CellsRecord, Planned, cells_name
from relcli.models.edits import Knockout
from relcli.models.names import EditedRows
from relcli.scenes.scene import derived_rng
from relcli.warehouse.interventions import CutRecord

N_CONTROLS = 5


@dataclass(frozen=True, slots=True)
class Cutting:
    """What somebody asks to be cut; the options of `relcli cut`.

    region: one of `relcli cut`, or `cells` with the picked ones, numbers of image tokens. source: --from.
    control: matched random sets. name: of the intervention; None makes one from the rest.
    """

    region: str = "target"
    cells: frozenset[int] = frozenset()
    source: EditedRows = "answer"
    layers: str = "all"
    heads: str = "all"
    control: int = N_CONTROLS
    seed: int = 0
    name: str | None = None


def plan_cut(
    cutting: Cutting, run: str, place: Place, regions: Regions, n_layers: int, n_heads: int
) -> list[Planned]:
    """The cut and its controls on one question, as `relcli cut` would make them.

    Raises UsageError for a region that the question lacks, for layers and heads out of range, and for sweeps.
    """
    if cutting.heads.startswith("top:"):
        raise UsageError("Heads by rank are chosen over a whole run, by relcli cut: name some, as 3.0,3.5.")
    picked = cutting.region == CELLS
    request = CutRequest(
        run=run,
        region="target" if picked else cutting.region,
        source=cutting.source,
        layers=cutting.layers,
        heads=cutting.heads,
        seed=cutting.seed,
        name=cutting.name,
    )
    wanted = steps(request, n_layers, n_heads)
    if len(wanted) != 1:
        raise UsageError(
            "A sweep over layers is a job, relcli cut --layers each: give layers such as 0-5,12 here."
        )
    if picked:
        return _plan_cells(cutting, request, wanted[0], place, regions)
    n_controls, _ = control_draws(request, wanted[0].heads is not None)
    plan = CutPlan(request, wanted, min(n_controls, cutting.control), n_layers, n_heads, regions, ())
    planned: list[Planned] = [*plan.of_place(place)]
    if not planned:
        raise UsageError(f"This question has no region {cutting.region} on this picture: choose another one.")
    return planned


def _plan_cells(
    cutting: Cutting, request: CutRequest, step: Step, place: Place, regions: Regions
) -> list[Planned]:
    cells = tuple(sorted(cutting.cells))
    if not cells:
        raise UsageError("No cell is picked yet: choose some on the picture, or a region.")
    heads = cast("tuple[tuple[int, int], ...] | None", step.heads)  # none by rank: plan_cut refuses those
    rest = request.experiment.removeprefix(f"{request.region}-")
    name = cutting.name or experiment_name([cells_name(cells), rest])
    planned: list[Planned] = []
    for draw in range(cutting.control + 1):
        of_draw: tuple[int, ...] | None = cells
        if draw:
            rng = derived_rng(cutting.seed, place[0], f"cut/{draw}/{cells}/cells")
            avoided = regions.asked_about(place)
            of_draw = matched_cells(cells, avoided, regions.height, regions.width, rng)
        if of_draw is None:
            continue
        record = CutRecord(
            intervention=f"{name}/random-{draw}" if draw else name,
            experiment=name,
            region="random" if draw else CELLS,
            from_rows=request.source,
            layers=step.layers,
            heads=heads,
            match=CELLS if draw else None,
            draw=draw,
            seed=cutting.seed,
            control_of=name if draw else None,
        )
        edit = Knockout(of_draw, step.layers, request.source, heads)
        planned.append((CellsRecord(record, cells), edit))
    return planned
