"""Edits of attention: chosen query rows lose sight of chosen columns, or are drawn to them, in chosen layers
and heads.

A cut is minus infinity before the softmax and steering is a number added there, both written into the
attention mask. Which rows and columns those are follows from where a row's image tokens stand among the keys,
so that one class serves prefixes, suffixes, whole prompts and generated tokens. Cuts: Geva et al., arXiv
2304.14767, section 4.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from relcli.models.edits import Edit, Knockout, Patch, Steering


class _Effect(NamedTuple):
    """What an edit does in one layer. heads: None is all. bias: None cuts."""

    cells: tuple[int, ...]
    rows: str
    text: bool
    heads: tuple[int, ...] | None
    bias: float | None


class MaskEdits:
    """The edits of a batch, one or none per row; patches do nothing here.

    columns: int64 [rows, cells], where each row's image tokens stand among the keys.
    prompt: tokens of the padded prompt, the last of which yields the first token of the answer; None where a
        pass ends before that.
    applied: whether a layer has asked for its mask; a model that never does can't be edited.
    """

    def __init__(self, edits: Sequence[Edit | None], columns: torch.Tensor, prompt: int | None):
        self.applied = False
        self._edits, self._columns, self._prompt = list(edits), columns, prompt
        self._effects: dict[int, tuple[_Effect | None, ...] | None] = {}
        self._pass: tuple[torch.Tensor | None, int, int] | None = None
        self._masks: dict[tuple[_Effect | None, ...], torch.Tensor] = {}

    @staticmethod
    def of(
        edits: Sequence[Edit | None], columns: torch.Tensor | None, prompt: int | None
    ) -> "MaskEdits | None":
        """None where nothing is done to any row's attention."""
        if columns is None or not any(isinstance(edit, Knockout | Steering) for edit in edits):
            return None
        return MaskEdits(edits, columns, prompt)

    def keep(self, rows: Sequence[int]) -> "MaskEdits":
        """The edits of some rows only."""
        return MaskEdits([self._edits[row] for row in rows], self._columns[list(rows)], self._prompt)

    def mask(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None
    ) -> torch.Tensor | None:
        """The mask of one layer with the edits written in; `mask` itself where none applies there.

        query: [rows, heads, queries, width], key: [rows, key heads, keys, width]; mask: bool or additive
        float [rows or 1, 1 or heads, queries, keys], None for plain causal attention. Layers with the same
        edits share one mask.
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
            effects = tuple(_effect(edit, layer) for edit in self._edits)
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
        places = _Places(self._columns.cpu(), queries, keys, self._prompt)
        cuts = tuple(effect if effect is not None and effect.bias is None else None for effect in effects)
        if any(cuts):
            closed = places.of(cuts, heads).to(device)
            visible = mask if mask.dtype == torch.bool else mask > torch.finfo(mask.dtype).min / 2
            # Only a row of padding can lose all it sees. Nobody reads it, but its softmax would be NaN.
            closed &= (visible & ~closed).any(-1, keepdim=True)
            value = mask.new_full((), False if mask.dtype == torch.bool else float("-inf"))
            mask = torch.where(closed, value, mask)
        for bias in dict.fromkeys(effect.bias for effect in effects if effect is not None):
            if bias is not None:
                drawn = tuple(
                    effect if effect is not None and effect.bias == bias else None for effect in effects
                )
                if mask.dtype == torch.bool:
                    mask = query.new_zeros(mask.shape).masked_fill_(~mask, float("-inf"))
                mask = mask + bias * places.of(drawn, heads).to(device, mask.dtype)
        return mask


class _Places:
    """Where the edits of a pass apply: its last `queries` of `keys` tokens look at all keys."""

    def __init__(self, columns: torch.Tensor, queries: int, keys: int, prompt: int | None):
        rows = len(columns)
        place = torch.arange(keys - queries, keys)
        self._columns, self._queries, self._keys = columns, queries, keys
        self._is_image = torch.zeros(rows, keys, dtype=torch.bool).scatter_(1, columns, True)
        behind = place > columns.amax(1, keepdim=True)
        answer = place >= (keys + 1 if prompt is None else prompt - 1)
        image = self._is_image[:, keys - queries :]
        self._looking = {
            "answer": answer.expand(rows, -1), "question": behind, "image": image, "all": behind | image,
        }  # fmt: skip
        self._others = place[:, None] != torch.arange(keys)

    def of(self, effects: tuple[_Effect | None, ...], heads: int) -> torch.Tensor:
        """bool [rows, heads or 1, queries, keys], True where an effect applies. A token never loses itself.
        """
        by_head = any(effect is not None and effect.heads is not None for effect in effects)
        shape = (len(effects), heads if by_head else 1, self._queries, self._keys)
        found = torch.zeros(shape, dtype=torch.bool)
        for effect in dict.fromkeys(effect for effect in effects if effect is not None):
            at = torch.tensor([row for row, each in enumerate(effects) if each == effect])
            if effect.text:
                columns = ~self._is_image[at]
            else:
                columns = torch.zeros(len(at), self._keys, dtype=torch.bool).scatter_(
                    1, self._columns[at][:, list(effect.cells)], True
                )
            here = columns[:, None] & self._looking[effect.rows][at][:, :, None]
            if effect.bias is None:
                here = here & self._others
            if effect.heads is None:
                found[at] = here[:, None]
            else:
                found[at[:, None], torch.tensor(effect.heads)] = here[:, None]
        return found


def _effect(edit: Edit | None, layer: int) -> _Effect | None:
    """What an edit does to the attention of a layer; None if nothing."""
    if edit is None or isinstance(edit, Patch) or (edit.layers is not None and layer not in edit.layers):
        return None
    heads = None
    if edit.heads is not None:
        heads = tuple(head for of_layer, head in edit.heads if of_layer == layer)
        if not heads:
            return None
    if isinstance(edit, Steering):
        return _Effect(edit.cells, edit.rows, False, heads, edit.strength) if edit.strength else None
    return _Effect(edit.cells, edit.rows, edit.text, heads, None)


def prefix_edit(edit: Edit | None) -> Edit | None:
    """The edit as far as it concerns the tokens before the question; None if it doesn't, so that the picture
    is encoded once for all such edits."""
    if isinstance(edit, Patch):
        return edit if edit.at.cells or edit.at.everything else None
    return edit if edit is not None and edit.rows in ("image", "all") else None


def needs_own_tail(edit: Edit | None) -> bool:
    """Whether the tokens between picture and question must be run again behind the uncut prefix: they have
    seen the picture, and would pass on what is kept from the question."""
    return isinstance(edit, Knockout | Steering) and edit.rows == "question"
