"""Two runs, or two variants of one, on the same questions: differences per category with their tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from relcli.analysis.statistics import SceneDifferences, bootstrap_interval
from relcli.errors import UsageError
from relcli.jobs.categories import choose_categories
from relcli.scenes.vocabulary import CATEGORIES
from relcli.warehouse.reads import read
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run

Pair = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison is: a run's answers on one variant of the pictures."""

    run: str
    variant: str


@dataclass(frozen=True, slots=True)
class CategoryDifference:
    """One category. `difference` is B less A; `lost` were right in A only, `gained` in B only.

    Scenes are the units, questions of a scene may agree (sql/reads/paired_differences.sql).
    `n_scenes_changed`: scenes with more right answers in one than in the other. `accuracy_*_clean`: over the
    questions with one right answer; None without any. `low`, `high`: 95% interval; None where a bootstrap was
    asked for and nothing varies. `p`: sign-flip test; `p_holm`: the same, adjusted for all categories both
    sides have, whichever are shown. `detectable`: a true difference that this test finds after the adjustment
    in at least 4 of 5 tries, an upper bound where nothing changed, None where no difference would be.
    `mcnemar_p`, `mcnemar_p_holm`: the exact McNemar test, which takes questions of a scene as independent.
    """

    category: str
    n: int
    n_scenes: int
    n_scenes_changed: int
    accuracy_a: float
    accuracy_b: float
    accuracy_a_clean: float | None
    accuracy_b_clean: float | None
    difference: float
    low: float | None
    high: float | None
    lost: int
    gained: int
    p: float
    p_holm: float
    detectable: float | None
    mcnemar_p: float
    mcnemar_p_holm: float


def paired_answers(database: Path, a: Side, b: Side, categories: Sequence[str] = CATEGORIES) -> list[Pair]:
    """The questions both sides answered, in order: category, scene_id, question_index, question and, for
    either side, truth, answer and correct.

    Raises UsageError for a run that isn't there, two sides that are one, and sides without a common question.
    """
    runs = _both(database, a, b)
    pairs = read(
        database,
        "paired_answers",
        run_a=a.run,
        variant_a=a.variant,
        run_b=b.run,
        variant_b=b.variant,
    ).as_dicts()
    wanted = choose_categories(categories, {pair["category"] for pair in pairs})
    pairs = [pair for pair in pairs if pair["category"] in wanted]
    if not pairs:
        _refuse_unasked(database, a, b)
        raise UsageError(
            f"{_named(a, runs)} and {_named(b, runs)} have no graded question in common: compare runs of the "
            "same data set, question set and variant."
        )
    return pairs


def differences(
    database: Path,
    a: Side,
    b: Side,
    categories: Sequence[str] = CATEGORIES,
    *,
    samples: int | None = None,
    seed: int = 0,
) -> list[CategoryDifference]:
    """Per category the difference with its interval and tests, in the project's order of categories.

    With `samples` the interval is by bootstrap over scenes. The correction for several categories is for all
    that both sides have, not for those chosen here. Raises UsageError as `paired_answers` does.
    """
    pairs = paired_answers(database, a, b, categories)
    wanted = {pair["category"] for pair in pairs}
    rows = read(
        database,
        "paired_differences",
        run_a=a.run,
        variant_a=a.variant,
        run_b=b.run,
        variant_b=b.variant,
    ).as_dicts()
    found = [CategoryDifference(**row) for row in rows if row["category"] in wanted]
    if samples is None:
        return found
    return [_bootstrapped(each, pairs, samples, seed) for each in found]


def flips(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that only one side has right; `flip` says which way: lost or gained."""
    return [
        {"flip": "gained" if pair["correct_b"] else "lost", **pair}
        for pair in pairs
        if pair["correct_a"] != pair["correct_b"]
    ]


def _bootstrapped(
    difference: CategoryDifference, pairs: Sequence[Pair], samples: int, seed: int
) -> CategoryDifference:
    mine = [pair for pair in pairs if pair["category"] == difference.category]
    columns = ([pair[name] for pair in mine] for name in ("scene_id", "correct_a", "correct_b"))
    interval = bootstrap_interval(SceneDifferences.of(*columns), samples=samples, seed=seed)
    low, high = interval or (None, None)
    return replace(difference, low=low, high=high)


def _refuse_unasked(database: Path, *sides: Side) -> None:
    """Raise UsageError for a side whose run was not asked about such pictures."""
    for side in sides:
        record = get_run(database, side.run)
        asked = record.variants if record else None
        if asked and side.variant not in asked:
            raise UsageError(
                f"The run {side.run} has no answers on {side.variant} pictures, only on {', '.join(asked)}: "
                "choose another --variant, or --variant-b for the second run."
            )


def _both(database: Path, a: Side, b: Side) -> dict[str, str]:
    """Data sets by run; UsageError unless the two sides are two that are there."""
    if a == b:
        raise UsageError(
            f"Both sides are the {a.variant} answers of {a.run}: name another run, or another variant."
        )
    runs = {row["run"]: row["dataset"] for row in read(database, "runs").as_dicts()}
    for side in (a, b):
        if side.run not in runs:
            raise unknown_run(database, side.run)
    return runs


def _named(side: Side, datasets: dict[str, str]) -> str:
    return f"{side.run} ({side.variant}, data set {datasets[side.run]})"
