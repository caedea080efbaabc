"""The same rows in every form."""

import csv
import io
import json
from datetime import datetime

import pytest

from relcli.cli.output import shown, write_record, write_rows

COLUMNS = ("name", "share", "n", "when", "cells", "share")
ROW = ("a|b", 0.12345678901234567, 3, datetime(2026, 1, 2, 3, 4, 5), [0.5, None], float("nan"))


def written(capsys: pytest.CaptureFixture[str], form: str) -> str:
    write_rows(COLUMNS, [ROW], form)
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_json_keeps_every_digit_and_both_columns_of_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    [row] = json.loads(written(capsys, "json"))
    assert row["share"] == ROW[1] and row["share_2"] is None
    assert row["when"] == "2026-01-02T03:04:05" and row["cells"] == [0.5, None]
    assert json.loads(written(capsys, "jsonl")) == row


def test_csv_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    [head, row] = csv.reader(io.StringIO(written(capsys, "csv")))
    assert head == ["name", "share", "n", "when", "cells", "share_2"]
    assert float(row[1]) == ROW[1] and row[0] == "a|b" and json.loads(row[4]) == [0.5, None]


def test_markdown_escapes_and_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    lines = written(capsys, "markdown").splitlines()
    assert lines[0].startswith("| name | share |") and lines[1] == "|---|---:|---:|---|---|---:|"
    assert lines[2].startswith("| a\\|b | 0.1235 | 3 |")


def test_a_table_on_a_pipe_is_never_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    write_rows(("name", "text"), [("a", long), ("b", "[bold]no markup[/bold]")], "table")
    lines = capsys.readouterr().out.splitlines()
    assert any(long in line for line in lines) and any("[bold]no markup[/bold]" in line for line in lines)
    assert len(lines) == 5


def test_no_rows_are_valid_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(("a",), [], "json")
    assert json.loads(capsys.readouterr().out) == []
    write_rows(("a",), [], "csv")
    assert capsys.readouterr().out == "a\n"


def test_a_record_is_an_object_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_record([("path", "x"), ("bytes", 3)], "json")
    assert json.loads(capsys.readouterr().out) == {"path": "x", "bytes": 3}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (0.0, "0"),
        (0.5, "0.5"),
        (0.97454, "0.9745"),
        (3e-7, "3e-07"),
        (b"12345", "<5 bytes>"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, 6, 7, ... 9 values]"),
    ],
)
def test_values_for_the_eye(value: object, text: str) -> None:
    assert shown(value) == text
