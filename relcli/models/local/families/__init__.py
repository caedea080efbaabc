"""An adapter for each family of models, which holds all that is particular to it; the rest of relcli.models
knows none of it. The page docs/families.md shows what was measured of each."""

from typing import Any

from relcli.errors import UsageError
from relcli.models.local.families.base import Family, Seen
from relcli.models.local.families.gemma import Gemma3, Gemma4, PaliGemma
from relcli.models.local.families.llava import Llava, LlavaNext, LlavaOnevision
from relcli.models.local.families.mistral import Mistral3
from relcli.models.local.families.qwen_vl import Glm4V, OtherGrids, Qwen35, QwenVL
from relcli.models.local.families.tiled import (
    AyaVision,
    Cohere2Vision,
    Idefics3,
    InternVL,
    Lfm2Vl,
    Ovis2,
)

__all__ = ["FAMILIES", "Family", "Seen", "family_of", "refuse_untested", "untested"]

FAMILIES: tuple[Family, ...] = (
    QwenVL(), Qwen35(), Glm4V(), Llava(), LlavaNext(), LlavaOnevision(), Idefics3(), InternVL(),
    AyaVision(), Cohere2Vision(), Lfm2Vl(), Ovis2(), Gemma3(), Gemma4(), PaliGemma(), Mistral3(),
    OtherGrids(),
)  # fmt: skip
_BY_TYPE = {kind: family for family in FAMILIES for kind in family.model_types}
_UNKNOWN = Family()


def family_of(config: Any) -> Family:
    """The family of a model by its configuration; one that knows nothing for those that have none."""
    own = type(config).__module__.startswith("transformers.")
    return _BY_TYPE.get(config.model_type, _UNKNOWN) if own else _UNKNOWN


def untested(config: Any) -> str | None:
    """What a model is, if it is of no family that was measured against plain eager generation."""
    family = family_of(config)
    return None if family.is_measured(config) else family.describe(config)


def refuse_untested(name: str, config: Any) -> None:
    """Raises UsageError for a model of a family that wasn't measured."""
    if kind := untested(config):
        known = ", ".join(family.label for family in FAMILIES if family.label)
        raise UsageError(
            f"The model {name!r} is a {kind!r}, a family whose answers and attention have not been checked "
            f"here: choose one of {known}, or go on with --untested-family."
        )
