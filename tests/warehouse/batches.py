"""Made-up answers with attention, for tests and for the processes they start."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from relcli.captures import OF_EVERY_ANSWER as VECTORS
from relcli.paths import spool_dir
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.filelock import lock_files

N_LAYERS = 3


def files_beside(path: Path) -> list[str]:
    """What lies beside a warehouse file, but for its two lock files and its spool."""
    own = {path.name, spool_dir(path).name, *(file.name for file in lock_files(path))}
    return sorted(file.name for file in path.parent.iterdir() if file.name not in own)


@cache
def make_summary(
    seed: int, grid: tuple[int, int] = (2, 4), n_layers: int = N_LAYERS, n_steps: int = 2
) -> Any:
    """Attention of one answer, random but the same for a seed."""
    rng = np.random.default_rng(seed)
    vectors = {
        name: rng.dirichlet(np.ones(grid[0] * grid[1]), n_layers).astype(np.float32) for name in VECTORS
    }
    entropies = {f"{name}_entropy": rng.random(n_layers, np.float32) for name in vectors}
    return SimpleNamespace(
        grid=grid,
        step_entropy=rng.random((n_layers, n_steps), np.float32),
        image_mass=rng.random(n_layers, np.float32),
        **vectors,
        **entropies,
    )


def make_batch(scene_ids: Iterable[int], *, attention: bool = True) -> tuple[list[dict[str, Any]], Any]:
    """Inference rows and attention for question 0, raw, of each scene."""
    keys = [Key(scene_id, 0, "raw") for scene_id in scene_ids]
    rows = [
        {
            "dataset": "d",
            "scene_id": scene_id,
            "question_index": question_index,
            "variant": variant,
            "answer": "a)",
            "choice": "a",
            "correct": True,
            "seed_correct": True,
            "ground_truth": "a)",
            "option_logprobs": [-0.5, -1.5, -9.25],
            "n_steps": 2,
            "truncated": False,
        }
        for scene_id, question_index, variant, *_ in keys
    ]
    return rows, AttentionBatch(keys, [make_summary(key[0] % 50) for key in keys]) if attention else None
