"""Attention knock-out over a run: its questions again, with chosen attention weights at zero."""

from pathlib import Path
from typing import Any

from relcli.jobs.cut_plan import CutPlan
from relcli.jobs.cut_request import CutRequest, control_draws, steps
from relcli.jobs.experiment import Experiment, ExperimentOutcome
from relcli.jobs.experiment_regions import load_regions
from relcli.jobs.experiment_steps import HeadRanking, load_ranking
from relcli.jobs.plan import Task
from relcli.models.answer_engine import EngineDescription
from relcli.progress import Progress
from relcli.warehouse.reads import read


def cut(database: Path, request: CutRequest, progress: Progress) -> ExperimentOutcome:
    """Answer a run's questions again under a cut and its controls; the same call continues after a stop.

    Raises as `Experiment.run`, and UsageError for regions that the run's questions don't have.
    """
    return Cut(database, request, progress).run()


class Cut(Experiment[CutRequest]):
    """One call of `relcli cut`."""

    noun, doing = "cut", "Cutting attention"

    @property
    def most_at_once(self) -> int:
        return 256 if self.request.source in ("image", "all") else 4096  # these encode the picture again

    def plan(self, found: EngineDescription, tasks: list[Task]) -> CutPlan:
        assert found.n_layers is not None and found.n_heads is not None
        region = self.request.cells_of
        ranking: HeadRanking | None = None

        def ranked() -> HeadRanking:
            nonlocal ranking
            ranking = load_ranking(self.database, self.record.run)
            return ranking

        wanted = steps(self.request, found.n_layers, found.n_heads, ranked)
        controls, why_none = control_draws(self.request, any(step.heads for step in wanted))
        if why_none:
            self.progress.note(why_none)
        regions = load_regions(self.database, self.record, tasks, [region], self.layout_of(found))
        halves = {} if ranking is None else ranking.halves
        return CutPlan(self.request, wanted, controls, found.n_layers, found.n_heads, regions, tasks, halves)

    def nothing_to_do(self, tasks: list[Task]) -> str:
        return (
            f"None of the {sum(len(task.questions) for task in tasks):,} questions has the region "
            f"{self.request.cells_of} on its picture, so there is nothing to cut."
        )


def outcome_rows(database: Path, outcome: ExperimentOutcome) -> list[dict[str, Any]]:
    """What the cut did, by category and variant: rows of view `cut_effect`."""
    return read(database, "cut_table", run=outcome.run, experiment=outcome.experiment).as_dicts()
