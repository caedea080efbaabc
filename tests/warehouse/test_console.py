"""A typed statement: what it brings, what it is told, and how it is stopped."""

import threading
import time

import pytest

from relcli.errors import UsageError, WarehouseError
from relcli.warehouse.console import SqlError, Statement, StatementStopped, check_reading
from relcli.warehouse.examples import examples


def test_a_statement_brings_rows_and_its_time(place):
    result = Statement(place.path, "FROM range(5) -- as it is", limit=3).run()
    assert result.rows.rows == [(0,), (1,), (2,)] and result.rows.truncated
    assert 0 <= result.seconds < 10


@pytest.mark.parametrize(
    ("sql", "place_of_it", "expected"),
    [
        ("SELEC 1", (1, 1), 'syntax error at or near "SELEC"'),
        ("SELECT run,\n  modell\nFROM run", (2, 3), "modell"),
        ("SELECT " + "1, " * 60 + "foo FROM run", (1, 188), '"foo" not found'),
        ("SELECT '" + "x" * 300 + "', foo, '" + "y" * 300 + "' FROM run", (1, 312), '"foo" not found'),
        ("FROM inferense", (1, 6), "Did you mean"),
        ("SELECT error('none')", (None, None), "none"),
    ],
)
def test_a_mistake_has_its_place(place, sql, place_of_it, expected):
    with pytest.raises(SqlError, match=expected) as caught:
        Statement(place.path, sql).run()
    assert (caught.value.line, caught.value.column) == place_of_it


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM run",
        "create table t as select 1",
        "COPY run TO 'x.csv'",
        "ATTACH 'x' AS x",
        "SET threads = 1",
    ],
)
def test_what_changes_something_is_refused(sql):
    with pytest.raises(UsageError, match="only reads"):
        check_reading(sql)


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", "FROM run;\nFROM dataset;"])
def test_one_statement_at_a_time(sql):
    with pytest.raises(UsageError, match="2 statements"):
        check_reading(sql)


@pytest.mark.parametrize("sql", ["", "  ", "-- nothing", ";"])
def test_nothing_is_no_statement(sql):
    with pytest.raises(UsageError, match="There is no SQL"):
        check_reading(sql)


@pytest.mark.parametrize(
    "sql",
    ["FROM run;", "DESCRIBE run", "SHOW TABLES", "EXPLAIN FROM run", "PIVOT run ON state USING count(*)"],
)
def test_ways_of_reading(place, sql):
    Statement(place.path, sql).run()


def test_a_long_statement_is_stopped(place):
    statement = Statement(place.path, "SELECT count(*) FROM range(10_000_000_000) AS t(x) WHERE sqrt(x) < 0")
    threading.Timer(0.3, statement.stop).start()
    started = time.monotonic()
    with pytest.raises(StatementStopped, match=r"Stopped after \d"):
        statement.run()
    assert time.monotonic() - started < 20
    with pytest.raises(StatementStopped, match="before it began"):
        statement.run()
    assert Statement(place.path, "SELECT 1").run().rows.rows == [(1,)]


def test_a_warehouse_that_is_not_there(tmp_path):
    with pytest.raises(WarehouseError, match="There is no warehouse"):
        Statement(tmp_path / "none.duckdb", "SELECT 1").run()


def test_examples_have_titles_people_can_choose_by():
    found = examples()
    assert len({example.title for example in found}) == len(found) >= 10
    for example in found:
        assert 10 < len(example.title) < 40 and example.about[-1] in ".?)"
        assert (
            not example.about.startswith("-") and "\n" not in example.about and example.sql.startswith("-- ")
        )
