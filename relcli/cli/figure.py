"""`relcli figure`: one figure of a run, for a paper."""

from pathlib import Path
from typing import Literal

from relcli.captures import QueryRow
from relcli.cli.declared import declared
from relcli.cli.output import write_record
from relcli.options.figure import FigureOptions
from relcli.options.shared import OutputFormat


@declared(FigureOptions)
def figure(
    name: str,
    out: Path,
    run: str | None,
    versus: str | None,
    question: str | None,
    variant: str,
    row: QueryRow,
    step: Literal["answer", "mean"] | None,
    layer: int | None,
    width: float,
    dpi: int,
    style: Path | None,
    words_alone: bool,
    force: bool,
    db: Path,
    format: OutputFormat,
) -> None:
    """Draw one figure of a run, as a paper wants it.

    relcli figure shift --run NAME -o shift.pdf

    relcli figure layers --question 12.3 -o layers.png

    relcli report shows all of them on a page, with the numbers and the SQL behind each.
    """
    from relcli.report.figures import as_bytes, format_of, make_figure
    from relcli.report.page import write_whole
    from relcli.report.target import check_target
    from relcli.results.questions import parse_question

    form = format_of(out)
    check_target(out, force)
    drawn = make_figure(
        db,
        name,
        run,
        versus=versus,
        question=None if question is None else parse_question(question),
        variant=variant,
        row=row,
        step=step,
        layer=layer,
        width=width,
        style=style,
        words_alone=words_alone,
    )
    from relcli.report.plots.style import styled

    with styled(style):
        write_whole(out, as_bytes(drawn, form, dpi))
    write_record([("out", str(out)), ("bytes", out.stat().st_size)], format)
