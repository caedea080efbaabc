"""Where image tokens stand, found by painting: a spot on the picture changes the tokens that stand on it."""

from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from relcli.models.local.engine import Engine
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.special_tokens import image_token_id

SHAPES = {"square": (224, 224), "wide": (448, 256), "tall": (120, 300)}
_REACH = 1.0  # in tokens: what a spot changes beside itself, by resampling


def blind_to_each_other(model: Any) -> None:
    """Take from the vision tower what lets patches see each other."""
    for name, module in model.named_modules():
        tower = "vision" in name or "visual" in name
        if tower and name.endswith(("out_proj", "o_proj", "projection_layer", "attn.proj")):
            for parameter in module.parameters():
                torch.nn.init.zeros_(parameter)


def image_inputs(engine: Engine, picture: Image.Image) -> np.ndarray:
    """What the text model gets for the image tokens of a picture: [tokens, width]."""
    path = engine.path
    if not isinstance(path, PaddedPath):
        path = Engine(engine.loaded, max_new_tokens=1, shared_prefix=False).path
    assert isinstance(path, PaddedPath)
    model, inputs = engine.loaded.model, path._inputs([(picture, "Is it red?")])
    seen: dict[str, torch.Tensor] = {}

    def keep(module: Any, args: Any, kwargs: Any) -> None:
        seen.setdefault("embeds", kwargs["inputs_embeds"].detach())

    hook = model.get_decoder().register_forward_pre_hook(keep, with_kwargs=True)
    with torch.inference_mode():
        model(**inputs)
    hook.remove()
    return seen["embeds"][inputs["input_ids"] == image_token_id(model.config)].numpy()


def check_layout(engine: Engine, width: int, height: int, spots: int = 4) -> None:
    """Paint spots on a grey picture of that size and compare what changes with the layout. The model's vision
    tower is spoilt by it. Raises AssertionError."""
    blind_to_each_other(engine.loaded.model)
    picture = Image.new("RGB", (width, height), (120, 120, 120))
    layout = engine.path.layout(picture)
    assert layout.is_placed
    plain = image_inputs(engine, picture)
    assert len(plain) == layout.n_tokens
    edges = layout.edges() * [width, height, width, height]
    rng = np.random.default_rng(5)
    seen_from, seen_to = np.nanmin(edges, axis=0)[:2], np.nanmax(edges, axis=0)[2:]  # less, after a crop
    half = 0.06 * (seen_to - seen_from).min()
    for _ in range(spots):
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
