"""From patches to tokens: which tokens of a prompt a patch names, and what goes where in a pass."""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch

from relcli.errors import UsageError
from relcli.models.answer_engine import PromptShape
from relcli.models.edits import Edit, Patch, PatchSource, Places
from relcli.models.instrument.states import RowPatch, StateReader, States
from relcli.models.items import PromptToken

Wanted = tuple[PatchSource, Places]
"""States to read: of which prompt, at which tokens."""


def wanted_states(edits: Sequence[Edit | None]) -> list[Wanted]:
    """What patches copy, each once."""
    return list(dict.fromkeys((edit.source, edit.at) for edit in edits if isinstance(edit, Patch)))


def token_places(
    at: Places, image: Sequence[int], tokens: Sequence[PromptToken], length: int
) -> tuple[int, ...]:
    """Numbers of the tokens that `at` names in a prompt of `length` tokens, in order.

    image: the numbers of its image tokens; tokens: those with a role, numbered in the whole prompt. Raises
    UsageError for a cell that is not there.
    """
    if at.everything:
        return tuple(range(length))
    if at.cells and max(at.cells) >= len(image):
        raise UsageError(f"The picture has {len(image)} image tokens; there is no cell {max(at.cells)}.")
    found = {image[cell] for cell in at.cells}
    if at.role is not None:
        found |= {token.index for token in tokens if token.role == at.role}
    if at.answer:
        found.add(length - 1)
    return tuple(sorted(found))


def reader_of(edits: Sequence[Edit | None], columns: Sequence[Sequence[int]]) -> StateReader:
    """Reads what the patches copy at some columns of each row of a pass; in a row without any, its first."""
    patches = [edit for edit in edits if isinstance(edit, Patch)]
    most = max(max(map(len, columns)), 1)
    at = torch.tensor([[*each, *[0] * (most - len(each))] for each in columns], dtype=torch.long)
    added = any(patch.deepstack == "source" and patch.site == "residual" for patch in patches)
    return StateReader(at, {patch.site for patch in patches}, added)


def row_patch(
    edit: Edit | None, states: Mapping[Wanted, States], columns: Sequence[int | None]
) -> RowPatch | None:
    """The patch of one row; None for another edit, or none."""
    if not isinstance(edit, Patch):
        return None
    return RowPatch(edit, states[edit.source, edit.at], columns)


def shape_of(length: int, cells: int, tokens: Sequence[PromptToken]) -> PromptShape:
    """The shape of a prompt with these tokens that have a role."""
    return PromptShape(length, cells, tuple(sorted(Counter(token.role for token in tokens).items())))


def check_alike(place: Sequence[int], length: int, other: Sequence[int], other_length: int) -> None:
    """Raises UsageError for prompts whose tokens don't answer to each other one by one."""
    if length != other_length:
        raise UsageError(
            f"States can't be copied from a prompt of {other_length} tokens to one of {length}: patch "
            "between prompts of equal length."
        )
    if len(place) != len(other):
        raise UsageError(
            f"States of {len(other)} tokens can't be copied to {len(place)}: name as many in both prompts."
        )
