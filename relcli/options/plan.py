"""The options of `relcli plan`."""

from dataclasses import dataclass

from relcli.options.data import CategoryOptions, DatasetOptions, QuestionSetOptions
from relcli.options.declaration import option

GUESSED_BACKGROUND = 0.02


@dataclass(frozen=True, kw_only=True)
class _What:
    drop: float = option(
        help="The true drop in accuracy that is to be found, such as 0.05.", least=1e-4, most=1
    )


@dataclass(frozen=True, kw_only=True)
class _How:
    power: float = option(0.8, "How often it is to be found.", least=0.05, most=0.999)
    comparisons: int | None = option(
        None,
        "Categories the run will have, all of which p is corrected for.",
        empty="those named",
        least=1,
        most=1000,
    )
    like: str | None = option(
        None, "A run that shows how much changes without a drop.", metavar="RUN"
    )
    background: float | None = option(
        None,
        "The share of scenes that change each way without a drop.",
        empty=f"--like's, or {GUESSED_BACKGROUND}",
        least=0,
        most=0.5,
    )


@dataclass(frozen=True, kw_only=True)
class PlanOptions(_What, CategoryOptions, _How, DatasetOptions, QuestionSetOptions):
    """How many scenes have a question of a category is counted in the data set."""
