"""Activation patching over a run: its questions again, with another variant's states in place of theirs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from relcli.errors import UsageError
from relcli.jobs.experiment import Experiment, ExperimentOutcome
from relcli.jobs.experiment_questions import check_variants
from relcli.jobs.experiment_regions import Regions, load_regions
from relcli.jobs.inference_loop import picture
from relcli.jobs.patch_plan import Asked, PatchPlan
from relcli.jobs.patch_request import PatchRequest, patch_steps
from relcli.jobs.plan import Task
from relcli.models.answer_engine import CountsTokens, EngineDescription, PromptShape
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.spans import spans_of
from relcli.warehouse.reads import read


def patch(database: Path, request: PatchRequest, progress: Progress) -> ExperimentOutcome:
    """Answer a run's questions again with states copied between its variants; the same call continues after a
    stop.

    Raises as `Experiment.run`, and UsageError where the run was not asked on two variants.
    """
    return PatchExperiment(database, request, progress).run()


class PatchExperiment(Experiment[PatchRequest]):
    """One call of `relcli patch`."""

    noun, doing = "patch", "Patching states"

    @property
    def most_at_once(self) -> int:
        return 512

    def tasks(self, dataset: Dataset) -> list[Task]:
        held = self.record.variants or ()
        if self.request.source is None:
            twins = [name for name in ("changed", "masked") if name in held and name != self.request.to]
            if not twins:
                raise UsageError(
                    f"The run {self.record.run} was asked on {', '.join(held)} pictures only: name the "
                    "variant whose states are copied with --from."
                )
            name = self.request.experiment
            self.request = replace(self.request, source=twins[0], name=name)
        check_variants(self.record, self.request.variants or ())
        return super().tasks(dataset)

    def plan(self, found: EngineDescription, tasks: list[Task]) -> PatchPlan:
        assert found.n_layers is not None and found.n_heads is not None and self.request.source is not None
        steps = patch_steps(self.request, found.n_layers, found.n_heads)
        regions = Regions(self.record.grid_height or 0, self.record.grid_width or 0)
        if self.request.places.regions:
            places = self.request.places.regions
            regions = load_regions(self.database, self.record, tasks, places, self.layout_of(found))
        shapes: dict[Any, PromptShape] = {}
        engine = self.engine
        if not isinstance(engine, CountsTokens):
            raise UsageError(f"The states of {self.record.model} can't be patched.")

        def shape_of(asked: Asked) -> PromptShape:
            item = asked.task.item
            key = (item.width, item.height, asked.question.text)
            if key not in shapes:
                question = asked.question
                shapes[key] = engine.prompt_shape(
                    picture(asked.task), question.text, spans_of(question, item.scene)
                )
            return shapes[key]

        return PatchPlan(self.request, self.request.source, steps, regions, tasks, shape_of)

    def nothing_to_do(self, tasks: list[Task]) -> str:
        asked = self.request
        more = "" if "changed" in (asked.source, asked.to) else "; on changed twins many have (docs/twins.md)"
        return (
            f"No question with tokens at {asked.at} has another right answer on {asked.source} than on "
            f"{asked.to} pictures, so there is nothing to patch{more}."
        )


def outcome_rows(database: Path, outcome: ExperimentOutcome) -> list[dict[str, Any]]:
    """What the patches did, by step and direction: rows of view `patch_by_layer`."""
    return read(database, "patch_table", run=outcome.run, experiment=outcome.experiment).as_dicts()
