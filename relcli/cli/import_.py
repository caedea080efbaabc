"""`relcli import`: results made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import talk, write_record
from relcli.cli.session import showing
from relcli.cli.tables import sql_command

app = typer.Typer(help="Take in results that were made elsewhere.", no_args_is_help=True)


@app.command("seed")
def import_seed(
    results: Annotated[Path, typer.Option(help="The study's evaluation_results.csv.", show_default=False)],
    name: Annotated[str, typer.Option(help="What the run will be called.", show_default=False)],
    queries: Annotated[
        Path | None, typer.Option(help="Its queries.json. Default: the questions stand in the CSV.")
    ] = None,
    attention: Annotated[
        Path | None, typer.Option(help="The folder that holds its attention_per_layer.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="The folder of its pictures, `bundled`, or a data set the warehouse knows."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Which model answered; the files don't say.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="The CSV's encoding. Default: found out.", show_default=False)
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Import what can be, and say what was left out.")
    ] = False,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Import the study's result files as a run.

    relcli import seed --results eval_results/evaluation_results.csv --attention eval_results --name published

    All or nothing, unless --partial; twice adds nothing the second time. Answers keep the file's own
    evaluation, with our grade beside it (inference.our_correct).
    """
    from relcli.jobs.importing import SeedImport
    from relcli.jobs.importing import import_seed as job

    request = SeedImport(
        results=results,
        name=name,
        queries=queries,
        attention=attention,
        dataset=dataset,
        model=model,
        encoding=encoding,
        partial=partial,
    )
    with showing(display) as progress:
        done = job(db, request, progress)
    if display == "jsonl":
        return
    write_record(
        [
            ("run", done.run),
            ("dataset", done.dataset),
            ("questions", done.n_questions),
            ("answers_added", done.n_answers),
            ("attention_added", done.n_attention),
            ("left_out", done.n_left_out),
            ("our_grade_differs", done.n_other_grade),
            ("questions_unparsed", done.n_unparsed),
        ],
        format,
    )
    if not done.n_answers and not done.n_attention:
        talk(f"All of it was in the run {done.run} already.")
    talk(f"In SQL: {sql_command('raw_vs_masked', run=done.run)}")


@app.command("dataset")
def import_dataset(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What relcli export dataset wrote.")],
    name: Annotated[
        str | None,
        typer.Option(help="What the run will be called. Default: its own name.", show_default=False),
    ] = None,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Import a published run with its scenes, questions, answers and attention.

    relcli import dataset published --name theirs

    All or nothing. A data set the warehouse knows already is not stored again.
    """
    from relcli.jobs.import_dataset import import_dataset as job

    with showing(display) as progress:
        done = job(db, folder, name, progress)
    if display == "jsonl":
        return
    write_record([(field, getattr(done, field)) for field in done.__slots__], format)
    talk(f"In SQL: {sql_command('raw_vs_masked', run=done.run)}")
