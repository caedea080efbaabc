"""Every view says what a row of it is."""

from relcli.paths import sql_dir


def test_every_view_says_what_a_row_is(warehouse):
    comments = dict(warehouse.ask("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").rows)
    assert comments.keys() == {file.stem for file in (sql_dir() / "views").glob("*.sql")}
    silent = [name for name, comment in comments.items() if not (comment or "").startswith("One row per ")]
    assert silent == []
