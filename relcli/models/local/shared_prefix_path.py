"""The shared-prefix path from images and questions to replies."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from PIL import Image

from relcli.captures import TOKEN
from relcli.models.answer_engine import PromptShape
from relcli.models.edits import Edit, Patch, Places
from relcli.models.instrument.mask_edits import needs_own_tail, prefix_edit
from relcli.models.instrument.prompt_tokens import placed
from relcli.models.instrument.states import States
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.decode import DecodedReply, DecodeRow, DecodeSettings
from relcli.models.local.grid import Grid
from relcli.models.local.images import ImageReader, ProcessedImage, distinct
from relcli.models.local.layer_settings import is_recurrent
from relcli.models.local.loading import LoadedModel
from relcli.models.local.memory import Batching
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.patch_sources import SourcePrompt, places_in, prefix_writer, read_sources
from relcli.models.local.patched import Wanted, check_alike, shape_of, wanted_states
from relcli.models.local.prefix import Prefix
from relcli.models.local.prompt import Suffix, builder_for
from relcli.models.local.shared_prefix import answer_rows, encode
from relcli.scenes.spans import Span
from relcli.token_layout import TokenLayout


class SharedPrefixPath:
    """Each picture is encoded once; its questions run behind copies of that prefix."""

    def __init__(
        self, loaded: LoadedModel, batching: Batching, rows: Collection[str] = (), **settings: Any
    ):
        self._loaded, self._batching = loaded, batching
        self._settings = DecodeSettings(attended=rows, **settings)
        self._rows = frozenset({*rows, *self._settings.hidden} - {"answer"})
        self._builder = builder_for(loaded)
        self._images = ImageReader(loaded.image_processor)
        self.prompt_hash = self._builder.template_hash
        # What recurrent layers have read of a prefix can neither be taken back nor edited.
        recurrent = is_recurrent(loaded.config)
        self._whole = PaddedPath(loaded, batching, rows, **settings) if recurrent else None

    def layout(self, image: Image.Image) -> TokenLayout:
        grid = self._images.read([image])[0].grid
        return TokenLayout.of_grid(grid.height, grid.width)

    def image_size(self, image: Image.Image) -> tuple[int, int] | None:
        grid = self._images.read([image])[0].grid
        return grid.image_width, grid.image_height

    def prompt_shape(self, image: Image.Image, text: str, spans: tuple[Span, ...]) -> PromptShape:
        grid = self._images.read([image])[0].grid
        [suffix] = self._builder.suffixes([(text, spans)])
        length = len(self._builder.prefix_ids(grid.cells)) + len(suffix.ids)
        return shape_of(length, grid.cells, suffix.tokens)

    def reply(self, items: Sequence[AskItem]) -> list[DecodedReply]:
        if self._whole is not None and any(prompt.edit for item in items for prompt in item.prompts):
            return self._whole.reply(items)
        prompts = [prompt for item in items for prompt in item.prompts]
        wanted = wanted_states([prompt.edit for prompt in prompts])
        images = [item.image for item in items] + [source.image for source, _ in wanted]
        pictures, which = distinct(images)
        read = self._images.read(pictures)
        suffixes = self._builder.suffixes([(prompt.text, self._spans(prompt)) for prompt in prompts])
        sources = self._sources(wanted, [read[number] for number in which[len(items) :]])
        pictured = [which[i] for i, item in enumerate(items) for _ in item.prompts]
        asked = [
            DecodeRow(
                picture,
                self._tail(read[picture], prompt.edit) + suffix.ids + prompt.said,
                len(prompt.options),
                prompt.edit,
                placed(
                    (*suffix.tokens, *(suffix.every_token() if TOKEN in self._rows else ())),
                    len(self._builder.prefix_ids(read[picture].grid.cells)),
                    self._rows,
                ),
                prompt.regions,
                self._patched(read[picture], prompt, suffix, sources),
                len(prompt.said),
            )
            for picture, suffix, prompt in zip(pictured, suffixes, prompts, strict=True)
        ]
        # The same question on the same picture is asked once: on twins that changed nothing, and on blanks.
        by_grid: dict[Grid, list[DecodeRow]] = defaultdict(list)
        for row in dict.fromkeys(asked):
            by_grid[read[row.picture].grid].append(row)
        replies: dict[DecodeRow, DecodedReply] = {}
        for grid, rows in by_grid.items():
            encoded = sorted({prefix_source(row) for row in rows}, key=lambda each: each[0])
            here = {each: i for i, each in enumerate(encoded)}
            states = self._states([row.edit for row in rows], sources, grid)
            prefix = self._encode([(read[picture], edit) for picture, edit in encoded], grid, states)
            rows.sort(key=lambda row: len(row.suffix))
            for own_tail in (False, True):
                some = [row for row in rows if needs_own_tail(row.edit) == own_tail]
                shared = prefix.without_tail() if own_tail and some else prefix
                for alike in _of_one_length(some) if prefix.recurrent else [some]:
                    done = self._batching.run(
                        alike,
                        lambda batch, shared=shared, here=here, states=states: self._answer(
                            shared, here, states, batch
                        ),
                    )
                    replies.update(zip(alike, done, strict=True))
        return [replies[row] for row in asked]

    def _spans(self, prompt: PromptItem) -> tuple[Span, ...]:
        return prompt.spans if self._rows or isinstance(prompt.edit, Patch) else ()

    def _sources(
        self, wanted: Sequence[Wanted], pictures: Sequence[ProcessedImage]
    ) -> dict[Wanted, SourcePrompt]:
        suffixes = self._builder.suffixes([(source.text, source.spans) for source, _ in wanted])
        return {
            each: SourcePrompt(each, picture, suffix.ids, self._places(each[1], picture, suffix))
            for each, picture, suffix in zip(wanted, pictures, suffixes, strict=True)
        }

    def _places(self, at: Places, picture: ProcessedImage, suffix: Suffix) -> tuple[int, ...]:
        ids = self._builder.prefix_ids(picture.grid.cells)
        return places_in(at, ids, self._loaded.config.image_token_id, suffix)

    def _patched(
        self,
        picture: ProcessedImage,
        prompt: PromptItem,
        suffix: Suffix,
        sources: Mapping[Wanted, SourcePrompt],
    ) -> tuple[int, ...]:
        """The tokens of a prompt that its patch replaces. Raises UsageError where the source has others."""
        if not isinstance(prompt.edit, Patch):
            return ()
        source = sources[prompt.edit.source, prompt.edit.at]
        places = self._places(prompt.edit.at, picture, suffix)
        length, other = (
            len(self._builder.prefix_ids(each.grid.cells)) + len(ids)
            for each, ids in ((picture, suffix.ids), (source.picture, source.suffix))
        )
        check_alike(places, length, source.places, other)
        return places

    def _states(
        self, edits: Sequence[Edit | None], sources: Mapping[Wanted, SourcePrompt], grid: Grid
    ) -> dict[Wanted, States]:
        """What the patches of one grid copy."""
        prompts = [sources[each] for each in wanted_states(edits)]
        ids = self._builder.prefix_ids(grid.cells)
        return read_sources(self._loaded.model, self._batching, ids, prompts, edits, self._settings.pad_id)

    def _tail(self, picture: ProcessedImage, edit: Edit | None) -> tuple[int, ...]:
        """Ids between the image and the question that have to be run with the question."""
        if not needs_own_tail(edit):
            return ()
        ids = self._builder.prefix_ids(picture.grid.cells)
        last = len(ids) - 1 - ids[::-1].index(self._loaded.config.image_token_id)
        return tuple(ids[last + 1 :])

    def _encode(
        self,
        pictures: Sequence[tuple[ProcessedImage, Edit | None]],
        grid: Grid,
        states: Mapping[Wanted, States],
    ) -> Prefix:
        ids = self._builder.prefix_ids(grid.cells)
        image_id = self._loaded.config.image_token_id

        def run(batch: Sequence[tuple[ProcessedImage, Edit | None]]) -> list[Prefix]:
            edits = [edit for _, edit in batch]
            writer = prefix_writer(self._loaded.model, edits, states, ids, image_id)
            read = [picture for picture, _ in batch]
            together = encode(self._loaded.model, ids, read, edits, writer=writer)
            return [together.one(i) for i in range(len(batch))]

        return Prefix.join(self._batching.run(pictures, run))

    def _answer(
        self,
        prefix: Prefix,
        here: dict[tuple[int, Edit | None], int],
        states: Mapping[Wanted, States],
        rows: Sequence[DecodeRow],
    ) -> list[DecodedReply]:
        at = [here[prefix_source(row)] for row in rows]
        settings = self._settings.as_arguments()
        return answer_rows(self._loaded.model, prefix, at, rows, states=states, **settings)


def _of_one_length(rows: Sequence[DecodeRow]) -> list[list[DecodeRow]]:
    """Rows sorted by the length of their suffix, parted where it changes."""
    return [list(group) for _, group in groupby(rows, key=lambda row: len(row.suffix))]


def prefix_source(row: DecodeRow) -> tuple[int, Edit | None]:
    """What a row's prefix is made of: its picture, and what is cut while that is encoded."""
    return row.picture, prefix_edit(row.edit)
