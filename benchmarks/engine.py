"""The study's way of asking and relcli's, on the same questions, in turns in one process.

    python -m benchmarks.engine --questions 200 --threads 1
    python -m benchmarks.engine --shape 4b --layers 4 --dtype bfloat16 --questions 40       # random weights
    python -m benchmarks.engine --shape 4b --dtype bfloat16 --only-ours --json build/4b.json

The study's way: eager attention with every full map, one prompt at a time (models/local/reference.py). Ours:
the engine with attention summaries, without attention, and with option scores alone. All read pictures, build
prompts and summarise attention; none writes anything. Printed and written as JSON: milliseconds a question
(medians of processor time on a CPU, which is steadier on a busy machine; of the clock on a GPU), ratios, the
time that the matrix products of a way need at least at the rates that are measured beside it (machine.py's
Roofline), the most memory, whether the tokens agree, and the machine. Option scores alone are one pass over
the prompts: what is called prefill.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import Roofline, describe, matrix_rate, memory_rate, peak_memory_gb, seconds_of
from benchmarks.shapes import SHAPES, write_apart
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.reference import Reference, ReferenceAnswer, summarise
from relcli.scenes.masking import make_twin
from relcli.scenes.questions import Question
from relcli.scenes.rendering import render
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed

SEED = 4321
OURS: dict[str, dict[str, Any]] = {
    "summary": {"attention": "summary"},
    "answers alone": {"attention": "none"},
    "options alone": {"attention": "none", "answers": "options"},
}


def main() -> None:
    options = parse_options()
    if options.threads:
        torch.set_num_threads(options.threads)
    items = questions(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        if options.shape:
            texts = [prompt.text for item in items for prompt in item.prompts]
            write_apart(Path(folder), options.shape, texts, options.dtype, options.layers)
        loaded = load(
            folder if options.shape else options.model,
            device=options.device,
            dtype=options.dtype,
            on_note=print,
        )
        # Random weights never end a reply; three tokens are what a letter, its bracket and the end take.
        limit = options.max_new_tokens or (3 if options.shape else 128)
        found = measure(loaded, items, limit, options)
    found["model"] = f"{options.shape} shape" if options.shape else options.model
    show(found)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measure(
    loaded: LoadedModel, items: list[AskItem], limit: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Seconds of each way, taken in turns, and what belongs to them."""
    device = loaded.device
    few = first(items, options.study_questions)
    answers: dict[str, list[Answer]] = {}
    slow: list[ReferenceAnswer] = []

    def ours(name: str) -> Callable[[], None]:
        def work() -> None:
            """A new engine each time, so that no prompt is remembered from the time before."""
            settings = {"max_new_tokens": limit, "batch_size": options.batch_size, **OURS[name]}
            answers[name] = Engine(loaded, on_note=print, **settings).answer(items)

        return work

    def study() -> None:
        slow.clear()
        with Reference(loaded, end_ids=end_ids, max_new_tokens=limit) as reference:
            for item in few:
                for prompt in item.prompts:
                    slow.append(reference.ask(item.image, prompt.text))
                    summarise(slow[-1])

    end_ids = Engine(loaded).end_ids
    ways: dict[str, Callable[[], None]] = {name: ours(name) for name in OURS}
    ways["summary"]()
    memory = peak_memory_gb(device)
    rate, bandwidth = matrix_rate(device, loaded.dtype), memory_rate(device, loaded.dtype)
    least: dict[str, float] = {}
    for name, work in ways.items():
        with Roofline(rate, bandwidth) as bound:
            work()
        least[name] = 1000 * bound.seconds / len(answers[name])
    if not options.only_ours:
        ways["study"] = study
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, work in ways.items():
            spent = seconds_of(device)
            work()
            seconds[name].append(spent())
    count = {name: len(slow) if name == "study" else len(answers[name]) for name in ways}
    reply = answers["summary"]
    return {
        "parameters": sum(each.numel() for each in loaded.model.parameters()),
        "dtype": str(loaded.dtype).removeprefix("torch."),
        "questions": count["summary"],
        "pictures": len(items),
        "tokens_a_reply": sum(each.n_steps for each in reply) / len(reply),
        "ms_a_question": {
            name: 1000 * statistics.median(each) / count[name] for name, each in seconds.items()
        },
        "repeats": options.repeats,
        "matrix_rate": rate,
        "memory_rate": bandwidth,
        "least_ms_a_question": least,
        "peak_memory_gb": memory,
        "tokens_equal": sum(a.token_ids == s.token_ids for a, s in zip(reply, slow, strict=False)),
        "compared": len(slow),
        "machine": describe(device),
    }


def show(found: dict[str, Any]) -> None:
    """The table, and the machine under it."""
    print(
        f"{found['model']}: {found['parameters'] / 1e6:.1f} M parameters in {found['dtype']}, "
        f"{found['questions']} questions on {found['pictures']} pictures, "
        f"{found['tokens_a_reply']:.1f} tokens a reply, median of {found['repeats']}"
    )
    each, least = found["ms_a_question"], found["least_ms_a_question"]
    print(f"{'':16}{'ms a question':>14}{'study / this':>14}{'its products':>14}{'share':>8}")
    for name, value in each.items():
        ratio = f"{each['study'] / value:14.1f}" if "study" in each else f"{'':14}"
        bound = f"{least[name]:14.2f}{least[name] / value:8.0%}" if name in least else ""
        print(f"{name:16}{value:14.2f}{ratio}{bound}")
    print(
        f"its products: ms a question at {found['matrix_rate'] / 1e9:.0f} GFLOP/s and "
        f"{found['memory_rate'] / 1e9:.0f} GB/s; attention costs "
        f"{each['summary'] / each['answers alone'] - 1:+.1%} over answers alone; "
        f"most memory {found['peak_memory_gb']:.1f} GB"
    )
    if found["compared"]:
        print(f"tokens equal in {found['tokens_equal']} of {found['compared']} questions")
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))


def first(items: list[AskItem], n: int) -> list[AskItem]:
    """The items up to the one with the n-th question."""
    chosen: list[AskItem] = []
    for item in items:
        if sum(len(each.prompts) for each in chosen) >= n:
            break
        chosen.append(item)
    return chosen


def questions(n: int) -> list[AskItem]:
    """The study's questions on generated scenes, raw and masked, n in all."""
    items: list[AskItem] = []
    left, scene_id = n, 0
    while left > 0:
        scene = generate_scene(SEED, scene_id, domain="benchmark")
        twin = make_twin(scene, SEED, domain="benchmark")
        rng = derived_rng(SEED, scene_id, "questions/seed", domain="benchmark")
        asked: list[Question] = ask_seed(scene, twin, rng)
        views = [("raw", scene)] + ([("masked", twin.scene)] if twin else [])
        for variant, view in views:
            prompts = [PromptItem(q.question_index, q.text, q.options) for q in asked][:left]
            left -= len(prompts)
            if prompts:
                items.append(AskItem((scene_id, variant), render(view), prompts))
        scene_id += 1
    return items


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="bundled", help="bundled, a folder or a hub id")
    parser.add_argument(
        "--shape", choices=sorted(SHAPES), help="random weights of this shape instead of a model"
    )
    parser.add_argument("--layers", type=int, default=None, help="text layers, other than the shape's")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--study-questions", type=int, default=30, help="so many are asked the study's way")
    parser.add_argument("--threads", type=int, default=None, help="torch threads on a CPU")
    parser.add_argument("--batch-size", type=int, default=None)
    parser.add_argument("--max-new-tokens", type=int, default=None)
    parser.add_argument("--device", default=None)
    parser.add_argument("--dtype", default=None)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only-ours", action="store_true", help="leave the study's way out")
    parser.add_argument("--json", type=Path, default=Path("build/bench/engine.json"), help="where it is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
