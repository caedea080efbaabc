"""Where the single heads of a run look: a value a head, for each category, kind of picture and query row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relcli.results.layers import SURE, in_row_order
from relcli.scenes.vocabulary import CATEGORIES, in_order

Of = tuple[str, str, str]
"""Category, variant and query row: what a map of heads is of."""


@dataclass(frozen=True, slots=True)
class HeadMeasure:
    """name: as the read `head_region_map` takes it, or TIMES; words: in lists; unit: behind a value (%: of a
    share); about: one sentence."""

    name: str
    words: str
    unit: str
    about: str

    def written(self, value: float) -> str:
        return f"{value * 100:.0f}" if self.unit == "%" else f"{value:.1f}"

    def with_unit(self, value: float) -> str:
        return f"{value * 100:.1f}%" if self.unit == "%" else f"{value:.2f}{self.unit}"


TIMES = "times"
MEASURES = (
    HeadMeasure(
        TIMES,
        "asked about, over chance",
        "x",
        "Share of the head's attention on what is asked about, over the share that the same attention has on "
        "what other scenes' questions ask about.",
    ),
    HeadMeasure("distractor", "other objects, share", "%", "Share on the objects not asked about."),
    HeadMeasure("arrow", "arrow, share", "%", "Share on the arrow asked about, or on all arrows."),
    HeadMeasure("removed", "masked place, share", "%", "Share on the place of what the twin lacks."),
    HeadMeasure("sink", "sinks, share", "%", "Share on cells that soak up attention whatever is asked."),
    HeadMeasure("rest", "the rest, share", "%", "Share on what is in none of these."),
    HeadMeasure("image_mass", "on the picture", "%", "Share of all attention that is on the picture."),
    HeadMeasure("entropy", "entropy", "", "How spread out the attention is, natural log."),
)


@dataclass(frozen=True, slots=True)
class HeadFigure:
    """A mean over `n` questions of `n_scenes` scenes. low, high: its 95% interval over scenes, of TIMES that
    of share less chance.

    share, chance, others: of TIMES: the share on what is asked about, by chance, and if it got as much for
    its area as the other objects. p: one-sided, that the share is no more than chance, corrected for all
    heads and layers of the map; None with too few scenes.
    """

    value: float
    n: int
    n_scenes: int
    low: float | None
    high: float | None
    share: float | None = None
    chance: float | None = None
    others: float | None = None
    p: float | None = None

    @property
    def stands_out(self) -> bool:
        """Above chance, beyond it after correction."""
        return self.p is not None and self.p <= SURE


class HeadTable:
    """The rows of `head_map` (TIMES) or `head_region_map`, by what they are of, then by layer and head."""

    def __init__(self, measure: HeadMeasure, rows: Iterable[Mapping[str, Any]]) -> None:
        self.measure = measure
        self._maps: dict[Of, dict[tuple[int, int], HeadFigure]] = {}
        for row in rows:
            if (figure := _figure(measure, row)) is not None:
                of = row["category"], row["variant"], row["query_row"]
                self._maps.setdefault(of, {})[row["layer"], row["head"]] = figure

    def __bool__(self) -> bool:
        return bool(self._maps)

    @cached_property
    def categories(self) -> list[str]:
        known = {category for category, _, _ in self._maps}
        return [*(each for each in CATEGORIES if each in known), *sorted(known - set(CATEGORIES))]

    @cached_property
    def variants(self) -> list[str]:
        return [*in_order(variant for _, variant, _ in self._maps)]

    @cached_property
    def rows(self) -> list[str]:
        return in_row_order({row for _, _, row in self._maps})

    def map(self, of: Of) -> dict[tuple[int, int], HeadFigure]:
        """By layer and head; empty where there is none."""
        return self._maps.get(of, {})

    @cached_property
    def size(self) -> tuple[int, int]:
        """Layers and heads of the model."""
        places = [place for found in self._maps.values() for place in found]
        return 1 + max(layer for layer, _ in places), 1 + max(head for _, head in places)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Of the colours, for all maps alike: from chance (1) of TIMES, from 0 of shares, to the largest."""
        values = [figure.value for found in self._maps.values() for figure in found.values()]
        if self.measure.name == TIMES:
            return 1.0, max(values, default=1.0)
        if self.measure.unit == "%":
            return 0.0, max(values, default=0.0)
        return min(values, default=0.0), max(values, default=0.0)

    def best_row(self, category: str, variant: str) -> str | None:
        """The row with the largest value of one head."""
        tops = {
            row: max(figure.value for figure in found.values())
            for (of, on, row), found in self._maps.items()
            if (of, on) == (category, variant) and found
        }
        return max(tops, key=tops.__getitem__) if tops else None


def _figure(measure: HeadMeasure, row: Mapping[str, Any]) -> HeadFigure | None:
    counts = {"n": row["n"], "n_scenes": row["n_scenes"], "low": row["ci_low"], "high": row["ci_high"]}
    if measure.name != TIMES:
        return None if row["value"] is None else HeadFigure(row["value"], **counts)
    if not row["chance"]:
        return None
    known = {name: row[name] for name in ("share", "chance", "others")}
    return HeadFigure(row["share"] / row["chance"], **counts, **known, p=row["p_holm"])
