"""The options that say which questions are asked, shared by several commands."""

from dataclasses import dataclass
from typing import Any

from relcli.models.names import BUNDLED
from relcli.options.declaration import option
from relcli.scenes.vocabulary import CATEGORIES, QUESTION_SETS, VARIANTS


@dataclass(frozen=True, kw_only=True)
class CategoryOptions:
    categories: tuple[str, ...] = option(
        CATEGORIES,
        "Only this category of questions; may be given again.",
        key="category",
        several="repeated",
        empty="all",
        choices=CATEGORIES,
        others=True,  # own pictures have their own; whoever knows the data set refuses what it lacks
        noun="category",
        column="categories",
        form="main",
        label="categories",
    )


@dataclass(frozen=True, kw_only=True)
class DatasetOptions:
    dataset: str | None = option(
        BUNDLED,
        "`bundled`, a folder, or a data set the warehouse knows.",
        column="dataset",
        form="main",
        label="data set",
    )


@dataclass(frozen=True, kw_only=True)
class QuestionSetOptions:
    questions: str | None = option(
        None,
        "`seed` (the study's, word for word) or `balanced` (without their flaws). By the data is seed, or "
        "the set there is.",
        empty="by the data",
        choices=QUESTION_SETS,
        others=True,  # as of the categories
        noun="question set",
        column="question_set",
        form="main",
    )


@dataclass(frozen=True, kw_only=True)
class BatchSizeOptions:
    batch_size: int | None = option(
        None,
        "Questions in one pass, or auto (by memory; halved when it runs out).",
        panel="How",
        none="auto",
        least=1,
        form="more",
        label="batch size",
    )


def answered_variant(**details: Any) -> Any:
    """The field `variant` of a command that reads answers on one kind of picture."""
    return option(
        "raw",
        "The pictures the answers are about.",
        **{"choices": VARIANTS, "others": True, "noun": "variant"} | details,
    )
