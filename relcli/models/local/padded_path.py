"""The plain path from images and questions to replies: every question is a whole prompt of its own."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

import torch
from PIL import Image

from relcli.captures import TOKEN
from relcli.models.instrument.prompt_tokens import (
    every_token,
    offsets_of,
    place_of,
    placed,
    tokens_of_spans,
)
from relcli.models.items import AskItem, PromptItem, PromptToken
from relcli.models.local.decode import DecodedReply, DecodeSettings
from relcli.models.local.images import ImageReader
from relcli.models.local.loading import LoadedModel
from relcli.models.local.memory import Batching
from relcli.models.local.padded import answer_batch
from relcli.models.local.prompt import Grid, builder_for, grid_of
from relcli.models.local.templates import render
from relcli.scenes.decoding import as_rgb


class PaddedPath:
    """Every question is a whole prompt of its own, padded and generated in batches."""

    def __init__(
        self, loaded: LoadedModel, batching: Batching, rows: Collection[str] = (), **settings: Any
    ):
        self._loaded, self._rows = loaded, frozenset(rows)
        self._batching = batching
        self._settings = DecodeSettings(**settings)
        self._own = loaded.processor is not None
        self._builder = None if self._own else builder_for(loaded)
        self._images = ImageReader(loaded.image_processor)
        self._image_token_id = getattr(loaded.config, "image_token_id", None)
        if self._own:
            loaded.processor.tokenizer.padding_side = "left"  # type: ignore[union-attr]
            if loaded.processor.tokenizer.pad_token is None:  # type: ignore[union-attr]
                loaded.processor.tokenizer.pad_token = loaded.tokenizer.eos_token  # type: ignore[union-attr]
        template = loaded.chat_template or ""
        own_hash = hashlib.sha256(template.encode()).hexdigest()
        self.prompt_hash = own_hash if self._builder is None else self._builder.template_hash

    def image_grid(self, image: Image.Image) -> Grid:
        if self._builder is not None:
            return self._images.read([image])[0].grid
        inputs = self._inputs([(image, "")])
        cells = int((inputs["input_ids"] == self._image_token_id).sum())
        height, width = inputs["pixel_values"].shape[-2:]
        side = round(cells**0.5)
        return Grid(side, side, height, width) if side * side == cells else Grid(1, cells, height, width)

    def reply(self, items: Sequence[AskItem]) -> list[DecodedReply]:
        asked = [(item.image, prompt) for item in items for prompt in item.prompts]
        # Alike pictures stand together: a batch needs one grid, and prompts of like length waste least.
        order = sorted(range(len(asked)), key=lambda i: (asked[i][0].size, len(asked[i][1].text)))
        replies: dict[int, DecodedReply] = {}
        start = 0
        while start < len(order):
            size = asked[order[start]][0].size
            same = [number for number in order[start:] if asked[number][0].size == size]
            done = self._batching.run([asked[number] for number in same], self._answer)
            replies.update(zip(same, done, strict=True))
            start += len(same)
        return [replies[number] for number in range(len(asked))]

    def _answer(self, batch: Sequence[Any]) -> list[DecodedReply]:
        inputs = self._inputs([(image, prompt.text) for image, prompt in batch])
        grid = None
        if "image_grid_thw" in inputs:
            found = grid_of(self._loaded.image_processor, inputs["image_grid_thw"][0].tolist())
            grid = (found.height, found.width)
        return answer_batch(
            self._loaded.model,
            inputs,
            [len(prompt.options) for _, prompt in batch],
            image_token_id=self._image_token_id,
            grid=grid,
            edits=[prompt.edit for _, prompt in batch],
            tokens=self._tokens([prompt for _, prompt in batch], inputs) if self._rows else (),
            regions=[prompt.regions for _, prompt in batch],
            **self._settings.as_arguments(),
        )

    def _tokens(
        self, prompts: Sequence[PromptItem], inputs: dict[str, torch.Tensor]
    ) -> list[tuple[PromptToken, ...]]:
        """The tokens to read of each prompt, counted in the whole prompt without its padding.

        What follows the image is tokenised once more with offsets and matched from the prompt's end, for what
        a processor makes of the image shifts everything behind it. Where the ends differ, none are read.
        """
        found: list[tuple[PromptToken, ...]] = []
        ids, lengths = inputs["input_ids"].tolist(), inputs["attention_mask"].sum(-1).tolist()
        every = TOKEN in self._rows
        for prompt, row, length in zip(prompts, ids, lengths, strict=True):
            if self._builder is not None:
                suffix = self._builder.suffixes([(prompt.text, prompt.spans)])[0]
                own, tokens = suffix.ids, [*suffix.tokens, *(suffix.every_token() if every else ())]
            else:
                text = render(self._loaded.processor, self._loaded.chat_template, prompt.text)
                [(own, offsets)] = offsets_of(self._loaded.tokenizer, [text])
                at = place_of(prompt.text, text)
                tokens = [] if at is None else tokens_of_spans(text, offsets, at, prompt.spans)
                if every and self._image_token_id in own:
                    first = len(own) - own[::-1].index(self._image_token_id)
                    tokens += every_token(text, offsets, first)
            behind = len(own) - min((token.index for token in tokens), default=len(own))
            same = list(own[len(own) - behind :]) == row[len(row) - behind :]
            found.append(placed(tokens, int(length) - len(own), self._rows) if same else ())
        return found

    def _inputs(self, batch: Sequence[tuple[Image.Image, str]]) -> dict[str, torch.Tensor]:
        if self._builder is None:
            return self._processed(batch)
        read = self._images.read([image for image, _ in batch])
        prompts = [
            self._builder.prefix_ids(picture.grid.cells) + suffix
            for picture, suffix in zip(
                read, self._builder.suffix_ids([text for _, text in batch]), strict=True
            )
        ]
        longest = max(len(ids) for ids in prompts)
        pad = self._settings.pad_id
        ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts])
        return {
            "input_ids": ids,
            "attention_mask": torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts]),
            "pixel_values": torch.cat([picture.pixel_values for picture in read]),
            "image_grid_thw": torch.stack([picture.grid_thw for picture in read]),
            "mm_token_type_ids": (ids == self._image_token_id).int(),
        }

    def _processed(self, batch: Sequence[tuple[Image.Image, str]]) -> dict[str, torch.Tensor]:
        """Prompts laid out by the model's own processor."""
        processor: Any = self._loaded.processor
        texts = [render(processor, self._loaded.chat_template, text) for _, text in batch]
        images = [[as_rgb(image)] for image, _ in batch]
        inputs = dict(processor(text=texts, images=images, padding=True, return_tensors="pt"))
        inputs["pixel_values"] = inputs["pixel_values"].to(self._loaded.dtype)
        return inputs
