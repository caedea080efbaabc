"""What each layer of one answer would say: the options by layer."""

from dataclasses import dataclass
from math import exp
from pathlib import Path

from relcli.results.question import QuestionKey


@dataclass(frozen=True, slots=True)
class LensStrip:
    """letters: of the options, the last one `none`. logprobs: of each layer, a number a letter. right,
    chosen: letters, None where there is none."""

    letters: list[str]
    logprobs: list[list[float]]
    right: str | None
    chosen: str | None

    @property
    def n_layers(self) -> int:
        return len(self.logprobs)

    def first(self, layer: int) -> str:
        """The likeliest option."""
        of_layer = self.logprobs[layer]
        return self.letters[of_layer.index(max(of_layer))]

    @property
    def right_from(self) -> int | None:
        """The layer from which on the right option is first in all; None if it isn't in the last."""
        layer = self.n_layers
        while layer and self.first(layer - 1) == self.right:
            layer -= 1
        return layer if layer < self.n_layers else None

    def shares(self, layer: int) -> dict[str, float]:
        """Of each option, its probability among the options; the likeliest first."""
        of_layer = self.logprobs[layer]
        top = max(of_layer)
        weights = [exp(value - top) for value in of_layer]
        found = {letter: weight / sum(weights) for letter, weight in zip(self.letters, weights, strict=True)}
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def read_lens_strip(database: Path, run: str, key: QuestionKey, variant: str) -> LensStrip | None:
    """None where the run keeps nothing of the kind (relcli run --hidden answer)."""
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1], "variant": variant}
    rows = read(database, "lens_strip", **place).as_dicts()
    if not rows:
        return None
    letters = list(dict.fromkeys(row["letter"] for row in rows))
    logprobs: dict[int, list[float]] = {}
    for row in rows:
        logprobs.setdefault(row["layer"], []).append(row["logprob"])
    right, chosen = (
        next((row["letter"] for row in rows if row[name]), None) for name in ("is_right", "is_chosen")
    )
    return LensStrip(letters, [logprobs[layer] for layer in sorted(logprobs)], right, chosen)
