"""The rows of a question in the order of one of its columns."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple


class Order(NamedTuple):
    """By which column, counted from 0, and whether the largest comes first."""

    column: int
    descending: bool = False


def next_order(now: Order | None, column: int) -> Order | None:
    """Least first, then most first, then as it came."""
    if now is None or now.column != column:
        return Order(column)
    return None if now.descending else Order(column, True)


def sorted_rows(rows: Sequence[tuple[Any, ...]], order: Order) -> list[tuple[Any, ...]]:
    """As DuckDB would: NULL last both ways, NaN above all numbers; rows that are alike stay as they were.
    Values that have no order among themselves are ordered as text."""
    there = [row for row in rows if row[order.column] is not None]
    none = [row for row in rows if row[order.column] is None]

    def key(row: tuple[Any, ...]) -> Any:
        value = row[order.column]
        return (math.isnan(value), 0.0 if math.isnan(value) else value) if isinstance(value, float) else value

    try:
        there.sort(key=key, reverse=order.descending)
    except TypeError:
        there.sort(key=lambda row: str(row[order.column]), reverse=order.descending)
    return [*there, *none]


def ordered_sql(sql: str, order: Order) -> str:
    """The question, asked in that order."""
    how = "DESC" if order.descending else "ASC"
    from relcli.warehouse.bare_sql import bare

    return f"FROM (\n{bare(sql)}\n) ORDER BY {order.column + 1} {how} NULLS LAST"
