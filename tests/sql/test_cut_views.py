"""The views of cuts against plain Python: flips, log-odds, the test against random sets, rank correlation."""

import itertools
import math
import random
from typing import Any

import pytest
from scipy.stats import spearmanr

from relcli.warehouse.interventions import CutRecord, register_interventions
from tests.sql.attention_kit import attention_rows, put_scenes, samples

SCENES, QUESTIONS, DRAWS = 6, 2, 2


def record(
    name: str, draw: int = 0, layers: tuple[int, ...] | None = None, of: str | None = None
) -> CutRecord:
    region = "random" if draw else "target"
    return CutRecord(name, "x", region, "answer", layers, None, "target" if draw else None, draw, 0, of)


def log_odds(logprobs: list[float], right: int) -> float:
    others = [math.exp(value) for i, value in enumerate(logprobs) if i != right]
    return logprobs[right] - math.log(sum(others))


@pytest.fixture
def cut(warehouse: Any) -> dict[tuple[int, int, str], tuple[str, float]]:
    """A run of two questions on each of six scenes, plain, cut, and under two random sets."""
    rng = random.Random(3)
    controls = [record(f"x/random-{draw}", draw, of="x") for draw in range(1, DRAWS + 1)]
    register_interventions(warehouse.path, [record("x"), *controls])
    warehouse.put("run", {})
    made, questions, answers = {}, [], []
    for scene, index in itertools.product(range(SCENES), range(QUESTIONS)):
        questions.append({"scene_id": scene, "question_index": index})
        for name in ("none", "x", "x/random-1", "x/random-2"):
            if name.startswith("x/") and (scene, index) == (0, 0):
                continue  # no room for a random set
            logprobs = [math.log(share) for share in (rng.random() * 0.5, rng.random() * 0.4, 0.05)]
            choice = rng.choice("ab") if name == "x" else "a"
            answer = {"scene_id": scene, "question_index": index, "intervention": name, "choice": choice}
            answer |= {"option_logprobs": logprobs, "presentation": "plain"}
            answers.append(answer)
            made[scene, index, name] = (choice, log_odds(logprobs, 0))
    warehouse.put("question", *questions)
    warehouse.put("inference", *answers)
    return made


def change(made: Any, scene: int, index: int, name: str) -> float:
    return made[scene, index, name][1] - made[scene, index, "none"][1]


def test_effects_equal_plain_python(warehouse: Any, cut: Any):
    [found] = warehouse.ask("FROM cut_effect").as_dicts()
    assert (found["run"], found["intervention"], found["category"], found["n"]) == ("r", "x", "count", 12)
    pairs = list(itertools.product(range(SCENES), range(QUESTIONS)))
    changes = [change(cut, *pair, "x") for pair in pairs]
    flips = sum(cut[(*pair, "x")][0] != cut[(*pair, "none")][0] for pair in pairs)
    assert found["flip_rate"] == pytest.approx(flips / 12)
    assert found["flip_low"] < flips / 12 < found["flip_high"]
    assert found["mean_change"] == pytest.approx(sum(changes) / 12, abs=1e-6)
    matched = [pair for pair in pairs if pair != (0, 0)]
    assert found["n_control"] == 11 and found["n_draws"] == 2
    control = {
        pair: sum(change(cut, *pair, f"x/random-{draw}") for draw in (1, 2)) / 2 for pair in matched
    }
    assert found["control_change"] == pytest.approx(sum(control.values()) / 11, abs=1e-6)
    beyond = {pair: change(cut, *pair, "x") - control[pair] for pair in matched}
    assert found["beyond_control"] == pytest.approx(sum(beyond.values()) / 11, abs=1e-6)
    assert found["beyond_low"] < found["beyond_control"] < found["beyond_high"]


def test_the_test_is_a_sign_flip_over_scenes(warehouse: Any, cut: Any):
    scenes = []
    for scene in range(SCENES):
        total = 0.0
        for index in range(QUESTIONS):
            if (scene, index) != (0, 0):
                random_sets = [change(cut, scene, index, f"x/random-{draw}") for draw in (1, 2)]
                total += change(cut, scene, index, "x") - sum(random_sets) / 2
        scenes.append(total)
    scores = [round(100 * each / max(map(abs, scenes))) for each in scenes]
    sums = [
        sum(sign * score for sign, score in zip(signs, scores, strict=True))
        for signs in itertools.product((-1, 1), repeat=SCENES)
    ]
    beyond = sum(abs(each) > abs(sum(scores)) for each in sums) / len(sums)
    equal = sum(abs(each) == abs(sum(scores)) for each in sums) / len(sums)
    [(p, holm_p)] = warehouse.ask("SELECT p, holm_p FROM cut_effect").rows
    assert p == pytest.approx(beyond + equal / 2, abs=1e-9) and holm_p == p


def test_plain_answers_are_all_that_other_views_see(warehouse: Any, cut: Any):
    assert warehouse.ask("SELECT count(*) FROM inference").rows == [(12,)]
    assert warehouse.ask("SELECT n, correct FROM accuracy_by_category").rows == [(12, 12)]


def test_a_sweep_has_a_row_per_step(warehouse: Any, cut: Any):
    assert warehouse.ask("FROM cut_by_layer").rows == []
    register_interventions(warehouse.path, [record("x/L03", layers=(3, 4))])
    warehouse.put(
        "inference",
        {"intervention": "x/L03", "question_index": 1, "choice": "b", "option_logprobs": [-1.0, -1.0, -9.0]},
    )
    [row] = warehouse.ask("FROM cut_by_layer").as_dicts()
    assert (row["layer"], row["n_layers"], row["n"], row["flip_rate"], row["p"]) == (3, 2, 1, 1.0, None)


def test_shares_and_effects_are_correlated_by_rank(warehouse: Any):
    made, rng = samples(8), random.Random(4)
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary"})
    warehouse.put("attention", *attention_rows(made))
    register_interventions(warehouse.path, [record("x", layers=(0, 2))])
    effects: dict[tuple[int, int], float] = {}
    for name in ("none", "x"):
        rows = []
        for sample, question in ((each, q) for each in made for q in each.questions):
            logprobs = [math.log(rng.uniform(0.01, 0.2)) for _ in (*question.options, None)]
            truth = question.ground_truth
            right = len(logprobs) - 1 if truth == "None" else "abcdefghij".find(truth[0])
            at = (sample.scene.scene_id, question.question_index)
            effects[at] = effects.get(at, 0) + (1 if name == "none" else -1) * log_odds(logprobs, right)
            rows.append(
                {
                    "scene_id": at[0], "question_index": at[1], "intervention": name,
                    "option_logprobs": logprobs, "ground_truth": truth, "presentation": "plain",
                }
            )  # fmt: skip
        warehouse.put("inference", *rows)
    shares = warehouse.ask(
        "SELECT category, scene_id, question_index, avg(entity_share) FROM attention_grounding_by_question "
        "WHERE variant = 'raw' AND layer <> 1 AND entity_share IS NOT NULL GROUP BY ALL"
    ).rows
    found = {row["category"]: row for row in warehouse.ask("FROM attention_versus_effect").as_dicts()}
    assert len(found) > 3
    for category, row in found.items():
        of = [(share, effects[scene, index]) for name, scene, index, share in shares if name == category]
        assert row["n"] == len(of)
        correlation: Any = spearmanr([share for share, _ in of], [effect for _, effect in of])
        assert row["rank_correlation"] == pytest.approx(correlation.statistic, abs=1e-6)
        assert row["low"] < row["rank_correlation"] < row["high"]


@pytest.mark.parametrize(
    ("logprobs", "truth", "expected"),
    [
        ([-1.0, -2.0, -3.0], "b)", -2 - math.log(math.exp(-1) + math.exp(-3))),
        ([-1.0, -2.0, -3.0], "None", -3 - math.log(math.exp(-1) + math.exp(-2))),
        ([-1.0, -2.0], "d)", None),
        ([-1.0], "a)", None),
        (None, "a)", None),
        ([-1.0, float("-inf")], "a)", None),
    ],
)
def test_log_odds_of_the_right_option(warehouse: Any, logprobs: Any, truth: str, expected: float | None):
    [(found,)] = warehouse.ask(
        "SELECT option_log_odds($logprobs::FLOAT[], $truth)", logprobs=logprobs, truth=truth
    ).rows
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-6))
