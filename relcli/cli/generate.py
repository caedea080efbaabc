"""`relcli generate`: make scenes."""

from pathlib import Path

from relcli.cli.declared import Given, declared
from relcli.cli.output import write_record
from relcli.options.generate import GenerateOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing


@declared(GenerateOptions)
def generate(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Make scenes with their masked twins, annotations and questions, in the study's folder layout.

    Every value of a scene follows from the seed and its number, so a folder can grow in batches:
    --start-index 100 continues after the first hundred.
    """
    from relcli.jobs.generate import GenerateRequest
    from relcli.jobs.generate import generate as job

    request = GenerateRequest.of(*options)
    with showing(display) as progress:
        made = job(db, request, progress)
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
