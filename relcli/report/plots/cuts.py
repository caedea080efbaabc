"""Figures of cuts, patches and steering: what changes in the answers."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from relcli.report.plots.style import (
    BLANK,
    MASKED,
    RAW,
    SOFT,
    VARIANT_COLORS,
    WIDTH,
    Row,
    categories_down,
    dots,
    layer_axis,
    legend_above,
    name_of,
    names_of,
    numbers,
    row_height,
    share_axis,
    sheet,
    whiskers,
)


def _sure(rows: Sequence[Row]) -> np.ndarray:
    return np.nan_to_num(numbers(rows, "holm_p"), nan=1.0) <= 0.05


def cuts(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = names_of(rows, "intervention")
    figure, [flips, moves] = sheet(0.9 + row_height(names) * len(rows), width, 1, 2, sharey=True)
    places = categories_down(flips, names)
    whiskers(flips, numbers(rows, "flip_low"), numbers(rows, "flip_high"), places, RAW)
    dots(flips, numbers(rows, "flip_rate"), places, RAW, np.ones(len(rows), bool), "answers that flip (95%)")
    flips.scatter(
        numbers(rows, "control_flip_rate"), places, marker="x", color=BLANK, s=20, linewidths=1.1, zorder=4,
        label="matched random cells",
    )  # fmt: skip
    share_axis(flips, "share of answers")
    categories_down(moves, names)
    moves.axvline(0, color=SOFT, linewidth=0.8)
    whiskers(moves, numbers(rows, "beyond_low"), numbers(rows, "beyond_high"), places, MASKED)
    dots(moves, numbers(rows, "beyond_control"), places, MASKED, _sure(rows))
    moves.set_xlabel("log-odds of the right option,\nbeyond matched random cells")
    moves.tick_params(labelleft=False)
    legend_above(figure, flips)
    return figure


def cut_layers(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _sweeps(rows, width, "mean_change", "change", "control_change", "change of log-odds")


def patch_layers(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _sweeps(rows, width, "effect", "effect", "control_effect", "follows the source")


def _sweeps(rows: Sequence[Row], width: float, value: str, ends: str, control: str, label: str) -> Figure:
    """A panel a sweep over layers, a line a variant. ends: what `_low` and `_high` are put behind."""
    sweeps = list(dict.fromkeys(row["experiment"] for row in rows))
    figure, panels = sheet(0.5 + 1.9 * len(sweeps), width, len(sweeps), 1, sharex=True)
    for axes, sweep in zip(panels, sweeps, strict=True):
        mine = [row for row in rows if row["experiment"] == sweep]
        for variant in dict.fromkeys(row["variant"] for row in mine):
            line = [row for row in mine if row["variant"] == variant]
            color = VARIANT_COLORS.get(variant, SOFT)
            layers, mean = numbers(line, "layer"), numbers(line, value)
            low, high = numbers(line, f"{ends}_low"), numbers(line, f"{ends}_high")
            axes.fill_between(layers, low, high, color=color, alpha=0.18, linewidth=0)
            axes.plot(layers, mean, color=color, label=name_of(variant))
            dots(axes, layers, mean, color, _sure(line))
            axes.plot(layers, numbers(line, control), color=color, linestyle="dashed", linewidth=0.8)
        axes.axhline(0, color=SOFT, linewidth=0.8)
        axes.set_title(name_of(sweep))
        axes.set_ylabel(label)
        axes.grid(axis="y")
        layer_axis(axes, sorted({row["layer"] for row in mine}), label=axes is panels[-1])
    legend_above(figure, panels[0])
    return figure


def steering(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = names_of(rows, "intervention")
    figure, [axes] = sheet(0.9 + row_height(names) * len(rows), width, 1, 1)
    places = categories_down(axes, names)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    whiskers(axes, numbers(rows, "change_low"), numbers(rows, "change_high"), places, RAW)
    dots(axes, numbers(rows, "mean_change"), places, RAW, _sure(rows), "chosen heads (95%)")
    axes.scatter(
        numbers(rows, "control_change"), places, marker="x", color=BLANK, s=20, linewidths=1.1, zorder=4,
        label="random heads",
    )  # fmt: skip
    axes.set_xlabel("change of the right option's log-odds")
    legend_above(figure, axes)
    return figure
