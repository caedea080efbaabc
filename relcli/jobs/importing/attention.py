"""The study's attention files: found, matched to answers, read and checked."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.captures import VECTORS, entropy_of
from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER
from relcli.jobs.importing.npz import Npz, UnreadableNpz
from relcli.jobs.importing.problems import Problems
from relcli.jobs.importing.questions import Matched
from relcli.jobs.study_format import (
    ATTENTION,
    attention_file,
    attention_folder,
    attention_place,
    entropy_key,
    folder_variant,
    vector_key,
)
from relcli.warehouse.batch import Key

# Table column: the array's name in the file, the first where several hold the same.
_VECTORS = {name: vector.arrays[0] for name, vector in VECTORS.items() if vector.arrays}
_ENTROPY_OF = {entropy_of(name): vector.entropies[0] for name, vector in VECTORS.items() if vector.entropies}
_MOST_STEPS = 32_768
_MOST_CELLS = 4096  # a grid of 64 x 64; every cell is a column on its way into the warehouse
_MOST_LAYERS = 1024
_SLACK = 0.01  # float16 rounds entropies up to 0.002 beyond their maximum


@dataclass(frozen=True, slots=True)
class SeedAttention:
    """What one file holds, in the terms of table `attention` (see `relcli.warehouse.batch`).

    The form has neither the first step nor the entropy of every step: `first_step` repeats the last one and
    `step_entropy` is zeros [layers, steps]; staging makes them NULL unless there was one step only.
    """

    grid: tuple[int, int]
    mean_heads: NDArray[np.float32]
    max_heads: NDArray[np.float32]
    last_step: NDArray[np.float32]
    mean_heads_entropy: NDArray[np.float32]
    max_heads_entropy: NDArray[np.float32]
    last_step_entropy: NDArray[np.float32]
    n_steps: int
    vision_range: tuple[int, int] | None

    @property
    def first_step(self) -> NDArray[np.float32]:
        return self.last_step

    @property
    def first_step_entropy(self) -> NDArray[np.float32]:
        return self.last_step_entropy

    @property
    def step_entropy(self) -> NDArray[np.float32]:
        return np.zeros((len(self.mean_heads), self.n_steps), dtype=np.float32)

    @property
    def image_mass(self) -> NDArray[np.float32]:
        """The weights of the mean are not normalised, so their sum is the share of the picture."""
        return np.minimum(self.mean_heads.sum(axis=1, dtype=np.float64), 1.0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class AttentionFile:
    """A file and the answer it belongs to."""

    key: Key
    path: Path


def find_attention(
    folder: Path, matched: Sequence[Matched], problems: Problems
) -> tuple[list[AttentionFile], int]:
    """The files of the matched answers, in their order, and how many files belong to none of them.

    `folder` is attention_per_layer or the folder above it. A file's number is its question's place in the
    picture's list of questions, or of rows where a part of the questions was asked: whichever fits the
    folder's files. Answers without a file go to `problems`. Raises RelcliError if there is no such folder.
    """
    found = _files(folder)
    files, used = [], 0
    by_picture = sorted(matched, key=lambda each: each.row.scene_id)
    for _, group in groupby(by_picture, key=lambda each: each.row.scene_id):
        of_picture = list(group)
        stem = Path(of_picture[0].row.image_filename).stem
        for variant in ("raw", "masked"):
            answers = [each for each in of_picture if variant == "raw" or each.row.masked]
            there = found.get((stem, variant), {})
            for each, place in zip(answers, _places(answers, there.keys()), strict=True):
                if path := there.get(place):
                    key = Key(each.row.scene_id, each.question.question_index, variant)
                    files.append(AttentionFile(key, path))
                    used += 1
                else:
                    where = f"{attention_folder(stem, variant)}/{attention_file(place)}"
                    problems.add("answers without their attention file", where)
    return files, sum(map(len, found.values())) - used


def read_attention(path: Path) -> SeedAttention:
    """One file, checked. Raises UnreadableNpz with the reason if it is damaged, pickled, lacks an array, or
    its arrays differ in length, fill no square grid, or hold impossible values."""
    archive = Npz(path)
    n_layers = _number(archive, "num_layers") if "num_layers" in archive else _count_layers(archive)
    if not 0 < n_layers <= min(len(archive), _MOST_LAYERS):
        raise UnreadableNpz(f"says it has {n_layers:,} layers")
    vectors = {column: _vectors(archive, n_layers, name) for column, name in _VECTORS.items()}
    n_cells = vectors["mean_heads"].shape[1]
    if any(vector.shape[1] != n_cells for vector in vectors.values()):
        raise UnreadableNpz("has arrays of different lengths")
    side = math.isqrt(n_cells)
    if side * side != n_cells:
        raise UnreadableNpz(f"has {n_cells:,} cells, which fill no square grid")
    if n_cells > _MOST_CELLS:
        raise UnreadableNpz(f"has {n_cells:,} cells, beyond the {_MOST_CELLS:,} that can be imported")
    entropies = {entropy_of(column): _entropies(archive, column, vectors[column]) for column in _VECTORS}
    n_steps = _number(archive, "num_steps")
    if not 1 <= n_steps <= _MOST_STEPS:
        raise UnreadableNpz(f"says it has {n_steps:,} steps; 1 to {_MOST_STEPS:,} can be")
    return SeedAttention(
        grid=(side, side),
        n_steps=n_steps,
        vision_range=_vision_range(archive),
        **vectors,
        **entropies,
    )


def read_all(
    files: Sequence[AttentionFile], problems: Problems
) -> Iterator[tuple[AttentionFile, SeedAttention | None]]:
    """Every file in turn; None, and a problem, for one that can't be read or is shaped unlike the first."""
    shape: tuple[int, ...] | None = None
    for file in files:
        where = f"{file.path.parent.name}/{file.path.name}"
        try:
            summary = read_attention(file.path)
        except UnreadableNpz as error:
            problems.add("attention files that can't be read", f"{where}: {error}")
            yield file, None
            continue
        shape = shape or summary.mean_heads.shape
        if summary.mean_heads.shape != shape:
            layers, cells = summary.mean_heads.shape
            kind = f"attention files of another shape than the first's {shape[0]} layers of {shape[1]} cells"
            problems.add(kind, f"{where}: {layers} of {cells}")
            yield file, None
            continue
        yield file, summary


def _files(folder: Path) -> dict[tuple[str, str], dict[int, Path]]:
    if not folder.is_dir():
        raise RelcliError(f"There is no folder {folder}; --attention takes the one that holds {ATTENTION}/.")
    root = folder / ATTENTION if (folder / ATTENTION).is_dir() else folder
    found: dict[tuple[str, str], dict[int, Path]] = {}
    for picture in sorted(root.iterdir()):
        if not picture.is_dir():
            continue
        places = {attention_place(file.name): file for file in picture.iterdir()}
        numbered = {place: file for place, file in places.items() if place is not None}
        if numbered:
            found[folder_variant(picture.name)] = numbered
    if not found:
        raise RelcliError(
            f"{root} holds no attention files such as image_00000/{attention_file(0)}; --attention takes the "
            f"folder that holds {ATTENTION}/."
        )
    return found


def _places(answers: Sequence[Matched], numbers: object) -> list[int]:
    asked, in_rows = [each.place for each in answers], [each.row.place for each in answers]
    return in_rows if set(asked) != numbers and set(in_rows) == numbers else asked


def _number(archive: Npz, name: str) -> int:
    value = _scalar(archive, name)
    if not value.is_integer():
        raise UnreadableNpz(f"{name} is {value}, which is not a whole number")
    return int(value)


def _scalar(archive: Npz, name: str) -> float:
    """The one number of an array; it may be infinite or NaN."""
    values = archive[name]
    if values.size != 1 or values.dtype.kind not in "iuf":
        raise UnreadableNpz(f"{name} is no number")
    return float(values.reshape(-1)[0])


def _vision_range(archive: Npz) -> tuple[int, int] | None:
    """Where the image tokens stand in the prompt; None where the file has nothing of the kind."""
    if "vision_token_range" not in archive:
        return None
    bounds = archive["vision_token_range"].ravel()
    if len(bounds) != 2 or bounds.dtype.kind not in "iu":
        return None
    first, end = map(int, bounds)
    return (first, end) if 0 <= first <= end <= LARGEST_INTEGER else None


def _count_layers(archive: Npz) -> int:
    layer = 0
    while vector_key(layer, "mean_pooled_heads") in archive:
        layer += 1
    return layer


def _vectors(archive: Npz, n_layers: int, name: str) -> NDArray[np.float32]:
    """float32 [layers, cells]."""
    layers = [archive[vector_key(layer, name)] for layer in range(n_layers)]
    if any(layer.ndim != 1 or layer.dtype.kind != "f" for layer in layers):
        raise UnreadableNpz(f"{name} is not a list of numbers")
    if not len(layers[0]):
        raise UnreadableNpz(f"{name} holds nothing")
    if len({len(layer) for layer in layers}) != 1:
        raise UnreadableNpz("has layers of different lengths")
    stacked = np.stack(layers).astype(np.float32)
    if not (np.isfinite(stacked).all() and stacked.min() >= 0 and stacked.max() <= 1):
        raise UnreadableNpz(f"{name} holds values outside 0 to 1")
    return stacked


def _entropies(archive: Npz, column: str, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Entropies [layers] as the file has them, worked out where it has none."""
    n_layers, n_cells = vectors.shape
    keys = [entropy_key(layer, _ENTROPY_OF[entropy_of(column)]) for layer in range(n_layers)]
    if keys[0] not in archive:
        return entropy(vectors)
    values = np.array([_scalar(archive, key) for key in keys])
    most = math.log(n_cells)
    if not (np.isfinite(values).all() and values.min() >= -_SLACK and values.max() <= most + _SLACK):
        raise UnreadableNpz(f"the entropies of {column} lie outside 0 to {most:.2f}")
    return np.clip(values, 0, most).astype(np.float32)


def entropy(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shannon entropy in nats of each row, normalised to sum 1; 0 for a row of zeros."""
    weights = vectors.astype(np.float64)
    total = weights.sum(axis=1, keepdims=True)
    share = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    return (-(share * logs).sum(axis=1)).astype(np.float32)
