"""What may be done to a model while it answers one question. Callers need no torch to name these types."""

from dataclasses import dataclass
from typing import Literal, get_args

from PIL import Image

from relcli.models.names import EditedRows
from relcli.scenes.spans import Span

Heads = tuple[tuple[int, int], ...]
"""(layer, head), both from 0."""

Site = Literal["residual", "attention", "mlp", "head"]
SITES: tuple[Site, ...] = get_args(Site)
"""Which states of a layer: the residual stream after it (and after what DeepStack adds), what its attention
or its MLP adds to that, or what single heads bring into the attention's output projection."""


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
    heads: Heads | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Steering:
    """A bias on attention: `strength` is added to the scores of some image tokens before the softmax, so that
    their weights are multiplied by its exponential and then made to sum to 1 again. Nothing else changes.

    cells, layers, rows, heads: as in Knockout.
    """

    cells: tuple[int, ...]
    strength: float
    layers: tuple[int, ...] | None = None
    rows: EditedRows = "question"
    heads: Heads | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Tokens of a prompt.

    cells: image tokens, by number. answer: the last token of the prompt. role: all tokens behind the picture
    that have this role in the question's spans. everything: all tokens.
    """

    cells: tuple[int, ...] = ()
    answer: bool = False
    role: str | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PatchSource:
    """The prompt from which states are copied: a picture and a question, with the spans of its words."""

    image: Image.Image
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """States of another prompt in place of a prompt's own, while it is read; generated tokens have their own.

    site: which states. layers: in which layers; None means all. at: which tokens, in both prompts; the first
    of one go to the first of the other. heads: with site "head" the (layer, head) to copy; None means all.
    deepstack: with site "residual" at image tokens, whose features DeepStack adds to them in later layers:
    those of the prompt's own picture ("destination") or those of the source's.
    """

    source: PatchSource
    site: Site
    at: Places
    layers: tuple[int, ...] | None = None
    heads: Heads | None = None
    deepstack: Literal["source", "destination"] = "destination"


Edit = Knockout | Steering | Patch
