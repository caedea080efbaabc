"""Which layers and heads an experiment is about, as --layers and --heads say it."""

import hashlib
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from relcli.errors import UsageError
from relcli.models.edits import Heads
from relcli.warehouse.names import check_name, make_name
from relcli.warehouse.reads import read

RANKING = "head_grounding"
_LONGEST = 80  # characters of the name of an experiment; NAME/random-2 has to fit as well


class HalvedHeads(NamedTuple):
    """Heads that were chosen on one half of the scenes, to be used on the other."""

    chosen_on_first: Heads
    chosen_on_second: Heads


@dataclass(frozen=True, slots=True)
class HeadRanking:
    """by_half: heads, best first, as either half of the scenes ranks them. halves: 1 or 2, of each scene."""

    by_half: tuple[Sequence[tuple[int, int]], ...]
    halves: Mapping[int, int]


def heads_for(heads: Heads | HalvedHeads | None, half: int | None) -> Heads | None:
    """The heads for a scene of a half: those that the other half chose."""
    if isinstance(heads, HalvedHeads):
        return heads.chosen_on_second if half == 1 else heads.chosen_on_first
    return heads


def layer_windows(text: str, n_layers: int) -> list[tuple[str, tuple[int, ...] | None]]:
    """What --layers asks for: what each step adds to the name, and its layers (None: all).

    Raises UsageError for what can't be read or lies out of range.
    """
    digits = len(str(n_layers - 1)) if n_layers > 10 else 2
    if text == "all":
        return [("", None)]
    if text == "each":
        return [(f"/L{layer:0{digits}d}", (layer,)) for layer in range(n_layers)]
    if window := re.fullmatch(r"window:(\d{1,6})", text):
        size = int(window[1])
        if not 1 <= size <= n_layers:
            raise UsageError(f"--layers window:{size} does not fit the model's {n_layers} layers.")
        return [
            (f"/L{first:0{digits}d}-{first + size - 1:0{digits}d}", tuple(range(first, first + size)))
            for first in range(n_layers - size + 1)
        ]
    layers: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        if not found or int(found[2] or found[1]) < int(found[1]):
            raise UsageError(
                f"--layers takes numbers and ranges such as 0-5,12, or all, each, window:4; not {text!r}."
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if last >= n_layers:
            raise UsageError(
                f"There is no layer {last}: the model's {n_layers} are numbered from 0 to {n_layers - 1}."
            )
        layers |= set(range(first, last + 1))
    return [("", tuple(sorted(layers)))]


def chosen_heads(
    text: str,
    n_layers: int,
    n_heads: int,
    within: Sequence[int],
    seed: int,
    ranking: Callable[[], HeadRanking] | None = None,
) -> Heads | HalvedHeads | None:
    """What --heads asks for in some layers; None is all. ranking: of the heads, best first, for top:K.

    Raises UsageError for what can't be read or lies out of range.
    """
    if text == "all":
        return None
    every = [(layer, head) for layer in within for head in range(n_heads)]
    if top := re.fullmatch(r"top:(\d{1,6})(%?)@(\w+)", text):
        if top[3] != RANKING or ranking is None:
            raise UsageError(f"--heads top:K ranks by {RANKING}: write top:{top[1]}{top[2]}@{RANKING}.")
        number = max(1, round(len(every) * int(top[1]) / 100)) if top[2] else int(top[1])
        _check_number(text, number, every)
        allowed = set(every)
        best = [[head for head in half if head in allowed][:number] for half in ranking().by_half]
        return HalvedHeads(*(tuple(sorted(half)) for half in best))
    if text.startswith("top:"):
        raise UsageError(f"--heads takes top:20@{RANKING} or top:10%@{RANKING}, not {text!r}.")
    if drawn := re.fullmatch(r"random:(\d{1,6})", text):
        number = int(drawn[1])
        _check_number(text, number, every)
        return tuple(sorted(random.Random(f"heads|{seed}").sample(every, number)))
    heads: set[tuple[int, int]] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,6})\.(\d{1,6})\s*", part)
        if not found:
            raise UsageError(
                f"--heads takes LAYER.HEAD such as 3.0,3.5, or all, random:20, top:20@{RANKING}; not "
                f"{text!r}."
            )
        layer, head = int(found[1]), int(found[2])
        if layer >= n_layers or head >= n_heads:
            raise UsageError(
                f"There is no head {layer}.{head}: the model's {n_layers} layers have {n_heads} heads each, "
                "both numbered from 0."
            )
        if layer not in within:
            raise UsageError(f"The head {layer}.{head} lies in a layer that --layers leaves out.")
        heads.add((layer, head))
    return tuple(sorted(heads))


def _check_number(text: str, number: int, every: Sequence[tuple[int, int]]) -> None:
    if not 1 <= number <= len(every):
        raise UsageError(f"--heads {text} can't be drawn: the chosen layers have {len(every)} heads.")


def heads_in(heads: Heads | HalvedHeads | None, layers: Collection[int] | None) -> Heads | HalvedHeads | None:
    """Those in some layers; None where all are meant."""
    if heads is None or layers is None:
        return heads
    if isinstance(heads, HalvedHeads):
        return HalvedHeads(*(tuple(each for each in half if each[0] in layers) for half in heads))
    return tuple(each for each in heads if each[0] in layers)


def experiment_name(parts: Sequence[str]) -> str:
    """The name of an experiment made from what it is, at most 80 characters; a longer one ends in a hash of
    the whole, so that lists of heads that begin alike have names of their own."""
    whole = "-".join(filter(None, parts))
    if len(whole) <= _LONGEST:
        return make_name(whole)
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{make_name(whole[: _LONGEST - 9])}-{digest}"


def check_experiment_name(name: str | None) -> None:
    """Raises UsageError for what can't be the name of an experiment."""
    if name is not None:
        check_name(name, "intervention")
        if len(name) > _LONGEST:
            raise UsageError(
                f"--name of an intervention has at most {_LONGEST} characters: shorten it."
            )
        if name == "none":
            raise UsageError("Plain answers are called none already: choose another --name.")


def load_ranking(database: Path, run: str) -> HeadRanking:
    """The heads of a run by how much of their attention is on what is asked about, above chance.

    Raises UsageError for a run that did not keep the attention of heads.
    """
    rows = read(database, "head_ranking", run=run).rows
    by_half = tuple([(layer, head) for part, layer, head in rows if part == half] for half in (1, 2))
    if not all(by_half):
        raise UsageError(
            f"The run {run} does not tell which heads look at what is asked about on both halves of its "
            "scenes: run with --attention heads, or name heads."
        )
    return HeadRanking(by_half, dict(read(database, "scene_halves", run=run).rows))
