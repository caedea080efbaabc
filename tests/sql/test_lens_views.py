"""What each layer would answer, and what scores of correctness are made of: views against numpy."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest

from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect

LAYERS = 4


@pytest.fixture
def filled(warehouse: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Sixty questions of two options in twenty scenes, with random numbers for every layer."""
    rng = np.random.default_rng(3)
    made, truths, choices = [], ("a)", "b)", "None"), ("a", "b", "none", None)
    for at in range(60):
        lens = rng.normal(-2, 1, (LAYERS, 3)).round(3)
        truth = truths[rng.integers(3)]
        choice = choices[rng.integers(4)]
        correct = choice is not None and truth.lower().rstrip(")") == choice
        made.append(
            {
                **{"scene_id": at % 20, "question_index": at // 20, "ground_truth": truth, "choice": choice},
                **{"correct": correct, "option_logprobs": lens[-1].tolist(), "lens_logprobs": lens.tolist()},
            }
        )
    warehouse.put("run", {})
    keys = [{name: row[name] for name in ("scene_id", "question_index")} for row in made]
    warehouse.put("question", *({**key, "category": "count"} for key in keys))
    warehouse.put("inference", *made)
    return warehouse, made


def place(letter: str | None) -> int | None:
    return {"a": 0, "b": 1, "n": 2}[letter[0].lower()] if letter else None


def test_the_lens_option_by_option(filled: Any):
    warehouse, made = filled
    found = warehouse.ask(
        "FROM logit_lens ORDER BY scene_id, question_index, layer, letter = 'none', letter"
    ).as_dicts()
    assert len(found) == len(made) * LAYERS * 3
    by_key = {(row["scene_id"], row["question_index"]): row for row in made}
    for row in found:
        answer, at = by_key[row["scene_id"], row["question_index"]], place(row["letter"])
        assert row["logprob"] == pytest.approx(answer["lens_logprobs"][row["layer"]][at], abs=1e-6)
        assert row["is_right"] == (at == place(answer["ground_truth"]))
        assert row["is_chosen"] == (answer["choice"] is not None and at == place(answer["choice"]))


def test_from_which_layer_on_the_right_option_is_first(filled: Any):
    warehouse, made = filled
    found = warehouse.ask("FROM logit_lens_by_layer ORDER BY layer").as_dicts()
    lens = np.array([row["lens_logprobs"] for row in made])
    truth = np.array([place(row["ground_truth"]) for row in made])
    first = lens.argmax(-1) == truth[:, None]
    chosen = [place(row["choice"]) for row in made]
    right = np.take_along_axis(lens, truth[:, None, None], -1)[..., 0]
    others = np.log(np.exp(lens).sum(-1) - np.exp(right))
    assert [row["layer"] for row in found] == list(range(LAYERS))
    for layer, row in enumerate(found):
        assert (row["n"], row["n_scenes"]) == (60, 20)
        assert row["right_first"] == pytest.approx(first[:, layer].mean())
        assert row["ci_low"] < row["right_first"] < row["ci_high"]
        assert row["right_from_here"] == pytest.approx(first[:, layer:].all(1).mean())
        agrees = [at is not None and at == lens[i, layer].argmax() for i, at in enumerate(chosen)]
        assert row["chosen_first"] == pytest.approx(np.mean(agrees))
        assert row["log_odds"] == pytest.approx((right - others)[:, layer].mean(), abs=1e-4)


def test_scores_of_correctness_side_by_side(filled: Any):
    warehouse, made = filled
    rng = np.random.default_rng(4)
    entropies = rng.random((len(made), 2)).round(4)
    keys = [{name: row[name] for name in ("scene_id", "question_index")} for row in made]
    warehouse.put(
        "attention",
        *(
            {**key, "layer": layer, "mean_heads_entropy": float(entropies[at, layer])}
            for at, key in enumerate(keys)
            for layer in range(2)
        ),
    )
    of_probe = {
        **{"run": "r", "variant": "raw", "split": "scene", "protocol": "relcli", "seed": 0, "min_subset": 50},
        **{"state": "done", "relcli_version": "1"},
    }
    for day, (name, features) in enumerate((("old", "hidden"), ("new", "hidden"), ("t", "hidden_target")), 1):
        started = datetime(2026, 1, day)
        row = {**of_probe, "probe": name, "features": features, "started_at": started}
        with connect(warehouse.path, read_only=False) as connection:
            insert_rows(connection, "probe", [row])
    scores = rng.standard_normal(len(made))
    for name in ("old", "new", "t"):
        told = [
            {
                **{"run": "r", "probe": name, "category": "count", "label": "correct", "value": "x"},
                **{"predicted": "x", "layer": 1, "score": float(score) * (-1 if name == "old" else 1)},
                **key,
            }
            for key, score in zip(keys, scores, strict=True)
        ]
        with connect(warehouse.path, read_only=False) as connection:
            insert_rows(connection, "probe_score", told)
    found = warehouse.ask("FROM correctness_score").as_dicts()
    by = {(row["predictor"], row["scene_id"], row["question_index"]): row for row in found}
    names = {"attention entropy", "option margin", "probe of hidden", "probe of hidden_target"}
    assert {row["predictor"] for row in found} == names
    assert len(found) == len(names) * len(made)
    for at, (row, key) in enumerate(zip(made, keys, strict=True)):
        where = key["scene_id"], key["question_index"]
        assert by["attention entropy", *where]["score"] == pytest.approx(-entropies[at].mean(), abs=1e-6)
        best, second = sorted(row["option_logprobs"], reverse=True)[:2]
        assert by["option margin", *where]["score"] == pytest.approx(best - second, abs=1e-6)
        assert by["probe of hidden", *where]["score"] == pytest.approx(-scores[at])  # of the newest
        assert by["option margin", *where]["correct"] == row["correct"]
    rows = warehouse.ask("FROM correctness_predictors").as_dicts()
    assert {row["predictor"] for row in rows} == names
    assert all(0 <= row["ci_low"] < row["auroc"] < row["ci_high"] <= 1 for row in rows)
