"""`relcli steer`: heads named, drawn by lot, or ranked on the other half of the scenes."""

from pathlib import Path

import pytest

from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.jobs.steer import steer
from relcli.jobs.steer_request import SteerRequest
from relcli.progress import NullProgress
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence

STEER = ("steer", "--run", "first", "--db", "study.duckdb", "--format", "json", "--variants", "raw")
FEW = ("--category", "explicit_connection")


@pytest.mark.slow
def test_steering_adds_answers_and_its_controls(relcli: Relcli, answered: Path) -> None:
    words = (*STEER, *FEW, "--heads", "1.0,2.3", "--strength", 6, "--control", 2, "--name", "s")
    result = relcli(*words)
    assert result.exit_code == 0, result.stderr
    rows = load_json(result)
    assert {row["intervention"] for row in rows} == {"s", "s/all-heads"}
    assert all(row["n_scenes"] and row["accuracy"] is not None for row in rows)
    [n] = {row["n"] for row in rows}
    counted = dict(rows_of(answered, "select intervention, count(*) from answer group by all"))
    assert {name: counted[name] for name in counted if name != "none"} == dict.fromkeys(
        ("s", "s/random-1", "s/random-2", "s/all-heads"), n
    )
    assert rows_of(answered, "select max(abs(change)) > 0.001 from steer_answer") == [(True,)]
    columns = "kind, strength, layer_heads"
    stored = rows_of(answered, f"select {columns} from intervention where intervention = 's'")
    assert stored == [("steer", 6.0, ["1.0", "2.3"])]
    again = relcli(*words)
    assert again.exit_code == 0
    assert load_json(again) == [pytest.approx(row) for row in rows]  # sums may run in another order
    assert relcli(*words[:-1], "s", "--to", "distractor").exit_code == 2
    removed = relcli("experiments", "remove", "s", "--run", "first", "--yes", "--db", "study.duckdb")
    assert f"with {4 * n:,} answers" in removed.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--heads", "9.0"), "There is no head 9.0"),
        (("--heads", "random:99"), "can't be drawn"),
        (("--heads", "top:3@beauty"), "ranks by head_grounding"),
        (("--heads", "top:x"), "top:20@head_grounding"),
        (("--heads", "top:3@head_grounding"), "--attention heads"),
        (("--heads", "all", "--strength", "0"), "other than 0"),
        (("--heads", "all", "--to", "sky"), "region 'sky'"),
        (("--heads", "all", "--name", "none"), "called none already"),
    ],
)
def test_what_cannot_be_steered_gets_one_sentence(
    relcli: Relcli, answered: Path, words: tuple[str, ...], says: str
) -> None:
    result = relcli(*STEER, *words)
    assert result.exit_code == 2 and says in sentence(result)
    assert rows_of(answered, "select count(*) from intervention") == [(1,)]


@pytest.mark.slow
def test_heads_are_ranked_on_the_other_half_of_the_scenes(
    relcli: Relcli, scenes: Path, tiny_model: Path, tmp_path: Path
) -> None:
    database = tmp_path / "study.duckdb"
    asked = RunRequest.of(
        {
            "dataset": str(scenes), "model": str(tiny_model), "variants": ("raw",), "max_new_tokens": 1,
            "name": "first", "attention": "heads", "category": ("recognition_shape",),
        }
    )  # fmt: skip
    run(database, asked, NullProgress())
    request = SteerRequest(run="first", heads="top:25%@head_grounding", control=1, name="top", strength=5.0)
    steer(database, request, NullProgress())
    ranked = rows_of(
        database,
        "select part, layer || '.' || head from head_tested(true) group by all "
        "order by part, max(above_chance) desc",
    )
    [(heads,)] = rows_of(database, "select layer_heads from intervention where intervention = 'top'")
    four = {part: [head for of, head in ranked if of == part][:4] for part in (1, 2)}
    assert set(heads) == {*four[1], *four[2]} and len(four[1]) == len(four[2]) == 4
    counted = dict(rows_of(database, "select intervention, count(*) from answer group by all"))
    assert counted["top"] == counted["top/random-1"] == counted["top/all-heads"] > 0
