"""Pictures become the very numbers that the checkpoint's own image processor makes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from relcli.errors import RelcliError
from relcli.models.local.images import ImageReader, distinct
from tests.examples import examples
from tests.models.engine_helpers import ask_items, noise


def assert_same(found, processor, image: Image.Image) -> None:
    expected = processor([image.convert("RGB")], return_tensors="pt")
    assert torch.equal(found.pixel_values, expected["pixel_values"])
    assert found.grid_thw.tolist() == expected["image_grid_thw"][0].tolist()


def test_the_study_s_pictures_bit_for_bit(loaded):
    for item in ask_items(60):
        assert_same(
            ImageReader(loaded.image_processor).read([item.image])[0], loaded.image_processor, item.image
        )


@settings(max_examples=examples(20), deadline=None)
@given(
    st.integers(1, 700), st.integers(1, 700), st.sampled_from(["RGB", "L", "RGBA", "P"]), st.integers(0, 9)
)
def test_any_picture_bit_for_bit(loaded, width, height, mode, seed):
    if max(width, height) / min(width, height) >= 200:
        return
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = Image.fromarray(values).convert(mode)
    assert_same(ImageReader(loaded.image_processor).read([image])[0], loaded.image_processor, image)


def test_other_means_and_patch_sizes_are_followed(loaded, monkeypatch):
    processor = loaded.image_processor
    monkeypatch.setattr(processor, "image_mean", [0.1, 0.4, 0.7])
    monkeypatch.setattr(processor, "image_std", [0.2, 0.3, 0.9])
    monkeypatch.setattr(processor, "patch_size", 14)
    image = noise(320, 224, 1)
    assert_same(ImageReader(processor).read([image])[0], processor, image)


def test_a_processor_that_skips_a_step_is_left_to_itself(loaded, monkeypatch):
    monkeypatch.setattr(loaded.image_processor, "do_normalize", False)
    image = noise(320, 224, 1)
    found = ImageReader(loaded.image_processor).read([image])[0]
    assert_same(found, loaded.image_processor, image)
    assert found.pixel_values.min() >= 0


def test_a_picture_too_long_is_refused(loaded):
    with pytest.raises(RelcliError, match="900 x 3 pixels is too long"):
        ImageReader(loaded.image_processor).read([Image.new("RGB", (900, 3))])


def test_equal_pictures_are_read_once():
    white, also_white, black = (Image.new("RGB", (4, 4), color) for color in ("white", "white", "black"))
    pictures, which = distinct([white, black, also_white, Image.new("L", (4, 4), "white")])
    assert which == [0, 1, 0, 2] and pictures[:2] == [white, black]
