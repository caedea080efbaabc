"""The shared-prefix path from images and questions to replies."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import torch
from PIL import Image

from relcli.captures import TOKEN
from relcli.models.instrument.knockout import needs_own_tail, prefix_edit
from relcli.models.instrument.prompt_tokens import placed
from relcli.models.items import AskItem, Knockout, PromptItem
from relcli.models.local.decode import DecodedReply, DecodeRow, DecodeSettings
from relcli.models.local.grid import Grid
from relcli.models.local.images import ImageReader, ProcessedImage, distinct
from relcli.models.local.loading import LoadedModel
from relcli.models.local.memory import Batching
from relcli.models.local.prompt import builder_for
from relcli.models.local.shared_prefix import Prefix, answer_rows, encode
from relcli.scenes.spans import Span
from relcli.token_layout import TokenLayout


class SharedPrefixPath:
    """Each picture is encoded once; its questions run behind copies of that prefix."""

    def __init__(
        self, loaded: LoadedModel, batching: Batching, rows: Collection[str] = (), **settings: Any
    ):
        self._loaded, self._rows = loaded, frozenset(rows)
        self._batching = batching
        self._settings = DecodeSettings(**settings)
        self._builder = builder_for(loaded)
        self._images = ImageReader(loaded.image_processor)
        self.prompt_hash = self._builder.template_hash

    def layout(self, image: Image.Image) -> TokenLayout:
        grid = self._images.read([image])[0].grid
        return TokenLayout.of_grid(grid.height, grid.width)

    def image_size(self, image: Image.Image) -> tuple[int, int] | None:
        grid = self._images.read([image])[0].grid
        return grid.image_width, grid.image_height

    def reply(self, items: Sequence[AskItem]) -> list[DecodedReply]:
        pictures, which = distinct([item.image for item in items])
        read = self._images.read(pictures)
        prompts = [prompt for item in items for prompt in item.prompts]
        suffixes = self._builder.suffixes([(prompt.text, self._spans(prompt)) for prompt in prompts])
        pictured = [which[i] for i, item in enumerate(items) for _ in item.prompts]
        asked = [
            DecodeRow(
                picture,
                self._tail(read[picture], prompt.edit) + suffix.ids,
                len(prompt.options),
                prompt.edit,
                placed(
                    (*suffix.tokens, *(suffix.every_token() if TOKEN in self._rows else ())),
                    len(self._builder.prefix_ids(read[picture].grid.cells)),
                    self._rows,
                ),
                prompt.regions,
            )
            for picture, suffix, prompt in zip(pictured, suffixes, prompts, strict=True)
        ]
        # The same question on the same picture is asked once: on twins that changed nothing, and on blanks.
        by_grid: dict[Grid, list[DecodeRow]] = defaultdict(list)
        for row in dict.fromkeys(asked):
            by_grid[read[row.picture].grid].append(row)
        replies: dict[DecodeRow, DecodedReply] = {}
        for grid, rows in by_grid.items():
            sources = sorted({source(row) for row in rows}, key=lambda each: each[0])
            here = {each: i for i, each in enumerate(sources)}
            prefix = self._encode([(read[picture], edit) for picture, edit in sources], grid)
            rows.sort(key=lambda row: len(row.suffix))
            for own_tail in (False, True):
                some = [row for row in rows if needs_own_tail(row.edit) == own_tail]
                shared = prefix.without_tail() if own_tail and some else prefix
                done = self._batching.run(
                    some, lambda batch, shared=shared, here=here: self._answer(shared, here, batch)
                )
                replies.update(zip(some, done, strict=True))
        return [replies[row] for row in asked]

    def _spans(self, prompt: PromptItem) -> tuple[Span, ...]:
        return prompt.spans if self._rows else ()

    def _tail(self, picture: ProcessedImage, edit: Knockout | None) -> tuple[int, ...]:
        """Ids between the image and the question that have to be run with the question."""
        if not needs_own_tail(edit):
            return ()
        ids = self._builder.prefix_ids(picture.grid.cells)
        last = len(ids) - 1 - ids[::-1].index(self._loaded.config.image_token_id)
        return tuple(ids[last + 1 :])

    def _encode(self, pictures: Sequence[tuple[ProcessedImage, Knockout | None]], grid: Grid) -> Prefix:
        ids = self._builder.prefix_ids(grid.cells)

        def run(batch: Sequence[tuple[ProcessedImage, Knockout | None]]) -> list[Prefix]:
            pixels = torch.cat([picture.pixel_values for picture, _ in batch])
            grids = torch.stack([picture.grid_thw for picture, _ in batch])
            edits = [edit for _, edit in batch]
            together = encode(self._loaded.model, ids, pixels, grids, grid, edits)
            return [one(together, i) for i in range(len(batch))]

        return Prefix.join(self._batching.run(pictures, run))

    def _answer(
        self, prefix: Prefix, here: dict[tuple[int, Knockout | None], int], rows: Sequence[DecodeRow]
    ) -> list[DecodedReply]:
        at = [here[source(row)] for row in rows]
        return answer_rows(self._loaded.model, prefix, at, rows, **self._settings.as_arguments())


def source(row: DecodeRow) -> tuple[int, Knockout | None]:
    """What a row's prefix is made of: its picture, and what is cut while that is encoded."""
    return row.picture, prefix_edit(row.edit)


def one(prefix: Prefix, image: int) -> Prefix:
    """The prefix of a single image out of several."""
    layers = [(keys[image : image + 1], values[image : image + 1]) for keys, values in prefix.layers]
    return replace(prefix, layers=layers)
