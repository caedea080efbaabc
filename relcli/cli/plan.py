"""`relcli plan`: how many scenes does a difference take?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from relcli.cli.options import (
    DEFAULT_DB,
    Categories,
    Database,
    DatasetName,
    Debug,
    Format,
    check_categories,
)
from relcli.cli.output import talk, write_rows
from relcli.cli.session import showing

if TYPE_CHECKING:
    from relcli.jobs.planning import Need


def plan(
    drop: Annotated[
        float,
        typer.Option(help="The true drop in accuracy that is to be found, such as 0.05.", min=1e-4, max=1),
    ],
    category: Categories = None,
    power: Annotated[float, typer.Option(help="How often it is to be found.", min=0.05, max=0.999)] = 0.8,
    comparisons: Annotated[
        int | None,
        typer.Option(
            help="Categories the run will have, all of which p is corrected for. Default: those named.",
            min=1,
            max=1000,
            show_default=False,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="A run that shows how much changes without a drop.", show_default=False
        ),
    ] = None,
    background: Annotated[
        float | None,
        typer.Option(
            help="The share of scenes that change each way without a drop. Default: --like's, or 0.02.",
            min=0,
            max=0.5,
            show_default=False,
        ),
    ] = None,
    dataset: DatasetName = "bundled",
    questions: Annotated[
        str | None,
        typer.Option(help="`seed` or `balanced`. Default: seed, or the set there is.", show_default=False),
    ] = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    debug: Debug = False,
) -> None:
    """How many scenes it takes to find a drop in accuracy, before anything is run.

    relcli plan --category explicit_connection --drop 0.05

    The power is that of the test that will be used (sign-flip over scenes, corrected for all categories of
    the run), worked out exactly. How many scenes have such a question is counted in --dataset.
    """
    categories = check_categories(category)
    from relcli.jobs.planning import plan_scenes
    from relcli.jobs.request import RunRequest

    request = RunRequest(dataset=dataset, questions=questions, categories=categories)
    with showing("auto") as progress:
        needs = plan_scenes(
            db,
            request,
            progress,
            drop=drop,
            wanted=power,
            comparisons=comparisons,
            background=background,
            like=like,
        )
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
