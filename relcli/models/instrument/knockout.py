"""Attention knock-out: chosen query rows lose sight of chosen columns, in chosen layers and heads.

A cut is minus infinity before the softmax, written into the attention mask. Which rows and columns those are
follows from where a row's image tokens stand among the keys, so that one class serves prefixes, suffixes,
whole prompts and generated tokens. Geva et al., arXiv 2304.14767, section 4.
"""

from collections.abc import Sequence

import torch

from relcli.models.items import Knockout

_Effect = tuple[tuple[int, ...], str, bool, tuple[int, ...] | None]
"""What an edit does in one layer: cells, rows, whether it cuts the text, and the heads (None: all)."""


class Cuts:
    """The edits of a batch, one or none per row.

    columns: int64 [rows, cells], where each row's image tokens stand among the keys.
    prompt: tokens of the padded prompt, the last of which yields the first token of the answer; None where a
        pass ends before that.
    applied: whether a layer has asked for its mask; a model that never does can't be cut.
    """

    def __init__(self, edits: Sequence[Knockout | None], columns: torch.Tensor, prompt: int | None):
        self.applied = False
        self._edits, self._columns, self._prompt = list(edits), columns, prompt
        self._effects: dict[int, tuple[_Effect | None, ...] | None] = {}
        self._pass: tuple[torch.Tensor | None, int, int] | None = None
        self._masks: dict[tuple[_Effect | None, ...], torch.Tensor] = {}

    def keep(self, rows: Sequence[int]) -> "Cuts":
        """The cuts of some rows only."""
        return Cuts([self._edits[row] for row in rows], self._columns[list(rows)], self._prompt)

    def mask(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None
    ) -> torch.Tensor | None:
        """The mask of one layer with the cuts written in; `mask` itself where none applies there.

        query: [rows, heads, queries, width], key: [rows, key heads, keys, width]; mask: bool or additive
        float [rows or 1, 1 or heads, queries, keys], None for plain causal attention. Layers with the same
        cuts share one mask.
        """
        self.applied = True
        effects = self._in_layer(layer)
        if effects is None:
            return mask
        queries, keys = query.shape[2], key.shape[2]
        if self._pass is None or self._pass[0] is not mask or self._pass[1:] != (queries, keys):
            self._pass, self._masks = (mask, queries, keys), {}
        if effects not in self._masks:
            self._masks[effects] = self._write(effects, query, keys, mask)
        return self._masks[effects]

    def _in_layer(self, layer: int) -> tuple[_Effect | None, ...] | None:
        if layer not in self._effects:
            effects = tuple(None if edit is None else _effect(edit, layer) for edit in self._edits)
            self._effects[layer] = effects if any(effects) else None
        return self._effects[layer]

    def _write(
        self, effects: tuple[_Effect | None, ...], query: torch.Tensor, keys: int, mask: torch.Tensor | None
    ) -> torch.Tensor:
        rows, heads, queries, _ = query.shape
        device = query.device
        if mask is None:
            mask = torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)[None, None]
        mask = mask[..., :keys].expand(rows, -1, -1, -1)
        closed = self._closed(effects, heads, queries, keys).to(device)
        visible = mask if mask.dtype == torch.bool else mask > torch.finfo(mask.dtype).min / 2
        # Only a row of padding can lose all it sees. Nobody reads it, but its softmax would be NaN.
        closed &= (visible & ~closed).any(-1, keepdim=True)
        return torch.where(
            closed, mask.new_full((), False if mask.dtype == torch.bool else float("-inf")), mask
        )

    def _closed(
        self, effects: tuple[_Effect | None, ...], heads: int, queries: int, keys: int
    ) -> torch.Tensor:
        """bool [rows, heads or 1, queries, keys], True where an edit cuts. A token never loses itself."""
        columns = self._columns.cpu()
        rows = len(effects)
        place = torch.arange(keys - queries, keys)
        is_image = torch.zeros(rows, keys, dtype=torch.bool).scatter_(1, columns, True)
        behind = place > columns.amax(1, keepdim=True)
        answer = place >= (keys + 1 if self._prompt is None else self._prompt - 1)
        looking = {
            "answer": answer.expand(rows, -1),
            "question": behind,
            "image": is_image[:, keys - queries :],
            "all": behind | is_image[:, keys - queries :],
        }
        by_head = any(effect is not None and effect[3] is not None for effect in effects)
        closed = torch.zeros(rows, heads if by_head else 1, queries, keys, dtype=torch.bool)
        others = place[:, None] != torch.arange(keys)
        for effect in dict.fromkeys(effect for effect in effects if effect is not None):
            cells, source, text, of_heads = effect
            at = torch.tensor([row for row, each in enumerate(effects) if each == effect])
            if text:
                lost = ~is_image[at]
            else:
                lost = torch.zeros(len(at), keys, dtype=torch.bool).scatter_(
                    1, columns[at][:, list(cells)], True
                )
            cut = lost[:, None] & looking[source][at][:, :, None] & others
            if of_heads is None:
                closed[at] = cut[:, None]
            else:
                closed[at[:, None], torch.tensor(of_heads)] = cut[:, None]
        return closed


def _effect(edit: Knockout, layer: int) -> _Effect | None:
    """What an edit does in a layer; None if nothing."""
    if edit.layers is not None and layer not in edit.layers:
        return None
    heads = None
    if edit.heads is not None:
        heads = tuple(head for of_layer, head in edit.heads if of_layer == layer)
        if not heads:
            return None
    return (edit.cells, edit.rows, edit.text, heads)


def prefix_edit(edit: Knockout | None) -> Knockout | None:
    """The edit as far as it concerns the tokens before the question; None if it doesn't, so that the picture
    is encoded once for all such edits."""
    return edit if edit is not None and edit.rows in ("image", "all") else None


def needs_own_tail(edit: Knockout | None) -> bool:
    """Whether the tokens between picture and question must be run again behind the uncut prefix: they have
    seen the picture, and would pass on what is cut from the question."""
    return edit is not None and edit.rows == "question"
