"""The plain path from images and questions to replies: every question is a whole prompt of its own."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

import torch
from PIL import Image

from relcli.captures import TOKEN
from relcli.errors import RelcliError
from relcli.models.answer_engine import PromptShape
from relcli.models.edits import Patch, Places
from relcli.models.instrument.prompt_tokens import (
    every_token,
    last_place,
    offsets_of,
    place_of,
    placed,
    tokens_of_spans,
)
from relcli.models.instrument.states import StateWriter
from relcli.models.items import AskItem, PromptItem, PromptToken
from relcli.models.local.continued import Continued, PictureIds, ReadOnce, can_continue
from relcli.models.local.decode import DecodedReply, DecodeSettings
from relcli.models.local.families import Seen, family_of
from relcli.models.local.images import ImageReader, too_odd
from relcli.models.local.layer_settings import same_n_heads
from relcli.models.local.loading import LoadedModel
from relcli.models.local.memory import Batching
from relcli.models.local.padded import answer_batch, read_prompts, with_replies
from relcli.models.local.patched import (
    check_alike,
    reader_of,
    row_patch,
    shape_of,
    token_places,
    wanted_states,
)
from relcli.models.local.prompt import NO_TEMPLATE, builder_for
from relcli.models.local.special_tokens import image_token_id
from relcli.models.local.templates import render
from relcli.scenes.decoding import as_rgb
from relcli.scenes.spans import Span
from relcli.token_layout import TokenLayout

_MARK = "Is it?"  # a question, where any will do


class PaddedPath:
    """Every question is a prompt of its own, padded and generated in batches: whole, or behind a picture that
    is read once for its questions (continued.py)."""

    def __init__(
        self,
        loaded: LoadedModel,
        batching: Batching,
        rows: Collection[str] = (),
        whole: bool = False,
        **settings: Any,
    ):
        """whole: read pictures again with every question, where they could be read once."""
        self._loaded, self._batching = loaded, batching
        self._settings = DecodeSettings(attended=rows, **settings)
        self._rows = frozenset({*rows, *self._settings.hidden} - {"answer"})
        self._own = loaded.processor is not None
        self._builder = None if self._own else builder_for(loaded)
        self._images = ImageReader(loaded.image_processor)
        self._image_token_id = image_token_id(loaded.config)
        self._family = family_of(loaded.config)
        self._layouts: dict[tuple[int, int], TokenLayout] = {}
        self._has_processed = False
        if self._own:
            loaded.processor.tokenizer.padding_side = "left"  # type: ignore[union-attr]
            if loaded.processor.tokenizer.pad_token is None:  # type: ignore[union-attr]
                loaded.processor.tokenizer.pad_token = loaded.tokenizer.eos_token  # type: ignore[union-attr]
        if self._builder is not None:
            self.prompt_hash = self._builder.template_hash
        else:
            template = loaded.chat_template or self._text(_MARK)
            self.prompt_hash = hashlib.sha256(template.encode()).hexdigest()
        self._once = None if whole else self._read_once()

    @property
    def reads_once(self) -> bool:
        """Whether a picture is read once for its questions."""
        return self._once is not None

    def _read_once(self) -> ReadOnce | None:
        """What reads each picture once for its questions, where the model can go on from there."""
        loaded, token = self._loaded, getattr(self._loaded.processor, "image_token", None)
        if self._image_token_id is None or not token or not can_continue(self._family, loaded.config):
            return None
        placeholder = loaded.tokenizer.convert_tokens_to_ids(token)
        ids = PictureIds(placeholder, self._image_token_id, self._settings.pad_id)
        return ReadOnce(
            loaded.model,
            self._batching,
            ids,
            self._inputs,
            self._own_ids,
            lambda image: self.layout(image).n_tokens,
        )

    def layout(self, image: Image.Image) -> TokenLayout:
        """Where the image tokens of a picture stand; it depends on the picture's size alone."""
        if image.size not in self._layouts:
            self._layouts[image.size] = self._family.layout(self._seen(image))
        return self._layouts[image.size]

    def _seen(self, image: Image.Image) -> Seen:
        loaded, inputs = self._loaded, self._inputs([(image, _MARK)])
        known = self._image_token_id is not None
        n_tokens = inputs["input_ids"][0].tolist().count(self._image_token_id) if known else 0
        return Seen(*image.size, n_tokens, inputs, loaded.config, loaded.image_processor, loaded.processor)

    def image_size(self, image: Image.Image) -> tuple[int, int] | None:
        """Width and height in pixels at which the model sees a picture; None if it is cut into tiles."""
        if self._builder is not None:
            grid = self._images.read([image])[0].grid
            return grid.image_width, grid.image_height
        return self._family.image_size(self._seen(image))

    def prompt_shape(self, image: Image.Image, text: str, spans: tuple[Span, ...]) -> PromptShape:
        inputs = self._inputs([(image, text)])
        [tokens] = self._tokens([PromptItem(0, text, spans=spans)], inputs, {span.role for span in spans})
        ids = inputs["input_ids"][0]
        return shape_of(len(ids), int((ids == self._image_token_id).sum()), tokens)

    def reply(self, items: Sequence[AskItem]) -> list[DecodedReply]:
        asked = [(item.image, prompt) for item in items for prompt in item.prompts]
        # Alike pictures stand together: a batch needs one grid, and prompts of like length waste least.
        order = sorted(range(len(asked)), key=lambda i: (asked[i][0].size, len(asked[i][1].text)))
        once = None if any(prompt.edit for _, prompt in asked) else self._once
        replies: dict[int, DecodedReply] = {}
        start = 0
        while start < len(order):
            size = asked[order[start]][0].size
            same = [number for number in order[start:] if asked[number][0].size == size]
            rows = [asked[number] for number in same]
            done = once.answer(rows, self._answer) if once else None
            done = done or self._batching.run(rows, self._answer)
            replies.update(zip(same, done, strict=True))
            start += len(same)
        return [replies[number] for number in range(len(asked))]

    def _writer(self, batch: Sequence[Any], inputs: dict[str, torch.Tensor]) -> StateWriter | None:
        """Puts into the prompts what their patches copy. Raises UsageError for a source with other tokens."""
        edits = [prompt.edit for _, prompt in batch]
        wanted = wanted_states(edits)
        if not wanted:
            return None
        prompts = [PromptItem(0, source.text, spans=source.spans) for source, _ in wanted]
        sources = self._inputs([(source.image, source.text) for source, _ in wanted])
        width, lengths = sources["input_ids"].shape[1], sources["attention_mask"].sum(-1).tolist()
        found = self._places([at for _, at in wanted], prompts, sources)
        columns = [[width - n + i for i in own] for n, own in zip(lengths, found, strict=True)]
        reader = reader_of(edits, columns)
        settings = self._settings
        read_prompts(self._loaded.model, sources, settings.end_ids, settings.pad_id, reader)
        states = {each: reader.states(i, len(found[i])) for i, each in enumerate(wanted)}
        known = {each: (own, n) for each, own, n in zip(wanted, found, lengths, strict=True)}
        width, lengths = inputs["input_ids"].shape[1], inputs["attention_mask"].sum(-1).tolist()
        ats = [edit.at if isinstance(edit, Patch) else Places() for edit in edits]
        rows = []
        mine = self._places(ats, [prompt for _, prompt in batch], inputs)
        for edit, own, n in zip(edits, mine, lengths, strict=True):
            if isinstance(edit, Patch):
                check_alike(own, n, *known[edit.source, edit.at])
            rows.append(row_patch(edit, states, [width - n + i for i in own]))
        return StateWriter.of(rows, same_n_heads(self._loaded.config))

    def _places(
        self, ats: Sequence[Places], prompts: Sequence[PromptItem], inputs: dict[str, torch.Tensor]
    ) -> list[tuple[int, ...]]:
        """The tokens that `ats` name, numbered in each prompt without its padding."""
        roles = {at.role for at in ats if at.role is not None}
        tokens = self._tokens(prompts, inputs, roles) if roles else [()] * len(ats)
        ids, lengths = inputs["input_ids"], inputs["attention_mask"].sum(-1).tolist()
        found = []
        for at, row, of_row, length in zip(ats, ids, tokens, lengths, strict=True):
            image = (row == self._image_token_id).nonzero()[:, 0] - (len(row) - length)
            found.append(token_places(at, image.tolist(), of_row, length))
        return found

    def _answer(self, batch: Sequence[Any], behind: Continued | None = None) -> list[DecodedReply]:
        """behind: the prompts where their pictures have been read."""
        if behind is None:
            inputs = self._inputs([(image, prompt.text) for image, prompt in batch])
        else:
            inputs = behind.inputs
        looked_at = "summary" in self._settings.attention or any(prompt.edit for _, prompt in batch)
        return answer_batch(
            self._loaded.model,
            with_replies(inputs, [prompt.said for _, prompt in batch]),
            [len(prompt.options) for _, prompt in batch],
            image_token_id=self._image_token_id,
            layout=self.layout(batch[0][0]) if looked_at else None,
            edits=[prompt.edit for _, prompt in batch],
            writer=self._writer(batch, inputs),
            tokens=self._tokens([prompt for _, prompt in batch], inputs, self._rows) if self._rows else (),
            regions=[prompt.regions for _, prompt in batch],
            n_said=len(batch[0][1].said),
            cache=None if behind is None else behind.cache,
            n_read=0 if behind is None else behind.n_read,
            **self._settings.as_arguments(),
        )

    def _own_ids(self, questions: Sequence[str]) -> list[list[int]]:
        """The ids of prompts with one placeholder for the picture."""
        texts = [self._text(question) for question in questions]
        return self._loaded.tokenizer(texts, **self._specials(texts[0]))["input_ids"]

    def _specials(self, text: str) -> dict[str, Any]:
        """As apply_chat_template: a template that writes the first token itself must not get another one."""
        first = self._loaded.tokenizer.bos_token
        return {"add_special_tokens": False} if first and text.startswith(first) else {}

    def _tokens(
        self, prompts: Sequence[PromptItem], inputs: dict[str, torch.Tensor], rows: Collection[str]
    ) -> list[tuple[PromptToken, ...]]:
        """The tokens with some roles of each prompt, counted in the whole prompt without its padding.

        What follows the image is tokenised once more with offsets and looked for from the prompt's end, for
        what a processor makes of the image shifts everything behind it, and PaliGemma's adds a line's end.
        What isn't found is not read.
        """
        found: list[tuple[PromptToken, ...]] = []
        ids, lengths = inputs["input_ids"].tolist(), inputs["attention_mask"].sum(-1).tolist()
        every = TOKEN in rows
        for prompt, row, length in zip(prompts, ids, lengths, strict=True):
            if self._builder is not None:
                suffix = self._builder.suffixes([(prompt.text, prompt.spans)])[0]
                own, tokens = suffix.ids, [*suffix.tokens, *(suffix.every_token() if every else ())]
            else:
                text = self._text(prompt.text)
                [(own, offsets)] = offsets_of(self._loaded.tokenizer, [text])
                at = place_of(prompt.text, text)
                tokens = [] if at is None else tokens_of_spans(text, offsets, at, prompt.spans)
                if every and self._image_token_id in own:
                    first = len(own) - own[::-1].index(self._image_token_id)
                    tokens += every_token(text, offsets, first)
            first = min((token.index for token in tokens), default=len(own))
            start = last_place(row[len(row) - int(length) :], own[first:])
            found.append(() if start is None else placed(tokens, start - first, rows))
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
        texts = [self._text(text) for _, text in batch]
        images = [[as_rgb(image)] for image, _ in batch]
        specials = self._specials(texts[0])
        try:
            inputs = dict(processor(text=texts, images=images, padding=True, return_tensors="pt", **specials))
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            if not self._has_processed:  # then its settings are at fault as well as the picture
                raise
            raise too_odd(batch[0][0], error) from error
        self._has_processed = True
        inputs.pop("labels", None)
        return {
            name: value.to(self._loaded.dtype) if value.is_floating_point() else value
            for name, value in inputs.items()
        }

    def _text(self, question: str) -> str:
        """The prompt with one image token, as the processor takes it."""
        loaded = self._loaded
        if not loaded.chat_template and (own := self._family.prompt(question)) is not None:
            return own
        if not loaded.chat_template:
            raise RelcliError(NO_TEMPLATE)
        return render(loaded.processor, loaded.chat_template, question)
