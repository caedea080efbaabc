"""A run over own pictures: what there is for scenes is there for them, with the bundled model."""

import json
import signal
from pathlib import Path

import pytest

from relcli.jobs.importing.pictures import import_pictures
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress import NullProgress
from tests.cli.cli_helpers import Relcli, rows_of, start
from tests.cli.own_kit import make_pictures

N = 10


@pytest.fixture(scope="module")
def own_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a run over ten pictures in two sizes; not to be written to but by experiments."""
    folder = tmp_path_factory.mktemp("own")
    images, questions, boxes = make_pictures(folder, N)
    database = folder / "own.duckdb"
    import_pictures(database, images, questions, boxes, "tables", NullProgress())
    asked = {"dataset": "tables", "name": "own", "variants": "raw,masked,swapped,blank"}
    run(database, RunRequest.of({**asked, "attention": "summary,heads"}), NullProgress())
    return database


def test_a_run_is_answered_graded_and_grounded_on_every_variant(own_run: Path) -> None:
    assert rows_of(own_run, "SELECT question_set, categories FROM run") == [("own", ["pictures", "side"])]
    counts = rows_of(
        own_run,
        "SELECT category, variant, count(*) FROM inference "
        "JOIN question USING (dataset, scene_id, question_index) GROUP BY ALL ORDER BY ALL",
    )
    assert [row[:2] for row in counts] == [
        *[("pictures", name) for name in ("blank", "masked", "raw")],
        *[("side", name) for name in ("blank", "masked", "raw", "swapped")],
    ]
    assert {n for *_, n in counts} == {N}
    assert rows_of(
        own_run, "SELECT count(DISTINCT layout_name(layout, grid_height, grid_width)) FROM attention"
    ) == [(2,)]
    grounded = rows_of(
        own_run,
        "SELECT category, variant, count(entity_share), count(elsewhere_share), count(others_per_area) "
        "FROM attention_grounding_by_question WHERE layer = 3 GROUP BY ALL ORDER BY ALL",
    )
    # The mug is gone from the masked pictures.
    assert {row[:2]: row[2:] for row in grounded} == {
        ("pictures", "raw"): (N, N, N),
        ("pictures", "blank"): (N, N, N),
        ("pictures", "masked"): (N, N, 0),
        ("side", "raw"): (N, N, N),
        ("side", "blank"): (N, N, N),
        ("side", "masked"): (0, 0, N),
        ("side", "swapped"): (N, N, N),
    }
    # What was kept of single heads is, on the mean, what SQL makes of the map.
    [(apart,)] = rows_of(
        own_run,
        "SELECT max(abs(g.entity_share - h.target)) FROM attention_grounding_by_question AS g JOIN "
        "(SELECT scene_id, question_index, variant, layer, sum(target * image_mass) / "
        "sum(image_mass) AS target "
        "FROM head_share WHERE query_row = 'answer' GROUP BY ALL) AS h USING (scene_id, "
        "question_index, variant, layer)",
    )
    assert apart < 1e-3
    words = rows_of(own_run, "SELECT category, variant FROM words_alone ORDER BY ALL")
    assert words == [
        ("pictures", "masked"),
        ("pictures", "raw"),
        ("side", "masked"),
        ("side", "raw"),
        ("side", "swapped"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("report", "--run", "own", "--out", "page.html"), marks=pytest.mark.slow),
        ("figure", "accuracy", "--run", "own", "--out", "accuracy.png"),
        ("looks", "--run", "own"),
        ("audit", "--dataset", "tables", "--format", "json"),
        ("cut", "--run", "own", "--region", "target", "--control", "1", "--category", "side"),
        pytest.param(
            ("patch", "--run", "own", "--from", "swapped", "--at", "cells:target", "--category", "side"),
            marks=pytest.mark.slow,
        ),
        ("plan", "--dataset", "tables", "--drop", "0.1"),
        ("diff", "own", "--variant", "swapped"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_commands_take_it(own_run: Path, relcli: Relcli, words: tuple[str, ...]) -> None:
    done = relcli(*words, "--db", own_run)
    assert done.exit_code == 0, done.output
    if words[0] == "audit":
        found = {row["category"]: row for row in json.loads(done.stdout)}
        assert found["side"]["text_only_swapped"] is not None
    if words[0] == "cut":
        [(questions, grids)] = rows_of(
            own_run,
            "SELECT count(*), count(DISTINCT width) FROM cut_answer AS c JOIN raw_scene USING (scene_id) "
            "WHERE intervention = 'target-answer' AND variant = 'raw'",
        )
        assert (questions, grids) == (N, 2)
    if words[0] == "patch":
        [(questions, grids)] = rows_of(
            own_run,
            "SELECT count(DISTINCT scene_id), count(DISTINCT width) FROM patch_answer "
            "JOIN raw_scene USING (scene_id) WHERE variant = 'raw'",
        )
        assert (questions, grids) == (N, 2)


def test_target_rows_are_those_of_the_boxes_names(own_run: Path) -> None:
    read = rows_of(
        own_run,
        "SELECT DISTINCT category, token.text FROM prompt_token AS token JOIN question "
        "USING (scene_id, question_index) WHERE role = 'target' ORDER BY ALL",
    )
    assert {text.strip() for category, text in read if category == "side"} == {"g"}  # tokens are letters here


def test_categories_are_its_own(own_run: Path, relcli: Relcli) -> None:
    wrong = relcli("looks", "--run", "own", "--category", "sied", "--db", own_run)
    assert wrong.exit_code == 2 and "did you mean 'side'?" in wrong.output
    shown = relcli("looks", "--run", "own", "--category", "side", "--format", "json", "--db", own_run)
    assert {row["category"] for row in json.loads(shown.stdout)} == {"side"}
    planned = relcli("run", "--dataset", "tables", "--category", "side", "--dry-run", "--db", own_run)
    assert planned.exit_code == 0 and "pictures" not in planned.stdout.partition("bytes")[0].replace(
        "tables", ""
    )


@pytest.mark.slow
def test_it_goes_out_and_comes_back(own_run: Path, relcli: Relcli, tmp_path: Path) -> None:
    out = relcli("export", "dataset", tmp_path / "out", "--run", "own", "--db", own_run)
    assert out.exit_code == 0, out.output
    back = relcli("import", "dataset", tmp_path / "out", "--db", tmp_path / "back.duckdb")
    assert back.exit_code == 0, back.output
    told = "SELECT content_hash, has_annotations FROM dataset"
    assert rows_of(tmp_path / "back.duckdb", told) == rows_of(own_run, told)
    share = (
        "SELECT variant, layer, round(sum(entity_share), 4) FROM attention_grounding_by_question "
        "GROUP BY ALL ORDER BY ALL"
    )
    assert rows_of(tmp_path / "back.duckdb", share) == rows_of(own_run, share)


def test_a_probe_lays_pictures_of_two_sizes_on_one_grid(own_run: Path) -> None:
    from relcli.warehouse.probes import probe_rows

    rows = probe_rows(own_run, run="own", variant="raw", category="side", features="mean_heads", layers=[2])
    assert rows is not None and not callable(rows.features) and rows.features.shape[:2] == (N, 1)
    kept = rows_of(
        own_run,
        "SELECT list_sum(mean_heads) FROM attention WHERE variant = 'raw' AND layer = 2 AND "
        "question_index = 0 ORDER BY scene_id",
    )
    assert rows.features.sum((1, 2)) == pytest.approx([total for (total,) in kept], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_ended_leaves_nothing(relcli: Relcli, tmp_path: Path, how: signal.Signals) -> None:
    images, questions, boxes = make_pictures(tmp_path, 150)
    database = tmp_path / "own.duckdb"
    words = ["import", "pictures", "--images", images, "--questions", questions, "--boxes", boxes]
    words += ["--name", "many", "--db", database]
    ended = start(*words, "--display", "jsonl", cwd=tmp_path)
    assert ended.process.stdout is not None
    for line in ended.process.stdout:
        if json.loads(line)["event"] == "advance":
            break
    ended.process.send_signal(how)
    code, _, err = ended.finish()
    assert code == (130 if how == signal.SIGINT else -signal.SIGKILL), err
    if database.exists():
        held = "select (select count(*) from dataset) + (select count(*) from picture)"
        assert rows_of(database, held) == [(0,)]
    done = relcli(*words)
    assert done.exit_code == 0, done.output
    assert rows_of(database, "select n_scenes from dataset") == [(150,)]
    given = {images.name, questions.name, boxes.name, "own.duckdb"}
    left = {path.name for path in tmp_path.iterdir()} - given
    assert {name for name in left if ".lock" not in name} == set()
