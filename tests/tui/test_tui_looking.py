"""The token line on screen 4: shares in words, and maps of tokens and heads in place of the answer's."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress import NullProgress
from relcli.results.token_strip import Token, TokenStrip, read_token_strip
from relcli.scenes.generation import generate_folder
from relcli.tui.looking.text import share_words, token_lines
from relcli.tui.looking.token_line import TokenLine
from relcli.tui.widgets.cells import tones
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.tui.heads_kit import READS, RUN
from tests.tui.tui_driver import SMALL


@pytest.fixture(scope="module")
def answered_once(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run that keeps tokens, heads and full maps."""
    folder = tmp_path_factory.mktemp("looking")
    generate_folder(folder / "scenes", n_scenes=1, seed=11, question_sets=("seed",))
    asked = {"dataset": str(folder / "scenes"), "model": str(tiny_model), "max_new_tokens": 2}
    asked |= {"attention": ("tokens", "heads", "full"), "name": "first"}
    run(folder / "study.duckdb", RunRequest(**asked, given=frozenset(asked)), NullProgress())
    return folder


@pytest.fixture
def headed(heads_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    path = Path(shutil.copy(heads_once, "heads.duckdb"))
    with connect(path, read_only=False) as connection:
        connection.execute("UPDATE run SET kind = 'import'")  # its model is nowhere
    return path


@pytest.fixture
def answered(answered_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    shutil.copytree(answered_once / "study.duckdb.spool", "study.duckdb.spool")
    return Path(shutil.copy(answered_once / "study.duckdb", "study.duckdb"))


async def until(driver, true) -> None:
    for _ in range(1200):
        if true():
            await driver.settle()
            return
        await driver.pilot.pause(0.05)
    raise AssertionError(driver.notices)


def maps(driver):
    return driver.screen._question.maps["raw"]


async def test_tokens_are_gone_through_and_told_in_words(drive, headed):
    async with drive(headed, "4") as driver:
        line = driver.screen.query_one(TokenLine)
        key = driver.screen._question.key
        strip = read_token_strip(headed, RUN, key, "raw")
        assert strip is not None and line.strip == strip and line.display
        # The cursor begins at what is asked about.
        assert strip.tokens[line.at].index == strip.roles["target"][-1]
        driver.screen.choose_layer(READS[0])
        await driver.settle()
        said = driver.text("TokenLine")
        chance = strip.shares("chance", READS[0])[line.at]
        assert f"60.0% on what is asked about · chance {chance:.1%} · layer {READS[0]}" in said
        at = line.at
        await driver.press("right_square_bracket")
        assert line.at == at + 1 and "60.0%" not in driver.text("TokenLine").splitlines()[0]
        await driver.press("left_square_bracket", "P")
        assert line.at == at and line.looked_on == "distractor"
        assert "on the other objects ·" in driver.text("TokenLine")
        for token in strip.tokens:
            assert token.text.strip() in driver.text("TokenLine").replace("\n", "")
        await driver.press("full_stop")
        assert line.strip == read_token_strip(headed, RUN, driver.screen._question.key, "raw")


@pytest.mark.slow
async def test_a_kept_row_is_its_token_s_map_without_any_model(drive, headed):
    async with drive(headed, "4") as driver:
        line, plain = driver.screen.query_one(TokenLine), driver.screen._question
        [end] = line.strip.roles["stem_end"]
        while line.strip.tokens[line.at].index != end:
            await driver.pilot.press("right_square_bracket")
        await driver.press("T")
        await until(driver, lambda: line.looks)
        sql = (
            "SELECT mean_heads FROM answer_attention WHERE run = $run AND scene_id = $scene AND "
            "question_index = $index AND variant = 'raw' AND query_row = 'stem_end' AND layer = 3"
        )
        given = {"run": RUN, "scene": plain.key[0], "index": plain.key[1]}
        [[kept]] = query(headed, sql, given).rows
        assert maps(driver).weights(3) == pytest.approx(kept)
        assert maps(driver).whose == "“?”"
        if "masked" in plain.maps:  # what is compared with it is the same token's
            assert driver.screen._question.maps["masked"].whose == "“?”"
            await driver.press("v")
            assert line.looks
        assert driver.app.model.state == "off"
        await driver.press("escape")
        assert maps(driver).whose == "" and maps(driver) == plain.maps["raw"]
        # What isn't kept needs the model, which isn't here.
        await driver.press("left_square_bracket", "T")
        await until(driver, lambda: "imported" in "".join(driver.notices))
        assert not line.looks


async def test_heads_are_listed_and_asked_for(drive, headed):
    async with drive(headed, "4", "H") as driver:
        options = driver.app.screen.query_one("OptionList")
        first = str(options.get_option_at_index(0).prompt)
        assert first.startswith(f"target row, head {READS[0]}.{READS[1]}") and "chance" in first
        await driver.press("enter")
        assert driver.app.selection.layer == READS[0]
        await until(driver, lambda: "imported" in "".join(driver.notices))


@pytest.mark.slow
async def test_on_a_small_terminal_it_takes_few_lines(drive, headed):
    async with drive(headed, "4", size=SMALL) as driver:
        line = driver.screen.query_one(TokenLine)
        assert line.size.height == 3 and all(len(row) <= 80 for row in driver.text("TokenLine").splitlines())
        for _ in range(len(line.strip.tokens)):
            assert "[" in "".join(driver.text("TokenLine").splitlines()[1:])
            await driver.pilot.press("right_square_bracket")


@pytest.mark.slow
async def test_a_run_without_tokens_says_which_option_keeps_them(drive, warehouse):
    async with drive(warehouse, "4") as driver:
        assert not driver.screen.query_one(TokenLine).display
        await driver.press("right_square_bracket", "H")
        assert "--attention tokens" in driver.notices[0] and "--attention heads" in driver.notices[1]


@pytest.mark.slow
async def test_the_run_s_model_shows_what_any_token_and_head_look_at(drive, answered):
    async with drive(answered, "4") as driver:
        line, plain = driver.screen.query_one(TokenLine), driver.screen._question
        strip = line.strip
        at = next(
            number
            for number in range(3, len(strip.tokens))
            if strip.row_of(number) is None and strip.characters(number, plain.text)
        )
        while line.at != at:
            await driver.pilot.press("right_square_bracket")
        await driver.press("T")
        await until(driver, lambda: line.looks)
        # Its share on what is asked about is the one that was kept while the run answered.
        coverage, checked = plain.coverage["raw"], 0
        for layer in range(strip.n_layers):
            weights, kept = maps(driver).weights(layer), strip.shares("target", layer)[at]
            if kept is not None and coverage.entity is not None:
                share = sum(w * c for w, c in zip(weights, coverage.entity, strict=True)) / sum(weights)
                assert share == pytest.approx(kept, abs=2e-3)
                checked += 1
        assert checked
        await driver.press("escape")
        # A head: from the full maps first, then from the model, and both say the same.
        await driver.press("H", "enter")
        await until(driver, lambda: "head" in maps(driver).whose)
        stored, layer = maps(driver), driver.app.selection.layer
        await driver.press("escape")
        shutil.rmtree("study.duckdb.spool")
        await driver.press("H", "enter")
        await until(driver, lambda: "head" in maps(driver).whose and maps(driver) is not stored)
        assert maps(driver).whose == stored.whose
        assert maps(driver).weights(layer) == pytest.approx(stored.weights(layer), abs=2e-4)
        await driver.press("escape")
        with connect(answered, read_only=False) as connection:
            connection.execute("UPDATE run SET weights_hash = 'x' || weights_hash")
        await driver.press("T")
        await until(driver, lambda: any("another model" in each for each in driver.notices))
        assert not line.looks


def strip_of(*texts: str) -> TokenStrip:
    tokens = [
        Token(at, text, {"target": [at / 10, None], "chance": [0.1, None]}, [0.5, None])
        for at, text in enumerate(texts)
    ]
    return TokenStrip(tokens, 2, {"stem_end": [1], "target": [0, 2]})


def test_characters_of_tokens():
    strip = strip_of("<s>\n", "Is", " it", " r\u00e9", "d?", "</s>")
    text = "Is it r\u00e9d?"
    spans = [strip.characters(number, text) for number in range(6)]
    assert spans == [None, (0, 2), (2, 5), (5, 8), (8, 10), None]
    # Bytes of one character in two tokens.
    strip = strip_of("<s>", "a", "\u706b", "\u706b", "b", "\n")
    assert [strip.characters(number, "a\u706bb") for number in (1, 2, 3, 4, 5)] == [
        (0, 1), (1, 2), (1, 2), (2, 3), None
    ]  # fmt: skip
    assert strip_of("x").characters(0, "another") is None
    # A template that trims the question.
    assert strip_of("<s>", "Is it?", "\n").characters(1, " Is it? ") == (1, 7)


def test_rows_of_one_token_are_that_token_s():
    strip = strip_of("a", "b", "c")
    assert [strip.row_of(number) for number in range(3)] == [None, "stem_end", None]
    assert strip.regions == ["target"] and strip.largest("target") == pytest.approx(0.2)
    assert share_words(strip, "target", 1, 0, None)[1] == "nothing known of what is asked about"


TONE = tones({})


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.integers(10, 60), st.data())
def test_lines_hold_every_token_and_are_never_too_wide(texts, width, data):
    strip = strip_of(*texts)
    at = data.draw(st.integers(0, len(texts) - 1))
    lines, begins = token_lines(strip, "target", data.draw(st.sampled_from([0, 1, None])), at, width, TONE)
    assert 0 <= begins < len(lines) and "[" in lines[begins].plain
    assert all(line.cell_len <= width for line in lines)
    metas = [getattr(span.style, "meta", None) or {} for line in lines for span in line.spans]
    assert {meta["token"] for meta in metas if "token" in meta} == set(range(len(texts)))
