"""The protocol of `relcli worker`: one JSON object a line, requests in and replies out.

Both ends use these classes. Every request has an `id`; it gets any number of `event` replies and then one
that ends it: what it asked for, `refused` or `cancelled`. Fields without a default must be given, unknown
fields are refused. Imports nothing heavy; pydantic checks what comes in and is imported with the first line.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from relcli.errors import RelcliError, UsageError
from relcli.inputs import MIB, parse_json

PROTOCOL = 1
MOST_LINE = 64 * MIB
"""The longest line either end reads, in bytes."""
MOST_EDITS = 64
"""Answers that one request may ask for."""
MOST_WAITING = 32
"""Requests that wait at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


# Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(_Message):
    """The first request: which protocol is spoken. Answered by Welcome."""

    op: Literal["hello"] = "hello"
    id: int
    protocol: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(_Message):
    """Hold this model, in place of the one before; nothing happens where it is held already. The fields are
    the options of `relcli ask`. Answered by Loaded. A load under way can't be cancelled."""

    op: Literal["load"] = "load"
    id: int
    model: str = "bundled"
    revision: str | None = None
    dtype: str | None = None
    device: str | None = None
    trust_remote_code: bool = False
    untested_family: bool = False
    endpoint: str | None = None
    max_new_tokens: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe(_Message):
    """What the model is and can do, and how it sees a picture. Answered by Described."""

    op: Literal["describe"] = "describe"
    id: int
    image: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(_Message):
    """One question of somebody's own, worded as by `relcli ask`. Answered by Answered.

    image: the bytes of a picture file in base64.
    """

    op: Literal["ask"] = "ask"
    id: int
    image: str = field(repr=False)
    question: str
    options: tuple[str, ...] = ()
    as_typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutEdit:
    """What is cut for one answer; the fields of `relcli.models.items.Knockout`.

    cells: numbers of image tokens, row by row. layers: None is all. heads: (layer, head), None is all of
    these layers. rows: whose sight is cut: answer, question, image or all. text: all tokens that are no image
    tokens are cut instead.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
    cells: tuple[int, ...] = ()
    layers: tuple[int, ...] | None = None
    heads: tuple[tuple[int, int], ...] | None = None
    rows: str = "answer"
    text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(_Message):
    """A prompt as it was sent, answered once for each edit; an edit that is null cuts nothing. Answered by
    Answered, whose answers stand in the order of the edits.

    layout: the name of the token layout on which the cells are counted, as Described gives it.
    """

    op: Literal["cut"] = "cut"
    id: int
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
    id: int
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
    id: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(_Message):
    """End the worker after what was asked before. Answered by Done."""

    op: Literal["shutdown"] = "shutdown"
    id: int


Request = Hello | Load | Describe | Ask | Cut | Attention | Cancel | Shutdown


# Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(_Message):
    """version: of relcli. pid: of the worker's process."""

    reply: Literal["welcome"] = "welcome"
    id: int
    protocol: int
    version: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(_Message):
    """The model that is held now. seconds: what loading took, 0 where it was held before."""

    reply: Literal["loaded"] = "loaded"
    id: int
    model: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """Where an answer looked, mean over heads and steps, laid out over the picture.

    layers: [layer][row * width + column], softmax weights to six decimals; for a model whose image tokens are
    a grid, a place is a token. image_mass, entropy: [layer]. A layer without such attention has zeros.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
    height: int
    width: int
    layers: list[list[float]] = field(repr=False)
    image_mass: list[float]
    entropy: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAnswer:
    """choice: a letter, `none`, or None where it can't be read. option_logprobs: at the first step, of each
    option's letter, then of None. maps: None where the engine tells no attention."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
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
    id: int
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
    id: int
    prompt: str
    options: list[str]
    answers: list[OneAnswer]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(_Message):
    """tokens: those of the prompt that were read; none for the answer's own row."""

    reply: Literal["looked"] = "looked"
    id: int
    tokens: list[str]
    maps: Maps
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(_Message):
    """What goes on while a request is worked at: an event as `relcli.progress.events` writes it."""

    reply: Literal["event"] = "event"
    id: int
    event: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(_Message):
    """A sentence that says what, where and what to do. id: None where the line had none that could be read.
    exit_code: of `relcli.errors`; the worker goes on."""

    reply: Literal["refused"] = "refused"
    id: int | None
    message: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Message):
    reply: Literal["cancelled"] = "cancelled"
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(_Message):
    reply: Literal["done"] = "done"
    id: int


Reply = Welcome | Loaded | Described | Answered | Looked | Happened | Refused | Cancelled | Done
M = TypeVar("M")


def is_same_model(one: Load, other: Load) -> bool:
    """Whether the same weights answer both, loaded here, so that at most the longest reply has to be set."""
    return one.endpoint is None and _bare(one) == _bare(other)


def _bare(load: Load) -> Load:
    return replace(load, id=0, max_new_tokens=1)


def to_line(message: Request | Reply) -> bytes:
    """One line with its end. NaN is no JSON: raises ValueError."""
    return json.dumps(asdict(message), allow_nan=False, separators=(",", ":")).encode() + b"\n"


def read_request(line: bytes) -> Request:
    """Raises UsageError with a sentence about what is wrong with the line."""
    return _read(line, Request, "op")


def read_reply(line: bytes) -> Reply:
    """Raises UsageError as `read_request`."""
    return _read(line, Reply, "reply")


def id_of(line: bytes) -> int | None:
    """The id of a line that can't be read otherwise, where it has one."""
    try:
        found = _parsed(line).get("id")
    except UsageError:
        return None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def picture_bytes(image: str) -> bytes:
    """The bytes of a picture file sent in base64. Raises UsageError."""
    try:
        return base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(
            "The field image is not base64: send the bytes of a PNG or JPEG file in it."
        ) from None


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = parse_json(line.decode("utf-8"), "The line")
    except UnicodeDecodeError:
        raise UsageError("The line is not UTF-8: send one JSON object a line.") from None
    except RelcliError as problem:
        raise UsageError(problem.message) from None
    if not isinstance(found, dict):
        raise UsageError("The line is no JSON object: send one object a line, with op and id.")
    return found


def _read(line: bytes, union: Any, tag: str) -> Any:
    from pydantic import ValidationError

    found = _parsed(line)
    names = _names(union, tag)
    if found.get(tag) not in names:
        said = f"There is no {tag} {found[tag]!r}" if tag in found else f"The field {tag} is missing"
        raise UsageError(f"{said[:120]}: send one of {', '.join(names)}.")
    try:
        return _adapter(union, tag).validate_json(line)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "line"
        raise UsageError(
            f"The field {where} of {found[tag]} can't be taken ({first['msg']}): see docs/worker.md."
        ) from None


def _names(union: Any, tag: str) -> list[str]:
    return [str(next(each.default for each in fields(kind) if each.name == tag)) for kind in get_args(union)]


@cache
def _adapter(union: Any, tag: str) -> Any:
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[union, Field(discriminator=tag)])  # type: ignore[arg-type, valid-type]
