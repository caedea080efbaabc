"""relcli diff: paired on the same questions."""

from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence
from tests.cli.import_kit import sample_lines, write_lines

pytestmark = pytest.mark.usefixtures("empty")
DB = Path("study.duckdb")
RIGHT, WRONG = "correct", "incorrect"


def take_in(relcli: Relcli, name: str, lines: list[dict[str, str]]) -> None:
    results = write_lines(Path(f"{name}.csv"), lines)
    done = relcli("import", "seed", "--results", results, "--name", name, "--db", DB)
    assert done.exit_code == 0, done.stderr


def diff(relcli: Relcli, *words: object) -> list[dict[str, Any]]:
    result = relcli("diff", *words, "--db", DB, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return load_json(result)


@pytest.fixture
def two(relcli: Relcli) -> Relcli:
    """Runs `old` and `new`: new gets the three shapes right that old got wrong, and loses one colour."""
    take_in(relcli, "old", sample_lines())
    lines = sample_lines()
    for line in lines:
        if line["query_type"] == "recognition_shape":
            line["evaluation"] = RIGHT
    lines[3]["evaluation"] = WRONG
    take_in(relcli, "new", lines)
    return relcli


def test_differences_by_category(two: Relcli) -> None:
    rows = {row["category"]: row for row in diff(two, "old", "new")}
    assert list(rows) == [
        "count", "recognition_shape", "recognition_color", "recognition_shape_and_color", "implicit_spatial",
        "explicit_connection", "explicit_arrow_direction",
    ]  # fmt: skip
    shape = rows["recognition_shape"]
    assert (shape["n"], shape["n_scenes"], shape["lost"], shape["gained"]) == (7, 4, 0, 3)
    assert (shape["accuracy_a"], shape["accuracy_b"]) == (4 / 7, 1.0)
    assert shape["difference"] == pytest.approx(3 / 7)
    assert shape["mcnemar_p"] == stats.binomtest(0, 3).pvalue == 0.25 and shape["mcnemar_p_holm"] == 1
    # Three of four scenes gained one: all alike, half as likely as one more at least.
    assert (shape["n_scenes_changed"], shape["p"], shape["p_holm"]) == (3, 0.125, 0.875)
    assert -0.3 < shape["low"] < 3 / 7 < shape["high"] <= 1 and shape["detectable"] is None
    color = rows["recognition_color"]
    assert (color["difference"], color["lost"], color["gained"], color["mcnemar_p"]) == (-1 / 8, 1, 0, 1)
    still = rows["count"]
    exact = stats.binomtest(0, 4).proportion_ci(method="exact").high
    assert (still["difference"], still["low"], still["high"]) == pytest.approx((0, -exact, exact))


def test_holm_corrects_for_all_categories_whatever_is_shown(two: Relcli) -> None:
    [alone] = diff(two, "old", "new", "--category", "recognition_shape")
    assert alone in diff(two, "old", "new") and alone["p_holm"] == 7 * alone["p"]


def test_flips_name_the_questions(two: Relcli) -> None:
    rows = diff(two, "old", "new", "--flips")
    assert [(row["flip"], row["scene_id"], row["question_index"]) for row in rows] == [
        ("gained", 0, 2),
        ("lost", 0, 3),
        ("gained", 1, 2),
        ("gained", 3, 2),
    ]
    assert rows[0]["question"] == "Does this image have a square"
    assert (rows[0]["truth"], rows[0]["answer_a"]) == ("b)", "a) yes")


def test_one_run_alone_is_raw_against_masked(two: Relcli) -> None:
    view = dict(rows_of(DB, "select category, \"drop\" from raw_vs_masked where run = 'old'"))
    p = dict(rows_of(DB, "select category, p from raw_vs_masked where run = 'old'"))
    for row in diff(two, "old"):
        assert row["difference"] == pytest.approx(-view[row["category"]])
        assert row["p"] == pytest.approx(p[row["category"]])
    flipped = diff(two, "old", "--flips")
    assert {"truth_a", "truth_b"} <= set(flipped[0])


def test_the_command_and_the_view_agree(two: Relcli) -> None:
    view = rows_of(
        DB,
        "select category, difference, difference_low, difference_high, p, holm_p, smallest_detectable, "
        "mcnemar_p, mcnemar_holm_p, n_only_a, n_only_b from run_compare "
        "where run_a = 'old' and run_b = 'new' and variant = 'raw'",
    )
    names = ("difference", "low", "high", "p", "p_holm", "detectable")
    names += ("mcnemar_p", "mcnemar_p_holm", "lost", "gained")
    rows = {row["category"]: [row[name] for name in names] for row in diff(two, "old", "new")}
    assert len(view) == len(rows) == 7
    for category, *figures in view:
        assert rows[category] == pytest.approx(figures, nan_ok=True)


def test_variants_and_repeatable_intervals(two: Relcli) -> None:
    assert all(row["difference"] == 0 for row in diff(two, "old", "new", "--variant", "masked"))
    assert diff(two, "old", "new") == diff(two, "old", "new")
    drawn = diff(two, "old", "new", "--samples", 500, "--seed", 5)
    assert drawn == diff(two, "old", "new", "--samples", 500, "--seed", 5)
    # The three gains lie on three of four scenes: 0 to 1/2 of a scene's questions.
    assert 0 <= drawn[1]["low"] < 3 / 7 < drawn[1]["high"] <= 0.5
    assert (drawn[0]["low"], drawn[0]["high"]) == (None, None)  # nothing to draw from


def test_other_data_sets_are_paired_on_pictures_asked_the_same(two: Relcli) -> None:
    lines = sample_lines()
    changed = [line for line in lines if line["image_filename"] == "image_00002.png"]
    changed[0]["question"] = changed[0]["question"].replace("a) 8", "a) 7")
    take_in(two, "other", lines)
    assert len(rows_of(DB, "select distinct dataset from run")) == 2
    assert sum(row["n"] for row in diff(two, "old", "other")) == 37 - len(changed)


def test_the_table_is_for_people(two: Relcli) -> None:
    result = two("diff", "old", "new", "--db", DB)
    assert "+0.429 (" in result.stdout and "A: old, raw. B: new, raw." in result.stderr
    assert "Fewer than 20 scenes" in result.stderr


def test_what_cant_be_compared(two: Relcli) -> None:
    lines = [{**line, "question": line["question"].replace("image", "picture")} for line in sample_lines()]
    take_in(two, "elsewhere", lines)
    for words, says in (
        (["old", "old"], "Both sides are the raw answers of old"),
        (["old", "none"], "There is no run none"),
        (["old", "new", "--variant", "maskd"], "old has no answers on maskd pictures, only on raw, masked"),
        (["old", "new", "--variant-b", "blank"], "new has no answers on blank pictures"),
        (["old", "elsewhere"], "no graded question in common"),
    ):
        result = two("diff", *words, "--db", DB)
        assert result.exit_code == 2 and says in sentence(result)
