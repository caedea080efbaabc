"""`relcli experiments`: what was done in which run, and taking it away again."""

from pathlib import Path

from relcli.warehouse.interventions import CutRecord, register_interventions
from relcli.warehouse.spool import SpoolWriter
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence

DB = ("--db", "study.duckdb", "--format", "json")
COUNTED = "select intervention, count(*) from answer group by all order by all"


def put(database: Path, *names: str) -> None:
    """Repeat the plain answers under interventions, through the spool."""
    records = [
        CutRecord(name, name.split("/")[0], "target", "answer", None, None, None, 0, 0, None)
        if "/" not in name
        else CutRecord(name, name.split("/")[0], "random", "answer", None, None, "target", 1, 0, "x")
        for name in names
    ]
    register_interventions(database, records)
    columns = "dataset, scene_id, question_index, variant, answer, choice, correct, ground_truth"
    plain = rows_of(database, f"select {columns} from inference")
    rows = [dict(zip(columns.split(", "), row, strict=True)) for row in plain]
    with SpoolWriter(database, "first") as spool:
        for name in names:
            spool.write([row | {"intervention": name} for row in rows])


def test_experiments_are_listed_and_removed_from_spool_and_warehouse(relcli: Relcli, answered: Path) -> None:
    before = rows_of(answered, COUNTED)
    put(answered, "x", "x/random-1", "y")  # nobody has taken them in yet
    removed = relcli("experiments", "remove", "x", "--run", "first", "--yes", *DB)
    assert removed.exit_code == 0, removed.stderr
    n = before[0][1]
    assert f"Removed x with {2 * n:,} answers" in removed.stderr
    assert rows_of(answered, COUNTED) == [*before, ("y", n)]
    assert rows_of(answered, "select intervention from intervention order by all") == [("none",), ("y",)]
    [left] = load_json(relcli("experiments", "list", *DB))
    assert (left["run"], left["experiment"], left["kind"], left["answers"]) == ("first", "y", "knock-out", n)
    assert (left["steps"], left["controls"], left["target"]) == (1, 0, "answer to target")


def test_what_cannot_be_removed_is_said(relcli: Relcli, answered: Path) -> None:
    for words, says in (
        (("x", "--run", "first", "--yes"), "has no experiment x; it has none"),
        (("x", "--run", "firts", "--yes"), "did you mean first?"),
        (("x", "--run", "first"), "say --yes"),
    ):
        result = relcli("experiments", "remove", *words, *DB)
        assert result.exit_code == 2 and says in sentence(result)
    assert "no experiments yet" in relcli("experiments", "list", *DB[:2]).stderr
    assert relcli("experiments", "list", "--run", "other", *DB).exit_code == 2
