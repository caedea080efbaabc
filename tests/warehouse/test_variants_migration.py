"""A warehouse from before variants were rows: every view says after the migration what it said before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from relcli.warehouse import migrations, objects
from relcli.warehouse.datasets import load_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.quoting import literal
from relcli.warehouse.rows import query
from tests.tui.warehouse_kit import make_warehouse

NUMBERS = ("0012", "0017")  # and what stands on its tables
TABLES_OF_OLD = ("scene", "entity", "relation", "question")
NEW_VIEWS = {
    "answer_presented", "consistency", "entity", "entity_shown", "letter_preference", "question", "relation",
    "robustness", "scene",
}  # fmt: skip
"""Views that are made of the new tables by name, so that a relcli of old had none of them."""
TELL_THE_TIME = {"run_state", "run_summary"}
EXCEPT = {"schema_migration", "schema_object"}


@contextmanager
def without_variants(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        files = [file for file in objects.migration_files() if not file.name.startswith(NUMBERS)]
        patched.setattr(migrations, "migration_files", lambda: files)
        yield


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("today") / "today.duckdb", n_scenes=6, runs=("study-4b",))


@pytest.fixture
def old(tmp_path: Path, today: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same content in the tables of old: its views, where those are made of tables now."""
    path = tmp_path / "old.duckdb"
    connection = duckdb.connect(str(path))
    with without_variants(monkeypatch):
        for file in migrations.migration_files():
            migrations._apply(connection, file)
    connection.execute(f"ATTACH {literal(str(today))} AS today (READ_ONLY)")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND NOT internal"
    ).fetchall()
    for (table,) in tables:
        if table not in EXCEPT:
            connection.execute(f"DELETE FROM {table}")
            # Columns that the migration adds to tables are not there yet.
            columns = ", ".join(name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall())
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM today.{table}")
    connection.execute("DETACH today")
    connection.close()
    return path


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Rows in one order, numbers rounded: sums of floats depend on the order they are taken in."""
    return sorted(repr(rounded(row)) for row in connection.execute(f"FROM {name}").fetchall())


def rounded(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


@pytest.mark.slow
def test_every_view_says_what_it_said(old: Path) -> None:
    before: dict[str, list[str]] = {}
    with duckdb.connect(str(old)) as connection:
        made = set()
        for kind, file in objects.object_files():
            if file.stem in NEW_VIEWS:
                continue
            try:
                connection.execute(file.read_text(encoding="utf-8"))
            except duckdb.CatalogException:
                continue
            if kind == "VIEW" and file.stem not in TELL_THE_TIME:
                made.add(file.stem)
        before = {name: rows_of(connection, name) for name in [*TABLES_OF_OLD, *sorted(made)]}
        for name in made:
            connection.execute(f"DROP VIEW {name}")
    assert len(made) > 25 and sum(map(bool, before.values())) > 20

    ensure(old)

    with connect(old, read_only=True) as connection:
        after = {name: rows_of(connection, name) for name in before}
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_data_set_is_what_it_was(old: Path, today: Path) -> None:
    ensure(old)
    [name] = (name for (name,) in query(today, "SELECT dataset FROM dataset").rows)
    then, now = load_dataset(today, name), load_dataset(old, name)
    assert now.content_hash == then.content_hash
    for was, item in zip(then.items, now.items, strict=True):
        assert [(v.name, v.twin) for v in item.variants] == [(v.name, v.twin) for v in was.variants]
        assert item.questions == was.questions  # whether the edit touches what is asked about, too
    kinds = query(old, "SELECT variant, kind, graded_as FROM variant ORDER BY variant").rows
    assert kinds == [("blank", "blank", "raw"), ("masked", "mask", "masked"), ("raw", "raw", "raw")]
