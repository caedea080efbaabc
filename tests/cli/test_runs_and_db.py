"""relcli runs, relcli db and relcli doctor."""

from pathlib import Path
from typing import Any

import pytest

from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence


def test_runs_are_listed_and_shown(relcli: Relcli, answered: Path) -> None:
    [listed] = load_json(relcli("runs", "list", "--db", answered, "--format", "json"))
    assert (listed["run"], listed["state"], listed["n_answers"]) == ("first", "done", listed["n_planned"])
    shown = load_json(relcli("runs", "show", "first", "--db", answered, "--format", "json"))
    assert shown["max_new_tokens"] == 2 and shown["variants"] == ["raw", "masked", "blank"]
    assert shown["image_tokens"] == 64 and (shown["image_width"], shown["image_height"]) == (256, 256)
    assert "recognition_color" in relcli("runs", "show", "first", "--db", answered).stdout


def test_a_run_records_what_shaped_its_answers(relcli: Relcli, answered: Path) -> None:
    shown = load_json(relcli("runs", "show", "first", "--db", answered, "--format", "json"))
    wanted = (
        "model_path weights_hash dtype device attention attention_implementation batch_size prompt_hash "
        "question_set_version decoding versions settings_hash command n_planned started_at finished_at"
    )
    assert [name for name in wanted.split() if shown[name] in (None, "", [])] == []


def test_an_unknown_run_offers_the_nearest(relcli: Relcli, answered: Path) -> None:
    for words in (["show"], ["remove", "--yes"]):
        result = relcli("runs", *words, "frist", "--db", answered)
        assert result.exit_code == 2 and "did you mean first?" in sentence(result)


def test_removing_asks_first_and_takes_everything_of_the_run(relcli: Relcli, answered: Path) -> None:
    refused = relcli("runs", "remove", "first", "--db", answered)
    assert refused.exit_code == 2 and "--yes" in sentence(refused)
    done = relcli("runs", "remove", "first", "--db", answered, "--yes")
    assert done.exit_code == 0 and "Removed first" in done.stderr
    left = rows_of(answered, "select (select count(*) from inference), (select count(*) from attention)")
    assert left == [(0, 0)] and rows_of(answered, "select count(*) > 0 from scene") == [(True,)]
    assert "no runs" in relcli("runs", "list", "--db", answered).stderr


def test_status_counts_rows_and_compact_and_snapshot_keep_them(
    relcli: Relcli, answered: Path, tmp_path: Path
) -> None:
    def tables(file: Path) -> dict[str, int]:
        return load_json(relcli("db", "status", "--db", file, "--format", "json"))["tables"]

    before = tables(answered)
    assert before["run"] == 1 and before["answer"] > 0
    compacted = load_json(relcli("db", "compact", "--db", answered, "--format", "json"))
    assert compacted["bytes_after"] <= compacted["bytes_before"]
    copied = relcli("db", "snapshot", "copy.duckdb", "--db", answered)
    assert copied.exit_code == 0 and tables(answered) == tables(tmp_path / "copy.duckdb") == before
    again = relcli("db", "snapshot", "copy.duckdb", "--db", answered)
    assert again.exit_code == 1 and "exists already" in sentence(again)
    Path("copies").mkdir()
    into = load_json(relcli("db", "snapshot", "copies", "--db", answered, "--format", "json"))
    assert into["path"] == "copies/study.duckdb" and Path(into["path"]).stat().st_size == into["bytes"]


def test_fill_gets_the_views_ready_once(relcli: Relcli, answered: Path) -> None:
    def fill(*words: str) -> list[dict[str, Any]]:
        return load_json(relcli("db", "fill", *words, "--db", answered, "--format", "json"))

    assert fill() == []  # a finished run has its rows
    with connect(answered, read_only=False) as connection:
        connection.execute("DELETE FROM attention_fill; DELETE FROM attention_shift_fill")
    [made] = fill("first")
    assert made["run"] == "first" and made["rows"] > 0
    states = query(answered, "SELECT is_filled FROM attention_fill_state").rows
    assert states and all(is_filled for (is_filled,) in states) and fill() == []
    wrong = relcli("db", "fill", "frist", "--db", answered)
    assert wrong.exit_code == 2 and "did you mean first?" in sentence(wrong)


def test_migrate_makes_a_warehouse(relcli: Relcli) -> None:
    assert relcli("db", "migrate", "--db", "new.duckdb").exit_code == 0
    assert load_json(relcli("runs", "list", "--db", "new.duckdb", "--format", "json")) == []


@pytest.mark.parametrize("place", ["/proc/relcli.duckdb", "file/relcli.duckdb"])
def test_a_place_that_cant_be_written_is_named(relcli: Relcli, place: str) -> None:
    Path("file").write_text("in the way of a folder")
    result = relcli("db", "migrate", "--db", place)
    assert result.exit_code == 3 and place.split("/")[-2] in sentence(result)


def test_doctor_tells_what_there_is(relcli: Relcli, answered: Path) -> None:
    result = relcli("doctor", "--db", answered, "--format", "json")
    found = {row["what"]: row for row in load_json(result)}
    assert found["warehouse"]["state"] == "ok" and "1 runs" in found["warehouse"]["says"]
    assert found["torch"]["state"] == "ok" and "cpu" in found["devices"]["says"]
    assert found["hub"]["state"] == "note"  # the tests run with the hub switched off
    assert result.exit_code == (1 if any(row["state"] == "problem" for row in found.values()) else 0)


def test_doctor_says_what_is_wrong_with_a_warehouse(relcli: Relcli) -> None:
    Path("text.duckdb").write_text("not at all a database " * 500)
    result = relcli("doctor", "--db", "text.duckdb", "--format", "json")
    [found] = [row for row in load_json(result) if row["what"] == "warehouse"]
    assert found["state"] == "problem" and "not a DuckDB file" in found["says"] and result.exit_code == 1


def test_a_run_is_renamed(relcli: Relcli, answered: Path) -> None:
    n = rows_of(answered, "SELECT count(*) FROM answer WHERE run = 'first'")
    assert relcli("runs", "rename", "first", "second=1", "--db", answered).exit_code == 0
    assert rows_of(answered, "SELECT count(*) FROM answer WHERE run = 'second=1'") == n
    result = relcli("runs", "rename", "first", "third", "--db", answered)
    assert result.exit_code == 2 and "There is no run first" in sentence(result)


def test_notes_and_marks_are_kept_and_are_rows(relcli: Relcli, answered: Path) -> None:
    db = ("--db", answered)
    scene, question = rows_of(answered, "SELECT min(scene_id), min(question_index) FROM answer")[0]
    place = f"{scene}.{question}"
    assert relcli("runs", "note", "first", "too few scenes", *db).exit_code == 0
    assert relcli("runs", "mark", "first", place, "--note", "looks at the corner", *db).exit_code == 0
    shown = load_json(relcli("runs", "show", "first", *db, "--format", "json"))
    assert shown["note"] == "too few scenes"
    marks = "SELECT scene_id, question_index, marked, note FROM question_mark"
    assert rows_of(answered, marks) == [(scene, question, True, "looks at the corner")]
    relcli("runs", "mark", "first", place, "--off", *db)
    relcli("runs", "note", "first", "", *db)
    assert rows_of(answered, marks) == rows_of(answered, "FROM run_note") == []
    for words, said in (
        (["mark", "first", "9999.1"], "has no answer to question 9999.1"),
        (["mark", "first", "nine"], "write scene and question"),
        (["note", "frist", "x"], "did you mean first?"),
        (["note", "first", "x" * 5000], "4,000 are the most"),
    ):
        result = relcli("runs", *words, *db)
        assert result.exit_code == 2 and said in sentence(result)
