"""A run by category, alone or compared with another run's or published figures.

Built from the named reads `overview`, `beside_run` and `published`, which hold the statistics: intervals and
tests over scenes, corrected (Holm) for the categories.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
SIGNIFICANCE = 0.05
_COMPARED = ("raw", "masked")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The share of right answers among `n`, 0 to 1, with the ends of its 95% interval. clean: over the
    questions with one right answer; None without any, and where it isn't told."""

    n: int
    value: float
    low: float
    high: float
    clean: float | None = None


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """One category of a run; `category` None: all of them.

    accuracies: by variant, those with graded answers. drop: raw minus masked on questions that have both, as
    a share, with its 95% interval; p: of that difference, corrected for the categories. retain_rate: right
    raw answers that stay right masked; fix_rate: wrong ones that become right. None where nothing was paired.
    unreadable: the share of answers that choose no option and don't say None, which count as wrong.
    """

    category: str | None
    accuracies: Mapping[str, Accuracy]
    drop: float | None
    drop_low: float | None
    drop_high: float | None
    p: float | None
    retain_rate: float | None
    fix_rate: float | None
    unreadable: float | None = None

    @property
    def significant(self) -> bool:
        return self.p is not None and self.p < SIGNIFICANCE

    def n(self, variant: str) -> int:
        """How many graded answers there are on a variant."""
        return self.accuracies[variant].n if variant in self.accuracies else 0


def category_results(rows: Iterable[Row]) -> list[CategoryResult]:
    """From the rows of the read `overview`, in their order."""
    return [
        CategoryResult(
            category=row["category"],
            accuracies={
                variant: Accuracy(
                    row[f"n_{variant}"],
                    row[variant],
                    row[f"{variant}_low"],
                    row[f"{variant}_high"],
                    row.get(f"{variant}_clean"),
                )
                for variant in ("raw", "masked", "blank")
                if row[variant] is not None
            },
            drop=row["drop"],
            drop_low=row["drop_low"],
            drop_high=row["drop_high"],
            p=row["holm_p"],
            retain_rate=row["retain_rate"],
            fix_rate=row["fix_rate"],
            unreadable=row["unreadable"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """accuracy: of the other; difference: this run minus the other; p: of it, corrected. None: not known."""

    accuracy: float | None = None
    difference: float | None = None
    p: float | None = None

    @property
    def significant(self) -> bool:
        return self.p is not None and self.p < SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run is compared with, by category (None: all) and variant.

    paired: on the same questions, so that differences are tested. Published figures are on other questions of
    the same kind.
    """

    name: str
    paired: bool
    by_place: Mapping[tuple[str | None, str], Compared] = field(default_factory=dict)

    def of(self, result: CategoryResult, variant: str) -> Compared:
        """The other's figure beside a result. Unpaired, the difference is that of the two accuracies."""
        found = self.by_place.get((result.category, variant), Compared())
        mine = result.accuracies.get(variant)
        if self.paired or found.accuracy is None or mine is None:
            return found
        return Compared(found.accuracy, mine.value - found.accuracy)


def compared_with_run(name: str, rows: Iterable[Row]) -> Comparison:
    """From the rows of the read `beside_run`."""
    return Comparison(
        name,
        paired=True,
        by_place={
            (row["category"], row["variant"]): Compared(
                row["other"], row["mine"] - row["other"], row["holm_p"]
            )
            for row in rows
        },
    )


def compared_with_published(source: str, rows: Iterable[Row]) -> Comparison:
    """From the rows of the read `published`, of which those of the source are taken."""
    return Comparison(
        source,
        paired=False,
        by_place={
            (row["category"], variant): Compared(row[f"accuracy_{variant}"])
            for row in rows
            if row["source"] == source
            for variant in _COMPARED
        },
    )
