"""relcli's probe fitter beside scikit-learn's with joblib, on the same fits in one process.

    python benchmarks/probe_fitters.py                      # 600 scenes, 64 and 2,560 features
    python benchmarks/probe_fitters.py --scenes 2726        # the study's size

The fits are those of `relcli probe` by default: every label of three categories on each layer, five folds
by scene, the labels and their shuffles, C = 1, features standardised over the training rows. scikit-learn
fits each with its own StandardScaler and LogisticRegression (default tolerance), in `--jobs` processes of one
thread each; ours takes as many threads. Both run in turn, `--repeats` times, and medians are printed: elapsed
seconds and processor seconds of the process and its children, and how many test predictions are the same.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from probes import CELLS, SEED, ask, synthetic
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from relcli.analysis.probing.design import Design
from relcli.analysis.probing.fitting import fit
from relcli.analysis.probing.labels import LABELS, question_labels
from relcli.analysis.probing.splits import Plan
from relcli.analysis.probing.sweep import C_LAYER
from relcli.analysis.probing.targets import Target, make_target

CATEGORIES = ("count", "implicit_spatial", "recognition_color")
HIDDEN = 2560

Fit = tuple[int, NDArray[np.int64], NDArray[np.bool_]]  # layer, labels, training rows


def main() -> None:
    options = parse_options()
    asked = ask(options.scenes)
    print(f"{options.scenes:,} scenes, {options.jobs} processes or threads, {os.cpu_count()} cores")
    with threadpool_limits(limits=options.jobs), Parallel(n_jobs=options.jobs) as workers:
        workers(delayed(abs)(i) for i in range(options.jobs))  # their start is nobody's time
        for width, n_layers in ((CELLS, options.layers), (HIDDEN, options.hidden_layers)):
            sums: dict[str, list[tuple[float, float]]] = {"relcli": [], "scikit-learn": []}
            alike, n_fits = [], 0
            work = []
            for category in CATEGORIES[: None if width == CELLS else options.hidden_categories]:
                features = synthetic(category, asked[category], n_layers)
                if width != CELLS:
                    features = hidden(features)
                work.append((category, features, targets_of(category, asked[category])))
            for _ in range(options.repeats):
                spent = {name: np.zeros(2) for name in sums}
                for _, features, targets in work:
                    fits = [
                        (layer, codes, train)
                        for target in targets
                        for layer in range(n_layers)
                        for codes in (target.codes, target.shuffled)
                        for train in target.train
                    ]
                    ours, theirs = [], []
                    spent["relcli"] += timed(lambda: ours.append(fit_ours(features, targets)))  # noqa: B023
                    spent["scikit-learn"] += timed(
                        lambda: theirs.append(fit_theirs(workers, features, fits))  # noqa: B023
                    )
                    n_fits += len(fits)
                    alike.append(same(ours[0], theirs[0], fits))
                for name, seconds in spent.items():
                    sums[name].append((seconds[0], seconds[1]))
            rows = sum(f.shape[0] for _, f, _ in work)
            report(width, rows, n_layers, n_fits // options.repeats, sums, alike)


def report(
    width: int,
    rows: int,
    n_layers: int,
    n_fits: int,
    sums: dict[str, list[tuple[float, float]]],
    alike: list[float],
) -> None:
    print(f"\n{width:,} features, {rows:,} rows, layers {n_layers}, {n_fits:,} fits")
    middle = {name: [median(part) for part in zip(*times, strict=True)] for name, times in sums.items()}
    for name, (processor, elapsed) in middle.items():
        print(f"  {name:14s}{processor:8.1f} s processor {elapsed:8.1f} s elapsed")
    processor, elapsed = (b / a for a, b in zip(middle["relcli"], middle["scikit-learn"], strict=True))
    print(f"  ratio         {processor:8.1f}   processor {elapsed:8.1f}   elapsed")
    print(f"  same predictions on test rows: {100 * np.mean(alike):.2f}%", flush=True)


def targets_of(category: str, rows: list) -> list[Target]:
    named = [question_labels(category, q.text, q.ground_truth) for _, q in rows]
    scenes = np.array([q.scene_id for _, q in rows])
    return [
        make_target(label, [one.get(label) for one in named], scenes, Plan()) for label in LABELS[category]
    ]


def hidden(attention: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features as wide as a model's hidden state: mixtures of the attention's logarithm, bent, and noise."""
    rng = np.random.default_rng(SEED)
    z = np.log(attention + 1e-6)
    z = (z - z.mean(axis=0)) / (z.std(axis=0) + 1e-6)
    mixed = np.tanh(z @ rng.normal(size=(z.shape[-1], HIDDEN)) / 8)
    return (mixed + 0.3 * rng.normal(size=mixed.shape)).astype(np.float32)


def fit_ours(features: NDArray[np.float32], targets: list[Target]) -> list[NDArray[np.int64]]:
    """Predictions on all rows in the order of the fits of `main`."""
    designs = [Design(features[:, layer]) for layer in range(features.shape[1])]
    found: dict[str, NDArray[np.int64]] = {}
    for size in {target.n_classes for target in targets}:
        alike = [target for target in targets if target.n_classes == size]
        labels = [codes for t in alike for codes in (t.codes, t.shuffled) for _ in t.test]
        train = np.concatenate([t.train for t in alike for _ in range(2)])
        parts = np.split(
            fit(designs, np.stack(labels), train, size, C_LAYER).predicted, len(alike), axis=1
        )
        found |= {target.label: part for target, part in zip(alike, parts, strict=True)}
    return [one for target in targets for layer in found[target.label] for one in layer]


def fit_theirs(
    workers: Parallel, features: NDArray[np.float32], fits: list[Fit]
) -> list[NDArray[np.int64]]:
    layers = [np.ascontiguousarray(features[:, layer]) for layer in range(features.shape[1])]
    found = workers(delayed(fit_one)(layers[layer], codes, train) for layer, codes, train in fits)
    return [each for each in found if each is not None]


def fit_one(x: NDArray, codes: NDArray[np.int64], train: NDArray[np.bool_]) -> NDArray[np.int64]:
    with threadpool_limits(limits=1):
        scaler = StandardScaler().fit(x[train])
        model = LogisticRegression(C=C_LAYER, max_iter=1000).fit(scaler.transform(x[train]), codes[train])
        return model.predict(scaler.transform(x))


def same(ours: list[NDArray], theirs: list[NDArray], fits: list[Fit]) -> float:
    """The share of labelled rows outside the training part that both predict alike."""
    return float(
        np.mean(
            [
                np.mean((a == b)[(codes >= 0) & ~train])
                for a, b, (_, codes, train) in zip(ours, theirs, fits, strict=True)
            ]
        )
    )


def timed(work: Callable[[], object]) -> NDArray:
    """Processor seconds (this process and its children's) and elapsed seconds."""
    elapsed, processor = time.perf_counter(), used()
    work()
    return np.array([used() - processor, time.perf_counter() - elapsed])


def used() -> float:
    """Of this process and of the workers, which are still alive: read from /proc."""
    ticks = 0
    for child in [os.getpid(), *children(os.getpid())]:
        fields = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as opened:
            for child in map(int, opened.read().split()):
                found += [child, *children(child)]
    return found


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--layers", type=int, default=3, help="of 64 features")
    parser.add_argument("--hidden-layers", type=int, default=1, help="of 2,560 features")
    parser.add_argument("--hidden-categories", type=int, default=2, help="probed on 2,560 features")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2, help="scikit-learn's processes, our threads")
    return parser.parse_args()


if __name__ == "__main__":
    main()
