"""The last layer of a pass whose output is read at its last row alone.

Of the last layer's other rows only keys and values are of use, for later passes: nothing stands behind them
that reads their output. Its output projection and MLP take the last row alone inside `last_row_only`, and the
attention function makes no output but that row's. Transformers adds what these give to the residual, where
one row counts for all: the other rows' sums mean nothing, and nobody reads them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relcli.models.instrument.capture import Recorder


@contextmanager
def last_row_only(model: Any, recorder: Recorder) -> Iterator[None]:
    """Let passes inside the block, which `recorder` watches, be right in their last row alone.

    Their logits must be asked of that row only, and no state may be read of others or written. A last layer
    without the usual parts, such as a recurrent one, is left as it is.
    """
    layer = model.get_decoder().layers[-1]
    attention = getattr(layer, "self_attn", None)
    parts: list[Any] = [getattr(attention, "o_proj", None), getattr(layer, "mlp", None)]
    if attention is None or None in parts:
        yield
        return
    recorder.last_row_of = attention.layer_idx
    handles = [part.register_forward_pre_hook(_last_row, with_kwargs=True) for part in parts]
    try:
        yield
    finally:
        recorder.last_row_of = None
        for handle in handles:
            handle.remove()


def _last_row(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The states that a part takes, [rows, tokens, width], cut to [rows, 1, width]."""
    if args:
        return (args[0][:, -1:], *args[1:]), kwargs
    return args, {**kwargs, "hidden_states": kwargs["hidden_states"][:, -1:]}
