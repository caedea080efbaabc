"""The report's numbers of patches, steering and the lens are the views'."""

from pathlib import Path

import pytest

from relcli.progress import NullProgress
from relcli.report.catalogue import KINDS
from relcli.report.facts import gather
from relcli.report.page import page
from tests.cli.cli_helpers import Relcli
from tests.cli.test_report import hold

EXPERIMENTS = {
    "patch": (
        ("patch", "--run", "first", "--from", "masked", "--at", "answer", "--layers", "each", "--control", 1),
        {
            "patch-layers": (
                "patch_by_layer",
                ["experiment", "variant", "layer", "n", "effect", "effect_low", "control_effect", "holm_p"],
                "layer IS NOT NULL",
            )
        },
    ),
    "steer": (
        ("steer", "--run", "first", "--heads", "1.0,2.3", "--strength", 6, "--control", 1,
         "--category", "explicit_connection", "--category", "count"),
        {
            "steering": (
                "steer_effect",
                ["intervention", "category", "variant", "n", "mean_change", "change_low", "control_change",
                 "holm_p"],
                "true",
            )
        },
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_the_numbers_of_experiments_are_the_views(relcli: Relcli, answered: Path, kind: str) -> None:
    words, figures = EXPERIMENTS[kind]
    done = relcli(*words, "--name", "made", "--db", answered, "--display", "none")
    assert done.exit_code == 0, done.stderr
    kinds = [KINDS[name] for name in figures]
    hold(page(gather(answered, "first", None, kinds), NullProgress()), answered, "first", figures)


LENS = {
    "lens": (
        "logit_lens_by_layer",
        ["category", "layer", "n", "right_first", "ci_low", "chosen_first"],
        "variant = 'raw'",
    )
}


@pytest.mark.slow
def test_the_numbers_of_the_lens_are_the_views(relcli: Relcli, tmp_path: Path) -> None:
    database = tmp_path / "inside.duckdb"
    asked = ("--category", "recognition_color", "--category", "count", "--variants", "raw")
    done = relcli("run", *asked, "--hidden", "answer", "--max-samples", 40, "--name", "inside",
                  "--db", database, "--display", "none")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    facts = gather(database, "inside", None, [KINDS["lens"]])
    hold(page(facts, NullProgress()), database, "inside", LENS)
