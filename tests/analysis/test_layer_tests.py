"""The largest statistic over many cells: by definition, in its level, and in what it finds."""

import numpy as np
import pytest
from scipy import stats

from relcli.analysis.layer_tests import max_statistic_p
from relcli.results.layer_findings import corrected_p


def test_one_cell_is_scipys_permutation_test():
    values = np.random.default_rng(3).normal(0.4, 1, (12, 1))
    for two_sided, alternative in ((False, "greater"), (True, "two-sided")):
        exact = stats.permutation_test(
            (values[:, 0],), np.sum, permutation_type="samples", alternative=alternative
        ).pvalue
        [found] = max_statistic_p(values, two_sided=two_sided, flips=20_000)
        assert found == pytest.approx(exact, abs=0.012)


def test_a_cell_among_others_is_less_sure_and_a_repeated_one_costs_nothing():
    rng = np.random.default_rng(1)
    bright, rest = rng.normal(0.6, 1, (40, 1)), rng.normal(0, 1, (40, 99))
    alone = max_statistic_p(bright, two_sided=False)[0]
    among = max_statistic_p(np.hstack([bright, rest]), two_sided=False)[0]
    repeated = max_statistic_p(np.repeat(bright, 100, axis=1), two_sided=False)
    assert alone < among
    assert repeated == pytest.approx(np.full(100, alone), abs=1e-12)
    assert np.isnan(max_statistic_p(np.zeros((5, 2)), two_sided=True)).all()
    with pytest.raises(ValueError, match="finite"):
        max_statistic_p(np.full((5, 2), np.nan), two_sided=True)


def test_cells_are_laid_by_scene_and_all_categories_are_cells_of_their_own():
    rng = np.random.default_rng(5)
    rows = [
        {"measure": "l1", "category": category, "variant": None, "layer": layer, "scenes": scenes,
         "totals": (rng.normal(2.0 * (layer == 1), 1, len(scenes))).tolist()}
        for category, scenes in (("count", list(range(0, 30))), ("arrow", list(range(20, 60))))
        for layer in range(3)
    ]  # fmt: skip
    p = corrected_p("layer_shift", rows)
    assert set(p) == {("l1", None, each, layer) for each in ("count", "arrow", None) for layer in range(3)}
    assert {cell[3] for cell, value in p.items() if value <= 0.05} == {1}


@pytest.mark.slow
@pytest.mark.parametrize("scenes", [20, 100, 500])
@pytest.mark.parametrize("two_sided", [False, True])
def test_any_false_star_among_all_cells_comes_in_one_run_of_twenty(scenes: int, two_sided: bool):
    """36 layers of 4 categories that share much with each other, some scenes without a category; skewed but
    symmetric, as differences of two like shares are."""
    rng = np.random.default_rng(scenes)
    tries, false = 600, 0
    for _ in range(tries):
        shared = rng.normal(0, 1, (scenes, 1, 4)) * rng.gamma(0.5, 1, (scenes, 1, 4))
        sums = (shared + rng.normal(0, 0.5, (scenes, 36, 4))) * (rng.random((scenes, 1, 4)) < 0.7)
        false += np.nanmin(max_statistic_p(sums.reshape(scenes, -1), two_sided=two_sided, flips=999)) <= 0.05
    slack = 3 * np.sqrt(0.05 * 0.95 / tries)
    assert 0.04 - slack <= false / tries <= 0.06 + slack
