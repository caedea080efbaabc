"""Settings of a text model that may differ from layer to layer: the kind of layer, or the width of heads in
Gemma 4."""

from typing import Any

from relcli.errors import RelcliError


def of_layers(text: Any) -> list[Any]:
    """The settings of each layer of a text model's configuration."""
    if getattr(text, "is_heterogeneous", False):
        return list(text.per_layer_config)
    return [text] * text.num_hidden_layers


def is_recurrent(config: Any) -> bool:
    """Whether layers of the text model carry a state from token to token instead of keys."""
    return "linear_attention" in (getattr(config.get_text_config(), "layer_types", None) or ())


def n_heads(config: Any) -> int | None:
    """How many attention heads each layer has; None where layers differ, or none are named."""
    text = config.get_text_config()
    if not getattr(text, "is_heterogeneous", False):
        return getattr(text, "num_attention_heads", None)
    found = {layer.num_attention_heads for layer in text.per_layer_config}
    return found.pop() if len(found) == 1 else None


def same_n_heads(config: Any) -> int:
    """As n_heads. Raises RelcliError where layers differ: their heads have no common numbers."""
    found = n_heads(config)
    if found is None:
        raise RelcliError(
            f"The states of a {config.model_type!r} can't be patched: its layers differ in their number of "
            "heads."
        )
    return found
