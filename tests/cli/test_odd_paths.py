"""A warehouse works in whatever folder it lies and whatever it is called."""

import csv
from pathlib import Path

import pytest

from tests.cli.cli_helpers import Relcli, load_json, rows_of

ODD = ["lr=0.1", "[a-z]* it's \"mine\" é中 {a,b}~%20;#&"]


@pytest.mark.parametrize("folder", ODD)
@pytest.mark.slow
def test_every_command_works_in_an_odd_folder(
    relcli: Relcli, scenes: Path, tiny_model: Path, tmp_path: Path, folder: str
) -> None:
    place = tmp_path / folder
    place.mkdir()
    db = place / f"{folder}.duckdb"

    def does(*words: object):
        told = relcli(*words, "--db", db)
        assert told.exit_code == 0, told.stderr
        return told

    does("run", "--dataset", scenes, "--model", tiny_model, "--max-samples", 2, "--max-new-tokens", 2,
         "--name", "first", "--category", "count", "--attention", "full")  # fmt: skip
    [(n,)] = rows_of(db, "SELECT count(*) FROM inference WHERE run = 'first'")
    assert n and rows_of(db, "SELECT state FROM run") == [("done",)]
    does("runs", "show", "first")
    does("db", "status")
    does("db", "fill", "first")
    does("db", "compact")
    does("db", "snapshot", place / f"copy {folder}.duckdb")
    assert rows_of(place / f"copy {folder}.duckdb", "SELECT count(*) FROM inference") == [(n,)]
    does("export", "first", "--out", place / f"out {folder}", "--attention")
    does("export", "--table", "inference", "--out", place / f"{folder}.csv")
    with open(place / f"{folder}.csv", newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == n
    does("export", "--table", "inference", "--out", place / f"{folder}.parquet")
    does("generate", "--out", place / f"new {folder}", "--scenes", 2)
    out = place / f"out {folder}"
    does("import", "seed", "--results", out / "evaluation_results.csv", "--attention", out, "--name", "again")
    assert load_json(does("sql", "select count(*) as n from inference", "--format", "json"))[0]["n"] >= n
    does("audit", "--run", "first")
    does("runs", "remove", "again", "--yes")
