"""Figures by category: accuracies, drops, retention, the truth that changes, two runs, flaws."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure

from relcli.report.plots.style import (
    BLANK,
    FOURTH,
    GRID,
    INK,
    MASKED,
    RAW,
    SOFT,
    VARIANT_COLORS,
    WIDTH,
    Row,
    categories_down,
    dots,
    legend_above,
    name_of,
    numbers,
    share_axis,
    sheet,
    whiskers,
)

_FEW = 20


def _ordered(rows: Sequence[Row], key: str = "category") -> list[str]:
    return list(dict.fromkeys(str(row[key]) for row in rows))


def accuracy(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names, variants = _ordered(rows), _ordered(rows, "variant")
    read_alone = any(row.get("words_alone") is not None for row in rows)
    figure, [axes] = sheet(0.75 + len(names) * (0.16 * len(variants) + 0.16), width)
    places = categories_down(axes, names)
    thick = 0.8 / len(variants)
    for number, variant in enumerate(variants):
        mine = {row["category"]: row for row in rows if row["variant"] == variant}
        found = [mine.get(name, {}) for name in names]
        at = places + (number - (len(variants) - 1) / 2) * thick
        color = VARIANT_COLORS.get(variant, FOURTH)
        right = np.nan_to_num(numbers(found, "accuracy"))
        axes.barh(at, right, thick * 0.86, color=color, label=name_of(variant))
        whiskers(axes, numbers(found, "ci_low"), numbers(found, "ci_high"), at, INK)
        axes.scatter(
            numbers(found, "words_alone"), at, marker="x", color=INK, s=16, zorder=4, linewidths=1,
            label="words alone" if number == 0 and read_alone else None,
        )  # fmt: skip
        if variant == "raw":
            axes.vlines(
                numbers(found, "chance"), places - 0.46, places + 0.46, color=INK, linestyles="dotted",
                linewidth=1, zorder=4, label="an option by lot (raw)",
            )  # fmt: skip
    share_axis(axes, "accuracy")
    legend_above(figure, axes)
    return figure


def _difference(
    rows: Sequence[Row], at: np.ndarray, axes, columns: tuple[str, str, str], color: str, label: str = ""
) -> None:
    value, low, high = columns
    sure = np.nan_to_num(numbers(rows, "holm_p"), nan=1.0) <= 0.05
    whiskers(axes, numbers(rows, low), numbers(rows, high), at, color)
    dots(axes, numbers(rows, value), at, color, sure, label)


def drop(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = _ordered(rows)
    figure, [axes] = sheet(0.8 + 0.3 * len(names), width)
    places = categories_down(axes, names)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    _difference(rows, places, axes, ("drop", "drop_low", "drop_high"), MASKED, "drop, raw less masked (95%)")
    axes.scatter(
        numbers(rows, "smallest_detectable"), places, marker="x", color=SOFT, s=16, linewidths=1,
        label="smallest drop that would have been found",
    )  # fmt: skip
    axes.set_xlabel("accuracy raw less accuracy masked")
    legend_above(figure, axes)
    return figure


def retention(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = _ordered(rows)
    figure, [axes] = sheet(0.8 + 0.34 * len(names), width)
    places = categories_down(axes, names)
    for name, color, words, way in (("retain_rate", RAW, "retained", -1), ("fix_rate", FOURTH, "fixed", 1)):
        at = places + 0.16 * way
        everything = np.ones(len(names), bool)
        differ = numbers(rows, f"{name}_changed")
        dots(axes, differ, at, color, ~everything, f"{words}, twins that differ", 50)
        dots(axes, numbers(rows, name), at, color, everything, f"{words}, all twins")
        counts = numbers(rows, "n_correct_raw" if name == "retain_rate" else "n_incorrect_raw")
        _tell_few(axes, numbers(rows, name), at, counts)
    share_axis(axes, "share")
    legend_above(figure, axes, 4)
    return figure


def _tell_few(axes: Axes, shares: np.ndarray, at: np.ndarray, counts: np.ndarray) -> None:
    """How many answers stand behind a share, where they are so few that it says little."""
    for share, place, n in zip(shares, at, counts, strict=True):
        if 0 < n < _FEW and np.isfinite(share):
            side = (-9, "right") if share > 0.5 else (9, "left")
            axes.annotate(
                f"of {n:.0f}", (share, place), (side[0], 0), textcoords="offset points", ha=side[1],
                va="center", fontsize=6.5, color=SOFT,
            )  # fmt: skip


def change(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names = _ordered(rows)
    figure, [axes] = sheet(0.8 + 0.36 * len(names), width)
    places = categories_down(axes, names)
    for share, low, high, none, color, words, way in (
        ("changes_with_truth", "changes_low", "changes_high", "none_if_truth_changes", MASKED,
         "truth changes: answer changes", -1),
        ("stays_with_truth", "stays_low", "stays_high", "none_if_truth_stays", RAW,
         "truth stays: answer stays", 1),
    ):  # fmt: skip
        at = places + 0.17 * way
        whiskers(axes, numbers(rows, low), numbers(rows, high), at, color)
        dots(axes, numbers(rows, share), at, color, np.ones(len(names), bool), words)
        axes.vlines(
            numbers(rows, none), at - 0.13, at + 0.13, color=color, linewidth=1.4, linestyles="solid",
            label="says None" if way < 0 else "",
        )  # fmt: skip
    share_axis(axes, "share of questions")
    legend_above(figure, axes)
    return figure


def versus(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names, variants = _ordered(rows), _ordered(rows, "variant")
    figure, [axes] = sheet(0.8 + len(names) * (0.14 * len(variants) + 0.16), width)
    places = categories_down(axes, names)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    for number, variant in enumerate(variants):
        mine = [row for row in rows if row["variant"] == variant]
        at = np.array([places[names.index(row["category"])] for row in mine])
        at = at + (number - (len(variants) - 1) / 2) * 0.24
        columns = ("difference", "difference_low", "difference_high")
        _difference(mine, at, axes, columns, VARIANT_COLORS.get(variant, FOURTH), name_of(variant))
    axes.set_xlabel("accuracy of the other run less accuracy of this one")
    legend_above(figure, axes)
    return figure


def published(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    sources = _ordered(rows, "source")
    first = [row for row in rows if row["source"] == sources[0]]
    names = _ordered(first)
    figure, panels = sheet(0.8 + 0.34 * len(names), width, 1, 2, sharey=True)
    for axes, what in zip(panels, ("raw", "masked"), strict=True):
        places = categories_down(axes, names)
        full = np.ones(len(names), bool)
        sides = ("this run", "", RAW, -1), (name_of(sources[0]), "_published", BLANK, 1)
        for words, end, color, way in sides:
            at = places + 0.15 * way
            if what == "raw":
                low, high = f"accuracy_raw{end}_low", f"accuracy_raw{end}_high"
                whiskers(axes, numbers(first, low), numbers(first, high), at, color)
            dots(axes, numbers(first, f"accuracy_{what}{end}"), at, color, full, words)
        axes.set_title(what)
        share_axis(axes, "accuracy")
    legend_above(figure, panels[0])
    return figure


def flaws(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    names, kinds = _ordered(rows), _ordered(rows, "flaw")
    found = {(row["category"], row["flaw"]): row["share"] for row in rows}
    shares = np.array([[found.get((name, kind), 0.0) for kind in kinds] for name in names])
    figure, [axes] = sheet(0.9 + 0.27 * len(names), width)
    clear_to_full = LinearSegmentedColormap.from_list("share", [to_rgba(MASKED, 0.0), to_rgba(MASKED, 0.9)])
    axes.pcolormesh(shares, cmap=clear_to_full, vmin=0, vmax=1, edgecolors=GRID, linewidth=0.5)
    for row, column in np.ndindex(shares.shape):
        share = shares[row, column]
        axes.text(
            column + 0.5, row + 0.5, f"{share:.0%}" if share else "–", ha="center", va="center", fontsize=7,
            color=INK if share else SOFT,
        )  # fmt: skip
    axes.set_yticks(np.arange(len(names)) + 0.5, [name_of(name) for name in names])
    axes.set_xticks(np.arange(len(kinds)) + 0.5, [name_of(kind) for kind in kinds], rotation=20, ha="right")
    axes.tick_params(length=0)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    return figure
