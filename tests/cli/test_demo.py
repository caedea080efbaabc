"""What the README shows first: the bundled model on the bundled scenes, as it is installed."""

from pathlib import Path

import pytest

from relcli.scenes.vocabulary import CATEGORIES
from tests.cli.cli_helpers import Relcli, load_json, rows_of


def test_the_bundled_model_reads_colours(relcli: Relcli) -> None:
    words = ("run", "--category", "recognition_color", "--max-samples", 40, "--name", "demo")
    result = relcli(*words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    [row] = load_json(result)
    assert row["category"] == "recognition_color" and row["n_raw"] == 80
    assert row["raw"] >= 0.9 and row["masked"] >= 0.9
    default = Path("warehouse") / "relcli.duckdb"
    assert rows_of(default, "select run, dataset, model, question_set, state from run") == [
        ("demo", "bundled", "bundled", "seed", "done")
    ]


@pytest.mark.slow
def test_the_bundled_model_sees_in_every_category(relcli: Relcli) -> None:
    """Questions without leaks, on pictures and twins it was not trained on."""
    words = ("run", "--questions", "balanced", "--max-samples", 40, "--attention", "none", "--format", "json")
    rows = load_json(relcli(*words))
    assert {row["category"] for row in rows} == set(CATEGORIES)
    assert {row["category"]: row for row in rows if min(row["raw"], row["masked"]) < 0.85} == {}


def test_ask_in_ones_own_words(relcli: Relcli) -> None:
    from relcli.paths import assets_dir

    picture = assets_dir() / "scenes" / "images" / "image_00003.png"  # triangle and rectangle, no circle
    words = ("ask", "--image", picture, "--format", "json")
    assert load_json(relcli(*words, "is there a yellow triangle?"))["means"] == "Yes"
    assert load_json(relcli(*words, "is there a red circle?"))["means"] == "No"
