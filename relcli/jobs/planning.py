"""Before a run: how many scenes a difference takes, and what a run will cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from relcli.analysis.power import power, scenes_needed
from relcli.analysis.statistics import ALPHA
from relcli.errors import UsageError
from relcli.jobs.capture_cost import ModelShape, bytes_an_answer
from relcli.jobs.categories import choose_categories
from relcli.jobs.plan import choose_set, make_plan
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import open_source
from relcli.options.plan import GUESSED_BACKGROUND, PlanOptions
from relcli.options.reading import Request, validated
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.warehouse.reads import read
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run


@validated(frozen=True)
class PlanRequest(Request, PlanOptions):
    """The options of `relcli plan`, validated.

    comparisons: None corrects for the categories named. like: a run whose answers say how much changes by
    itself and whether questions of a scene change together; without one all of a scene's are taken to, which
    is the worst case, and `background` is given or guessed.
    """

    @property
    def of_run(self) -> RunRequest:
        """The questions that are counted."""
        return RunRequest(dataset=self.dataset, questions=self.questions, categories=self.categories)


@dataclass(frozen=True, slots=True)
class Need:
    """What it takes to find a drop in one category.

    `scenes`: scenes to generate, of which `asked` have a question of the category; both None if not even
    power.MOST_SCENES would do. `level`: what p has to be at or below, after Holm's correction at worst.
    `background`: share of scenes that change each way besides; `source`: the run it is from, or `guess`.
    """

    category: str
    drop: float
    power: float | None
    level: float
    scenes: int | None
    asked: int | None
    questions: int | None
    background: float
    source: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run will be: answers by category and variant, and what they take.

    `bytes` and `seconds` are estimates; `bytes_from` and `seconds_from` say what of. `seconds` is None where
    nothing is known of the model's speed.
    """

    dataset: str
    question_set: str
    answers: dict[str, dict[str, int]]
    bytes: int
    bytes_from: str
    seconds: float | None
    seconds_from: str

    @property
    def n_answers(self) -> int:
        return sum(sum(by_variant.values()) for by_variant in self.answers.values())


def plan_scenes(database: Path, request: PlanRequest, progress: Progress) -> list[Need]:
    """The scenes that the sign-flip test needs to find the drop in each category of the request with the
    power wanted, corrected for several categories.

    How many scenes have a question of a category is counted in the request's data set. Raises UsageError for
    a run or category that isn't there.
    """
    drop, background, like = request.drop, request.background, request.like
    dataset = open_source(database, request.of_run, progress).dataset
    counts = _counts(dataset, choose_set(dataset, request.questions))
    categories = choose_categories(request.categories, counts)
    if not categories:
        raise UsageError(f"The data set {dataset.name} has no question of {', '.join(request.categories)}.")
    seen = _seen(database, like, categories) if like else {}
    level = ALPHA / (request.comparisons or len(categories))
    needs = []
    for category in categories:
        each_way, worth = seen.get(category, (GUESSED_BACKGROUND, 1.0))
        each_way = each_way if background is None else background
        source = "given" if background is not None else like or "guess"
        share = drop / worth  # of the scenes, to make the drop over questions
        asked = scenes_needed(share, each_way, level, request.power) if share + 2 * each_way <= 1 else None
        with_question, n = counts[category]
        scenes = None if asked is None else -(-asked * len(dataset.items) // with_question)
        questions = None if asked is None else round(asked * n / with_question)
        reached = None if asked is None else power(asked, share, each_way, level)
        needs.append(Need(category, drop, reached, level, scenes, asked, questions, each_way, source))
    return needs


def _counts(dataset: Dataset, question_set: str) -> dict[str, tuple[int, int]]:
    """By category, the scenes with a question of it, and the questions."""
    found: dict[str, tuple[int, int]] = {}
    for item in dataset.items:
        names = [q.category for q in item.questions if q.question_set == question_set]
        for name in set(names):
            scenes, questions = found.get(name, (0, 0))
            found[name] = scenes + 1, questions + names.count(name)
    return found


def _seen(database: Path, run: str, categories: Sequence[str]) -> dict[str, tuple[float, float]]:
    rows = read(database, "background_changes", run=run).as_dicts() if database.exists() else []
    seen = {row["category"]: (row["background"], row["worth"]) for row in rows}
    if not seen and get_run(database, run) is None:
        raise unknown_run(database, run)
    missing = [name for name in categories if name not in seen]
    if missing:
        raise UsageError(
            f"The run {run} has no raw and masked answers of {', '.join(missing)} in {database}; name "
            "another run (relcli runs list shows them), other categories, or --background."
        )
    return seen


def cost(database: Path, request: RunRequest, progress: Progress) -> Cost:
    """What `relcli run` with this request would ask, keep and take. Loads no model and writes nothing.

    Raises UsageError as the run itself would for data that isn't there.
    """
    source = open_source(database, request, progress)
    plan = make_plan(source.dataset, request)
    answers: dict[str, dict[str, int]] = {}
    for task in plan.tasks:
        for question in task.questions:
            by_variant = answers.setdefault(question.category, {})
            by_variant[task.variant] = by_variant.get(task.variant, 0) + 1
    known = read(database, "throughput", model=request.model).as_dicts() if database.exists() else []
    timed = next((row for row in known if row["answers_per_second"]), None)
    shaped = next((row for row in known if row["layers"]), None)
    shape = ModelShape.of_folder(request.model)
    if shaped:
        shape = replace(shape, layers=shaped["layers"], cells=shaped["cells"])
    each = bytes_an_answer(request.attention, request.rows, shape, request.hidden)
    size = plan.n_planned * sum(each.values()) + (0 if source.registered else _pictures(source.dataset))
    bytes_from = f"{shape.layers} layers of {shape.cells} cells"
    bytes_from = f"{bytes_from}, as in the run {shaped['run']}" if shaped else f"a guess: {bytes_from}"
    if request.attention == ("none",):
        bytes_from = "answers without attention"
    else:
        bytes_from += f"; {', '.join(request.attention)} of rows {', '.join(request.rows)}"
    if request.hidden:
        bytes_from += f"; hidden states of {', '.join(request.hidden)}, {shape.width} numbers a layer"
    return Cost(
        dataset=source.name,
        question_set=plan.question_set,
        answers=answers,
        bytes=round(size),
        bytes_from=bytes_from,
        seconds=plan.n_planned / timed["answers_per_second"] if timed else None,
        seconds_from=f"{timed['answers_per_second']:.3g} answers a second in the run {timed['run']}"
        f" on {timed['device'] or 'an unknown device'}, loading not counted"
        if timed
        else f"nothing is known: {request.model} has answered nothing here; try --max-samples 20 first",
    )


def _pictures(dataset: Dataset, looked_at: int = 20) -> float:
    """Bytes of all pictures, from the first few; twins count as much."""
    sizes = [len(item.image.png()) for item in islice(dataset.items, looked_at) if item.image.known]
    n = sum(1 + len(item.variants) for item in dataset.items)
    return n * sum(sizes) / len(sizes) if sizes else 0.0
