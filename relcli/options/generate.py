"""The options of `relcli generate`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.inputs import LARGEST_SEED
from relcli.options.declaration import option
from relcli.scenes.vocabulary import QUESTION_SETS, TWINS


@dataclass(frozen=True, kw_only=True)
class GenerateOptions:
    """How many scenes, and with which questions. Least and most of the numbers are generate_folder's."""

    out: Path = option(help="The folder; it may hold earlier batches.")
    scenes: int = option(100, "How many.")
    seed: int = option(
        0, "The same seed makes the same scenes.", least=-LARGEST_SEED, most=LARGEST_SEED
    )
    start_index: int = option(0, "The number of the first one.")
    questions: tuple[str, ...] = option(
        ("seed",),
        "seed (the study's), balanced, or seed,balanced.",
        choices=QUESTION_SETS,
        noun="question set",
    )
    twins: tuple[str, ...] = option(
        ("mask",),
        "Other pictures of each scene: mask (one thing is gone), change (one thing is another, so that some "
        "answers are), placebo (one thing is another, and every answer stays).",
        choices=tuple(TWINS),
        noun="kind of twin",
    )
    name: str | None = option(None, "What the warehouse calls it.", empty="the folder's name")
