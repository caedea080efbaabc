"""`relcli steer`: does the answer follow where chosen heads look?"""

from pathlib import Path

from relcli.cli.declared import Given, declared
from relcli.cli.experiment_table import Record, experiment_sql, interval, number, write_experiment
from relcli.options.shared import DisplayName, OutputFormat
from relcli.options.steer import SteerOptions
from relcli.progress.showing import showing

_COLUMNS = (
    "intervention", "category", "variant", "n", "right", "before", "flips (95%)", "control",
    "log-odds", "control", "p (Holm)",
)  # fmt: skip
_WORDS = (
    "right: share of right answers. log-odds: mean change of the right option's.",
    "control: mean over random sets of as many heads. p: sign-flip test over scenes against them.",
)


@declared(SteerOptions)
def steer(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Ask a run's questions again with the attention of chosen heads drawn to a region, and print what that
    changes.

    The answers go to the same run under the intervention's name (NAME, NAME/random-2 for as many random
    heads, NAME/all-heads for all of them); plain answers stay as they are. Stop it with Ctrl-C and give the
    same command to continue.
    """
    from relcli.jobs.steer import outcome_rows
    from relcli.jobs.steer import steer as job
    from relcli.jobs.steer_request import SteerRequest

    request = SteerRequest.of(*options)
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if display == "jsonl":
            return
        records = outcome_rows(db, outcome)
    sql = experiment_sql("steer_effect", outcome.run, outcome.experiment)
    write_experiment(records, format, _COLUMNS, _line, _WORDS, sql)


def _line(record: Record) -> list[object]:
    return [
        record["intervention"],
        record["category"],
        record["variant"],
        record["n"],
        number(record, "accuracy", ".3f"),
        number(record, "plain_accuracy", ".3f"),
        interval(record, "flip_rate", "flip_low", "flip_high", ".3f"),
        number(record, "control_flip_rate", ".3f"),
        number(record, "mean_change", "+.2f"),
        number(record, "control_change", "+.2f"),
        number(record, "holm_p", ".2g"),
    ]
