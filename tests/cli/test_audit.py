"""relcli audit: flaws by category, and readers without the picture."""

from pathlib import Path

import pytest

from relcli.scenes.generation import generate_folder
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "forty"
    generate_folder(folder, n_scenes=40, seed=2, question_sets=("seed", "balanced"))
    return folder


def audit(relcli: Relcli, *words: object) -> dict[str, dict]:
    result = relcli("audit", "--format", "json", *words)
    assert result.exit_code == 0, result.stderr
    return {row["category"]: row for row in load_json(result)}


def test_the_studys_flaws_are_counted_and_its_leaks_are_read(relcli: Relcli, forty: Path) -> None:
    rows = audit(relcli, "--dataset", forty)
    assert set(rows) == {
        "count", "recognition_shape", "recognition_color", "recognition_shape_and_color", "implicit_spatial",
        "explicit_connection", "explicit_arrow_direction",
    }  # fmt: skip
    shape = rows["recognition_shape"]
    assert shape["wording"] == shape["fixed_letter"] == shape["leaking"] == 1.0 and shape["ambiguous"] == 0
    assert shape["text_only"] > 0.95 > 0.6 > shape["constant"] and shape["text_only_n"] == shape["n"]
    assert rows["recognition_color"]["text_only"] < 0.7
    assert 0.2 < rows["explicit_connection"]["equivalent_option"] <= rows["explicit_connection"]["ambiguous"]
    assert rows["implicit_spatial"]["two_axes"] > 0.6
    assert all(row["blank"] is None for row in rows.values())


def test_the_balanced_set_has_none_of_them(relcli: Relcli, forty: Path) -> None:
    rows = audit(relcli, "--dataset", forty, "--questions", "balanced")
    assert all(row["ambiguous"] == row["leaking"] == 0 for row in rows.values())
    assert rows["recognition_shape"]["text_only"] < 0.7


def test_a_run_brings_its_answers_on_the_blank_picture(relcli: Relcli, answered: Path, scenes: Path) -> None:
    in_view = dict(
        rows_of(answered, "select category, accuracy from accuracy_by_category where variant = 'blank'")
    )
    for words in (["--run", "first"], ["--dataset", "six"], ["--dataset", scenes]):
        rows = audit(relcli, "--db", answered, *words)
        assert {name: row["blank"] for name, row in rows.items()} == pytest.approx(in_view)
        assert all(row["text_only"] is None for row in rows.values())  # six scenes are too few
    shown = relcli("audit", "--db", answered, "--run", "first")
    assert "too few scenes" in shown.stdout and "Blank picture: run first." in shown.stderr


def test_it_is_said_how_the_blank_picture_is_asked_about(
    relcli: Relcli, answered: Path, scenes: Path
) -> None:
    """The command has the data and the questions that were audited."""
    hint = "No run answered them on the blank picture: relcli run --db {} --dataset {} --questions balanced"
    for dataset in ("six", scenes):
        words = ("--dataset", dataset, "--questions", "balanced", "--category", "count")
        shown = relcli("audit", "--db", answered, *words)
        assert hint.format(answered, dataset) in shown.stderr, shown.stderr
    words = ("--run", "first", "--questions", "balanced", "--category", "count")
    shown = relcli("audit", "--db", answered, *words)
    assert "The run first did not answer them" in shown.stderr
    both = relcli("audit", "--db", answered, "--run", "first", "--dataset", "bundled")
    assert both.exit_code == 2 and "is of the data set six" in sentence(both)


def test_one_category_and_what_isnt_there(relcli: Relcli, forty: Path, answered: Path) -> None:
    assert list(audit(relcli, "--dataset", forty, "--category", "count")) == ["count"]
    for words, says in (
        (["--dataset", "none"], "There is no data set none"),
        (["--run", "none", "--db", answered], "There is no run none"),
        (["--dataset", forty, "--questions", "other"], "There is no question set 'other'"),
    ):
        result = relcli("audit", *words)
        assert result.exit_code == 2 and says in sentence(result)
