"""Making and migrating a warehouse."""

import shutil
import subprocess

import duckdb
import pytest

from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse import objects, opening
from relcli.warehouse.batch import AttentionBatch
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from relcli.warehouse.runs import done_keys
from relcli.warehouse.spool import SpoolWriter
from tests.warehouse.batches import files_beside


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
    with pytest.raises(WarehouseError, match="can't be brought up to schema version"):
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


def test_a_warehouse_of_the_version_before_gives_the_same_answers(tmp_path):
    """Its answers and attention get a place in the wider key, and every view of them reads as it did."""
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        for file in objects.migration_files():
            number, name = file.stem.split("_", 1)
            if int(number) < 6:
                connection.execute(file.read_text())
                applied = "INSERT INTO schema_migration VALUES (?, ?, now(), 'x')"
                connection.execute(applied, [int(number), name])
        connection.execute("""INSERT INTO run (run, dataset, kind, state, started_at)
            VALUES ('r', 'd', 'run', 'done', now())""")
        connection.execute("""INSERT INTO inference BY NAME SELECT 'r' AS run, 'd' AS dataset, i AS scene_id,
            0 AS question_index, 'raw' AS variant, 'a)' AS answer, i % 2 = 0 AS correct
            FROM range(100) AS r(i)""")
        connection.execute("""INSERT INTO attention BY NAME SELECT 'r' AS run, i AS scene_id,
            0 AS question_index, 'raw' AS variant, l AS layer, 1 AS grid_height, 2 AS grid_width,
            [0.25, 0.5] AS mean_heads FROM range(100) AS r(i), range(3) AS s(l)""")
        connection.execute("CREATE VIEW mine AS SELECT run, count(*) AS n FROM inference GROUP BY run")
        before, columns = {}, {}
        for name in ("inference", "attention"):
            rows = connection.execute(f"FROM {name} ORDER BY ALL")
            columns[name] = [column[0] for column in rows.description]
            before[name] = rows.fetchall()

    ensure(path)

    for name, rows in before.items():
        found = query(path, f"SELECT {', '.join(columns[name])} FROM {name} ORDER BY ALL")
        assert found.rows == rows
    keys = "SELECT DISTINCT presentation, intervention FROM answer"
    assert query(path, keys).rows == [("plain", "none")]
    keys = "SELECT DISTINCT presentation, intervention, query_row FROM answer_attention"
    assert query(path, keys).rows == [("plain", "none", "answer")]
    assert query(path, "FROM mine").rows == [("r", 100)]
    with pytest.raises(RelcliError, match="Duplicate key"):
        query(path, "INSERT INTO answer FROM answer", read_only=False)
    ensure(path)


def test_answers_under_an_intervention_stand_beside_the_plain_ones(place, batch):
    """They have a key of their own, and no view of plain answers sees them."""
    rows, looked = batch(range(4))
    edited = [{**row, "intervention": "cut-1", "answer": "b)"} for row in rows]
    keys = [key._replace(intervention="cut-1") for key in looked.keys]
    asked = [{**row, "presentation": "order-2"} for row in rows]
    query(place.path, "INSERT INTO intervention BY NAME SELECT 'cut-1' AS intervention, 'knock-out' AS kind, "
          "make_timestamp(epoch_us(now())) AS created_at", read_only=False)  # fmt: skip
    with SpoolWriter(place.path, "r") as writer:
        writer.write(rows, looked)
        writer.write(edited, AttentionBatch(keys, looked.summaries))
        writer.write(asked)
        assert len(done_keys(place.path, "r")) == 12
    assert ingest(place.path) == 12
    assert query(place.path, "SELECT count(*), min(answer) FROM inference").rows == [(4, "a)")]
    assert query(place.path, "SELECT count(*) FROM attention").rows == [(12,)]
    assert query(place.path, "SELECT count(*) FROM answer").rows == [(12,)]
    assert query(place.path, "SELECT count(*) FROM answer_attention").rows == [(24,)]
    assert {key.intervention for key in done_keys(place.path, "r")} == {"none", "cut-1"}
