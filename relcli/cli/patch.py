"""`relcli patch`: does the answer follow states copied from another picture?"""

from relcli.cli.declared import Given, declared
from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import talk, write_rows
from relcli.cli.session import showing
from relcli.cli.tables import sql_command
from relcli.options.patch import PatchOptions


@declared(PatchOptions)
def patch(
    options: Given,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
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
    if format in ("table", "markdown"):
        columns = ["intervention", "from", "to", "n", "follows (95%)", "flips", "effect (95%)", "control"]
        columns += ["p (Holm)"]
        write_rows(columns, [_line(record) for record in records], format)
        talk("\nfollows: answers that are the source's and were not before. effect: 0 is the destination's")
        talk("own logit difference, 1 the source's. control: the same from another scene. p: against it.")
    else:
        columns = list(records[0]) if records else []
        write_rows(columns, [tuple(record.values()) for record in records], format)
    talk(f"In SQL: {sql_command('patch_by_layer', run=outcome.run, experiment=outcome.experiment)}")


def _line(record: dict[str, object]) -> list[object]:
    def number(name: str, form: str) -> str:
        value = record[name]
        return "" if value is None else format(value, form)

    return [
        record["intervention"],
        record["source_variant"],
        record["variant"],
        record["n"],
        f"{number('follow_rate', '.3f')} ({number('follow_low', '.2f')}-{number('follow_high', '.2f')})",
        number("flip_rate", ".3f"),
        f"{number('effect', '.2f')} ({number('effect_low', '.2f')}-{number('effect_high', '.2f')})",
        number("control_effect", ".2f"),
        number("holm_p", ".2g"),
    ]
