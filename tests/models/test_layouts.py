"""Image tokens stand where their layout says: where a spot is painted, those that stand on it change, and no
others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from transformers.utils import is_torchvision_available

from relcli.models.edits import Knockout
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.padded_path import PaddedPath, image_token_id
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items, noise
from tests.models.family_models import WRITERS
from tests.models.small_models import write_llava

NEED_TORCHVISION = {"Pixtral", "Mistral 3"}
SHAPES = {"square": (224, 224), "wide": (448, 256), "tall": (120, 300)}
# What a spot changes beside itself: resampling reaches this far, in tokens.
_REACH = 1.0


@pytest.fixture(scope="module", params=[*WRITERS, "LLaVA-1.5", "LLaVA of SigLIP"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    name = request.param
    if name in NEED_TORCHVISION and not is_torchvision_available():
        pytest.skip(f"the processor of {name} needs torchvision, which is not installed")
    folder = tmp_path_factory.mktemp("family")
    if name in WRITERS:
        return load(str(WRITERS[name](folder)))
    tower = "clip" if name == "LLaVA-1.5" else "siglip"
    return load(str(write_llava(folder, tower=tower)), untested_family=True)


def blind_to_each_other(model: Any) -> None:
    """Take from the vision tower what lets patches see each other."""
    for name, module in model.named_modules():
        tower = "vision" in name or "visual" in name
        if tower and name.endswith(("out_proj", "o_proj", "projection_layer", "attn.proj")):
            torch.nn.init.zeros_(module.weight)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)


def image_inputs(engine: Engine, picture: Image.Image) -> np.ndarray:
    """What the text model gets for the image tokens of a picture: [tokens, width]."""
    assert isinstance(engine.path, PaddedPath)
    model, inputs = engine.loaded.model, engine.path._inputs([(picture, "Is it red?")])
    seen: dict[str, torch.Tensor] = {}

    def keep(module: Any, args: Any, kwargs: Any) -> None:
        seen.setdefault("embeds", kwargs["inputs_embeds"].detach())

    hook = model.get_decoder().register_forward_pre_hook(keep, with_kwargs=True)
    with torch.inference_mode():
        model(**inputs)
    hook.remove()
    return seen["embeds"][inputs["input_ids"] == image_token_id(model.config)].numpy()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_painted_spot_changes_the_tokens_that_stand_on_it(loaded: LoadedModel, shape: str):
    engine = Engine(loaded, max_new_tokens=1)
    blind_to_each_other(loaded.model)
    width, height = SHAPES[shape]
    picture = Image.new("RGB", (width, height), (120, 120, 120))
    layout = engine.path.layout(picture)
    assert layout.is_placed
    plain = image_inputs(engine, picture)
    assert len(plain) == layout.n_tokens
    edges = layout.edges() * [width, height, width, height]
    rng = np.random.default_rng(5)
    seen_from, seen_to = np.nanmin(edges, axis=0)[:2], np.nanmax(edges, axis=0)[2:]  # less, after a crop
    half = 0.06 * (seen_to - seen_from).min()
    for _ in range(4):
        x, y = seen_from + rng.uniform(0.2, 0.8, 2) * (seen_to - seen_from)
        spot = np.array([x - half, y - half, x + half, y + half])
        painted = picture.copy()
        ImageDraw.Draw(painted).rectangle([round(edge) for edge in spot], fill=(250, 30, 30))
        moved = np.abs(image_inputs(engine, painted) - plain).max(axis=1)
        moved /= moved.max()
        left, top, right, bottom = edges.T
        wide, high = right - left, bottom - top
        inside = (left < spot[2] - 2) & (right > spot[0] + 2) & (top < spot[3] - 2) & (bottom > spot[1] + 2)
        gap_x = np.maximum(spot[0] - right, left - spot[2]) / wide
        gap_y = np.maximum(spot[1] - bottom, top - spot[3]) / high
        far = np.isnan(left) | (np.maximum(gap_x, gap_y) > _REACH)
        assert inside.any() and far.any()
        assert moved[far].max() < 0.02
        assert moved[inside].max() > 0.5
        share = np.where(inside, np.minimum(right, spot[2]) - np.maximum(left, spot[0]), 0) / wide
        share *= np.where(inside, np.minimum(bottom, spot[3]) - np.maximum(top, spot[1]), 0) / high
        assert (moved[share > 0.5] > 0.02).all()


def test_prompts_and_attention_equal_plain_eager_generation(loaded: LoadedModel):
    engine = Engine(loaded, max_new_tokens=4)
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(3)]
    found = verify(engine, items, 4)
    assert found.passed and found.tokens_equal, found.detail
    assert found.max_attention_error < 1e-5


def test_ids_are_those_of_the_chat_template(loaded: LoadedModel):
    if not loaded.chat_template:
        pytest.skip("this family has no template")
    engine, picture = Engine(loaded, max_new_tokens=1), noise(448, 256, 1)
    content = [{"type": "image", "image": picture}, {"type": "text", "text": "Is it red?"}]
    assert loaded.processor is not None
    expected = loaded.processor.apply_chat_template(
        [{"role": "user", "content": content}],
        chat_template=loaded.chat_template,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )["input_ids"]
    ids = engine.path._inputs([(picture, "Is it red?")])["input_ids"]
    assert torch.equal(ids, expected)
    if loaded.tokenizer.bos_token_id is not None:
        assert (ids == loaded.tokenizer.bos_token_id).sum() == 1


def test_a_cut_takes_the_weight_from_its_tokens_alone(loaded: LoadedModel):
    engine, picture = Engine(loaded, max_new_tokens=1), noise(448, 256, 1)
    n = engine.path.layout(picture).n_tokens
    cells = tuple(range(0, n, 3))
    prompts = [PromptItem(0, "Is it red?"), PromptItem(1, "Is it red?", edit=Knockout(cells))]
    plain, cut = engine.answer([AskItem(0, picture, prompts)])
    assert plain.attention is not None and cut.attention is not None
    assert cut.attention.first_step[:, list(cells)].max() == 0
    left = [cell for cell in range(n) if cell not in cells]
    before, after = plain.attention.first_step[0, left].sum(), cut.attention.first_step[0, left].sum()
    assert after > before > 0 or after == before == 0  # out of the window that the layer sees
    assert plain.attention.layout == engine.path.layout(picture)


def test_a_layout_that_does_not_come_out_even_is_not_believed(loaded: LoadedModel, monkeypatch):
    from relcli.models.local.families import family_of

    family = family_of(loaded.config)
    right = type(family).tokens
    monkeypatch.setattr(type(family), "tokens", lambda self, seen: (right(self, seen) or [])[1:])
    picture = noise(96, 96, 2)
    layout = Engine(loaded, max_new_tokens=1).path.layout(picture)
    assert layout.name.startswith("unplaced-") and not layout.is_placed
    assert Engine(loaded, max_new_tokens=1).describe(picture).grid is None


def test_where_the_folder_names_no_processor_it_says_so(tmp_path: Path):
    folder = WRITERS["Gemma 3"](tmp_path)
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(Exception, match="image processor"):
        load(str(folder))
