"""What the figures of heads, looks, tokens and steps draw is what the views and tables hold."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from relcli.drawing.heatmap import stretched
from relcli.report.catalogue import KINDS
from relcli.report.facts import Facts, find_question, gather
from relcli.report.figures import draw
from relcli.report.plots import sheets
from relcli.warehouse.rows import query
from tests.tui.heads_kit import RUN

NAMES = ("heads", "looks", "tokens", "steps")


@pytest.fixture(scope="module")
def facts(kept: Path) -> Facts:
    return gather(kept, RUN, None, [KINDS[name] for name in NAMES])


def images(figure) -> list[np.ndarray]:
    """The maps a figure draws, without its colour bars."""
    found = [np.ma.filled(image.get_array(), np.nan) for axes in figure.axes for image in axes.get_images()]
    return [image for image in found if image.ndim == 2]


def test_maps_of_heads_are_the_views(kept: Path, facts: Facts) -> None:
    view = query(
        kept,
        "SELECT category, query_row, layer, head, share / chance, p_holm <= 0.05 FROM head_grounding "
        "WHERE run = $run AND variant = 'raw'",
        {"run": RUN},
    ).rows
    wanted = {key: (times, bool(above)) for *key, times, above in view for key in [tuple(key)]}
    got = {
        (row["category"], row["query_row"], row["layer"], head): found
        for row in facts.of("heads")
        for head, found in enumerate(zip(row["times"], row["above"], strict=True))
    }
    assert got.keys() == wanted.keys()
    assert {key for key, (_, above) in got.items() if above} == {
        key for key, (_, above) in wanted.items() if above
    }
    for key, (times, _) in got.items():
        assert times == pytest.approx(wanted[key][0], rel=1e-9)
    # A map has the heads above chance and no other, each at its place.
    maps = images(draw(KINDS["heads"], facts))
    drawn = sorted(np.concatenate([image[~np.isnan(image)] for image in maps]).tolist())
    assert drawn == pytest.approx(sorted(times for times, above in wanted.values() if above)) and drawn


def test_the_heads_chosen_are_the_views(kept: Path, facts: Facts) -> None:
    columns = "category, half, query_row, layer, head, n, share, chance, ci_low, ci_high, p_holm"
    view = query(
        kept, f"SELECT {columns} FROM head_best WHERE run = $run AND variant = 'raw'", {"run": RUN}
    ).as_dicts()
    got = {(row["category"], row["half"]): row for row in facts.of("looks")}
    assert len(got) == len(view) > 2
    for row in view:
        mine = got[row["category"], row["half"]]
        assert {name: mine[name] for name in row} == pytest.approx(row)
    [axes] = draw(KINDS["looks"], facts).axes
    points = [each for each in axes.collections if isinstance(each, PathCollection)]
    shares = sorted(x for each in points[::2] for x, _ in np.asarray(each.get_offsets()))
    assert shares == pytest.approx(sorted(row["share"] for row in view))


def test_shares_of_tokens_are_the_views(kept: Path, facts: Facts) -> None:
    rows = facts.of("tokens")
    assert rows
    for category, scene_id, index, layer in {
        (row["category"], row["scene_id"], row["question_index"], row["layer"]) for row in rows
    }:
        view = query(
            kept,
            "SELECT token_index, text, target, chance FROM attention_by_token WHERE run = $run "
            "AND variant = 'raw' AND scene_id = $scene AND question_index = $index AND layer = $layer "
            "ORDER BY token_index",
            {"run": RUN, "scene": scene_id, "index": index, "layer": layer},
        ).rows
        mine = [row for row in rows if row["category"] == category]
        assert [(row["token_index"], row["text"], row["share"], row["chance"]) for row in mine] == view


def test_maps_of_steps_are_those_of_the_table(kept: Path, facts: Facts) -> None:
    [row] = facts.of("steps")
    key = row["scene_id"], row["question_index"]
    [longest] = query(
        kept, "SELECT max(n_steps) FROM inference WHERE run = $run AND variant = 'raw'", {"run": RUN}
    ).rows
    assert (row["n_steps"],) == longest
    stored = query(
        kept,
        "SELECT first_step, last_step FROM attention WHERE run = $run AND variant = 'raw' "
        "AND scene_id = $scene AND question_index = $index ORDER BY layer",
        {"run": RUN, "scene": key[0], "index": key[1]},
    ).rows
    view = find_question(kept, RUN, key)
    view.pictures = {}  # a map by itself, not laid over the picture
    for layer in (None, 2):
        drawn = images(sheets.steps_of(view, "raw", layer))
        assert len(drawn) == 2
        for image, vectors in zip(drawn, zip(*stored, strict=True), strict=True):
            mean = np.mean(vectors, axis=0) if layer is None else np.array(vectors[layer])
            assert image == pytest.approx(stretched(mean.reshape(image.shape)), abs=1e-6)
