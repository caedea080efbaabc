"""Sheets of maps: every layer, and every step of an answer, as the study drew them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from relcli.drawing.heatmap import overlay, stretched
from relcli.drawing.pictures import opened
from relcli.errors import RelcliError
from relcli.report.plots.style import HEAT, WIDTH, Row, name_of, sheet
from relcli.results.question import QuestionView
from relcli.token_layout import Rectangle, TokenLayout

_IN_A_ROW = 6
_MOST_STEPS = 24


def mean_layers(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    """The mean maps of all layers; of several layouts the one that most answers have, which comes first."""
    mine = [row for row in rows if row["layout"] == rows[0]["layout"]]
    layout = _layout(rows[0])
    maps = [layout.spread(np.array(row["shares"])) for row in mine]
    return _maps([f"layer {row['layer']}" for row in mine], maps, None, width)


def _layout(row: Row) -> TokenLayout:
    if row["grid_height"] and row["grid_width"]:
        return TokenLayout.of_grid(row["grid_height"], row["grid_width"])
    edges = zip(row["lefts"], row["tops"], row["rights"], row["bottoms"], strict=True)
    places = [None if None in each else Rectangle(*each) for each in edges]
    return TokenLayout.of(["tile"] * len(places), places)


def layers_of(view: QuestionView, variant: str, width: float = WIDTH) -> Figure:
    """Every layer's map of one answer (mean over heads and steps) over its picture, the picture first.

    Raises RelcliError where that answer has no attention.
    """
    maps = view.maps.get(variant)
    if maps is None:
        raise RelcliError(
            f"Question {view.scene_id}.{view.question_index} has no attention on the {variant} picture: "
            "choose another, or run it with --attention summary."
        )
    size = maps.height, maps.width
    grids = [np.array(maps.drawn(number)).reshape(size) for number in range(len(maps.layers))]
    titles = [f"layer {number}" for number in range(len(grids))]
    return _maps(titles, grids, view.pictures.get(variant), width)


def steps_of(
    view: QuestionView, variant: str = "raw", layer: int | None = None, width: float = WIDTH
) -> Figure:
    """One map for each step of one answer, mean over heads and (without `layer`) over layers.

    The first and the last step alone where no more was kept. Raises RelcliError where there is nothing.
    """
    maps = view.maps.get(variant)
    if maps is None:
        raise RelcliError(
            f"Question {view.scene_id}.{view.question_index} has no attention on the {variant} picture: "
            "choose another, or run it with --attention full."
        )
    if layer is not None and not 0 <= layer < len(maps.layers):
        raise RelcliError(f"There is no layer {layer}: the model has layers 0 to {len(maps.layers) - 1}.")
    size = maps.height, maps.width
    if maps.steps:
        shown = range(min(len(maps.steps), _MOST_STEPS))
        grids = [np.array(maps.drawn(layer, step=step)).reshape(size) for step in shown]
        titles = [f"step {step + 1} of {len(maps.steps)}" for step in shown]
    else:
        found = [(name, maps.weights(layer, name)) for name in ("first_step", "last_step")]
        grids = [np.array(maps.on_picture(weights)).reshape(size) for _, weights in found if weights]
        titles = [name.replace("_", " ") for name, weights in found if weights]
    if not grids:
        raise RelcliError(
            f"Question {view.scene_id}.{view.question_index} has no steps kept: run it with --attention full."
        )
    return _maps(titles, grids, view.pictures.get(variant), width)


def _maps(titles: Sequence[str], maps: Sequence[np.ndarray], image: bytes | None, width: float) -> Figure:
    """Maps six in a row; with a picture, that comes first and lies under every map."""
    picture = opened(image)
    count = len(maps) + (picture is not None)
    columns = min(_IN_A_ROW, count)
    rows = -(-count // columns)
    side = width / _IN_A_ROW
    figure, panels = sheet(rows * (side + 0.14) + 0.05, min(width, columns * side), rows, columns)
    for axes in panels:
        axes.set_axis_off()
    rest = panels
    if picture is not None:
        _image(panels[0], np.asarray(picture), "picture")
        rest = panels[1:]
    for axes, title, weights in zip(rest, titles, maps, strict=False):
        if picture is not None:
            _image(axes, np.asarray(overlay(picture, weights, 0.65)), title)
        else:
            axes.imshow(stretched(weights), cmap=HEAT, vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(name_of(title), fontsize=7, pad=2)
    return figure


def _image(axes: Axes, picture: np.ndarray, title: str) -> None:
    axes.imshow(picture, interpolation="nearest")
    axes.set_title(name_of(title), fontsize=7, pad=2)
