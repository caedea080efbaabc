"""The words beside the heat map of screen 5: measures, the value under the cursor, the scale."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from relcli.results.layers import (
    ABOVE_CHANCE,
    FAMILIES,
    MEASURES,
    SURE,
    LayerFigure,
    LayerTable,
    Measure,
    Place,
)
from relcli.tui.frame.keys import shown
from relcli.tui.layers.view import MapView
from relcli.tui.widgets.cells import Tones, spark
from relcli.tui.widgets.grey import append_bar, is_grey, why
from relcli.tui.widgets.safe_text import Text

if TYPE_CHECKING:
    from relcli.drawing.tints import Tints

_STEPS = 12


def heading(category: str | None) -> str:
    """A category as a column's name in a line or two: shape, shape +color, arrow."""
    if category is None:
        return "all"
    kind, _, rest = category.partition("_")
    return "\n+".join(part.partition("_")[0] for part in (rest or kind).split("_and_"))


def measure_list(chosen: Measure, tone: Tones) -> Text:
    """Every measure, the chosen one marked; a click chooses."""
    text = Text(no_wrap=True, overflow="ellipsis")
    family = ""
    for measure in MEASURES:
        if measure.read != family:
            family = measure.read
            text.append(f"{FAMILIES[family]}\n", style="dim")
        start = len(text)
        here = measure is chosen
        text.append("▸ " if here else "  ").append(measure.words)
        text.stylize(f"bold {tone['accent']}" if here else "", start)
        text.apply_meta({"@click": f"screen.measure('{measure.name}')"}, start, len(text))
        text.append("\n")
    text.right_crop(1)
    return text


def place_name(place: Place, variant: str) -> str:
    return f"{place[0] or 'all categories'} · layer {place[1]} · {variant}"


def figure_words(measure: Measure, figure: LayerFigure | None, looks: float | None = None) -> list[str]:
    """The exact value, its interval, its spread and n, what chance gives, and how sure it is that there is
    more to it. looks: the p of looking at what is asked about, where the measure is part of that."""
    if figure is None:
        return ["nothing was measured here"]
    words = [f"{measure.with_unit(figure.value)}"]
    if figure.low is not None and figure.high is not None:
        words.append(f"95% {measure.written(figure.low)} to {measure.written(figure.high)}")
    if figure.sd is not None:
        words.append(f"sd {measure.written(figure.sd).removeprefix('+')}")
    words.append(f"n {figure.n:,}")
    if figure.chance is not None:
        words.append(f"{measure.chance or 'chance'} {measure.with_unit(figure.chance)}")
    if figure.area is not None:
        words.append(f"area {measure.with_unit(figure.area)}")
    if figure.p is not None:
        against = "above other scenes" if measure.name == ABOVE_CHANCE else ""
        against = against or (f"above {measure.chance}" if measure.chance else "by layer")
        words += [f"{p_text(figure.p)} {against}", "corrected for all cells"]
    if looks is not None and looks <= SURE:
        words.append("looks at what is asked about")
    return words


def p_text(p: float) -> str:
    """A p after correction for all cells."""
    return "p<.001" if p < 0.001 else f"p {p:.3f}".replace("0.", ".")


def cursor_text(
    measure: Measure,
    place: Place,
    variant: str,
    figure: LayerFigure | None,
    tone: Tones,
    lines: bool,
    looks: float | None = None,
) -> Text:
    """What stands under the cursor, in `lines` of their own or in two."""
    first, *rest = figure_words(measure, figure, looks)
    text = Text(overflow="ellipsis")
    if lines:
        category, layer, of = place_name(place, variant).split(" · ")
        text.append(f"{category}\n", style="bold").append(f"{layer} · {of}\n", style="dim")
        text.append(f"{first}\n", style=f"bold {tone['accent']}")
        return text.append("\n".join(rest))
    text.append(place_name(place, variant), style="bold")
    text.append(f"  {first}", style=f"bold {tone['accent']}")
    return text.append(f"\n{' · '.join(rest)}")


def profile_text(
    measure: Measure, grid: Mapping[Place, LayerFigure], place: Place, layers: Sequence[int], width: int
) -> Text:
    """The category under the cursor layer by layer as blocks, with its highest and lowest layer."""
    known = {layer: grid[place[0], layer].value for layer in layers if (place[0], layer) in grid}
    if len(known) < 2:
        return Text()
    top, bottom = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    blocks = spark(list(known.values()))
    wide = max(1, min(3, width // len(blocks)))
    text = Text("".join(block * wide for block in blocks)[:width] + "\n")
    text.append(f"most {measure.written(known[top])} in {top}, ", style="dim")
    return text.append(f"least {measure.written(known[bottom])} in {bottom}", style="dim")


def legend(
    measure: Measure,
    ends: tuple[float, float] | None,
    each: bool,
    tone: Tones,
    lines: bool,
    tints: "Tints" = "true",
) -> Text:
    """The scale from one end to the other, in `lines` or one, and what its ends are; with `each`, every
    category has one of its own."""
    both_ways = measure.middle is not None and not each and not is_grey()
    if each or ends is None:
        low, high = ("least", "most") if each else ("", "")
    else:
        low, high = measure.written(ends[0]), measure.with_unit(ends[1])
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{shown('scale')} ", style=f"bold {tone['accent']}")
    text.append("scale by category" if each else "one scale")
    if not each:
        text.append(("\n" if lines else ", ") + _anchors(measure), style="dim")
    text.apply_meta({"@click": "screen.scale"}, 0, len(text))
    text.append(f"\n{low} " if lines else f" {low} ")
    append_bar(text, _STEPS, tints, diverging=both_ways).append(f" {high}")
    if reason := _why(tints, both_ways):
        gap = "\n" if lines else "  "
        text.append(f"{gap}{reason}", style="dim")
    return text


def _why(tints: "Tints", both_ways: bool) -> str:
    return "16 colours: blue to red" if tints == "ansi" and both_ways else why(tints)


def _anchors(measure: Measure) -> str:
    """What the ends of its scale are."""
    if measure.middle is not None:
        return "chance in the middle"
    top = "maximum" if measure.top is None else "all there can be"
    return f"{'chance' if measure.chance else '0'} to {top}"


def title(view: MapView, figures: LayerTable | None, tone: Tones) -> Text:
    """The lines over the map: which measure, of which pictures and of which row where there are several, then
    what it is or why it is empty; never cut."""
    choices = [("measure", view.measure.words, "next_measure(1)"), ("variant", view.pictures, "variant")]
    if len(view.rows) > 1:
        choices.append(("row", f"{view.row} row", "row"))
    text = Text()
    for meaning, words, action in choices:
        start = len(text)
        text.append(f"{shown(meaning)} ", style=f"bold {tone['accent']}").append(words, style="bold")
        text.apply_meta({"@click": f"screen.{action}"}, start, len(text))
        text.append("  ")
    if figures and (why := view.why_nothing(figures)):
        return text.append(why, style=tone["warn"])
    return text.append(view.measure.about, style="dim")


def as_markdown(figures: LayerTable, view: MapView) -> str:
    """The map as a table."""
    grid = figures.grid(view.measure, view.variant)
    names = [category or "all" for category in figures.categories]
    lines = [f"| layer | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for layer in figures.layers:
        found = (grid.get((category, layer)) for category in figures.categories)
        cells = ("" if each is None else view.measure.written(each.value) for each in found)
        lines.append(f"| {layer} | {' | '.join(cells)} |")
    return "\n".join(lines)
