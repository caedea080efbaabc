"""`relcli generate`: make scenes."""

from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format, split_commas
from relcli.cli.output import write_record
from relcli.cli.session import showing


def generate(
    out: Annotated[Path, typer.Option(help="The folder; it may hold earlier batches.", show_default=False)],
    scenes: Annotated[int, typer.Option(help="How many.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed makes the same scenes.")] = 0,
    start_index: Annotated[int, typer.Option(help="The number of the first one.")] = 0,
    questions: Annotated[str, typer.Option(help="seed (the study's), balanced, or seed,balanced.")] = "seed",
    name: Annotated[
        str | None,
        typer.Option(help="What the warehouse calls it. Default: the folder's name.", show_default=False),
    ] = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Make scenes with their masked twins, annotations and questions, in the study's folder layout.

    Every value of a scene follows from the seed and its number, so a folder can grow in batches:
    --start-index 100 continues after the first hundred.
    """
    from relcli.jobs.generate import generate as job

    with showing(display) as progress:
        made = job(
            db,
            out,
            n_scenes=scenes,
            seed=seed,
            start_index=start_index,
            question_sets=split_commas(questions),
            name=name,
            progress=progress,
        )
    if display != "jsonl":
        write_record(
            [
                ("folder", str(made.folder)),
                ("dataset", made.dataset),
                ("scenes", made.n_scenes),
                ("twins", made.n_twins),
                ("questions", made.n_questions),
            ],
            format,
        )
