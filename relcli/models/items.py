"""What goes into the engine and what comes out. numpy only: callers need no torch to name these types."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from PIL import Image

from relcli.models.edits import Edit
from relcli.scenes.spans import Span
from relcli.token_layout import TokenLayout


@dataclass(frozen=True, eq=False, slots=True)
class PictureRegions:
    """Where on the picture what a question is about stands, so that shares of attention can be kept.

    covers: float32 [cells] by name of relcli.captures.REGIONS but sink, how much of each image token's place
    belongs to it; those that the picture lacks, or that nobody knows, are left out. `rest` is all but the
    others, sinks not yet taken away.
    placed: float32 [cells], 1 for image tokens that stand somewhere on the picture, 0 for others.
    sinks: bool [layers, cells], None where they aren't known.
    """

    covers: Mapping[str, np.ndarray]
    placed: np.ndarray
    sinks: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class PromptItem:
    """One question on an image. `options` are the option texts without letters; each letter is scored.
    `spans` are the pieces of `text` whose tokens' attention can be read; `regions` is where on the picture
    heads and tokens may look. `said`: tokens of a reply that has begun already; what comes next is asked."""

    key: Hashable
    text: str
    options: tuple[str, ...] = ()
    edit: Edit | None = None
    spans: tuple[Span, ...] = ()
    regions: PictureRegions | None = None
    said: tuple[int, ...] = ()


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
    full: float16 [layers, heads, cells], only where full maps are kept.
    """

    mean_heads: np.ndarray
    entropy: np.ndarray
    image_mass: np.ndarray
    full: np.ndarray | None = None


@dataclass(slots=True)
class RegionShares:
    """Shares of attention on regions, of the heads of a row or of the tokens of a prompt, n of them.

    shares: float32 [layers, n] by region, of the attention on the picture; 0 where there is none. Regions
    that the picture lacks are left out.
    image_mass, entropy: float32 [layers, n], as in AttentionSummary.
    """

    shares: dict[str, np.ndarray]
    image_mass: np.ndarray
    entropy: np.ndarray


@dataclass(slots=True)
class AttentionSummary:
    """Where one answer looked, per text layer: the study's summaries of the weights on the image tokens.

    A step is one generated token, the end token included; the first one is read from the last row of the
    prompt pass. Weights are softmax weights over all tokens, so a vector over the image cells sums to less
    than 1.

    grid: (height, width) of the image tokens, cells = height * width, row-major; None where they are no grid
        over the picture.
    layout: where each image token stands; of a grid if left out. A cell is an image token.
    mean_heads, max_heads: float32 [layers, cells], mean and maximum over heads and steps.
    first_step, last_step: float32 [layers, cells], mean over heads of the first and the last step.
    *_entropy: float32 [layers], Shannon entropy (natural log) of the vector normalised to sum 1; 0 where it
    sums to 0.
    step_entropy: float32 [layers, steps], the same for each step's mean over heads.
    image_mass: float32 [layers], total weight on the image, mean over heads and steps.
    answer_step: float32 [layers, cells], mean over heads of the step that yields the answer; None where that
    is the first one.
    full: float16 [steps, layers, heads, cells], only where full maps are kept.
    rows: the same for tokens of the question, by name; those asked for that the question has.
    heads: where the single heads of each row look, by the row's name, where heads are kept; the answer's at
    the step that yields it.
    tokens: where each token behind the picture looks, mean over heads, where tokens are kept.
    """

    grid: tuple[int, int] | None
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
    answer_step: np.ndarray | None = None
    answer_step_entropy: np.ndarray | None = None
    full: np.ndarray | None = None
    rows: dict[str, RowAttention] = field(default_factory=dict)
    heads: dict[str, RegionShares] = field(default_factory=dict)
    tokens: RegionShares | None = None
    layout: TokenLayout = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.layout is None:
            n = self.mean_heads.shape[-1]
            self.layout = TokenLayout.of_grid(*self.grid) if self.grid else TokenLayout.unplaced(n)


@dataclass(slots=True)
class Answer:
    """One reply.

    key: (item key, prompt key) of the question.
    text: the decoded reply without special tokens, stripped, case kept.
    token_ids: the generated tokens, the end token included where one came.
    option_logprobs: log-probability of each option's letter, in option order, then of None, at the step that
        yields the letter; at the first step where none does.
    n_steps: number of generated tokens, the end token included.
    truncated: no end token came within max_new_tokens.
    tokens: the tokens of the question whose attention was read.
    answer_step: the step that yields the answer, from 0, at which option_logprobs and the attention of its
        row are taken; None where the reply can't be read: then they are of step 0, as with engines that don't
        know.
    hidden: float32 [layers, width] by row, the state after each layer (and what DeepStack adds behind it) of
        the token that yields the answer, and the mean over the tokens of other rows; those that were asked
        for and that the prompt has.
    lens: of each layer, what its state gives the options: as option_logprobs, which the last layer's equal.
    """

    key: tuple[Hashable, Hashable]
    text: str
    token_ids: list[int]
    option_logprobs: list[float]
    n_steps: int
    truncated: bool
    attention: AttentionSummary | None = field(default=None, repr=False)
    tokens: tuple[PromptToken, ...] = ()
    answer_step: int | None = None
    hidden: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    lens: list[list[float]] | None = field(default=None, repr=False)
