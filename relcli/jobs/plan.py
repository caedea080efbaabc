"""Which question is asked on which picture: the work of a run, and what of it is left."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from relcli.errors import UsageError
from relcli.jobs.categories import refuse_unknown_categories
from relcli.jobs.request import RunRequest
from relcli.scenes.items import Dataset, DatasetItem
from relcli.scenes.presentations import PresentedQuestion, presentations
from relcli.scenes.questions import Question
from relcli.scenes.vocabulary import (
    BLANK,
    MASKED,
    QUESTION_SETS,
    RAW,
    TWINS,
    asked_categories,
    categories_in_order,
    in_order,
)
from relcli.warehouse.batch import Key


@dataclass(frozen=True, slots=True)
class Task:
    """One picture and the questions to ask about it, each way they are put apart."""

    item: DatasetItem
    variant: str
    questions: tuple[Question, ...]

    def key(self, question: Question) -> Key:
        return Key(self.item.scene_id, question.question_index, self.variant, question.presentation)

    def truth(self, question: Question) -> str:
        """The right answer here; a blank picture is graded against the raw one's."""
        return question.truth_on(self.variant) or ""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """All tasks of a run, scene by scene, the variants of each together (they share a pass)."""

    question_set: str
    scene_ids: tuple[int, ...] | None
    tasks: tuple[Task, ...]

    @property
    def n_planned(self) -> int:
        return sum(len(task.questions) for task in self.tasks)

    @property
    def categories(self) -> tuple[str, ...]:
        """What is asked about, in the order of the categories."""
        return categories_in_order(q.category for task in self.tasks for q in task.questions)

    @property
    def question_version(self) -> str:
        """A short hash over the questions and their right answers: equal where two runs asked the same."""
        digest = hashlib.sha256()
        for task in self.tasks:
            for q in task.questions:
                digest.update(repr((task.key(q)[:3], q.text, task.truth(q))).encode())
        return digest.hexdigest()[:16]

    @property
    def presented(self) -> Iterator[PresentedQuestion]:
        """The questions that are put in another way than the plain one, each once."""
        seen: set[Key] = set()
        for task in self.tasks:
            for q in task.questions:
                key = task.key(q)._replace(variant="")
                if isinstance(q, PresentedQuestion) and key not in seen:
                    seen.add(key)
                    yield q

    def without(self, done: Collection[Key]) -> "RunPlan":
        """What is left to ask."""
        left = []
        for task in self.tasks:
            questions = tuple(q for q in task.questions if task.key(q) not in done)
            if questions:
                left.append(Task(task.item, task.variant, questions))
        return RunPlan(self.question_set, self.scene_ids, tuple(left))

    def share(self, rank: int, world_size: int) -> "RunPlan":
        """The scenes of one of several processes: every world_size-th, so that ranks stay about equally
        long."""
        scenes = sorted({task.item.scene_id for task in self.tasks})
        mine = set(scenes[rank::world_size])
        return RunPlan(
            self.question_set, self.scene_ids, tuple(t for t in self.tasks if t.item.scene_id in mine)
        )


def make_plan(dataset: Dataset, request: RunRequest) -> RunPlan:
    """Raises UsageError when the data has no such question set, variant, scene, or question."""
    question_set = choose_set(dataset, request.questions)
    _refuse_unknown_variants(dataset, request.variants)
    held = {q.category for item in dataset.items for q in item.questions if q.question_set == question_set}
    refuse_unknown_categories(request.categories, held)
    items, scene_ids = _scenes(dataset, request)
    tasks = tuple(_tasks(items, question_set, request))
    if not tasks:
        raise UsageError(
            f"The data set {dataset.name} has nothing to ask for --category {', '.join(request.categories)} "
            f"with --variants {','.join(request.variants)}; it has {_holdings(items, question_set)}."
        )
    return RunPlan(question_set, scene_ids, tasks)


def choose_set(dataset: Dataset, asked: str | None) -> str:
    held = list(dataset.question_sets)
    if asked is not None:
        if asked not in (*QUESTION_SETS, *held):
            raise UsageError(
                f"There is no question set {asked!r:.60}; --questions takes "
                f"{' or '.join(held or QUESTION_SETS)}."
            )
        if asked not in held:
            raise UsageError(
                f"The data set {dataset.name} has no {asked} questions, only {', '.join(held) or 'none'}; "
                f"omit --questions, or make a set with relcli generate --questions {asked}."
            )
        return asked
    if not held:
        raise UsageError(f"The data set {dataset.name} holds no questions: it needs a queries.json.")
    return "seed" if "seed" in held else held[0]


def _refuse_unknown_variants(dataset: Dataset, variants: Sequence[str]) -> None:
    """`masked` is let pass: a data set without twins is asked on the raw pictures alone."""
    held = dataset.variants
    unknown = [name for name in variants if name not in (*held, MASKED)]
    if unknown:
        missing = unknown[0]
        kind = next((kind for kind, name in TWINS.items() if name == missing), None)
        advice = f"make them with relcli generate --twins {kind}" if kind else "choose one of these"
        raise UsageError(
            f"The data set {dataset.name} has no {missing} pictures, only {', '.join(held)}; {advice}."
        )


def _scenes(dataset: Dataset, request: RunRequest) -> tuple[list[DatasetItem], tuple[int, ...] | None]:
    items = sorted(dataset.items, key=lambda item: item.scene_id)
    if request.sample_index is not None:
        chosen = [item for item in items if item.scene_id == request.sample_index]
        if not chosen:
            raise UsageError(
                f"The data set {dataset.name} has no scene {request.sample_index}; its {len(items)} scenes "
                f"are numbered {items[0].scene_id} to {items[-1].scene_id}."
            )
        return chosen, (request.sample_index,)
    if request.max_samples is not None and request.max_samples < len(items):
        items = items[: request.max_samples]
        return items, tuple(item.scene_id for item in items)
    return items, None


def _tasks(
    items: Sequence[DatasetItem], question_set: str, request: RunRequest
) -> Iterator[Task]:
    categories = asked_categories(request.categories, {q.category for item in items for q in item.questions})
    for item in items:
        of_set = [q for q in item.questions if q.question_set == question_set]
        plain = [q for q in of_set if q.category in categories]
        asked = [each for q in plain for each in (q, *presentations(q, request.orders, request.wordings))]
        for variant in in_order(request.variants):
            if variant not in (RAW, BLANK) and item.variant(variant) is None:
                continue
            fitting = tuple(q for q in asked if q.truth_on(variant) is not None)
            if fitting:
                yield Task(item, variant, fitting)


def _holdings(items: Sequence[DatasetItem], question_set: str) -> str:
    count = Counter(q.category for item in items for q in item.questions if q.question_set == question_set)
    return ", ".join(f"{n} {category}" for category, n in count.items()) or "no questions"
