"""Steering over a run: its questions again, with the attention of chosen heads drawn to a place."""

from pathlib import Path
from typing import Any

from relcli.jobs.experiment import Experiment, ExperimentOutcome
from relcli.jobs.experiment_regions import load_regions
from relcli.jobs.experiment_steps import HeadRanking, chosen_heads, load_ranking
from relcli.jobs.plan import Task
from relcli.jobs.steer_plan import SteerPlan
from relcli.jobs.steer_request import SteerRequest
from relcli.models.answer_engine import EngineDescription
from relcli.progress import Progress
from relcli.warehouse.reads import read


def steer(database: Path, request: SteerRequest, progress: Progress) -> ExperimentOutcome:
    """Answer a run's questions again with heads drawn to a region; the same call continues after a stop.

    Raises as `Experiment.run`, and UsageError for regions that the run's questions don't have.
    """
    return Steer(database, request, progress).run()


class Steer(Experiment[SteerRequest]):
    """One call of `relcli steer`."""

    noun, doing = "steering", "Steering attention"

    @property
    def most_at_once(self) -> int:
        return 256 if self.request.source in ("image", "all") else 4096  # these encode the picture again

    def plan(self, found: EngineDescription, tasks: list[Task]) -> SteerPlan:
        assert found.n_layers is not None and found.n_heads is not None
        request = self.request
        ranking: HeadRanking | None = None

        def ranked() -> HeadRanking:
            nonlocal ranking
            ranking = load_ranking(self.database, self.record.run)
            return ranking

        layers = range(found.n_layers)
        heads = chosen_heads(request.heads, found.n_layers, found.n_heads, layers, request.seed, ranked)
        controls = 3 if request.control is None else request.control
        if request.heads.startswith("random:"):
            controls = request.control or 0  # it is a control itself
        regions = load_regions(self.database, self.record, tasks, [request.to], self.layout_of(found))
        halves = {} if ranking is None else ranking.halves
        return SteerPlan(
            request, heads, controls, found.n_layers, found.n_heads, regions, tasks, halves
        )

    def nothing_to_do(self, tasks: list[Task]) -> str:
        return (
            f"None of the {sum(len(task.questions) for task in tasks):,} questions has the region "
            f"{self.request.to} on its picture, so there is nowhere to steer."
        )


def outcome_rows(database: Path, outcome: ExperimentOutcome) -> list[dict[str, Any]]:
    """What steering did, by category and variant: rows of view `steer_effect`."""
    return read(database, "steer_table", run=outcome.run, experiment=outcome.experiment).as_dicts()
