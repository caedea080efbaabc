"""The families whose answers and attention were measured against plain eager generation, and found right."""

from typing import Any

from relcli.errors import UsageError

MEASURED = {
    "qwen2_vl": "Qwen2-VL",
    "qwen2_5_vl": "Qwen2.5-VL",
    "qwen3_vl": "Qwen3-VL",
    "qwen3_vl_moe": "Qwen3-VL-MoE",
    "glm4v": "GLM-4V",
    "llava": "LLaVA-1.5",
}
# A LLaVA may be put together from any two models. Measured were CLIP's tower with these text models.
_LLAVA_TOWER = "clip_vision_model"
_LLAVA_TEXTS = frozenset({"llama", "qwen2"})


def untested(config: Any) -> str | None:
    """What a model is, if it is of no measured family: its type, with its parts' where they decide."""
    kind = config.model_type
    if kind not in MEASURED or not type(config).__module__.startswith("transformers."):
        return kind
    if kind == "llava":
        tower, text = config.vision_config.model_type, config.get_text_config().model_type
        if tower != _LLAVA_TOWER or text not in _LLAVA_TEXTS:
            return f"{kind} of {tower} and {text}"
    return None


def refuse_untested(name: str, config: Any) -> None:
    """Raises UsageError for a model of a family that wasn't measured."""
    if kind := untested(config):
        raise UsageError(
            f"The model {name!r} is a {kind!r}, a family whose answers and attention have not been checked "
            f"here: choose one of {', '.join(MEASURED.values())}, or add --untested-family."
        )
