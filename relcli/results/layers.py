"""Attention by layer and category: what is measured, and its figures from the warehouse."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from relcli.captures import QUERY_ROWS
from relcli.scenes.vocabulary import CATEGORIES, in_order

Place = tuple[str | None, int]  # category (None: all), layer


@dataclass(frozen=True, slots=True)
class Measure:
    """name: in the column `measure` of `read`, one of sql/reads; words: in lists; unit: behind a value (%:
    of a share; points: of a difference of shares); decimals: of a value as it is written; about: one
    sentence; chance: what gives the figure that stands beside a value as chance; middle: the value in the
    middle of colours that go both ways; top: the largest value there can be, where that ends the scale."""

    name: str
    read: str
    words: str
    unit: str
    decimals: int
    about: str
    chance: str = ""
    middle: float | None = None
    top: float | None = None

    @property
    def of_pairs(self) -> bool:
        """Whether it compares two pictures, so that it is of none of them."""
        return self.read == "layer_shift"

    def written(self, value: float) -> str:
        sign = "+" if self.unit == "points" else ""
        shown = f"{value * (100 if self.unit in ('%', 'points') else 1):{sign}.{self.decimals}f}"
        return shown.replace("-", "\u2212") if sign else shown

    def with_unit(self, value: float) -> str:
        gap = "" if self.unit in ("%", "x") else " "
        return f"{self.written(value)}{gap}{self.unit}".rstrip()


_Row = tuple[str, str, str, int, str]


def _measures(read: str, *rows: _Row) -> list[Measure]:
    return [
        Measure(row[0], read, *row[1:], _CHANCES.get(row[0], ""), _MIDDLES.get(row[0]), _TOPS.get(row[0]))
        for row in rows
    ]


def _shares(name: str, words: str, thing: str) -> tuple[_Row, _Row]:
    return (
        (f"{name}_share", f"{words}, share", "%", 1, f"Share of the attention on {thing}."),
        (f"{name}_area_ratio", f"{words}, over area", "x", 2, f"Share on {thing} over that of the area."),
    )


LOOKS = ("entity_share", "entity_per_area")
"""The two measures that looking at what is asked about needs, each above its chance."""
ABOVE_CHANCE = "entity_above_chance"
"""The first of them less its chance, which is tested as that."""
SURE = 0.05
_CHANCES = {
    "entity_share": "other scenes",
    "entity_per_area": "other objects",
    "pointing_game": "other scenes",
}
_MIDDLES = {ABOVE_CHANCE: 0.0}
_TOPS = {"entropy_of_uniform": 1.0, "cosine": 1.0}
_STAR = "*: above other scenes and above the other objects, p up to .05 for all cells at once."
FIGURES = {
    ABOVE_CHANCE: "grounding",
    "entropy": "entropy",
    "entropy_of_uniform": "entropy",
    "entity_share": "grounding",
    "entity_per_area": "grounding-within",
    "pointing_game": "pointing",
    "l1": "shift",
    "l2": "shift",
    "kl": "shift",
    "cosine": "shift",
}
"""The figures of `relcli figure` that show a measure, for those that have one."""
ROW_FIGURES = ("grounding", "entropy", "shift")
"""Those of them that take `--row`."""
ANSWER = "answer"
"""The query row of the answer."""
ANSWER_ONLY = ("pointing_game", "iou", "centre_distance", "sink_share")
"""Measures that are worked out for the answer's row alone."""
MEASURES = (
    *_measures(
        "layer_grounding",
        (
            ABOVE_CHANCE,
            "asked about, against chance",
            "points",
            1,
            "Share on what is asked about, less that of the same attention on what other scenes' questions "
            f"ask about. {_STAR}",
        ),
        ("entity_share", "asked about, share", "%", 1, f"Share on what is asked about. {_STAR}"),
        ("entity_per_area", "asked about, per area", "x", 2, f"Share per area on an object asked. {_STAR}"),
        (
            "entity_area_ratio",
            "asked about, over area",
            "x",
            2,
            "Share on what is asked about over its share of the area. 1 is an even map, not chance.",
        ),
        ("pointing_game", "strongest cell hits", "%", 1, "Strongest cells that touch what is asked about."),
        (
            "iou",
            "overlap with boxes",
            "",
            3,
            "Strongest cells with boxes asked about, intersection over union.",
        ),
        (
            "centre_distance",
            "distance of centres",
            "px",
            1,
            "From the attention's centre to what is asked about.",
        ),
        *_shares("distractor", "other objects", "the other objects"),
        *_shares("arrow", "arrow", "the arrow"),
        *_shares("masked_place", "masked place", "the place of what the masked picture lacks"),
        ("sink_share", "sinks, share", "%", 1, "Share on cells that soak it up whatever is asked."),
    ),
    *_measures(
        "layer_entropy",
        ("entropy", "entropy", "", 2, "How spread out the attention is, natural log; low is focused."),
        ("entropy_of_uniform", "entropy of even", "%", 1, "Entropy over that of an even spread."),
        ("image_mass", "on the picture", "%", 1, "Share of all attention that is on the picture."),
    ),
    *_measures(
        "layer_shift",
        ("l1", "l1", "", 4, "Mean difference of a cell's share, raw to masked."),
        ("l2", "l2", "", 3, "Distance between the two maps, raw to masked."),
        ("kl", "kl", "", 3, "KL divergence of masked from raw, natural log."),
        ("cosine", "cosine", "", 3, "Cosine similarity, raw and masked; 1 is the same."),
    ),
)
FAMILIES = {"layer_grounding": "grounding", "layer_entropy": "entropy", "layer_shift": "shift raw to masked"}
"""The reads, in the order of `MEASURES`, and what they are called."""
FILLED = ("layer_grounding", "layer_shift")
"""Those that fills make quick."""


def in_row_order(names: Collection[str]) -> list[str]:
    """Query rows in the order of QUERY_ROWS, others behind them."""
    return [*(each for each in QUERY_ROWS if each in names), *sorted(set(names) - set(QUERY_ROWS))]


@dataclass(frozen=True, slots=True)
class LayerFigure:
    """A mean over `n` answers. sd: over answers; low and high: 95% interval, clustered by scene; chance: what
    a map that knows nothing of the question gives (`Measure.chance` says by what); area: the share of the
    picture; p: corrected for all categories, layers and measures of the read: that the value is no more than
    chance, or, for a measure without one, that it is like the same answers' mean over layers. None where
    there is none of it."""

    n: int
    value: float
    sd: float | None
    low: float | None
    high: float | None
    chance: float | None
    area: float | None
    p: float | None


class LayerTable:
    """The rows of one read: by measure and variant (None for a shift), then by category and layer. p: by
    measure, variant, category and layer, as `layer_findings.corrected_p` gives them."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], p: Mapping[tuple[str, str | None, str | None, int], float]
    ) -> None:
        self._grids: dict[tuple[str, str | None], dict[Place, LayerFigure]] = {}
        for row in rows:
            grid = self._grids.setdefault((row["measure"], row["variant"]), {})
            grid[row["category"], row["layer"]] = LayerFigure(
                n=row["n"],
                value=row["value"],
                sd=row["sd"],
                low=row["low"],
                high=row["high"],
                chance=row["chance"],
                area=row["area"],
                p=p.get((_tested(row["measure"]), row["variant"], row["category"], row["layer"])),
            )
        places = {place for grid in self._grids.values() for place in grid}
        self.layers = sorted({layer for _, layer in places})
        known = {category for category, _ in places}
        others = sorted(category for category in known if category and category not in CATEGORIES)
        self.categories = [*(each for each in (*CATEGORIES, *others) if each in known), None]

    def __bool__(self) -> bool:
        return bool(self._grids)

    def has(self, measure: Measure) -> bool:
        return any(name == measure.name for name, _ in self._grids)

    def variants(self, measure: Measure) -> list[str]:
        """On which pictures there is this measure; none for a shift."""
        return [*in_order(variant for name, variant in self._grids if name == measure.name and variant)]

    def grid(self, measure: Measure, variant: str) -> dict[Place, LayerFigure]:
        return self._grids.get((measure.name, variant)) or self._grids.get((measure.name, None), {})

    def looks_p(self, variant: str, place: Place) -> float | None:
        """The p of looking at what is asked about: the larger of those above other scenes and above the other
        objects in the picture, since it needs both. None where either isn't known."""
        found = [self._grids.get((name, variant), {}).get(place) for name in LOOKS]
        known = [figure.p for figure in found if figure is not None and figure.p is not None]
        return max(known) if len(known) == len(LOOKS) else None

    def stands_out(self, measure: Measure, variant: str, place: Place) -> bool:
        """Whether the cell is a finding, beyond chance among all cells; what is asked about needs both
        chances."""
        figure = self.grid(measure, variant).get(place)
        if figure is None:
            return False
        p = self.looks_p(variant, place) if measure.name in (*LOOKS, ABOVE_CHANCE) else figure.p
        return p is not None and p <= SURE

    def ends(self, measure: Measure) -> tuple[float, float] | None:
        """Where the colours begin and end, the same for all pictures: at chance, or else at 0, and at the
        largest value there is or can be; around the middle where there is one."""
        figures = [
            figure
            for (name, _), grid in self._grids.items()
            if name == measure.name
            for figure in grid.values()
        ]
        if not figures:
            return None
        values = [figure.value for figure in figures]
        if measure.middle is not None:
            reach = max(abs(value - measure.middle) for value in values)
            return measure.middle - reach, measure.middle + reach
        chances = [figure.chance for figure in figures if figure.chance is not None]
        low = sum(chances) / len(chances) if chances else 0.0
        return min(low, max(values)), max(values) if measure.top is None else measure.top


def _tested(measure: str) -> str:
    """The measure whose test speaks of this one."""
    return "entity_share" if measure == ABOVE_CHANCE else measure
