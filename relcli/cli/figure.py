"""`relcli figure`: one figure of a run, for a paper."""

from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Format
from relcli.cli.output import write_record
from relcli.errors import RelcliError, UsageError
from relcli.report.catalogue import KINDS


def complete_figure(incomplete: str) -> list[str]:
    return [name for name in KINDS if name.startswith(incomplete)]


def figure(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=f"One of {', '.join(KINDS)}.", autocompletion=complete_figure
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="A .svg, .pdf or .png file.", show_default=False),
    ],
    run: Annotated[
        str | None, typer.Option(help="The run. Default: the newest.", show_default=False)
    ] = None,
    versus: Annotated[
        str | None, typer.Option(help="The other run of the figure versus.", show_default=False)
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(
            help="SCENE.INDEX, such as 12.3: the answer that layers and steps show. Default: means over all "
            "answers, and the longest answer.",
            show_default=False,
        ),
    ] = None,
    variant: Annotated[str, typer.Option(help="The picture that answer is about.")] = "raw",
    layer: Annotated[
        int | None, typer.Option(help="Steps of this layer. Default: the mean of all.", show_default=False)
    ] = None,
    width: Annotated[float, typer.Option(help="Inches across.")] = 6.3,
    dpi: Annotated[int, typer.Option(help="Of a .png.", min=30, max=1200)] = 300,
    style: Annotated[
        Path | None, typer.Option(help="A matplotlib style file, laid over ours.", show_default=False)
    ] = None,
    words_alone: Annotated[
        bool, typer.Option(help="Of accuracy: also train the reader of the words alone, which takes longer.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    debug: Debug = False,
) -> None:
    """Draw one figure of a run, as a paper wants it.

    relcli figure shift --run NAME -o shift.pdf

    relcli figure layers --question 12.3 -o layers.png

    relcli report shows all of them on a page, with the numbers and the SQL behind each.
    """
    from relcli.report.figures import as_bytes, format_of, make_figure
    from relcli.report.page import write_whole

    form = format_of(out)
    if out.is_dir():
        raise RelcliError(f"{out} is a folder: name a file.")
    if out.exists() and not force:
        raise RelcliError(f"{out} is there already: choose another --out, or write over it with --force.")
    drawn = make_figure(
        db,
        name,
        run,
        versus=versus,
        question=None if question is None else parse_question(question),
        variant=variant,
        layer=layer,
        width=width,
        style=style,
        words_alone=words_alone,
    )
    from relcli.report.plots.style import styled

    with styled(style):
        write_whole(out, as_bytes(drawn, form, dpi))
    write_record([("out", str(out)), ("bytes", out.stat().st_size)], format)


def parse_question(text: str) -> tuple[int, int]:
    """(scene_id, question_index) of `12.3`. Raises UsageError for anything else."""
    scene, dot, index = text.partition(".")
    if not (dot and scene.isdecimal() and index.isdecimal() and len(text) < 20):
        raise UsageError(f"--question takes SCENE.INDEX, such as 12.3, not {text!r}.")
    return int(scene), int(index)
