"""An empty warehouse is made once for a user, and a copy of it is a warehouse like any."""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from relcli.paths import cache_folder
from relcli.warehouse import kept_empty, migrations
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect, latest_version, scalar


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were written anew, and a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found: list[Path] = []
    write = migrations.write_empty

    def counted(file: Path, path: Path) -> None:
        found.append(path)
        write(file, path)

    monkeypatch.setattr(migrations, "write_empty", counted)
    return found


def kept() -> list[Path]:
    return sorted(cache_folder().glob("empty-*"))


def contents(path: Path) -> dict[str, list[tuple]]:
    with connect(path, read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        columns = {"schema_migration": "* EXCLUDE (applied_at)"}
        return {
            name: connection.execute(f"SELECT {columns.get(name, '*')} FROM {name} ORDER BY ALL").fetchall()
            for (name,) in names
        }


def test_the_second_warehouse_is_a_copy_of_the_first(tmp_path: Path, made: list[Path]) -> None:
    for name in ("one", "two"):
        assert ensure(tmp_path / name) == latest_version()
    assert made == [tmp_path / "one"] and len(kept()) == 1
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not list(tmp_path.glob(".*"))


def test_a_copy_is_dated_to_when_it_was_made(tmp_path: Path, made: list[Path]) -> None:
    ensure(tmp_path / "one")
    with duckdb.connect(str(kept()[0])) as connection:
        connection.execute("UPDATE schema_migration SET applied_at = TIMESTAMP '2001-01-01'")
    ensure(tmp_path / "two")
    with connect(tmp_path / "two", read_only=True) as connection:
        first = scalar(connection, "SELECT min(applied_at) FROM schema_migration")
    assert made == [tmp_path / "one"] and abs(datetime.utcnow() - first) < timedelta(minutes=1)


@pytest.mark.parametrize("spoil", ["cut off", "other view", "older", "no database", "folder"])
def test_a_spoilt_one_is_made_anew(tmp_path: Path, made: list[Path], spoil: str) -> None:
    ensure(tmp_path / "one")
    [file] = kept()
    if spoil == "cut off":
        file.write_bytes(file.read_bytes()[:20_000])
    elif spoil == "no database":
        file.write_bytes(b"none")
    elif spoil == "folder":
        file.unlink()
        file.mkdir()
    else:
        with duckdb.connect(str(file)) as connection:
            connection.execute(
                "CREATE OR REPLACE VIEW accuracy_by_category AS SELECT 1 AS one"
                if spoil == "other view"
                else "DELETE FROM schema_migration WHERE version > 3"
            )
    ensure(tmp_path / "two")
    assert made == [tmp_path / "one", tmp_path / "two"]
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_cache_that_cannot_be_written_is_no_trouble(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    for name in ("one", "two"):
        assert ensure(tmp_path / name) == latest_version()
    assert len(made) == 2


def test_other_versions_take_another_file(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, version in enumerate(("9.1", "9.2", "9.3", "9.3")):
        monkeypatch.setattr(kept_empty, "VERSION", version)
        ensure(tmp_path / str(number))
    assert len(made) == 3 and len(kept()) == 2
