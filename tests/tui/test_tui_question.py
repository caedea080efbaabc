"""Screen 4: the right pictures and figures for a question, and the next failure on one key."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.app import App

from relcli.analysis.grounding import Coverage, grounding, iou, pointing_hit
from relcli.drawing.half_blocks import fitting
from relcli.scenes.flaws import FLAW_WORDS
from relcli.tui.question.picture import PictureView
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.warehouse.marks import get_mark
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query
from tests.tui.warehouse_kit import failures


def test_pictures_keep_their_proportions():
    assert fitting(224, 224, 40, 19) == (38, 19)
    assert fitting(224, 224, 20, 19) == (20, 10)
    assert fitting(400, 100, 40, 40) == (40, 5)
    assert fitting(224, 224, 0, 10) == (0, 0)


def test_grounding_adds_up():
    """Objects and background share the attention between them; a cell half covered counts half."""
    places = Coverage(
        entity=[1.0, 0.5, 0.0, 0.0], distractor=[0.0, 0.0, 1.0, 0.0], arrow=[0.0, 0.25, 0.25, 0.0]
    )
    found = {each.name: each for each in grounding(places, [4.0, 2.0, 1.0, 1.0])}
    assert found["asked about"].share == pytest.approx(5 / 8)
    assert found["asked about"].area == pytest.approx(1.5 / 4)
    assert found["other objects"].share == pytest.approx(1 / 8)
    assert found["arrow"].share == pytest.approx(0.75 / 8)
    assert found["background"].share == pytest.approx(2 / 8)
    assert found["asked about"].times == pytest.approx(5 / 3)
    assert grounding(None, [1.0]) == grounding(Coverage(), [1.0]) == []


async def test_figures_are_those_of_the_view(drive, warehouse):
    """For the mean of one layer, where the view has them too."""
    key = next(failures(warehouse, "study-4b"))
    where = f"run = 'study-4b' AND scene_id = {key[0]} AND question_index = {key[1]} AND layer = 3"
    rows = query(warehouse, f"FROM attention_grounding_of('mean_heads') WHERE {where}").as_dicts()
    async with drive(warehouse, "4") as driver:
        question = driver.screen._question
        for row in rows:
            weights = question.maps[row["variant"]].weights(3)
            places = question.coverage[row["variant"]]
            shares = {each.name: each.share for each in grounding(places, weights)}
            names = {"asked about": "entity", "other objects": "distractor", "arrow": "arrow"}
            for shown, column in names.items():
                assert shares.get(shown) == pytest.approx(row[f"{column}_share"], abs=1e-5)
            assert pointing_hit(places, weights) == row["pointing_hit"]
            assert iou(places, weights) == pytest.approx(row["iou"], abs=1e-5)
        assert len(rows) == 3


@pytest.mark.slow
async def test_next_failure_walks_through_all_of_them(drive, warehouse):
    wrong = list(failures(warehouse, "study-4b"))
    async with drive(warehouse, "4") as driver:
        walked = [driver.app.selection.key]
        for _ in range(4):
            await driver.press("n")
            walked.append(driver.app.selection.key)
        assert walked == wrong[:5]
        await driver.press("N", "N")
        assert driver.app.selection.key == wrong[2]
        driver.app.selection.key = wrong[-1]
        await driver.press("r", "n")
        assert driver.app.selection.key == wrong[-1]
        assert "no later wrong answer" in driver.notices[-1]
        await driver.press("comma", "full_stop")
        assert driver.app.selection.key == wrong[-1]


@pytest.mark.slow
async def test_failures_are_those_of_the_picture_and_the_filter(drive, warehouse):
    sql = """SELECT i.scene_id, i.question_index
        FROM inference AS i JOIN question USING (dataset, scene_id, question_index)
        WHERE run = 'study-4b' AND variant = 'masked' AND NOT correct AND category = 'count' ORDER BY 1, 2"""
    wrong = query(warehouse, sql).rows
    async with drive(warehouse, "4") as driver:
        driver.app.selection.filter.category = "count"
        driver.app.selection.key = wrong[0]
        await driver.press("r", "v", "n")
        assert driver.app.selection.key == wrong[1]


async def test_what_is_shown_is_what_the_warehouse_holds(drive, warehouse):
    key = next(failures(warehouse, "study-4b"))
    where = f"run = 'study-4b' AND scene_id = {key[0]} AND question_index = {key[1]} AND variant = 'raw'"
    rows = query(warehouse, f"SELECT mean_heads, last_step FROM attention WHERE {where} ORDER BY layer").rows
    layers, last = (np.array([row[i] for row in rows]) for i in (0, 1))
    async with drive(warehouse, "4") as driver:
        question, screen = driver.screen._question, driver.screen
        assert question.key == key
        assert np.allclose(question.maps["raw"].weights(None), layers.mean(axis=0))
        assert np.allclose(question.maps["raw"].weights(2, "last_step"), last[2])
        assert "all layers" in driver.text("LayerStrip")
        await driver.press("right", "right")
        assert "layer 1" in driver.text("ScaleLine")
        await driver.press("left", "left", "left")
        assert "all layers" in driver.text("ScaleLine")
        await driver.press("m", "v")
        assert "all layers · maximum" in driver.text("ScaleLine")
        accent = driver.app.theme_variables["accent"].lower()
        for place, at in (("first", False), ("second", True)):
            caption = driver.screen.query_one(f"#picture-{place} .caption", SafeStatic)
            assert (accent in str(caption.content.style).lower()) == at
        words = driver.text("#question")
        assert question.stem in words and "✓" in words and "◀" in words
        assert screen.copy_text().startswith(question.text)


@pytest.mark.slow
async def test_each_step_is_shown_where_all_were_kept(drive, warehouse):
    key = next(failures(warehouse, "study-4b"))
    full = np.random.default_rng(1).random((3, 6, 4, 64)).astype(np.float16)
    np.save("full.npy", full)
    with connect(warehouse, read_only=False) as connection:
        connection.execute(
            "UPDATE answer SET full_attention_path = 'full.npy' "
            "WHERE run = 'study-4b' AND scene_id = ? AND question_index = ? AND variant = 'raw'",
            list(key),
        )
    async with drive(warehouse, "4", "m", "m", "m", "m", "m") as driver:
        assert "step 2 of 3" in driver.text("ScaleLine")
        shown = driver.screen._question.maps["raw"].weights(3, "mean_heads", 1)
        assert np.allclose(shown, full.astype(np.float32).mean(axis=2)[1][3])


@pytest.mark.slow
async def test_without_attention_or_pictures_the_screen_says_so(drive, warehouse):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("DELETE FROM answer_attention")
        connection.execute("UPDATE picture SET image = if(variant = 'raw', NULL, 'no picture'::BLOB)")
    async with drive(warehouse, "4", "v", "right", "m", "h", "b", "z") as driver:
        notes = [view._note for view in driver.screen.query(PictureView)]
        assert notes[:3] == ["no picture kept", "This picture can't be read.", "this run kept no attention"]
        assert driver.problem == ""


async def test_own_question_is_asked_and_shown(drive, warehouse, tiny_model):
    """A real child process with a real model, whose replies are noise."""
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET model = ?, dtype = 'float32'", [str(tiny_model)])
    async with drive(warehouse, "4", "a") as driver:
        await driver.write("Is it red")
        await driver.press("enter")
        [job] = driver.app.jobs.jobs
        while job.active:
            await driver.pilot.pause(0.1)
        assert job.state == "done", job.sentence
        await driver.settle()
        own = driver.screen._question
        assert own.run is None and own.options == ["Yes", "No"]
        assert len(own.answers["raw"].probabilities) == 3
        assert len(own.maps["raw"].layers) == 4 and own.maps["raw"].height == 8
        assert "Is it red" in driver.text("#question")
        await driver.press("escape")
        assert driver.screen._question.run == "study-4b"


@pytest.mark.slow
async def test_attention_is_exported(drive, warehouse):
    async with drive(warehouse, "4", "e") as driver:
        target = driver.app.screen.query_one("#target")
        target.value = "out.json"
        await driver.press("enter")
        await driver.app.workers.wait_for_complete()
    rows = json.loads(Path("out.json").read_text())
    assert len(rows) == 6 * 3 and len(rows[0]["mean_heads"]) == 64


async def test_a_picture_is_drawn_pixel_by_pixel(drive, warehouse):
    """Two pixels a character: red over blue."""
    picture = Image.new("RGB", (2, 2), "red")
    picture.putpixel((0, 1), (0, 0, 255))
    picture.putpixel((1, 1), (0, 0, 255))
    file = io.BytesIO()
    picture.save(file, "PNG")
    async with drive(warehouse) as driver:
        view = PictureView()
        await driver.screen.mount(view)
        view.show(file.getvalue())
        assert view._picture is not None
        [line] = view._draw(view._picture, 2, 1)
    drawn = [(piece.text, str(piece.style)) for piece in line if "▀" in piece.text]
    assert drawn == [("▀▀", "#ff0000 on #0000ff")]


async def test_a_picture_is_drawn_anew_for_another_size_theme_or_picture():
    def png(colour):
        file = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(file, "PNG")
        return file.getvalue()

    class Pictures(App):
        def compose(self):
            yield PictureView()

    async with Pictures().run_test(size=(20, 10)) as pilot:
        view = pilot.app.query_one(PictureView)

        async def drawn(width, height):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            return view._drawn

        view.show(png("red"))
        small, large = await drawn(8, 4), await drawn(20, 10)
        assert (len(small), len(large)) == (4, 10)
        assert await drawn(8, 4) is small and await drawn(20, 10) is large
        pilot.app.theme = "textual-light"
        assert await drawn(8, 4) is not small
        view.show(png("blue"))
        assert "#0000ff" in str([segment.style for segment in (await drawn(20, 10))[0]])


async def test_sharp_pictures_have_a_size_where_they_can_be_had(drive, warehouse, monkeypatch):
    widgets = pytest.importorskip("textual_image.widget")
    monkeypatch.setattr("relcli.tui.question.graphics._image_widget", widgets.HalfcellImage)
    async with drive(warehouse, "4") as driver:
        views = driver.screen.query(PictureView)
        drawn = [child.size for child in driver.screen.query(".graphics")]
        assert drawn == [fitting(1, 1, *view.size) for view in views] and len(drawn) == 5
        assert min(drawn) >= (20, 10)


async def test_the_first_line_says_what_was_answered_and_what_is_right(drive, warehouse):
    key = next(failures(warehouse, "study-4b"))
    rows = query(
        warehouse,
        f"""SELECT variant, choice, lower(trim(ground_truth, ')')) AS truth, correct FROM inference
        WHERE run = 'study-4b' AND scene_id = {key[0]} AND question_index = {key[1]}""",
    ).as_dicts()
    said = {row["variant"]: row for row in rows}
    signs = {True: "✓", False: "✗"}
    async with drive(warehouse, "4") as driver:
        for looked_at in ("raw", "masked"):
            parts = driver.text("#verdicts").split(" · ")
            assert len(parts) == len(said) == 3
            for part, variant in zip(parts, ("raw", "masked", "blank"), strict=True):
                row = said[variant]
                long = f"{variant}: said {row['choice']}, right {row['truth']} {signs[row['correct']]}"
                assert part == (long if variant == looked_at else f"{variant} {signs[row['correct']]}")
            await driver.press("v")


@pytest.mark.slow
async def test_a_question_is_marked_and_has_a_note(drive, warehouse):
    key = next(failures(warehouse, "study-4b"))
    async with drive(warehouse, "4", "x", "i") as driver:
        await driver.write("look again")
        await driver.press("enter")
        assert get_mark(warehouse, "study-4b", *key) == (True, "look again")
        assert driver.text("#verdicts").startswith("★ raw") and "look again" in driver.text("#question")
        await driver.press("n", "N")
        assert driver.app.selection.key == key and driver.text("#verdicts").startswith("★ raw")
        await driver.press("x")
        assert get_mark(warehouse, "study-4b", *key) == (False, "look again")
        assert driver.text("#verdicts").startswith("raw")


@pytest.mark.slow
async def test_flaws_are_explained_where_they_appear(drive, warehouse):
    [(scene_id, question_index, flaws)] = query(warehouse, """
        SELECT scene_id, question_index, flaws FROM question WHERE len(flaws) > 1
        ORDER BY len(flaws) DESC, 1, 2 LIMIT 1""").rows  # fmt: skip
    async with drive(warehouse, "4", "slash") as driver:
        await driver.write(f"{scene_id}.{question_index}")
        await driver.press("enter")
        assert driver.app.selection.key == (scene_id, question_index)
        for flaw in flaws:
            assert FLAW_WORDS[flaw] in driver.text("#question")
        await driver.press("slash")
        await driver.write("9999.1")
        await driver.press("enter")
        assert "9999.1" in driver.notices[-1] and driver.app.selection.key == (scene_id, question_index)


@pytest.mark.slow
async def test_the_heat_key_changes_what_is_seen_each_time(drive, warehouse):
    """Over a scene that is redrawn there are two ways: under its outlines, and alone."""
    async with drive(warehouse, "4") as driver:
        heat = driver.screen.query_one("#heat-first PictureView", PictureView)
        drawn = []
        for _ in range(3):
            drawn.append(["".join(heat.render_line(y).text for y in range(heat.size.height))])
            await driver.press("h")
        assert drawn[0] != drawn[1] and drawn[0] == drawn[2] and "▀" in drawn[1][0]
