"""A data set and a run out of the warehouse, as folders of Parquet that the Hugging Face Hub understands.

A folder a table, named after it: `scene/test-0.parquet`. Pictures are what `datasets` calls an Image: the
bytes and a file name. What is read back is in `relcli.warehouse.published`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from relcli.errors import RelcliError, UsageError
from relcli.warehouse.across import beside, lent, parquet
from relcli.warehouse.failures import explain, first_line, is_about_file
from relcli.warehouse.opening import connect, identifier, literal
from relcli.warehouse.reads import read, read_text
from relcli.warehouse.runs import get_run

FORMAT = 1
"""Of the folder as a whole; a later relcli that writes another one raises it."""
SPLIT = "test"
_SHARD = "400MB"  # the hub recommends files of at most 500
_NAMES = {"image": "image_filename", "masked_image": "masked_filename"}


def write_tables(database: Path, run: str, folder: Path, *, attention: bool) -> dict[str, int]:
    """Write a run and its data set below `folder`, a folder a table; returns the rows of each. An empty table
    is left out. Raises WarehouseError for a disk that is full."""
    record = get_run(database, run)
    if record is None:
        raise UsageError(f"There is no run {run} in {database}; relcli runs list shows those there are.")
    selects = {
        row["table_name"]: _select(row["table_name"], row["pictures"] or [])
        for row in read(database, "publish_tables").as_dicts()
    }
    given: dict[str, dict[str, Any]] = {name: {"dataset": record.dataset} for name in selects}
    selects["answer"], given["answer"] = read_text("publish_answers"), {"run": run}
    if attention:
        selects["attention"], given["attention"] = read_text("publish_attention"), {"run": run}
    written = {}
    with connect(database, read_only=True) as connection, beside() as other:
        other.execute("SET threads = 1")  # rows stay in order, and files are filled one after the other
        for table, select in selects.items():
            n_rows = _copy(connection, other, select, given[table], folder / table)
            if n_rows:
                written[table] = n_rows
    return written


def about_run(database: Path, run: str) -> dict[str, Any]:
    """What the folder says of itself beside its tables: the run, its data set, its interventions, ready for
    JSON. Raises UsageError for an unknown run."""
    record = get_run(database, run)
    if record is None:
        raise UsageError(f"There is no run {run} in {database}; relcli runs list shows those there are.")
    [dataset] = [row for row in read(database, "datasets").as_dicts() if row["dataset"] == record.dataset]
    # Where the model and the pictures lay is nobody else's business.
    return {
        "format": FORMAT,
        "run": _told({**asdict(record), "model_path": None}),
        "dataset": _told({**dataset, "source": None}),
        "interventions": [_told(row) for row in read(database, "publish_interventions", run=run).as_dicts()],
    }


def column_types_of(folder: Path) -> list[tuple[str, str]]:
    """Names and DuckDB types of the columns of the Parquet files in a folder."""
    with beside() as memory:
        found = parquet(memory, sorted(folder.glob("*.parquet")))
        return [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)]


def _select(table: str, pictures: list[str]) -> str:
    def picture(name: str) -> str:
        path = _NAMES.get(name, f"'{name}.png'")
        return f"CASE WHEN {name} IS NOT NULL THEN {{bytes: {name}, path: {path}}} END AS {name}"

    replaced = f" REPLACE ({', '.join(map(picture, pictures))})" if pictures else ""
    return (
        f"SELECT * EXCLUDE (dataset){replaced} FROM {identifier(table)} WHERE dataset = $dataset "
        "ORDER BY COLUMNS('_(id|index)$|^variant$')"
    )


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
        with lent(other, "found", found):
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
