"""`relcli import`: results made elsewhere."""

from pathlib import Path

import typer

from relcli.cli.declared import Given, declared
from relcli.cli.output import talk, write_record
from relcli.cli.tables import sql_command
from relcli.options.importing import DatasetImportOptions, PicturesImportOptions, SeedImportOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing

app = typer.Typer(help="Take in results that were made elsewhere.", no_args_is_help=True)


@app.command("seed")
@declared(SeedImportOptions)
def import_seed(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Import the study's result files as a run.

    relcli import seed --results eval_results/evaluation_results.csv --attention eval_results --name published

    All or nothing, unless --partial; twice adds nothing the second time. Answers keep the file's own
    evaluation, with our grade beside it (inference.our_correct).
    """
    from relcli.jobs.importing import SeedImport
    from relcli.jobs.importing import import_seed as job

    request = SeedImport.of(*options)
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


@app.command("pictures")
@declared(PicturesImportOptions)
def import_pictures(
    images: Path,
    questions: Path,
    name: str,
    boxes: Path | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Import your own pictures, with questions and boxes, as a data set to run on.

    relcli import pictures --images photos --questions questions.jsonl --boxes instances.json --name mine

    All or nothing. Each line has an image, a question, its options and the answer; targets, distractors,
    a category and variants of the picture if there are any. Questions without options and captions can't be
    graded and are not taken.
    """
    from relcli.jobs.importing.pictures import import_pictures as job

    with showing(display) as progress:
        done = job(db, images, questions, boxes, name, progress)
    if display == "jsonl":
        return
    write_record([(field, getattr(done, field)) for field in done.__slots__ if field != "is_new"], format)
    if not done.is_new:
        talk(f"All of it was in the warehouse already, as the data set {done.dataset}.")
    talk(f"Ask about them: relcli run --dataset {done.dataset}")


@app.command("dataset")
@declared(DatasetImportOptions)
def import_dataset(
    folder: Path,
    name: str | None,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
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
