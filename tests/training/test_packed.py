"""The packed passes give what transformers' own forward pass gives."""

import numpy as np
import pytest
import torch
from transformers import Qwen3VLForConditionalGeneration

from relcli.scenes.rendering import render
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.training.architecture import SIZES, build_config, build_model
from relcli.training.batches import Encoder, pack
from relcli.training.curriculum import lettered_items
from relcli.training.dense import CELLS
from relcli.training.packed import TextPass, VisionPass, block_mask
from relcli.training.pictures import normalise, to_patches
from relcli.training.tokenizer import special_ids

SCENE = generate_scene(1, 4)


@pytest.fixture(scope="module")
def model(tokenizer) -> Qwen3VLForConditionalGeneration:
    torch.manual_seed(0)
    built = build_model(build_config(SIZES["nano"], special_ids(tokenizer), len(tokenizer))).eval()
    for parameter in built.parameters():  # away from zeros and ones, so that every part shows in the result
        parameter.data += 0.05 * torch.randn_like(parameter)
    return built


def test_logits_of_packed_questions_equal_one_plain_pass_a_question(model, tokenizer) -> None:
    encoder = Encoder(tokenizer)
    items = encoder.encode(lettered_items(SCENE, None, False, "seed", derived_rng(1, 4, "t")), SCENE)
    patches = normalise(torch.from_numpy(to_patches(render(SCENE))))[None]
    row = {name: torch.from_numpy(value)[None] for name, value in pack(encoder, items, 420).items()}
    with torch.no_grad():
        features = VisionPass(model, (16, 16))(patches)
        hidden, _ = TextPass(model, encoder.image_start, CELLS)(
            row["ids"], row["positions"].transpose(0, 1), block_mask(row["segments"]), features
        )
        packed = model.lm_head(hidden)[0]
        pixels = patches.view(256, 3, 1, 16, 16).expand(256, 3, 2, 16, 16).reshape(256, -1)
        for number, item in enumerate(items, start=1):
            ids = torch.tensor([encoder.prefix + item.ids])
            plain = model(
                input_ids=ids,
                pixel_values=pixels,
                image_grid_thw=torch.tensor([[1, 16, 16]]),
                mm_token_type_ids=(ids == model.config.image_token_id).int(),
            ).logits[0, len(encoder.prefix) :]
            mine = packed[row["segments"][0] == number]
            assert torch.allclose(mine, plain, atol=2e-4), (number, (mine - plain).abs().max())
    assert len(items) == int(row["segments"].max())


def test_gradients_reach_every_weight_that_is_trained(model, tokenizer) -> None:
    encoder = Encoder(tokenizer)
    items = encoder.encode(lettered_items(SCENE, None, False, "seed", derived_rng(1, 4, "t")), SCENE)
    row = {name: torch.from_numpy(value)[None] for name, value in pack(encoder, items, 420).items()}
    patches = normalise(torch.from_numpy(to_patches(render(SCENE))))[None]
    model.zero_grad()
    hidden, _ = TextPass(model, encoder.image_start, CELLS)(
        row["ids"],
        row["positions"].transpose(0, 1),
        block_mask(row["segments"]),
        VisionPass(model, (16, 16))(patches),
    )
    model.lm_head(hidden).square().sum().backward()
    missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert missing == []


def test_a_question_sees_the_prefix_and_itself_only() -> None:
    segments = torch.tensor([[0, 0, 1, 1, 2, -1]])
    seen = (block_mask(segments)[0, 0] == 0).int().tolist()
    assert seen[:5] == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 0],
    ]


def test_patches_are_the_image_processors(tmp_path) -> None:
    import json

    from transformers import AutoImageProcessor

    from relcli.training.export import PREPROCESSOR

    (tmp_path / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen3_vl"}))
    processor = AutoImageProcessor.from_pretrained(tmp_path, backend="pil")
    image = render(SCENE)
    theirs = processor(images=[image], return_tensors="np")
    assert theirs["image_grid_thw"].tolist() == [[1, 16, 16]]
    frames = theirs["pixel_values"].reshape(256, 3, 2, 16, 16)
    mine = normalise(torch.from_numpy(to_patches(image))).numpy().reshape(256, 3, 16, 16)
    np.testing.assert_allclose(frames[:, :, 0], mine, atol=1e-5)
    np.testing.assert_allclose(frames[:, :, 1], mine, atol=1e-5)
