"""Weights of a finished model as the start of another training run."""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from relcli.errors import RelcliError


def load_weights(model: Any, folder: Path) -> None:
    """Copy the weights of the model in ``folder`` into ``model``, as float32.

    Raises RelcliError if the folder holds no weights, or weights of another size or vocabulary.
    """
    path = folder / "model.safetensors"
    try:
        weights = {name: value.float() for name, value in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise RelcliError(
            f"There are no weights to start from in {path} ({error}): give the folder of a model made by "
            "relcli train."
        ) from error
    mine = model.state_dict()
    differing = [
        name for name, value in weights.items() if name not in mine or mine[name].shape != value.shape
    ]
    missing = [
        name for name in mine if name not in weights and name != "lm_head.weight"
    ]  # tied to the embedding
    if differing or missing:
        raise RelcliError(
            f"The weights in {path} do not fit a model of this --size (first: {(differing + missing)[0]}): "
            "give the size they were trained with."
        )
    model.load_state_dict(weights, strict=False)
