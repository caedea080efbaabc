"""Making and migrating a warehouse."""

import shutil
import subprocess

import duckdb
import pytest
from batches import files_beside

from relcli.errors import WarehouseError
from relcli.warehouse import objects, opening
from relcli.warehouse.connect import connect, ensure
from relcli.warehouse.rows import query


@pytest.fixture
def sql(tmp_path, monkeypatch):
    """A copy of sql/ to add migrations and views to."""
    folder = tmp_path / "sql"
    shutil.copytree(opening.sql_dir(), folder)
    monkeypatch.setattr(objects, "sql_dir", lambda: folder)
    monkeypatch.setattr(opening, "sql_dir", lambda: folder)
    return folder


def test_a_new_file_is_whole_and_in_the_older_storage_format(tmp_path):
    path = tmp_path / "deep" / "down" / "relcli.duckdb"
    assert ensure(path) == opening.latest_version()
    assert files_beside(path) == []
    tags = query(
        path, "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'relcli'"
    )
    assert tags.rows == [("v1.5.0+",)]


def test_every_table_view_and_macro_says_what_it_is(place):
    with connect(place.path, read_only=True) as connection:
        for kind, name in (("tables", "table_name"), ("views", "view_name"), ("functions", "function_name")):
            silent = connection.execute(
                f"SELECT {name} FROM duckdb_{kind}() WHERE NOT internal AND comment IS NULL"
            ).fetchall()
            assert silent == []
        recorded = connection.execute("SELECT count(*) FROM schema_object").fetchall()
    assert recorded == [(len(objects.object_files()),)]


def test_ensure_leaves_a_current_file_alone(place):
    before = place.path.stat().st_mtime_ns
    with connect(place.path, read_only=True):  # a reader does not keep a current warehouse from being used
        ensure(place.path)
    assert place.path.stat().st_mtime_ns == before


def test_migrates_once_keeps_rows_and_sets_views_again(place, sql):
    number = opening.latest_version() + 1
    (sql / "migrations" / f"{number:04d}_more.sql").write_text(
        "ALTER TABLE run ADD COLUMN mood VARCHAR; CREATE TABLE extra (x INTEGER);"
    )
    (sql / "views" / "run_mood.sql").write_text(
        "CREATE OR REPLACE VIEW run_mood AS SELECT run, mood FROM run; COMMENT ON VIEW run_mood IS 'A mood.';"
    )
    (sql / "views" / "run_summary.sql").unlink()

    assert ensure(place.path) == ensure(place.path) == number

    assert query(place.path, "FROM run_mood").rows == [("r", None)]
    applied = query(place.path, "SELECT count(*) FROM schema_migration WHERE version = $n", {"n": number})
    assert applied.rows == [(1,)]
    views = query(place.path, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").rows
    assert ("run_mood", "A mood.") in views
    assert "run_summary" not in dict(views)


def test_a_changed_view_file_is_enough(place, sql):
    with (sql / "views" / "run_state.sql").open("a") as file:
        file.write("COMMENT ON VIEW run_state IS 'Changed.';")
    ensure(place.path)
    comment = query(place.path, "SELECT comment FROM duckdb_views() WHERE view_name = 'run_state'").rows
    assert comment == [("Changed.",)]


def test_peoples_own_views_stay(place, sql):
    query(place.path, "CREATE VIEW mine AS SELECT 42 AS x", read_only=False)
    (sql / "views" / "run_summary.sql").unlink()
    ensure(place.path)
    assert query(place.path, "FROM mine").rows == [(42,)]


def test_a_failing_migration_changes_nothing(place, sql):
    number = opening.latest_version() + 1
    (sql / "migrations" / f"{number:04d}_bad.sql").write_text(
        "CREATE TABLE half (x INTEGER); SELECT nonsense;"
    )
    with pytest.raises(duckdb.Error):
        ensure(place.path)
    with duckdb.connect(str(place.path), read_only=True) as file:
        assert file.execute("FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == []
        assert file.execute("SELECT max(version) FROM schema_migration").fetchall() == [(number - 1,)]
        assert file.execute("SELECT count(*) FROM run_summary").fetchall() == [(1,)]


def test_several_processes_make_the_same_file(place, start):
    place.path.unlink()
    makers: list[subprocess.Popen] = [start("make") for _ in range(3)]
    for maker in makers:
        _, errors = maker.communicate(timeout=30)
        assert (maker.returncode, errors) == (0, "")
    assert query(place.path, "FROM run").rows == []
    assert files_beside(place.path) == []


def test_full_disk_leaves_no_file(place, start):
    out, _ = start("full_disk", "make", 300_000).communicate(timeout=30)
    assert out.startswith("WarehouseError 3: The disk of ")
    assert files_beside(place.path) == []


def test_unreadable_warehouse_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match=r"The folder .*file.* can't be made \(File exists\)"):
        ensure(tmp_path / "file" / "relcli.duckdb")
