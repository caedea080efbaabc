"""`relcli patch`: states copied between twins, both ways, beside other scenes; killed and resumed."""

import signal
import time
from pathlib import Path

import pytest

from relcli.warehouse.parts import finished_parts
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, start

PATCH = ("patch", "--run", "first", "--db", "study.duckdb", "--format", "json")
FEW = ("--category", "count", "--category", "explicit_connection")


def test_states_are_copied_both_ways_beside_other_scenes(relcli: Relcli, answered: Path) -> None:
    words = (*PATCH, "--from", "masked", "--at", "all", "--layers", "0,3", "--name", "p", *FEW)
    words += ("--deepstack", "source")
    result = relcli(*words)
    assert result.exit_code == 0, result.stderr
    rows = load_json(result)
    assert [(row["source_variant"], row["variant"]) for row in rows] == [("masked", "raw"), ("raw", "masked")]
    pairs = "from inference as a join inference as b using (scene_id, question_index)"
    pairs += " join question as q using (scene_id, question_index)"
    differ = "a.variant = 'raw' and b.variant = 'masked' and a.ground_truth <> b.ground_truth"
    few = "category in ('count', 'explicit_connection')"
    [(expected,)] = rows_of(answered, f"select count(*) {pairs} where {differ} and {few}")
    assert [row["n"] for row in rows] == [expected, expected] and expected > 2
    # All tokens behind the first layer: the prompt says what the other variant's says.
    apart = "select max(abs(difference - source_difference)) from patch_answer where control_of is null"
    assert rows_of(answered, apart)[0][0] < 1e-3
    assert all(row["effect"] == pytest.approx(1, abs=1e-3) for row in rows)
    of_controls = "from patch_answer where control_of = 'p'"
    controls = rows_of(answered, f"select count(*), count(distinct intervention) {of_controls}")
    assert controls[0][1] == 1 and 0 < controls[0][0] <= 2 * expected
    again = relcli(*words)
    assert again.exit_code == 0
    assert load_json(again) == [pytest.approx(row) for row in rows]  # sums may run in another order


@pytest.mark.slow
def test_a_sweep_over_layers_and_sites(relcli: Relcli, answered: Path) -> None:
    for name, *words in (
        ("a", "--at", "row:target,answer", "--site", "mlp"),
        ("c", "--at", "cells:target", "--layers", "window:2"),
        ("h", "--site", "head", "--heads", "each", "--layers", "1", "--one-way"),
    ):
        result = relcli(*PATCH, *words, "--from", "masked", "--control", 0, "--name", name)
        assert result.exit_code == 0, result.stderr
    columns = "experiment, layer, n_layers, count(*)"
    steps = rows_of(answered, f"select {columns} from patch_by_layer group by all order by all")
    assert steps == [
        *[("a", layer, 1, 2) for layer in range(4)],
        *[("c", layer, 2, 2) for layer in range(3)],
        ("h", 1, 1, 4),
    ]
    moved = rows_of(
        answered, "select experiment from patch_answer group by all having max(abs(shift)) > 1e-3"
    )
    assert sorted(moved) == [("a",), ("c",), ("h",)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "raw"), "both raw"),
        (("--from", "changed"), "not asked on changed pictures, only on raw, masked, blank: choose among"),
        (("--from", "blank"), "another right answer on blank than on raw pictures, so there is nothing"),
        (("--at", "cells:sky"), "--at takes"),
        (("--at", "row:target,row:stem_end"), "one row"),
        (("--heads", "1.0"), "belongs to --site head"),
        (("--layers", "9"), "no layer 9"),
        (("--site", "soul"), "soul"),
    ],
)
def test_what_cannot_be_patched_gets_one_sentence(
    relcli: Relcli, answered: Path, words: tuple[str, ...], says: str
) -> None:
    result = relcli(*PATCH, *words)
    assert result.exit_code == 2 and says in sentence(result)
    assert rows_of(answered, "select count(*) from intervention") == [(1,)]


@pytest.mark.slow
def test_a_killed_patch_goes_on_and_loses_and_doubles_nothing(
    relcli: Relcli, answered: Path, tmp_path: Path
) -> None:
    words = (*PATCH, "--at", "all", "--batch-size", 2, "--name", "p")
    started = start(*words, cwd=tmp_path)
    deadline = time.monotonic() + 300
    while not finished_parts(answered, "first"):
        assert started.process.poll() is None and time.monotonic() < deadline, started.finish()
        time.sleep(0.01)
    started.process.send_signal(signal.SIGKILL)
    started.finish()
    resumed = relcli(*words)
    assert resumed.exit_code == 0 and "Going on: " in resumed.stderr
    keys = rows_of(answered, "select scene_id, question_index, variant, intervention from patch_answer")
    per_step = rows_of(answered, "select count(distinct n) from patch_by_layer group by variant")
    assert len(keys) == len(set(keys)) > 0 and set(per_step) == {(1,)}
