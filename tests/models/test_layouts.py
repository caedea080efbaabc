"""Image tokens stand where their layout says: where a spot is painted, those that stand on it change, and no
others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers.utils.import_utils import is_torchvision_available

from relcli.models.edits import Knockout
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items, noise
from tests.models.family_models import NEED_TORCHVISION, WRITERS, gemma4
from tests.models.painting import SHAPES, check_layout
from tests.models.small_models import write_llava


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


@pytest.mark.parametrize("shape", SHAPES)
def test_a_painted_spot_changes_the_tokens_that_stand_on_it(loaded: LoadedModel, shape: str):
    check_layout(Engine(loaded, max_new_tokens=1), *SHAPES[shape])


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
    assert isinstance(engine.path, PaddedPath)
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
    assert np.nanmax(cut.attention.first_step[:, list(cells)]) == 0
    left = [cell for cell in range(n) if cell not in cells]
    first = int(np.isnan(plain.attention.image_mass).argmin())  # the first layer that has attention
    before, after = plain.attention.first_step[first, left].sum(), cut.attention.first_step[first, left].sum()
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


LARGE = {"num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0, "num_global_key_value_heads": 1}
KINDS = {
    "31B": LARGE | {"attention_k_eq_v": True},
    "26B": LARGE
    | {"enable_moe_block": True, "num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 32},
}


@pytest.mark.parametrize("kind", KINDS)
def test_larger_gemmas_of_the_fourth_generation(kind: str, tmp_path: Path):
    """Without shared layers, with other key heads in those that see everything, and with experts."""
    engine = Engine(load(str(gemma4(tmp_path, **KINDS[kind]))), max_new_tokens=4)
    found = verify(engine, ask_items(4), 4)
    assert found.passed and found.tokens_equal and found.max_attention_error < 1e-5, found.detail
