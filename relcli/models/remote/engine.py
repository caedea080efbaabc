"""An engine behind a server: answers and, where the server tells them, option scores; no attention."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PIL import Image

from relcli.errors import RelcliError, UsageError
from relcli.models.answer_engine import REMOTE_DEVICE, Capabilities, EngineDescription
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.remote.address import Address
from relcli.models.remote.client import Client, Patience, Session
from relcli.models.remote.faults import Refusal, sentence
from relcli.models.remote.requests import Completion, Form, data_url, option_scores, prompt_hash

_TRIAL = "Is there a red circle in this image? Answer with the letter. Options: a) Yes b) No"
_TRIAL_TOKENS, _TRIAL_TRIES = 4, 4


class RemoteEngine:
    """Answers questions with a model behind a server that speaks OpenAI's chat completions.

    model: as the server knows it. revision: the name the server must give in its replies; None takes any
    that fits `model`. concurrency: requests at once. on_note: called with a sentence for the person.

    Decoding is greedy by temperature 0; what the server does with it is its own affair, and many add up
    numbers in an order that depends on who else asks. Before the first question it is tried out once.
    """

    def __init__(
        self,
        address: Address,
        model: str,
        *,
        revision: str | None = None,
        max_new_tokens: int = 128,
        concurrency: int = 8,
        patience: Patience | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.model, self.address, self.concurrency = model, address, concurrency
        self._note = on_note or (lambda message: None)
        self._client = Client(
            address, concurrency=concurrency, patience=patience or Patience(), on_note=self._note
        )
        self._form = Form(model, max_new_tokens)
        self._wanted, self._served = revision, ""
        self._tells_logprobs = self._filter_noted = False
        if self._client.key and address.is_plain:
            self._note(f"The key goes to {address.shown} unencrypted; https would hide it.")

    @property
    def batch_size(self) -> int:
        """Requests at once."""
        return self.concurrency

    @property
    def least_questions(self) -> int:
        """Towards the end of a call fewer requests are under way; four rounds make that a small share."""
        return 4 * self.concurrency

    def describe(self, image: Image.Image) -> EngineDescription:
        """What is known of the model, after a trial question on `image`.

        Raises RelcliError for a server that can't be reached, refuses, or answers as another model.
        """
        self._try_out(image)
        return EngineDescription(
            source=self.address.shown,
            revision=self._served,
            weights_hash=None,
            dtype=None,
            device=REMOTE_DEVICE,
            attention_implementation=None,
            batch_size=self.concurrency,
            grid=None,
            prompt_hash=prompt_hash(),
            decoding=self._form.decoding(),
            capabilities=Capabilities(
                attention=False,
                heads=False,
                hidden_states=False,
                edits=False,
                option_logprobs=self._tells_logprobs,
            ),
        )

    def answer(self, items: Sequence[AskItem]) -> list[Answer]:
        """Answer all questions of some images, in order: item by item, question by question.

        Raises RelcliError for a server that refuses a question, gives no answer in several tries, or starts
        to answer as another model.
        """
        asked = [(item, prompt) for item in items for prompt in item.prompts]
        if not asked:
            return []
        if not self._served:
            self._try_out(items[0].image)
        if any(prompt.edit is not None for _, prompt in asked):
            raise UsageError("A model behind a server can't be cut: omit --endpoint.")
        urls = _Pictures(items)
        payloads = [partial(self._payload, urls, item, prompt) for item, prompt in asked]
        try:
            replies = self._client.run(lambda session: session.complete_all(payloads))
        except Refusal as problem:
            raise self._sentence(problem) from None
        return [
            self._answer(item, prompt, reply) for (item, prompt), reply in zip(asked, replies, strict=True)
        ]

    def ask(self, image: Image.Image, question: str, options: Sequence[str] = ()) -> Answer:
        """Answer one question about one picture. With options, their letters and None are scored."""
        if not question.strip():
            raise UsageError("The question is empty: ask something about the picture.")
        prompt = PromptItem(key=0, text=question, options=tuple(options))
        return self.answer([AskItem(key=0, image=image, prompts=[prompt])])[0]

    def close(self) -> None:
        """Close the connections; they are opened again if need be."""
        self._client.close()

    def _payload(self, urls: "_Pictures", item: AskItem, prompt: PromptItem) -> dict[str, Any]:
        return self._form.payload(prompt.text, urls.of(item))

    def _answer(self, item: AskItem, prompt: PromptItem, reply: Completion) -> Answer:
        if reply.model != self._served:
            raise RelcliError(
                f"The server at {self.address.shown} answered as {reply.model!r} and before as "
                f"{self._served!r}: see that it serves one model, then resume it with --resume."
            )
        if reply.filtered and not self._filter_noted:
            self._filter_noted = True
            self._note(f"The server at {self.address.shown} filters some of its answers.")
        return Answer(
            key=(item.key, prompt.key),
            text=reply.text,
            token_ids=[],
            option_logprobs=option_scores(reply.first, len(prompt.options)) if prompt.options else [],
            n_steps=reply.n_tokens or 0,
            truncated=reply.truncated,
        )

    def _try_out(self, image: Image.Image) -> None:
        """One short question: whether the server takes pictures, which settings, and what it calls itself."""
        reply = self._client.run(partial(self._trial, data_url(image)))
        self._served = self._checked_name(reply.model)
        self._tells_logprobs = bool(reply.first)
        if not reply.first:
            shown = self.address.shown
            self._note(f"The server at {shown} tells no log-probabilities: options get no scores.")

    async def _trial(self, url: str, session: Session) -> Completion:
        while True:
            payload = self._form.payload(_TRIAL, url) | {self._form.limit_name: _TRIAL_TOKENS}
            try:
                return await session.complete(payload, _TRIAL_TRIES)
            except Refusal as problem:
                simpler = self._form.simpler(problem.said) if problem.status in (400, 422, 501) else None
                if simpler is None:
                    names = await session.model_names() if problem.status in (400, 404) else []
                    raise self._unknown(names) or self._sentence(problem) from None
                self._form = simpler

    def _unknown(self, names: Sequence[str]) -> RelcliError | None:
        if not names or self.model in names:
            return None
        listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        return RelcliError(
            f"The server at {self.address.shown} has no model {self.model!r}: give one of its own with "
            f"--model ({listed})."
        )

    def _checked_name(self, served: str) -> str:
        if self._wanted is not None and served != self._wanted:
            raise UsageError(
                f"The server at {self.address.shown} answers as {served!r}, not as {self._wanted!r}: ask the "
                "server that has it, or choose another --name."
            )
        if self._wanted is None and not _fits(self.model, served):
            raise RelcliError(
                f"The server at {self.address.shown} answers as {served!r} when asked for {self.model!r}: "
                f"give that name with --model, or --revision {served!r} if it is the same model."
            )
        return served

    def _sentence(self, refusal: Refusal) -> RelcliError:
        return sentence(refusal, self.address.shown, self.model, bool(self._client.key))


class _Pictures:
    """Each picture's data URL, made when its first question is sent and kept for the others."""

    def __init__(self, items: Sequence[AskItem]) -> None:
        self._left = {id(item): len(item.prompts) for item in items}
        self._urls: dict[int, str] = {}

    def of(self, item: AskItem) -> str:
        number = id(item)
        if number not in self._urls:
            self._urls[number] = data_url(item.image)
        self._left[number] -= 1
        return self._urls[number] if self._left[number] else self._urls.pop(number)


def _fits(asked: str, served: str) -> bool:
    """A server may name a dated version of a model or its branch, and omit its organisation."""
    a, b = (re.sub(r"^.*/(?=.)", "", name.rstrip("/").casefold()) for name in (asked, served))
    return any(
        long.startswith(short) and re.fullmatch(r"([@:].+|-\d{3,}(-\d\d)*)?", long[len(short) :])
        for short, long in ((a, b), (b, a))
        if short
    )
