"""Pictures that are read once for several questions, by families whose processor lays out the prompt."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.utils.import_utils import is_torchvision_available

from relcli.models.edits import Knockout
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.continued import Reading, laid_out
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from tests.models.engine_helpers import ask_items, looked, noise
from tests.models.family_models import NEED_TORCHVISION, WRITERS, gemma3
from tests.models.small_models import write_llava
from tests.models.test_query_rows import with_spans

READ_ONCE: dict[str, Callable[[Path], Path]] = {"LLaVA-1.5": write_llava} | {
    name: WRITERS[name]
    for name in ("LLaVA-NeXT", "LLaVA-OneVision", "Idefics3", "SmolVLM", "InternVL", "Pixtral", "Mistral 3")
}
SEES: dict[str, Any] = {"max_new_tokens": 3, "rows": ["target", "stem_end"], "hidden": ["answer", "target"]}


@pytest.mark.parametrize(
    "family", [pytest.param(name, marks=pytest.mark.slow if name == "SmolVLM" else ()) for name in READ_ONCE]
)
def test_a_picture_is_read_once_and_answers_stay_what_they_were(family: str, tmp_path: Path):
    if family in NEED_TORCHVISION and not is_torchvision_available():
        pytest.skip(f"the processor of {family} needs torchvision, which is not installed")
    loaded = load(str(READ_ONCE[family](tmp_path)))
    wide = [PromptItem(i, text) for i, text in enumerate(("Is it red?", "How many shapes are there?"))]
    items = with_spans([AskItem("wide", noise(448, 256, 1), wide), *ask_items(16)])
    begun = [
        AskItem(item.key, item.image, [replace(each, said=(65, 66)) for each in item.prompts])
        for item in items
    ]
    model: Any = loaded.model
    tower = next(
        part for name, part in model.named_modules() if name.endswith(("vision_tower", "vision_model"))
    )
    passes: list[int] = []
    hook = tower.register_forward_hook(lambda *_: passes.append(1))
    for asked in (items, begun):
        passes.clear()
        once = Engine(loaded, batch_size=5, **SEES)
        assert once.reads_pictures_once
        together = once.answer(asked)
        # A pass for one or more pictures, and a few for answers that are read at a later token.
        assert 0 < len(passes) < sum(len(item.prompts) for item in asked) / 2
        apart = Engine(loaded, batch_size=1, shared_prefix=False, **SEES).answer(asked)
        for one, other in zip(together, apart, strict=True):
            assert one.token_ids == other.token_ids
            np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
            for name in ("first_step", "last_step", "mean_heads"):
                ours, theirs = getattr(looked(one), name), getattr(looked(other), name)
                np.testing.assert_allclose(ours, theirs, atol=1e-5)
            for name, row in looked(other).rows.items():
                np.testing.assert_allclose(looked(one).rows[name].mean_heads, row.mean_heads, atol=1e-5)
            for name, states in other.hidden.items():
                np.testing.assert_allclose(one.hidden[name], states, atol=1e-3)
    hook.remove()


def test_a_prompt_that_asks_before_it_shows_runs_whole(tmp_path: Path):
    folder = write_llava(tmp_path)
    (folder / "chat_template.jinja").write_text(
        "{% for message in messages %}{% for part in message.content|reverse %}"
        "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}"
        "{% endfor %}{% endfor %} ASSISTANT:"
    )
    loaded = load(str(folder))
    items = ask_items(6)
    together = Engine(loaded, max_new_tokens=2).answer(items)
    apart = Engine(loaded, max_new_tokens=2, batch_size=1, shared_prefix=False).answer(items)
    assert [each.token_ids for each in together] == [each.token_ids for each in apart]
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)


def test_edits_and_windows_run_whole(tmp_path: Path):
    assert not Engine(load(str(gemma3(tmp_path / "gemma"))), max_new_tokens=1).reads_pictures_once
    loaded = load(str(write_llava(tmp_path / "llava")))
    cut = [
        AskItem(item.key, item.image, [replace(each, edit=Knockout((0, 1))) for each in item.prompts])
        for item in ask_items(4)
    ]
    both = (Engine(loaded, max_new_tokens=1, shared_prefix=shared) for shared in (None, False))
    ours, theirs = ([each.option_logprobs for each in engine.answer(cut)] for engine in both)
    np.testing.assert_allclose(np.concatenate(ours), np.concatenate(theirs), atol=1e-6)


IDS = st.lists(st.integers(1, 40), max_size=6)


@given(head=IDS, image=st.lists(st.integers(50, 60), min_size=1, max_size=9), first=IDS, second=IDS)
def test_a_prompt_is_laid_out_as_another_on_its_picture(
    head: list[int], image: list[int], first: list[int], second: list[int]
):
    reading = Reading([], [*head, 0, *first], [*head, *image, *first])
    assert laid_out([*head, 0, *second], reading, 0) == [*head, *image, *second]
    assert laid_out([*head, 7, 0, *second], reading, 0) is None  # another head
    assert laid_out([*head, *second], reading, 0) is None  # no picture
    changed = Reading([], [*head, 0, *first, 41], [*head, *image, *first, 42])
    assert laid_out([*head, 0, *second], changed, 0) is None  # the processor changed what stands behind
