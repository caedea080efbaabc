"""The study's questions to its attention, answered by the warehouse's views and the study's way.

    python -m benchmarks.warehouse                        # the study's size; up to 2 GB on disk
    python -m benchmarks.warehouse --study-questions 100  # the study's way takes 0.1 s a question

Printed: the time of every view on a made-up warehouse of the study's size (limit 4 s on two cores and 4 GB),
the attention shift per question beside the study's way (two npz files opened per question and layer), and
the bytes of an answer's attention beside the study's npz file. On a busy machine go by the processor time.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks import synthetic
from relcli.warehouse.materialized import fill_attention
from relcli.warehouse.opening import connect

LIMIT_S = 4.0
STUDY_QUESTIONS = 3000


@dataclass
class Took:
    """Seconds by the clock, and of processor time over all threads."""

    wall: float = 0.0
    cpu: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s {self.cpu:8.2f} s cpu"


@contextmanager
def timed() -> Iterator[Took]:
    took = Took()
    start, used = time.perf_counter(), _cpu()
    try:
        yield took
    finally:
        took.wall, took.cpu = time.perf_counter() - start, _cpu() - used


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scenes", type=int, default=synthetic.N_SCENES)
    parser.add_argument("--questions", type=int, default=synthetic.N_QUESTIONS)
    parser.add_argument("--layers", type=int, default=synthetic.N_LAYERS)
    parser.add_argument("--study-questions", type=int, default=STUDY_QUESTIONS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--folder", type=Path, help="where to work; default: the system's temporary folder")
    options = parser.parse_args()
    settings = f"SET threads = {options.threads}; SET memory_limit = '{options.memory}'"
    with tempfile.TemporaryDirectory(prefix="relcli-bench-", dir=options.folder) as folder:
        path = Path(folder, "study.duckdb")
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        print(f"{options.threads} threads, {options.memory}, {os.cpu_count()} cores, load {load:.1f}, "
              f"DuckDB {duckdb.__version__}")  # fmt: skip
        with timed() as took:
            synthetic.build(
                path,
                n_scenes=options.scenes,
                n_questions=options.questions,
                n_layers=options.layers,
                settings=settings,
            )
        print(f"{took}  making {options.questions:,} questions, {options.layers} layers, raw and masked")
        anew = shift(path, settings, "attention_shift_live")
        print(f"{anew}  attention shift, computed anew")
        size = path.stat().st_size
        with timed() as took:
            fill_attention(path, "one")
        print(f"{took}  filling shift, grounding and mean maps")
        slowest = views(path, settings)
        report_speed(path, settings, options, anew)
        report_size(path, options, size)
    print(f"slowest view: {slowest.wall:.2f} s of {LIMIT_S:g} s")


def shift(path: Path, settings: str, view: str) -> Took:
    """All measures of every question and layer, consumed."""
    with connect(path, read_only=True, allow_external=True) as connection:
        connection.execute(settings)
        with timed() as took:
            connection.execute(f"SELECT count(*), bit_xor(hash(v)) FROM {view} AS v").fetchall()
    return took


def views(path: Path, settings: str) -> Took:
    """Every view in full: all rows, all columns."""
    print(f"\n{'view':34}{'rows':>10}{'time':>11}{'processor':>15}")
    slowest = Took()
    with connect(path, read_only=True, allow_external=True) as connection:
        connection.execute(settings)
        rows = connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
        ).fetchall()
        for (name,) in rows:
            with timed() as took:
                [(n, _)] = connection.execute(
                    f"SELECT count(*), bit_xor(hash(v)) FROM {name} AS v"
                ).fetchall()
            print(f"{name:34}{n:>10,}{took}{'   OVER THE LIMIT' if took.wall > LIMIT_S else ''}", flush=True)
            slowest = max(slowest, took, key=lambda each: each.wall)
    return slowest


def report_speed(path: Path, settings: str, options: argparse.Namespace, anew: Took) -> None:
    ours = shift(path, settings, "attention_shift")
    folder = path.parent / "npz"
    n = min(options.study_questions, options.questions)
    write_npz(folder, n, options.layers)
    with timed() as theirs:
        the_studys_way(folder, n, options.layers)
    print(f"\nattention shift, all {options.layers} layers, microseconds a question (and of processor time)")
    for name, took, count in (
        (f"the study's way, {n:,} questions", theirs, n),
        ("view, computed anew", anew, options.questions),
        ("view, filled", ours, options.questions),
    ):
        wall, cpu = took.wall / count, took.cpu / count
        ratio = f"{theirs.wall / n / wall:,.0f} ({theirs.cpu / n / cpu:,.0f}) times as fast"
        print(f"{wall * 1e6:12,.1f} {cpu * 1e6:12,.1f}  {name}{'' if took is theirs else ': ' + ratio}")


def npz_arrays(n_layers: int, rng: np.random.Generator) -> dict[str, Any]:
    """What the study stores of an answer: 9 arrays a layer and 3 more."""
    arrays: dict[str, Any] = {}
    for layer in range(n_layers):
        weights = rng.gamma(0.6, 1, 64)
        vector = (weights / weights.sum() * 0.2).astype(np.float16)
        for name in ("mean_pooled_heads", "max_pooled_heads", "mean_across_steps", "last_step"):
            arrays[f"layer_{layer}_{name}"] = vector
        for name in ("mean_heads", "max_heads", "mean_steps", "last"):
            arrays[f"layer_{layer}_entropy_{name}"] = 3.5
        arrays[f"layer_{layer}_num_steps"] = 2
    return arrays | {"num_layers": n_layers, "num_steps": 2, "vision_token_range": np.array([4, 68])}


def _file(folder: Path, question: int, variant: str) -> Path:
    return folder / f"image_{question:05d}{variant}" / "q0_attention_per_layer.npz"


def write_npz(folder: Path, n_questions: int, n_layers: int) -> None:
    """The study's files: a folder a picture, raw and masked."""
    rng = np.random.default_rng(0)
    for question in range(n_questions):
        for variant in ("", "_masked"):
            file = _file(folder, question, variant)
            file.parent.mkdir(parents=True)
            np.savez_compressed(file, **npz_arrays(n_layers, rng))


def the_studys_way(folder: Path, n_questions: int, n_layers: int) -> list[tuple[float, ...]]:
    """The shift of every question and layer: two files opened for each, one array read of each."""
    measures = []
    for question in range(n_questions):
        for layer in range(n_layers):
            pair = []
            for variant in ("", "_masked"):
                with np.load(_file(folder, question, variant)) as stored:
                    pair.append(stored[f"layer_{layer}_mean_pooled_heads"].astype(np.float64))
            raw, masked = pair
            p, q = raw / raw.sum(), masked / masked.sum()
            with np.errstate(divide="ignore", invalid="ignore"):
                kl = np.sum(np.where(p > 0, p * np.log(p / q), 0))
            cosine = raw @ masked / (np.linalg.norm(raw) * np.linalg.norm(masked))
            measures.append(
                (np.abs(p - q).mean(), np.linalg.norm(p - q), kl, cosine, np.abs(raw - masked).mean(),
                 np.linalg.norm(raw - masked))
            )  # fmt: skip
    return measures


def report_size(path: Path, options: argparse.Namespace, unfilled: int) -> None:
    npz = _file(path.parent / "npz", 0, "").stat().st_size
    answers = 2 * options.questions
    filled = path.stat().st_size
    print(
        f"\nbytes a question and variant\n{npz:12,}  the study's npz file ({9 * options.layers + 3} arrays)"
    )
    for name, size in (("without", unfilled), ("with", filled)):
        share = size / answers / npz
        print(f"{size / answers:12,.0f}  the whole warehouse, {name} fills: {share:.2f} of it")
    print()


if __name__ == "__main__":
    main()
