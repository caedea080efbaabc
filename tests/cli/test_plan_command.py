"""relcli plan and run --dry-run: what a run takes, before it is one."""

from pathlib import Path

import pytest

from relcli.analysis.power import power
from relcli.scenes.generation import generate_folder
from tests.cli.cli_helpers import Relcli, load_json, sentence
from tests.cli.import_kit import sample_lines, write_lines

pytestmark = pytest.mark.usefixtures("empty")
DB = Path("plan.duckdb")


@pytest.fixture
def scenes() -> Path:
    generate_folder(Path("six"), n_scenes=6, seed=4)
    return Path("six")


def test_the_scenes_said_have_the_power_wanted(relcli: Relcli, scenes: Path) -> None:
    words = ("plan", "--drop", 0.1, "--power", 0.9, "--dataset", scenes, "--db", DB, "--format", "json")
    rows = load_json(relcli(*words, "--background", 0.05))
    assert {row["level"] for row in rows} == {0.05 / len(rows)} and len(rows) == 7
    for row in rows:
        level = row["level"]
        assert power(row["asked"], 0.1, 0.05, level) >= 0.9 > power(row["asked"] - 1, 0.1, 0.05, level)
        assert row["scenes"] >= row["asked"] and row["source"] == "given"
    [alone] = load_json(relcli(*words, "--background", 0.05, "--category", "count"))
    assert alone["level"] == 0.05 and alone["asked"] < rows[0]["asked"]
    [family] = load_json(relcli(*words, "--background", 0.05, "--category", "count", "--comparisons", 7))
    assert family == rows[0]


def test_a_guess_is_called_one_and_a_run_is_better(relcli: Relcli, scenes: Path) -> None:
    words = ("plan", "--drop", 0.2, "--dataset", scenes, "--category", "count", "--db", DB)
    guessed = relcli(*words)
    assert "0.020 (guess)" in guessed.stdout and "is a guess" in guessed.stderr and not DB.exists()
    results = write_lines(Path("old.csv"), sample_lines())
    assert relcli("import", "seed", "--results", results, "--name", "old", "--db", DB).exit_code == 0
    [row] = load_json(relcli(*words, "--like", "old", "--format", "json"))
    assert row["source"] == "old" and row["background"] != 0.02
    missing = relcli(*words, "--like", "odl")
    assert missing.exit_code == 2 and "did you mean old?" in sentence(missing)


def test_more_than_there_is_to_lose(relcli: Relcli, scenes: Path) -> None:
    words = ("plan", "--drop", 0.5, "--background", 0.4, "--dataset", scenes, "--category", "count")
    words += ("--db", DB)
    result = relcli(*words)
    assert result.exit_code == 0 and "none" in result.stdout and "less to lose" in result.stderr
    assert load_json(relcli(*words, "--format", "json"))[0]["scenes"] is None
    assert relcli("plan", "--drop", 0, "--dataset", scenes, "--db", DB).exit_code == 2


@pytest.mark.slow
def test_a_dry_run_counts_what_the_run_answers_and_writes_nothing(
    relcli: Relcli, scenes: Path, tiny_model: Path
) -> None:
    words = ("run", "--dataset", scenes, "--model", tiny_model, "--category", "count", "--db", DB)
    before = load_json(relcli(*words, "--dry-run", "--format", "json"))
    assert not DB.exists()
    assert before["seconds"] is None and "answered nothing here" in before["seconds_from"]
    assert before["bytes"] > 0 and "a guess" in before["bytes_from"]
    assert before["answers"] == before["raw"] + before["masked"] and before["raw"] == 6
    done = relcli(*words, "--name", "real", "--batch-size", 1, "--format", "json")
    assert done.exit_code == 0, done.stderr
    [row] = load_json(relcli("sql", "select count(*) as n from inference", "--db", DB, "--format", "json"))
    assert row["n"] == before["answers"]
    after = load_json(relcli(*words, "--dry-run", "--format", "json"))
    assert "as in the run real" in after["bytes_from"]
    shown = relcli(*words, "--dry-run")
    assert f"{before['answers']} answers" in shown.stderr and "Size: about" in shown.stderr


def test_a_dry_run_refuses_what_the_run_would(relcli: Relcli, scenes: Path) -> None:
    result = relcli("run", "--dataset", scenes, "--sample-index", 99, "--dry-run", "--db", DB)
    assert result.exit_code == 2 and "no scene 99" in sentence(result)
