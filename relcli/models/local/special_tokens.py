"""The ids of tokens that stand for no text: an image's, the end of a reply, padding."""

from typing import Any

from relcli.errors import RelcliError
from relcli.models.local.loading import LoadedModel


def image_token_id(config: Any) -> int | None:
    """The id of the image token, by any of the names that configurations have for it."""
    for part in (config, getattr(config, "vision_config", None)):
        for name in ("image_token_id", "image_token_index"):
            if (found := getattr(part, name, None)) is not None:
                return found
    return None


def end_ids(loaded: LoadedModel) -> frozenset[int]:
    """The ids that end a reply: the checkpoint's generation settings and the tokenizer's end token."""
    ends = getattr(loaded.model.generation_config, "eos_token_id", None)
    found = {ends} if isinstance(ends, int) else set(ends or ())
    if loaded.tokenizer.eos_token_id is not None:
        found.add(loaded.tokenizer.eos_token_id)
    if not found:
        raise RelcliError(
            f"The model {loaded.name!r} names no end token: set eos_token_id in generation_config.json."
        )
    return frozenset(found)


def pad_id(loaded: LoadedModel) -> int:
    """The id that fills padding; masked, so any will do."""
    if loaded.tokenizer.pad_token_id is not None:
        return loaded.tokenizer.pad_token_id
    return min(end_ids(loaded))
