"""The options of `relcli figure` and `relcli report`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from relcli.captures import QueryRow
from relcli.options.declaration import option
from relcli.options.which_run import NewestRunOptions

FIGURES = (
    *("accuracy", "drop", "retention", "versus", "published", "change"),
    *("shift", "shift-category", "shift-correctness", "grounding", "grounding-within", "pointing"),
    *("entropy", "entropy-steps", "layers", "steps", "heads", "looks", "tokens"),
    *("probes", "probe-layers", "cuts", "cut-layers", "patch-layers", "steering", "lens", "correctness"),
    "flaws",
)
"""The names of the figures there are; `relcli/report/catalogue.py` says what each shows."""
WIDTH, NARROWEST, WIDEST = 6.3, 2.0, 20.0  # inches; a column of text is 6.3 wide


@dataclass(frozen=True, kw_only=True)
class _File:
    words_alone: bool = option(
        True,
        "Beside accuracies, also train the reader of the words alone, as relcli audit does; takes longer.",
    )
    force: bool = option(False, "Write over a file that is there.")


@dataclass(frozen=True, kw_only=True)
class _Figure:
    name: str = option(
        help=f"One of {', '.join(FIGURES)}.", argument=True, choices=FIGURES, others=True, noun="figure"
    )
    out: Path = option(help="A .svg, .pdf or .png file.", flags=("--out", "-o"))


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    versus: str | None = option(None, "The other run of the figure versus.")
    question: str | None = option(
        None,
        "SCENE.INDEX, such as 12.3: the answer that layers, steps and tokens show.",
        empty="means over all answers, the longest answer, one of each category",
    )
    variant: str = option("raw", "The picture that answer is about.")
    row: QueryRow = option(
        "answer",
        "Whose attention shift, grounding and entropy show, of those the run keeps (relcli run --rows).",
    )
    step: Literal["answer", "mean"] | None = option(
        None,
        "Of the answer's attention, the step that yields it or the mean over its steps; for shift, grounding "
        "and entropy.",
        empty="the answer's for grounding, the mean for the others",
    )
    layer: int | None = option(
        None, "Steps, or tokens, of this layer.", empty="the mean of all; of tokens one that shows them"
    )
    width: float = option(WIDTH, "Inches across.", least=NARROWEST, most=WIDEST)
    dpi: int = option(300, "Of a .png.", least=30, most=1200)
    style: Path | None = option(None, "A matplotlib style file, laid over ours.")


@dataclass(frozen=True, kw_only=True)
class FigureOptions(_Figure, NewestRunOptions, _Drawing, _File):
    """name: in any case, with `_` for `-`. question: `layers` without one shows means."""


@dataclass(frozen=True, kw_only=True)
class _Page:
    versus: str | None = option(None, "Another run to lay beside it, or `published`.")
    out: Path = option(Path("report.html"), "The page to write.", flags=("--out", "-o"))


@dataclass(frozen=True, kw_only=True)
class ReportOptions(NewestRunOptions, _Page, _File):
    """versus: as of the figure, and the published study."""
