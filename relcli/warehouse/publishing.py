"""A data set and a run out of the warehouse, as folders of Parquet that the Hugging Face Hub understands.

A folder a table, named after it: `answer/test-0.parquet`. Pictures are what `datasets` calls an Image: the
bytes and a file name. What is read back is in `relcli.warehouse.published`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from relcli.captures import STORED
from relcli.errors import RelcliError
from relcli.warehouse.across import beside, parquet, streamed
from relcli.warehouse.failures import explain, first_line, is_about_file
from relcli.warehouse.opening import connect
from relcli.warehouse.quoting import identifier, literal
from relcli.warehouse.reads import read, read_text
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, get_run
from relcli.warehouse.unknown import unknown_run

FORMAT = 1
"""Of the folder as a whole; a later relcli that writes another one raises it."""
SPLIT = "test"
_SHARD = "400MB"  # the hub recommends files of at most 500
_SINKS = "SELECT * EXCLUDE (run) FROM calibrated_sink WHERE run = $run ORDER BY layout, layer"


def write_tables(database: Path, run: str, folder: Path, *, attention: bool) -> dict[str, int]:
    """Write a run and its data set below `folder`, a folder a table; returns the rows of each. An empty table
    is left out. Raises UsageError for an unknown run, WarehouseError for a disk that is full."""
    selects = {"answer": read_text("publish_answers")}
    for stored in STORED.values() if attention else ():
        keys = ", ".join(name for name in stored.columns if name in _KEYS)
        selects[stored.table] = f"SELECT * EXCLUDE (run) FROM {stored.table} WHERE run = $run ORDER BY {keys}"
    given: dict[str, dict[str, Any]] = {table: {"run": run} for table in selects}
    for row in read(database, "publish_tables").as_dicts():
        selects[row["table_name"]] = _select(row["table_name"], row["pictures"] or [], row["keys"] or [])
        given[row["table_name"]] = {"dataset": _record(database, run).dataset}
    written = {}
    with connect(database, read_only=True) as connection, beside() as other:
        other.execute("SET threads = 1")  # rows stay in order, and files are filled one after the other
        for table, select in selects.items():
            n_rows = _copy(connection, other, select, given[table], folder / table)
            if n_rows:
                written[table] = n_rows
    return written


_KEYS = ("scene_id", "question_index", "variant", "presentation", "intervention", "query_row", "layer")


def about_run(database: Path, run: str) -> dict[str, Any]:
    """What the folder says of itself beside its tables: the run, its data set, interventions and sinks, ready
    for JSON. Raises UsageError for an unknown run."""
    record = _record(database, run)
    [dataset] = [row for row in read(database, "datasets").as_dicts() if row["dataset"] == record.dataset]
    # Where the model and the pictures lay is nobody else's business.
    return {
        "format": FORMAT,
        # The arrays of hidden states stay where they are.
        "run": _told({**asdict(record), "model_path": None, "hidden_rows": None}),
        "dataset": _told({**dataset, "source": None}),
        "interventions": [_told(row) for row in read(database, "publish_interventions", run=run).as_dicts()],
        "sinks": [_told(row) for row in query(database, _SINKS, {"run": run}).as_dicts()],
    }


def tables_described(database: Path) -> dict[str, str]:
    """What a row of each table is, from its comment."""
    rows = query(database, "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal").rows
    return {name: comment or "" for name, comment in rows}


def column_types_of(folder: Path) -> list[tuple[str, str]]:
    """Names and DuckDB types of the columns of the Parquet files in a folder."""
    with beside() as memory:
        found = parquet(memory, sorted(folder.glob("*.parquet")))
        return [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)]


def _record(database: Path, run: str) -> RunRecord:
    record = get_run(database, run)
    if record is None:
        raise unknown_run(database, run)
    return record


def _select(table: str, pictures: list[str], keys: list[str]) -> str:
    def picture(name: str) -> str:
        path = f"{name}_filename"
        return f"CASE WHEN {name} IS NOT NULL THEN {{bytes: {name}, path: {path}}} END AS {name}"

    replaced = f" REPLACE ({', '.join(map(picture, pictures))})" if pictures else ""
    order = f" ORDER BY {', '.join(keys)}" if keys else ""
    return f"SELECT * EXCLUDE (dataset){replaced} FROM {identifier(table)} WHERE dataset = $dataset{order}"


def _copy(
    connection: duckdb.DuckDBPyConnection,
    other: duckdb.DuckDBPyConnection,
    select: str,
    params: Mapping[str, Any],
    folder: Path,
) -> int:
    target = f"{literal(str(folder))} (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '{_SHARD}', "
    target += f"FILENAME_PATTERN '{SPLIT}-{{i}}')"
    try:
        found = connection.sql(select.strip().rstrip(";"), params=dict(params))
        if not found.limit(1).fetchall():
            return 0
        with streamed(other, "found", found):
            return int(other.execute(f"COPY (FROM found) TO {target}").fetchall()[0][0])
    except duckdb.Error as error:
        if is_about_file(error):
            raise explain(folder, error) from error
        raise RelcliError(first_line(str(error))) from error


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON, without what it doesn't know."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
        if value is not None
    }
