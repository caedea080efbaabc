"""Training batches from seeds: pictures, dense targets and packed questions, the same for a step whenever it
is made.

A batch is a function of (seed, stage, step), so a resumed run continues along the same curve, and any process
can make any
batch: a loader process does so off the critical path.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerFast

from relcli.scenes.masking import Twin, make_twin
from relcli.scenes.rendering import render
from relcli.scenes.scene import Scene, derived_rng, generate_scene
from relcli.scenes.vocabulary import IMAGE_SIZE, NAMES, OPTIONS_LEAD
from relcli.training.curriculum import Item, caption_item, lettered_items, open_items
from relcli.training.dense import CELLS, GRID, DenseTargets, dense_targets
from relcli.training.pictures import to_patches
from relcli.training.recipe import KINDS, Stage
from relcli.training.tokenizer import token_id

#: Training draws its scenes from a domain of its own: no scene that ``generate`` makes for a user, whatever
#: the seed, is among them by construction (the domain is hashed into every scene's seed).
DOMAIN = "train"
IGNORE = -100
#: The end mark behind a reply is learnt at once; it weighs less than what the reply says.
END_WEIGHT = 0.1
CAPTION_WEIGHT = 0.3
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_NAME = "|".join(NAMES)
_MENTION = re.compile(rf"\b({_NAME})\b")
#: What a prompt may claim of two objects: that an arrow joins them, or that one points from here to there.
_CLAIM = re.compile(rf"(?:the ({_NAME}) with|from the ({_NAME}) to) the ({_NAME})\b")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item as tokens. ids: prompt behind the image and reply; reply_from: where the reply starts.

    options: (token, right) for the last token of each option. claims: (token, true) for the last token of
    each pair of objects that the prompt says an arrow joins. mentions: (token, x, y, weight, present,
    first x, first y, weight) for the last token of each object named in the prompt: its centre as shares of
    the picture, 1 if that is one place, whether there is such an object, and the same of the first one named
    (weight
    0 on that one itself).
    """

    ids: list[int]
    reply_from: int
    end_id: int
    kind: str
    options: list[tuple[int, bool]]
    claims: list[tuple[int, bool]]
    mentions: list[tuple[int, float, float, float, float, float, float, float]]


class Encoder:
    """Tokens of items and of the shared prefix, as the prompt builder makes them for this tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.fast = tokenizer.backend_tokenizer
        self.end_id = token_id(tokenizer, "<|im_end|>")
        self.pad_id = token_id(tokenizer, "<|endoftext|>")
        prefix = "<|im_start|>user\n<|vision_start|>" + "<|image_pad|>" * CELLS + "<|vision_end|>"
        self.prefix: list[int] = self.fast.encode(prefix).ids
        self.image_start = self.prefix.index(token_id(tokenizer, "<|image_pad|>"))

    def encode(self, items: list[Item], shown: Scene) -> list[Encoded]:
        """Tokenise prompts and replies about the scene that is shown."""
        places = _places(shown)
        prompts = self.fast.encode_batch(
            [f"{item.prompt}<|im_end|>\n<|im_start|>assistant\n" for item in items]
        )
        replies = self.fast.encode_batch([item.reply for item in items])
        encoded = []
        for item, prompt, reply in zip(items, prompts, replies, strict=True):
            ends = {end: token for token, (_, end) in enumerate(prompt.offsets)}
            options = [(ends[end], right) for end, right in _option_ends(item)]
            claims = [(ends[end], true) for end, true in _claims(item.prompt, shown) if end in ends]
            named = [
                (ends[match.end()], places.get(match.group(), _NOWHERE))
                for match in _MENTION.finditer(item.prompt)
                if match.end() in ends
            ]
            mentions = [
                (token, *place, first[0], first[1], first[2] * place[2] if number else 0.0)
                for number, (token, place) in enumerate(named)
                if (first := named[0][1])
            ]
            encoded.append(
                Encoded(
                    prompt.ids + reply.ids, len(prompt.ids), self.end_id, item.kind, options, claims, mentions
                )
            )
        return encoded


def _places(scene: Scene) -> dict[str, tuple[float, float, float, float]]:
    """By name: centre x and y as shares of the picture, 1 if only one object has the name, and 1 for
    present."""
    places: dict[str, tuple[float, float, float, float]] = {}
    for entity in scene.entities:
        x, y = (value / IMAGE_SIZE for value in entity.center)
        places[entity.name] = (x, y, 0.0 if entity.name in places else 1.0, 1.0)
    return places


def _claims(prompt: str, scene: Scene) -> list[tuple[int, bool]]:
    """Where each claim about two objects ends in the prompt, in characters, and whether it is true. A name
    that two objects have makes no claim."""
    names = Counter(entity.name for entity in scene.entities)
    arrows = {(scene.entity(a.subject_id).name, scene.entity(a.object_id).name) for a in scene.arrows}
    claims = []
    for match in _CLAIM.finditer(prompt):
        either, source, target = match.groups()
        if max(names[either or source], names[target]) < 2:
            true = (either or source, target) in arrows or (either is not None and (target, either) in arrows)
            claims.append((match.end(), true))
    return claims


def _option_ends(item: Item) -> list[tuple[int, bool]]:
    """Where each option's text ends in the prompt, in characters."""
    ends = []
    at = item.prompt.find(OPTIONS_LEAD) + len(OPTIONS_LEAD)
    for letter, right in zip("bcd ", item.option_truth, strict=False):
        last = len(ends) == len(item.option_truth) - 1
        end = item.prompt.find(" Please", at) if last else item.prompt.find(f" {letter}) ", at)
        ends.append((end, right))
        at = end
    return ends


def positions_of(prefix_length: int, image_start: int, offsets: np.ndarray) -> np.ndarray:
    """M-RoPE positions (time, row, column) of a packed sequence, int64 [3, length].

    Args:
        prefix_length, image_start: of the shared prefix.
        offsets: for every token behind the prefix its place in its own question, int64 [rest].
    """
    rest = image_start + GRID
    rows, columns = np.divmod(np.arange(CELLS), GRID)
    image = np.stack((np.zeros(CELLS, dtype=np.int64), rows, columns)) + image_start
    before = np.broadcast_to(np.arange(image_start), (3, image_start))
    tail = prefix_length - image_start - CELLS
    after = np.broadcast_to(np.arange(tail) + rest, (3, tail))
    questions = np.broadcast_to(offsets + rest + tail, (3, len(offsets)))
    return np.concatenate((before, image, after, questions), axis=1)


def pack(encoder: Encoder, items: list[Encoded], length: int) -> dict[str, np.ndarray]:
    """Lay items behind one prefix, in order, skipping what no longer fits.

    Returns:
        ids, segments, labels [length] int64; weights [length] float32; option_right [length] int64 (-1: no
        option ends here); claim [length] int64 (-1: no claim ends here, else whether it is true); mention
        [length, 7] float32 (Encoded.mentions without the token), mentioned [length] bool; kinds [length]
        int64, place in KINDS where a reply's first token is predicted, else -1; positions [3, length] int64.
    """
    ids = np.full(length, encoder.pad_id, dtype=np.int64)
    segments = np.full(length, -1, dtype=np.int64)
    labels = np.full(length, IGNORE, dtype=np.int64)
    weights = np.zeros(length, dtype=np.float32)
    option_right = np.full(length, -1, dtype=np.int64)
    claim = np.full(length, -1, dtype=np.int64)
    mention = np.zeros((length, 7), dtype=np.float32)
    mentioned = np.zeros(length, dtype=np.bool_)
    kinds = np.full(length, -1, dtype=np.int64)
    offsets = np.zeros(length - len(encoder.prefix), dtype=np.int64)
    at = len(encoder.prefix)
    ids[:at], segments[:at] = encoder.prefix, 0
    for number, item in enumerate(items, start=1):
        size = len(item.ids)
        if at + size > length:
            continue
        ids[at : at + size] = item.ids
        segments[at : at + size] = number
        offsets[at - len(encoder.prefix) :][:size] = np.arange(size)
        answer = slice(at + item.reply_from - 1, at + size)
        labels[answer] = [*item.ids[item.reply_from :], item.end_id]
        weights[answer] = CAPTION_WEIGHT if item.kind == "caption" else 1.0
        weights[at + size - 1] = END_WEIGHT
        kinds[answer.start] = KINDS.index(item.kind)
        for token, right in item.options:
            option_right[at + token] = right
        for token, true in item.claims:
            claim[at + token] = true
        for token, *target in item.mentions:
            mention[at + token] = target
            mentioned[at + token] = True
        at += size
    positions = positions_of(len(encoder.prefix), encoder.image_start, offsets)
    return {
        "ids": ids,
        "segments": segments,
        "labels": labels,
        "weights": weights,
        "option_right": option_right,
        "claim": claim,
        "mention": mention,
        "mentioned": mentioned,
        "kinds": kinds,
        "positions": positions,
    }


def draw_picture(seed: int, stage: str, index: int) -> tuple[Scene, Twin | None, bool, random.Random]:
    """Picture ``index`` of a stage: the raw scene, its twin, whether the twin is shown, and the rng for its
    questions."""
    scene = generate_scene(seed, index, domain=f"{DOMAIN}/{stage}")
    twin = make_twin(scene, seed, domain=f"{DOMAIN}/{stage}")
    rng = derived_rng(seed, index, "questions", f"{DOMAIN}/{stage}")
    return scene, twin, twin is not None and twin.changed and rng.random() < 0.4, rng


def draw_items(
    scene: Scene, twin: Twin | None, shown_twin: bool, stage: Stage, rng: random.Random
) -> list[Item]:
    """The items for one picture in random order, the stage's preferred kinds more often in front."""
    items = []
    for _ in range(stage.rounds):
        question_set = "seed" if rng.random() < stage.seed_share else "balanced"
        items += lettered_items(scene, twin, shown_twin, question_set, rng)
    shown = twin.scene if twin is not None and shown_twin else scene
    items += open_items(shown, stage.open_items, rng)
    if rng.random() < stage.caption_share:
        items.append(caption_item(shown, rng))
    weight = stage.kind_weights
    return sorted(items, key=lambda item: -(rng.random() ** (1.0 / weight.get(item.kind, 1.0))))


class StageBatches(Dataset[dict[str, Any]]):
    """The batches of a stage by step number."""

    def __init__(self, stage: Stage, seed: int, tokenizer: PreTrainedTokenizerFast | None) -> None:
        self.stage, self.seed = stage, seed
        self.encoder = None if tokenizer is None else Encoder(tokenizer)

    def __len__(self) -> int:
        return self.stage.steps

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        rows: list[dict[str, np.ndarray]] = []
        for index in range(step * self.stage.batch, (step + 1) * self.stage.batch):
            scene, twin, shown_twin, rng = draw_picture(self.seed, self.stage.name, index)
            shown = twin.scene if twin is not None and shown_twin else scene
            row = {"patches": to_patches(render(shown))}
            if self.stage.dense_weight:
                target = dense_targets(shown)
                row |= {field.name: getattr(target, field.name) for field in fields(DenseTargets)}
            if self.encoder is not None and self.stage.text:
                items = self.encoder.encode(draw_items(scene, twin, shown_twin, self.stage, rng), shown)
                row |= pack(self.encoder, items, self.stage.length)
            rows.append(row)
        return {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
