"""The attention function: SDPA for the answer, one row's softmax for us, and the edits of an intervention.

It is registered with transformers under `relcli` and set on the text model only. A full attention map never
exists: per layer only the row that yields the next token is computed beside the kernel, in float32, and only
its image columns are kept. The same name goes to the mask interface; without that transformers passes no
mask at all, and padded prompts put weight on padding.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from relcli.models.instrument.mask_edits import MaskEdits
from relcli.models.instrument.prompt_reading import PromptReading
from relcli.models.instrument.scores import Scoring, attended, last_query_weights, row_weights, with_values
from relcli.models.interruption import may_stop_here

NAME = "relcli"


@dataclass(slots=True)
class Recorder:
    """What one pass of the text model should keep, and what it may not see.

    columns: where the image tokens stand among the keys: a slice if it is the same for all rows, else int64
        [rows, cells].
    keep: whether to record weights; with False only the edits apply.
    edits: what is done to the attention of this batch, or None.
    weights: one float32 [rows, heads, cells] a layer, filled by the pass; take() empties it.
    reading: what to read of the prompts beside their last rows, or None.
    last_row_of: the layer of which only the last row's output is read (`last_layer.py`), or None.
    """

    columns: slice | torch.Tensor
    keep: bool = True
    edits: MaskEdits | None = None
    weights: dict[int, torch.Tensor] = field(default_factory=dict)
    reading: PromptReading | None = None
    last_row_of: int | None = None
    _masks: dict[int, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)

    def record(self, layer: int, row: torch.Tensor) -> None:
        """Keep the image columns of `row`, softmax weights [rows, heads, keys] of one layer."""
        self.weights[layer] = self._on_image(row)

    def record_prompt(
        self,
        layer: int,
        query: torch.Tensor,
        key: torch.Tensor,
        mask: torch.Tensor | None,
        scoring: Scoring,
    ) -> None:
        """Keep what is to be read of a prompt, whose last row has been recorded."""
        if self.reading is None:
            return

        def weights_of(back: torch.Tensor) -> torch.Tensor:
            at = query.shape[2] - back.to(query.device)
            seen = None if mask is None else self._mask_rows(mask, back, at, key.shape[2])
            weights = row_weights(query, key, seen, scoring, at).flatten(1, 2)
            return self._on_image(weights).unflatten(1, (query.shape[1], -1))

        rows, tokens = self.reading.rows, self.reading.tokens
        rows.record_answer(layer, self.weights[layer])
        if rows.names:
            rows.record(layer, weights_of(rows.back))
        if tokens is not None:
            tokens.record(layer, weights_of)

    def _mask_rows(
        self, mask: torch.Tensor, back: torch.Tensor, at: torch.Tensor, keys: int
    ) -> torch.Tensor:
        """The rows `at` [rows, n] of a mask [rows or 1, 1 or heads, queries, keys]. Layers share a mask as a
        rule: it is gathered once for each of the tensors `back`."""
        found = self._masks.get(id(back))
        if found is None or found[0] is not mask:
            whole = mask[..., :keys].expand(len(at), -1, -1, -1)
            index = at[:, None, :, None].expand(-1, whole.shape[1], -1, keys)
            found = self._masks[id(back)] = (mask, whole.gather(2, index))
        return found[1]

    def _on_image(self, weights: torch.Tensor) -> torch.Tensor:
        if isinstance(self.columns, slice):
            return weights[:, :, self.columns]
        index = self.columns.to(weights.device)[:, None].expand(-1, weights.shape[1], -1)
        return weights.gather(2, index)

    def take(self) -> torch.Tensor:
        """The recorded weights, float32 [layers, rows, heads, cells] on one device, layers in order."""
        first = self.weights[min(self.weights)]
        stacked = torch.stack([self.weights[layer].to(first.device) for layer in sorted(self.weights)])
        self.weights = {}
        return stacked


_recorder: ContextVar[Recorder | None] = ContextVar("relcli_recorder", default=None)


@contextmanager
def recording(recorder: Recorder | None) -> Iterator[None]:
    """Let the attention function write into `recorder` inside the block."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)


def attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """SDPA that also hands the last query row's weights on the image to the active recorder.

    query [rows, heads, queries, width], key and value [rows, key heads, keys, width]; returns [rows,
    queries, heads, width]. The last query row must be the one that yields the next token, so prompts are
    padded on the left.
    """
    may_stop_here()
    recorder, scoring = _recorder.get(), Scoring.of(scaling, kwargs)
    if recorder is not None and recorder.edits is not None:
        attention_mask = recorder.edits.mask(module.layer_idx, query, key, attention_mask)

    def output() -> tuple[torch.Tensor, None]:
        if not scoring.is_plain:
            return attended(query, key, value, attention_mask, scoring), None
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )

    if recorder is None:
        return output()
    queries, one_row = query.shape[2], recorder.last_row_of == module.layer_idx
    if not recorder.keep and not one_row:
        return output()
    row = last_query_weights(query, key, attention_mask, scoring)
    if recorder.keep:
        recorder.record(module.layer_idx, row)
        if queries > 1:
            recorder.record_prompt(module.layer_idx, query, key, attention_mask, scoring)
    if queries > 1 and not one_row:
        return output()
    # One row of output: its weights are known already, so it is a product away.
    return with_values(row[:, :, None], value).expand(-1, queries, -1, -1), None


AttentionInterface.register(NAME, attention)
AttentionMaskInterface.register(NAME, sdpa_mask)


def install(model: Any) -> None:
    """Let the text model of `model` use the capturing attention function; its other parts use SDPA."""
    set_attention(model, NAME)


def set_attention(model: Any, text: str, others: str = "sdpa") -> None:
    """Set the attention implementation of the text model, and of all other parts."""
    text_config = model.config.get_text_config()
    names = {
        name: text if getattr(model.config, name) is text_config else others
        for name in model.config.sub_configs
        if getattr(model.config, name, None) is not None
    }
    model.set_attn_implementation(names or text)
