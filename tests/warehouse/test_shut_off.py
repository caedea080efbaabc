"""What SQL on a warehouse can't do: touch other files, databases, extensions, settings."""

import hashlib

import duckdb
import pytest

from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse import opening
from relcli.warehouse.console import Statement
from relcli.warehouse.failures import explain
from relcli.warehouse.maintenance import status
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query

REACHING_OUT = [
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_blob('{own}')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "FROM '/etc/passwd.csv'",
    "FROM glob('{folder}/*')",
    "FROM 'https://example.org/x.parquet'",
    "COPY (SELECT 1) TO '{own}'",
    "COPY (SELECT 1) TO '{own}' (USE_TMP_FILE false)",
    "COPY (SELECT 1) TO '{own}.wal' (USE_TMP_FILE false)",
    "COPY (SELECT 1) TO '{folder}/stolen.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/stolen.csv' (USE_TMP_FILE false)",
    "PREPARE p AS COPY (SELECT 1) TO '{folder}/stolen.csv'; EXECUTE p",
    "EXPORT DATABASE '{folder}/stolen'",
    "IMPORT DATABASE '{folder}/stolen'",
    "ATTACH '{other}' AS o; DELETE FROM o.t",
    "ATTACH '{other}' AS o (READ_ONLY); FROM o.t",
    "ATTACH '{folder}/new.duckdb' AS n",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL enable_logging(storage = 'file')",
    "CALL enable_logging(storage = 'file', storage_path = '{folder}/logs')",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET disabled_filesystems = ''",
    "RESET disabled_filesystems",
    "SET lock_configuration = false",
    "SET home_directory = '{folder}'",
    "SET temp_directory = '{folder}/temp'",
    "SET profiling_output = '{folder}/profile.json'",
    "PRAGMA enable_profiling = 'json'",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
]


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS x")
    return path


def seen(folder):
    """Every file under a folder with a hash of it; the lock files left out."""
    return {
        file: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and ".lock" not in file.name
    }


@pytest.mark.parametrize("how", ["read", "write", "console"])
def test_sql_does_not_reach_out(place, other, tmp_path, how):
    before = seen(tmp_path)
    for template in REACHING_OUT:
        sql = template.format(own=place.path, folder=tmp_path, other=other)
        if how == "write" and "read_blob" in sql:
            continue  # a writer may read its own file
        with pytest.raises(RelcliError) as caught:
            if how == "console":
                Statement(place.path, sql).run()
            else:
                query(place.path, sql, read_only=how == "read")
        assert "\n" not in str(caught.value)
        assert seen(tmp_path) == before, sql
    assert status(place.path).tables["run"] == 1


def test_allow_external_lets_it(place, other, tmp_path):
    target = tmp_path / "out.csv"
    query(place.path, f"COPY (SELECT run FROM run) TO '{target}'", allow_external=True)
    assert target.read_text() == "run\nr\n"
    assert query(place.path, f"ATTACH '{other}' AS o; FROM o.t", allow_external=True).rows == [(1,)]


def test_a_question_that_needs_more_than_memory_still_runs(place):
    """Spilling to disk is DuckDB's own business, not the SQL's."""
    with connect(place.path, read_only=True) as connection:
        rows = connection.execute("SELECT count(*) FROM (FROM range(3_000_000) AS r(i) ORDER BY hash(i))")
        assert rows.fetchall() == [(3_000_000,)]


EVIL = """CREATE OR REPLACE VIEW run_state AS
    SELECT content AS run, 'evil' AS state FROM read_text('/etc/group')"""


def test_a_view_that_reads_files_reads_none(place):
    with duckdb.connect(str(place.path)) as connection:
        connection.execute(EVIL)
    with pytest.raises(RelcliError, match="--allow-external"):
        query(place.path, "FROM run_state")


def test_a_replaced_view_is_set_right_whatever_the_file_says_of_itself(place):
    with duckdb.connect(str(place.path)) as connection:
        connection.execute(EVIL)
        connection.execute("CREATE OR REPLACE MACRO wilson_low(k, n) AS 0.5")
    ensure(place.path)
    assert query(place.path, "SELECT run, state FROM run_state").rows != [("r", "evil")]
    assert query(place.path, "SELECT round(wilson_low(5, 10), 3)").rows == [(0.237,)]


def test_what_the_file_says_of_its_views_drops_no_table(place):
    with duckdb.connect(str(place.path)) as connection:
        connection.execute("INSERT INTO schema_object VALUES ('answer', 'TABLE', 1, 'x')")
        connection.execute("""INSERT INTO schema_object VALUES ('x"; DROP TABLE run; --', 'VIEW', 2, 'x')""")
        connection.execute(EVIL)
    ensure(place.path)
    assert status(place.path).tables.keys() >= {"answer", "run"}


def test_a_sqlite_file_is_no_warehouse(tmp_path):
    import sqlite3



    path = tmp_path / "s.duckdb"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    for use in (lambda: query(path, "FROM t"), lambda: ensure(path)):
        with pytest.raises(WarehouseError, match="is not a DuckDB file"):
            use()


def test_a_table_where_a_view_belongs_is_told_of(place):
    """Nothing is dropped to make room: it may be somebody's data."""
    with duckdb.connect(str(place.path)) as connection:
        connection.execute("DROP VIEW run_state; CREATE TABLE run_state AS SELECT 42 AS mine")
    with pytest.raises(WarehouseError, match="can't be brought up to schema version"):
        ensure(place.path)
    assert query(place.path, "FROM run_state").rows == [(42,)]


def test_a_folder_named_after_an_extension_changes_no_sentence(tmp_path):
    """What DuckDB says holds the path, and a path may hold any word."""
    path = tmp_path / "sqlite extension" / "w.duckdb"
    said = duckdb.IOException(f'Cannot open file "{path}": Permission denied')
    assert "permission is missing" in str(explain(path, said))


def test_a_reader_short_of_memory_says_so(place, monkeypatch):
    monkeypatch.setitem(opening._CONFIG, "memory_limit", "60MB")
    large = (
        "SELECT max(h), max(s) FROM (SELECT hash(i) AS h, repeat('x', 20) || i AS s "
        "FROM range(3000000) AS t(i) ORDER BY h LIMIT 2999999)"
    )
    with pytest.raises(RelcliError, match="does not fit into memory: ask for less"):
        query(place.path, large)
    assert query(place.path, large, allow_external=True).rows[0][0] > 0
