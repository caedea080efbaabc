"""Two runs, or two variants of one, on the same questions: differences per category with their tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcli.analysis.statistics import (
    SAMPLES,
    SceneDifferences,
    bootstrap_interval,
    clustered_error,
    holm,
    mcnemar_exact,
    smallest_detectable,
)
from relcli.errors import UsageError
from relcli.scenes.vocabulary import CATEGORIES
from relcli.warehouse.reads import read

Pair = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison is: a run's answers on one variant of the pictures."""

    run: str
    variant: str


@dataclass(frozen=True, slots=True)
class CategoryDifference:
    """One category. `difference` is B less A; `lost` were right in A only, `gained` in B only.

    `low`, `high`: 95% interval by bootstrap over scenes. `p`: exact McNemar; `p_holm`: the same, adjusted for
    the number of categories. `detectable`: the true difference a comparison like this finds in 4 of 5 tries.
    Interval and `detectable` are None where nothing varies.
    """

    category: str
    n: int
    n_scenes: int
    accuracy_a: float
    accuracy_b: float
    difference: float
    low: float | None
    high: float | None
    lost: int
    gained: int
    p: float
    p_holm: float
    detectable: float | None


def paired_answers(database: Path, a: Side, b: Side, categories: Sequence[str] = CATEGORIES) -> list[Pair]:
    """The questions both sides answered, in order: category, scene_id, question_index, question and, for
    either side, truth, answer and correct.

    Raises UsageError for a run that isn't there, two sides that are one, and sides without a common question.
    """
    if a == b:
        raise UsageError(
            f"Both sides are the {a.variant} answers of {a.run}: name another run, or another variant."
        )
    runs = {row["run"]: row["dataset"] for row in read(database, "runs").as_dicts()}
    for side in (a, b):
        if side.run not in runs:
            raise UsageError(
                f"There is no run {side.run} in {database}; relcli runs list shows those there are."
            )
    pairs = read(
        database,
        "paired_answers",
        run_a=a.run,
        variant_a=a.variant,
        run_b=b.run,
        variant_b=b.variant,
    ).as_dicts()
    wanted = set(categories)
    if wanted < set(CATEGORIES):
        pairs = [pair for pair in pairs if pair["category"] in wanted]
    if not pairs:
        raise UsageError(
            f"{_named(a, runs)} and {_named(b, runs)} have no graded question in common: compare runs of the "
            "same data set, question set and variant."
        )
    return pairs


def differences(pairs: Sequence[Pair], *, samples: int = SAMPLES, seed: int = 0) -> list[CategoryDifference]:
    """Per category the difference with its interval and tests, in the project's order of categories."""
    found = {pair["category"] for pair in pairs}
    names = [name for name in CATEGORIES if name in found] + sorted(found.difference(CATEGORIES))
    rows = []
    for name in names:
        of_category = [pair for pair in pairs if pair["category"] == name]
        rows.append(_difference(name, of_category, samples, seed))
    adjusted = holm([row["p"] for row in rows])
    return [CategoryDifference(**row, p_holm=p) for row, p in zip(rows, adjusted, strict=True)]


def flips(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that only one side has right; `flip` says which way: lost or gained."""
    return [
        {"flip": "gained" if pair["correct_b"] else "lost", **pair}
        for pair in pairs
        if pair["correct_a"] != pair["correct_b"]
    ]


def _difference(category: str, pairs: Sequence[Pair], samples: int, seed: int) -> dict[str, Any]:
    right_a = [pair["correct_a"] for pair in pairs]
    right_b = [pair["correct_b"] for pair in pairs]
    scenes = SceneDifferences.of([pair["scene_id"] for pair in pairs], right_a, right_b)
    changed = [(x, y) for x, y in zip(right_a, right_b, strict=True) if x != y]
    lost = sum(x for x, _ in changed)
    low, high = bootstrap_interval(scenes, samples=samples, seed=seed) or (None, None)
    return {
        "category": category,
        "n": len(pairs),
        "n_scenes": len(scenes.n),
        "accuracy_a": sum(right_a) / len(pairs),
        "accuracy_b": sum(right_b) / len(pairs),
        "difference": scenes.difference,
        "low": low,
        "high": high,
        "lost": lost,
        "gained": len(changed) - lost,
        "p": mcnemar_exact(lost, len(changed) - lost),
        "detectable": smallest_detectable(clustered_error(scenes)),
    }


def _named(side: Side, datasets: dict[str, str]) -> str:
    return f"{side.run} ({side.variant}, data set {datasets[side.run]})"
