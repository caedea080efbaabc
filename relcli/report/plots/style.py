"""The figures' look, and what several of them draw alike."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from relcli.drawing.palette import RAMP
from relcli.errors import UsageError
from relcli.options.figure import WIDTH
from relcli.visible import visible

STYLE = Path(__file__).parents[1] / "paper.mplstyle"
INK, SOFT, EDGE, GRID, PAPER = "#1b1d20", "#4d5157", "#8c9096", "#dfe1e4", "#ffffff"
RAW, MASKED, BLANK, FOURTH = "#2b6cb0", "#c8641b", "#7d838b", "#3f8f5b"
VARIANT_COLORS = {"raw": RAW, "masked": MASKED, "blank": BLANK}
HEAT = LinearSegmentedColormap.from_list("relcli", [tuple(part / 255 for part in rgb) for rgb in RAMP])

Row = Mapping[str, Any]


@contextmanager
def styled(extra: Path | None = None) -> Iterator[None]:
    """matplotlib's defaults with our style, and a person's own style file over it. Whatever was set before
    comes back. UsageError for a style file that can't be used."""
    sheets: list[Any] = [STYLE]
    if extra is not None:
        if not extra.is_file():
            raise UsageError(f"There is no style file {extra}: name a matplotlib style file (.mplstyle).")
        sheets.append(extra)
    try:
        with matplotlib.style.context(sheets, after_reset=True), warnings.catch_warnings():
            # Letters no font has, and no room for long names: the figure is drawn as well as it goes.
            warnings.filterwarnings("ignore", category=UserWarning, module=r"matplotlib|relcli\.report")
            yield
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(
            f"The style file {extra} can't be used ({problem}); fix it or omit it."
        ) from None


def sheet(
    height: float, width: float = WIDTH, rows: int = 1, columns: int = 1, **sharing: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of so many inches, and its axes row by row. No pyplot: nothing stays open."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **sharing)
    return figure, list(axes.ravel())


_LONGEST = 48  # letters beside an axis


def name_of(value: Any, longest: int = 36) -> str:
    """A name from elsewhere as it can stand in a figure. Of a long one the middle goes: names of steps,
    controls and versions differ at their end."""
    text = visible(str(value))
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 2
    return text[: longest - 1 - tail] + "…" + text[-tail:]


def names_of(rows: Sequence[Row], detail: str) -> list[str]:
    """Of each row its category, its variant where the rows have several, and the column `detail`; that on a
    line of its own where it would be cut short."""
    several = len({row["variant"] for row in rows}) > 1
    parts = ("category", *(["variant"] if several else []))
    names = [(", ".join(str(row[part]) for part in parts), str(row[detail])) for row in rows]
    between = ", " if all(len(before) + len(last) + 2 <= _LONGEST for before, last in names) else "\n"
    return [f"{visible(before)}{between}{visible(last)}" for before, last in names]


def row_height(names: Sequence[str]) -> float:
    """Inches that a row with such a name beside it takes."""
    return 0.3 if any("\n" in name for name in names) else 0.24


def categories_down(axes: Axes, names: Sequence[str]) -> np.ndarray:
    """Categories on the y axis, the first on top; returns their places."""
    places = np.arange(len(names), dtype=float)
    lines = [name.split("\n") for name in names]
    axes.set_yticks(places, ["\n".join(name_of(line, _LONGEST) for line in each) for each in lines])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    return places


def share_axis(axes: Axes, label: str) -> None:
    axes.set_xlim(0, 1.001)
    axes.set_xticks(np.arange(0, 1.01, 0.2))
    axes.set_xlabel(label)


def numbers(rows: Iterable[Row], key: str) -> np.ndarray:
    """A column as floats, NaN where there is none."""
    return np.array([np.nan if row.get(key) is None else float(row[key]) for row in rows])


def whiskers(axes: Axes, low: np.ndarray, high: np.ndarray, at: np.ndarray, color: str, **more: Any) -> None:
    axes.hlines(at, low, high, color=color, linewidth=more.pop("linewidth", 1.1), **more)


def dots(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    color: str,
    filled: np.ndarray,
    label: str = "",
    size: float = 22,
) -> None:
    """Points, filled or hollow one by one; whole at the edge of the axes too."""
    axes.scatter(
        x, y, s=size, zorder=3, edgecolors=color, facecolors=[color if full else PAPER for full in filled],
        linewidths=1.1, label=label or None, clip_on=False,
    )  # fmt: skip


def layer_axis(axes: Axes, layers: Sequence[int], label: bool = True) -> None:
    """Whole layers on the x axis."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    if len(layers) == 1:
        axes.set_xlim(layers[0] - 1, layers[0] + 1)
    if label:
        axes.set_xlabel("layer")


def legend_above(figure: Figure, axes: Axes, columns: int = 6) -> None:
    """One legend for the whole figure, over it."""
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside upper left", ncols=min(columns, len(labels)))


