"""Where single heads look: a layer x head map of a run, and the strongest heads of a question."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcli.results.question import QuestionKey


@dataclass(frozen=True, slots=True)
class Head:
    """One head of a category: its mean share on what is asked about, against chance.

    above: share less chance, with its 95% interval over scenes, None with too few of them. p_holm: one-sided,
    corrected for all heads and layers of the map. others: the share if the entities asked about got as much
    for their area as the others.
    """

    layer: int
    head: int
    n: int
    n_scenes: int
    share: float
    chance: float
    others: float | None
    above: float
    low: float | None
    high: float | None
    entropy: float
    p_holm: float | None


@dataclass(frozen=True, slots=True)
class HeadMap:
    """All heads of one query row, by layer; rows of the map may be of different lengths."""

    category: str
    variant: str
    query_row: str
    layers: list[list[Head]]

    @property
    def best(self) -> Head:
        """The head furthest above chance, chosen by that: for a fair measure see the view head_best."""
        return max((head for layer in self.layers for head in layer), key=lambda head: head.above)

    @property
    def largest(self) -> float:
        """How far the furthest one lies from chance, for a scale of colours."""
        return max(abs(head.above) for layer in self.layers for head in layer)


@dataclass(frozen=True, slots=True)
class QuestionHead:
    """One head of one answer. shares: of its attention on the picture, by region; None for regions that the
    picture lacks."""

    query_row: str
    layer: int
    head: int
    shares: dict[str, float | None]
    chance: float | None
    image_mass: float


def head_choices(database: Path, run: str) -> list[tuple[str, str, str]]:
    """(category, variant, query row) of all maps of a run, each category's best row first; none without
    heads."""
    from relcli.warehouse.reads import read

    found = read(database, "head_rows", run=run).as_dicts()
    return [(row["category"], row["variant"], row["query_row"]) for row in found]


def read_head_map(
    database: Path, run: str, category: str, variant: str, query_row: str
) -> HeadMap | None:
    """None where there is nothing of the kind."""
    from relcli.warehouse.reads import read

    layers: dict[int, list[Head]] = {}
    found = read(
        database, "head_map", run=run, category=category, variant=variant, query_row=query_row
    ).as_dicts()
    for row in found:
        head = Head(
            above=row["above_chance"],
            low=row["ci_low"],
            high=row["ci_high"],
            **{name: row[name] for name in _AS_THEY_ARE},
        )
        layers.setdefault(head.layer, []).append(head)
    if not layers:
        return None
    return HeadMap(category, variant, query_row, [layers.get(at, []) for at in range(max(layers) + 1)])


def strongest_heads(
    database: Path, run: str, key: QuestionKey, variant: str, n: int = 5
) -> list[QuestionHead]:
    """The heads of one answer that look most at what is asked about; none where that isn't in the picture."""
    from relcli.warehouse.reads import read

    place: dict[str, Any] = {"run": run, "scene_id": key[0], "question_index": key[1], "variant": variant}
    return [
        QuestionHead(
            row["query_row"],
            row["layer"],
            row["head"],
            {"target": row["share"], **{name: row[name] for name in _REGIONS}},
            row["chance"],
            row["image_mass"],
        )
        for row in read(database, "question_heads", **place, n=n).as_dicts()
    ]


_AS_THEY_ARE = ("layer", "head", "n", "n_scenes", "share", "chance", "others", "entropy", "p_holm")
_REGIONS = ("distractor", "arrow", "removed", "sink", "rest")
