"""Result files in the study's form, made or broken for tests."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

SAMPLE = Path(__file__).parent.parent / "fixtures" / "seed_sample"
RESULTS, QUERIES = SAMPLE / "evaluation_results.csv", SAMPLE / "queries.json"
CLOSING = (
    " Please only reply with the correct option, do not explain your reasoning. "
    "If no option is correct, reply with 'None'."
)
Line = dict[str, str]


def sample_lines() -> list[Line]:
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_lines(path: Path, lines: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> Path:
    lines = list(lines)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def npz_arrays(rng: np.random.Generator, layers: int = 3, cells: int = 64, steps: int = 2) -> dict[str, Any]:
    """What one of the study's files holds, by the names it gives."""
    arrays: dict[str, Any] = {
        "num_layers": layers,
        "num_steps": steps,
        "vision_token_range": np.array([15, 15 + cells]),
    }
    for layer in range(layers):
        mean = (rng.dirichlet(np.ones(cells)) * 0.3).astype(np.float16)
        for name in ("mean_pooled_heads", "mean_across_steps", "last_step"):
            arrays[f"layer_{layer}_{name}"] = mean
        arrays[f"layer_{layer}_max_pooled_heads"] = np.minimum(mean * 3, 1).astype(np.float16)
        for name in ("mean_heads", "max_heads", "mean_steps", "last"):
            arrays[f"layer_{layer}_entropy_{name}"] = np.float32(3.5)
        arrays[f"layer_{layer}_num_steps"] = steps
    return arrays


def attention_paths(folder: Path, lines: Iterable[Mapping[str, str]]) -> list[Path]:
    """The file of every answer of the lines, as the study names them; their folders are made."""
    places: dict[str, int] = {}
    paths = []
    for line in lines:
        stem = line["image_filename"].removesuffix(".png")
        place = places[stem] = places.get(stem, -1) + 1
        for suffix in ("", "_masked"):
            target = folder / "attention_per_layer" / f"{stem}{suffix}"
            target.mkdir(parents=True, exist_ok=True)
            paths.append(target / f"q{place}_attention_per_layer.npz")
    return paths


def write_attention(folder: Path, lines: Iterable[Mapping[str, str]], **shape: int) -> list[Path]:
    """A file for every answer of the lines."""
    rng = np.random.default_rng(0)
    paths = attention_paths(folder, lines)
    for path in paths:
        np.savez(path, **npz_arrays(rng, **shape))
    return paths
