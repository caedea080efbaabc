"""Figures of what a model's inside knows: its layers' own answers, and whether an answer is right."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from relcli.report.plots.style import (
    RAW,
    SOFT,
    WIDTH,
    Row,
    categories_down,
    dots,
    layer_axis,
    name_of,
    names_of,
    numbers,
    row_height,
    share_axis,
    sheet,
    whiskers,
)


def lens(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    """A panel a category, three side by side."""
    categories = list(dict.fromkeys(row["category"] for row in rows))
    across = min(3, len(categories))
    down = -(-len(categories) // across)
    figure, panels = sheet(0.5 + 1.6 * down, width, down, across, sharex=True, sharey=True)
    for place, axes in enumerate(panels):
        if place >= len(categories):
            axes.set_visible(False)
            continue
        line = [row for row in rows if row["category"] == categories[place]]
        layers = numbers(line, "layer")
        axes.fill_between(
            layers, numbers(line, "ci_low"), numbers(line, "ci_high"), color=RAW, alpha=0.18, linewidth=0
        )
        axes.plot(layers, numbers(line, "right_first"), color=RAW)
        axes.set_title(name_of(categories[place]))
        axes.set_ylim(0, 1)
        axes.grid(axis="y")
        lowest = place + across >= len(categories)
        layer_axis(axes, sorted(set(layers.tolist())), label=lowest)
        axes.tick_params(labelbottom=lowest)
        if place % across == 0:
            axes.set_ylabel("right option first")
    return figure


def correctness(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = names_of(rows, "predictor")
    figure, [axes] = sheet(0.7 + row_height(names) * len(rows), width, 1, 1)
    places = categories_down(axes, names)
    axes.axvline(0.5, color=SOFT, linewidth=0.8)
    whiskers(axes, numbers(rows, "ci_low"), numbers(rows, "ci_high"), places, RAW)
    dots(axes, numbers(rows, "auroc"), places, RAW, np.ones(len(rows), bool))
    share_axis(axes, "area under the ROC curve, right against wrong answers")
    return figure
