"""`relcli steer`: does the answer follow where chosen heads look?"""

from relcli.cli.declared import Given, declared
from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import talk, write_rows
from relcli.cli.session import showing
from relcli.cli.tables import sql_command
from relcli.options.steer import SteerOptions


@declared(SteerOptions)
def steer(
    options: Given,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
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
    if format in ("table", "markdown"):
        columns = ["intervention", "category", "variant", "n", "right", "before", "flips (95%)", "control"]
        columns += ["log-odds", "control", "p (Holm)"]
        write_rows(columns, [_line(record) for record in records], format)
        talk("\nright: share of right answers. log-odds: mean change of the right option's.")
        talk("control: mean over random sets of as many heads. p: sign-flip test over scenes against them.")
    else:
        columns = list(records[0]) if records else []
        write_rows(columns, [tuple(record.values()) for record in records], format)
    talk(f"In SQL: {sql_command('steer_effect', run=outcome.run, experiment=outcome.experiment)}")


def _line(record: dict[str, object]) -> list[object]:
    def number(name: str, form: str) -> str:
        value = record[name]
        return "" if value is None else format(value, form)

    return [
        record["intervention"],
        record["category"],
        record["variant"],
        record["n"],
        number("accuracy", ".3f"),
        number("plain_accuracy", ".3f"),
        f"{number('flip_rate', '.3f')} ({number('flip_low', '.2f')}-{number('flip_high', '.2f')})",
        number("control_flip_rate", ".3f"),
        number("mean_change", "+.2f"),
        number("control_change", "+.2f"),
        number("holm_p", ".2g"),
    ]
