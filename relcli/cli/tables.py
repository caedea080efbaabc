"""The tables commands end with."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.cli.output import talk, write_record, write_rows
from relcli.cli.variant_tables import write_variant_tables
from relcli.results.category_table import category_lines

if TYPE_CHECKING:
    from relcli.jobs.planning import Cost


def write_run_table(database: Path, run: str, form: str) -> None:
    """Accuracy by category of one run: raw against masked, with intervals over scenes, beside the accuracy
    over unambiguous questions, what the words alone give away and the share of unreadable answers, and where
    to look next."""
    from relcli.warehouse.reads import read

    rows = read(database, "category_table", run=run)
    if form in ("table", "markdown"):
        records = rows.as_dicts()
        columns, lines = category_lines(records)
        write_rows(columns, lines, form)
        if any(record["n_raw"] != record["n_masked"] for record in records if record["drop"] is not None):
            talk("\nThe drop is over the questions asked on both pictures; scenes without a twin have one.")
        talk("\nclean: over the questions with one right answer. Intervals are over scenes.")
        if "words alone" in columns:
            talk(
                "words alone: a reader that sees no picture, on the data set's questions; likeliest: always "
                "the commonest\nanswer. Two numbers: for the truth on the pictures and on their twins."
            )
        if "blank (95%)" in columns:
            talk("blank: what the model says by habit, which is not what the words give away.")
    else:
        write_rows(rows.columns, rows.rows, form)
    write_variant_tables(database, run, form)
    talk(f"\nMore of it: relcli runs show {shlex.quote(run)}")
    talk(f"In SQL:     {sql_command('raw_vs_masked', run=run)}")


def write_cost(cost: "Cost", form: str) -> None:
    """What a run would be: answers by category and variant, and what they take; one object in JSON."""
    variants = list(dict.fromkeys(name for each in cost.answers.values() for name in each))
    if form in ("json", "jsonl", "csv"):
        pairs = [("dataset", cost.dataset), ("question_set", cost.question_set), ("answers", cost.n_answers)]
        pairs += [(name, sum(each.get(name, 0) for each in cost.answers.values())) for name in variants]
        pairs += [("bytes", cost.bytes), ("bytes_from", cost.bytes_from), ("seconds", cost.seconds)]
        write_record([*pairs, ("seconds_from", cost.seconds_from)], form)
        return
    lines: list[list[Any]] = [
        [category, *(each.get(name, 0) for name in variants)] for category, each in cost.answers.items()
    ]
    totals = [sum(each.get(name, 0) for each in cost.answers.values()) for name in variants]
    write_rows(["category", *variants], [*lines, ["all", *totals]], form)
    talk(f"\n{cost.n_answers:,} answers, the {cost.question_set} questions of {cost.dataset}.")
    talk(f"Size: about {cost.bytes / 1e6:,.1f} MB ({cost.bytes_from}).")
    took = "unknown" if cost.seconds is None else f"about {cost.seconds:,.0f} s"
    talk(f"Time: {took} ({cost.seconds_from}).")


def sql_command(view: str, **wanted: str) -> str:
    """What to type to see a view's rows of these values, whatever quotes stand in them."""
    quoted = {name: value.replace("'", "''") for name, value in wanted.items()}
    where = " and ".join(f"{name} = '{value}'" for name, value in quoted.items())
    query = f"from {view} where {where}"
    plain = not set(query) & set('"$`\\!')
    return f'relcli sql "{query}"' if plain else f"relcli sql {shlex.quote(query)}"
