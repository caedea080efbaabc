"""Rows from one DuckDB connection to another: how often their query runs, and whose errors come out."""

import duckdb
import pytest

from relcli.warehouse.across import beside, lent, streamed


@pytest.fixture
def source():
    with duckdb.connect() as connection:
        connection.execute("CREATE SEQUENCE runs; CREATE TABLE t AS SELECT range AS i FROM range(5000)")
        yield connection


def test_a_streamed_query_runs_once(source, tmp_path):
    rows = source.sql("SELECT i, nextval('runs') AS number FROM t ORDER BY i")  # sorted: computed as a whole
    with beside() as other, streamed(other, "found", rows):
        other.execute(f"COPY (FROM found) TO '{tmp_path / 'rows.parquet'}'")
        found = other.execute(f"FROM '{tmp_path / 'rows.parquet'}'").fetchall()
    assert [i for i, _ in found] == list(range(5000))
    assert sorted(number for _, number in found) == list(range(1, 5001))
    assert source.execute("SELECT nextval('runs')").fetchone() == (5001,)


def test_lent_rows_serve_several_statements(source):
    with beside() as other, lent(other, "t", source.table("t")):
        for _ in range(2):
            [(total,)] = other.execute("SELECT sum(a.i) FROM t AS a JOIN t AS b USING (i)").fetchall()
            assert total == sum(range(5000))


@pytest.mark.parametrize("order", ["", " ORDER BY 1"])
@pytest.mark.parametrize("way", [lent, streamed])
def test_errors_of_the_query_are_its_own(source, way, order):
    wrong = source.sql(f"SELECT CAST(if(i = 4999, 'four', '4') AS INTEGER) AS n FROM t{order}")
    with (
        pytest.raises(duckdb.ConversionException, match="'four'"),
        beside() as other,
        way(other, "found", wrong),
    ):
        other.execute("SELECT sum(n) FROM found")


def test_nothing_stays_registered(source):
    with beside() as other:
        for way in (lent, streamed):
            with way(other, "found", source.table("t")):
                assert other.execute("SELECT count(*) FROM found").fetchall() == [(5000,)]
            with pytest.raises(duckdb.CatalogException):
                other.execute("FROM found")
