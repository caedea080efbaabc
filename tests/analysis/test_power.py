"""The power of the sign-flip test against plain simulation, and what stands on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from relcli.analysis.power import most_against, power, scenes_needed, sign_flip_mid_p
from relcli.paths import sql_dir
from tests.examples import examples


@given(st.integers(0, 400), st.integers(0, 200))
def test_mid_p_is_the_binomial_test_less_half_of_what_was_seen(changed: int, fewer: int) -> None:
    fewer = min(fewer, changed // 2)
    exact = stats.binomtest(fewer, changed).pvalue if changed else 1.0
    seen = stats.binom.pmf(fewer, changed, 0.5)
    expected = 1.0 if 2 * fewer >= changed else exact - seen
    assert sign_flip_mid_p(fewer, changed) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("level", [0.05, 0.05 / 7])
def test_most_against_is_where_the_test_begins_to_find(level: float) -> None:
    for changed, most in enumerate(most_against(300, level)):
        found = [k for k in range(changed // 2 + 1) if sign_flip_mid_p(k, changed) <= level]
        assert most == (max(found) if found else -1)


@pytest.mark.parametrize(
    ("scenes", "drop", "background", "level"),
    [(20, 0.3, 0.05, 0.05), (100, 0.1, 0.02, 0.05 / 7), (500, 0.03, 0.01, 0.05), (500, 0.1, 0.3, 0.05)],
)
def test_power_is_how_often_a_drop_is_found(
    scenes: int, drop: float, background: float, level: float
) -> None:
    rng = np.random.default_rng(scenes)
    rates = [background + drop, background, 1 - drop - 2 * background]
    counts = rng.multinomial(scenes, rates, size=4000)
    found = [gained < lost and sign_flip_mid_p(gained, lost + gained) <= level for lost, gained, _ in counts]
    # Four standard errors of 4,000 tries.
    assert power(scenes, drop, background, level) == pytest.approx(np.mean(found), abs=0.032)


def test_power_of_nothing_and_of_too_much() -> None:
    assert power(50, 0, 0, 0.05) == 0
    assert power(50, 1, 0, 0.05) == pytest.approx(1)
    assert power(3, 1, 0, 0.05) == 0  # three scenes can't be significant
    with pytest.raises(ValueError, match="more scenes"):
        power(50, 0.5, 0.3, 0.05)


@settings(max_examples=examples(25), deadline=None)
@given(
    st.floats(0.02, 0.6), st.floats(0, 0.15), st.sampled_from([0.05, 0.05 / 7]), st.sampled_from([0.5, 0.95])
)
def test_scenes_needed_reach_the_power_and_one_less_do_not(
    drop: float, background: float, level: float, wanted: float
) -> None:
    scenes = scenes_needed(drop, background, level, wanted)
    assert scenes is not None
    assert power(scenes, drop, background, level) >= wanted > power(scenes - 1, drop, background, level)


def test_what_no_number_of_scenes_cannot_show() -> None:
    assert scenes_needed(1e-5, 0.3, 0.05, 0.8) is None


def test_the_smallest_detectable_drop_is_found_four_times_in_five_by_the_test_that_is_used() -> None:
    """The macro, over the sizes people have: never less than 80%, and not much more where many change."""
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as memory:
        for name in ("normal_quantile", "smallest_detectable"):
            memory.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
        none = 0
        for level in (0.05, 0.05 / 3, 0.05 / 7):
            for scenes in (20, 100, 500, 2500):
                for each_way in (0, 1, 1.5, 3, 10, 0.1 * scenes, 0.3 * scenes):
                    background = each_way / scenes
                    asked = [scenes, background, level]
                    row = memory.execute("SELECT smallest_detectable(?, ?, ?, 1)", asked)
                    drop = row.fetchall()[0][0]
                    if drop is None:
                        none += 1
                        most = 1 - 2 * background
                        assert most < 0.02 or power(scenes, most, background, level) < 0.95
                        continue
                    reached = power(scenes, drop, background, level)
                    assert 0.795 <= reached <= 1, (scenes, each_way, level)
                    if each_way >= 10 and scenes >= 100:
                        assert reached <= 0.85, (scenes, each_way, level)
        assert none
