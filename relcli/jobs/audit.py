"""How good a data set's questions are: what is wrong with them, and what they tell a reader without the
picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relcli.analysis.text_only import TextOnly
from relcli.errors import UsageError
from relcli.jobs.categories import choose_categories
from relcli.jobs.plan import choose_set
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import Source, open_source
from relcli.jobs.words_alone import keep_words_alone, read_words
from relcli.options.audit import AuditOptions
from relcli.options.reading import Request, validated
from relcli.progress import Progress
from relcli.scenes.flaws import AMBIGUOUS, FLAWS, LEAKS
from relcli.scenes.questions import Question
from relcli.scenes.vocabulary import MASKED, RAW
from relcli.warehouse.datasets import find_dataset
from relcli.warehouse.reads import read
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run


@validated(frozen=True)
class AuditRequest(Request, AuditOptions):
    """The options of `relcli audit`, validated.

    run: takes that run's data set, question set and blank answers; without it the latest run with blank
    answers on the data set serves.
    """


@dataclass(frozen=True, slots=True)
class Blank:
    """What a run scores on the blank picture, graded against the raw answers; with a Wilson 95% interval."""

    n: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CategoryAudit:
    """One category's questions. `flaws`: share of questions with each flaw; `ambiguous` and `leaking`: share
    with any flaw that leaves several right answers, or that gives the answer away. `by_variant`: the reader
    of the words alone for the truth on each variant, None below ten scenes; `text_only`, `text_only_masked`:
    that of the raw pictures and of the masked twins. `blank` is None without such a run."""

    category: str
    n: int
    n_scenes: int
    flaws: dict[str, float]
    ambiguous: float
    leaking: float
    by_variant: dict[str, TextOnly | None]
    blank: Blank | None

    @property
    def text_only(self) -> TextOnly | None:
        return self.by_variant.get(RAW)

    @property
    def text_only_masked(self) -> TextOnly | None:
        return self.by_variant.get(MASKED)


@dataclass(frozen=True, slots=True)
class Audit:
    """`from_text_alone`: the scenes are unknown, so flaws that only geometry shows were not looked for."""

    dataset: str
    question_set: str
    from_text_alone: bool
    blank_run: str | None
    categories: list[CategoryAudit]


def audit(database: Path, request: AuditRequest, progress: Progress, *, keep: bool = False) -> Audit:
    """Audit one question set of a data set: `bundled`, a folder, or one the warehouse knows.

    `keep` puts what the words alone score into the warehouse, if that has the data set. Raises UsageError for
    what isn't there.
    """
    dataset, questions, run = request.dataset, request.questions, request.run
    if run is not None:
        record = get_run(database, run)
        if record is None:
            raise unknown_run(database, run)
        if "dataset" in request.given and dataset != record.dataset:
            raise UsageError(
                f"The run {run} is of the data set {record.dataset}: leave --dataset {dataset} or --run away."
            )
        dataset, questions = record.dataset, questions or record.question_set
    source = open_source(database, RunRequest(dataset=dataset), progress)
    question_set = choose_set(source.dataset, questions)
    asked: dict[str, list[Question]] = defaultdict(list)
    for item in source.dataset.items:
        for question in item.questions:
            if question.question_set == question_set:
                asked[question.category].append(question)
    found = choose_categories(request.categories, asked)
    if not found:
        raise UsageError(f"The data set {source.name} has no {question_set} questions of these categories.")
    registered = _name_in(database, source)
    blank_run, blanks = _blank(database, registered, question_set, run)
    progress.start(len(found), "categories", "Reading the questions without the pictures")
    audited = []
    for name in found:
        audited.append(_category(name, asked[name], blanks.get(name)))
        progress.advance()
    if keep and registered is not None:
        by_variant = {each.category: each.by_variant for each in audited}
        keep_words_alone(database, registered, question_set, by_variant, progress)
    progress.finish({"dataset": source.name, "categories": len(audited)})
    return Audit(source.name, question_set, not source.dataset.has_annotations, blank_run, audited)


def _category(name: str, questions: Sequence[Question], blank: Blank | None) -> CategoryAudit:
    def share(flaws: Sequence[str]) -> float:
        return sum(any(flaw in flaws for flaw in question.flaws) for question in questions) / len(questions)

    return CategoryAudit(
        category=name,
        n=len(questions),
        n_scenes=len({question.scene_id for question in questions}),
        flaws={flaw: share([flaw]) for flaw in FLAWS},
        ambiguous=share(AMBIGUOUS),
        leaking=share(LEAKS),
        by_variant=read_words({name: list(questions)})[name],
        blank=blank,
    )


def _name_in(database: Path, source: Source) -> str | None:
    """The data set's name in the warehouse, if it is there; a folder may be registered under another one."""
    if source.registered:
        return source.name
    return find_dataset(database, source.dataset, source.name) if database.exists() else None


def _blank(
    database: Path, name: str | None, question_set: str, run: str | None
) -> tuple[str | None, dict[str, Blank]]:
    if name is None:
        return None, {}
    rows = read(database, "blank_answers", run=run, dataset=name, question_set=question_set).as_dicts()
    blanks = {
        row["category"]: Blank(row["n"], row["accuracy"], row["ci_low"], row["ci_high"]) for row in rows
    }
    return (rows[0]["run"] if rows else None), blanks
