"""The prompts that patches copy from, read on the shared-prefix path."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from relcli.models.edits import Edit, Patch, Places
from relcli.models.instrument.states import States, StateWriter, joined
from relcli.models.local.images import ProcessedImage
from relcli.models.local.layer_settings import same_n_heads
from relcli.models.local.memory import Batching
from relcli.models.local.patched import Wanted, reader_of, row_patch, token_places
from relcli.models.local.prefix import Prefix
from relcli.models.local.prompt import Suffix
from relcli.models.local.shared_prefix import encode, read_rows


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
    """States of prompts of one grid at their places, at the sites that the patches among `edits` copy.

    A picture is encoded once for all questions that are read behind it. No more prefixes are held at a time
    than questions fit in one pass.
    """
    n = len(prefix_ids)
    behind: dict[_Encoded, list[SourcePrompt]] = defaultdict(list)
    for prompt in sorted(prompts, key=lambda prompt: len(prompt.suffix)):
        before = tuple(at for at in prompt.places if at < n)
        behind[_Encoded(id(prompt.picture), before)].append(prompt)
    found: dict[Wanted, States] = {}
    left = list(behind.values())
    while left:
        some, left = left[: batching.size], left[batching.size :]
        reading = _Reading(model, prefix_ids, edits, pad_id)
        encoded = batching.run([prompts[0] for prompts in some], reading.encode)
        prefix = Prefix.join([each for each, _ in encoded])
        rows = [(prompt, at) for at, prompts in enumerate(some) for prompt in prompts]
        rows.sort(key=lambda row: len(row[0].suffix))
        asked = [row for row in rows if row[0].places[-1:] > (n - 1,)]
        read = batching.run(asked, lambda batch, prefix=prefix, reading=reading: reading.read(prefix, batch))
        seconds = {prompt.wanted: states for (prompt, _), states in zip(asked, read, strict=True)}
        for prompt, at in rows:
            one, two = encoded[at][1], seconds.get(prompt.wanted)
            both = [each for each in (one, two) if each is not None]
            found[prompt.wanted] = joined(*both) if len(both) == 2 else both[0] if both else States()
    return found


class _Encoded(NamedTuple):
    """What a source's prefix is made for: its picture, and the places in it whose states are read."""

    picture: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The two passes over sources: the prefix, and the questions behind it."""

    model: Any
    prefix_ids: Sequence[int]
    edits: Sequence[Edit | None]
    pad_id: int

    def encode(self, batch: Sequence[SourcePrompt]) -> list[tuple[Prefix, States | None]]:
        """The prefix of each prompt, with the states read in it; None where none are."""
        before = [[at for at in prompt.places if at < len(self.prefix_ids)] for prompt in batch]
        reader = reader_of(self.edits, before) if any(before) else None
        prefix = encode(self.model, self.prefix_ids, [prompt.picture for prompt in batch], reader=reader)
        return [
            (prefix.one(i), None if reader is None or not own else reader.states(i, len(own)))
            for i, own in enumerate(before)
        ]

    def read(self, prefix: Prefix, batch: Sequence[tuple[SourcePrompt, int]]) -> list[States]:
        """States behind the prefix of prompts, each with the number of its prefix."""
        n, longest = len(self.prefix_ids), max(len(prompt.suffix) for prompt, _ in batch)
        columns = [
            [at - n + longest - len(prompt.suffix) for at in prompt.places if at >= n] for prompt, _ in batch
        ]
        reader = reader_of(self.edits, columns)
        suffixes = [prompt.suffix for prompt, _ in batch]
        read_rows(self.model, prefix, [at for _, at in batch], suffixes, self.pad_id, reader)
        return [reader.states(i, len(own)) for i, own in enumerate(columns)]


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
    return StateWriter.of(patches, same_n_heads(model.config))
