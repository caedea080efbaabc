"""`relcli cut`: does an answer depend on what the model looks at?"""

from typing import Annotated, Literal

import typer

from relcli.cli.options import (
    DEFAULT_DB,
    Categories,
    Database,
    Debug,
    Device,
    Display,
    Format,
    check_categories,
    split_commas,
)
from relcli.cli.output import talk, write_rows
from relcli.cli.run import parse_batch_size
from relcli.cli.session import showing
from relcli.cli.tables import sql_command

WHAT, HOW = "What is cut", "How"


def cut(
    run: Annotated[str, typer.Option("--run", help="The run whose questions are repeated.")],
    region: Annotated[
        Literal["target", "distractor", "arrow", "removed", "sink", "random", "image", "text"],
        typer.Option(
            "--region",
            help="What is no longer seen: the cells of the objects asked about, of all others, of the arrow, "
            "of the object that the masked twin lacks; sinks; random cells; the whole picture; the text.",
            rich_help_panel=WHAT,
        ),
    ],
    source: Annotated[
        Literal["answer", "question", "image", "all"],
        typer.Option(
            "--from",
            help="Who no longer sees it: the answer's tokens, all tokens behind the picture, the picture's "
            "own, or all. A token never loses itself.",
            rich_help_panel=WHAT,
        ),
    ] = "answer",
    layers: Annotated[
        str,
        typer.Option(
            help="all, numbers and ranges (0-5,12), or a sweep: each, window:4.", rich_help_panel=WHAT
        ),
    ] = "all",
    heads: Annotated[
        str, typer.Option(help="all, LAYER.HEAD (3.0,3.5), or random:20.", rich_help_panel=WHAT)
    ] = "all",
    match: Annotated[
        str | None,
        typer.Option(
            help="With --region random: the region whose size and place it takes.", rich_help_panel=WHAT
        ),
    ] = None,
    variants: Annotated[
        str | None,
        typer.Option(help="Pictures to ask on. Default: the run's.", rich_help_panel=HOW, show_default=False),
    ] = None,
    category: Categories = None,
    control: Annotated[
        int | None,
        typer.Option(
            help="How many matched random sets are cut beside it: as many cells, alike in distance from the "
            "middle, touching no object asked about. Default: 5 where the region can be matched.",
            rich_help_panel=HOW,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random sets.", rich_help_panel=HOW)] = 0,
    name: Annotated[
        str | None,
        typer.Option(
            help="The intervention's name. Default: made from what is cut.",
            rich_help_panel=HOW,
            show_default=False,
        ),
    ] = None,
    batch_size: Annotated[
        str,
        typer.Option(
            help="Questions in one pass, or auto (by memory; halved when it runs out).", rich_help_panel=HOW
        ),
    ] = "auto",
    device: Device = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Ask a run's questions again with chosen attention weights at zero, and print what that changes.

    The answers go to the same run under the intervention's name (NAME, NAME/L05 in a sweep, NAME/random-2 for
    a control); plain answers stay as they are. Stop it with Ctrl-C and give the same command to continue.

    A cut that changes nothing proves no independence: the vision tower has spread every object over other
    cells, and other layers or tokens may carry the same.
    """
    categories = check_categories(category)
    from relcli.jobs.cut import cut as job
    from relcli.jobs.cut import outcome_rows
    from relcli.jobs.cut_request import CutRequest

    request = CutRequest(
        run=run,
        region=region,
        source=source,
        layers=layers,
        heads=heads,
        variants=None if variants is None else split_commas(variants),
        categories=categories,
        control=control,
        match=match,
        seed=seed,
        name=name,
        device=device,
        batch_size=parse_batch_size(batch_size),
    )
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if display == "jsonl":
            return
        records = outcome_rows(db, outcome)
    if format in ("table", "markdown"):
        columns = ["intervention", "category", "variant", "n", "flips (95%)", "control"]
        columns += ["log-odds", "control", "p (Holm)"]
        write_rows(columns, [_line(record) for record in records], format)
        talk("\nflips: choices other than the plain answer's. log-odds: mean change of the right option's.")
        talk("control: mean over the matched random sets. p: sign-flip test over scenes against them.")
    else:
        columns = list(records[0]) if records else []
        write_rows(columns, [tuple(record.values()) for record in records], format)
    talk(f"In SQL: {sql_command('cut_effect', run=outcome.run, experiment=outcome.experiment)}")


def _line(record: dict[str, object]) -> list[object]:
    def number(name: str, form: str) -> str:
        value = record[name]
        return "" if value is None else format(value, form)

    return [
        record["intervention"],
        record["category"],
        record["variant"],
        record["n"],
        f"{number('flip_rate', '.3f')} ({number('flip_low', '.2f')}-{number('flip_high', '.2f')})",
        number("control_flip_rate", ".3f"),
        number("mean_change", "+.2f"),
        number("control_change", "+.2f"),
        number("holm_p", ".2g"),
    ]
