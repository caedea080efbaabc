"""Opening: what is refused, with which sentence, and how a locked file is waited for."""

import shutil
import tempfile
import threading
import time
from pathlib import Path

import duckdb
import pytest

from relcli.errors import WarehouseError
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect, latest_version


def opened(path, **options):
    with connect(path, **{"read_only": True, "timeout_s": 0.2, **options}) as connection:
        return connection.execute("SELECT 1").fetchall()


def refusal(path, **options) -> str:
    with pytest.raises(WarehouseError) as caught:
        opened(path, **options)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_file(tmp_path):
    missing = tmp_path / "none.duckdb"
    for read_only in (True, False):
        assert f"There is no warehouse at {missing}" in refusal(missing, read_only=read_only)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database\n" * 500])
def test_not_a_duckdb_file(tmp_path, content):
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    assert f"{file} is not a DuckDB file" in refusal(file)
    with pytest.raises(WarehouseError, match="is not a DuckDB file"):
        ensure(file)
    assert file.read_bytes() == content


def test_a_folder_is_no_duckdb_file(tmp_path):
    assert "is not a DuckDB file" in refusal(tmp_path)


def test_somebody_elses_duckdb_file_is_left_alone(tmp_path):
    file = tmp_path / "mine.duckdb"
    with duckdb.connect(str(file)) as mine:
        mine.execute("CREATE TABLE run (x INTEGER)")
    assert "not a relcli warehouse" in refusal(file)
    with pytest.raises(WarehouseError, match="with other tables in it"):
        ensure(file)
    with duckdb.connect(str(file)) as mine:
        assert mine.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("run",)]


def test_newer_schema_is_refused(place):
    newer = latest_version() + 1
    with connect(place.path, read_only=False) as connection:
        connection.execute("INSERT INTO schema_migration VALUES (?, 'later', now()::TIMESTAMP, '9')", [newer])
    for read_only in (True, False):
        text = refusal(place.path, read_only=read_only)
        assert f"has schema version {newer}, but this relcli knows only {latest_version()}" in text
        assert "upgrade relcli" in text
    with pytest.raises(WarehouseError, match="upgrade relcli"):
        ensure(place.path)


def test_what_an_older_file_lacks_is_named(place):
    """Readers take an older file as it is; where a table or a column is missing, they say what brings it."""
    with connect(place.path, read_only=False) as connection:
        connection.execute("DELETE FROM schema_migration WHERE version > 1")
    for sql in ("SELECT gone FROM run", "FROM not_yet"):
        with (
            pytest.raises(WarehouseError, match="relcli db migrate"),
            connect(place.path, read_only=True) as connection,
        ):
            connection.execute(sql)


def test_older_schema_is_not_written_to(place):
    with connect(place.path, read_only=False) as connection:
        connection.execute("DELETE FROM schema_migration")
    assert "relcli db migrate" in refusal(place.path, read_only=False)


@pytest.mark.parametrize(("held", "read_only"), [("write", True), ("write", False), ("read", False)])
def test_a_locked_file_names_who_holds_it(place, start, held, read_only):
    holder = start("hold", held)
    assert holder.stdout.readline() == "held\n"

    began = time.monotonic()
    text = refusal(place.path, read_only=read_only, timeout_s=0.5)

    assert 0.4 < time.monotonic() - began < 30
    assert f"{place.path} has been held by process {holder.pid} (" in text
    assert "workers.py hold" in text
    assert "for 0.5 s" in text


def test_many_readers(place, start):
    assert start("hold", "read").stdout.readline() == "held\n"
    assert opened(place.path) == [(1,)]


def test_waits_until_the_holder_is_gone(place, start):
    holder = start("hold", "write")
    holder.stdout.readline()
    threading.Timer(0.4, holder.kill).start()
    assert opened(place.path, read_only=False, timeout_s=10) == [(1,)]


def test_threads_of_one_process_take_turns(place):
    """Within a process DuckDB neither locks nor lets modes mix; eight threads still all get their turn."""
    problems = []

    def beat(i: int) -> None:
        try:
            with connect(place.path, read_only=i % 3 == 0, timeout_s=60) as connection:
                if i % 3:
                    connection.execute("UPDATE run SET message = ?", [str(i)])
                else:
                    connection.execute("FROM run").fetchall()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=beat, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_mode_mixed_within_the_process_is_explained(place):
    with connect(place.path, read_only=True):
        assert "open in this process in another mode" in refusal(place.path, read_only=False)


def test_without_permission(start, template):
    """A stranger may read a warehouse where the file lets them, and is told why they can't write."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(shutil.copy(template, name))
        path.chmod(0o444)
        Path(name).chmod(0o555)
        out, errors = start("as_a_stranger", path).communicate(timeout=30)
        Path(name).chmod(0o755)
        if out.startswith("skip"):
            pytest.skip("relcli itself can't be read by others here")
        no_writing = (
            "can't be opened or written, permission is missing: change that, or name another file with"
        )
        assert out.splitlines() == [
            "readable",
            f"{path} {no_writing} --db.",
            f"{name}/new.duckdb {no_writing} --db.",
            f"The folder {path}.spool/r can't be made (Permission denied): choose another place with --db.",
        ], errors
        assert [file.name for file in Path(name).iterdir()] == [path.name]
