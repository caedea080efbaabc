"""Connections that write: small row groups, and in all else as DuckDB opens the file outright."""

import os
import shutil

import duckdb
import pytest

from relcli.errors import WarehouseError
from relcli.warehouse.maintenance import compact, snapshot
from relcli.warehouse.opening import connect

ROWS = 40_000


def groups(path) -> list[int]:
    """Rows in each row group of table `many`."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT sum(count) FROM pragma_storage_info('many') WHERE segment_type <> 'VALIDITY' "
            "GROUP BY row_group_id ORDER BY row_group_id"
        ).fetchall()
    return [n for (n,) in rows]


def write(path, sql="CREATE TABLE many AS SELECT range AS x FROM range(?)", params=(ROWS,)):
    with connect(path, read_only=False) as connection:
        connection.execute(sql, params)


def test_row_groups_are_small_wherever_the_warehouse_is_written(place, tmp_path):
    expected = [16_384, 16_384, ROWS - 2 * 16_384]
    write(place.path)
    assert groups(place.path) == expected
    copy = tmp_path / "copy.duckdb"
    snapshot(place.path, copy)
    assert groups(copy) == expected
    compact(place.path)
    assert groups(place.path) == expected


NAMES = [
    "memory.duckdb", "temp.duckdb", "main.db", "System.duckdb", "information_schema.db",
    "a b.c.duckdb", "it's \"one\".duckdb", ".w", "w",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_have_any_name(place, tmp_path, name):
    path = tmp_path / name
    shutil.copy(place.path, path)
    write(path)
    write(path, "CREATE VIEW seen AS SELECT count(*) AS n FROM main.many", ())
    with connect(path, read_only=True) as connection:
        assert connection.execute("SELECT n, (SELECT run FROM run) FROM seen").fetchall() == [(ROWS, "r")]
    moved = tmp_path / "moved.duckdb"
    os.rename(path, moved)
    with connect(moved, read_only=True) as connection:
        assert connection.execute("FROM seen").fetchall() == [(ROWS,)]


def test_what_is_laid_aside_lies_beside_the_file(place):
    with connect(place.path, read_only=False) as connection:
        [(folder,)] = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert folder == f"{place.path}.tmp"


def test_a_file_that_this_process_reads_is_not_written(place):
    with (
        duckdb.connect(str(place.path), read_only=True),
        pytest.raises(WarehouseError, match="in another mode"),
        connect(place.path, read_only=False, timeout_s=0.2),
    ):
        pass


def test_other_files_stay_out_of_reach(place, tmp_path):
    other = tmp_path / "other.duckdb"
    with connect(place.path, read_only=False) as connection:
        written = f"COPY (SELECT 1) TO '{tmp_path / 'x.csv'}'"
        for sql in (f"ATTACH '{other}'", written, "SET memory_limit = '1GB'"):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
    assert not other.exists()
