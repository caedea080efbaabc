"""What edits of one question's attention by the resident worker share: what one did, and how it is kept."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from relcli.analysis.grading import is_correct, seed_grade
from relcli.errors import UsageError
from relcli.jobs.experiment_regions import Place
from relcli.jobs.ingest_thread import ingest_all
from relcli.jobs.request import differences
from relcli.jobs.worker_protocol import CutEdit, Described, OneAnswer
from relcli.models.edits import Knockout, Steering
from relcli.warehouse.batch import Key
from relcli.warehouse.interventions import CutRecord, SteerRecord, register_interventions
from relcli.warehouse.migrations import ensure
from relcli.warehouse.parts import run_folder
from relcli.warehouse.reads import read
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import RunRecord, done_keys
from relcli.warehouse.spool import SpoolWriter

CELLS = "cells"
"""The region of an edit whose cells somebody picked one by one."""


@dataclass(frozen=True, slots=True)
class CellsRecord:
    """The intervention of an edit of picked cells, or of a control of it: its spec names the cells."""

    record: CutRecord | SteerRecord
    cells: tuple[int, ...]

    @property
    def intervention(self) -> str:
        return self.record.intervention

    @property
    def control_of(self) -> str | None:
        return self.record.control_of

    def spec(self) -> str:
        """As of the record, with the cells that were picked."""
        return json.dumps(json.loads(self.record.spec()) | {"cells": self.cells}, sort_keys=True)

    def row(self) -> dict[str, Any]:
        return self.record.row() | {"spec": self.spec()}


Planned = tuple[CutRecord | SteerRecord | CellsRecord, Knockout | Steering]
"""An intervention, and the edit it is on one question."""


@dataclass(frozen=True, slots=True)
class EditEffect:
    """What an edit did to one answer.

    change: of the right option's log-odds against the plain answer, None where either is not known.
    control: the mean of the matched random sets' changes, of which there are n_controls. all_heads: the
    change where all heads are steered instead of the chosen ones; None where that was not asked.
    """

    change: float | None
    control: float | None
    n_controls: int = 0
    flipped: bool = False
    all_heads: float | None = None


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """The answers under an edit and beside it, in the order of `planned`, the edit's own first."""

    planned: Sequence[Planned] = field(repr=False)
    answers: Sequence[OneAnswer] = field(repr=False)
    effect: EditEffect = field(default_factory=lambda: EditEffect(None, None))


def cells_name(cells: Sequence[int]) -> str:
    """What picked cells are called in the name of an intervention."""
    return f"cells-{hashlib.sha256(repr(tuple(cells)).encode()).hexdigest()[:8]}"


def as_edit(edit: Knockout | Steering) -> CutEdit:
    """The edit as requests carry it."""
    shared = {"cells": edit.cells, "layers": edit.layers, "heads": edit.heads, "rows": edit.rows}
    if isinstance(edit, Steering):
        return CutEdit(**shared, strength=edit.strength)
    return CutEdit(**shared, text=edit.text)


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
    """Raises UsageError where answers would differ from the run's for another reason than the edit."""
    if different := changed_since(record, found):
        raise UsageError(
            f"The run {record.run} was answered by another model than {record.model} is now: "
            f"{'; '.join(different)}. A cut or steering is compared with the run's answers; start a new run "
            "first."
        )
    if not found.edits or found.n_layers is None or found.n_heads is None:
        raise UsageError(
            f"The attention of {record.model} can't be cut or steered: it is not open to relcli."
        )


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
) -> EditEffect:
    """What the edit did, beside its controls. plain: the plain answer's log-probabilities; right: the place
    of the right option among them."""
    before = log_odds(plain, right)
    changes = [
        None if before is None or after is None else after - before
        for after in (log_odds(answer.option_logprobs, right) for answer in answers)
    ]
    is_control = [record.control_of is not None for record, _ in planned]
    controls = [
        change
        for change, of_control in zip(changes, is_control, strict=True)
        if of_control and change is not None
    ]
    beside = [change for change, of_control in zip(changes, is_control, strict=True) if not of_control][1:]
    return EditEffect(
        change=changes[0],
        control=sum(controls) / len(controls) if controls else None,
        n_controls=sum(is_control),
        flipped=answers[0].choice != plain_choice,
        all_heads=beside[0] if beside else None,
    )


def keep_edit(database: Path, run: str, place: Place, edited: EditAnswer) -> int:
    """Store the answers under an edit and its controls, as `relcli cut` and `relcli steer` do; returns how
    many are new.

    Raises RelcliError where somebody answers the run now, UsageError where the name stands for another edit.
    """
    ensure(database)
    scene_id, question_index, variant = place
    with run_lock(run_folder(database, run), run):
        rows = read(database, "answer", run=run, scene_id=scene_id, question_index=question_index).as_dicts()
        plain = next((row for row in rows if row["variant"] == variant), None)
        if plain is None:
            raise UsageError(f"The run {run} has no answer to this question any more: nothing was kept.")
        register_interventions(database, [record for record, _ in edited.planned])
        done = done_keys(database, run)
        new = [
            _row(plain, record.intervention, answer)
            for (record, _), answer in zip(edited.planned, edited.answers, strict=True)
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
