"""Layouts of image tokens on their way into the warehouse and out of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from relcli.token_layout import Rectangle, TokenLayout
from relcli.warehouse.batch import AttentionBatch, Key, layout_of
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect, scalar


def layout_rows(layout: TokenLayout) -> list[dict[str, Any]]:
    """Rows of table `token_layout`; none for a plain grid, which its name tells."""
    if layout.grid is not None:
        return []
    return [
        {
            "layout": layout.name,
            "token_index": index,
            "part": part,
            **dict(zip(("x_min", "y_min", "x_max", "y_max"), place or (None,) * 4, strict=True)),
        }
        for index, (part, place) in enumerate(zip(layout.parts, layout.rectangles, strict=True))
    ]


def with_layouts(
    rows: Sequence[Mapping[str, Any]], attention: AttentionBatch | None
) -> Sequence[Mapping[str, Any]]:
    """Answers with `token_layout` beside the first one of each layout that is no plain grid."""
    told: dict[str, tuple[Key, list[dict[str, Any]]]] = {}
    for key, summary in zip(attention.keys, attention.summaries, strict=True) if attention else ():
        layout = layout_of(summary)
        if layout.grid is None and layout.name not in told:
            told[layout.name] = key, layout_rows(layout)
    if not told:
        return rows
    by_key: dict[Key, list[dict[str, Any]]] = {}
    for key, tokens in told.values():
        by_key.setdefault(key, []).extend(tokens)
    return [{**row, "token_layout": by_key.get(_key(row))} for row in rows]


def _key(row: Mapping[str, Any]) -> Key:
    return Key(**{name: row[name] for name in Key._fields if name in row})


def add_layout(connection: duckdb.DuckDBPyConnection, layout: TokenLayout) -> None:
    """Insert a layout unless it is there."""
    rows = layout_rows(layout)
    if rows and not scalar(connection, "SELECT 1 FROM token_layout WHERE layout = ? LIMIT 1", [layout.name]):
        insert_rows(connection, "token_layout", rows)


def row_layout_name(row: Mapping[str, Any]) -> str:
    """The name of the layout of a row of `attention`."""
    return row["layout"] or f"{row['grid_height']}x{row['grid_width']}"


def load_layout(database: Path | str, name: str) -> TokenLayout | None:
    """A layout by its name; None where the warehouse does not know it."""
    with connect(database, read_only=True) as connection:
        return layouts_of(connection, [name]).get(name)


def layouts_of(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, TokenLayout]:
    """Layouts by their names, those that the warehouse knows."""
    found: dict[str, TokenLayout] = {}
    for name in names:
        height, cross, width = name.partition("x")
        if cross and height.isdigit() and width.isdigit():
            found[name] = TokenLayout.of_grid(int(height), int(width))
            continue
        rows = connection.execute(
            "SELECT part, x_min, y_min, x_max, y_max FROM token_layout WHERE layout = ? ORDER BY token_index",
            [name],
        ).fetchall()
        if rows:
            places = [None if None in row[1:] else Rectangle(*row[1:]) for row in rows]
            found[name] = TokenLayout(name, tuple(row[0] for row in rows), tuple(places), None)
    return found
