"""What goes into the engine and what comes out. numpy only: callers need no torch to name these types."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from relcli.scenes.spans import Span

AttentionMode = Literal["summary", "full", "none"]
EditedRows = Literal["answer", "question", "image", "all"]
EDITED_ROWS: tuple[EditedRows, ...] = ("answer", "question", "image", "all")
ATTENTION_MODES: tuple[AttentionMode, ...] = ("summary", "full", "none")


QUERY_ROWS = ("answer", "target", "target_next", "stem_end", "options")
"""Whose attention can be read: the answer's, and of tokens of the question (relcli/scenes/spans.py)."""
DEFAULT_ROWS = ("answer", "target", "target_next", "stem_end")


@dataclass(frozen=True, slots=True)
class Knockout:
    """Tokens that other tokens may not look at: a cut in the attention, not in the picture.

    cells: numbers of the image tokens to cut, row-major over the grid.
    layers: text layers in which to cut, counted from 0; None means all.
    rows: whose sight is cut. "answer": the token that yields the first of the answer, and every generated
        one. "question": all tokens behind the image (the mark at its end, the question, the answer), so that
        the cells can't reach the answer through the question's words either. "image": the image tokens, which
        then know less of each other. "all": question and image. A token never loses itself.
    heads: (layer, head) in which to cut; None means all heads.
    text: cut all tokens that are no image tokens, instead of `cells`.
    """

    cells: tuple[int, ...]
    layers: tuple[int, ...] | None = None
    rows: EditedRows = "answer"
    heads: tuple[tuple[int, int], ...] | None = None
    text: bool = False


Edit = Knockout
"""What may be done to a model while it answers one question."""


@dataclass(frozen=True, slots=True)
class PromptItem:
    """One question on an image. `options` are the option texts without letters; each letter is scored.
    `spans` are the pieces of `text` whose tokens' attention can be read."""

    key: Hashable
    text: str
    options: tuple[str, ...] = ()
    edit: Edit | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class AskItem:
    """One image and its questions. Raw, masked and blank twins are items of their own."""

    key: Hashable
    image: Image.Image
    prompts: Sequence[PromptItem]


class PromptToken(NamedTuple):
    """A token of a prompt that was read.

    index: its place among the prompt's tokens, from 0, image tokens counted and padding not.
    text: the characters it stands for. role: one of QUERY_ROWS; a token with two roles is there twice.
    """

    index: int
    text: str
    role: str


@dataclass(slots=True)
class RowAttention:
    """Where one kind of token of the question looked, while the prompt was read; mean over its tokens.

    mean_heads: float32 [layers, cells], softmax weights on the image, mean over heads.
    entropy, image_mass: float32 [layers], as in AttentionSummary.
    """

    mean_heads: np.ndarray
    entropy: np.ndarray
    image_mass: np.ndarray


@dataclass(slots=True)
class AttentionSummary:
    """Where one answer looked, per text layer: the study's summaries of the weights on the image tokens.

    A step is one generated token, the end token included; the first one is read from the last row of the
    prompt pass. Weights are softmax weights over all tokens, so a vector over the image cells sums to less
    than 1.

    grid: (height, width) of the image tokens, cells = height * width, row-major.
    mean_heads, max_heads: float32 [layers, cells], mean and maximum over heads and steps.
    first_step, last_step: float32 [layers, cells], mean over heads of the first and the last step.
    *_entropy: float32 [layers], Shannon entropy (natural log) of the vector normalised to sum 1; 0 where it
    sums to 0.
    step_entropy: float32 [layers, steps], the same for each step's mean over heads.
    image_mass: float32 [layers], total weight on the image, mean over heads and steps.
    full: float16 [steps, layers, heads, cells], only with attention="full".
    rows: the same for tokens of the question, by name; those asked for that the question has.
    """

    grid: tuple[int, int]
    mean_heads: np.ndarray
    max_heads: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray
    mean_heads_entropy: np.ndarray
    max_heads_entropy: np.ndarray
    first_step_entropy: np.ndarray
    last_step_entropy: np.ndarray
    step_entropy: np.ndarray
    image_mass: np.ndarray
    full: np.ndarray | None = None
    rows: dict[str, RowAttention] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """One reply.

    key: (item key, prompt key) of the question.
    text: the decoded reply without special tokens, stripped, case kept.
    token_ids: the generated tokens, the end token included where one came.
    option_logprobs: log-probability at the first step of each option's letter, in option order, then of None.
    n_steps: number of generated tokens, the end token included.
    truncated: no end token came within max_new_tokens.
    tokens: the tokens of the question whose attention was read.
    """

    key: tuple[Hashable, Hashable]
    text: str
    token_ids: list[int]
    option_logprobs: list[float]
    n_steps: int
    truncated: bool
    attention: AttentionSummary | None = field(default=None, repr=False)
    tokens: tuple[PromptToken, ...] = ()
