"""The published figures a run is laid beside: shipped as files, loaded into every warehouse."""

from pathlib import Path

import duckdb

from relcli.paths import assets_dir
from relcli.warehouse.across import beside, lent
from relcli.warehouse.writes import write_text

_FILES = {
    "reference_accuracy": "ablation_accuracy_by_query_type.csv",
    "reference_probe_accuracy": "probe_accuracy_all_layers.csv",
}
"""Table and its file in assets/reference; sql/writes has a statement named after the table."""


def reference_files() -> list[Path]:
    """The shipped files."""
    return [assets_dir() / "reference" / name for name in _FILES.values()]


def load_reference(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the study's tables in, over what is there of them; figures of other sources stay."""
    for table, file in zip(_FILES, map(str, reference_files()), strict=True):
        with beside() as other:
            rows = other.sql("FROM read_csv($file, header = true)", params={"file": file})
            with lent(connection, "published", rows):
                connection.execute(write_text(table))
