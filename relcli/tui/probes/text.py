"""The tables of screen 6: probes of a run, and one of them layer by layer."""

from relcli.results.probes import ProbeRecords, Row, beats_controls
from relcli.tui.frame.keys import shown
from relcli.tui.probes.request import way_words
from relcli.tui.widgets.cells import Tones, cut, points
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

PROBES: tuple[Column, ...] = (
    ("probe", 28), (">n", 5), (">layer", 5), (">accuracy", 13), (">prompt", 6), (">all", 5),
)  # fmt: skip
BESIDE: tuple[Column, ...] = (
    ("probe", 28), (">all layers", 11), (">published", 9), (">95%", 7), (">gap", 6),
)  # fmt: skip
LAYERS: tuple[Column, ...] = (
    (">layer", 5), (">accuracy", 12), (">class", 6), (">shuffled", 8), (">prompt", 6), (">right (n)", 11),
    (">wrong (n)", 11),
)  # fmt: skip


def name_of(row: Row) -> str:
    """Category and label, the kind of question left out: `arrow_direction source_shape`."""
    kind, _, rest = row["category"].partition("_")
    return cut(f"{(rest or kind).replace('_and_', '+')} {row['label']}", 28)


def percent(value: float | None, se: float | None = None) -> Text:
    """An accuracy in percent, with its standard error over folds."""
    if value is None:
        return Text("")
    text = Text(f"{value * 100:.1f}", justify="right")
    return text if se is None else text.append(f" ±{se * 100:4.1f}", style="dim")


def probe_cells(row: Row, tone: Tones) -> list[Text | str]:
    """A line of `PROBES`; ✓ where the probe beats its controls."""
    accuracy = percent(row["accuracy"], row["se"])
    if beats_controls(row):
        accuracy = Text.assemble(("✓ ", tone["good"]), accuracy, justify="right")
    return [
        name_of(row),
        Text(f"{row['n']:,}", justify="right"),
        Text("all" if row["layer"] is None else str(row["layer"]), justify="right"),
        accuracy,
        percent(row["prompt_only"]),
        percent(row["all_layers"]),
    ]


def beside_cells(row: Row, published: Row | None, tone: Tones) -> list[Text | str]:
    """A line of `BESIDE`."""
    cells: list[Text | str] = [name_of(row), percent(row["all_layers"], row["all_layers_se"])]
    if published is None:
        return [*cells, "", "", ""]
    low, high = (published[f"accuracy_published_{end}"] for end in ("low", "high"))
    return [
        *cells,
        percent(published["accuracy_published"]),
        Text("" if low is None else f"{low * 100:.0f}\u2013{high * 100:.0f}", style="dim", justify="right"),
        points(published["accuracy_difference"], 1, tone),
    ]


def layer_cells(row: Row) -> list[Text | str]:
    """A line of `LAYERS`."""
    return [
        Text("all" if row["layer"] is None else str(row["layer"]), justify="right"),
        percent(row["accuracy"], row["se"]),
        percent(row["majority"]),
        percent(row["shuffled"]),
        percent(row["prompt_only"]),
        _subset(row["accuracy_right"], row["n_right"]),
        _subset(row["accuracy_wrong"], row["n_wrong"]),
    ]


def _subset(accuracy: float | None, n: int | None) -> Text:
    """On right or wrong answers alone: too few have a number and no accuracy."""
    text = percent(accuracy)
    text.justify = "right"
    return text.append(f" ({n or 0})", style="dim")


def curve_title(row: Row) -> str:
    """Over the curve: what was read off, and out of how much."""
    return f"{row['category']} · {row['label']} · {row['n_classes']} classes, {row['n']:,} answers"


def way_line(records: ProbeRecords, tone: Tones) -> Text:
    """The way of probing that is shown, and which of the run's ways it is; empty where there is none."""
    ways = records.ways
    if records.way not in ways:
        return Text()
    text, row = Text(no_wrap=True, overflow="ellipsis"), ways[records.way]
    if len(ways) > 1:
        text.append(f"{shown('variant')} ", style=f"bold {tone['accent']}")
        text.append(f"{list(ways).index(records.way) + 1} of {len(ways)}  ")
    if row["state"] != "done":
        text.append(f"{row['state']} · ", style=tone["warn"])
    return text.append(way_words(row))
