"""Token ids of a prompt: one user message (image, then text), split behind the image into prefix and suffix.

The prefix is the same for every question on an image of the same grid, so the engine runs it once (shared
prefix). For Qwen3-VL and the bundled model a prompt reads

    <|im_start|>user\\n<|vision_start|><|image_pad|> x
    64<|vision_end|>QUESTION<|im_end|>\\n<|im_start|>assistant\\n
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from relcli.errors import RelcliError
from relcli.models.instrument.prompt_tokens import (
    Offsets,
    every_token,
    offsets_of,
    place_of,
    tokens_of_spans,
)
from relcli.models.items import PromptToken
from relcli.models.local.grid import Grid
from relcli.models.local.loading import LoadedModel
from relcli.models.local.templates import render
from relcli.scenes.spans import Span

# Stands for the question while the template is rendered; no template or question holds it.
_MARK = "\u241eQUESTION\u241e"


NO_TEMPLATE = (
    "The model has no chat template: add chat_template.jinja to its folder (an instruction-tuned checkpoint "
    "brings one)."
)


class Suffix(NamedTuple):
    """The ids behind the image, which of them hold the question's spans, and the characters of each."""

    ids: tuple[int, ...]
    tokens: tuple[PromptToken, ...]
    text: str
    offsets: Offsets

    def every_token(self) -> list[PromptToken]:
        """All of them, with the role TOKEN."""
        return every_token(self.text, self.offsets)


class PromptBuilder:
    """Prompts of one checkpoint, from its own chat template, tokenizer and image processor.

    image_token, image_end: strings of the image token and of the mark behind the image (None: there is none).
    Raises RelcliError if the template is missing or does not place exactly one image token.
    """

    KNOWN = 4_000
    """Questions whose tokens are remembered; a chunk of pictures asks fewer as a rule."""

    def __init__(self, tokenizer: Any, chat_template: str | None, image_token: str, image_end: str | None):
        if not chat_template:
            raise RelcliError(NO_TEMPLATE)
        self._tokenizer = tokenizer
        self._template = chat_template
        self.image_token = image_token
        rendered = self.render(_MARK)
        if (
            rendered.count(image_token) != 1
            or rendered.count(_MARK) != 1
            or rendered.find(image_token) > rendered.find(_MARK)
        ):
            raise RelcliError(
                f"The model's chat template does not put one {image_token} before the question: check "
                "chat_template.jinja."
            )
        at = rendered.index(image_token) + len(image_token)
        if image_end and (end := rendered.find(image_end, at)) >= 0:
            at = end + len(image_end)
        self._prefix = rendered[:at]
        self._before, self._after = rendered[at:].split(_MARK)
        # Rendering costs more than the model does at small sizes; splicing is the same unless the template
        # edits text.
        probe = " Is a  b? \n"
        self._spliceable = self.render(probe) == self._prefix + self._before + probe + self._after
        self._first = self._special_ids(rendered)
        self._suffix_ids: dict[str, list[int]] = {}
        self._suffixes: dict[tuple[str, tuple[Span, ...]], Suffix] = {}
        self._prefix_ids = lru_cache(maxsize=64)(self._tokenise_prefix)

    @property
    def template_hash(self) -> str:
        """sha256 of the prompt as rendered around a placeholder question."""
        return hashlib.sha256(self.render(_MARK).encode()).hexdigest()

    def render(self, question: str) -> str:
        """The prompt as text, with one image token, ready for the reply."""
        return render(self._tokenizer, self._template, question)

    def prefix_ids(self, image_tokens: int) -> list[int]:
        """Ids up to and including the vision end mark, the image token repeated `image_tokens` times."""
        return list(self._prefix_ids(image_tokens))

    def suffix_ids(self, questions: Sequence[str]) -> list[list[int]]:
        """Ids behind the image for each question: the question, the turn's end, the start of the reply."""
        self._forget(self._suffix_ids)
        new = [text for text in dict.fromkeys(questions) if text not in self._suffix_ids]
        if new:
            encoded = self._tokenizer([self._suffix(text) for text in new], add_special_tokens=False)
            self._suffix_ids.update(zip(new, encoded["input_ids"], strict=True))
        return [self._suffix_ids[text] for text in questions]

    def suffixes(self, questions: Sequence[tuple[str, tuple[Span, ...]]]) -> list[Suffix]:
        """As suffix_ids, with the tokens that hold each question's spans; `index` counts in the suffix."""
        self._forget(self._suffixes)
        new = [each for each in dict.fromkeys(questions) if each not in self._suffixes]
        if new:
            texts = [self._suffix(text) for text, _ in new]
            for each, text, (ids, offsets) in zip(
                new, texts, offsets_of(self._tokenizer, texts), strict=True
            ):
                question, spans = each
                at = len(self._before) if self._spliceable else place_of(question, text)
                tokens = tokens_of_spans(text, offsets, at, spans) if at is not None else []
                self._suffixes[each] = Suffix(tuple(ids), tuple(tokens), text, offsets)
        return [self._suffixes[each] for each in questions]

    def _forget(self, known: dict[Any, Any]) -> None:
        """Questions come again with the twins of their scene, so soon: what was asked long ago needs no
        memory."""
        if len(known) > self.KNOWN:
            known.clear()

    def whole_ids(self, question: str, image_tokens: int) -> list[int]:
        """Ids of the whole prompt, tokenised in one piece."""
        text = self.render(question).replace(self.image_token, self.image_token * image_tokens, 1)
        return self._first + self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def _tokenise_prefix(self, image_tokens: int) -> list[int]:
        text = self._prefix.replace(self.image_token, self.image_token * image_tokens, 1)
        return self._first + self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def _special_ids(self, rendered: str) -> list[int]:
        """What the tokenizer puts in front of a prompt, as a processor's apply_chat_template lets it: nothing
        where the template writes the first token itself."""
        first = self._tokenizer.bos_token
        if first and rendered.startswith(first):
            return []
        whole = self._tokenizer(rendered)["input_ids"]
        bare = self._tokenizer(rendered, add_special_tokens=False)["input_ids"]
        extra = len(whole) - len(bare)
        if whole[extra:] != bare:
            raise RelcliError("The model's tokenizer puts special tokens where its reply would begin.")
        return list(whole[:extra])

    def _suffix(self, question: str) -> str:
        if self.image_token in question:
            raise RelcliError(
                f"The question {question[:60]!r} holds the model's image token {self.image_token}: remove it."
            )
        if self._spliceable:
            return self._before + question + self._after
        rendered = self.render(question)
        if not rendered.startswith(self._prefix):
            raise RelcliError(
                f"The chat template puts the question {question[:60]!r} before the image, where it can't "
                "be shared."
            )
        return rendered[len(self._prefix) :]


def grid_of(image_processor: Any, grid_thw: Sequence[int]) -> Grid:
    """The grid of image tokens from the image processor's patch grid [time, height, width]."""
    merge, patch = image_processor.merge_size, image_processor.patch_size
    _, height, width = (int(value) for value in grid_thw)
    return Grid(height // merge, width // merge, height * patch, width * patch)


def builder_for(loaded: LoadedModel) -> PromptBuilder:
    """The prompt builder of a model whose image tokens follow from the image grid."""
    config, tokenizer = loaded.config, loaded.tokenizer
    image_id = getattr(config, "image_token_id", None)
    if image_id is None:
        raise RelcliError(
            f"The model {loaded.name!r} names no image token: its config.json lacks image_token_id."
        )
    end_id = getattr(config, "vision_end_token_id", None)
    image_end = None if end_id is None else _token(loaded, "vision_end_token_id", end_id)
    return PromptBuilder(
        tokenizer, loaded.chat_template, _token(loaded, "image_token_id", image_id), image_end
    )


def _token(loaded: LoadedModel, name: str, number: Any) -> str:
    """The text of a token that config.json gives by its number. Raises RelcliError if there is none."""
    known = isinstance(number, int) and 0 <= number < len(loaded.tokenizer)
    text = loaded.tokenizer.convert_ids_to_tokens(number) if known else None
    if not text:
        raise RelcliError(
            f"The tokenizer of the model {loaded.name!r} has no token {number!r}, which its config.json "
            f"gives as {name}: the files do not belong together."
        )
    return text
