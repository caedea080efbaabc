"""`relcli run`: ask a model a data set's questions and print accuracy by category."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from relcli.cli.options import (
    DEFAULT_DB,
    Categories,
    Database,
    DatasetName,
    Debug,
    Device,
    Display,
    Dtype,
    Endpoint,
    Format,
    MaxNewTokens,
    Model,
    Revision,
    TrustRemoteCode,
    UntestedFamily,
    check_categories,
    chosen,
    split_commas,
)
from relcli.cli.session import showing
from relcli.cli.tables import write_cost, write_run_table

DATA, HOW = "Which pictures and questions", "How"


def run(
    context: typer.Context,
    category: Categories = None,
    dataset: DatasetName = "bundled",
    questions: Annotated[
        str | None,
        typer.Option(
            help="`seed` (word for word the study's) or `balanced`. Default: seed, or the set the data has.",
            rich_help_panel=DATA,
            show_default=False,
        ),
    ] = None,
    variants: Annotated[
        str,
        typer.Option(help="Pictures to ask on: raw, masked, blank.", rich_help_panel=DATA),
    ] = "raw,masked",
    queries: Annotated[
        Path | None, typer.Option(help="A queries.json, with --images.", rich_help_panel=DATA)
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="The folder of its pictures.", rich_help_panel=DATA)
    ] = None,
    masked_images: Annotated[
        Path | None, typer.Option(help="The folder of their masked twins.", rich_help_panel=DATA)
    ] = None,
    max_samples: Annotated[
        int | None, typer.Option(help="Only so many scenes, from the first.", rich_help_panel=DATA)
    ] = None,
    sample_index: Annotated[
        int | None, typer.Option(help="Only the scene of this number.", rich_help_panel=DATA)
    ] = None,
    model: Model = "bundled",
    revision: Revision = None,
    dtype: Dtype = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    untested_family: UntestedFamily = False,
    endpoint: Endpoint = None,
    concurrency: Annotated[
        int, typer.Option(help="Requests to --endpoint at once.", rich_help_panel=HOW)
    ] = 8,
    max_new_tokens: MaxNewTokens = 128,
    attention: Annotated[
        Literal["summary", "full", "none"],
        typer.Option(help="Keep per-layer summaries, every map as well, or nothing.", rich_help_panel=HOW),
    ] = "summary",
    rows: Annotated[
        str,
        typer.Option(
            help="Whose attention to keep: answer (always), target (the words for what is asked about), "
            "target_next (the token behind them), stem_end (the question mark), options.",
            rich_help_panel=HOW,
        ),
    ] = "answer,target,target_next,stem_end",
    batch_size: Annotated[
        str,
        typer.Option(
            help="Questions in one pass, or auto (by memory; halved when it runs out).", rich_help_panel=HOW
        ),
    ] = "auto",
    name: Annotated[
        str | None,
        typer.Option(
            help="The run's name. Default: model and time.", rich_help_panel=HOW, show_default=False
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Resume the run of that --name; start it if there is none.",
            rich_help_panel=HOW,
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say how many questions, bytes and seconds it would be, and stop.",
            rich_help_panel=HOW,
        ),
    ] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Ask a model a data set's questions, on each picture and its masked twin, and print accuracy by
    category.

    Works as it stands, without GPU, hub or token: the bundled model answers questions on the bundled scenes.
    Every answer and where the model's attention went are kept in the warehouse. Stop it with Ctrl-C and
    continue with --name NAME --resume.
    """
    categories = check_categories(category)
    given = chosen(context)
    from relcli.jobs.request import RunRequest
    from relcli.jobs.run import run as job

    request = RunRequest(
        dataset=None if images and "dataset" not in given else dataset,
        questions=questions,
        categories=categories,
        variants=split_commas(variants),
        model=model,
        revision=revision,
        dtype=dtype,
        device=device,
        trust_remote_code=trust_remote_code,
        untested_family=untested_family,
        queries=queries,
        images=images,
        masked_images=masked_images,
        max_samples=max_samples,
        sample_index=sample_index,
        max_new_tokens=max_new_tokens,
        attention=attention,
        rows=split_commas(rows),
        batch_size=parse_batch_size(batch_size),
        endpoint=endpoint,
        concurrency=concurrency,
        name=name,
        resume=resume,
        given=given,
    )
    if dry_run:
        from relcli.jobs.planning import cost

        with showing(display) as progress:
            expected = cost(db, request, progress)
        write_cost(expected, format)
        return
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if outcome.leads and display != "jsonl":
            write_run_table(db, outcome.run, format)


def parse_batch_size(text: str) -> int | None:
    from relcli.errors import UsageError

    if text == "auto":
        return None
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"--batch-size takes a whole number or auto, not {text!r}.") from None
