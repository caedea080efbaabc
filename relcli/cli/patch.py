"""`relcli patch`: does the answer follow states copied from another picture?"""

from pathlib import Path

from relcli.cli.declared import Given, declared
from relcli.cli.experiment_table import Record, experiment_sql, interval, number, write_experiment
from relcli.options.patch import PatchOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing

_COLUMNS = (
    "intervention", "from", "to", "n", "follows (95%)", "flips", "effect (95%)", "control", "p (Holm)",
)  # fmt: skip
_WORDS = (
    "follows: answers that are the source's and were not before. effect: 0 is the destination's",
    "own logit difference, 1 the source's. control: the same from another scene. p: against it.",
)


@declared(PatchOptions)
def patch(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Ask a run's questions again with states of another variant in place of their own, and print whether the
    answer follows.

    Only questions whose right answer differs between the variants count. The answers go to the same run under
    the intervention's name (NAME/L05 in a sweep, NAME/random-1 for states of another scene's question); plain
    answers stay as they are. Stop it with Ctrl-C and give the same command to continue.
    """
    from relcli.jobs.patch import outcome_rows
    from relcli.jobs.patch import patch as job
    from relcli.jobs.patch_request import PatchRequest

    request = PatchRequest.of(*options)
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if display == "jsonl":
            return
        records = outcome_rows(db, outcome)
    sql = experiment_sql("patch_by_layer", outcome.run, outcome.experiment)
    write_experiment(records, format, _COLUMNS, _line, _WORDS, sql)


def _line(record: Record) -> list[object]:
    return [
        record["intervention"],
        record["source_variant"],
        record["variant"],
        record["n"],
        interval(record, "follow_rate", "follow_low", "follow_high", ".3f"),
        number(record, "flip_rate", ".3f"),
        interval(record, "effect", "effect_low", "effect_high", ".2f"),
        number(record, "control_effect", ".2f"),
        number(record, "holm_p", ".2g"),
    ]
