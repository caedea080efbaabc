"""The words of `relcli cut` that sweep over layers what is cut on the question on screen."""

from typing import TYPE_CHECKING

from relcli.errors import UsageError
from relcli.options.argv import argv
from relcli.options.cut import CutOptions
from relcli.results.question import QuestionView

if TYPE_CHECKING:
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_steer import Drawing


def sweep_command(question: QuestionView, variant: str, asked: "Cutting | Drawing") -> list[str]:
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
