"""Greedy decoding and nothing else: what a checkpoint's generation settings ask for besides is left out.

`generate` fills whatever its caller leaves unset from the checkpoint's generation_config.json: penalties,
suppressed or forced tokens, beams, watermarks, stop strings. Answers and scores would then depend on settings
that no run records. Only the ids of special tokens are taken over.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import GenerationConfig

from relcli.errors import RelcliError
from relcli.models.local.checkpoint import read_part
from relcli.models.local.hub import ModelFolder

_MOST_ID = 2**31 - 1
_IDS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")


def special_ids(folder: ModelFolder) -> GenerationConfig:
    """Settings that hold a checkpoint's special ids only: of generation_config.json, else of config.json.

    Raises RelcliError if the file is broken or an id is not a whole number.
    """
    path = folder.path / "generation_config.json"
    told = read_part(path)
    if told is None:
        path = folder.path / "config.json"
        whole = read_part(path) or {}
        text = whole.get("text_config")
        told = {**(text if isinstance(text, dict) else {}), **whole}
    found = {name: _ids(told.get(name), name, path) for name in _IDS}
    # Only a reply's end may be one of several tokens.
    single = {name: ids[0] for name, ids in found.items() if ids and name != "eos_token_id"}
    return GenerationConfig(**single, eos_token_id=found["eos_token_id"] or None)


def _ids(value: Any, name: str, path: Any) -> list[int]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    for each in listed:
        if isinstance(each, bool) or not isinstance(each, int) or each > _MOST_ID:
            raise RelcliError(f"{path} gives {str(value)[:40]!r} as {name}: it must be a token's number.")
    return [each for each in listed if each >= 0]  # -1 stands for none in some checkpoints


def greedy_settings(end_ids: Collection[int], pad_id: int, max_new_tokens: int, **output: bool) -> Any:
    """Settings of `generate` for the likeliest token at each step; `output` names what else to return."""
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=1,
        eos_token_id=sorted(end_ids),
        pad_token_id=pad_id,
        **output,
    )


def every_row(model: Any) -> dict[str, Any]:
    """What makes `generate` run a prompt's every row through every layer.

    Layers that share the keys of others, as Gemma 4's last ones do, leave out the rows that no logit is asked
    of, unless these are named by a tensor.
    """
    if not getattr(model.config.get_text_config(), "num_kv_shared_layers", 0):
        return {}
    return {"logits_to_keep": torch.tensor([-1])}


@contextmanager
def greedily(model: Any) -> Iterator[Any]:
    """Let `generate` know nothing of the checkpoint's own settings inside the block; gives that `generate`.

    It is the class's, so that a recipe which a checkpoint brings along does not take its place.
    """
    own = model.generation_config
    ids = {name: getattr(own, name, None) for name in ("bos_token_id", "decoder_start_token_id")}
    model.generation_config = GenerationConfig(**ids)
    try:
        yield type(model).generate.__get__(model)
    finally:
        model.generation_config = own
