"""One reading of a picture for several questions, where a family's own processor lays out the prompt.

What the prompts of a picture have in common, up to its last image token, is prepared and run once; the keys
are copied for each question, which goes on from there in the model's own `generate`. For causal models whose
layers all see everything, with the positions of text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from transformers.cache_utils import Cache

from relcli.models.items import PromptItem
from relcli.models.local.cache import ROOM, RoomyLayer, whole_cache
from relcli.models.local.decode import DecodedReply
from relcli.models.local.families import Family
from relcli.models.local.images import distinct
from relcli.models.local.layer_settings import is_recurrent
from relcli.models.local.memory import TYPICAL_TOKENS, Batching
from relcli.models.local.prefix import Layers, joined

Row = tuple[Image.Image, PromptItem]
"""A picture and a question on it."""

@dataclass(frozen=True, slots=True)
class Reading:
    """A picture that was read with one of its questions.

    layers: keys and values, [1, key heads, tokens, width], of the prompt up to the last image token. own: the
    ids of that prompt with one placeholder for the picture; expanded: with its image tokens.
    """

    layers: Layers
    own: list[int]
    expanded: list[int]

    @property
    def n_read(self) -> int:
        return self.layers[0][0].shape[2]


@dataclass(frozen=True, slots=True)
class Continued:
    """Prompts of which the first `n_read` tokens have been read.

    inputs: input_ids and attention_mask [rows, tokens], with padding between what was read and the question,
    so that every prompt ends at the last column. cache: of the tokens read, for each row.
    """

    inputs: dict[str, torch.Tensor]
    cache: Cache
    n_read: int


class PictureIds(NamedTuple):
    """Ids of tokens: what stands for a picture before its prompt is laid out, an image token, padding."""

    placeholder: int
    image: int
    pad: int


def can_continue(family: Family, config: Any) -> bool:
    """Whether a model of this configuration can go on from a copy of what it has read."""
    return family.continues and whole_cache(config) is None and not is_recurrent(config)


def laid_out(own: Sequence[int], reading: Reading, placeholder: int) -> list[int] | None:
    """The ids of a prompt with its picture laid out as in the one that was read.

    own: its ids with one placeholder for the picture. None where the processor did something else to the
    other prompt than putting image tokens for the placeholder.
    """
    like, expanded = reading.own, reading.expanded
    if list(own).count(placeholder) != 1 or like.count(placeholder) != 1:
        return None
    at = like.index(placeholder)
    end = len(expanded) - (len(like) - at - 1)
    same_head = list(own[: at + 1]) == like[: at + 1] and expanded[:at] == like[:at]
    if not same_head or expanded[end:] != like[at + 1 :]:
        return None
    return [*expanded[:end], *own[at + 1 :]]


def read(
    model: Any, inputs: Mapping[str, torch.Tensor], own: Sequence[list[int]], image_token_id: int
) -> list[Reading] | None:
    """Read the picture of each of some prompts.

    inputs: as the processor makes them, [prompts, tokens] padded on the left. own: their ids with
    placeholders. None where the pictures have different numbers of tokens, or none.
    """
    ids, shape = inputs["input_ids"], inputs["input_ids"].shape
    starts = (shape[1] - inputs["attention_mask"].sum(-1)).tolist()
    expanded = [row[start:].tolist() for row, start in zip(ids, starts, strict=True)]
    ends = {len(row) - row[::-1].index(image_token_id) if image_token_id in row else 0 for row in expanded}
    if len(ends) > 1 or 0 in ends:
        return None
    [n_read] = ends
    device = model.get_input_embeddings().weight.device
    cut = {
        name: torch.stack([row[start : start + n_read] for row, start in zip(value, starts, strict=True)])
        if value.shape == shape
        else value
        for name, value in inputs.items()
    }
    there = {name: value.to(device) for name, value in cut.items()}
    output = model(**there, use_cache=True, logits_to_keep=1)
    layers = [(layer.keys, layer.values) for layer in output.past_key_values.layers]
    return [
        Reading([(keys[i : i + 1], values[i : i + 1]) for keys, values in layers], list(mine), whole)
        for i, (mine, whole) in enumerate(zip(own, expanded, strict=True))
    ]


Answer = Callable[[Sequence[Row], Continued], list[DecodedReply]]
"""Answers questions that have been put behind their pictures."""


class Readings:
    """Pictures of one size that were read, and the prompts behind them."""

    def __init__(self, readings: Sequence[Reading]):
        self._readings = readings
        self._layers = joined([reading.layers for reading in readings])

    def behind(self, prompts: Sequence[Sequence[int]], pictures: Sequence[int], pad_id: int) -> Continued:
        """Prompts, ids with image tokens, behind copies of their pictures, given by number."""
        n_read, width = self._readings[0].n_read, max(map(len, prompts))
        ids = torch.full((len(prompts), width), pad_id)
        seen = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            start = width - len(prompt) + n_read
            ids[row, :n_read], ids[row, start:] = torch.tensor(prompt[:n_read]), torch.tensor(prompt[n_read:])
            seen[row, :n_read] = seen[row, start:] = 1
        rows = torch.tensor(pictures)
        cache = Cache(
            layers=[
                RoomyLayer(keys, values, rows.to(keys.device), width + ROOM) for keys, values in self._layers
            ]
        )
        return Continued({"input_ids": ids, "attention_mask": seen}, cache, n_read)


class ReadOnce:
    """Answers questions behind pictures that are read once.

    inputs: makes the inputs of prompts, (picture, question) each; own_ids: the ids of questions' prompts with
    one placeholder for the picture; n_tokens: image tokens of a picture, by its size.
    """

    def __init__(
        self,
        model: Any,
        batching: Batching,
        ids: PictureIds,
        inputs: Callable[[Sequence[tuple[Image.Image, str]]], dict[str, torch.Tensor]],
        own_ids: Callable[[Sequence[str]], list[list[int]]],
        n_tokens: Callable[[Image.Image], int],
    ):
        self._model, self._batching, self._ids = model, batching, ids
        self._inputs, self._own_ids, self._n_tokens = inputs, own_ids, n_tokens

    def answer(self, rows: Sequence[Row], answer: Answer) -> list[DecodedReply] | None:
        """Answers to questions on pictures of one size; None where no picture has several, or where the
        processor does more to a prompt than laying out its picture."""
        pictures, which = distinct([image for image, _ in rows])
        if len(pictures) == len(rows):
            return None
        of_picture: list[list[int]] = [[] for _ in pictures]
        for row, number in enumerate(which):
            of_picture[number].append(row)
        replies: dict[int, DecodedReply] = {}
        while of_picture:
            # As many as hold the tokens for which the size of a pass was planned.
            most = self._batching.size * TYPICAL_TOKENS // max(1, self._n_tokens(rows[0][0]))
            some = of_picture[: max(1, most)]
            found = self._answer([[rows[row] for row in each] for each in some], answer)
            if found is None:
                return None
            replies.update(zip((row for each in some for row in each), found, strict=True))
            of_picture = of_picture[len(some) :]
        return [replies[row] for row in range(len(rows))]

    def _answer(self, of_picture: Sequence[Sequence[Row]], answer: Answer) -> list[DecodedReply] | None:
        """Answers to the questions on each picture, one picture after the other."""
        found = self._batching.run([rows[0] for rows in of_picture], self._read)
        readings = [reading for reading in found if reading is not None]
        if len(readings) < len(of_picture) or len({reading.n_read for reading in readings}) > 1:
            return None
        together = Readings(readings)
        own = self._own_ids([prompt.text for rows in of_picture for _, prompt in rows])
        pictured = [(number, row) for number, rows in enumerate(of_picture) for row in rows]
        asked = []
        for ids, (number, row) in zip(own, pictured, strict=True):
            prompt = laid_out(ids, readings[number], self._ids.placeholder)
            if prompt is None:
                return None
            asked.append((number, row, prompt))
        order = sorted(range(len(asked)), key=lambda i: len(asked[i][2]))

        def behind(batch: Sequence[tuple[int, Row, list[int]]]) -> list[DecodedReply]:
            numbers, rows, prompts = zip(*batch, strict=True)
            return answer(rows, together.behind(prompts, numbers, self._ids.pad))

        done = self._batching.run([asked[i] for i in order], behind)
        replies = dict(zip(order, done, strict=True))
        return [replies[i] for i in range(len(asked))]

    def _read(self, firsts: Sequence[Row]) -> list[Reading | None]:
        inputs = self._inputs([(image, prompt.text) for image, prompt in firsts])
        own = self._own_ids([prompt.text for _, prompt in firsts])
        found = read(self._model, inputs, own, self._ids.image)
        return [*found] if found is not None else [None] * len(firsts)
