"""Shares of attention on regions of the picture, worked out while a layer's weights are at hand.

A few numbers a head or token instead of a map: which regions there are is known before the model is asked.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from relcli.captures import REGIONS
from relcli.errors import RelcliError
from relcli.models.items import PictureRegions, RegionShares
from relcli.models.local.finite import check_attention

_NAMES = tuple(REGIONS)
_SINK, _REST = _NAMES.index("sink"), _NAMES.index("rest")


def entropy(weights: torch.Tensor) -> torch.Tensor:
    """Shannon entropy in nats over the last axis, of weights normalised to sum 1; 0 where they sum to 0."""
    total = weights.sum(-1, keepdim=True)
    share = weights / total.clamp_min(torch.finfo(weights.dtype).tiny)
    return torch.special.entr(share).sum(-1)


class RegionReader:
    """The regions of the prompts of one batch; None for a prompt whose regions aren't known."""

    def __init__(self, regions: Sequence[PictureRegions | None], device: torch.device | str):
        self._regions = list(regions)
        self._device = device
        self._covers: torch.Tensor | None = None
        self._sinks: torch.Tensor | None = None

    def read(self, layer: int, weights: torch.Tensor) -> torch.Tensor:
        """float32 [rows, n, regions + 2]: shares in the order of REGIONS, total weight, entropy.

        weights: float32 [rows, n, cells] on the image, of any n heads or tokens of each prompt.
        """
        covers, placed = self._of_layer(layer, weights)
        on_places = torch.bmm(weights, placed[:, :, None])
        shares = torch.bmm(weights, covers.transpose(1, 2))
        shares /= on_places.clamp_min(torch.finfo(weights.dtype).tiny)
        return torch.cat([shares, weights.sum(-1, keepdim=True), entropy(weights)[..., None]], dim=-1)

    def _of_layer(self, layer: int, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Covers [rows, regions, cells] with this layer's sinks, and which cells are placed [rows, cells]."""
        if self._covers is None:
            self._lay_out(weights.shape[2], weights.device)
        assert self._covers is not None
        covers = self._covers.to(weights.device)
        placed = covers[:, -1]
        covers = covers[:, :-1].clone()
        if self._sinks is not None:
            sink = self._sinks[layer].to(placed.device) * placed
            covers[:, _SINK] = sink
            covers[:, _REST] *= 1 - sink
        return covers, placed

    def _lay_out(self, cells: int, device: torch.device) -> None:
        covers = np.zeros((len(self._regions), len(_NAMES) + 1, cells), dtype=np.float32)
        covers[:, -1] = 1
        known: dict[int, NDArray[np.float32]] = {}  # pictures of one size share their sinks
        for row, regions in enumerate(self._regions):
            if regions is None:
                continue
            if len(regions.placed) != cells:
                raise RelcliError(
                    f"The regions of a question were laid out for {len(regions.placed)} image tokens, but "
                    f"the model sees {cells}: its processor treats this picture unlike others of its size."
                )
            for name, cover in regions.covers.items():
                covers[row, _NAMES.index(name)] = cover
            covers[row, -1] = regions.placed
            if regions.sinks is not None:
                known.setdefault(id(regions.sinks), regions.sinks.astype(np.float32))
        self._covers = torch.from_numpy(covers).to(device)
        if known:
            numbers = {each: number for number, each in enumerate(known, start=1)}
            of_rows = [0 if each is None else numbers.get(id(each.sinks), 0) for each in self._regions]
            none = np.zeros_like(next(iter(known.values())))
            every = torch.from_numpy(np.stack([none, *known.values()], axis=1)).to(device)
            self._sinks = every[:, torch.tensor(of_rows, device=device)]  # [layers, rows, cells]

    def names(self, row: int) -> tuple[str, ...]:
        """The regions of a prompt that are known and on its picture."""
        regions = self._regions[row]
        if regions is None:
            return ()
        return tuple(
            name
            for name in _NAMES
            if name in regions.covers or (name == "sink" and regions.sinks is not None)
        )

    def shares(self, row: int, values: np.ndarray) -> RegionShares:
        """values: what `read` gave for the prompt `row`, layers first: [layers, n, regions + 2].

        Raises NotFinite if one is NaN or infinite.
        """
        check_attention(values)
        by_name = {name: np.ascontiguousarray(values[..., _NAMES.index(name)]) for name in self.names(row)}
        return RegionShares(by_name, values[..., -2].copy(), values[..., -1].copy())


def in_layers(values: Mapping[int, torch.Tensor]) -> np.ndarray:
    """What each layer gave, stacked in their order as float32 [layers, ...]."""
    return np.stack([values[layer].cpu().numpy() for layer in sorted(values)])
