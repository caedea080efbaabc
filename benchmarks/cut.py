"""What a cut, steering and a patch cost: the same questions plain, edited by relcli, and edited by plain
eager hooks, in one process.

    python -m benchmarks.cut --model bundled --scenes 20 --threads 1

Plain and edited go through the engine at one batch size, without recording attention. Every question has
cells of its own, so that --from image and all encode the picture anew for each: their worst case. A patch
copies the residual of the answer's token behind the middle layer from the same question on another picture,
which has to be read for it. The eager way is what a script with hooks does: one prompt at a time, the mask
filled in or added to before every layer, or the state put in behind one, no shared prefix, and here the first
token only. Printed: milliseconds an answer of each, over plain, and of the eager ways over relcli's.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from relcli.models.edits import Knockout, Patch, PatchSource, Places, Steering
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
    sets = {f"cut --from {rows}": edited(items, rows) for rows in EDITED_ROWS}
    sets |= {"steer": steered(items), "patch": patched(items, middle(loaded))}
    for name, changed in sets.items():
        ways[name] = lambda changed=changed: engine.answer(changed)
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(options.repeats):  # in turn, so that a busy machine slows all of them
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - began)
    for name, seconds in best.items():
        ratio = seconds / best["plain"]
        print(f"{name:20} {1000 * seconds / number:8.2f} ms an answer  {ratio:5.2f} x plain")
    for name in ("cut --from question", "steer", "patch"):
        few = sets[name][:2]
        seconds = eager(loaded, few) / sum(len(item.prompts) for item in few)
        ratios = seconds * number / best["plain"], seconds * number / best[name]
        what = f"eager {name.split()[0]}"
        told = f"{ratios[0]:5.2f} x plain  {ratios[1]:5.2f} x relcli's"
        print(f"{what:20} {1000 * seconds:8.2f} ms an answer  {told}")


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


def steered(items: list[AskItem]) -> list[AskItem]:
    """The same questions, each drawn to six cells of its own."""
    cut = edited(items, "question")

    def steer(prompt: PromptItem) -> PromptItem:
        assert isinstance(prompt.edit, Knockout)
        return replace(prompt, edit=Steering(prompt.edit.cells, 3.0))

    return [replace(item, prompts=list(map(steer, item.prompts))) for item in cut]


def patched(items: list[AskItem], layer: int) -> list[AskItem]:
    """The same questions, each with the answer's state of the same question on the picture before."""

    def patch(prompt: PromptItem, other: AskItem) -> PromptItem:
        source = PatchSource(other.image, prompt.text)
        return replace(prompt, edit=Patch(source, "residual", Places(answer=True), (layer,)))

    return [
        replace(item, prompts=[patch(prompt, items[place - 1]) for prompt in item.prompts])
        for place, item in enumerate(items)
    ]


def middle(loaded: LoadedModel) -> int:
    return loaded.config.get_text_config().num_hidden_layers // 2


@torch.inference_mode()
def eager(loaded: LoadedModel, items: list[AskItem]) -> float:
    """Seconds for the first token of each answer with eager attention and a hook before every layer, or, for
    a patch, behind one; for that the source is run too."""
    builder, model = builder_for(loaded), loaded.model
    set_attention(model, "eager", "eager")
    added: list[torch.Tensor] = []
    states: list[torch.Tensor] = []

    def mask_hook(layer: Any, args: Any, kwargs: Any) -> Any:
        if not added:
            return None
        return args, {**kwargs, "attention_mask": kwargs["attention_mask"] + added[0]}

    def state_hook(layer: Any, args: Any, output: Any) -> Any:
        values = output[0] if isinstance(output, tuple) else output
        if not states:
            states.append(values[:, -1].clone())
            return None
        values = values.clone()
        values[:, -1] = states.pop()
        return (values, *output[1:]) if isinstance(output, tuple) else values

    layers = model.model.language_model.layers
    if any(isinstance(prompt.edit, Patch) for item in items for prompt in item.prompts):
        hooks = [layers[middle(loaded)].register_forward_hook(state_hook)]
    else:
        hooks = [layer.register_forward_pre_hook(mask_hook, with_kwargs=True) for layer in layers]
    began = time.perf_counter()
    for item in items:
        picture = loaded.image_processor([item.image], return_tensors="pt")
        for prompt in item.prompts:
            ids = torch.tensor([builder.whole_ids(prompt.text, 64)])
            image = (ids[0] == loaded.config.image_token_id).nonzero()[:, 0]
            kinds = (ids == loaded.config.image_token_id).int()
            edit = prompt.edit
            if isinstance(edit, Patch):
                other = loaded.image_processor([edit.source.image], return_tensors="pt")
                model(input_ids=ids, mm_token_type_ids=kinds, **other)
            else:
                assert edit is not None
                bias = -1e9 if isinstance(edit, Knockout) else edit.strength
                block = torch.zeros(ids.shape[1], ids.shape[1])
                block[int(image[-1]) + 1 :, image[list(edit.cells)]] = bias
                added[:] = [block]
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
