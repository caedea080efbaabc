"""`relcli verify`: is the fast path right?"""

from dataclasses import asdict
from typing import Annotated

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
    Format,
    MaxNewTokens,
    Model,
    Revision,
    TrustRemoteCode,
    UntestedFamily,
    check_categories,
    chosen,
)
from relcli.cli.output import write_record
from relcli.cli.session import showing


def verify(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", help="Check this run's model on its questions, and note the outcome with it."
        ),
    ] = None,
    number: Annotated[int, typer.Option("--number", "-n", help="How many questions.", min=1)] = 20,
    category: Categories = None,
    dataset: DatasetName = "bundled",
    model: Model = "bundled",
    revision: Revision = None,
    dtype: Dtype = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    untested_family: UntestedFamily = False,
    max_new_tokens: MaxNewTokens = 128,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Ask some questions the fast way and by plain eager generation, and compare tokens and attention.

    Exits with 1 if they differ by more than rounding.
    """
    categories = check_categories(category)
    from relcli.jobs.request import RunRequest
    from relcli.jobs.verify import verify as job

    request = RunRequest(
        dataset=dataset,
        categories=categories,
        model=model,
        revision=revision,
        dtype=dtype,
        device=device,
        trust_remote_code=trust_remote_code,
        untested_family=untested_family,
        max_new_tokens=max_new_tokens,
        name=run,
        given=chosen(context),
    )
    with showing(display) as progress:
        outcome = job(db, request, number, progress)
        if display != "jsonl":
            write_record(list(asdict(outcome).items()), format)
    if not outcome.passed:
        raise typer.Exit(1)
