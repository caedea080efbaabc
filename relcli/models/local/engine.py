"""The engine: many images and questions in, greedy answers and attention summaries out, in order."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from PIL import Image

from relcli.captures import QUERY_ROWS, TOKEN, attention_modes
from relcli.errors import RelcliError, UsageError
from relcli.models.answer_engine import Capabilities, EngineDescription, PromptShape
from relcli.models.instrument.capture import install
from relcli.models.instrument.logit_lens import LogitLens
from relcli.models.instrument.states import text_layers
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.answer_steps import AnswerSteps
from relcli.models.local.decode import DecodedReply
from relcli.models.local.families import family_of
from relcli.models.local.finite import NotFinite, refusal
from relcli.models.local.grid import Grid
from relcli.models.local.layer_settings import n_heads
from relcli.models.local.loading import LoadedModel
from relcli.models.local.memory import Batching, automatic, out_of_memory
from relcli.models.local.option_scorer import (
    LaterScorer,
    OptionScorer,
    likeliest,
    refuse_without_options,
)
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.placing import devices_of
from relcli.models.local.shared_prefix_path import SharedPrefixPath
from relcli.models.local.special_tokens import end_ids, pad_id
from relcli.scenes.spans import Span

_SETTINGS_AT_FAULT = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError
)  # fmt: skip


class Engine:
    """Answers questions about images with one model.

    attention: what to keep of it, of relcli.captures.MODES.
    rows: whose attention is read, of QUERY_ROWS; the answer's always is. The others take part where a prompt
        has spans.
    hidden: whose states after each layer are read, of QUERY_ROWS. Raises RelcliError where the model's layers
        are not laid out as usual.
    batch_size: questions in one pass; None chooses by memory. Out of memory halves it and says so once.
    on_note: called with a sentence for the person.
    shared_prefix: None decides by model; False takes plain generation of whole prompts.
    answers: `text`, the reply as the model writes it; `options`, the likeliest of the options' letters and
        None after one pass, without a reply. Then every prompt needs options.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        *,
        attention: str | Collection[str] = "summary",
        max_new_tokens: int = 128,
        batch_size: int | None = None,
        on_note: Callable[[str], None] | None = None,
        shared_prefix: bool | None = None,
        rows: Collection[str] = ("answer",),
        hidden: Collection[str] = (),
        answers: str = "text",
    ):
        modes = attention_modes(attention)
        self.answers = answers
        if answers == "options":
            max_new_tokens = 1  # the prompt's pass, whose last row chooses
        if max_new_tokens < 1 or (batch_size is not None and batch_size < 1):
            raise UsageError("The number of new tokens and the batch size must be 1 or more.")
        if unknown := [name for name in (*rows, *hidden) if name not in QUERY_ROWS]:
            raise UsageError(f"There is no row {unknown[0]!r} to read: give {', '.join(QUERY_ROWS)}.")
        self.loaded = loaded
        self.attention = modes
        self.rows = tuple(name for name in QUERY_ROWS if name in rows or name == "answer")
        self.hidden = tuple(name for name in QUERY_ROWS if name in hidden)
        if self.hidden:
            text_layers(loaded.model)
        self.max_new_tokens = max_new_tokens
        self._note = on_note or (lambda message: None)
        self.batching = Batching(batch_size or automatic(loaded), self._note)
        self.end_ids = end_ids(loaded)
        self._proven = False
        self.whole_prompts = shared_prefix is False
        if shared_prefix is None:
            shared_prefix = family_of(loaded.config).shares_prefix(loaded.config) and loaded.processor is None
        self.shared_prefix = shared_prefix
        install(loaded.model)
        path: Any = SharedPrefixPath if shared_prefix else partial(PaddedPath, whole=self.whole_prompts)
        with self._unproven():
            settings: dict[str, Any] = {
                "end_ids": self.end_ids,
                "pad_id": pad_id(loaded),
                "batching": self.batching,
            }
            options, later_options = OptionScorer(loaded.tokenizer), LaterScorer(loaded.tokenizer)
            self.path: SharedPrefixPath | PaddedPath = path(
                loaded,
                options=options,
                max_new_tokens=max_new_tokens,
                attention=modes,
                rows=_read_rows(self.rows, modes),
                hidden=self.hidden,
                lens=self._lens(options),
                **settings,
            )
            # Only what is read of the answer's own row: the question's rows are known.
            later = path(
                loaded,
                options=later_options,
                max_new_tokens=1,
                attention=tuple(mode for mode in modes if mode not in ("tokens", "full")),
                hidden=tuple(name for name in self.hidden if name == "answer"),
                lens=self._lens(later_options),
                **settings,
            )
        self._steps = AnswerSteps(loaded.tokenizer, later.reply)

    def _lens(self, options: OptionScorer) -> LogitLens | None:
        """Goes with the answer's states."""
        return LogitLens(self.loaded.model, options, self._note) if "answer" in self.hidden else None

    @property
    def batch_size(self) -> int:
        """Questions in one pass, as it stands now."""
        return self.batching.size

    @property
    def reads_pictures_once(self) -> bool:
        """Whether a picture is read once for all its questions."""
        return isinstance(self.path, SharedPrefixPath) or self.path.reads_once

    @property
    def least_questions(self) -> int:
        """Nothing is idle while few questions are asked: a chunk is as large as its time allows."""
        return 1

    @property
    def prompt_hash(self) -> str:
        """sha256 of the prompt around a placeholder question; it changes with the chat template."""
        return self.path.prompt_hash

    @property
    def decoding(self) -> dict[str, Any]:
        """How tokens are chosen, for the run's row, and the family of a model that wasn't measured."""
        untested = self.loaded.untested_family
        return {
            "method": "greedy" if self.answers == "text" else "options",
            "max_new_tokens": self.max_new_tokens,
            "end_token_ids": sorted(self.end_ids),
        } | ({"untested_family": untested} if untested else {})

    def describe(self, image: Image.Image) -> EngineDescription:
        """Everything that shapes its answers; the grid is the one of `image`."""
        loaded = self.loaded
        with self._unproven():
            layout, size = self.path.layout(image), self.path.image_size(image)
        grid = None
        if layout.grid is not None and size is not None:
            grid = Grid(*layout.grid, size[1], size[0])
        return EngineDescription(
            source=str(loaded.path),
            revision=loaded.revision,
            weights_hash=loaded.weights_hash,
            dtype=str(loaded.dtype).removeprefix("torch."),
            device=devices_of(loaded.model),
            # The name under which the text model's attention is registered, as in effect now.
            attention_implementation=getattr(
                loaded.model.config.get_text_config(), "_attn_implementation", None
            ),
            batch_size=self.batch_size,
            grid=grid,
            layout=layout if layout.n_tokens > 1 else None,  # one token stands for a picture seen elsewhere
            image_size=size,
            prompt_hash=self.prompt_hash,
            decoding=self.decoding,
            capabilities=Capabilities(
                attention="summary" in self.attention,
                heads=bool({"heads", "full"} & set(self.attention)),
                hidden_states=bool(self.hidden),
                edits=not getattr(loaded.config, "is_encoder_decoder", False),
                option_logprobs=True,
            ),
            n_layers=getattr(loaded.config.get_text_config(), "num_hidden_layers", None),
            n_heads=n_heads(loaded.config),
            width=getattr(loaded.config.get_text_config(), "hidden_size", None),
        )

    def image_grid(self, image: Image.Image) -> Grid:
        """The image tokens of a picture as a grid, and the size in pixels at which the model sees it. Raises
        RelcliError where they are none over the whole picture."""
        grid = self.describe(image).grid
        if grid is None:
            raise RelcliError(f"The image tokens of {self.loaded.name!r} are no grid over the picture.")
        return grid

    def prompt_shape(self, image: Image.Image, text: str, spans: tuple[Span, ...]) -> PromptShape:
        """How many tokens a prompt has, without asking it."""
        with self._unproven():
            return self.path.prompt_shape(image, text, spans)

    @torch.inference_mode()
    def answer(self, items: Sequence[AskItem]) -> list[Answer]:
        """Answer all questions of some images, in order: item by item, question by question.

        Hand in some dozen images at a time: questions are sorted by length over all of them. Answer.key is
        (item key, prompt key). Raises RelcliError if not even one question fits in memory, and if the model's
        numbers are NaN or infinite.
        """
        asked = [(item, prompt) for item in items for prompt in item.prompts]
        if not asked:
            return []
        of_text = self.answers == "text"
        if not of_text:
            refuse_without_options([prompt for _, prompt in asked])
        try:
            with self._unproven():
                replies = self.path.reply(items)
                steps = self._steps.find(asked, replies) if of_text else [0] * len(replies)
                self._steps.read(asked, replies, steps)
        except NotFinite as problem:
            raise refusal(self.loaded, problem) from problem
        self._proven = True
        texts = self._texts(replies) if of_text else [likeliest(each.option_logprobs) for each in replies]
        return [
            Answer(
                key=(item.key, prompt.key),
                text=text.strip(),
                token_ids=reply.token_ids,
                option_logprobs=reply.option_logprobs,
                n_steps=len(reply.token_ids),
                truncated=reply.truncated and of_text,
                attention=reply.attention,
                tokens=reply.tokens,
                answer_step=step,
                hidden=reply.hidden,
                lens=reply.lens,
            )
            for (item, prompt), reply, text, step in zip(asked, replies, texts, steps, strict=True)
        ]

    def _texts(self, replies: Sequence[DecodedReply]) -> list[str]:
        return self.loaded.tokenizer.batch_decode(
            [reply.token_ids for reply in replies],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )

    def ask(self, image: Image.Image, question: str, options: Sequence[str] = ()) -> Answer:
        """Answer one question about one picture. With options, their letters and None are scored."""
        if not question.strip():
            raise UsageError("The question is empty: ask something about the picture.")
        prompt = PromptItem(key=0, text=question, options=tuple(options))
        return self.answer([AskItem(key=0, image=image, prompts=[prompt])])[0]

    @contextmanager
    def _unproven(self) -> Iterator[None]:
        """Until a first answer, what fails in many ways inside is a checkpoint whose settings don't fit: a
        text where a number belongs, three sections where its heads have two."""
        try:
            yield
        except NotFinite:
            raise
        except _SETTINGS_AT_FAULT as error:
            if self._proven or out_of_memory(error):
                raise
            reason = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
            raise RelcliError(
                f"The model {self.loaded.name!r} can't answer ({type(error).__name__}: {reason}): check that "
                f"the settings in {self.loaded.path} are the checkpoint's own."
            ) from error


def _read_rows(rows: Sequence[str], modes: Collection[str]) -> tuple[str, ...]:
    """The roles of the tokens that are read besides the answer's."""
    if "summary" not in modes:
        return ()
    return (*rows[1:], TOKEN) if "tokens" in modes else tuple(rows[1:])
