"""What a whole `relcli run` takes besides asking: until its first answer, until its end, and how much of it
are imports; and whole runs beside the study's loop.

    python -m benchmarks.first_answer
    python -m benchmarks.first_answer --scenes 1 25 --repeats 5

Each command is a process of its own, as a person starts it, on the bundled model and scenes. The first one
has an empty cache folder (relcli keeps an empty warehouse there), the others its cache; runs into a new
warehouse and another one into the same take turns. Processor time up to the first answer is read from /proc,
so only on Linux. The study's loop (models/local/reference.py) is measured in a process of its own on
questions of the same kind, of which it is asked a few: milliseconds a question by processor time, without
imports and loading. Printed and written as JSON: medians of seconds by processor time and by the clock, and
the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import describe

_IMPORTS = """
import time
from relcli.heavy_imports import without_collector
with without_collector("relcli.models.local.engine"):
    import relcli.jobs.run
    import relcli.models.local.engine
print(time.process_time())
"""
_LOOP = """
import sys, time
import torch
from benchmarks.engine import first, questions
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.reference import Reference, summarise
torch.set_num_threads(int(sys.argv[2]))
loaded, items = load("bundled"), first(questions(int(sys.argv[1])), int(sys.argv[1]))
prompts = [(item.image, prompt.text) for item in items for prompt in item.prompts]
with Reference(loaded, end_ids=Engine(loaded).end_ids, max_new_tokens=128) as reference:
    reference.ask(*prompts[0])
    began = time.process_time()
    for image, text in prompts:
        summarise(reference.ask(image, text))
    print((time.process_time() - began) / len(prompts))
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one command by processor time (cpu) and by the clock, up to its first answer and its end.
    first_cpu is None where there is no /proc."""

    first_cpu: float | None
    first_wall: float
    cpu: float
    wall: float
    questions: int


def main() -> None:
    options = parse_options()
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), options)
    show(found)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All rows of the table, and what belongs to them."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "XDG_CACHE_HOME": str(folder / "cache"),
        "OMP_NUM_THREADS": str(options.threads),
    }
    taken: dict[str, list[Took]] = {}

    def add(row: str, database: str, scenes: int) -> None:
        taken.setdefault(row, []).append(command(folder / database, scenes, environment))

    add("1 scene, cache empty", "first.duckdb", 1)
    for number in range(options.repeats):
        add("1 scene, new warehouse", f"{number}.duckdb", 1)
        add("1 scene, same warehouse", f"{number}.duckdb", 1)
    for scenes in options.scenes:
        add(f"{scenes} scenes, new warehouse", f"of-{scenes}.duckdb", scenes)
    imports = [told(_IMPORTS, environment) for _ in range(options.repeats)]
    loop = told(_LOOP, environment, options.study_questions, options.threads)
    return {
        "rows": {row: middle(each) for row, each in taken.items()},
        "imports_cpu": statistics.median(imports),
        "study_ms_a_question": 1000 * loop,
        "study_questions": options.study_questions,
        "repeats": options.repeats,
        "machine": describe(torch.device("cpu")) | {"threads": options.threads},
    }


def command(database: Path, scenes: int, environment: dict[str, str]) -> Took:
    """Run `relcli run` on the first `scenes` bundled scenes."""
    words = ["run", "--max-samples", str(scenes), "--db", str(database), "--display", "jsonl"]
    before, began = os.times(), time.perf_counter()
    first_cpu, first_wall, questions = None, 0.0, 0
    with subprocess.Popen(
        [sys.executable, "-m", "relcli", *words], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        for event in map(json.loads, process.stdout):
            if event["event"] == "advance" and event["unit"] == "questions":
                first_cpu = first_cpu or spent(process.pid)
                first_wall = first_wall or time.perf_counter() - began
                questions = event["done"]
    if process.returncode:
        raise SystemExit(f"relcli {' '.join(words)} ended with {process.returncode}.")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(first_cpu, first_wall, cpu, time.perf_counter() - began, questions)


def spent(pid: int) -> float | None:
    """Seconds of processor time of a running process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(program: str, environment: dict[str, str], *words: int) -> float:
    """The number that a program prints last."""
    command = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, text=True, check=True)
    return float(done.stdout.split()[-1])


def middle(taken: list[Took]) -> dict[str, Any]:
    """Medians of each value."""
    rows = [asdict(each) for each in taken]
    values: Iterator[tuple[str, list[Any]]] = ((name, [row[name] for row in rows]) for name in rows[0])
    return {name: None if None in each else statistics.median(each) for name, each in values}


def show(found: dict[str, Any]) -> None:
    """The table, and the machine under it."""
    print(f"{'':28}{'first answer':>18}{'end':>18}{'questions':>11}{'study / this':>14}")
    print(f"{'':28}{'cpu s':>9}{'clock s':>9}{'cpu s':>9}{'clock s':>9}")
    each = found["study_ms_a_question"] / 1000
    for name, row in found["rows"].items():
        first = f"{row['first_cpu']:9.1f}" if row["first_cpu"] is not None else f"{'':9}"
        ratio = each * row["questions"] / row["cpu"]
        print(
            f"{name:28}{first}{row['first_wall']:9.1f}{row['cpu']:9.1f}{row['wall']:9.1f}"
            f"{row['questions']:11,.0f}{ratio:14.1f}"
        )
    print(
        f"imports: {found['imports_cpu']:.1f} s of processor time; the study's loop: "
        f"{found['study_ms_a_question']:.1f} ms a question, without imports and loading "
        f"({found['study_questions']} asked); medians of {found['repeats']}, one where scenes are given"
    )
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenes", type=int, nargs="*", default=[25, 200], help="sizes of the whole runs")
    parser.add_argument("--study-questions", type=int, default=40, help="so many are asked the study's way")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    parser.add_argument("--json", type=Path, default=Path("build/bench/first_answer.json"), help="kept here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
