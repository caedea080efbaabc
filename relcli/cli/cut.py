"""`relcli cut`: does an answer depend on what the model looks at?"""

from pathlib import Path

from relcli.cli.declared import Given, declared
from relcli.cli.experiment_table import Record, experiment_sql, interval, number, write_experiment
from relcli.options.cut import CutOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing

_COLUMNS = (
    "intervention", "category", "variant", "n", "flips (95%)", "control", "log-odds", "control", "p (Holm)",
)  # fmt: skip
_WORDS = (
    "flips: choices other than the plain answer's. log-odds: mean change of the right option's.",
    "control: mean over the matched random sets. p: sign-flip test over scenes against them.",
)


@declared(CutOptions)
def cut(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Ask a run's questions again with chosen attention weights at zero, and print what that changes.

    The answers go to the same run under the intervention's name (NAME, NAME/L05 in a sweep, NAME/random-2 for
    a control); plain answers stay as they are. Stop it with Ctrl-C and give the same command to continue.

    A cut that changes nothing proves no independence: the vision tower has spread every object over other
    cells, and other layers or tokens may carry the same.
    """
    from relcli.jobs.cut import cut as job
    from relcli.jobs.cut import outcome_rows
    from relcli.jobs.cut_request import CutRequest

    request = CutRequest.of(*options)
    with showing(display) as progress:
        outcome = job(db, request, progress)
        if display == "jsonl":
            return
        records = outcome_rows(db, outcome)
    sql = experiment_sql("cut_effect", outcome.run, outcome.experiment)
    write_experiment(records, format, _COLUMNS, _line, _WORDS, sql)


def _line(record: Record) -> list[object]:
    return [
        record["intervention"],
        record["category"],
        record["variant"],
        record["n"],
        interval(record, "flip_rate", "flip_low", "flip_high", ".3f"),
        number(record, "control_flip_rate", ".3f"),
        number(record, "mean_change", "+.2f"),
        number(record, "control_change", "+.2f"),
        number(record, "holm_p", ".2g"),
    ]
