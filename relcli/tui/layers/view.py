"""How the figures by layer are looked at."""

from dataclasses import dataclass

from relcli.results.layers import ANSWER, ANSWER_ONLY, LayerTable, Measure

BOTH = "raw to masked"


@dataclass(frozen=True, slots=True)
class MapView:
    """variant: which pictures, for measures of one; row: whose attention, of the `rows` that were kept; each:
    every category has a scale of its own."""

    measure: Measure
    variant: str
    row: str = ANSWER
    rows: tuple[str, ...] = (ANSWER,)
    each: bool = False

    @property
    def pictures(self) -> str:
        """Which pictures the measure is of."""
        return BOTH if self.measure.of_pairs else self.variant

    def why_nothing(self, figures: LayerTable) -> str:
        """Why there are no figures of the measure; "" where there are."""
        if figures.has(self.measure):
            return ""
        if self.row != ANSWER and self.measure.name in ANSWER_ONLY:
            return "Nothing here: this is worked out for the answer's row alone."
        return "Nothing here: no question of this run has any of it."
