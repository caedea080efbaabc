"""A cut of one question, through the resident worker: what is cut, what it did, and how it is kept."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from relcli.analysis.grading import is_correct, seed_grade
from relcli.analysis.matching import matched_cells
from relcli.errors import UsageError
from relcli.jobs.cut_plan import CutPlan
from relcli.jobs.cut_request import CutRequest, Step, control_draws, steps
from relcli.jobs.experiment_regions import Place, Regions
from relcli.jobs.ingest_thread import ingest_all
from relcli.jobs.request import differences
from relcli.jobs.worker_protocol import CutEdit, Described, OneAnswer
from relcli.models.edits import Knockout
from relcli.models.names import EditedRows
from relcli.scenes.scene import derived_rng
from relcli.warehouse.batch import Key
from relcli.warehouse.interventions import CutRecord, InterventionRecord, register_interventions
from relcli.warehouse.migrations import ensure
from relcli.warehouse.parts import run_folder
from relcli.warehouse.reads import read
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import RunRecord, done_keys
from relcli.warehouse.spool import SpoolWriter

CELLS = "cells"
"""The region of a cut whose cells somebody picked one by one."""
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


@dataclass(frozen=True, slots=True)
class CellsRecord:
    """The intervention of a cut of picked cells, or of a control of it: its spec names the cells."""

    record: CutRecord
    cells: tuple[int, ...]

    @property
    def intervention(self) -> str:
        return self.record.intervention

    def spec(self) -> str:
        """As of `CutRecord`, with the cells that were picked."""
        return json.dumps(json.loads(self.record.spec()) | {"cells": self.cells}, sort_keys=True)

    def row(self) -> dict[str, Any]:
        return self.record.row() | {"spec": self.spec()}


Planned = tuple[InterventionRecord, Knockout]
"""An intervention, and the edit it is on one question."""


@dataclass(frozen=True, slots=True)
class CutEffect:
    """What a cut did to one answer.

    change: of the right option's log-odds against the uncut answer, None where either is not known.
    control: the mean of the matched random sets' changes, of which there are n_controls.
    """

    change: float | None
    control: float | None
    n_controls: int = 0
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """The answers under a cut and its controls, in the order of `planned`, the cut first."""

    planned: Sequence[Planned] = field(repr=False)
    answers: Sequence[OneAnswer] = field(repr=False)
    effect: CutEffect = field(default_factory=lambda: CutEffect(None, None))


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
    name = cutting.name or f"cells-{_short_hash(cells)}-{rest}"[:80]
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


def _short_hash(cells: Sequence[int]) -> str:
    return hashlib.sha256(repr(tuple(cells)).encode()).hexdigest()[:8]


def as_edit(edit: Knockout) -> CutEdit:
    """The edit as requests carry it."""
    return CutEdit(
        cells=edit.cells, layers=edit.layers, heads=edit.heads, rows=edit.rows, text=edit.text
    )


def changed_since(record: RunRecord, found: Described) -> list[str]:
    """What shaped the run's answers and is not so with the model that is loaded now."""
    now = replace(
        record,
        weights_hash=found.weights_hash,
        dtype=found.dtype,
        prompt_hash=found.prompt_hash,
        image_tokens=found.n_cells,
    )
    return differences(record, now)


def refuse_another_model(record: RunRecord, found: Described) -> None:
    """Raises UsageError where answers would differ from the run's for another reason than the cut."""
    if different := changed_since(record, found):
        raise UsageError(
            f"The run {record.run} was answered by another model than {record.model} is now: "
            f"{'; '.join(different)}. A cut is compared with the run's answers; start a new run first."
        )
    if not found.edits or found.n_layers is None or found.n_heads is None:
        raise UsageError(f"The attention of {record.model} can't be cut: it is not open to relcli.")


def log_odds(logprobs: Sequence[float], right: int | None) -> float | None:
    """Of the right option against the other options and None together, as the SQL macro option_log_odds; None
    where nobody knows the right one or there are no scores."""
    if right is None or not 0 <= right < len(logprobs) or len(logprobs) < 2:
        return None
    others = [value for at, value in enumerate(logprobs) if at != right]
    most = max(others)
    together = most + math.log(sum(math.exp(value - most) for value in others))
    return logprobs[right] - together


def effect(
    plain_choice: str | None,
    plain: Sequence[float],
    right: int | None,
    planned: Sequence[Planned],
    answers: Sequence[OneAnswer],
) -> CutEffect:
    """What the cut did, beside its controls. plain: the uncut answer's log-probabilities; right: the place of
    the right option among them."""
    before = log_odds(plain, right)
    changes = [
        None if before is None or after is None else after - before
        for after in (log_odds(answer.option_logprobs, right) for answer in answers)
    ]
    controls = [change for change in changes[1:] if change is not None]
    return CutEffect(
        changes[0],
        sum(controls) / len(controls) if controls else None,
        len(planned) - 1,
        answers[0].choice != plain_choice,
    )


def keep_cut(database: Path, run: str, place: Place, cut: CutAnswer) -> int:
    """Store the answers under a cut and its controls as `relcli cut` does; returns how many are new.

    Raises RelcliError where somebody answers the run now, UsageError where the name stands for another cut.
    """
    ensure(database)
    scene_id, question_index, variant = place
    with run_lock(run_folder(database, run), run):
        rows = read(database, "answer", run=run, scene_id=scene_id, question_index=question_index).as_dicts()
        plain = next((row for row in rows if row["variant"] == variant), None)
        if plain is None:
            raise UsageError(f"The run {run} has no answer to this question any more: nothing was kept.")
        register_interventions(database, [record for record, _ in cut.planned])
        done = done_keys(database, run)
        new = [
            _row(plain, record.intervention, answer)
            for (record, _), answer in zip(cut.planned, cut.answers, strict=True)
            if Key(*place, intervention=record.intervention) not in done
        ]
        with SpoolWriter(database, run) as spool:
            spool.write(new)
        ingest_all(database, run, lambda message: None)
    return len(new)


def _row(plain: Mapping[str, Any], intervention: str, answer: OneAnswer) -> dict[str, Any]:
    """A row of table `answer` beside the plain one."""
    truth = plain["ground_truth"]
    return {
        "dataset": plain["dataset"],
        "scene_id": plain["scene_id"],
        "question_index": plain["question_index"],
        "variant": plain["variant"],
        "intervention": intervention,
        "answer": answer.answer,
        "choice": answer.choice,
        "correct": is_correct(answer.choice, truth),
        "seed_correct": seed_grade(answer.answer, truth),
        "ground_truth": truth,
        "option_logprobs": answer.option_logprobs,
        "n_steps": answer.n_steps,
        "truncated": answer.truncated,
        "full_attention_path": None,
        "prompt_tokens": None,
    }
