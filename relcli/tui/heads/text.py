"""The words beside the map of heads: what it is of, the head under the cursor, the scale."""

from relcli.drawing.tints import Tints
from relcli.results.head_table import TIMES, HeadFigure, HeadMeasure, HeadTable, Of
from relcli.tui.frame.keys import shown
from relcli.tui.layers.text import p_text
from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.grey import append_bar, why
from relcli.tui.widgets.safe_text import Text

_STEPS = 12
FEWEST_SCENES = 8
"""Below so many scenes the views test nothing."""
_FAIR = "The best of a map is praised for what it was chosen by: relcli looks chooses on other scenes."


def choices_text(measure: HeadMeasure | None, of: Of, tone: Tones, lines: bool) -> Text:
    """What the map is of, each behind its key, as far as there is a choice; a click goes to the next."""
    category, variant, row = of
    choices = (
        ("measure", measure.words if measure else "", "next_measure(1)"),
        ("category", category, "category"),
        ("row", row and f"{row} row", "row"),
        ("variant", variant, "variant"),
    )
    text = Text(no_wrap=True, overflow="ellipsis")
    for meaning, words, action in choices:
        if not words:
            continue
        if len(text):
            text.append("\n" if lines else "  ")
        start = len(text)
        text.append(f"{shown(meaning)} ", style=f"bold {tone['accent']}").append(words, style="bold")
        text.apply_meta({"@click": f"screen.{action}"}, start, len(text))
    return text


def figure_words(measure: HeadMeasure, figure: HeadFigure | None) -> list[str]:
    """A head's value, its interval, chance, and how sure it is that there is more to it."""
    if figure is None:
        return ["nothing was measured here"]
    counted = f"n {figure.n:,} in {figure.n_scenes:,} scene{'s' * (figure.n_scenes != 1)}"
    if measure.name != TIMES:
        words = [measure.with_unit(figure.value)]
        if figure.low is not None and figure.high is not None:
            words.append(f"95% {measure.with_unit(figure.low)} to {measure.with_unit(figure.high)}")
        return [*words, "not tested", counted]
    assert figure.share is not None and figure.chance is not None
    words = [f"{figure.value:.2f} times chance", f"share {figure.share:.1%}, chance {figure.chance:.1%}"]
    if figure.low is not None and figure.high is not None:
        low, high = (_signed(end) for end in (figure.low, figure.high))
        words.append(f"{low} to {high} points to chance, 95% of this head alone")
    if figure.p is None:
        words.append(f"not tested: fewer than {FEWEST_SCENES} scenes")
    else:
        found = "above chance" if figure.stands_out else "not found above chance"
        words.append(f"{p_text(figure.p)} for all heads: {found}")
    if figure.others is not None:
        words.append(f"as much as other objects get: {figure.others:.1%}")
    return [*words, counted]


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "\u2212")


def cursor_text(
    measure: HeadMeasure, place: tuple[int, int], figure: HeadFigure | None, tone: Tones, lines: bool
) -> Text:
    """What stands under the cursor, in `lines` of their own or in two."""
    first, *rest = figure_words(measure, figure)
    text = Text(overflow="ellipsis")
    text.append(f"layer {place[0]}, head {place[1]}", style="bold").append("\n" if lines else "  ")
    text.append(first, style=f"bold {tone['accent']}").append("\n")
    return text.append("\n".join(rest) if lines else " · ".join(rest))


def legend(table: HeadTable, lines: bool, tints: Tints = "true") -> Text:
    """The scale, which is one for all categories, rows and pictures."""
    measure, (low, high) = table.measure, table.ends
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("chance " if measure.name == TIMES else "").append(f"{measure.with_unit(low)} ")
    append_bar(text, _STEPS, tints).append(f" {measure.with_unit(high)}")
    text.append("\none scale for all maps" if lines else "  one scale for all maps", style="dim")
    return text.append(f" · {reason}" if (reason := why(tints)) else "", style="dim")


def about_text(measure: HeadMeasure, n_heads: int) -> str:
    """What the map shows, and what its marks mean."""
    if measure.name != TIMES:
        return measure.about
    return (
        f"{measure.about} Coloured, with a star: above chance, p up to .05 after correction (Holm) for all "
        f"{n_heads:,} heads of the map. Dim: not found to be. {_FAIR}"
    )
