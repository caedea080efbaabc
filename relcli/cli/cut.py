"""`relcli cut`: does an answer depend on what the model looks at?"""

from relcli.cli.declared import Given, declared
from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import talk, write_rows
from relcli.cli.session import showing
from relcli.cli.tables import sql_command
from relcli.options.cut import CutOptions


@declared(CutOptions)
def cut(
    options: Given,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
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
    if format in ("table", "markdown"):
        columns = ["intervention", "category", "variant", "n", "flips (95%)", "control"]
        columns += ["log-odds", "control", "p (Holm)"]
        write_rows(columns, [_line(record) for record in records], format)
        talk("\nflips: choices other than the plain answer's. log-odds: mean change of the right option's.")
        talk("control: mean over the matched random sets. p: sign-flip test over scenes against them.")
    else:
        columns = list(records[0]) if records else []
        write_rows(columns, [tuple(record.values()) for record in records], format)
    talk(f"In SQL: {sql_command('cut_effect', run=outcome.run, experiment=outcome.experiment)}")


def _line(record: dict[str, object]) -> list[object]:
    def number(name: str, form: str) -> str:
        value = record[name]
        return "" if value is None else format(value, form)

    return [
        record["intervention"],
        record["category"],
        record["variant"],
        record["n"],
        f"{number('flip_rate', '.3f')} ({number('flip_low', '.2f')}-{number('flip_high', '.2f')})",
        number("control_flip_rate", ".3f"),
        number("mean_change", "+.2f"),
        number("control_change", "+.2f"),
        number("holm_p", ".2g"),
    ]
