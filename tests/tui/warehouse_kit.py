"""A warehouse with invented answers and attention, made through the project's own doors.

The scenes, twins, pictures and questions are real; the model is not. Its answers are right as often as
`SKILL` says, its attention goes to the objects asked about, more so in later layers, and layer 1 has a sink
in a corner. Nothing in it depends on when or where it is made.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from relcli.scenes.generation import derived_rng, generate_scene
from relcli.scenes.geometry import scene_regions
from relcli.scenes.items import Dataset, DatasetItem, Picture, Variant
from relcli.scenes.masking import make_twin
from relcli.scenes.questions import Question
from relcli.scenes.rendering import png_bytes, render
from relcli.scenes.scene import Scene
from relcli.scenes.study_questions import ask_seed
from relcli.scenes.vocabulary import CATEGORIES, LETTERS
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.runs import RunRecord, create_run, finish, update_run
from relcli.warehouse.spool import SpoolWriter

START = datetime(2025, 3, 4, 9, 30)
GRID = (8, 8)
N_LAYERS = 6
SKILL = {
    "count": (0.75, 0.6),
    "recognition_shape": (0.97, 0.9),
    "recognition_color": (0.99, 0.93),
    "recognition_shape_and_color": (0.9, 0.8),
    "implicit_spatial": (0.55, 0.45),
    "explicit_connection": (0.5, 0.45),
    "explicit_arrow_direction": (0.45, 0.35),
}


@dataclass(frozen=True)
class Looked:
    """Attention of one answer; the fields of `relcli.warehouse.batch.AttentionSummary`."""

    grid: tuple[int, int]
    mean_heads: np.ndarray
    max_heads: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray
    mean_heads_entropy: np.ndarray
    max_heads_entropy: np.ndarray
    first_step_entropy: np.ndarray
    last_step_entropy: np.ndarray
    step_entropy: np.ndarray
    image_mass: np.ndarray


def scenes_dataset(n_scenes: int, seed: int = 11, name: str = "kit-scenes") -> Dataset:
    """Generated scenes with twins and the study's questions."""
    items = []
    for scene_id in range(n_scenes):
        scene = generate_scene(seed, scene_id)
        twin = make_twin(scene, seed)
        questions = ask_seed(scene, twin, derived_rng(seed, scene_id, "questions/seed"))
        filename = f"image_{scene_id:05d}.png"
        items.append(
            DatasetItem(
                scene_id=scene_id,
                image_filename=filename,
                image=Picture(png_bytes(render(scene)), filename),
                variants=(
                    Variant(
                        "masked",
                        Picture(png_bytes(render(twin.scene)), f"image_{scene_id:05d}_masked.png"),
                        twin,
                    ),
                )
                if twin
                else (),
                scene=scene,
                questions=tuple(questions),
                split="train",
            )
        )
    return Dataset(name, None, items, seed)


def make_warehouse(path: Path, n_scenes: int = 24, runs: Sequence[str] = ("study-4b", "small-2b")) -> Path:
    """A warehouse with one data set and these runs on it, the first with the blank variant and attention."""
    ensure(path)
    dataset = scenes_dataset(n_scenes)
    name = register_dataset(path, dataset)
    for number, run in enumerate(runs):
        variants = ("raw", "masked", "blank") if number == 0 else ("raw", "masked")
        add_run(path, dataset, name, run, variants, number)
    return path


def add_run(
    path: Path, dataset: Dataset, name: str, run: str, variants: Sequence[str], number: int = 0
) -> None:
    """One finished run; each `number` is a somewhat weaker model that began an hour earlier."""
    rows, keys, looked = [], [], []
    for item in dataset.items:
        if item.scene is None:
            continue
        for question in item.questions:
            for variant in variants:
                if variant == "masked" and item.twin is None:
                    continue
                rng = random.Random(f"{run} {item.scene_id} {question.question_index} {variant}")
                rows.append({"dataset": name, **answer(question, variant, rng, number)})
                keys.append(Key(item.scene_id, question.question_index, variant))
                looked.append(look(item.scene, question, variant, rng))
    began = START - timedelta(hours=number)
    create_run(
        path,
        RunRecord(
            run=run,
            dataset=name,
            question_set="seed",
            model=("Qwen/Qwen3-VL-4B-Instruct", "Qwen/Qwen3-VL-2B-Instruct", "bundled")[number % 3],
            dtype="bfloat16",
            device="cuda",
            attention="summary",
            variants=variants,
            categories=list(CATEGORIES),
            n_planned=len(rows),
            image_tokens=64,
            grid_height=GRID[0],
            grid_width=GRID[1],
            image_width=256,
            image_height=256,
            started_at=began,
        ),
    )
    with SpoolWriter(path, run) as spool:
        spool.write(rows, AttentionBatch(keys, looked))
    ingest(path, run)
    finish(path, run)
    update_run(
        path, run, finished_at=began + timedelta(minutes=14), heartbeat_at=began + timedelta(minutes=14)
    )


def answer(question: Question, variant: str, rng: random.Random, weaker: int) -> dict[str, object]:
    """A row of table `inference` without run and data set."""
    truth = (
        question.ground_truth_masked
        if variant == "masked" and question.ground_truth_masked
        else question.ground_truth
    )
    right = truth.strip(")").lower()
    skill = 0.3 if variant == "blank" else SKILL[question.category][variant == "masked"] - 0.08 * weaker
    choices = [*LETTERS[: len(question.options)], "none"]
    choice = right if rng.random() < skill else rng.choice([each for each in choices if each != right])
    weights = [rng.uniform(2.5, 5) if each == choice else rng.uniform(0, 2) for each in choices]
    total = np.log(np.sum(np.exp(weights)))
    written = "None" if choice == "none" else f"{choice})"
    return {
        "scene_id": question.scene_id,
        "question_index": question.question_index,
        "variant": variant,
        "answer": written,
        "choice": choice,
        "correct": choice == right,
        "seed_correct": choice == right,
        "ground_truth": truth,
        "option_logprobs": [float(weight - total) for weight in weights],
        "n_steps": 3,
        "truncated": False,
        "created_at": START,
    }


def look(scene: Scene, question: Question, variant: str, rng: random.Random) -> Looked:
    """Attention that follows the objects asked about."""
    noise = np.random.default_rng(rng.randrange(2**32))
    cells = GRID[0] * GRID[1]
    asked, others = np.zeros(cells), np.full(cells, 0.02)
    for region in scene_regions(scene, *GRID):
        if region.kind == "entity" and region.item_id in question.entities:
            asked += region.coverage
        else:
            others += 0.3 * region.coverage
    layers = []
    for layer in range(N_LAYERS):
        depth = layer / (N_LAYERS - 1)
        weights = (
            others + asked * (0.1 if variant == "blank" else 1.6 * depth) + noise.gamma(1.0, 0.06, cells)
        )
        if layer == 1:
            weights[7] += 4.0
        layers.append(weights / weights.sum() * (0.15 + 0.3 * depth))
    mean = np.array(layers, dtype=np.float32)
    first, last = mean * 1.1, mean * 0.9
    entropy = _entropy(mean)
    return Looked(
        grid=GRID,
        mean_heads=mean,
        max_heads=np.minimum(mean * 2.5, 1).astype(np.float32),
        first_step=first,
        last_step=last,
        mean_heads_entropy=entropy,
        max_heads_entropy=entropy,
        first_step_entropy=entropy,
        last_step_entropy=entropy,
        step_entropy=np.stack([entropy, entropy * 0.98, entropy * 0.95], axis=1),
        image_mass=mean.sum(axis=1),
    )


def _entropy(weights: np.ndarray) -> np.ndarray:
    shares = weights / weights.sum(axis=1, keepdims=True)
    return -(shares * np.log(shares)).sum(axis=1)


def failures(path: Path, run: str) -> Iterator[tuple[int, int]]:
    """Keys of the questions the run got wrong on the raw picture, in order."""
    from relcli.warehouse.reads import read

    for row in read(path, "answers", run=run, only="wrong").as_dicts():
        yield row["scene_id"], row["question_index"]
