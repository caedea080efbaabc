"""Batched plain generation, for every vision-language model that the shared-prefix path does not know.

Prompts are padded on the left and go through the model's own `generate`, which knows its positions and
caches; the attention function records the same row as on the shared-prefix path.
"""

from collections.abc import Collection, Sequence
from typing import Any

import torch
from transformers import LogitsProcessor
from transformers.cache_utils import Cache

from relcli.errors import RelcliError
from relcli.models.edits import Edit, Knockout, Steering
from relcli.models.instrument.capture import Recorder, recording
from relcli.models.instrument.hidden_rows import HiddenRows
from relcli.models.instrument.logit_lens import LogitLens
from relcli.models.instrument.mask_edits import MaskEdits
from relcli.models.instrument.prompt_reading import PromptReading
from relcli.models.instrument.prompt_tokens import row_tokens, with_roles
from relcli.models.instrument.states import StateReader, StateWriter, at_states
from relcli.models.instrument.summary import SummaryBuilder
from relcli.models.items import PictureRegions, PromptToken
from relcli.models.local.cache import whole_cache
from relcli.models.local.decode import DecodedReply, read_hidden
from relcli.models.local.finite import check_logits, check_scores
from relcli.models.local.generation import every_row, greedily, greedy_settings
from relcli.models.local.layers import at_their_layers
from relcli.models.local.option_scorer import OptionScorer
from relcli.token_layout import TokenLayout


class _Watch(LogitsProcessor):
    """Sees the raw logits of every step, for no other processor runs: keeps the options' log-probabilities at
    the first one and each step's highest logit, and tells the builder that a step has been computed."""

    def __init__(self, options: OptionScorer, n_options: Sequence[int], on_step: Any):
        self.scores: list[list[float]] | None = None
        self.best: list[torch.Tensor] = []
        self._options, self._n_options, self._on_step = options, n_options, on_step

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self.best.append(scores.amax(-1))
        if self.scores is None:
            self.scores = self._options.score(scores.float().log_softmax(-1), self._n_options)
            check_scores(self.scores)
        self._on_step(input_ids)
        return scores


def answer_batch(
    model: Any,
    inputs: dict[str, torch.Tensor],
    n_options: Sequence[int],
    *,
    image_token_id: int | None,
    layout: TokenLayout | None,
    options: OptionScorer,
    end_ids: Collection[int],
    pad_id: int,
    max_new_tokens: int,
    attention: Collection[str],
    attended: Collection[str] = (),
    hidden: Sequence[str] = (),
    lens: LogitLens | None = None,
    edits: Sequence[Edit | None] = (),
    writer: StateWriter | None = None,
    tokens: Sequence[tuple[PromptToken, ...]] = (),
    regions: Sequence[PictureRegions | None] = (),
    n_said: int = 0,
    cache: Cache | None = None,
    n_read: int = 0,
) -> list[DecodedReply]:
    """Answer a batch of whole prompts.

    inputs: what the model's forward takes, input_ids and attention_mask [rows, tokens] padded on the left.
    layout: where the image tokens of each picture stand; None: they are not looked at.
    tokens: of each prompt, those whose attention or states are to be read besides the answer's; attended,
    hidden, lens: as in DecodeSettings. regions: of each prompt,
    what shares of heads and tokens are about. n_said: how many of each prompt's last tokens are
    of a reply that has begun. writer: replaces states of the padded prompts. cache, n_read: what the model
    holds of the first tokens of each prompt, and how many these are.
    Raises RelcliError if attention is asked for and the text model sees no image tokens or can't be recorded,
    NotFinite if the model's numbers are NaN or infinite.
    """
    n, prompt = inputs["input_ids"].shape
    device = model.get_input_embeddings().weight.device
    wanted = "summary" in attention or any(edits)
    columns = _image_columns(inputs["input_ids"], image_token_id) if wanted else None
    if any(isinstance(edit, Knockout | Steering) for edit in edits) and columns is None:
        raise _no_cuts(model, "its text model sees no row of image tokens")
    if "summary" in attention and columns is None:
        raise RelcliError(
            f"Attention on the image can't be read in a {model.config.model_type!r}: its text model sees "
            "no row of image tokens; use --attention none."
        )
    recorder = Recorder(columns, "summary" in attention) if columns is not None else None
    if recorder is not None:
        recorder.edits = MaskEdits.of(edits, columns, prompt - n_said)
    read = list(tokens) or [()] * n
    lengths = inputs["attention_mask"].sum(-1).tolist()
    found_rows = [row_tokens(some, length) for some, length in zip(read, lengths, strict=True)]
    if recorder is not None and recorder.keep:
        wanted_rows = [with_roles(each, attended) for each in found_rows]
        recorder.reading = PromptReading.of(wanted_rows, list(regions) or [None] * n, attention, device)
    columns_run = prompt - n_read
    reader = HiddenRows([with_roles(each, hidden) for each in found_rows], columns_run) if hidden else None
    builder = SummaryBuilder(n, "full" in attention) if recorder and recorder.keep else None
    layers: list[int] = []

    def on_step(input_ids: torch.Tensor) -> None:
        if recorder is not None and recorder.edits is not None and not recorder.edits.applied:
            raise _no_cuts(model, "it does not use transformers' attention interface")
        if builder is None or recorder is None:
            return
        if not recorder.weights:
            raise RelcliError(
                f"Attention can't be recorded in a {model.config.model_type!r}: it does not use "
                "transformers' attention interface; use --attention none."
            )
        so_far = input_ids[:, prompt:]
        ended = torch.isin(so_far, torch.tensor(sorted(end_ids), device=so_far.device)).any(-1)
        layers[:] = sorted(recorder.weights)
        weights, rows = recorder.take(), (~ended).nonzero()[:, 0]
        builder.add(weights[:, rows.to(weights.device)], rows)

    watched = recorder is not None and (recorder.reading or recorder.edits)
    watch = _Watch(options, n_options, on_step)
    settings = greedy_settings(end_ids, pad_id, max_new_tokens)
    cache = cache or whole_cache(model.config)
    with recording(recorder), at_states(model, reader, writer), greedily(model) as generate:
        output = generate(
            **{name: value.to(device) for name, value in inputs.items()},
            generation_config=settings,
            logits_processor=[watch],
            **(every_row(model) if watched or reader or writer else {}),
            **({} if cache is None else {"past_key_values": cache}),
        )
    assert watch.scores is not None
    best = torch.stack(watch.best, dim=1).cpu()
    new = output[:, prompt:]
    replies = []
    reading = recorder.reading if recorder is not None else None
    summaries = [None] * n if builder is None else builder.build(layout.grid if layout else None, reading)
    for summary in summaries:
        if summary is not None:
            summary.layout = layout or TokenLayout.unplaced(summary.mean_heads.shape[-1])
            at_their_layers(summary, layers, model.config.get_text_config().num_hidden_layers)
    rows = zip(new.tolist(), watch.scores, best, summaries, read, strict=True)
    for row, score, highest, summary, read_tokens in rows:
        end = next((i for i, token in enumerate(row) if token in end_ids), None)
        reply = row if end is None else row[: end + 1]
        check_logits(highest[: len(reply)])
        replies.append(DecodedReply(reply, score, end is None, summary, read_tokens))
    read_hidden(replies, reader, hidden, lens, n_options)
    return replies


def read_prompts(
    model: Any, inputs: dict[str, torch.Tensor], end_ids: Collection[int], pad_id: int, reader: StateReader
) -> None:
    """Run a batch of whole prompts for the sake of their states alone."""
    device = model.get_input_embeddings().weight.device
    with at_states(model, reader), greedily(model) as generate:
        generate(
            **{name: value.to(device) for name, value in inputs.items()},
            generation_config=greedy_settings(end_ids, pad_id, 1),
            **every_row(model),
            **({} if (cache := whole_cache(model.config)) is None else {"past_key_values": cache}),
        )


def with_replies(
    inputs: dict[str, torch.Tensor], said: Sequence[tuple[int, ...]]
) -> dict[str, torch.Tensor]:
    """Prompts [rows, tokens] with the tokens of replies that have begun behind them, equally many in each."""
    if not said[0]:
        return inputs
    rows, width = inputs["input_ids"].shape
    behind = torch.tensor(said)
    # What else has a number for each token says what kind it is: text, in a reply.
    more = {"input_ids": behind, "attention_mask": torch.ones_like(behind)}
    return {
        name: torch.cat([value, more.get(name, torch.zeros_like(behind)).to(value.dtype)], dim=1)
        if value.shape == (rows, width)
        else value
        for name, value in inputs.items()
    }


def _no_cuts(model: Any, why: str) -> RelcliError:
    return RelcliError(f"Attention can't be cut in a {model.config.model_type!r}: {why}.")


def _image_columns(input_ids: torch.Tensor, image_token_id: int | None) -> torch.Tensor | None:
    """int64 [rows, cells], where each row's image tokens stand; None if rows differ in number, and if there
    are none: a single one stands for a picture that is looked at elsewhere."""
    if image_token_id is None:
        return None
    found = input_ids == image_token_id
    counts = found.sum(-1)
    if counts.min() != counts.max() or counts.max() < 2:
        return None
    return found.nonzero()[:, 1].view(len(input_ids), -1)
