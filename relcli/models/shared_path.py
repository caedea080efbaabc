"""The shared-prefix path from images and questions to replies."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from PIL import Image

from relcli.models.decode import Reply, Row, Settings
from relcli.models.images import ImageReader, Picture, distinct
from relcli.models.items import AskItem
from relcli.models.loading import LoadedModel
from relcli.models.memory import Batching
from relcli.models.prompt import Grid, builder_for
from relcli.models.shared import Prefix, answer_rows, encode


class SharedPath:
    """Each picture is encoded once; its questions run behind copies of that prefix."""

    def __init__(self, loaded: LoadedModel, batching: Batching, **settings: Any):
        self._loaded = loaded
        self._batching = batching
        self._settings = Settings(**settings)
        self._builder = builder_for(loaded)
        self._images = ImageReader(loaded.image_processor)
        self.prompt_hash = self._builder.template_hash

    def image_grid(self, image: Image.Image) -> Grid:
        return self._images.read([image])[0].grid

    def reply(self, items: Sequence[AskItem]) -> list[Reply]:
        pictures, which = distinct([item.image for item in items])
        read = self._images.read(pictures)
        prompts = [prompt for item in items for prompt in item.prompts]
        suffixes = self._builder.suffix_ids([prompt.text for prompt in prompts])
        pictured = [which[i] for i, item in enumerate(items) for _ in item.prompts]
        asked = [
            Row(picture, tuple(suffix), len(prompt.options), prompt.edit)
            for picture, suffix, prompt in zip(pictured, suffixes, prompts, strict=True)
        ]
        # The same question on the same picture is asked once: on twins that changed nothing, and on blanks.
        by_grid: dict[Grid, list[Row]] = defaultdict(list)
        for row in dict.fromkeys(asked):
            by_grid[read[row.picture].grid].append(row)
        replies: dict[Row, Reply] = {}
        for grid, rows in by_grid.items():
            here = {picture: i for i, picture in enumerate(sorted({row.picture for row in rows}))}
            prefix = self._encode([read[picture] for picture in here], grid)
            rows.sort(key=lambda row: len(row.suffix))
            done = self._batching.run(
                rows, lambda batch, prefix=prefix, here=here: self._answer(prefix, here, batch)
            )
            replies.update(zip(rows, done, strict=True))
        return [replies[row] for row in asked]

    def _encode(self, pictures: Sequence[Picture], grid: Grid) -> Prefix:
        ids = self._builder.prefix_ids(grid.cells)

        def run(batch: Sequence[Picture]) -> list[Prefix]:
            pixels = torch.cat([picture.pixel_values for picture in batch])
            grids = torch.stack([picture.grid_thw for picture in batch])
            together = encode(self._loaded.model, ids, pixels, grids, grid)
            return [one(together, i) for i in range(len(batch))]

        return Prefix.join(self._batching.run(pictures, run))

    def _answer(self, prefix: Prefix, here: dict[int, int], rows: Sequence[Row]) -> list[Reply]:
        at = [here[row.picture] for row in rows]
        return answer_rows(self._loaded.model, prefix, at, rows, **self._settings.as_arguments())


def one(prefix: Prefix, image: int) -> Prefix:
    """The prefix of a single image out of several."""
    layers = [(keys[image : image + 1], values[image : image + 1]) for keys, values in prefix.layers]
    return replace(prefix, layers=layers)
