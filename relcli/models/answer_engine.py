"""What jobs may ask of a model, wherever it runs. They know this interface and no engine's inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from PIL import Image

from relcli.models.items import Answer, AskItem
from relcli.scenes.spans import Span
from relcli.token_layout import TokenLayout

if TYPE_CHECKING:
    from relcli.models.local.prompt import Grid

REMOTE_DEVICE = "endpoint"
"""The device of a model behind a server; no device here has that name."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can tell or do beside its answers.

    attention: summaries of where an answer looked; heads: the weights of single heads; hidden_states: the
    vectors between layers; edits: cuts in the attention; option_logprobs: how likely each option was.
    """

    attention: bool
    heads: bool
    hidden_states: bool
    edits: bool
    option_logprobs: bool


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """Everything that shaped an engine's answers. None: the engine can't know it.

    source: the folder of the weights, or a server's address without credentials.
    revision: the hub's commit, or the model's name as its server says it.
    device: as torch names it, or REMOTE_DEVICE. batch_size: questions at once.
    grid: the image tokens of the picture it was described for; None where they are no grid over it.
    layout: where each of them stands on it; None where they can't be seen.
    image_size: width and height in pixels at which it sees that picture, all tiles of it together; None where
        that has no one size.
    prompt_hash: changes with what stands around the question. decoding: how tokens are chosen.
    n_layers, n_heads, width: layers of the text model, attention heads in each, and numbers of a state
        between them.
    """

    source: str
    revision: str | None
    weights_hash: str | None
    dtype: str | None
    device: str
    attention_implementation: str | None
    batch_size: int
    grid: "Grid | None"
    prompt_hash: str
    decoding: dict[str, Any]
    capabilities: Capabilities
    n_layers: int | None = None
    n_heads: int | None = None
    width: int | None = None
    layout: TokenLayout | None = None
    image_size: tuple[int, int] | None = None


class PromptShape(NamedTuple):
    """How many tokens a prompt has, how many of them are the picture's, and how many have which role."""

    length: int
    cells: int
    roles: tuple[tuple[str, int], ...]


@runtime_checkable
class CountsTokens(Protocol):
    """An engine that knows the tokens of a prompt."""

    def prompt_shape(self, image: Image.Image, text: str, spans: tuple[Span, ...]) -> PromptShape:
        """The tokens of one prompt, without asking it."""
        ...


class AnswerEngine(Protocol):
    """Answers questions about pictures."""

    @property
    def batch_size(self) -> int:
        """Questions at once, as it stands now."""
        ...

    @property
    def least_questions(self) -> int:
        """How many questions a call should bring so that the engine is busy for most of it."""
        ...

    def describe(self, image: Image.Image) -> EngineDescription:
        """What it is; the grid is the one of `image`. May try the engine out on it."""
        ...

    def answer(self, items: Sequence[AskItem]) -> list[Answer]:
        """Answer all questions of some images, in order: item by item, question by question."""
        ...

    def ask(self, image: Image.Image, question: str, options: Sequence[str] = ()) -> Answer:
        """Answer one question about one picture. With options, their letters and None are scored."""
        ...
