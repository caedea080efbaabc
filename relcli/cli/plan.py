"""`relcli plan`: how many scenes does a difference take?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.cli.declared import Given, declared
from relcli.cli.output import talk, write_rows
from relcli.options.plan import PlanOptions
from relcli.options.shared import OutputFormat, SharedOptions
from relcli.progress.showing import showing

if TYPE_CHECKING:
    from relcli.jobs.planning import Need


@declared(PlanOptions)
def plan(
    options: Given,
    db: Path,
    format: OutputFormat,
) -> None:
    """How many scenes it takes to find a drop in accuracy, before anything is run.

    relcli plan --category explicit_connection --drop 0.05

    The power is that of the test that will be used (sign-flip over scenes, corrected for all categories of
    the run), worked out exactly. How many scenes have such a question is counted in --dataset.
    """
    from relcli.jobs.planning import PlanRequest, plan_scenes

    request = PlanRequest.of(*options)
    with showing(SharedOptions.display) as progress:
        needs = plan_scenes(db, request, progress)
    if format not in ("table", "markdown"):
        names = list(type(needs[0]).__dataclass_fields__)
        write_rows(names, [[getattr(each, name) for name in names] for each in needs], format)
        return
    columns = ["category", "drop", "scenes", "with a question", "questions", "power", "p at most"]
    columns.append("background")
    write_rows(columns, [_line(each) for each in needs], format)
    if any(each.source == "guess" for each in needs):
        talk("The background is a guess; --like RUN takes it from a run, --background sets it.")
    if any(each.scenes is None for each in needs):
        talk("none: not even 200,000 scenes would show it, or there is less to lose than that.")


def _line(each: "Need") -> list[Any]:
    numbers = [each.scenes, each.asked, each.questions]
    shown = ["none" if n is None else f"{n:,}" for n in numbers]
    reached = "" if each.power is None else f"{each.power:.2f}"
    background = f"{each.background:.3f} ({each.source})"
    return [each.category, each.drop, *shown, reached, f"{each.level:.3g}", background]
