"""The resident worker: holds one model and answers requests about pictures, one at a time."""

import gc
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from relcli.errors import RelcliError, UsageError
from relcli.jobs.ask import word
from relcli.jobs.engines import open_engine, open_remote_engine, with_longest_reply
from relcli.jobs.worker_pipes import Inbox, Outbox, take_pipes
from relcli.jobs.worker_protocol import (
    MOST_EDITS,
    PROTOCOL,
    Answered,
    Ask,
    Attention,
    Cancel,
    Cancelled,
    Cut,
    Describe,
    Done,
    Happened,
    Hello,
    Load,
    Loaded,
    Looked,
    Refused,
    Reply,
    Request,
    Shutdown,
    Welcome,
    is_same_model,
)
from relcli.jobs.worker_rows import row_maps, row_spans, with_all_heads
from relcli.jobs.worker_values import described, edit_of, one_answer, picture_of
from relcli.models.answer_engine import AnswerEngine
from relcli.models.interruption import interruptible
from relcli.models.items import AskItem, PromptItem
from relcli.progress.events import Event, to_record
from relcli.progress.jsonl import JsonlProgress
from relcli.version import VERSION

_READ_ROW, _ROW_BEHIND = "target", "target_next"
"""The names under which the engine reads the tokens of any span, here those that a request names, and the
tokens behind them."""


class _Stopped(Exception):
    """The request that runs was cancelled."""


class WorkerProgress(JsonlProgress):
    """A job's events as replies to the request that runs, whose id is `request`."""

    watch_stdin = False

    def __init__(self, out: Outbox) -> None:
        super().__init__()
        self._out, self.request = out, 0

    def _emit(self, event: Event) -> None:
        self._out.send(Happened(id=self.request, event=to_record(event, time.time())))


class Worker:
    """Answers requests until it is shut down. Whatever goes wrong with one is said in its reply."""

    def __init__(self, inbox: Inbox, out: Outbox) -> None:
        self._inbox, self._out = inbox, out
        self._greeted = False
        self._engine: AnswerEngine | None = None
        self._full: AnswerEngine | None = None
        self._held: Load | None = None
        self._progress = WorkerProgress(out)

    def work(self) -> None:
        """Returns after a shutdown."""
        while True:
            request = self._inbox.next()
            self._progress.request = request.id
            reply = self._answered(request)
            self._out.send(reply)
            if isinstance(request, Shutdown) and isinstance(reply, Done):
                return

    def _answered(self, request: Request) -> Reply:
        try:
            with interruptible(self._check):
                return self._reply(request)
        except _Stopped:
            return Cancelled(id=request.id)
        except RelcliError as problem:
            return Refused(id=request.id, message=problem.message, exit_code=problem.exit_code)
        except MemoryError:
            sentence = "There is not enough memory: use a smaller model or picture."
        except Exception as problem:  # a bug of ours, or a model's: the next request may do
            sentence = f"The request failed unexpectedly ({type(problem).__name__}: {problem})."[:2000]
        return Refused(id=request.id, message=sentence, exit_code=RelcliError.exit_code)

    def _check(self) -> None:
        if self._inbox.is_cancelled:
            raise _Stopped

    def _reply(self, request: Request) -> Reply:
        if not self._greeted and not isinstance(request, Hello):
            raise UsageError(f"Say hello first, with the protocol you speak; this is protocol {PROTOCOL}.")
        match request:
            case Hello():
                return self._hello(request)
            case Load():
                return self._load(request)
            case Describe():
                return described(request, self._model.describe(picture_of(request.image)))
            case Ask():
                return self._ask(request)
            case Cut():
                return self._cut(request)
            case Attention():
                return self._attention(request)
            case Shutdown() | Cancel():  # cancels are settled where they come in
                return Done(id=request.id)
        assert_never(request)

    def _hello(self, request: Hello) -> Welcome:
        if request.protocol != PROTOCOL:
            raise UsageError(
                f"This relcli {VERSION} speaks protocol {PROTOCOL}, not {request.protocol}: start "
                "the worker of the version you come from."
            )
        self._greeted = True
        return Welcome(id=request.id, protocol=PROTOCOL, version=VERSION, pid=os.getpid())

    @property
    def _model(self) -> AnswerEngine:
        if self._engine is None:
            raise UsageError("No model is loaded: send load first.")
        return self._engine

    def _load(self, request: Load) -> Loaded:
        if self._engine is not None and self._held == replace(request, id=0):
            return Loaded(id=request.id, model=request.model, seconds=0.0)
        began = time.monotonic()
        self._full = None
        if self._engine is not None and self._held is not None and is_same_model(self._held, request):
            self._engine = with_longest_reply(self._engine, request.max_new_tokens, self._progress)
        else:
            # Two models may not fit: the one before goes first.
            self._engine = self._held = None
            gc.collect()
            self._engine = self._opened(request)
        self._held = replace(request, id=0)
        return Loaded(id=request.id, model=request.model, seconds=time.monotonic() - began)

    def _opened(self, request: Load) -> AnswerEngine:
        if request.endpoint is not None:
            return open_remote_engine(
                request.endpoint,
                request.model,
                self._progress,
                revision=request.revision,
                max_new_tokens=request.max_new_tokens,
            )
        return open_engine(
            request.model,
            self._progress,
            revision=request.revision,
            dtype=request.dtype,
            device=request.device,
            device_map=request.device_map,
            trust_remote_code=request.trust_remote_code,
            untested_family=request.untested_family,
            max_new_tokens=request.max_new_tokens,
            rows=("answer", _READ_ROW, _ROW_BEHIND),
        )

    def _ask(self, request: Ask) -> Answered:
        engine = self._model
        prompt, options = word(request.question, request.options, request.as_typed)
        item = PromptItem(0, prompt, options)
        return self._answer(request.id, engine, request.image, [item])

    def _cut(self, request: Cut) -> Answered:
        engine = self._model
        if not 1 <= len(request.edits) <= MOST_EDITS:
            raise UsageError(f"A cut takes 1 to {MOST_EDITS} edits, not {len(request.edits)}.")
        found = engine.describe(picture_of(request.image))
        edits = [None if each is None else edit_of(each, request.layout, found) for each in request.edits]
        prompts = [
            PromptItem(number, request.text, request.options, edit) for number, edit in enumerate(edits)
        ]
        return self._answer(request.id, engine, request.image, prompts)

    def _answer(
        self, request: int, engine: AnswerEngine, image: str, prompts: Sequence[PromptItem]
    ) -> Answered:
        began = time.monotonic()
        if not prompts[0].text.strip():
            raise UsageError("The question is empty: ask something about the picture.")
        answers = engine.answer([AskItem(0, picture_of(image), prompts)])
        return Answered(
            id=request,
            prompt=prompts[0].text,
            options=list(prompts[0].options),
            answers=[one_answer(answer, prompts[0].options) for answer in answers],
            seconds=time.monotonic() - began,
        )

    def _attention(self, request: Attention) -> Looked:
        began, engine = time.monotonic(), self._model
        prompt = PromptItem(0, request.text, spans=row_spans(request, _READ_ROW))
        role = _ROW_BEHIND if request.behind else _READ_ROW
        if request.head is not None:
            engine = self._by_head(engine)
        [answer] = engine.answer([AskItem(0, picture_of(request.image), [prompt])])
        return Looked(
            id=request.id,
            tokens=[token.text for token in answer.tokens if token.role == role],
            maps=row_maps(answer, role if prompt.spans else None, request.head),
            seconds=time.monotonic() - began,
        )

    def _by_head(self, engine: AnswerEngine) -> AnswerEngine:
        """The same model, which keeps the map of every head of an answer."""
        if self._full is None:
            self._full = with_all_heads(engine, self._progress)
        return self._full


def serve() -> None:
    """Take over standard input and output and answer requests until a shutdown; a closed pipe ends the
    process at once."""
    requests, replies = take_pipes()
    out = Outbox(replies)
    inbox = Inbox(requests, out)
    inbox.listen()
    Worker(inbox, out).work()
