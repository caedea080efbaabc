"""What ten times the questions cost a whole `relcli run`, in time and memory; and a run of a 4B-shaped model.

    python -m benchmarks.scaling
    python -m benchmarks.scaling --shape 4b --sizes 1 --dtype bfloat16    # random weights, 9 GB on disk

Each run is a process of its own into a new warehouse, on scenes made for this. Printed and written as JSON:
answers, processor time and clock, the most resident memory and what of it is not of mapped files such as the
weights (on Linux), the warehouse's size, and each against the smallest run; and the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.engine import questions
from benchmarks.machine import describe
from benchmarks.shapes import SHAPES, write_apart


@dataclass(frozen=True, slots=True)
class Run:
    """One command. cpu, wall: seconds. memory, own: bytes at most, with mapped files and without. size: bytes
    of the warehouse."""

    scenes: int
    answers: int
    cpu: float
    wall: float
    memory: int
    own: int
    size: int


def main() -> None:
    options = parse_options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        relcli("generate", "--out", folder / "scenes", "--scenes", max(options.sizes), "--seed", 4321)
        model: list[Any] = []
        if options.shape:
            texts = [prompt.text for item in questions(200) for prompt in item.prompts]
            write_apart(folder / "model", options.shape, texts, options.dtype, options.layers)
            # Random weights never end a reply; three tokens are what a letter, its bracket and the end take.
            model = ["--model", folder / "model", "--max-new-tokens", 3]
        if options.dtype:
            model += ["--dtype", options.dtype]
        runs = [run(folder, scenes, model) for scenes in sorted(options.sizes)]
    found = {"runs": [asdict(each) for each in runs], "machine": describe(torch.device("cpu"))}
    show(runs, found["machine"])
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def relcli(*words: Any) -> None:
    subprocess.run(
        [sys.executable, "-m", "relcli", *map(str, words)], check=True, stdout=subprocess.DEVNULL
    )


def run(folder: Path, scenes: int, model: list[Any]) -> Run:
    """`relcli run` on the first `scenes` scenes."""
    database = folder / f"{scenes}.duckdb"
    words = ["run", "--dataset", folder / "scenes", "--max-samples", scenes, "--db", database, *model]
    began, answers = time.perf_counter(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "relcli", *map(str, words), "--display", "jsonl"],
        stdout=subprocess.PIPE,
        text=True,
    )
    memory = Watch(process.pid)
    assert process.stdout is not None
    for event in map(json.loads, process.stdout):
        if event["event"] == "advance" and event["unit"] == "questions":
            answers = event["done"]
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"relcli run ended with {os.waitstatus_to_exitcode(status)}.")
    most = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu, own = used.ru_utime + used.ru_stime, memory.stop() or most
    return Run(scenes, answers, cpu, wall, most, own, database.stat().st_size)


class Watch:
    """Looks every tenth of a second at the memory of a process that is its own: RssAnon of /proc."""

    def __init__(self, pid: int):
        self._path = Path(f"/proc/{pid}/status")
        self._most, self._end = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(0.1):
            try:
                lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
            except OSError:
                return
            for line in lines:
                if line.startswith("RssAnon:"):
                    self._most = max(self._most, int(line.split()[1]) * 1024)

    def stop(self) -> int:
        """Bytes at most; 0 where the system does not tell."""
        self._end.set()
        self._thread.join()
        return self._most


def show(runs: list[Run], machine: dict[str, Any]) -> None:
    """The table, and the machine under it."""
    first = runs[0]
    print(
        f"{'scenes':>8}{'answers':>9}{'cpu s':>15}{'clock s':>15}{'resident GB':>15}{'own GB':>15}"
        f"{'warehouse MB':>15}"
    )
    for each in runs:
        times = each.answers / first.answers
        print(
            f"{each.scenes:8,}{each.answers:9,}"
            f"{each.cpu:9.1f} x{each.cpu / first.cpu:<4.1f}{each.wall:9.1f} x{each.wall / first.wall:<4.1f}"
            f"{each.memory / 1e9:9.2f} x{each.memory / first.memory:<4.1f}"
            f"{each.own / 1e9:9.2f} x{each.own / first.own:<4.1f}"
            f"{each.size / 1e6:9.1f} x{each.size / first.size:<4.1f}  for x{times:.1f} answers"
        )
    print(", ".join(f"{name} {value}" for name, value in machine.items()))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 300], help="scenes of each run")
    parser.add_argument("--shape", choices=sorted(SHAPES), help="random weights instead of the bundled model")
    parser.add_argument("--layers", type=int, help="text layers, other than the shape's")
    parser.add_argument("--dtype", help="of the weights")
    parser.add_argument("--folder", type=Path, help="where the model and the warehouses are meanwhile")
    parser.add_argument("--json", type=Path, default=Path("build/bench/scaling.json"), help="kept here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
