"""Figures by layer and step: shift, grounding, pointing, entropy, probes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from relcli.report.plots.style import (
    BLANK,
    FOURTH,
    HEAT,
    INK,
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
    numbers,
    sheet,
    whiskers,
)
from relcli.results.layers import SURE
from relcli.scenes.vocabulary import in_order


def shift(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    layers, mean, sd = (numbers(rows, key) for key in ("layer", "l1", "l1_sd"))
    figure, [axes] = sheet(2.5, width)
    axes.fill_between(
        layers, mean - sd, mean + sd, color=RAW, alpha=0.18, linewidth=0, label="one standard deviation"
    )
    axes.plot(layers, mean, color=RAW, linewidth=1.1, label="mean over questions")
    axes.vlines(layers, numbers(rows, "l1_low"), numbers(rows, "l1_high"), color=RAW, linewidth=1.1)
    dots(axes, layers, mean, RAW, numbers(rows, "l1_p") <= SURE, size=10)
    axes.set_ylim(bottom=min(0.0, float(np.nanmin(np.append(mean - sd, 0.0)))))
    axes.set_ylabel("mean absolute shift per cell")
    axes.grid(axis="y")
    layer_axis(axes, [row["layer"] for row in rows])
    legend_above(figure, axes)
    return figure


def _shift_by(rows: Sequence[Row], key: str, width: float) -> Figure:
    figure, [axes] = sheet(0.75 + 0.28 * len(rows), width)
    places = categories_down(axes, [row[key] for row in rows])
    mean, sd = numbers(rows, "l1"), numbers(rows, "l1_sd")
    axes.barh(places, mean, 0.6, color=RAW)
    whiskers(axes, mean - sd, mean + sd, places, INK)
    axes.set_xlim(left=0)
    axes.set_xlabel("mean absolute shift per cell, one standard deviation")
    return figure


def shift_category(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _shift_by(rows, "category", width)


def shift_correctness(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _shift_by(rows, "raw_answer", width)


def _panels(names: Sequence[str], width: float, height: float = 1.25) -> tuple[Figure, list[Axes]]:
    """A small panel a name, four in a row, all of one scale."""
    columns = min(4, len(names))
    rows = -(-len(names) // columns)
    figure, panels = sheet(0.5 + height * rows, width, rows, columns, sharex=True, sharey=True)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for number, (axes, name) in enumerate(zip(panels, names, strict=False)):
        axes.set_title(name_of(name, 32), fontsize=7)
        axes.grid(axis="y")
        axes.tick_params(labelbottom=number + columns >= len(names))
    figure.supxlabel("layer", fontsize=8)
    return figure, panels


def _by_category(
    rows: Sequence[Row], value: str, chance: str, above: str | None, label: str, width: float
) -> Figure:
    """A panel a category: `value` by layer, dashed what chance gives. `above`: what the value has above
    chance, whose interval is the band; dots are filled where a row `looks`."""
    names = list(dict.fromkeys(row["category"] for row in rows))
    figure, panels = _panels(names, width)
    for axes, name in zip(panels, names, strict=False):
        mine = [row for row in rows if row["category"] == name]
        for variant in in_order(row["variant"] for row in mine):
            line = [row for row in mine if row["variant"] == variant]
            if not line:
                continue
            color = VARIANT_COLORS.get(variant, FOURTH)
            layers, found, expected = (numbers(line, key) for key in ("layer", value, chance))
            if above is not None:
                low, high = (expected + numbers(line, f"{above}_{end}") for end in ("low", "high"))
                axes.fill_between(layers, low, high, color=color, alpha=0.18, linewidth=0)
            axes.plot(layers, found, color=color, linewidth=0.9, label=variant)
            dots(axes, layers, found, color, np.array([bool(row.get("looks")) for row in line]), size=7)
            axes.plot(layers, expected, color=color, linestyle="dashed", linewidth=0.8)
        axes.set_ylim(bottom=0)
        layer_axis(axes, sorted({row["layer"] for row in mine}), label=False)
    figure.supylabel(label, fontsize=8)
    legend_above(figure, panels[0])
    return figure


def grounding(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _by_category(
        rows, "entity_share", "elsewhere_share", "above_elsewhere", "share of attention", width
    )


def grounding_within(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _by_category(rows, "entity_per_area", "others_per_area", "above_others", "share over area", width)


def pointing(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    return _by_category(rows, "pointing_game", "pointing_elsewhere", None, "share that hits", width)


def entropy(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    figure, [axes] = sheet(2.4, width)
    for variant in dict.fromkeys(row["variant"] for row in rows):
        line = [row for row in rows if row["variant"] == variant]
        axes.plot(
            numbers(line, "layer"), numbers(line, "entropy_of_uniform"), marker="o", markersize=2.5,
            color=VARIANT_COLORS.get(variant, FOURTH), label=name_of(variant), clip_on=False,
        )  # fmt: skip
    axes.set_ylim(top=1)
    axes.set_ylabel("entropy, share of the largest")
    axes.grid(axis="y")
    layer_axis(axes, sorted({row["layer"] for row in rows}))
    legend_above(figure, axes)
    return figure


def entropy_steps(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    steps, layers = (sorted({row[key] for row in rows}) for key in ("step", "layer"))
    grid = np.full((len(layers), len(steps)), np.nan)
    for row in rows:
        grid[layers.index(row["layer"]), steps.index(row["step"])] = row["entropy_of_uniform"]
    figure, [axes] = sheet(min(4.5, 1.0 + 0.13 * max(6, len(layers))), width)
    mesh = axes.pcolormesh(grid, cmap=HEAT)
    figure.colorbar(mesh, ax=axes, label="entropy, share of the largest")
    for axis, values in ((axes.xaxis, steps), (axes.yaxis, layers)):
        every = max(1, len(values) // 12)
        axis.set_ticks(np.arange(len(values))[::every] + 0.5, [str(value) for value in values[::every]])
    axes.set_xlabel("generated token")
    axes.set_ylabel("layer")
    return figure


_CONTROLS = (("majority", "most frequent label", "|"), ("shuffled", "shuffled labels", "x"),
             ("prompt_only", "words of the prompt", "+"))  # fmt: skip


def probes(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    figure, [axes] = sheet(0.9 + 0.21 * len(rows), width)
    places = categories_down(axes, [f"{row['category']}: {row['label']}" for row in rows])
    for key, words, marker in _CONTROLS:
        axes.scatter(
            numbers(rows, key), places, marker=marker, s=26, color=BLANK, linewidths=1.1, label=words,
            zorder=2,
        )  # fmt: skip
    whiskers(axes, numbers(rows, "ci_low"), numbers(rows, "ci_high"), places, RAW)
    beats = np.array([bool(row["beats_controls"]) for row in rows])
    dots(axes, numbers(rows, "accuracy"), places, RAW, beats, "probe (95%)")
    axes.set_xlim(0, 1.01)
    axes.set_xlabel("accuracy")
    legend_above(figure, axes)
    return figure


def probe_layers(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = list(dict.fromkeys((row["category"], row["label"]) for row in rows))
    figure, panels = _panels([f"{category}\n{label}" for category, label in names], width, 1.35)
    for axes, (category, label) in zip(panels, names, strict=False):
        line = [row for row in rows if (row["category"], row["label"]) == (category, label)]
        layers, value, se = (numbers(line, key) for key in ("layer", "accuracy", "se"))
        axes.set_title(f"{name_of(category, 30)}\n{name_of(label, 30)}", fontsize=6)
        axes.fill_between(layers, value - se, value + se, color=RAW, alpha=0.18, linewidth=0)
        axes.plot(layers, value, color=RAW, marker="o", markersize=2, label="probe (one standard error)")
        for key, color, style, words in (
            ("majority", SOFT, "dotted", "most frequent label"),
            ("prompt_only", MASKED, "dashed", "words of the prompt"),
        ):
            axes.plot(layers, numbers(line, key), color=color, linestyle=style, label=words)
        axes.set_ylim(0, 1.02)
        layer_axis(axes, [row["layer"] for row in line], label=False)
    figure.supylabel("accuracy", fontsize=8)
    legend_above(figure, panels[0])
    return figure
