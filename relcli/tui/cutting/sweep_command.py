"""The words of `relcli cut` and `relcli patch` that sweep over layers, for questions like that on screen."""

from typing import TYPE_CHECKING

from relcli.errors import UsageError
from relcli.options.argv import argv
from relcli.options.cut import CutOptions
from relcli.options.patch import PatchOptions
from relcli.results.question import QuestionView

if TYPE_CHECKING:
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_steer import Drawing


def cut_command(question: QuestionView, variant: str, asked: "Cutting | Drawing") -> list[str]:
    """A sweep over each layer, or over the windows that are typed, of the question's category on this
    picture; the words after `relcli`.

    Raises UsageError for what has no sweep: steering, picked cells, and what `relcli cut` would refuse.
    """
    from relcli.jobs.cut_request import CutRequest
    from relcli.jobs.experiment_steps import experiment_name
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_edits import CELLS

    if not isinstance(asked, Cutting):
        raise UsageError("Only cuts are swept over layers: relcli steer takes heads, not layers.")
    if asked.region == CELLS:
        raise UsageError("Picked cells belong to one picture: choose a region to sweep it over layers.")
    layers = asked.layers if asked.layers.startswith("window:") else "each"
    values = {
        "run": question.run or "",
        "region": asked.region,
        "source": asked.source,
        "layers": layers,
        "heads": asked.heads,
        "categories": (question.category,),
        "variants": (variant,),
    }
    experiment = CutRequest(**values).experiment
    values["name"] = experiment_name([question.category, experiment])
    CutRequest(**values)
    return ["cut", *argv(CutOptions, values)]


def patch_command(question: QuestionView) -> list[str]:
    """A patch of the answer's state in each layer, between raw pictures and their twins, of the question's
    category; the words after `relcli`. Raises UsageError where the question was not asked on both."""
    from relcli.jobs.experiment_steps import experiment_name
    from relcli.jobs.patch_request import PatchRequest

    source = next((twin for twin in ("changed", "masked") if twin in question.variants), None)
    if source is None or "raw" not in question.variants:
        raise UsageError("States are patched between raw pictures and twins: this question has no such pair.")
    values = {"run": question.run or "", "source": source, "categories": (question.category,)}
    values["name"] = experiment_name([question.category, PatchRequest(**values).experiment])
    return ["patch", *argv(PatchOptions, values)]
