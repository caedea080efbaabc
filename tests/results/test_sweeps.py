"""Sweeps over layers as read models, from rows as the reads give them."""

from typing import Any

from relcli.results.sweeps import sweeps


def cut_row(experiment: str, layer: int, change: float | None, **more: Any) -> dict[str, Any]:
    return {
        "experiment": experiment, "variant": "raw", "region": "target", "from_rows": "answer", "layer": layer,
        "n_layers": 1, "mean_change": change, "change_low": -9.0, "change_high": 1.0, "control_change": 0.5,
        "holm_p": 0.01, "n": 12, **more,
    }  # fmt: skip


def patch_row(layer: int, variant: str, effect: float) -> dict[str, Any]:
    return {
        "experiment": "p", "variant": variant, "source_variant": "masked", "site": "residual",
        "places": "answer", "layer": layer, "n_layers": 1, "effect": effect, "effect_low": None,
        "effect_high": None, "control_effect": None, "holm_p": None, "n": 7,
    }  # fmt: skip


def test_cuts_and_patches_are_curves_of_one_kind():
    cuts = [cut_row("one", layer, change) for layer, change in ((0, -1.0), (1, 0.2), (2, -0.9))]
    cuts += [cut_row("one", layer, -0.1, variant="masked") for layer in (0, 1)]
    patches = [
        patch_row(layer, variant, 0.4 + layer / 2) for variant in ("raw", "masked") for layer in (0, 1)
    ]
    found = sweeps(cuts, patches)
    assert [(each.kind, each.name, each.variant, len(each.steps)) for each in found] == [
        ("cut", "one", "raw", 3), ("cut", "one", "masked", 2),
        ("patch", "p", "raw", 2), ("patch", "p", "masked", 2),
    ]  # fmt: skip
    assert len({each.key for each in found}) == 4
    assert found[0].what == "target from answer"
    assert found[0].strongest.layer == 0  # 1.5 beyond its control
    assert found[2].strongest.value == 0.9
    assert found[2].steps[0].control is None


def test_what_is_no_curve_is_left_out():
    one_layer = [cut_row("once", 3, -1.0)]
    by_heads = [cut_row("heads", layer, -1.0) for layer in (0, 0, 1, 1)]
    unknown = [cut_row("unknown", layer, None) for layer in (0, 1, 2)]
    assert sweeps([*one_layer, *by_heads, *unknown], []) == []
    assert sweeps([], []) == []
