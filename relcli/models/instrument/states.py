"""States of a text model's layers, read and written while a prompt passes.

A layer has four sites. Its residual is taken where the next layer (or the final norm) takes it in, which is
behind what DeepStack adds to image tokens. Attention and MLP are what these add to the residual; a head is
its part of what goes into the attention's output projection. Generated tokens are left alone: they are
computed from their own states.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from relcli.errors import RelcliError
from relcli.models.edits import Patch, Site

_IN_LAYERS: tuple[Site, ...] = ("attention", "head", "mlp")


@dataclass(slots=True)
class States:
    """States at chosen tokens of one prompt, in order of the tokens.

    values: [tokens, width] by site and layer. added: what DeepStack adds behind a layer, [tokens, width].
    """

    values: dict[tuple[Site, int], torch.Tensor] = field(default_factory=dict)
    added: dict[int, torch.Tensor] = field(default_factory=dict)


class StateReader:
    """Keeps states at chosen tokens of each row of a pass.

    at: int64 [rows, n], columns of the pass; rows with fewer tokens repeat any. added: also what DeepStack
    adds there.
    """

    def __init__(self, at: torch.Tensor, sites: Collection[Site], added: bool = False):
        self.at, self.sites, self.reads_added = at, frozenset(sites), added
        self.kept: dict[tuple[Site, int], torch.Tensor] = {}
        self.added: dict[int, torch.Tensor] = {}

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """[rows, n, width] of [rows, tokens, width]."""
        at = self.at.to(values.device)
        return values.gather(1, at[..., None].expand(-1, -1, values.shape[-1]))

    def states(self, row: int, n: int) -> States:
        """Those of a row's first n tokens."""
        return States(
            {key: values[row, :n] for key, values in self.kept.items()},
            {layer: values[row, :n] for layer, values in self.added.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class RowPatch:
    """A patch of one row of a pass: `states` entry k goes to column `columns`[k], or nowhere where that is
    None, for the token is in another pass."""

    patch: Patch
    states: States
    columns: Sequence[int | None]

    def applies(self, site: Site, layer: int) -> bool:
        patch = self.patch
        return patch.site == site and (patch.layers is None or layer in patch.layers)

    def carries(self, layer: int) -> bool:
        """Whether what DeepStack adds behind this layer is the source's."""
        patch = self.patch
        first = 0 if patch.layers is None else min(patch.layers, default=layer)
        return patch.deepstack == "source" and patch.site == "residual" and layer > first


class StateWriter:
    """Puts states of other prompts into the rows of a pass; None for a row that keeps its own."""

    def __init__(self, rows: Sequence[RowPatch | None], n_heads: int):
        self._n_heads = n_heads
        self._rows = [
            (row, patch)
            for row, patch in enumerate(rows)
            if patch is not None and any(at is not None for at in patch.columns)
        ]

    @staticmethod
    def of(rows: Sequence[RowPatch | None], n_heads: int) -> "StateWriter | None":
        """None where no row has a token to write."""
        writer = StateWriter(rows, n_heads)
        return writer if writer._rows else None

    def write(self, site: Site, layer: int, values: torch.Tensor) -> torch.Tensor:
        """[rows, tokens, width] with what is patched there; `values` itself where nothing is."""
        mine = [(row, each) for row, each in self._rows if each.applies(site, layer)]
        if not mine:
            return values
        values = values.clone()
        for row, each in mine:
            here, columns = _placed(each.columns)
            new = each.states.values[site, layer][here].to(values.device, values.dtype)
            if site == "head" and each.patch.heads is not None:
                heads = [head for of_layer, head in each.patch.heads if of_layer == layer]
                old = values[row, columns].unflatten(-1, (self._n_heads, -1))
                old[:, heads] = new.unflatten(-1, (self._n_heads, -1))[:, heads]
                new = old.flatten(-2)
            values[row, columns] = new
        return values

    def writes(self, site: Site) -> bool:
        return any(each.patch.site == site for _, each in self._rows)

    def carries(self, layer: int) -> bool:
        """Whether what DeepStack adds behind this layer is a source's in any row."""
        return any(each.carries(layer) for _, each in self._rows)

    def carry(self, layer: int, before: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """`before` is a layer's output, `values` the same with what DeepStack added."""
        values = values.clone()
        for row, each in self._rows:
            if each.carries(layer):
                here, columns = _placed(each.columns)
                values[row, columns] = before[row, columns] + each.states.added[layer][here].to(before)
        return values


def _placed(columns: Sequence[int | None]) -> tuple[list[int], list[int]]:
    """Numbers of the states that have a column, and these."""
    found = [(k, column) for k, column in enumerate(columns) if column is not None]
    return [k for k, _ in found], [column for _, column in found]


@contextmanager
def at_states(
    model: Any, reader: StateReader | None = None, writer: StateWriter | None = None
) -> Iterator[None]:
    """Let `reader` and `writer` at the states of passes inside the block that have more than one token.

    Raises RelcliError for a model whose layers are not laid out as usual.
    """
    if reader is None and writer is None:
        yield
        return
    handles = _Hooks(model, reader, writer).set()
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Hooks:
    def __init__(self, model: Any, reader: StateReader | None, writer: StateWriter | None):
        self._model, self._reader, self._writer = model, reader, writer
        self._outputs: dict[int, torch.Tensor] = {}

    def set(self) -> list[Any]:
        sites: list[Site] = [site for site in _IN_LAYERS if self._has_to_do(site)]
        layers, norm = text_layers(self._model, sites)
        n_deepstack = n_deepstack_layers(self._model)
        handles = []
        for number, layer in enumerate(layers):
            behind = norm if number + 1 == len(layers) else layers[number + 1]
            takes_output = number < n_deepstack and self._needs_output(number)
            if takes_output:
                handles.append(layer.register_forward_hook(self._remember(number)))
            if takes_output or self._has_to_do("residual"):
                hook = self._before("residual", number)
                handles.append(behind.register_forward_pre_hook(hook, with_kwargs=True))
            if self._has_to_do("head"):
                hook = self._before("head", number)
                handles.append(layer.self_attn.o_proj.register_forward_pre_hook(hook, with_kwargs=True))
            if self._has_to_do("attention"):
                handles.append(layer.self_attn.register_forward_hook(self._after("attention", number)))
            if self._has_to_do("mlp"):
                handles.append(layer.mlp.register_forward_hook(self._after("mlp", number)))
        return handles

    def _needs_output(self, layer: int) -> bool:
        return bool(self._reader and self._reader.reads_added) or bool(
            self._writer and self._writer.carries(layer)
        )

    def _has_to_do(self, site: Site) -> bool:
        read = self._reader is not None and site in self._reader.sites
        return read or (self._writer is not None and self._writer.writes(site))

    def _remember(self, layer: int) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            self._outputs[layer] = _first(output)

        return hook

    def _work(self, site: Site, layer: int, values: torch.Tensor) -> torch.Tensor:
        if values.shape[1] < 2:
            return values  # a generated token
        reader, writer, before = self._reader, self._writer, self._outputs.pop(layer, None)
        if site == "residual" and before is not None:
            if reader is not None and reader.reads_added:
                reader.added[layer] = reader.gather(values - before)
            if writer is not None and writer.carries(layer):
                values = writer.carry(layer, before, values)
        if reader is not None and site in reader.sites:
            reader.kept[site, layer] = reader.gather(values)
        return values if writer is None else writer.write(site, layer, values)

    def _before(self, site: Site, layer: int) -> Callable[..., Any]:
        def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if args:
                new = self._work(site, layer, args[0])
                return None if new is args[0] else ((new, *args[1:]), kwargs)
            old = kwargs["hidden_states"]
            new = self._work(site, layer, old)
            return None if new is old else (args, {**kwargs, "hidden_states": new})

        return hook

    def _after(self, site: Site, layer: int) -> Callable[..., Any]:
        def hook(module: Any, args: Any, output: Any) -> Any:
            old = _first(output)
            new = self._work(site, layer, old)
            if new is old:
                return None
            return (new, *output[1:]) if isinstance(output, tuple) else new

        return hook


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple) else output


def text_layers(model: Any, sites: Collection[Site] = ()) -> tuple[Any, Any]:
    """The decoder layers of a model's text part, and its final norm.

    sites: where in a layer states are read or written, besides behind it; a recurrent layer has no attention
    to be read. Raises RelcliError where a part is missing or has another name than in transformers' decoders.
    """
    decoder = model.get_decoder()
    layers = getattr(decoder, "layers", None)
    norm = getattr(decoder, "norm", None) or getattr(decoder, "embedding_norm", None)  # that of LFM2
    usual = layers is not None and norm is not None and all(
        ("mlp" not in sites or hasattr(layer, "mlp"))
        and (not {"attention", "head"} & set(sites) or hasattr(getattr(layer, "self_attn", None), "o_proj"))
        for layer in layers
    )
    if not usual:
        raise RelcliError(
            f"The states of a {model.config.model_type!r} can't be read or patched: its layers are not laid "
            "out like those of transformers' decoders."
        )
    return layers, norm


def n_deepstack_layers(model: Any) -> int:
    """Behind how many of its first layers a model adds features of the picture."""
    vision = getattr(model.config, "vision_config", None)
    return len(getattr(vision, "deepstack_visual_indexes", None) or ())


def joined(before: States, behind: States) -> States:
    """Tokens of one prompt that were read in two passes, one after the other. DeepStack adds nothing to the
    second's, which stand behind the picture."""
    n = next(iter(behind.values.values())).shape[0]
    return States(
        {key: torch.cat([old, behind.values[key].to(old)]) for key, old in before.values.items()},
        {layer: torch.cat([old, old.new_zeros(n, old.shape[1])]) for layer, old in before.added.items()},
    )
