"""relcli sql."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence


def test_a_question_may_start_with_from(relcli: Relcli, answered: Path) -> None:
    result = relcli("sql", "from raw_vs_masked", "--db", answered, "--format", "json")
    assert result.exit_code == 0
    assert {row["category"] for row in load_json(result)} >= {"count", "recognition_color"}


def test_a_file_standard_input_and_the_command_line_are_equal(relcli: Relcli, answered: Path) -> None:
    sql = "select count(*) as n from inference"
    Path("query.sql").write_text(sql)
    answers = [
        relcli("sql", sql, "--db", answered, "--format", "csv"),
        relcli("sql", "query.sql", "--db", answered, "--format", "csv"),
        relcli("sql", "--db", answered, "--format", "csv", stdin=sql),
        relcli("sql", "-", "--db", answered, "--format", "csv", stdin=sql),
    ]
    assert {answer.stdout for answer in answers} == {f"n\n{rows_of(answered, sql)[0][0]}\n"}


def test_pictures_come_as_base64_in_json_and_as_a_size_in_a_table(relcli: Relcli, answered: Path) -> None:
    query = "select image from scene limit 1"
    [row] = load_json(relcli("sql", query, "--db", answered, "--format", "json"))
    assert row["image"].startswith("iVBORw0KGgo")
    assert "bytes>" in relcli("sql", query, "--db", answered).stdout


def test_only_reading_unless_asked(relcli: Relcli, answered: Path) -> None:
    view = relcli("sql", "delete from attention", "--db", answered, "--write")
    assert view.exit_code == 1 and "answer_attention" in sentence(view)
    query = "delete from answer_attention"
    refused = relcli("sql", query, "--db", answered)
    assert refused.exit_code == 1 and "read" in sentence(refused)
    assert rows_of(answered, "select count(*) > 0 from attention") == [(True,)]
    assert relcli("sql", query, "--db", answered, "--write").exit_code == 0
    assert rows_of(answered, "select count(*) from attention") == [(0,)]


def test_a_long_table_is_cut_and_says_so(relcli: Relcli, answered: Path) -> None:
    result = relcli("sql", "from range(5000)", "--db", answered)
    assert len(result.stdout.splitlines()) < 1010 and "first 1,000 rows" in result.stderr
    rows = relcli("sql", "from range(5000)", "--db", answered, "--format", "jsonl").stdout.splitlines()
    assert len(rows) == 5000 and json.loads(rows[-1]) == {"range": 4999}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("selct 1", "selct"),
        ("from raw_vs_maskt", "raw_vs_masked"),
        ("select nothing_of_that_name from run", "nothing_of_that_name"),
        ("select now()::timestamptz", "TIMESTAMP"),
    ],
)
def test_wrong_sql_is_one_sentence(relcli: Relcli, answered: Path, query: str, says: str) -> None:
    result = relcli("sql", query, "--db", answered)
    assert result.exit_code == 1 and says in sentence(result) and result.stdout == ""


def test_what_cant_be_asked(relcli: Relcli, answered: Path) -> None:
    assert "no SQL in standard input" in sentence(relcli("sql", "--db", answered, stdin=""))
    missing = relcli("sql", "missing.sql", "--db", answered)
    assert missing.exit_code == 2 and "missing.sql" in sentence(missing)


def test_files_that_are_no_warehouse(relcli: Relcli, tmp_path: Path, answered: Path) -> None:
    (tmp_path / "text.duckdb").write_text("no database at all, " * 1000)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
        other.execute("create table mine (a int)")
    with duckdb.connect(str(answered)) as newer:
        newer.execute("insert into schema_migration values (99, 'future', now()::timestamp, '9.0')")
    for file, says in (
        ("missing.duckdb", "There is no warehouse at missing.duckdb"),
        ("text.duckdb", "not a DuckDB file"),
        ("other.duckdb", "not a relcli warehouse"),
        (answered, "schema version 99"),
    ):
        result = relcli("sql", "from run", "--db", file)
        assert result.exit_code == 3 and says in sentence(result)
