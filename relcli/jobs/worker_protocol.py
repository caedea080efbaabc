"""The protocol of `relcli worker`: the messages, requests in and replies out.

Both ends use these classes; `worker_lines.py` writes and reads them, one JSON object a line. Every request
has an `id`; it gets any number of `event` replies and then one that ends it: what it asked for, `refused` or
`cancelled`. Fields without a default must be given, unknown fields are refused. Imports nothing heavy.
"""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from relcli.inputs import MIB
from relcli.options.model import ModelOptions

PROTOCOL = 1
MOST_LINE = 64 * MIB
"""The longest line either end reads, in bytes."""
MOST_EDITS = 64
"""Answers that one request may ask for."""
MOST_WAITING = 32
"""Requests that wait at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strict:
    """How pydantic reads a message and what stands in it: with no other fields, and no other types."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message(_Strict):
    """id: of the request."""

    id: int


# Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(_Message):
    """The first request: which protocol is spoken. Answered by Welcome."""

    op: Literal["hello"] = "hello"
    protocol: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(_Message, ModelOptions):
    """Hold this model, in place of the one before; nothing happens where it is held already. The other fields
    are the options of `relcli ask`. Answered by Loaded. A load under way can't be cancelled."""

    op: Literal["load"] = "load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe(_Message):
    """What the model is and can do, and how it sees a picture. Answered by Described."""

    op: Literal["describe"] = "describe"
    image: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(_Message):
    """One question of somebody's own, worded as by `relcli ask`. Answered by Answered.

    image: the bytes of a picture file in base64.
    """

    op: Literal["ask"] = "ask"
    image: str = field(repr=False)
    question: str
    options: tuple[str, ...] = ()
    as_typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutEdit(_Strict):
    """What is cut or steered for one answer; the fields of `relcli.models.edits.Knockout` and `Steering`.

    cells: numbers of image tokens, row by row. layers: None is all. heads: (layer, head), None is all of
    these layers. rows: whose sight is cut: answer, question, image or all. text: all tokens that are no image
    tokens are cut instead. strength: the cells are not cut, but this is added to their scores.
    """

    cells: tuple[int, ...] = ()
    layers: tuple[int, ...] | None = None
    heads: tuple[tuple[int, int], ...] | None = None
    rows: str = "answer"
    text: bool = False
    strength: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(_Message):
    """A prompt as it was sent, answered once for each edit; an edit that is null cuts nothing. Answered by
    Answered, whose answers stand in the order of the edits.

    layout: the name of the token layout on which the cells are counted, as Described gives it.
    """

    op: Literal["cut"] = "cut"
    image: str = field(repr=False)
    text: str
    options: tuple[str, ...] = ()
    layout: str
    edits: tuple[CutEdit | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention(_Message):
    """Where one row looked: the answer's, or, with start and end, that of the last token of the characters
    [start, end) of the prompt's text, while the prompt was read. Answered by Looked.

    spans: several such pieces, of which the mean is taken; in place of start and end. head: one head alone,
    in every layer, without which it is the mean over heads; the answer's is of the step that yields it.
    behind: of the tokens behind those named.
    """

    op: Literal["attention"] = "attention"
    image: str = field(repr=False)
    text: str
    start: int | None = None
    end: int | None = None
    spans: tuple[tuple[int, int], ...] = ()
    head: int | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(_Message):
    """End the request `target`, which is answered by Cancelled: at once where it waits, between two layers
    where it runs. Itself answered by Done; a target that is over already is no error."""

    op: Literal["cancel"] = "cancel"
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(_Message):
    """End the worker after what was asked before. Answered by Done."""

    op: Literal["shutdown"] = "shutdown"


Request = Hello | Load | Describe | Ask | Cut | Attention | Cancel | Shutdown


# Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(_Message):
    """version: of relcli. pid: of the worker's process."""

    reply: Literal["welcome"] = "welcome"
    protocol: int
    version: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(_Message):
    """The model that is held now. seconds: what loading took, 0 where it was held before."""

    reply: Literal["loaded"] = "loaded"
    model: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps(_Strict):
    """Where an answer looked, mean over heads and steps, laid out over the picture.

    layers: [layer][row * width + column], softmax weights to six decimals; for a model whose image tokens are
    a grid, a place is a token. image_mass, entropy: [layer]. A layer without such attention has zeros.
    """

    height: int
    width: int
    layers: list[list[float]] = field(repr=False)
    image_mass: list[float]
    entropy: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAnswer(_Strict):
    """choice: a letter, `none`, or None where it can't be read. option_logprobs: at the first step, of each
    option's letter, then of None. maps: None where the engine tells no attention."""

    answer: str
    choice: str | None
    option_logprobs: list[float]
    n_steps: int
    truncated: bool
    maps: Maps | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described(_Message):
    """The model as `relcli.models.answer_engine.EngineDescription` has it, for one picture; None where that
    is not known. layout: the name of the picture's token layout; n_cells: its image tokens; grid_height,
    grid_width: where they are a grid over the picture.
    """

    reply: Literal["described"] = "described"
    revision: str | None
    weights_hash: str | None
    dtype: str | None
    device: str
    prompt_hash: str
    n_layers: int | None
    n_heads: int | None
    layout: str | None
    n_cells: int | None
    grid_height: int | None
    grid_width: int | None
    attention: bool
    edits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(_Message):
    """prompt: the text as it was sent; options: those in it. seconds: what the answers took."""

    reply: Literal["answered"] = "answered"
    prompt: str
    options: list[str]
    answers: list[OneAnswer]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(_Message):
    """tokens: those of the prompt that were read; none for the answer's own row."""

    reply: Literal["looked"] = "looked"
    tokens: list[str]
    maps: Maps
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(_Message):
    """What goes on while a request is worked at: an event as `relcli.progress.events` writes it."""

    reply: Literal["event"] = "event"
    event: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(_Strict):
    """A sentence that says what, where and what to do. id: None where the line had none that could be read.
    exit_code: of `relcli.errors`; the worker goes on."""

    reply: Literal["refused"] = "refused"
    id: int | None
    message: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Message):
    reply: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(_Message):
    reply: Literal["done"] = "done"


Reply = Welcome | Loaded | Described | Answered | Looked | Happened | Refused | Cancelled | Done


def is_same_model(one: Load, other: Load) -> bool:
    """Whether the same weights answer both, loaded here, so that at most the longest reply has to be set."""
    return one.endpoint is None and _bare(one) == _bare(other)


def _bare(load: Load) -> Load:
    return replace(load, id=0, max_new_tokens=1)
