"""sql/README.md has a line for every table, view and macro."""

import re

from relcli.paths import sql_dir
from relcli.warehouse.rows import query


def test_readme_names_every_table_view_and_macro(warehouse):
    text = (sql_dir() / "README.md").read_text()
    named = {
        name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)", line)
    }
    made = {name for (name,) in query(warehouse.path, "SELECT table_name FROM duckdb_tables()").rows}
    made |= {file.stem for folder in ("views", "macros") for file in (sql_dir() / folder).glob("*.sql")}
    assert made - named == set()


def test_every_view_and_macro_is_named_after_its_file():
    for folder, kind in (("views", "VIEW"), ("macros", "MACRO")):
        for file in (sql_dir() / folder).glob("*.sql"):
            made = re.findall(rf"CREATE OR REPLACE {kind} (\w+)", file.read_text())
            assert made == [file.stem]
