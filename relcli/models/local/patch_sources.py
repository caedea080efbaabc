"""The prompts that patches copy from, read on the shared-prefix path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from relcli.models.edits import Edit, Patch, Places
from relcli.models.instrument.states import States, StateWriter, joined
from relcli.models.local.images import ProcessedImage
from relcli.models.local.memory import Batching
from relcli.models.local.patched import Wanted, reader_of, row_patch, token_places
from relcli.models.local.prompt import Suffix
from relcli.models.local.shared_prefix import Prefix, encode, read_rows


@dataclass(frozen=True, slots=True)
class SourcePrompt:
    """A prompt to copy from: its picture, the ids behind the prefix, and the numbers of the tokens."""

    wanted: Wanted
    picture: ProcessedImage
    suffix: tuple[int, ...]
    places: tuple[int, ...]


def read_sources(
    model: Any,
    batching: Batching,
    prefix_ids: Sequence[int],
    prompts: Sequence[SourcePrompt],
    edits: Sequence[Edit | None],
    pad_id: int,
) -> dict[Wanted, States]:
    """States of prompts of one grid at their places, at the sites that the patches among `edits` copy."""
    grid = prompts[0].picture.grid if prompts else None
    n = len(prefix_ids)

    def run(batch: Sequence[SourcePrompt]) -> list[States]:
        assert grid is not None
        before = [[at for at in prompt.places if at < n] for prompt in batch]
        reader = reader_of(edits, before) if any(before) else None
        pixels = torch.cat([prompt.picture.pixel_values for prompt in batch])
        grids = torch.stack([prompt.picture.grid_thw for prompt in batch])
        prefix: Prefix = encode(model, prefix_ids, pixels, grids, grid, reader=reader)
        first = [None if reader is None else reader.states(i, len(own)) for i, own in enumerate(before)]
        longest = max(len(prompt.suffix) for prompt in batch)
        behind = [
            [at - n + longest - len(prompt.suffix) for at in prompt.places if at >= n] for prompt in batch
        ]
        if not any(behind):
            return [states for states in first if states is not None]
        reader = reader_of(edits, behind)
        read_rows(model, prefix, range(len(batch)), [prompt.suffix for prompt in batch], pad_id, reader)
        second = [reader.states(i, len(own)) for i, own in enumerate(behind)]
        return [two if one is None else joined(one, two) for one, two in zip(first, second, strict=True)]

    ordered = sorted(prompts, key=lambda prompt: len(prompt.suffix))
    found = batching.run(ordered, run)
    return {prompt.wanted: states for prompt, states in zip(ordered, found, strict=True)}


def places_in(at: Places, prefix_ids: Sequence[int], image_id: int, suffix: Suffix) -> tuple[int, ...]:
    """The numbers, in the whole prompt, of the tokens that `at` names."""
    n = len(prefix_ids)
    image = [place for place, token in enumerate(prefix_ids) if token == image_id]
    tokens = [token._replace(index=n + token.index) for token in suffix.tokens]
    return token_places(at, image, tokens, n + len(suffix.ids))


def prefix_writer(
    model: Any,
    edits: Sequence[Edit | None],
    states: Mapping[Wanted, States],
    prefix_ids: Sequence[int],
    image_id: int,
) -> StateWriter | None:
    """Puts into each prefix what its patch copies there. The tokens of a prefix are the first that a patch
    names."""
    nothing = Suffix((), (), "", ())
    patches = [
        row_patch(edit, states, places_in(replace(edit.at, answer=False), prefix_ids, image_id, nothing))
        if isinstance(edit, Patch)
        else None
        for edit in edits
    ]
    return StateWriter.of(patches, model.config.get_text_config().num_attention_heads)
