"""The same rows in every form."""

import csv
import io
import json
from datetime import datetime

import pytest

from relcli.cli.output import shown, write_record, write_rows
from relcli.errors import UsageError

COLUMNS = ("name", "share", "n", "when", "cells", "share")
ROW = ("a|b", 0.12345678901234567, 3, datetime(2026, 1, 2, 3, 4, 5), [0.5, None], float("nan"))


def written(capsys: pytest.CaptureFixture[str], form: str) -> str:
    write_rows(COLUMNS, [ROW], form)
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_refuses_two_columns_of_one_name(form: str) -> None:
    with pytest.raises(UsageError, match=r"'share'.* AS"):
        write_rows(COLUMNS, [ROW], form)


def test_json_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (*COLUMNS[:-1], "other")
    write_rows(columns, [ROW], "json")
    [row] = json.loads(capsys.readouterr().out)
    assert row["share"] == ROW[1] and row["other"] is None
    assert row["when"] == "2026-01-02T03:04:05" and row["cells"] == [0.5, None]
    write_rows(columns, [ROW], "jsonl")
    assert json.loads(capsys.readouterr().out) == row


def test_csv_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    [head, row] = csv.reader(io.StringIO(written(capsys, "csv")))
    assert head == ["name", "share", "n", "when", "cells", "share_2"]
    assert float(row[1]) == ROW[1] and row[0] == "a|b" and json.loads(row[4]) == [0.5, None]


def test_names_of_csv_columns_never_fall_together(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(("a", "a", "a_2", "a"), [], "csv")
    names = capsys.readouterr().out.strip().split(",")
    assert len(set(names)) == 4 and names[0] == "a"


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


@pytest.mark.parametrize(
    ("cell", "marked"),
    [
        ("a|b\nc", "a\\|b\\\\nc"),
        ("`x` **y** _z_ a_b", "\\`x\\` \\*\\*y\\*\\* \\_z\\_ a_b"),
        ("![i](http://x) <img src=x> &lt; R&D", "!\\[i](http://x) \\<img src=x> \\&lt; R&D"),
        ("\x1b[2J", "\\\\x1b\\[2J"),
    ],
)
def test_markdown_in_a_cell_is_words(capsys: pytest.CaptureFixture[str], cell: str, marked: str) -> None:
    write_rows((cell,), [[cell]], "markdown")
    head, _, row = capsys.readouterr().out.splitlines()
    assert head == row == f"| {marked} |"
