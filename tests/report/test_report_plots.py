"""Figures of rows that a small run has none of: cuts, probes, many layers, values that are missing."""

from pathlib import Path
from typing import Any

import pytest

from relcli.report.catalogue import KINDS
from relcli.report.facts import Facts
from relcli.report.figures import draw, inline_svg
from relcli.report.plots.style import styled

Rows = list[dict[str, Any]]


def drawn(name: str, rows: Rows) -> str:
    facts = Facts(Path("none.duckdb"), {"run": "made"}, rows={name: rows})
    with styled():
        return inline_svg(draw(KINDS[name], facts), name, "a <title> & more")


CUT = {"flip_rate": 0.2, "flip_low": 0.1, "flip_high": 0.3, "mean_change": -0.4, "change_low": -0.6,
       "change_high": -0.1}  # fmt: skip
BESIDE = {"control_flip_rate": 0.1, "control_change": -0.1, "beyond_control": -0.3, "beyond_low": -0.5,
          "beyond_high": -0.1, "holm_p": 0.01}  # fmt: skip
PROBE = {"accuracy": 0.8, "ci_low": 0.7, "ci_high": 0.9, "se": 0.02, "majority": 0.4, "shuffled": 0.3,
         "prompt_only": 0.5, "beats_controls": True}  # fmt: skip


@pytest.mark.parametrize("beside", [BESIDE, dict.fromkeys(BESIDE)], ids=["with control", "without"])
def test_cuts(beside: dict[str, Any]) -> None:
    rows = [
        {"intervention": "target-$x$", "experiment": "sweep", "category": category, "variant": variant}
        | {"layer": layer}
        | CUT
        | beside
        for category in ("count", "odd_$category$")
        for variant in ("raw", "masked")
        for layer in range(36)
    ]
    svg = drawn("cuts", rows[::36])
    assert "odd_$category$, masked, target-$x$" in svg and "&lt;title&gt; &amp; more" in svg
    assert "change of log-odds" in drawn("cut-layers", rows[:72])
    assert "odd_$category$, masked, target-$x$" in drawn("steering", rows[::36])
    patched = [
        row | {"effect": row["mean_change"], "effect_low": -0.6, "effect_high": -0.1, "control_effect": None}
        for row in rows[:72]
    ]
    assert "follows the source" in drawn("patch-layers", patched)


@pytest.mark.parametrize("figure", ["cuts", "steering"])
def test_experiments_and_their_controls_are_told_apart_by_their_names(figure: str) -> None:
    """Default names begin alike and differ at their end."""
    names = [f"steer-target-3-heads-3.0-3.1{end}" for end in ("", "/all-heads", "/L05", "/" + "x" * 90 + "1")]
    rows = [
        {"intervention": name, "category": "recognition_shape_and_color", "variant": variant} | CUT | BESIDE
        for name in names
        for variant in ("raw", "masked")
    ]
    svg = drawn(figure, rows)
    assert svg.count("recognition_shape_and_color, masked<") == 4
    for name in names[:3]:
        assert f">{name}<" in svg
    assert "…x" in svg and "x1<" in svg


def test_what_the_inside_knows() -> None:
    rows = [
        {"category": category, "layer": layer, "right_first": layer / 36, "ci_low": 0.0, "ci_high": 1.0}
        for category in ("count", "odd_$category$", "third", "fourth")
        for layer in range(36)
    ]
    assert "odd_$category$" in drawn("lens", rows)
    areas = [
        {"category": "count", "variant": "raw", "predictor": "probe of $hidden$", "auroc": 0.8} | ends
        for ends in ({"ci_low": 0.7, "ci_high": 0.9}, {"ci_low": None, "ci_high": None})
    ]
    assert "count, probe of $hidden$" in drawn("correctness", areas)


def test_probes_of_many_labels_and_of_none_tested() -> None:
    rows = [
        {"category": "count", "label": f"label_{number}"} | PROBE | {"beats_controls": beats}
        for number, beats in enumerate((True, False, None))
    ]
    assert "count: label_2" in drawn("probes", rows)
    layers = [row | {"layer": layer} for row in rows for layer in range(36)]
    assert drawn("probe-layers", layers).count("label_1") >= 1


def test_all_layers_of_a_large_model_stand_on_one_sheet() -> None:
    rows = [
        {"layer": layer, "layout": "8x8", "grid_height": 8, "grid_width": 8, "n": 5}
        | {"shares": [(layer + cell) % 64 / 2016 for cell in range(64)]}
        for layer in range(36)
    ]
    stray = {"layer": 0, "layout": "4x4", "grid_height": 4, "grid_width": 4, "n": 1, "shares": [1 / 16] * 16}
    svg = drawn("layers", [*rows, stray])
    assert svg.count("<image") == 36 and "layer 35" in svg


def test_shares_of_few_answers_say_of_how_many() -> None:
    rates = {"retain_rate": 0.9, "fix_rate": 0.5}
    rows = [
        {"category": name, "n_correct_raw": right, "n_incorrect_raw": wrong} | rates
        for name, right, wrong in (("count", 40, 3), ("recognition_shape", 19, 0))
    ]
    svg = drawn("retention", [*rows, {"category": "odd", "n_correct_raw": None, "n_incorrect_raw": None}])
    assert [n for n in (0, 3, 19, 40) if f">of {n}<" in svg] == [3, 19]


def test_values_that_are_missing_leave_gaps() -> None:
    drop = {"category": "count", "drop": 0.1, "drop_low": None, "drop_high": None, "holm_p": None,
            "smallest_detectable": None}  # fmt: skip
    assert "count" in drawn("drop", [drop])
    shift = {"layer": 0, "l1": 0.1, "l1_sd": None}
    assert "layer" in drawn("shift", [shift])
    change = {"category": "count"} | dict.fromkeys(
        f"{name}{end}" for name in ("changes_", "stays_") for end in ("with_truth", "low", "high")
    )
    assert "says None" in drawn("change", [change])


def test_ids_begin_with_the_figures_name() -> None:
    import re

    svg = drawn("shift", [{"layer": layer, "l1": 0.1, "l1_sd": 0.02} for layer in range(3)])
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    assert ids and all(identity.startswith("shift-") for identity in ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)) <= ids
