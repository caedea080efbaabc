"""The tokens of a question as lines, each with the share of its attention on a region, and that in words."""

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.style import Style

from relcli.analysis.grounding import Coverage
from relcli.captures import REGIONS
from relcli.drawing.tints import Tints, level_style
from relcli.results.token_strip import TokenStrip
from relcli.tui.widgets.cells import Tones, cut, spark
from relcli.tui.widgets.grey import append_bar
from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible

SHORT_NAMES = {
    "target": "what is asked about",
    "distractor": "the other objects",
    "arrow": "the arrow",
    "removed": "the place of what the twin lacks",
    "sink": "sinks",
    "rest": "the rest of the picture",
}
_COVERED = {"target": "entity", "distractor": "distractor", "arrow": "arrow", "removed": "masked_place"}
_STEPS = 8
_HERE = Style(bold=True, underline=True)
_NAME = 28


def token_name(text: str) -> str:
    """A token as a sentence names it."""
    said = text.strip()
    if not said:
        return "a line break" if "\n" in text else "a space"
    return f"“{cut(said, _NAME)}”"


def head_name(row: str, layer: int, head: int) -> str:
    return f"{row} row, head {layer}.{head}"


def token_lines(
    strip: TokenStrip,
    region: str,
    layer: int | None,
    at: int,
    width: int,
    tone: Tones,
    tints: Tints = "true",
) -> tuple[list[Text], int]:
    """The tokens, wrapped, and the line on which the one at the cursor begins.

    A block before each token says its share as its colour does; the token at the cursor stands in brackets.
    Both are of the largest share of any token in any layer.
    """
    shares, top = strip.shares(region, layer), strip.largest(region)
    lines, begins, used = [Text(no_wrap=True)], 0, 0
    for number, (token, share) in enumerate(zip(strip.tokens, shares, strict=True)):
        level = None if share is None or top <= 0 else share / top
        pieces = _pieces(token.text, level, number == at)
        for place, piece in enumerate(part for each in pieces for part in chop_cells(each, width)):
            if used + cell_len(piece) > width and used:
                lines.append(Text(no_wrap=True))
                used = 0
            if number == at and place == 0:
                begins = len(lines) - 1
            style = Style(dim=True) if level is None else level_style(level, tints)
            start = len(lines[-1])
            lines[-1].append(piece, style=style + _HERE if number == at else style)
            lines[-1].apply_meta({"token": number}, start, len(lines[-1]))
            used += cell_len(piece)
    return lines, begins


def _pieces(text: str, level: float | None, here: bool) -> list[str]:
    """A token in pieces between which a line may break, a block for its level first."""
    shown = visible(text.replace("\n", "⏎").replace("\t", " ")) or "·"
    if not shown.strip():
        shown = "␣" * len(shown)
    block = "·" if level is None else spark([level], 0.0, 1.0)
    words = shown.split(" ")
    pieces = [f"{word} " for word in words[:-1]] + [words[-1]]
    pieces = [piece for piece in pieces if piece]
    pieces[0] = f"{block}{'[' if here else ''}{pieces[0]}"
    pieces[-1] += "]" if here else ""
    return pieces


def share_words(
    strip: TokenStrip, region: str, layer: int | None, at: int, coverage: Coverage | None
) -> Sequence[str]:
    """Of the token at the cursor: its share on the region, beside chance where that is known, else beside the
    region's area."""
    share = strip.shares(region, layer)[at]
    where = SHORT_NAMES.get(region, REGIONS.get(region, region))
    of = "all layers" if layer is None else f"layer {layer}"
    if share is None:
        return [token_name(strip.tokens[at].text), f"nothing known of {where}", of]
    words = [token_name(strip.tokens[at].text), f"{share:.1%} on {where}"]
    if region == "target":
        chance = strip.shares("chance", layer)[at]
        words.append("chance not known" if chance is None else f"chance {chance:.1%}")
    elif (area := _area(region, coverage)) is not None:
        words.append(f"area {area:.1%}")
    return [*words, of]


def _area(region: str, coverage: Coverage | None) -> float | None:
    if coverage is None or region not in _COVERED:
        return None
    cells: Sequence[float] | None = getattr(coverage, _COVERED[region])
    if not cells:
        return None
    return sum(cells) / (len(cells) if coverage.placed is None else sum(coverage.placed))


def scale(strip: TokenStrip, region: str, tints: Tints = "true") -> Text:
    """The colours from nothing to the largest share of any token in any layer."""
    text = Text("0 ", style="dim", no_wrap=True)
    return append_bar(text, _STEPS, tints).append(f" {strip.largest(region):.0%}", style="dim")
