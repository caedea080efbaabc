"""The shared-prefix path: images are encoded once, their questions run behind copies of that prefix in one
batch.

For models of the Qwen-VL family. Positions are computed here and passed explicitly: the model's own
`rope_deltas` is state that leaks from one image grid into the next.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from relcli.models.edits import Edit
from relcli.models.instrument.capture import Recorder, recording
from relcli.models.instrument.hidden_rows import HiddenRows
from relcli.models.instrument.last_layer import last_row_only
from relcli.models.instrument.logit_lens import LogitLens
from relcli.models.instrument.mask_edits import MaskEdits
from relcli.models.instrument.prompt_reading import PromptReading
from relcli.models.instrument.prompt_tokens import row_tokens, with_roles
from relcli.models.instrument.states import StateReader, States, StateWriter, at_states
from relcli.models.instrument.summary import SummaryBuilder
from relcli.models.local.decode import DecodedReply, DecodeRow, greedy, read_hidden
from relcli.models.local.families.qwen_vl import positions
from relcli.models.local.finite import check_scores
from relcli.models.local.images import ProcessedImage
from relcli.models.local.layer_settings import same_n_heads
from relcli.models.local.layers import at_their_layers
from relcli.models.local.option_scorer import OptionScorer
from relcli.models.local.patched import Wanted, row_patch
from relcli.models.local.prefix import Prefix
from relcli.models.local.suffix_batch import SuffixBatch
from relcli.models.local.vision_attention import over_all_pictures
from relcli.models.local.vision_products import as_products, tower_input


def _mask_edits(
    edits: Sequence[Edit | None], columns: slice, rows: int, prompt: int | None
) -> MaskEdits | None:
    """Edits of prompts whose image tokens stand at the same place; None where no attention is edited."""
    return MaskEdits.of(edits, torch.arange(columns.start, columns.stop).expand(rows, -1), prompt)


def encode(
    model: Any,
    prefix_ids: Sequence[int],
    pictures: Sequence[ProcessedImage],
    edits: Sequence[Edit | None] = (),
    recorder: Recorder | None = None,
    reader: StateReader | None = None,
    writer: StateWriter | None = None,
) -> Prefix:
    """Run the prefixes of images of one grid in one pass, observed and edited like that of the questions.

    edits: one or none per image, of what its tokens see of each other. recorder: keeps attention, that of the
    prefix's last token and of the rows it asks for; reader, writer: see and replace states.
    """
    device = model.get_input_embeddings().weight.device
    images, grid, visual = len(pictures), pictures[0].grid, model.model.visual
    image_id = model.config.image_token_id
    where, next_position = positions(prefix_ids, image_id, grid)
    ids = torch.tensor(prefix_ids, device=device).expand(images, -1)
    start = prefix_ids.index(image_id)
    columns = slice(start, start + grid.cells)
    mask_edits = _mask_edits(edits, columns, images, None)
    recorder = recorder or Recorder(columns, False)
    recorder.edits = mask_edits
    with (
        as_products(visual),
        over_all_pictures(visual) if device.type != "cpu" else nullcontext(),  # waits for nothing there
        recording(recorder),
        _states(model, recorder, reader, writer),
    ):
        output = model(
            input_ids=ids,
            position_ids=where[:, None].expand(-1, images, -1).to(device),
            pixel_values=tower_input(visual, pictures).to(device),
            image_grid_thw=torch.stack([picture.grid_thw for picture in pictures]).to(device),
            mm_token_type_ids=(ids == image_id).int(),
            use_cache=True,
            logits_to_keep=1,
        )
    return Prefix.of_cache(output.past_key_values, grid, len(prefix_ids), columns, next_position)


def answer_rows(
    model: Any,
    prefix: Prefix,
    at: Sequence[int],
    rows: Sequence[DecodeRow],
    *,
    options: OptionScorer,
    end_ids: Collection[int],
    pad_id: int,
    max_new_tokens: int,
    attention: Collection[str],
    attended: Collection[str] = (),
    hidden: Sequence[str] = (),
    lens: LogitLens | None = None,
    states: Mapping[Wanted, States] | None = None,
) -> list[DecodedReply]:
    """Answer a batch of questions, row i behind image at[i] of the prefix.

    attention: modes of relcli.captures. attended, hidden, lens: as in DecodeSettings. states: what patches
    put into the prompts. Raises NotFinite if the model's numbers are NaN or infinite.
    """
    prompt = prefix.length + max(len(row.suffix) for row in rows)
    recorder = Recorder(
        prefix.columns,
        keep="summary" in attention,
        edits=_mask_edits([row.edit for row in rows], prefix.columns, len(rows), prompt - rows[0].n_said),
    )
    tokens = [row_tokens(row.tokens, prefix.length + len(row.suffix)) for row in rows]
    if recorder.keep:
        wanted = [with_roles(each, attended) for each in tokens]
        regions = [row.regions for row in rows]
        recorder.reading = PromptReading.of(wanted, regions, attention, model.device)
    reader = None
    if hidden:
        of_hidden = [with_roles(each, hidden) for each in tokens]
        reader = HiddenRows(of_hidden, max(len(row.suffix) for row in rows))
    builder = SummaryBuilder(len(rows), "full" in attention) if recorder.keep else None
    batch = SuffixBatch(model, prefix, at, [row.suffix for row in rows], pad_id, recorder)
    layers: list[int] = []  # those that have attention

    def on_step(places: torch.Tensor, numbers: torch.Tensor) -> None:
        if builder is not None:
            layers[:] = sorted(recorder.weights)
            weights = recorder.take()
            if len(places) < weights.shape[1]:
                weights = weights.index_select(1, places.to(weights.device))
            builder.add(weights, numbers)

    with recording(recorder):
        with _states(model, recorder, reader, _writer(model, rows, prefix.length, states)):
            logits = batch.prompt()
        n_options = [row.n_options for row in rows]
        scores = options.score(logits.log_softmax(-1), n_options)
        check_scores(scores)  # before a token is generated from them
        done = greedy(logits, batch.step, end_ids, max_new_tokens, on_step)
    grid = (prefix.grid.height, prefix.grid.width)
    summaries = builder.build(grid, recorder.reading) if builder is not None else [None] * len(rows)
    for summary in summaries:
        if summary is not None:
            at_their_layers(summary, layers, model.config.get_text_config().num_hidden_layers)
    replies = [
        DecodedReply(tokens, score, not ended, summary, row.tokens)
        for row, tokens, score, ended, summary in zip(
            rows, done.tokens, scores, done.ended, summaries, strict=True
        )
    ]
    read_hidden(replies, reader, hidden, lens, n_options)
    return replies


def read_rows(
    model: Any,
    prefix: Prefix,
    at: Sequence[int],
    suffixes: Sequence[Sequence[int]],
    pad_id: int,
    reader: StateReader,
) -> None:
    """Run questions behind their prefixes for the sake of their states alone. `reader` counts columns from
    the padding on: those of a batch whose suffixes are padded on the left to the longest."""
    with at_states(model, reader):
        recorder = Recorder(prefix.columns, False)
        SuffixBatch(model, prefix, at, suffixes, pad_id, recorder).prompt()


def _states(
    model: Any, recorder: Recorder, reader: StateReader | None, writer: StateWriter | None
) -> AbstractContextManager[None]:
    """Where no state is read or written, the last layer's work on rows that nobody reads is left out."""
    if reader is None and writer is None:
        return last_row_only(model, recorder)
    return at_states(model, reader, writer)


def _writer(
    model: Any, rows: Sequence[DecodeRow], prefix: int, states: Mapping[Wanted, States] | None
) -> StateWriter | None:
    """Puts into each question's tokens what its patch copies there; `prefix` tokens stand before them."""
    if not states:
        return None
    longest = max(len(row.suffix) for row in rows)
    columns = [
        [None if at < prefix else at - prefix + longest - len(row.suffix) for at in row.patched]
        for row in rows
    ]
    patches = [row_patch(row.edit, states, here) for row, here in zip(rows, columns, strict=True)]
    return StateWriter.of(patches, same_n_heads(model.config))
