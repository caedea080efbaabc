"""What the commands that ask a run again (cut, steer, patch) print of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relcli.cli.output import talk, write_rows
from relcli.cli.tables import sql_command
from relcli.options.shared import OutputFormat

Record = Mapping[str, Any]


def write_experiment(
    records: Sequence[Record],
    format: OutputFormat,
    columns: Sequence[str],
    line: Callable[[Record], list[object]],
    words: Sequence[str],
    sql: str,
) -> None:
    """Rounded lines under `columns` with `words` below them, or every value; then the view that has all."""
    if format in ("table", "markdown"):
        write_rows(list(columns), [line(record) for record in records], format)
        talk("\n" + "\n".join(words))
    else:
        every = list(records[0]) if records else []
        write_rows(every, [tuple(record.values()) for record in records], format)
    talk(f"In SQL: {sql}")


def experiment_sql(view: str, run: str, experiment: str) -> str:
    """The command that reads an experiment in a view."""
    return sql_command(view, run=run, experiment=experiment)


def number(record: Record, name: str, form: str) -> str:
    """A value as text; empty for NULL."""
    return "" if record[name] is None else format(record[name], form)


def interval(record: Record, value: str, low: str, high: str, form: str) -> str:
    """`0.512 (0.41-0.61)`"""
    return f"{number(record, value, form)} ({number(record, low, '.2f')}-{number(record, high, '.2f')})"
