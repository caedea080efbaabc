"""The report's sentences say no more than their numbers and tests."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.report.facts import Facts
from relcli.report.finding import _masking, _truth, percent

SHARES = st.floats(0, 1)
DROP = st.fixed_dictionaries(
    {
        "drop": st.floats(-1, 1),
        "holm_p": SHARES,
        "smallest_detectable": st.none() | st.floats(0.01, 1),
        "drop_low": st.none() | st.floats(-1, 1),
        "drop_high": st.none() | st.floats(-1, 1),
    }
)


def facts(**rows: list[dict]) -> Facts:
    return Facts(Path("none.duckdb"), {"run": "made"}, rows=rows)


@given(st.lists(DROP, min_size=1, max_size=7))
def test_masking_is_said_to_matter_only_where_its_test_does(rows: list[dict]) -> None:
    rows = [{"category": f"category_{number}", **row} for number, row in enumerate(rows)]
    said = _masking(facts(drop=rows))
    lost = [row for row in rows if row["holm_p"] <= 0.05 and row["drop"] > 0]
    won = [row["category"] for row in rows if row["holm_p"] <= 0.05 and row["drop"] < 0]
    unsure = [row for row in rows if row["holm_p"] > 0.05]
    assert ("lowers" in said) == bool(lost or won) and ("raises" in said) == bool(won)
    if lost:
        assert f"in {len(lost)} of" in said
    named = [row["category"] for row in rows if row["category"] in said]
    assert set(named) <= {row["category"] for row in lost} | set(won)
    if unsure:
        assert "does not show that there is none" in said or "none could have been" in said


@given(st.floats(0, 1))
def test_a_share_is_all_or_nothing_only_if_it_is(share: float) -> None:
    assert (percent(share) == "100%") == (share == 1) and (percent(share) == "0%") == (share == 0)


def of_variant(variant: str, changes: tuple = (0, None, None), stays: tuple = (0, None, None)) -> dict:
    """A row of the figure: of the questions whose truth changes, and stays, how many, the share of answers
    that follow it, and the share of None."""
    names = ("n_truth_changes", "changes_with_truth", "none_if_truth_changes",
             "n_truth_stays", "stays_with_truth", "none_if_truth_stays")  # fmt: skip
    return {"variant": variant} | dict(zip(names, (*changes, *stays), strict=True))


@pytest.mark.parametrize("rows", [[], [of_variant("masked")]])
def test_nothing_is_said_of_what_was_not_asked(rows: list[dict]) -> None:
    [said] = _truth(facts(change=rows))
    assert "can't be told" in said
    assert "Nothing is known" in _masking(facts())


def test_shares_over_categories_are_weighted_by_their_questions() -> None:
    many = of_variant("masked", (90, 1.0, 0.0), (1, 0.0, 1.0))
    few = of_variant("masked", (10, 0.0, 1.0), (99, 1.0, 0.0))
    [said] = _truth(facts(change=[many, few]))
    assert "changes in 90% of 100" in said and "stays in 99% of 100" in said
    assert "None is said in 10% of the former and 1% of the latter" in said and "not tested" in said


def test_what_follows_on_one_kind_of_picture_is_not_said_of_another() -> None:
    masked = of_variant("masked", (10, 0.2, 1.0))
    changed = of_variant("changed", (10, 0.7, 1.0))
    placebo = of_variant("placebo", stays=(40, 0.9, 0.1))
    said = _truth(facts(change=[masked, changed, placebo]))
    assert len(said) == 3
    assert said[0].startswith("Where masking changes the right answer, the given answer changes in 20% ")
    assert said[1].startswith("On the changed pictures, where the right answer is another, the given answer ")
    assert "in 70% of 10" in said[1] and "masking" not in said[1] + said[2]
    assert said[2].startswith("On the placebo pictures, where the picture changes") and "90% of 40" in said[2]
