"""Figures of single heads and tokens: maps of layers by heads, the best of each category, tokens as lines."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from relcli.captures import QUERY_ROWS
from relcli.report.plots.style import (
    EDGE,
    GRID,
    HEAT,
    INK,
    PAPER,
    RAW,
    SOFT,
    WIDTH,
    Row,
    categories_down,
    dots,
    legend_above,
    name_of,
    numbers,
    sheet,
    whiskers,
)

_LETTER_PT, _SIZE_PT = 0.602, 7.0  # a letter's width over its size, of DejaVu Sans Mono
_LINE = 1.45  # line heights
_LIGHT = 0.62  # levels above have dark letters


def heads(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    """Categories down, query rows across: a map of layers by heads each, all on one scale from chance on."""
    categories = list(dict.fromkeys(str(row["category"]) for row in rows))
    known = {str(row["query_row"]) for row in rows}
    across = [*(row for row in QUERY_ROWS if row in known), *sorted(known - set(QUERY_ROWS))]
    largest = max((row["largest_times"] or 1.0 for row in rows), default=1.0)
    figure, panels = sheet(0.5 + 0.85 * len(categories), width, len(categories), len(across))
    image = None
    for place, axes in enumerate(panels):
        category, query_row = categories[place // len(across)], across[place % len(across)]
        mine = [row for row in rows if (row["category"], row["query_row"]) == (category, query_row)]
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        if place < len(across):
            axes.set_title(name_of(f"{query_row} row"), fontsize=7, pad=3)
        if place % len(across) == 0:
            axes.set_ylabel(name_of(category, 28), fontsize=6, rotation=0, ha="right", va="center")
        if mine:
            image = _head_map(axes, mine, max(largest, 1.0 + 1e-9))
    if image is not None:
        bar = figure.colorbar(image, ax=panels, fraction=0.03, pad=0.02)
        bar.set_label("share over chance; 1 is chance", fontsize=7)
        bar.ax.tick_params(labelsize=6)
    return figure


def _head_map(axes: Axes, rows: Sequence[Row], largest: float):
    """One map, layer 0 on top; heads not found above chance stay without a colour."""
    n_heads = max(len(row["times"]) for row in rows)
    n_layers = max(row["layer"] for row in rows) + 1
    times = np.full((n_layers, n_heads), np.nan)
    for row in rows:
        for head, (value, above) in enumerate(zip(row["times"], row["above"], strict=True)):
            if above and value is not None:
                times[row["layer"], head] = value
    axes.set_facecolor(GRID)
    image = axes.imshow(times, cmap=HEAT, vmin=1.0, vmax=largest, aspect="auto", interpolation="nearest")
    for side in axes.spines.values():
        side.set(visible=True, color=EDGE, linewidth=0.5)
    return image


def looks(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    """The share of the head chosen on the other half, beside chance; two lines a category."""
    names = list(dict.fromkeys(str(row["category"]) for row in rows))
    figure, [axes] = sheet(0.8 + 0.42 * len(names), width)
    places = categories_down(axes, names)
    for number, half in enumerate((1, 2)):
        mine = {row["category"]: row for row in rows if row["half"] == half}
        found = [mine.get(name, {}) for name in names]
        at = places + (number - 0.5) * 0.38
        share, chance = numbers(found, "share"), numbers(found, "chance")
        whiskers(axes, chance + numbers(found, "ci_low"), chance + numbers(found, "ci_high"), at, RAW)
        sure = np.nan_to_num(numbers(found, "p_holm"), nan=1.0) <= 0.05
        dots(axes, share, at, RAW, sure, "share on what is asked about" if number == 0 else "")
        axes.scatter(chance, at, marker="|", color=INK, s=40, zorder=3, label="" if number else "chance")
        for row, y, x in zip(found, at, share, strict=True):
            if row:
                label = f"{row['query_row']} {row['layer']}.{row['head']}"
                axes.annotate(
                    name_of(label), (x, y), (0, 3), textcoords="offset points", ha="center", va="bottom",
                    fontsize=6, color=SOFT,
                )  # fmt: skip
    axes.set_xlim(0, min(1.15, 0.15 + max((row["share"] for row in rows), default=1.0) * 1.15))
    axes.set_xlabel("share of the head's attention on the picture")
    legend_above(figure, axes)
    return figure


def tokens(rows: Sequence[Row], width: float = WIDTH) -> Figure:
    """A question of each category as a line of tokens, coloured by their share, on one scale."""
    asked = list(dict.fromkeys((row["category"], row["scene_id"], row["question_index"]) for row in rows))
    room = max(20, int((width - 0.2) * 72 / (_LETTER_PT * _SIZE_PT)))
    largest = max((row["share"] or 0.0 for row in rows), default=0.0) or 1.0
    lines: list[list[tuple[str, float | None]]] = []
    heads_at: dict[int, str] = {}
    for category, scene_id, index in asked:
        mine = [
            row
            for row in rows
            if (row["category"], row["scene_id"], row["question_index"]) == (category, scene_id, index)
        ]
        top = max(mine, key=lambda row: row["share"] or 0.0)
        heads_at[len(lines)] = (
            f"{category}, question {scene_id}.{index}, layer {mine[0]['layer']}: "
            f"most “{name_of(str(top['text']).strip() or ' ', 24)}” {top['share'] or 0:.0%}"
            + ("" if top["chance"] is None else f", chance {top['chance']:.0%}")
        )
        lines += [[], *_wrapped(mine, room, largest), []]
    height = 0.5 + len(lines) * _LINE * _SIZE_PT / 72
    figure, [axes] = sheet(height, width)
    axes.set_axis_off()
    axes.set_xlim(0, room)
    axes.set_ylim(len(lines), -0.2)
    for y, line in enumerate(lines):
        if y in heads_at:
            axes.text(0, y + 0.5, name_of(heads_at[y], 110), fontsize=7, fontweight="bold", va="center")
        _line(axes, line, y)
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    bar = figure.colorbar(
        ScalarMappable(Normalize(0, largest), HEAT), ax=axes, orientation="horizontal", fraction=0.04,
        pad=0.01, aspect=60,
    )  # fmt: skip
    bar.set_label("share of the token's attention on what is asked about", fontsize=7)
    bar.ax.tick_params(labelsize=6)
    return figure


def _wrapped(rows: Sequence[Row], room: int, largest: float) -> list[list[tuple[str, float | None]]]:
    """Lines of (letters, level); a token may go on in the next line at a space."""
    lines: list[list[tuple[str, float | None]]] = [[]]
    used = 0
    for row in rows:
        level = None if row["share"] is None else row["share"] / largest
        text = name_of(str(row["text"]).replace("\n", "⏎").replace("\t", " ") or " ", 400)
        words = text.split(" ")
        pieces = [f"{word} " for word in words[:-1]] + [words[-1]]
        for piece in (part[at : at + room] for part in pieces if part for at in range(0, len(part), room)):
            if used + len(piece) > room and used:
                lines.append([])
                used = 0
            lines[-1].append((piece, level))
            used += len(piece)
    return lines


def _line(axes: Axes, line: Sequence[tuple[str, float | None]], y: int) -> None:
    x = 0
    for text, level in line:
        color = PAPER if level is None else HEAT(level)
        axes.add_patch(Rectangle((x, y + 0.06), len(text), 0.88, facecolor=color, edgecolor="none"))
        ink = INK if level is None or level > _LIGHT else PAPER
        axes.text(
            x, y + 0.5, text.replace("$", r"\$"), fontsize=_SIZE_PT, family="DejaVu Sans Mono", color=ink,
            va="center",
        )  # fmt: skip
        x += len(text)
