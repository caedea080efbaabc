"""The options of `relcli run`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.captures import DEFAULT_ROWS, MODES, QUERY_ROWS
from relcli.options.data import BatchSizeOptions, CategoryOptions, DatasetOptions, QuestionSetOptions
from relcli.options.declaration import DATA, HOW, option
from relcli.options.model import ModelOptions
from relcli.scenes.presentations import MOST_ORDERS
from relcli.scenes.vocabulary import VARIANTS
from relcli.scenes.wordings import MOST_WORDINGS

MOST_AT_ONCE = 512


@dataclass(frozen=True, kw_only=True)
class _Data:
    variants: tuple[str, ...] = option(
        ("raw", "masked"),
        "Pictures to ask on: raw, masked (one thing is gone), changed (one thing is another), placebo (so "
        "that every answer stays), blank (all white), or others that the data has.",
        panel=DATA,
        choices=VARIANTS,
        others=True,
        noun="variant",
        column="variants",
        form="main",
    )
    max_samples: int | None = option(
        None,
        "Only so many scenes, from the first.",
        panel=DATA,
        empty="all",
        least=1,
        column="scene_ids",
        form="main",
        label="scenes",
    )
    sample_index: int | None = option(
        None,
        "Only the scene of this number.",
        panel=DATA,
        empty="all",
        least=0,
        column="scene_ids",
        form="main",
        label="one scene",
    )
    orders: int = option(
        1,
        "Ask each question with its options in so many orders, its own first.",
        panel=DATA,
        least=1,
        most=MOST_ORDERS,
        column="orders",
        form="more",
    )
    wordings: int = option(
        1,
        "Ask each question in so many wordings, its own first; with --orders every order in every wording.",
        panel=DATA,
        least=1,
        most=MOST_WORDINGS,
        column="wordings",
        form="more",
    )
    queries: Path | None = option(None, "A queries.json, with --images.", panel=DATA)
    images: Path | None = option(None, "The folder of its pictures.", panel=DATA)
    masked_images: Path | None = option(None, "The folder of their masked twins.", panel=DATA)


@dataclass(frozen=True, kw_only=True)
class _How(BatchSizeOptions):
    attention: tuple[str, ...] = option(
        ("summary",),
        "What to keep of it: none; summary, vectors by layer; tokens and heads, where each one looks; full, "
        "every map. --dry-run says what it costs.",
        panel=HOW,
        choices=MODES,
        noun="attention mode",
        column="attention",
        form="main",
    )
    max_full_bytes: int = option(
        50 * 10**9,
        "With --attention full: the most bytes that maps may take.",
        panel=HOW,
        least=0,
        most=2**63 - 1,
        form="more",
    )
    name: str | None = option(None, "The run's name.", panel=HOW, empty="model and time", form="main")
    rows: tuple[str, ...] = option(
        DEFAULT_ROWS,
        "Whose attention to keep: answer (always), target (the words for what is asked about), "
        "target_next (the token behind them), stem_end (the question mark), options.",
        panel=HOW,
        choices=QUERY_ROWS,
        noun="row",
        column="query_rows",
        form="more",
    )
    hidden: tuple[str, ...] = option(
        (),
        "Keep the states after each layer of these rows (as in --rows), beside the warehouse; with answer "
        "also what each layer would answer. --dry-run says what it costs.",
        panel=HOW,
        empty="none",
        choices=QUERY_ROWS,
        noun="row",
        column="hidden_rows",
        form="more",
    )
    answers: str = option(
        "text",
        "What to take for the answer: text, what the model writes; options, in one pass the likeliest of the "
        "options' letters and None, without a reply.",
        panel=HOW,
        choices=("text", "options"),
        form="more",
    )
    concurrency: int = option(
        8, "Requests to --endpoint at once.", panel=HOW, least=1, most=MOST_AT_ONCE, form="more"
    )
    unverified: bool = option(
        False,
        "Do not compare the first answer of a model that is new to the warehouse with plain generation.",
        panel=HOW,
        form="more",
    )
    resume: bool = option(
        False, "Resume the run of that --name; start it if there is none.", panel=HOW
    )


@dataclass(frozen=True, kw_only=True)
class RunOptions(ModelOptions, DatasetOptions, QuestionSetOptions, CategoryOptions, _Data, _How):
    """dataset: None with separate paths. rows: the answer's is always kept. hidden: none if empty."""


@dataclass(frozen=True, kw_only=True)
class DryRunOptions:
    dry_run: bool = option(
        False, "Say how many questions, bytes and seconds it would be, and stop.", panel=HOW
    )
