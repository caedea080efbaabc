"""Where what each question of a run is about stands, known before the model is asked; and its sinks.

Heads and tokens keep shares on these regions instead of maps.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from relcli.jobs.plan import RunPlan, Task
from relcli.models.items import AttentionSummary, PictureRegions
from relcli.scenes.question_places import Places, places_of
from relcli.scenes.questions import Question
from relcli.token_layout import TokenLayout, tokens_in

CALIBRATED = 32
"""Questions that a run's sinks are found over before it begins."""
_TIMES_UNIFORM = 5
"""A sink takes over so many times the uniform share, as in the view attention_sink."""

Floats = NDArray[np.float64]
_Kind = tuple[str, str, bool, str]
"""What chance compares alike with alike by: category, variant, whether the truth is None, layout."""


@dataclass(slots=True)
class _Sum:
    total: Any = 0.0
    n: int = 0

    def add(self, cover: NDArray[np.float32]) -> None:
        """total becomes float64 [tokens] with the first."""
        self.total = self.total + cover.astype(np.float64)
        self.n += 1


@dataclass
class RunRegions:
    """The regions of a run's questions.

    plan: the whole run, whatever is left of it: chance is over all its scenes. layout_of: where a picture's
    image tokens stand. sinks: bool [layers, tokens] by the name of a layout.
    """

    plan: RunPlan
    layout_of: Callable[[Task], TokenLayout]
    sinks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kinds: dict[_Kind, _Sum] = {}
        self._scenes: dict[tuple[_Kind, int], _Sum] = {}
        self._laid_out: dict[tuple[int, str], Places | None] = {}
        for task in self.plan.tasks:
            places = self._places(task)
            if places is None:
                continue
            for question in task.questions:
                target = places.of_question(question).get("target")
                if target is not None and target.any():
                    kind = self._kind(task, question)
                    self._kinds.setdefault(kind, _Sum()).add(target)
                    self._scenes.setdefault((kind, task.item.scene_id), _Sum()).add(target)

    def of_task(self, task: Task) -> list[PictureRegions | None]:
        """Of each question of a task; None where nothing is known."""
        places, sinks = self._places(task), self.sinks.get(self.layout_of(task).name)
        if places is None:
            return [None] * len(task.questions)
        found: list[PictureRegions | None] = []
        for question in task.questions:
            covers = places.of_question(question)
            chance = self._chance(task, question)
            if chance is not None:
                covers["chance"] = chance
            found.append(PictureRegions(covers, places.placed, sinks))
        return found

    def _places(self, task: Task) -> Places | None:
        key = (task.item.scene_id, task.variant)
        if key not in self._laid_out:
            self._laid_out[key] = places_of(task.item, task.variant, self.layout_of(task))
        return self._laid_out[key]

    def _kind(self, task: Task, question: Question) -> _Kind:
        return question.category, task.variant, task.truth(question) == "None", self.layout_of(task).name

    def _chance(self, task: Task, question: Question) -> NDArray[np.float32] | None:
        """The mean coverage of what other scenes' questions of this kind ask about; None without any. As
        relcli.analysis.looking.elsewhere."""
        kind = self._kind(task, question)
        every, own = self._kinds.get(kind), self._scenes.get((kind, task.item.scene_id), _Sum())
        if every is None or every.n == own.n:
            return None
        return np.asarray((every.total - own.total) / (every.n - own.n), dtype=np.float32)


def spread_out(plan: RunPlan, n: int) -> list[Task]:
    """Tasks with about n questions in all, evenly over the plan, whatever its order."""
    pairs = [(task, question) for task in plan.tasks for question in task.questions]
    places = sorted({at * len(pairs) // n for at in range(n)}) if len(pairs) > n else range(len(pairs))
    chosen = [pairs[at] for at in places]
    return [Task(task.item, task.variant, (question,)) for task, question in chosen]


def find_sinks(summaries: Sequence[AttentionSummary]) -> dict[str, NDArray[np.bool_]]:
    """bool [layers, tokens] by layout: tokens with over five times the uniform share in the mean over all
    answers, each normalised to sum 1."""
    found: dict[str, list[Floats]] = {}
    for summary in summaries:
        weights = np.asarray(summary.mean_heads, dtype=np.float64)
        total = weights.sum(-1, keepdims=True)
        shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        found.setdefault(summary.layout.name, []).append(shares)
    return {
        name: np.mean(shares, axis=0) * shares[0].shape[1] > _TIMES_UNIFORM for name, shares in found.items()
    }


def layouts_by_size(
    first: TokenLayout,
    tell: Callable[[Image.Image], TokenLayout | None],
    open_picture: Callable[[Task], Image.Image],
) -> Callable[[Task], TokenLayout]:
    """Where a task's image tokens stand: pictures of one size have one layout.

    tell: asks the model. first: of the picture that it has been asked about already.
    """
    known: dict[tuple[int, int], TokenLayout] = {}

    def layout(task: Task) -> TokenLayout:
        size = task.item.size_of(task.variant)
        if not known:
            known[size] = first
        if size not in known:
            known[size] = tell(open_picture(task)) or TokenLayout.unplaced(first.n_tokens)
        return known[size]

    return layout


def sinks_of(rows: Iterable[tuple[str, int, list[int]]]) -> dict[str, NDArray[np.bool_]]:
    """The inverse of `sink_rows`, whose layers come in order."""
    found: dict[str, list[NDArray[np.bool_]]] = {}
    for name, _, cells in rows:
        is_sink = np.zeros(tokens_in(name), dtype=np.bool_)
        is_sink[cells] = True
        found.setdefault(name, []).append(is_sink)
    return {name: np.stack(layers) for name, layers in found.items()}


def sink_rows(sinks: Mapping[str, NDArray[np.bool_]]) -> Iterator[tuple[str, int, list[int]]]:
    """Layout, layer and the numbers of its sinks."""
    for name, by_layer in sinks.items():
        for layer, is_sink in enumerate(by_layer):
            yield name, layer, np.flatnonzero(is_sink).tolist()
