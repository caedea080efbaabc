"""The vision tower as products gives the numbers of its own modules, and is left as it was."""

from typing import Any

import pytest
import torch

from relcli.models.local import vision_attention
from relcli.models.local.images import ImageReader
from relcli.models.local.vision_attention import over_all_pictures
from relcli.models.local.vision_products import as_products, tower_input
from tests.models.engine_helpers import ask_items, noise


@pytest.fixture
def visual(loaded):
    return loaded.model.model.visual


@pytest.fixture
def pictures(loaded):
    return ImageReader(loaded.image_processor).read([item.image for item in ask_items(20)][:2])


def features(visual, patches, pictures):
    with torch.inference_mode():
        out = visual(patches, torch.stack([picture.grid_thw for picture in pictures]))
    return [out.pooler_output, *out.deepstack_features]


def test_the_numbers_are_those_of_the_modules(visual, pictures):
    theirs = features(visual, torch.cat([picture.pixel_values for picture in pictures]), pictures)
    with as_products(visual):
        ours = features(visual, tower_input(visual, pictures), pictures)
    assert len(ours) == len(theirs) > 1
    same(ours, theirs)


def test_a_still_picture_s_frames_count_as_often_as_they_stand_in_the_kernel(visual, pictures):
    """Frames of unlike kernels, so that a sum of them differs from twice the first."""
    proj = visual.patch_embed.proj
    assert not torch.equal(proj.weight[:, :, 0], proj.weight[:, :, 1])
    still, whole = pictures[0].patches, pictures[0].pixel_values
    assert whole.shape[-1] == 2 * still.shape[-1]
    with as_products(visual), torch.inference_mode():
        torch.testing.assert_close(
            visual.patch_embed(still), visual.patch_embed(whole), rtol=1e-4, atol=1e-4
        )


def same(ours, theirs):
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-4 * float(other.abs().max()))


@pytest.mark.parametrize("sizes", [[(128, 128)] * 3, [(128, 128), (192, 128)], [(128, 128)]])
def test_pictures_looked_at_in_one_call_keep_to_themselves(loaded, visual, sizes, monkeypatch):
    """Alike in size they take one call a layer; unlike ones one call each, as ever."""
    images = [noise(width, height, i) for i, (width, height) in enumerate(sizes)]
    read = ImageReader(loaded.image_processor).read(images)
    patches = torch.cat([picture.pixel_values for picture in read])
    theirs = features(visual, patches, read)
    calls = []
    inner: Any = vision_attention.sdpa_attention_forward

    def counted(*args, **kwargs):
        calls.append(len(args[1]))
        return inner(*args, **kwargs)

    monkeypatch.setattr(vision_attention, "sdpa_attention_forward", counted)
    with over_all_pictures(visual):
        ours = features(visual, patches, read)
    same(ours, theirs)
    layers = len(visual.blocks)
    alike = len(set(sizes)) == 1
    assert calls == ([len(sizes)] * layers if alike else [1] * layers * len(sizes))
    same(features(visual, patches, read), theirs)
    assert len(calls) == (layers if alike else layers * len(sizes))  # and left as it was
    assert not any("forward" in vars(module) for module in visual.modules())


def test_every_gelu_is_applied_once_and_the_modules_are_left_as_they_were(visual, pictures):
    layers = [module for module in visual.modules() if hasattr(module, "linear_fc1")]
    assert layers
    with as_products(visual):
        for module in layers:
            states = torch.randn(3, module.linear_fc1.in_features)
            plain = type(module.act_fn).forward(
                module.act_fn, torch.nn.Linear.forward(module.linear_fc1, states)
            )
            torch.testing.assert_close(
                module.act_fn(module.linear_fc1(states)), plain, rtol=1e-4, atol=1e-5
            )
    assert not any("forward" in vars(module) for module in visual.modules())


def test_a_layer_whose_weights_are_brought_to_it_keeps_its_own_way(visual):
    first = next(m for m in visual.modules() if hasattr(m, "linear_fc1")).linear_fc1
    first._hf_hook = object()
    try:
        with as_products(visual):
            assert "forward" not in vars(first)
    finally:
        del first._hf_hook
