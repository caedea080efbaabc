"""Pictures and questions for the engine's tests."""

import numpy as np
from PIL import Image

from relcli.models.items import Answer, AskItem, AttentionSummary, PromptItem
from relcli.models.local.reference import ReferenceAnswer, summarise
from relcli.models.local.verify import COMPARED
from relcli.scenes.masking import make_twin
from relcli.scenes.rendering import render, render_blank
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed

ENTROPIES = (*(f"{name}_entropy" for name in COMPARED), "step_entropy", "image_mass")


def ask_items(n_questions: int, seed: int = 7) -> list[AskItem]:
    """The study's questions on generated scenes, raw, blank and masked, n questions in all."""
    items: list[AskItem] = []
    left, scene_id = n_questions, 0
    while left > 0:
        scene = generate_scene(seed, scene_id)
        twin = make_twin(scene, seed)
        pictures = {"raw": render(scene), "blank": render_blank()}
        if twin is not None:
            pictures["masked"] = render(twin.scene)
        for variant, picture in pictures.items():
            asked = ask_seed(scene, twin, derived_rng(seed, scene_id, "questions/seed"))
            prompts = [PromptItem(q.question_index, q.text, q.options) for q in asked][:left]
            left -= len(prompts)
            if prompts:
                items.append(AskItem((scene_id, variant), picture, prompts))
        scene_id += 1
    return items


def noise(width: int, height: int, seed: int) -> Image.Image:
    """A picture of another size with something to see everywhere."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.NEAREST)


def flat(items: list[AskItem]) -> list[tuple[AskItem, PromptItem]]:
    """Every (item, prompt) in the order of the answers."""
    return [(item, prompt) for item in items for prompt in item.prompts]


def looked(answer: Answer) -> AttentionSummary:
    assert answer.attention is not None
    return answer.attention


def assert_same_attention(ours: AttentionSummary, theirs: ReferenceAnswer, atol: float = 1e-5) -> None:
    """Every summary of an answer equals the one worked out from full eager maps."""
    expected = summarise(theirs)
    same = np.testing.assert_allclose
    assert ours.grid == expected.grid
    for name in COMPARED:
        same(getattr(ours, name), getattr(expected, name), atol=atol, rtol=0, err_msg=name)
    for name in ENTROPIES:
        same(getattr(ours, name), getattr(expected, name), atol=1e-4, rtol=0, err_msg=name)
