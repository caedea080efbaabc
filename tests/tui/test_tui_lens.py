"""What each layer would answer, as a line below the layers on screen 4."""

import shutil
from pathlib import Path

import pytest

from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress import NullProgress
from relcli.results.lens_strip import LensStrip, read_lens_strip
from relcli.tui.question.logit_lens import LensLine, lens_text
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query

TONE = {"good": "green", "bad": "red", "dim": "dim", "accent": "blue"}
STRIP = LensStrip(
    ["a", "b", "none"],
    [[-1.0, -3.0, -2.0], [-2.0, -3.0, -1.0], [-3.0, -1.0, -3.0], [-9.0, -0.1, -4.0]],
    "b",
    "b",
)


def test_the_line_says_which_option_is_first_in_each_layer():
    said = lens_text(STRIP, None, 60, TONE).plain
    assert said == "would say   a   ∅   B   B     right from layer 2 on"
    chosen = lens_text(STRIP, 2, 60, TONE)
    assert chosen.plain.endswith("b 79%  a 11%  none 11%")
    assert STRIP.right_from == 2
    wrong = LensStrip(STRIP.letters, STRIP.logprobs, "a", "b")
    assert wrong.right_from is None
    assert "not first at the end" in lens_text(wrong, None, 80, TONE).plain
    assert LensStrip(STRIP.letters, STRIP.logprobs[2:], "b", None).right_from == 0


@pytest.fixture(scope="module")
def kept_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run of one scene that keeps the answers' states."""
    path = tmp_path_factory.mktemp("lens") / "study.duckdb"
    request = RunRequest(name="inside", sample_index=0, hidden=("answer",), categories=("count",))
    run(path, request, NullProgress())
    return path


@pytest.fixture
def kept(kept_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    return Path(shutil.copy(kept_once, "study.duckdb"))


@pytest.mark.slow
async def test_the_line_follows_question_picture_and_layer(drive, kept):
    async with drive(kept, "4") as driver:
        line = driver.screen.query_one(LensLine)
        key = driver.screen._question.key
        for variant in ("raw", "masked"):
            strip = read_lens_strip(kept, "inside", key, variant)
            assert strip is not None and line.strip == strip and line.display
            [(answer,)] = query(
                kept,
                "SELECT choice FROM inference WHERE run = 'inside' AND variant = $variant AND scene_id = "
                f"{key[0]} AND question_index = {key[1]}",
                {"variant": variant},
            ).rows
            assert strip.first(strip.n_layers - 1) == strip.chosen == answer
            assert "would say" in driver.text("LensLine")
            driver.screen.choose_layer(2)
            await driver.settle()
            likeliest = next(iter(strip.shares(2)))
            assert f"  {likeliest} " in driver.text("LensLine")
            driver.screen.choose_layer(None)
            await driver.press("v")
        with connect(kept, read_only=False) as connection:
            connection.execute("UPDATE answer SET lens_logprobs = NULL")
        line.show(None, "", None)
        driver.screen.reload()
        await driver.settle()
        assert line.strip is None and not line.display
