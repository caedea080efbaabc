"""What a cut costs: the same questions plain, cut by relcli, and cut by plain eager hooks, in one process.

    python -m benchmarks.cut --model bundled --scenes 20 --threads 1

Plain and cut go through the engine at one batch size, without recording attention. Every question has cells
of its own, so that --from image and all encode the picture anew for each: their worst case. The eager way is
what a script with hooks does: one prompt at a time, the mask filled in before every layer, no shared prefix,
and here the first token only. Printed: milliseconds an answer of each, and each cut over plain.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

import torch

from relcli.models.edits import Knockout
from relcli.models.instrument.capture import install, set_attention
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.prompt import builder_for
from relcli.models.names import EDITED_ROWS, EditedRows
from relcli.scenes.rendering import render
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed

SEED = 4321


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    loaded = load(options.model)
    engine = Engine(loaded, attention="none", max_new_tokens=8, batch_size=options.batch)
    items = questions(options.scenes)
    number = sum(len(item.prompts) for item in items)
    engine.answer(items[:2])
    ways: dict[str, Callable[[], object]] = {"plain": lambda: engine.answer(items)}
    for rows in EDITED_ROWS:
        changed = edited(items, rows)
        ways[f"--from {rows}"] = lambda changed=changed: engine.answer(changed)
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(options.repeats):  # in turn, so that a busy machine slows all of them
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - began)
    for name, seconds in best.items():
        ratio = seconds / best["plain"]
        print(f"{name:16} {1000 * seconds / number:8.2f} ms an answer  {ratio:5.2f} x plain")
    few = edited(items[:2], "question")
    seconds = eager(loaded, few) / sum(len(item.prompts) for item in few)
    ratio = seconds * number / best["plain"]
    print(f"{'eager hooks':16} {1000 * seconds:8.2f} ms an answer  {ratio:5.2f} x plain")


def questions(n_scenes: int) -> list[AskItem]:
    """The study's questions on fresh scenes."""
    items = []
    for number in range(n_scenes):
        scene = generate_scene(SEED, number)
        asked = ask_seed(scene, None, derived_rng(SEED, number, "questions/seed"))
        prompts = [PromptItem(q.question_index, q.text, q.options) for q in asked]
        items.append(AskItem(number, render(scene), prompts))
    return items


def edited(items: list[AskItem], rows: EditedRows) -> list[AskItem]:
    """The same questions, each with six cells of its own cut."""
    rng = random.Random(SEED)

    def cut(prompt: PromptItem) -> PromptItem:
        edit = Knockout(tuple(rng.sample(range(64), 6)), None, rows)
        return PromptItem(prompt.key, prompt.text, prompt.options, edit)

    return [AskItem(item.key, item.image, list(map(cut, item.prompts))) for item in items]


@torch.inference_mode()
def eager(loaded: LoadedModel, items: list[AskItem]) -> float:
    """Seconds for the first token of each answer with eager attention and a hook before every layer."""
    builder, model = builder_for(loaded), loaded.model
    set_attention(model, "eager", "eager")
    closed: list[torch.Tensor] = []

    def hook(layer: Any, args: Any, kwargs: Any) -> Any:
        mask = kwargs["attention_mask"].clone()
        return args, {**kwargs, "attention_mask": mask.masked_fill(closed[0], torch.finfo(mask.dtype).min)}

    hooks = [
        layer.register_forward_pre_hook(hook, with_kwargs=True)
        for layer in model.model.language_model.layers
    ]
    began = time.perf_counter()
    for item in items:
        picture = loaded.image_processor([item.image], return_tensors="pt")
        for prompt in item.prompts:
            ids = torch.tensor([builder.whole_ids(prompt.text, 64)])
            image = (ids[0] == loaded.config.image_token_id).nonzero()[:, 0]
            block = torch.zeros(ids.shape[1], ids.shape[1], dtype=torch.bool)
            assert isinstance(prompt.edit, Knockout)
            block[int(image[-1]) + 1 :, image[list(prompt.edit.cells)]] = True
            closed[:] = [block]
            kinds = (ids == loaded.config.image_token_id).int()
            model(input_ids=ids, mm_token_type_ids=kinds, **picture)
    seconds = time.perf_counter() - began
    for handle in hooks:
        handle.remove()
    install(model)
    return seconds


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="bundled", help="bundled, or another of the Qwen-VL family")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
