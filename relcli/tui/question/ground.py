"""Where the attention of a map lies, in figures: beside the area, and beside what chance gives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from relcli.analysis.grounding import Coverage, entity_share, entropy, grounding, iou, pointing_hit
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import Chance, QuestionView
from relcli.tui.question.layer_strip import StripLine
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import Tones, cut, verdict
from relcli.tui.widgets.safe_text import Text

_CHANCE = "  by chance"
_SHORT = {
    _CHANCE: " by chance",
    "attention on": "on",
    "asked about": "asked",
    "other objects": "others",
    "strongest cell": "top cell",
    "masked place": "removed",
}
_ORDER = ("asked about", "arrow", "other objects", "masked place", "background")
_STRONG = 1.5


@dataclass(frozen=True, slots=True)
class Looked:
    """One map: of a picture `name`, and what lies under it. sink: the share on cells that soak up attention
    whatever is asked."""

    name: str
    weights: Sequence[float]
    cells: int
    coverage: Coverage | None
    chance: Chance | None
    sink: float | None


def looked_at(question: QuestionView, variants: Sequence[str], view: ViewOptions) -> list[Looked]:
    """The maps of these variants, as far as there are any."""
    found = []
    for name in variants:
        if (maps := question.maps.get(name)) is None:
            continue
        weights = maps.weights(view.layer, view.vector, view.step)
        chance = None if view.step is not None else question.chance(name, view.vector, view.layer)
        sink = None if view.layer is None else question.sinks.get((name, view.layer))
        found.append(Looked(name, weights, maps.n_cells, question.coverage.get(name), chance, sink))
    return found


def ground_table(maps: Sequence[Looked], tone: Tones, width: int) -> Text:
    """A line for each kind of thing, a column for each map, then the share of the picture that it covers."""
    roomy = width >= 15 + 13 * len(maps)
    label, column = (15, 13) if roomy else (10, max(7, min(9, (width - 16) // max(1, len(maps)))))
    with_area = width >= label + column * len(maps) + 6
    text = Text(no_wrap=True, overflow="ellipsis")
    if not any(each.weights for each in maps):
        return text

    def line(name: str, cells: Sequence[Text | str], after: str = "", style: str = "") -> None:
        text.append(f"{name if roomy else _SHORT.get(name, name):<{label}}", style=style)
        for number, cell in enumerate(cells):
            part = cell if isinstance(cell, Text) else Text(cell, style=style)
            if with_area or number < len(cells) - 1:
                part.pad_right(max(0, column - len(part)))
            text.append_text(part)
        text.append(f"{after:>6}\n" if with_area else "\n", style="dim")

    heads = [cut(each.name, column - 1) for each in maps]
    line("attention on", heads if roomy else [f"{name:>6}" for name in heads], "area", "dim")
    grounds = [{one.name: one for one in grounding(each.coverage, each.weights)} for each in maps]
    for name in _ORDER:
        found = [of.get(name) for of in grounds]
        if not any(found):
            continue
        cells = []
        for one in found:
            cell = Text("" if one is None else f"{one.share * 100:5.1f}%")
            if one is not None and one.times is not None and roomy:
                strong = one.times >= _STRONG and name == "asked about"
                cell.append(f" {one.times:4.1f}x", style=tone["good"] if strong else "")
            cells.append(cell)
        area = next(one.area for one in found if one)
        line(name, cells, f"{area * 100:.1f}%")
        if name == "asked about":
            _chance(line, [each.chance and each.chance.share for each in maps])
    _strongest(line, maps, tone, roomy=roomy)
    if any(each.sink is not None for each in maps):
        line("sinks", ["" if each.sink is None else f"{each.sink * 100:5.1f}%" for each in maps])
    shared = [iou(each.coverage, each.weights) for each in maps]
    if any(each is not None for each in shared):
        line("overlap", ["" if each is None else f" {each:.2f}" for each in shared])
    spread = [entropy(each.weights) for each in maps]
    even = f"{math.log(max(2, maps[0].cells)):.2f}"
    line("entropy", ["" if each is None else f" {each:.2f}" for each in spread], even, "dim")
    text.right_crop(1)
    return text


def _chance(line, shares: Sequence[float | None]) -> None:
    """What other scenes' questions of the same kind give, where the warehouse has it ready."""
    if any(share is not None for share in shares):
        line(_CHANCE, ["" if share is None else f"{share * 100:5.1f}%" for share in shares], "", "dim")


def _strongest(line, maps: Sequence[Looked], tone: Tones, *, roomy: bool) -> None:
    hits = [pointing_hit(each.coverage, each.weights) for each in maps]
    if all(hit is None for hit in hits):
        return
    words = {True: " on it", False: " elsewhere", None: ""} if roomy else {}
    cells = [Text.assemble(" " if roomy else "     ", verdict(hit, tone), words.get(hit, "")) for hit in hits]
    covered = next((each.coverage.entity for each in maps if each.coverage and each.coverage.entity), ())
    touched = f"{sum(cell > 0 for cell in covered) / max(1, len(covered)) * 100:.1f}%"
    line("strongest cell", cells, touched)
    _chance(line, [each.chance and each.chance.pointing for each in maps])


def strip_measures(
    maps: AttentionMaps, coverage: Coverage | None, view: ViewOptions, *, n_lines: int
) -> list[StripLine]:
    """The lines of the layer strip, the first `n_lines` of: of the attention on the picture the share that is
    on what is asked about, of all attention the share that is on the picture, and how spread out it is."""
    n = len(maps.layers)
    per_layer = [maps.weights(each, view.vector, view.step) for each in range(n)]
    chosen = maps.weights(view.layer, view.vector, view.step)
    measures = []
    shares = [share for share in (entity_share(coverage, each) for each in per_layer) if share is not None]
    if shares and len(shares) == n:
        share = entity_share(coverage, chosen) or 0.0
        measures.append(StripLine("asked about", shares, 0.0, max(*shares, 1e-9), f"{share:.0%}"))
    masses = [each["image_mass"] for each in maps.layers if each.get("image_mass") is not None]
    if masses and len(masses) == n:
        mass = sum(masses) / n if view.layer is None else masses[view.layer]
        measures.append(StripLine("on picture", masses, 0.0, max(*masses, 1e-9), f"{mass:.0%}"))
    spread = [entropy(each) or 0.0 for each in per_layer]
    even = math.log(max(2, maps.n_cells))
    measures.append(StripLine("entropy", spread, 0.0, even, f"{entropy(chosen) or 0:.2f}"))
    return measures[:n_lines]
