"""SQL in, rows out, mistakes as one sentence."""

import pytest

from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse.rows import query


def test_values_types_and_limit(place):
    rows = query(
        place.path,
        "SELECT x, [x / 2]::FLOAT[] AS half, NULL AS none FROM range($n) AS t(x)",
        {"n": 5},
        limit=2,
    )
    assert rows.columns == ["x", "half", "none"]
    assert rows.types == ["BIGINT", "FLOAT[]", "NULL"]
    assert rows.rows == [(0, [0.0], None), (1, [0.5], None)]
    assert rows.truncated
    assert rows.as_dicts()[1] == {"x": 1, "half": [0.5], "none": None}
    assert not query(place.path, "FROM range(2)", limit=2).truncated
    assert query(place.path, "SELECT ? + ?", [1, 2]).rows == [(3,)]


def test_the_last_of_several_statements_counts(place):
    assert query(place.path, "SELECT 1; SELECT 2").rows == [(2,)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("FROM inferense", "Table with name inferense does not exist! Did you mean \"inference\""),
        ("SELECT modell FROM run", "modell"),
        ("DELETE FROM run", "read-only"),
        ("SELECT 'x'::INTEGER", "Could not convert string 'x' to INT32"),
        ("SELECT $a", "a"),
        ("FROM 'none.csv'", "--allow-external"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(place, sql, expected):
    with pytest.raises(RelcliError) as caught:
        query(place.path, sql)
    text = str(caught.value)
    assert expected in text and "\n" not in text
    assert not isinstance(caught.value, WarehouseError)


def test_time_with_zone(place):
    try:
        rows = query(place.path, "SELECT TIMESTAMPTZ '2026-01-02 03:04:05+00' AS t").rows
    except RelcliError as error:  # the client wants pytz for this type; we don't
        assert "cast them" in str(error)
    else:
        assert rows[0][0].timestamp() == 1767323045


def test_writing_when_asked_for(place):
    query(place.path, "CREATE TABLE mine AS SELECT 1 AS x", read_only=False)
    assert query(place.path, "FROM mine").rows == [(1,)]
