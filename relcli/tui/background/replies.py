"""What the resident model replied, as the screens show answers."""

import base64
import math

from relcli.jobs.worker_protocol import OneAnswer
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import VariantAnswer


def in_base64(png: bytes) -> str:
    """A picture as requests carry it."""
    return base64.b64encode(png).decode("ascii")


def variant_answer(reply: OneAnswer, truth: str = "") -> VariantAnswer:
    """truth: the right letter or `none`; "" where nobody knows it."""
    return VariantAnswer(
        reply.answer,
        reply.choice,
        reply.choice == truth if truth else None,
        truth,
        [math.exp(value) for value in reply.option_logprobs],
        n_steps=reply.n_steps,
    )


def attention_maps(reply: OneAnswer) -> AttentionMaps | None:
    """None where the model told no attention."""
    maps = reply.maps
    if maps is None:
        return None
    layers = zip(maps.layers, maps.image_mass, strict=True)
    return AttentionMaps(
        maps.height, maps.width, [{"mean_heads": mean, "image_mass": mass} for mean, mass in layers]
    )
