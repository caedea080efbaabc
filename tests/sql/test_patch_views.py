"""The views of patches against plain Python: who follows, the normalised logit difference, the control."""

import itertools
import math
import random
from typing import Any

import pytest

from relcli.warehouse.interventions import PatchRecord, register_interventions

SCENES, QUESTIONS = 6, 2
TRUTH = {"raw": ("a)", 0), "masked": ("None", 2)}


def record(name: str, layer: int, draw: int = 0) -> PatchRecord:
    of = name.split("/random")[0] if draw else None
    return PatchRecord(
        name, "p", "mlp", "answer", (layer,), None, ("masked", "raw"), "destination", draw, 0, of
    )


@pytest.fixture
def patched(warehouse: Any) -> dict[tuple[int, int, str, str], tuple[str, list[float]]]:
    """Two questions on each of six scenes, both variants, plain, patched both ways, and one control."""
    rng = random.Random(8)
    register_interventions(warehouse.path, [record("p/L01", 1), record("p/L01/random-1", 1, 1)])
    warehouse.put("run", {})
    made, questions, answers = {}, [], []
    for scene, index in itertools.product(range(SCENES), range(QUESTIONS)):
        questions.append({"scene_id": scene, "question_index": index})
        for variant, name in itertools.product(TRUTH, ("none", "p/L01", "p/L01/random-1")):
            if "random" in name and (scene, index) == (0, 0):
                continue  # no other scene has a question of this length
            logprobs = [math.log(share) for share in (rng.random(), rng.random() * 0.4, rng.random())]
            choice = rng.choice(["a", "b", "none"])
            made[scene, index, variant, name] = (choice, logprobs)
            row = {"scene_id": scene, "question_index": index, "variant": variant, "intervention": name}
            row |= {"choice": choice, "option_logprobs": logprobs, "ground_truth": TRUTH[variant][0]}
            answers.append(row | {"presentation": "plain"})
    warehouse.put("question", *questions)
    warehouse.put("inference", *answers)
    return made


@pytest.mark.parametrize("variant", ["raw", "masked"])
def test_effects_equal_plain_python(warehouse: Any, patched: Any, variant: str):
    source = "masked" if variant == "raw" else "raw"

    def difference(scene: int, index: int, on: str, name: str) -> float:
        logprobs = patched[scene, index, on, name][1]
        return logprobs[TRUTH[source][1]] - logprobs[TRUTH[variant][1]]

    pairs = list(itertools.product(range(SCENES), range(QUESTIONS)))
    plain = {pair: difference(*pair, variant, "none") for pair in pairs}
    gap = {pair: difference(*pair, source, "none") - plain[pair] for pair in pairs}
    shift = {pair: difference(*pair, variant, "p/L01") - plain[pair] for pair in pairs}
    matched = [pair for pair in pairs if pair != (0, 0)]
    control = {pair: difference(*pair, variant, "p/L01/random-1") - plain[pair] for pair in matched}
    [found] = [row for row in warehouse.ask("FROM patch_by_layer").as_dicts() if row["variant"] == variant]
    assert (found["source_variant"], found["layer"], found["n"], found["n_scenes"]) == (source, 1, 12, 6)
    assert found["effect"] == pytest.approx(sum(shift.values()) / sum(gap.values()), abs=1e-5)
    assert found["effect_low"] < found["effect"] < found["effect_high"]
    assert found["n_control"] == 11
    expected = sum(control.values()) / sum(gap[pair] for pair in matched)
    assert found["control_effect"] == pytest.approx(expected, abs=1e-5)
    flips = follows = 0
    for pair in pairs:
        new, old = (patched[(*pair, variant, name)][0] for name in ("p/L01", "none"))
        flips += new != old
        follows += new == patched[(*pair, source, "none")][0] != old
    assert found["flip_rate"] == pytest.approx(flips / 12)
    assert found["follow_rate"] == pytest.approx(follows / 12)
    assert found["follow_low"] <= found["follow_rate"] <= found["follow_high"]
    totals = [
        sum(shift[scene, i] - control[scene, i] for i in range(QUESTIONS) if (scene, i) != (0, 0))
        for scene in range(SCENES)
    ]
    scores = [round(100 * each / max(map(abs, totals))) for each in totals]
    sums = [
        sum(sign * score for sign, score in zip(signs, scores, strict=True))
        for signs in itertools.product((-1, 1), repeat=SCENES)
    ]
    beyond = sum(abs(each) > abs(sum(scores)) for each in sums) / len(sums)
    equal = sum(abs(each) == abs(sum(scores)) for each in sums) / len(sums)
    assert found["p"] == pytest.approx(beyond + equal / 2, abs=1e-9) and found["holm_p"] >= found["p"]


def test_patch_effect_has_a_row_per_category_and_direction(warehouse: Any, patched: Any):
    rows = warehouse.ask("FROM patch_effect").as_dicts()
    assert {(row["category"], row["variant"], row["site"], row["places"]) for row in rows} == {
        ("count", "raw", "mlp", "answer"),
        ("count", "masked", "mlp", "answer"),
    }
    assert warehouse.ask("SELECT count(*) FROM cut_answer").rows == [(0,)]


@pytest.mark.parametrize(
    ("option", "expected"), [("b)", -2.0), ("None", -3.0), ("f)", None), (None, None)]
)
def test_the_score_of_an_option(warehouse: Any, option: str | None, expected: float | None):
    sql = "SELECT option_score([-1.0, -2.0, -3.0]::FLOAT[], $option)"
    [(found,)] = warehouse.ask(sql, option=option).rows
    assert found == expected
