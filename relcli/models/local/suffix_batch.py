"""The questions' own part of the shared-prefix path: one batch behind copies of encoded prefixes."""

from collections.abc import Sequence
from typing import Any

import torch

from relcli.models.instrument.capture import Recorder
from relcli.models.local.cache import ROOM, from_prefix, select_rows
from relcli.models.local.prefix import Prefix


class SuffixBatch:
    """Questions behind copies of their prefixes, from the prompt pass to the last step.

    at: the image of each question. suffixes: behind prefixes with recurrent layers of one length, for these
    would read padding between prefix and question. recorder: its edits lose the rows that have ended.
    """

    def __init__(
        self,
        model: Any,
        prefix: Prefix,
        at: Sequence[int],
        suffixes: Sequence[Sequence[int]],
        pad_id: int,
        recorder: Recorder,
    ):
        self._model, self._recorder = model, recorder
        device = model.get_input_embeddings().weight.device
        longest = max(len(suffix) for suffix in suffixes)
        # Padding stands between prefix and question, so the last column is the answer's row in every one.
        pads = [longest - len(suffix) for suffix in suffixes]
        self._ids = torch.tensor(
            [[pad_id] * pad + list(suffix) for pad, suffix in zip(pads, suffixes, strict=True)], device=device
        )
        place = torch.arange(longest)[None] - torch.tensor(pads)[:, None]
        self._positions = (place.clamp_min(0) + prefix.next_position).to(device)
        self._padded = any(pads)
        assert not (self._padded and prefix.recurrent)
        in_prefix = torch.ones(len(suffixes), prefix.length, dtype=torch.bool)
        self._visible = torch.cat([in_prefix, place >= 0], dim=1).to(device)  # [rows, keys]
        self._cache = from_prefix(prefix, torch.tensor(at), prefix.length + longest + ROOM)

    def prompt(self) -> torch.Tensor:
        """Run the questions; float32 logits [rows, vocabulary] of the first token."""
        mask = _suffix_mask(self._visible, self._ids.shape[1], self._model.dtype)
        return self._forward(self._ids, self._positions, mask)

    def step(self, tokens: torch.Tensor, keep: torch.Tensor | None) -> torch.Tensor:
        """Run the tokens just chosen, of the rows `keep` if some have ended; logits of the next ones."""
        if keep is not None:
            select_rows(self._cache, keep)
            self._visible, self._positions = self._visible[keep], self._positions[keep]
            if self._recorder.edits is not None:
                self._recorder.edits = self._recorder.edits.keep(keep.tolist())
        self._positions = self._positions[:, -1:] + 1
        mask = None
        if self._padded:
            self._visible = torch.cat([self._visible, self._visible.new_ones(len(tokens), 1)], dim=1)
            mask = _additive(self._visible[:, None, None], self._model.dtype)
        return self._forward(tokens[:, None], self._positions, mask)

    def _forward(self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        output = self._model(
            input_ids=ids,
            position_ids=positions.expand(3, -1, -1),
            attention_mask=mask,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1].float()


def _suffix_mask(visible: torch.Tensor, queries: int, dtype: torch.dtype) -> torch.Tensor:
    """Additive mask [rows, 1, queries, keys]: causal behind the prefix, padding closed.

    visible: bool [rows, keys]. Padding rows still see the prefix, so no row is without a key.
    """
    keys = visible.shape[1]
    causal = torch.ones(queries, keys, dtype=torch.bool, device=visible.device).tril(keys - queries)
    return _additive(visible[:, None, None] & causal, dtype)


def _additive(seen: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill_(~seen, float("-inf"))
