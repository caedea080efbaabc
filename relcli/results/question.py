"""One question of a run with everything about it: pictures, answers, attention, and what lies under it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from relcli.analysis.grounding import Coverage
from relcli.drawing.boxes import Box
from relcli.results.attention_maps import AttentionMaps
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import LETTERS, in_order

QuestionKey = tuple[int, int]
"""(scene_id, question_index)"""


@dataclass(slots=True)
class VariantAnswer:
    """What was answered on one picture. probabilities: of each option's letter, then of None. answer_step:
    the step of the reply that yields what it chooses, None where that isn't known."""

    answer: str | None
    choice: str | None
    correct: bool | None
    truth: str
    probabilities: list[float]
    n_steps: int | None = None
    full_path: str | None = None
    answer_step: int | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """What other scenes' questions of the same kind give: the share of the attention on what they ask about,
    and the share of them that ask about the strongest cell. None where that isn't known."""

    share: float | None
    pointing: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The run compared with, and its answers to the same question by variant; none where it wasn't asked."""

    run: str
    answers: dict[str, VariantAnswer]


@dataclass(slots=True)
class QuestionView:
    """A question with everything about it. `run` is None for a question somebody typed.

    twin: what differs in the masked picture. frames: the objects asked about, in pixels, by variant.
    sinks: by variant and layer, the share of the attention on cells that soak it up whatever is asked.
    chances: by variant, vector and layer, as far as the run's fills are kept.
    scenes: by variant, what its picture shows, where that is known; asked: ids of the objects asked about.
    marked, note: what a person said of it (`relcli.warehouse.marks`).
    """

    run: str | None
    scene_id: int
    question_index: int
    category: str
    stem: str
    text: str
    options: list[str]
    flaws: list[str] = field(default_factory=list)
    answers: dict[str, VariantAnswer] = field(default_factory=dict)
    pictures: dict[str, bytes | None] = field(default_factory=dict)
    twin: str = ""
    maps: dict[str, AttentionMaps] = field(default_factory=dict)
    frames: dict[str, list[Box]] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    sinks: dict[tuple[str, int], float] = field(default_factory=dict)
    chances: dict[tuple[str, str, int], Chance] = field(default_factory=dict)
    compared: Compared | None = None
    scenes: dict[str, Scene] = field(default_factory=dict)
    asked: tuple[int, ...] = ()
    marked: bool = False
    note: str | None = None

    @property
    def key(self) -> QuestionKey:
        return self.scene_id, self.question_index

    @property
    def sentence(self) -> str:
        """The stem with its question mark, or as it is where it ends with another mark."""
        stem = self.stem.rstrip()
        return stem if stem.endswith((".", "!", "?", ":", "\u2026")) else f"{stem}?"

    @property
    def variants(self) -> list[str]:
        return [*in_order(self.answers)]

    def chance(self, variant: str, vector: str, layer: int | None) -> Chance | None:
        """What other scenes' questions give on a map of `maps`, of a layer or (None) the mean of all."""
        maps = self.maps.get(variant)
        if maps is None or maps.whose:
            return None
        if layer is not None:
            return self.chances.get((variant, vector, layer))
        shares, total = 0.0, 0.0
        for each in range(len(maps.layers)):
            known, weight = self.chances.get((variant, vector, each)), sum(maps.weights(each, vector))
            if not weight:  # a layer without attention, which the mean of all leaves out too
                continue
            if known is None or known.share is None:
                return None
            shares, total = shares + weight * known.share, total + weight
        return Chance(shares / total, None) if total > 0 else None

    @property
    def lettered(self) -> list[tuple[str, str]]:
        """(letter, text) of each option, and of None."""
        return [*zip(LETTERS, self.options, strict=False), ("none", "None")]


def own_question_view(
    about: QuestionView,
    variant: str,
    question: str,
    prompt: str,
    options: Sequence[str],
    answer: VariantAnswer,
    maps: AttentionMaps | None,
) -> QuestionView:
    """A question that somebody typed about a picture of `about`, and its answer. prompt: the text as sent,
    with `options` in it."""
    return QuestionView(
        run=None,
        scene_id=about.scene_id,
        question_index=-1,
        category="your own question",
        stem=question,
        text=prompt,
        options=list(options),
        pictures=about.pictures,
        twin=about.twin,
        scenes=about.scenes,
        answers={variant: answer},
        maps={} if maps is None else {variant: maps},
    )
