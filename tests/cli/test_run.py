"""relcli run, in this process: what it asks, what it stores, what it refuses."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from relcli.scenes.generation import generate_folder
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, tree

DB = Path("study.duckdb")


@pytest.fixture
def run(relcli: Relcli, tiny_model: Path):
    """`relcli run` with the tiny model and two tokens a reply."""

    def call(*words: object, model: object = tiny_model) -> Result:
        return relcli("run", "--model", model, "--max-new-tokens", 2, "--db", DB, "--format", "json", *words)

    return call


def answers(database: Path = DB, where: str = "true") -> int:
    return rows_of(database, f"select count(*) from inference where {where}")[0][0]


def test_every_question_is_answered_once_on_each_variant(answered: Path) -> None:
    planned = """
        select count(*)
        from question q join scene s using (dataset, scene_id),
            (values ('raw'), ('masked'), ('blank')) v(variant)
        where question_set = 'seed' and (variant <> 'masked' or (ground_truth_masked <> '' and has_twin))
    """
    expected = rows_of(answered, planned)[0][0]
    assert answers(answered) == expected == rows_of(answered, "select n_planned from run")[0][0]
    distinct = "select count(distinct (scene_id, question_index, variant)) from inference"
    assert rows_of(answered, distinct) == [(expected,)]


def test_each_answer_brings_attention_of_every_layer(answered: Path) -> None:
    per_answer = """
        select count(distinct layer), min(len(mean_heads)) from attention
        group by scene_id, question_index, variant
    """
    assert set(rows_of(answered, per_answer)) == {(4, 64)}
    assert len(rows_of(answered, per_answer)) == answers(answered)


def test_a_blank_picture_is_graded_against_the_raw_answer(answered: Path) -> None:
    wrong = """
        select count(*) from inference i join question q using (dataset, scene_id, question_index)
        where i.ground_truth <> case variant when 'masked' then q.ground_truth_masked else q.ground_truth end
    """
    assert rows_of(answered, wrong) == [(0,)]


def test_the_end_shows_the_table_and_where_to_look(run: Any, relcli: Relcli, scenes: Path) -> None:
    result = run("--dataset", scenes, "--category", "count", "--max-samples", 2, "--format", "table")
    assert result.exit_code == 0
    head = result.stdout.strip().splitlines()[0].split("  ")
    assert [name.strip() for name in head if name.strip()] == [
        "category",
        "n",
        "raw (95%)",
        "clean",
        "masked (95%)",
        "clean",
        "drop (95%)",
        "unreadable",
    ]
    assert "relcli runs show" in result.stderr and "from raw_vs_masked" in result.stderr
    [row] = load_json(
        relcli("sql", "from accuracy_by_category where variant = 'raw'", "--db", DB, "--format", "json")
    )
    assert (row["category"], row["n"]) == ("count", 2)


@pytest.mark.slow
def test_a_folder_brings_the_set_it_holds(run: Any, tmp_path: Path) -> None:
    generate_folder(tmp_path / "only", n_scenes=2, seed=4, question_sets=("balanced",))
    result = run("--dataset", "only")
    assert result.exit_code == 0, result.stderr
    assert rows_of(DB, "select dataset, question_set from run") == [("only", "balanced")]
    refused = run("--dataset", "only", "--questions", "seed")
    assert refused.exit_code == 2 and "only balanced" in sentence(refused)


@pytest.mark.slow
def test_names_are_made_and_never_twice(run: Any, scenes: Path) -> None:
    for _ in range(2):
        assert run("--dataset", scenes, "--category", "count", "--sample-index", 1).exit_code == 0
    names = [name for (name,) in rows_of(DB, "select run from run")]
    assert len(set(names)) == 2 and all("six" in name for name in names)
    assert rows_of(DB, "select distinct scene_ids from run") == [([1],)]
    assert rows_of(DB, "select count(*) from dataset") == [(1,)]


@pytest.mark.slow
def test_jsonl_display_speaks_only_json(run: Any, scenes: Path) -> None:
    words = ("--dataset", scenes, "--category", "count", "--name", "spoken", "--display", "jsonl")
    events = [json.loads(line) for line in run(*words).stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert (
        kinds[-1] == "finish"
        and events[-1]["run"] == "spoken"
        and {"start", "advance", "metric"} <= set(kinds)
    )
    assert [event["run"] for event in events if event["event"] == "run"] == ["spoken"]
    last = [event for event in events if event["event"] == "advance"][-1]
    assert last["done"] == last["total"] == answers() and last["unit"] == "questions"
    refused = [json.loads(line) for line in run(*words).stdout.splitlines()]
    assert refused[-1]["event"] == "error" and refused[-1]["exit_code"] == 2


@pytest.mark.slow
def test_the_studys_separate_paths(run: Any, scenes: Path, tmp_path: Path) -> None:
    shutil.copy(scenes / "queries.json", tmp_path / "mine.json")
    shutil.copytree(scenes / "images", tmp_path / "raw")
    shutil.copytree(scenes / "masked" / "images", tmp_path / "masked")
    result = run(
        "--queries", "mine.json", "--images", "raw", "--masked-images", "masked", "--category", "count"
    )
    assert result.exit_code == 0, result.stderr
    assert rows_of(DB, "select dataset, n_entities from scene limit 1") == [("raw", None)]
    assert answers(where="variant = 'masked'") > 0


@pytest.mark.slow
def test_full_attention_is_kept_beside_the_warehouse(run: Any, scenes: Path) -> None:
    import numpy as np

    words = ("--dataset", scenes, "--category", "count", "--sample-index", 0, "--variants", "raw")
    assert run(*words, "--attention", "full").exit_code == 0
    [(path, mean)] = rows_of(
        DB,
        "select full_attention_path, mean_heads from inference join attention using (run) where layer = 0",
    )
    full = np.load(DB.parent / path)
    entries = json.loads((DB.parent / path).with_suffix(".json").read_text())["entries"]
    assert full.dtype == np.float16
    assert full.shape[0] == full.shape[2] == 4
    assert full.shape[1] == len(entries)
    steps = [at for at, entry in enumerate(entries) if entry["query_row"] == "answer"]
    assert [entries[at]["step"] for at in steps] == [0, 1]
    np.testing.assert_allclose(full[0, steps].mean((0, 1)), mean, atol=2e-4)


@pytest.mark.slow
def test_no_attention_on_request(run: Any, scenes: Path) -> None:
    words = ("--dataset", scenes, "--category", "count", "--sample-index", 0, "--attention", "none")
    assert run(*words).exit_code == 0 and rows_of(DB, "select count(*) from attention") == [(0,)]


def test_a_name_is_used_once(run: Any, answered: Path) -> None:
    result = run("--name", "first", "--db", answered)
    assert result.exit_code == 2 and "--resume" in sentence(result)


def test_resuming_with_other_settings_names_them(run: Any, answered: Path) -> None:
    before = answers(answered)
    words = ("--name", "first", "--resume", "--db", answered)
    result = run(*words, "--category", "count", "--variants", "raw", "--max-new-tokens", 3)
    said = sentence(result)
    assert result.exit_code == 2 and answers(answered) == before
    assert all(option in said for option in ("--category", "--variants", "--max-new-tokens"))
    assert "--dataset" not in said and "--model" not in said


def test_resuming_with_another_model_or_data_is_refused(
    run: Any, answered: Path, tmp_path: Path, scenes: Path, tiny_model: Path
) -> None:
    generate_folder(tmp_path / "six", n_scenes=6, seed=12)
    words = ("--name", "first", "--resume", "--db", answered)
    assert "--dataset" in sentence(run(*words, "--dataset", "six"))
    assert "--model" in sentence(run(*words, model="/elsewhere"))
    assert run(*words, "--dataset", scenes).exit_code == 0  # the same content from its folder


def test_resuming_asks_only_what_is_missing(relcli: Relcli, answered: Path) -> None:
    stamps = "select scene_id, question_index, variant, created_at from inference order by all"
    before = rows_of(answered, stamps)
    for table in ("answer_attention", "answer"):
        removed = f"delete from {table} where scene_id in (2, 4)"
        assert relcli("sql", removed, "--write", "--db", answered).exit_code == 0
    kept = set(rows_of(answered, stamps))
    result = relcli("run", "--name", "first", "--resume", "--db", answered)
    assert result.exit_code == 0 and f"{len(kept)} of {len(before)} are done" in result.stderr
    after = rows_of(answered, stamps)
    assert [row[:3] for row in after] == [row[:3] for row in before] and kept <= set(after)
    assert rows_of(answered, "select count(*) from attention") == [(4 * len(before),)]


@pytest.mark.slow
def test_resuming_starts_what_is_not_there(run: Any, scenes: Path) -> None:
    words = ("--dataset", scenes, "--category", "count", "--name", "new", "--resume")
    assert run(*words).exit_code == 0 and run(*words).exit_code == 0
    assert rows_of(DB, "select run, state from run") == [("new", "done")]


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["--category", "recognition_colour"], "did you mean 'recognition_color'?", 2),
        (["--dataset", "nowhere"], "no data set nowhere", 2),
        (["--variants", "raw,maskd"], "no maskd pictures", 2),
        (["--max-samples", "0"], "--max-samples must be from 1 to", 2),
        (["--sample-index", "999"], "no scene 999", 2),
        (["--batch-size", "big"], "--batch-size takes", 2),
        (["--resume"], "--name", 2),
        (["--name", "a/b"], "can't name a run", 2),
        (["--questions", "sead"], "sead", 2),
        (["--images", "x"], "--queries", 2),
        (["--device", "quantum"], "device", 2),
        (["--dtype", "float7"], "dtype", 2),
        (["--attention", "none", "--rows", "target"], "--rows target says whose attention to keep", 2),
    ],
)
def test_bad_options_are_one_sentence_and_leave_nothing(
    run: Any, scenes: Path, words: list[str], says: str, code: int
) -> None:
    data = [] if {"--dataset", "--images"} & set(words) else ["--dataset", scenes]
    result = run(*data, *words)
    assert result.exit_code == code and says in sentence(result) and result.stdout == ""
    assert not DB.exists() or rows_of(DB, "select count(*) from run") == [(0,)]


def test_models_that_cant_be_asked(run: Any, scenes: Path, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "empty").mkdir()
    text_only = tmp_path / "text-only"
    text_only.mkdir()
    (text_only / "config.json").write_text(
        json.dumps({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]})
    )
    shutil.copy(tiny_model / "model.safetensors", text_only)
    for model, says in (
        ("./nowhere", "no model folder"),
        ("nobody/nothing-of-that-name", "not in the local cache"),
        ("empty", "config.json"),
        ("text-only", "not a vision-language model"),
    ):
        result = run("--dataset", scenes, model=model)
        assert result.exit_code == 1 and says in sentence(result), result.stderr
    assert rows_of(DB, "select count(*) from run") == [(0,)]


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        ("picture", "image_00001.png"),
        ("missing", "image_00001.png"),
        ("queries", "ground_truth"),
        ("annotation", "annotation_00001.json"),
    ],
)
def test_data_that_break_their_schema_are_named(
    run: Any, scenes: Path, tmp_path: Path, breaks: str, says: str
) -> None:
    folder = Path(shutil.copytree(scenes, tmp_path / "broken"))
    if breaks == "picture":
        (folder / "images" / "image_00001.png").write_bytes(b"no picture")
    elif breaks == "missing":
        (folder / "images" / "image_00001.png").unlink()
    elif breaks == "annotation":
        (folder / "annotations" / "annotation_00001.json").write_text('{"entities": 3}')
    else:
        queries = json.loads((folder / "queries.json").read_text())
        del queries[1]["questions"][0]["ground_truth"]
        (folder / "queries.json").write_text(json.dumps(queries))
    result = run("--dataset", "broken")
    assert result.exit_code == 1 and says in sentence(result)
    assert rows_of(DB, "select (select count(*) from run), (select count(*) from dataset)") == [(0, 0)]
    assert tree(Path(f"{DB}.spool")) == []


def test_verify_keeps_its_outcome_with_the_run(relcli: Relcli, answered: Path) -> None:
    result = relcli("verify", "first", "-n", 6, "--db", answered, "--format", "json")
    assert result.exit_code == 0 and load_json(result)["passed"] is True
    kept = "select run, n_questions, passed from verification order by n_questions"
    # The first is of the run itself, which compares one question of a model that is new to a warehouse.
    assert rows_of(answered, kept) == [("first", 1, True), ("first", 6, True)]
    [listed] = rows_of(answered, "select verified from run_summary")
    assert listed == (True,)


def test_verify_refuses_other_weights_than_the_run_had(
    relcli: Relcli, answered: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    other = Path(shutil.copytree(tiny_model, tmp_path / "other"))
    weights = load_file(other / "model.safetensors")
    first = next(iter(weights))
    weights[first] = torch.zeros_like(weights[first])
    save_file(weights, other / "model.safetensors", metadata={"format": "pt"})
    moved = f"update run set model = '{other}'"
    assert relcli("sql", moved, "--write", "--db", answered).exit_code == 0
    result = relcli("verify", "first", "--db", answered)
    assert result.exit_code == 2 and "other weights" in sentence(result)
    again = relcli("run", "--name", "first", "--resume", "--db", answered)
    assert again.exit_code == 0  # nothing is left to ask, so no model was needed


def test_ask_answers_with_probabilities_and_a_heat_map(
    relcli: Relcli, scenes: Path, tiny_model: Path
) -> None:
    picture = scenes / "images" / "image_00000.png"
    words = (
        "ask",
        "is there a red circle?",
        "--image",
        picture,
        "--model",
        tiny_model,
        "--max-new-tokens",
        2,
    )
    reply = load_json(relcli(*words, "--format", "json"))
    assert reply["prompt"].startswith("Is there a red circle? Here are your options: a) Yes b) No Please")
    assert list(reply["probabilities"]) == ["Yes", "No", "None"] and sum(reply["probabilities"].values()) <= 1
    assert len(reply["heat_map"]) == 8 and len(reply["heat_map"][0]) == 8
    shown = relcli(*words, "--layer", 1)
    assert shown.exit_code == 0 and "a) Yes" in shown.stdout and "layer 1" in shown.stdout
    assert relcli(*words, "--layer", 9).exit_code == 2
    missing = relcli("ask", "what?", "--image", "missing.png", "--model", tiny_model)
    assert missing.exit_code == 2 and "missing.png" in sentence(missing)
