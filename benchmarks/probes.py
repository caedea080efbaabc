"""The study's probe sweep and relcli's, on the same synthetic answers in one process.

    python -m benchmarks.probes                          # 2,726 scenes, 36 layers: the study's size
    python -m benchmarks.probes --scenes 300 --layers 6  # a quick look

The study's way: for each of 34 labels and each layer, open the npz file of every question, take one array
out of 327, and fit scikit-learn's LogisticRegression. That is measured on a part (all labels on --sample-
layers layers; opening --sample-files files) and extrapolated to all layers and files. Ours is `relcli probe
--protocol seed --layers each`, measured whole: reading from the warehouse, fitting and writing results; its
fits are scikit-learn's too, several at a time in threads.
Printed: processor seconds of each, the ratio, and by how much the accuracies differ. Elapsed seconds stand
beside them, for an idle machine.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from relcli.analysis.probing.labels import LABELS, question_labels
from relcli.analysis.probing.splits import SplitPlan
from relcli.jobs.probe import probe
from relcli.jobs.probe_request import ProbeRequest
from relcli.progress import NullProgress
from relcli.scenes.masking import make_twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene, derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query

SEED, SIDE = 77, 8
CELLS = SIDE * SIDE


def main() -> None:
    options = parse_options()
    with (
        threadpool_limits(limits=options.threads),
        tempfile.TemporaryDirectory(dir=options.folder) as folder,
    ):
        database = Path(folder) / "probes.duckdb"
        asked = ask(options.scenes)
        attention = {category: synthetic(category, rows, options.layers) for category, rows in asked.items()}
        write_warehouse(database, asked, attention)
        n_labels = sum(map(len, LABELS.values()))
        print(
            f"{options.scenes:,} scenes, {sum(map(len, asked.values())):,} questions, {n_labels} labels, "
            f"{options.layers} layers, {CELLS} cells, {options.threads} threads"
        )
        ours = timed(lambda: sweep(database, "seed", "row"))
        show(f"relcli, the study's protocol: {n_labels * options.layers:,} probes", ours)
        read_s, fit_s, differences = study_way(database, asked, attention, Path(folder), options)
        show("study's way, fits (extrapolated)", fit_s)
        show("study's way, opening npz for every model (extrapolated)", read_s)
        once = read_s[0] / options.layers
        show("study's way, opening npz once per label (extrapolated)", (once, read_s[1] / options.layers))
        print(f"ratio, as the study does it    {(fit_s[0] + read_s[0]) / ours[0]:9.0f}")
        print(f"ratio, npz once per label      {(fit_s[0] + once) / ours[0]:9.0f}")
        print(f"ratio, fits alone              {fit_s[0] / ours[0]:9.1f}   (ours with reading and writing)")
        print(
            f"accuracies of {len(differences)} probes: largest difference {np.abs(differences).max():.4f}, "
            f"mean {np.mean(differences):+.5f}"
        )
        if not options.only_seed:
            default = timed(lambda: sweep(database, "relcli", "scene"))
            n_fits = n_labels * options.layers * SplitPlan().folds * (1 + SplitPlan().shuffles)
            show(f"relcli, default: controls and tests, {n_fits:,} fits", default)


def sweep(database: Path, protocol: Any, split: Any) -> None:
    request = ProbeRequest(layers="each", split=split, protocol=protocol)
    probe(database, request, NullProgress())


def study_way(
    database: Path,
    asked: dict[str, list[tuple[Scene, Question]]],
    attention: dict[str, NDArray[np.float32]],
    folder: Path,
    options: argparse.Namespace,
) -> tuple[tuple[float, float], tuple[float, float], list[float]]:
    """Processor and elapsed seconds of all files opened and of all fits, and ours less theirs in accuracy."""
    sampled = np.linspace(0, options.layers - 1, options.sample_layers).astype(int)
    found = {
        (row["category"], row["label"], row["layer"]): row["accuracy"]
        for row in query(database, "FROM probe_by_layer WHERE subset = 'all'").as_dicts()
    }
    n_opened = sum(len(rows) * len(LABELS[category]) for category, rows in asked.items()) * options.layers
    opening = timed_files(attention["count"], folder, options.sample_files)
    fits, n_fits, differences = np.zeros(2), 0, []
    for category, rows in asked.items():
        named = [question_labels(category, q.text, q.ground_truth) for _, q in rows]
        for label in LABELS[category]:
            values = np.array([one[label] for one in named])
            _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
            keep = np.flatnonzero(counts[codes] > 1)
            for layer in sampled:
                x, y = attention[category][keep, layer], codes[keep]
                accuracy = []
                fits += timed(lambda x=x, y=y, accuracy=accuracy: accuracy.append(fit_as_study(x, y)))
                n_fits += 1
                if (category, label, layer) in found:
                    differences.append(found[category, label, layer] - accuracy[0])
    every = sum(map(len, LABELS.values())) * options.layers
    read_s = tuple(seconds * n_opened for seconds in opening)
    fit_s = tuple(seconds / n_fits * every for seconds in fits)
    print(f"measured on {n_fits} of {every:,} fits and {options.sample_files} of {n_opened:,} file openings")
    return (read_s[0], read_s[1]), (fit_s[0], fit_s[1]), differences


def fit_as_study(x: NDArray, y: NDArray) -> float:
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    scaler = StandardScaler().fit(train_x)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(train_x), train_y)
    return float(model.score(scaler.transform(test_x), test_y))


def timed_files(attention: NDArray[np.float32], folder: Path, n: int) -> tuple[float, float]:
    """Seconds to open one question's npz file, as the study lays it out, and to take one vector out of it."""
    n = min(n, len(attention))
    layers = attention.shape[1]
    files = []
    for row in range(n):
        arrays: dict[str, Any] = {"num_layers": layers, "num_steps": 3, "vision_token_range": [4, 68]}
        for layer in range(layers):
            vector = attention[row, layer].astype(np.float16)
            for name in ("mean_pooled_heads", "max_pooled_heads", "mean_across_steps", "last_step"):
                arrays[f"layer_{layer}_{name}"] = vector
            for name in ("mean_heads", "max_heads", "mean_steps", "last"):
                arrays[f"layer_{layer}_entropy_{name}"] = 3.5
            arrays[f"layer_{layer}_num_steps"] = 3
        files.append(folder / f"q{row}_attention_per_layer.npz")
        np.savez(files[-1], **arrays)

    def read() -> None:
        for file in files:
            with np.load(file) as opened:
                opened["layer_0_mean_pooled_heads"].astype(np.float32)

    read()
    processor, elapsed = timed(read)
    return processor / n, elapsed / n


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and elapsed seconds of a call."""
    elapsed, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - elapsed


def show(what: str, seconds: tuple[float, float]) -> None:
    print(f"{what:58s}{seconds[0]:9.1f} s processor {seconds[1]:9.1f} s elapsed", flush=True)


def ask(n_scenes: int) -> dict[str, list[tuple[Scene, Question]]]:
    """The study's questions on generated scenes, by category."""
    asked: dict[str, list[tuple[Scene, Question]]] = {category: [] for category in LABELS}
    for scene_id in range(n_scenes):
        scene = generate_scene(SEED, scene_id, domain="benchmark")
        twin = make_twin(scene, SEED, domain="benchmark")
        for question in ask_seed(
            scene, twin, derived_rng(SEED, scene_id, "questions/seed", domain="benchmark")
        ):
            asked[question.category].append((scene, question))
    return asked


def synthetic(category: str, rows: list[tuple[Scene, Question]], n_layers: int) -> NDArray[np.float32]:
    """Attention `[rows, layers, cells]` that tells something of where things are and of every label: sinks,
    weight on the objects, a pattern of its own for each class, and noise."""
    rng = np.random.default_rng(SEED)
    middle = (np.arange(SIDE) + 0.5) * 224 / SIDE
    x, y = np.meshgrid(middle, middle)
    place = np.zeros((len(rows), CELLS))
    for i, (scene, question) in enumerate(rows):
        for entity in scene.entities:
            near = ((x - entity.center[0]) ** 2 + (y - entity.center[1]) ** 2) / (2 * entity.radius**2)
            place[i] += (1.0 if entity.id in question.entities else 0.4) * np.exp(-near.ravel())
    named = [question_labels(category, question.text, question.ground_truth) for _, question in rows]
    classes = [np.unique([one[label] for one in named], return_inverse=True)[1] for label in LABELS[category]]
    attention = np.empty((len(rows), n_layers, CELLS), dtype=np.float32)
    for layer in range(n_layers):
        z = rng.normal(size=CELLS) + 3 * (rng.random(CELLS) < 0.03) + (0.75 + rng.random()) * place
        for codes in classes:
            patterns = rng.normal(size=(codes.max() + 1, CELLS)) * (rng.random(CELLS) < 0.3)
            z = z + 0.35 * rng.random() * patterns[codes]
        z = z + 0.4 * rng.normal(size=(len(rows), 1)) + 0.35 * rng.normal(size=z.shape)
        z = z + rng.normal(size=(len(rows), 8)) @ rng.normal(size=(8, CELLS)) / 6
        weights = np.exp(z)
        attention[:, layer] = np.round(0.2 * weights / weights.sum(axis=1, keepdims=True), 6)
    return attention


def write_warehouse(
    database: Path, asked: dict[str, list[tuple[Scene, Question]]], attention: dict[str, NDArray[np.float32]]
) -> None:
    """One run `synthetic` with raw answers, four in five of them right, and mean_heads alone."""
    ensure(database)
    rng = np.random.default_rng(SEED)
    start = datetime(2026, 1, 1)
    with connect(database, read_only=False) as connection:
        insert_rows(
            connection,
            "run",
            [{"run": "synthetic", "dataset": "d", "kind": "run", "state": "done", "started_at": start,
              "attention": "summary"}],
        )  # fmt: skip
        for category, rows in asked.items():
            keys = [
                {"dataset": "d", "scene_id": q.scene_id, "question_index": q.question_index} for _, q in rows
            ]
            insert_rows(
                connection,
                "question",
                [{**key, "question_set": "seed", "category": category, "text": q.text,
                  "ground_truth": q.ground_truth} for key, (_, q) in zip(keys, rows, strict=True)],
            )  # fmt: skip
            insert_rows(
                connection,
                "answer",
                [{**key, "run": "synthetic", "variant": "raw", "ground_truth": q.ground_truth,
                  "correct": bool(rng.random() < 0.8)} for key, (_, q) in zip(keys, rows, strict=True)],
            )  # fmt: skip
            n_layers = attention[category].shape[1]
            cells = np.ascontiguousarray(attention[category].reshape(-1, CELLS).T)
            columns: dict[str, NDArray] = {
                "scene_id": np.repeat([q.scene_id for _, q in rows], n_layers),
                "question_index": np.repeat([q.question_index for _, q in rows], n_layers),
                "layer": np.tile(np.arange(n_layers), len(rows)),
            } | {f"cell_{cell}": cells[cell] for cell in range(CELLS)}
            connection.register("made", columns)
            vector = ", ".join(f"cell_{cell}" for cell in range(CELLS))
            connection.execute(
                "INSERT INTO answer_attention BY NAME SELECT 'synthetic' AS run, scene_id, question_index, "
                f"'raw' AS variant, layer, {SIDE} AS grid_height, {SIDE} AS grid_width, "
                f"[{vector}] AS mean_heads FROM made"
            )
            connection.unregister("made")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenes", type=int, default=2726)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument(
        "--sample-layers", type=int, default=3, help="layers the study's fits are measured on"
    )
    parser.add_argument("--sample-files", type=int, default=300, help="npz files opened to measure one")
    parser.add_argument("--threads", type=int, default=1, help="of matrix products, theirs and ours")
    parser.add_argument("--folder", type=Path, default=None, help="for about 350 MB of temporary files")
    parser.add_argument("--only-seed", action="store_true", help="leave the default protocol out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
