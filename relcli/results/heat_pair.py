"""The attention on two pictures of one question on one scale, and the change from one to the other."""

from dataclasses import dataclass

from relcli.drawing.heat_grid import HeatGrid
from relcli.results.question import QuestionView
from relcli.scenes.vocabulary import in_order


@dataclass(frozen=True, slots=True)
class HeatPair:
    """first, second: variants; second None where there is one picture only.

    heats: by variant, those with attention, all on the scale from `low` to `high`, in shares of the answer's
    whole attention. difference: the second less the first, on a scale from -`reach` to `reach`; None where
    one is missing or lies on another grid.
    """

    first: str
    second: str | None
    heats: dict[str, HeatGrid]
    low: float
    high: float
    difference: HeatGrid | None
    reach: float


def pair_of(question: QuestionView, looked_at: str) -> tuple[str, str | None]:
    """The pictures to lay beside each other: the raw one, and the one looked at or else the masked twin."""
    asked = [*question.answers]
    shown = [name for name in ("raw", "masked") if question.pictures.get(name)]
    names = in_order([*asked, *shown])
    if not names:
        return looked_at, None
    first = "raw" if "raw" in names else names[0]
    others = [name for name in names if name != first]
    if looked_at in others:
        return first, looked_at
    if "masked" in others:
        return first, "masked"
    return first, next((name for name in others if name in asked), None)


def heat_pair(
    question: QuestionView, looked_at: str, layer: int | None, vector: str, step: int | None
) -> HeatPair:
    """Of a layer, or of the mean of all (None); vector, step: as `AttentionMaps.choices` names them."""
    first, second = pair_of(question, looked_at)
    found: dict[str, HeatGrid] = {}
    whose = question.maps[looked_at].whose if looked_at in question.maps else ""  # a token's, a head's
    for name in (first, second):
        maps = question.maps.get(name) if name else None
        if name and maps and maps.whose == whose and (heat := maps.heat(layer, vector, step)) is not None:
            found[name] = heat
    if not found:
        return HeatPair(first, second, {}, 0.0, 0.0, None, 0.0)
    from relcli.drawing.heatmap import scale_of

    low, high = scale_of([heat.weights for heat in found.values()])
    heats = {name: heat._replace(low=low, high=high) for name, heat in found.items()}
    one, two = found.get(first), found.get(second or "")
    if one is None or two is None or (one.height, one.width) != (two.height, two.width):
        return HeatPair(first, second, heats, low, high, None, 0.0)
    moved = [b - a for a, b in zip(one.weights, two.weights, strict=True)]
    reach = max(abs(end) for end in scale_of([moved]))
    difference = HeatGrid(moved, one.height, one.width, -reach, reach, diverging=True)
    return HeatPair(first, second, heats, low, high, difference, reach)
